//! What was read of each app, put together.

use crate::in_order::Read;
use crate::kept::Keeper;
use crate::plan::ReadPlan;
use crate::reading::Reading;
use crate::settle::Elsewhere;
use perfpower_analysis::gate::{AppCoverage, Coverage};
use perfpower_archive::{Archive, Skipped, Unread};
use perfpower_model::{DriftRow, InputProblem, Kind, PassedOver, Problem, Severity, sort_problems};
use std::collections::BTreeMap;

/// Puts the apps together.
pub(crate) fn gather(archive: &Archive, read: Read, elsewhere: &Elsewhere, plan: &ReadPlan, keeper: Keeper) -> Reading {
    let mut reading = Reading { stacks: read.stacks, ..Reading::default() };
    let mut kinds = [0; Kind::ALL.len()];
    let mut unknown: BTreeMap<(Kind, String), u64> = BTreeMap::new();
    let mut known: BTreeMap<(Kind, &'static str), u64> = BTreeMap::new();
    reading.problems.clone_from(&plan.problems);
    reading.problems.extend(read.problems);
    let facts = &mut reading.facts;
    facts.settings.clone_from(&plan.settings);
    for (path, problem) in &archive.problems {
        reading.problems.push(InputProblem { path: Some(path.clone()), problem: problem.clone() });
    }
    let mut unopened: BTreeMap<&str, Vec<&Unread>> = BTreeMap::new();
    for unread in archive.unread.iter().chain(&elsewhere.values) {
        let key = &*unread.app.value;
        unopened.entry(elsewhere.renamed.get(key).map_or(key, String::as_str)).or_default().push(unread);
    }
    let mut coverage: Vec<(String, AppCoverage)> = Vec::with_capacity(read.apps.len());
    let mut histories = Vec::with_capacity(read.apps.len());
    let mut undated = 0;
    let mut later = archive.later;
    for app in read.apps {
        undated += app.undated;
        later += app.later;
        facts.bytes += app.bytes;
        facts.repeated += app.repeated;
        reading.lost += app.lost;
        for (total, count) in kinds.iter_mut().zip(app.kinds) {
            *total += count;
        }
        if let Some((first, last)) = app.days {
            let days = facts.days.get_or_insert((first, last));
            *days = (days.0.min(first), days.1.max(last));
        }
        reading.problems.extend(app.problems);
        reading.inputs.extend(app.inputs);
        for (field, count) in app.unknown_fields {
            *unknown.entry(field).or_default() += count;
        }
        for (field, count) in app.known_fields {
            *known.entry(field).or_default() += count;
        }
        let of_app = unopened.get(app.history.app()).map_or(&[][..], Vec::as_slice);
        coverage.push((app.history.app().to_owned(), app.newest.finish(of_app)));
        reading.has_values |= app.history.has_values();
        histories.push(app.history);
    }
    facts.apps = histories.len() as u64;
    let (histories, fault) = keeper.finish(histories);
    reading.histories = histories;
    reading.problems.extend(fault.map(|fault| kept_in_memory(&fault)));
    if undated > 0 {
        let problem = Problem::new(
            Severity::Warning,
            "no-date",
            format!(
                "no date in the path of {undated} {}: the day that each file was last written stands in for it",
                if undated == 1 { "document" } else { "documents" }
            ),
        )
        .with_hint("put the day into the path, as in com.example.app/2026-11-23/xcodeMetrics.json, or give --snapshot");
        reading.problems.push(InputProblem { path: None, problem });
    }
    reading.coverage = Coverage::new(coverage);
    facts.documents = kinds.iter().sum();
    facts.until = plan.rules.until.map(|until| (until, later));
    facts.kinds = Kind::ALL.iter().copied().zip(kinds).filter(|&(_, count)| count > 0).collect();
    let passed_over = |skipped: &Skipped| PassedOver { path: skipped.path.clone(), why: skipped.why.clone() };
    facts.skipped = archive.skipped.iter().map(passed_over).collect();
    if plan.drift {
        reading.drift = drift_rows(&unknown, &known, &facts.kinds);
    }
    sort_problems(&mut reading.problems);
    reading.inputs.sort_by(|a, b| (&a.app, a.snapshot, &a.path).cmp(&(&b.app, b.snapshot, &b.path)));
    reading
}

/// What costs memory, and no figure.
fn kept_in_memory(fault: &std::io::Error) -> InputProblem {
    let message =
        format!("the histories do not fit into the memory that they may take, and no file can hold them: {fault}");
    let problem = Problem::new(Severity::Warning, "kept-in-memory", message)
        .with_hint("they stay in memory; let TMPDIR name a directory with room, or allow more with --memory");
    InputProblem { path: None, problem }
}

/// Unknown fields that were seen, then known fields of the kinds at hand that were not.
fn drift_rows(
    unknown: &BTreeMap<(Kind, String), u64>,
    known: &BTreeMap<(Kind, &'static str), u64>,
    kinds: &[(Kind, u64)],
) -> Vec<DriftRow> {
    let mut rows: Vec<DriftRow> = unknown
        .iter()
        .map(|((kind, path), &seen)| DriftRow { kind: kind.as_str(), path: path.clone(), seen, known: false })
        .collect();
    for &(kind, _) in kinds {
        for path in perfpower_parse::known_fields(kind) {
            if !known.contains_key(&(kind, path)) {
                rows.push(DriftRow { kind: kind.as_str(), path: path.to_owned(), seen: 0, known: true });
            }
        }
    }
    rows
}
