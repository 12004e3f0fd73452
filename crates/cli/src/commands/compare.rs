//! `perfpower compare`: versions side by side, and whether noise can explain the difference.

use crate::args::{Against, CompareArgs, Format, OutputArgs};
use crate::commands::HasPageFormat;
use crate::commands::names::{self, Name};
use crate::output::{json_layout, text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use perfpower_analysis::{Baseline, Judged};
use perfpower_ingest::Reading;
use perfpower_model::{TextRole, version};
use perfpower_report::{compare_page, write_compare_csv, write_compare_json, write_page};
use std::collections::BTreeSet;

/// Runs the command.
pub fn run(args: &Args, command: &CompareArgs) -> Result<Exit, Failure> {
    let mut config = commands::config(&command.archive)?;
    let plan = commands::judge_plan(args, &command.archive, &config)?;
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let mut filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    let baseline = baseline(args, command, &reading)?;
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    let options = config.options();
    let found = Judged::new(&reading.histories, &options).compare(&baseline, &filter, command.top);
    let archive = commands::archive_argument(args, &command.archive);
    let OutputArgs { format, file } = &command.output;
    let problems = &reading.problems;
    let layout = json_layout(file);
    write_result(args, file.output.as_deref(), |mut out| match format.page_format(text_style(args, file)) {
        Some(form) => write_page(&compare_page(&found, &baseline, &archive, problems), form, &mut out),
        None if *format == Format::Csv => write_compare_csv(&found, &mut out),
        None => write_compare_json(&found, &baseline, problems, layout, &mut out),
    })?;
    Ok(commands::ending(args, &command.archive, &reading, found.series > 0))
}

/// What is compared with what; a version that no app has is refused, with the nearest that one has.
pub(crate) fn baseline(args: &Args, command: &CompareArgs, reading: &Reading) -> Result<Baseline, Failure> {
    Ok(match (&command.from, &command.to, command.against) {
        (Some(from), Some(to), _) => {
            let mut known: BTreeSet<String> = BTreeSet::new();
            reading.histories.all().in_order(|history| {
                known.extend((0..history.versions.len() as u32).map(|at| history.version_text(at).to_owned()));
            });
            for (wanted, option) in [(from, "--from"), (to, "--to")] {
                if !known.iter().any(|known| version::compare(known, wanted).is_eq()) {
                    let known = known.iter().map(Name::of);
                    return Err(Failure::usage(names::unknown("version", option, wanted, known)));
                }
            }
            let [from, to] = [from, to].map(|version| args.redaction.text(TextRole::Version, version));
            Baseline::Versions { from, to }
        }
        (_, _, Against::Previous) => Baseline::Previous,
        (_, _, Against::Mean) => Baseline::MeanOfPreviousFour,
    })
}
