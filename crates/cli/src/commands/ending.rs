//! How a run that wrote its result ends: the one place where its exit code is made, and where it says why.

use crate::Exit;
use crate::args::{ArchiveArgs, Args, ErrorFormat};
use perfpower_ingest::Reading;
use perfpower_model::{InputProblem, Problem, Severity};
use perfpower_report::problem_line;
use perfpower_report::safe::visible;
use std::io::{self, Write};

/// Lost inputs that are named on standard error; `inspect` names them all.
const TOLD: usize = 10;

/// The exit code. What could not be read is told on standard error, whatever the form of the result: it may have no place for
/// it, and whoever looks at the code must find the reason. With `--allow-partial` it is no failure, and nothing is said.
pub(crate) fn ending(args: &Args, archive: &ArchiveArgs, reading: &Reading, has_data: bool) -> Exit {
    let lost: Vec<&InputProblem> =
        reading.problems.iter().filter(|problem| problem.problem.severity == Severity::Error).collect();
    let exit = if !lost.is_empty() && reading.facts.documents == 0 {
        Exit::NothingRead
    } else if !lost.is_empty() && !archive.allow_partial {
        Exit::Partial
    } else if !has_data && !archive.allow_empty {
        Exit::NoData
    } else {
        Exit::Done
    };
    // Tables and what machines read have no place for it.
    if let Some(alone) = reading.problems.iter().find(|told| archive.alone && told.problem.code == "judged-alone")
        && !args.quiet
    {
        // Where standard error is closed there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "note: {}{}", problem_line(alone), cure(&alone.problem));
    }
    if matches!(exit, Exit::NothingRead | Exit::Partial) {
        tell_lost(args, &lost, exit);
    }
    exit
}

/// Says on standard error what could not be read.
pub(crate) fn tell_lost(args: &Args, lost: &[&InputProblem], exit: Exit) {
    let mut stderr = io::stderr().lock();
    // Where standard error is closed there is nobody left to tell.
    let _ = match args.error_format {
        ErrorFormat::Text => tell(lost, &mut stderr),
        ErrorFormat::Json => tell_json(lost, exit, &mut stderr),
    };
}

/// Says which rules were not judged, and why: none of them has passed. Each line is `not judged: RULE: APP, …: WHY`.
pub(crate) fn tell_not_judged(args: &Args, rules: &[String]) {
    let mut stderr = io::stderr().lock();
    // Where standard error is closed there is nobody left to tell.
    let _ = match args.error_format {
        ErrorFormat::Text => {
            let told = rules.iter().take(TOLD).try_for_each(|rule| writeln!(stderr, "not judged: {rule}"));
            let more = rules.len().saturating_sub(TOLD);
            told.and_then(|()| if more > 0 { writeln!(stderr, "not judged: … and {more} more") } else { Ok(()) })
        }
        ErrorFormat::Json => {
            let told: Vec<&String> = rules.iter().take(TOLD).collect();
            let json = serde_json::json!({
                "severity": "error",
                "exit": Exit::Partial as u8,
                "message": "not every rule was judged; --allow-partial accepts that",
                "not_judged": told,
            });
            writeln!(stderr, "{json}")
        }
    };
}

/// What usually cures it, behind what is wrong.
fn cure(problem: &Problem) -> String {
    problem.hint.as_ref().map_or_else(String::new, |hint| format!(" ({})", visible(hint)))
}

fn tell(lost: &[&InputProblem], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "error: {}:", summary(lost))?;
    for problem in lost.iter().take(TOLD) {
        writeln!(out, "  {}{}", problem_line(problem), cure(&problem.problem))?;
    }
    if lost.len() > TOLD {
        writeln!(out, "  … and {} more: `perfpower inspect` tells all", lost.len() - TOLD)?;
    }
    Ok(())
}

/// One object on one line, as of any failure.
fn tell_json(lost: &[&InputProblem], exit: Exit, out: &mut impl Write) -> io::Result<()> {
    let problems: Vec<serde_json::Value> = lost
        .iter()
        .take(TOLD)
        .map(|problem| {
            let line = problem_line(problem);
            let hint = visible(problem.problem.hint.as_deref().unwrap_or_default());
            serde_json::json!({"code": problem.problem.code, "message": line, "hint": hint})
        })
        .collect();
    let told = serde_json::json!({
        "severity": "error", "exit": exit as u8, "message": summary(lost), "errors": lost.len(), "problems": problems,
    });
    writeln!(out, "{told}")
}

fn summary(lost: &[&InputProblem]) -> String {
    let errors = perfpower_report::number::plural(lost.len() as u64, "error", "errors");
    format!("not everything could be read ({errors}); --allow-partial accepts that")
}
