//! `perfpower completions` and `perfpower man`: what a shell and a manual know of the command line.

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::config::{FILE_NAME, environment};
use crate::output::write_stdout;
use crate::{Exit, Failure, commands};
use clap::CommandFactory;
use std::io;

/// Writes the completions of a shell.
pub fn completions(command: &CompletionsArgs) -> Result<Exit, Failure> {
    // The generator panics on a closed pipe, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Args::command(), "perfpower", &mut script);
    write_stdout(|out| out.write_all(&script))?;
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
    render(&page, &mut roff).map_err(Failure::io)?;
    write_stdout(|out| out.write_all(&roff))?;
    Ok(Exit::Done)
}

/// The page, and what holds for every command.
fn render(page: &clap_mangen::Man, out: &mut Vec<u8>) -> io::Result<()> {
    page.render(out)?;
    let codes = Exit::ALL.map(|(code, what)| (code.to_string(), what));
    let files = FILES.map(|(name, what)| (name.to_owned(), what));
    let variables = environment::ALL.map(|(name, what)| (name.to_owned(), what));
    section(out, "EXIT STATUS", &codes);
    section(out, "FILES", &files);
    section(out, "ENVIRONMENT", &variables);
    section(
        out,
        "SEE ALSO",
        &[(
            "perfpower help".to_owned(),
            "the guide: downloads, layout, card, nightly, gate, settings, glossary, faq, tutorial",
        )],
    );
    Ok(())
}

/// What is read and written beside what is named on the command line.
const FILES: [(&str, &str); 3] = [
    (
        FILE_NAME,
        "settings and rules, in the current directory or the nearest one above, up to the root of the repository; --config names another",
    ),
    (
        "ARCHIVE/perfpower.toml",
        "what an archive says of itself: layout, names, aliases and releases of apps, and nothing that judges",
    ),
    (
        ".perfpower-*",
        "results in the making, beside their place; a run that is killed outright can leave one, and nothing reads it",
    ),
];

/// A section of terms with what they mean.
fn section(out: &mut Vec<u8>, title: &str, terms: &[(String, &str)]) {
    let mut text = format!(".SH \"{title}\"\n");
    for (term, what) in terms {
        // A line that begins with a dot would be taken for a command.
        let escaped = |text: &str| text.replace('\\', "\\e").replace('-', "\\-");
        text.push_str(&format!(".TP\n\\fB{}\\fR\n\\&{}\n", escaped(term), escaped(what)));
    }
    out.extend_from_slice(text.as_bytes());
}
