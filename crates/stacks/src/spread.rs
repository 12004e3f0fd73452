//! How much was written and how long it took, over logs: percentiles per group.
//!
//! Metrics come as percentiles of users, which nothing can be averaged into. Logs hold raw amounts, one per event, so here
//! percentiles are legitimate: by R-7, with an interval where the number of logs allows one, and only the range where they
//! are few (see [`Summary`]). They are percentiles *of the events that were reported*: hangs under a second and writes under
//! Apple's threshold never become a log.

use crate::axis::{Axis, DiagnosticType, LogGroup};
use crate::quantity::{Dimension, Quantity};
use crate::stacks::{StackLog, StackTable};
use perfpower_statistics::percentiles::Summary;
use std::collections::BTreeMap;

/// The percentiles that are given.
pub(crate) const PROBABILITIES: [f64; 3] = [0.5, 0.9, 0.99];

/// Confidence of their intervals, by convention.
pub const CONFIDENCE: f64 = 0.95;

/// The amounts of one group of logs.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// What the logs of the group have in common, such as a version, if they say it.
    pub group: Option<String>,
    /// Bytes written, or seconds.
    pub dimension: Dimension,
    /// In the base unit of the dimension, over the logs that give an amount.
    pub summary: Summary,
    /// Logs of the group.
    pub logs: usize,
    /// Of these, logs whose text holds no amount of this dimension.
    pub without_amount: usize,
}

/// A text that should hold an amount, and from which none could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadAmount {
    /// What it should be an amount of: data for disk writes, else time.
    pub diagnostic_type: DiagnosticType,
    /// As Apple wrote it.
    pub text: String,
    /// Logs with this text.
    pub logs: usize,
}

impl StackLog {
    /// The amount of a dimension that the log gives.
    pub fn amount(&self, dimension: Dimension) -> Option<Quantity> {
        match dimension {
            Dimension::Bytes => self.writes,
            Dimension::Seconds => self.duration,
        }
    }
}

impl StackTable {
    /// Amounts per group, in the order of the axis; dimensions that no log of a group gives are left out.
    pub fn spreads(&self, axis: Axis, is_wanted: impl Fn(&StackLog) -> bool) -> Vec<Spread> {
        self.spreads_of(&axis.groups(self, is_wanted))
    }

