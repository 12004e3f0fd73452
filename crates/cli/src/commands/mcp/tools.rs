//! The tools: each is a command of this program without its form, asked of what was read once.

use super::arguments::{Argument, Kind, Sent, schema};
use crate::args::{ArchiveArgs, CompareArgs, DiagnosticsArgs, FilterArgs, LogFilterArgs, LogType, OutputArgs};
use crate::commands::{self, compare, diagnostics};
use crate::config::Config;
use crate::{Args, Failure};
use clap::ValueEnum;
use perfpower_analysis::{Filter, Judged};
use perfpower_ingest::Reading;
use perfpower_report::{
    BriefRequest, CommandLine, Page, PageFormat, Report, compare_page, diagnostics_page, explanation_page,
    write_brief_json, write_page,
};
use perfpower_stacks::{FollowOptions, StacksView};
use serde_json::{Map, Value, json};
use std::num::NonZeroUsize;

/// Bytes of an answer; what is longer is cut at a line, and says so. Arbitrary: some eight thousand tokens.
const LONGEST_ANSWER: usize = 32_000;
/// Rows of a table where none are asked for.
const ROWS: usize = 20;
/// Rows that can be asked for.
const MOST_ROWS: u64 = 100;

/// A question that can be asked.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    what: &'static str,
    arguments: &'static [Argument],
    run: fn(&Tools<'_>, &Sent<'_>) -> Result<String, Failure>,
}

const APP: Argument = Argument::text("app", "Key or name of an app, such as com.example.app; all apps where absent.");
const METRIC: Argument = Argument::text("metric", "Such as launchTime or BATTERY/onScreen; `*` stands for anything.");
const DEVICE: Argument = Argument::text("device", "Such as all_iphones or iPhone12,*.");
const PERCENTILE: Argument = Argument::text("percentile", "Such as 50 or 90.");
const LIMIT: Argument = Argument::text("limit", "Rows, 20 by default.").of(Kind::Number(1, MOST_ROWS));
const TYPES: &[&str] = &["disk-writes", "hang", "launch"];

/// All of them.
pub(super) const TOOLS: [Tool; 4] = [
    Tool {
        name: "list_findings",
        what: "What got worse: findings, worst first, each with its id, version, size, devices, code and its owner, goal, and \
               how sure. As many as fit into max_tokens; `omitted` counts the others, which from_rank goes on with.",
        arguments: &[
            APP,
            METRIC,
            DEVICE,
            PERCENTILE,
            Argument::text("owner", "Only findings whose code is of this team of perfpower.toml."),
            Argument::text("state", "`open` (regressions that still hold) by default, or `all`.")
                .of(Kind::OneOf(&["open", "all"])),
            Argument::text("since_version", "Only what this version or a later one brought."),
            Argument::text("from_rank", "The first number to list.").of(Kind::Number(1, 1_000_000)),
            Argument::text("max_tokens", "About how long the answer may be, 2000 by default.")
                .of(Kind::Number(200, 8_000)),
        ],
        run: |tools, sent| tools.list_findings(sent),
    },
    Tool {
        name: "explain_finding",
        what: "Everything that one finding rests on: values, noise, probabilities of versions, tests, Apple's view.",
        arguments: &[Argument::text(
            "id",
            "An id of list_findings or its start, or APP/CATEGORY/metric/device/percentile for any series.",
        )
        .required()],
        run: |tools, sent| tools.explain_finding(sent),
    },
    Tool {
        name: "compare_versions",
        what: "Two versions side by side, or the latest against the one before it: values, change, its interval, whether noise can \
               explain it (~), and the finding that it is part of.",
        arguments: &[
            APP,
            METRIC,
            DEVICE,
            PERCENTILE,
            Argument::text("from", "The earlier version; the one before the latest where absent."),
            Argument::text("to", "The later version."),
            LIMIT,
        ],
        run: |tools, sent| tools.compare_versions(sent),
    },
    Tool {
        name: "frames_of_version",
        what: "Which code the call stacks of a version spend their samples in, and with `against` what is new, grown or gone since \
               another version.",
        arguments: &[
            Argument::text("app", "Key or name of an app; may be absent where the archive holds one."),
            Argument::text("version", "Such as 4.0.0.").required(),
            Argument::text("against", "The earlier version to compare with."),
            Argument::text("type", "Which diagnostics; all where absent.").of(Kind::OneOf(TYPES)),
            LIMIT,
        ],
        run: |tools, sent| tools.frames_of_version(sent),
    },
];

impl Tool {
    /// As a client reads it.
    pub(super) fn description(&self) -> Value {
        json!({
            "name": self.name,
            "description": self.what,
            "inputSchema": schema(self.arguments),
            "annotations": {"readOnlyHint": true, "openWorldHint": false},
        })
    }
}

/// What the tools are asked of.
pub(super) struct Tools<'a> {
    /// Without `--redact`, which was done when the archive was read.
    pub(super) args: &'a Args,
    pub(super) archive: &'a ArchiveArgs,
    /// The archive as it was typed, for the commands that answers suggest.
    pub(super) shown: &'a CommandLine,
    pub(super) config: &'a Config,
    pub(super) reading: &'a Reading,
    pub(super) judged: &'a Judged<'a>,
}

