//! `perfpower completions` and `perfpower man`: what a shell and a manual know of the command line.

use crate::args::{Args, CompletionsArgs, ManArgs, OutputFile};
use crate::config::environment;
use crate::output::write_result;
use crate::{Exit, Failure, commands};
use clap::CommandFactory;
use std::io;

/// Writes the completions of a shell.
pub fn completions(command: &CompletionsArgs) -> Result<Exit, Failure> {
    // The generator panics on a closed pipe, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Args::command(), "perfpower", &mut script);
    write_result(&OutputFile::default(), |out| out.write_all(&script))?;
    Ok(Exit::Done)
}

/// Writes a manual page in roff.
pub fn man(command: &ManArgs) -> Result<Exit, Failure> {
    let mut program = Args::command();
    program.build();
    let page = match &command.command {
        None => clap_mangen::Man::new(program),
        Some(wanted) => {
            let Some(found) = program.find_subcommand(wanted) else {
                let known: Vec<String> = program.get_subcommands().map(|known| known.get_name().to_owned()).collect();
                return Err(Failure::usage(commands::unknown_command(wanted, &known)));
            };
            clap_mangen::Man::new(found.clone()).title(format!("perfpower-{wanted}"))
        }
    };
    let mut roff = Vec::new();
    render(&page, command.command.is_none(), &mut roff).map_err(Failure::io)?;
    write_result(&OutputFile::default(), |out| out.write_all(&roff))?;
    Ok(Exit::Done)
}

fn render(page: &clap_mangen::Man, is_program: bool, out: &mut Vec<u8>) -> io::Result<()> {
    page.render(out)?;
    if is_program {
        out.extend_from_slice(b".SH ENVIRONMENT\n");
        for (name, what) in environment::ALL {
            out.extend_from_slice(format!(".TP\n\\fB{name}\\fR\n{what}\n").as_bytes());
        }
    }
    Ok(())
}