    /// The same for groups of one's own: positions of logs, with a name.
    pub(crate) fn spreads_of(&self, groups: &[LogGroup<'_>]) -> Vec<Spread> {
        let mut spreads = Vec::new();
        for (group, logs) in groups {
            for dimension in [Dimension::Bytes, Dimension::Seconds] {
                let mut values: Vec<f64> = logs
                    .iter()
                    .filter_map(|&at| self.logs()[at].amount(dimension))
                    .map(|quantity| quantity.value)
                    .collect();
                if values.is_empty() {
                    continue;
                }
                let without_amount = logs.len() - values.len();
                let summary = Summary::of(&mut values, &PROBABILITIES, CONFIDENCE);
                spreads.push(Spread {
                    group: group.map(str::to_owned),
                    dimension,
                    summary,
                    logs: logs.len(),
                    without_amount,
                });
            }
        }
        spreads
    }

    /// Texts that should hold an amount and could not be read, most frequent first.
    pub fn unread_amounts(&self, is_wanted: impl Fn(&StackLog) -> bool) -> Vec<UnreadAmount> {
        let mut counts: BTreeMap<(DiagnosticType, &str), usize> = BTreeMap::new();
        for log in self.logs().iter().filter(|log| is_wanted(log)) {
            if let Some(text) = self.unread_amount(log) {
                *counts.entry((log.diagnostic_type, text)).or_default() += 1;
            }
        }
        let mut unread: Vec<UnreadAmount> = counts
            .into_iter()
            .map(|((diagnostic_type, text), logs)| UnreadAmount { diagnostic_type, text: text.to_owned(), logs })
            .collect();
        unread.sort_by_key(|unread| std::cmp::Reverse(unread.logs));
        unread
    }

    /// The text that should hold the log's amount, where it gives none and nothing could be read of it.
    fn unread_amount(&self, log: &StackLog) -> Option<&str> {
        let (amount, texts) = match log.diagnostic_type {
            DiagnosticType::DiskWrites => (log.writes, [log.metadata.writes_caused, log.metadata.event_detail]),
            DiagnosticType::Hang | DiagnosticType::Launch => (log.duration, [log.metadata.event_detail, None]),
            DiagnosticType::Other => (log.writes, [log.metadata.writes_caused, None]),
        };
        let mut texts = texts.into_iter().filter_map(|text| self.log_names().get(text));
        texts.find(|text| amount.is_none() && Quantity::parse(text).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_logs::{About, SampleLogs};

    /// Eleven hangs of 1..=11 s in one version and two in the next: R-7 puts p50 at 6, p90 at 10, p99 at 10.9.
    #[test]
    fn percentiles_per_version_and_honesty_about_few() {
        let mut logs = SampleLogs::new();
        let details: Vec<String> = (1..=11).map(|seconds| format!("{seconds} s")).collect();
        for detail in &details {
            logs = logs.log(About { version: "1.9", event: "hang", detail, ..About::default() }, &["main 1"]);
        }
        for detail in ["2000 ms", "4 sec", "long"] {
            logs = logs.log(About { version: "1.10", event: "hang", detail, ..About::default() }, &["main 1"]);
        }
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let spreads = table.spreads(Axis::Version, |_| true);
        assert_eq!(
            spreads.iter().map(|spread| spread.group.as_deref()).collect::<Vec<_>>(),
            [Some("1.9"), Some("1.10")]
        );
        let Summary::Enough { count: 11, percentiles, .. } = &spreads[0].summary else {
            panic!("{:?}", spreads[0].summary)
        };
        let values: Vec<f64> = percentiles.iter().map(|percentile| percentile.value).collect();
        assert!(values.iter().zip([6.0, 10.0, 10.9]).all(|(found, expected)| (found - expected).abs() < 1e-12));
        assert_eq!(spreads[1].summary, Summary::Few { count: 2, min: 2.0, median: 3.0, max: 4.0 });
        assert_eq!((spreads[1].logs, spreads[1].without_amount), (3, 1));
    }

    #[test]
    fn bytes_and_seconds_of_one_log_stay_apart() {
        let about = About { writes: "3 MB", detail: "250 ms", os: "iPhone OS 18.1 (22B83)", ..About::default() };
        let logs = SampleLogs::new().log(about, &["main 1"]);
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let spreads = table.spreads(Axis::Os, |_| true);
        let found: Vec<_> =
            spreads.iter().map(|spread| (spread.group.as_deref().unwrap_or_default(), spread.dimension)).collect();
        assert_eq!(found, [("iPhone OS 18.1", Dimension::Bytes), ("iPhone OS 18.1", Dimension::Seconds)]);
        assert_eq!(spreads[0].summary, Summary::Few { count: 1, min: 3e6, median: 3e6, max: 3e6 });
    }

    #[test]
    fn texts_without_a_readable_amount_are_kept() {
        let mut logs = SampleLogs::new();
        for (event, writes, detail) in [
            ("hang", "", "4 sekunder"),
            ("hang", "", "3 sekunder"),
            ("hang", "", "3 sekunder"),
            ("hang", "", "2 s"),
            ("hang", "", "2 MB"),
            ("hang", "", ""),
            ("launch", "5 MB", "3 sekunder"),
            ("disk writes", "viel", "Total of 5 MB"),
            ("disk writes", "viel", "sehr viel"),
        ] {
            logs = logs.log(About { event, detail, writes, ..About::default() }, &["main 1"]);
        }
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let unread = table.unread_amounts(|_| true);
        let found: Vec<_> =
            unread.iter().map(|unread| (unread.diagnostic_type, unread.text.as_str(), unread.logs)).collect();
        let expected = [
            (DiagnosticType::Hang, "3 sekunder", 2),
            (DiagnosticType::DiskWrites, "viel", 1),
            (DiagnosticType::Hang, "4 sekunder", 1),
            (DiagnosticType::Launch, "3 sekunder", 1),
        ];
        assert_eq!(found, expected);
    }
}