impl Tools<'_> {
    /// The answer, or why there is none, in words.
    pub(super) fn call(&self, tool: &Tool, arguments: &Map<String, Value>) -> Result<String, String> {
        let sent = Sent::checked(tool.name, tool.arguments, arguments)?;
        (tool.run)(self, &sent).map(bounded).map_err(|failure| format!("{:#}", failure.error))
    }

    /// The archive with the app that is asked about.
    fn archive_of(&self, sent: &Sent<'_>) -> ArchiveArgs {
        ArchiveArgs { app: sent.typed("app").or_else(|| self.archive.app.clone()), ..self.archive.clone() }
    }

    fn filter(&self, sent: &Sent<'_>) -> Result<Filter, Failure> {
        commands::filter(&filter_args(sent), &self.archive_of(sent), self.config, self.reading)
    }

    fn list_findings(&self, sent: &Sent<'_>) -> Result<String, Failure> {
        let analysis = self.judged.analysis(&self.filter(sent)?);
        let report = Report {
            analysis: &analysis,
            archive: &self.reading.facts,
            problems: &self.reading.problems,
            archive_argument: self.shown,
            top: None,
        };
        let request = BriefRequest {
            max_tokens: sent.number("max_tokens").unwrap_or(BriefRequest::default().max_tokens),
            from_rank: sent.number("from_rank").unwrap_or(1),
            is_open_only: sent.text("state") != Some("all"),
            owner: sent.typed("owner"),
        };
        let mut out = Vec::new();
        write_brief_json(&report, &request, &mut out).map_err(Failure::io)?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    fn explain_finding(&self, sent: &Sent<'_>) -> Result<String, Failure> {
        let analysis = self.judged.analysis(&Filter::default());
        let wanted = sent.text("id").unwrap_or_default();
        let explanation = self.judged.explain(wanted, &Filter::default()).map_err(Failure::usage)?;
        let report = Report {
            analysis: &analysis,
            archive: &self.reading.facts,
            problems: &[],
            archive_argument: self.shown,
            top: None,
        };
        as_markdown(&explanation_page(&explanation, &report))
    }

    fn compare_versions(&self, sent: &Sent<'_>) -> Result<String, Failure> {
        let command = CompareArgs {
            archive: self.archive_of(sent),
            filter: filter_args(sent),
            output: OutputArgs::default(),
            from: sent.typed("from"),
            to: sent.typed("to"),
            top: sent.number("limit").unwrap_or(ROWS),
            ..CompareArgs::default()
        };
        if command.from.is_some() != command.to.is_some() {
            return Err(Failure::usage(anyhow::anyhow!("from and to are given together, or neither of them")));
        }
        let baseline = compare::baseline(self.args, &command, self.reading)?;
        let found = self.judged.compare(&baseline, &self.filter(sent)?, command.top);
        as_markdown(&compare_page(&found, &baseline, self.shown, &[]))
    }

    fn frames_of_version(&self, sent: &Sent<'_>) -> Result<String, Failure> {
        let archive = self.archive_of(sent);
        let filter = commands::app_filter(&archive, self.config, self.reading)?;
        let histories = self.reading.histories.all();
        let mut shown = (0..histories.count()).filter(|&at| filter.app(histories.app(at)));
        let (Some(at), None) = (shown.next(), shown.next()) else {
            return Err(Failure::usage(anyhow::anyhow!("the archive holds several apps: name one as app")));
        };
        let version = sent.typed("version");
        let (app_version, from, to) = match sent.typed("against") {
            None => (version, None, None),
            against => (None, against, version),
        };
        let kinds = sent.text("type").and_then(|kind| LogType::from_str(kind, true).ok());
        let command = DiagnosticsArgs {
            archive,
            logs: LogFilterArgs {
                diagnostic_type: kinds.into_iter().collect(),
                app_version,
                ..LogFilterArgs::default()
            },
            from,
            to,
            top: sent.number("limit").and_then(NonZeroUsize::new),
            ..DiagnosticsArgs::default()
        };
        histories.with(at, |history| {
            let followed = history.signatures.follow(&FollowOptions::default());
            let query = diagnostics::query(&command, self.config, &history.stacks, &followed)?;
            let options = self.config.options();
            let view = StacksView::new(&history.stacks, &followed, &query, &|app| options.app_name(app), &[]);
            if view.is_empty() {
                return Err(Failure::usage(anyhow::anyhow!("no log and no signature of {} fits", history.app)));
            }
            as_markdown(&diagnostics_page(&view, &diagnostics::as_typed(self.args, &command)))
        })
    }
}

fn filter_args(sent: &Sent<'_>) -> FilterArgs {
    FilterArgs {
        metric: sent.list("metric"),
        device: sent.list("device"),
        percentile: sent.list("percentile"),
        since_version: sent.typed("since_version"),
        ..FilterArgs::default()
    }
}

fn as_markdown(page: &Page) -> Result<String, Failure> {
    let mut out = Vec::new();
    write_page(page, PageFormat::Markdown, &mut out).map_err(Failure::io)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Whole lines, as many as fit.
fn bounded(text: String) -> String {
    if text.len() <= LONGEST_ANSWER {
        return text;
    }
    let end = text.floor_char_boundary(LONGEST_ANSWER);
    let end = text[..end].rfind('\n').unwrap_or(end);
    let help = CommandLine::perfpower("help").word("agents");
    format!("{}\n… cut after {end} of {} bytes: ask for less, or see `{help}`\n", &text[..end], text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_ends_with_a_line_and_says_that_it_is_cut() {
        let text = "é234567\n".repeat(5_000);
        let cut = bounded(text.clone());
        assert!(cut.len() < LONGEST_ANSWER + 100);
        let (kept, note) = cut.rsplit_once("\n… cut after ").unwrap();
        assert!(text.starts_with(kept) && kept.ends_with("é234567"), "{note}");
        assert_eq!(bounded("short".to_owned()), "short");
    }
}
