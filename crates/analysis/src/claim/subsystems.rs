//! Which sub-system carries a change, where Apple breaks a metric down: shares of the value on both sides of it.

use crate::claim::claims::Claim;
use crate::claim::finding::SubsystemChange;
use crate::history::builder::AppHistory;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Mean shares by sub-system on both sides of a change, and what each contributes to it.
pub(crate) fn subsystems(history: &AppHistory, lead: &Claim<'_>, before: f64, after: f64) -> Vec<SubsystemChange> {
    let rows = lead.series.rows().start;
    let shares = |positions: Range<usize>| -> BTreeMap<&str, f64> {
        let positions = rows + positions.start as u32..rows + positions.end as u32;
        let first = history.breakdown.partition_point(|share| share.row < positions.start);
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        let mut with_breakdown = BTreeSet::new();
        for share in history.breakdown[first..].iter().take_while(|share| share.row < positions.end) {
            *sums.entry(history.names.text(share.subsystem)).or_default() += share.percent;
            with_breakdown.insert(share.row);
        }
        for sum in sums.values_mut() {
            *sum /= with_breakdown.len() as f64;
        }
        sums
    };
    let (start, end) = lead.stretch;
    if lead.index <= start {
        return Vec::new();
    }
    let (share_before, share_after) = (shares(start..lead.index), shares(lead.index..end));
    if share_before.is_empty() || share_after.is_empty() {
        return Vec::new();
    }
    let names: BTreeSet<&str> = share_before.keys().chain(share_after.keys()).copied().collect();
    let mut changes: Vec<SubsystemChange> = names
        .into_iter()
        .map(|name| {
            let share = |shares: &BTreeMap<&str, f64>| shares.get(name).copied().unwrap_or(0.0);
            let (share_before, share_after) = (share(&share_before), share(&share_after));
            SubsystemChange {
                subsystem: name.to_owned(),
                share_before_percent: share_before,
                share_after_percent: share_after,
                difference: (share_after * after - share_before * before) / 100.0,
            }
        })
        .collect();
    let direction = (after - before).signum();
    changes.sort_by(|a, b| {
        (b.difference * direction).total_cmp(&(a.difference * direction)).then_with(|| a.subsystem.cmp(&b.subsystem))
    });
    changes
}
