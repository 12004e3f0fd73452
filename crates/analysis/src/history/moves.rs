//! How values moved after they were first seen, summed while documents are merged: one sum for each metric, version and day, over
//! all series.

use perfpower_model::Day;
use std::collections::BTreeMap;

/// The moves of one version of one metric since one day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moved {
    pub(crate) count: u64,
    /// Of ln(value that holds / value of that day).
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

/// Sums by metric, version and day. Documents come day by day and have thousands of moves each, so those of the present day are
/// found by position.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    day: Option<Day>,
    /// By metric and version.
    of_day: Vec<Vec<Moved>>,
    /// Of the days before.
    settled: BTreeMap<(u32, u32, Day), Moved>,
}

impl Moves {
    /// All moves from here on are those of a day.
    pub(crate) fn turn_to(&mut self, day: Day) {
        if self.day != Some(day) {
            self.settle();
            self.day = Some(day);
        }
    }

    /// Adds ln(value that holds / value of the day).
    pub(crate) fn add(&mut self, metric: u32, version: u32, change: f64) {
        let (metric, version) = (metric as usize, version as usize);
        if self.of_day.len() <= metric {
            self.of_day.resize_with(metric + 1, Vec::new);
        }
        let versions = &mut self.of_day[metric];
        if versions.len() <= version {
            versions.resize(version + 1, Moved::default());
        }
        versions[version].add(Moved { count: 1, sum: change, squares: change * change });
    }

    /// All sums, by metric, version and day.
    pub(crate) fn into_sums(mut self) -> BTreeMap<(u32, u32, Day), Moved> {
        self.settle();
        self.settled
    }

    fn settle(&mut self) {
        let Some(day) = self.day.take() else { return };
        for (metric, versions) in (0..).zip(&mut self.of_day) {
            for (version, moved) in (0..).zip(versions.drain(..)).filter(|(_, moved)| moved.count > 0) {
                self.settled.entry((metric, version, day)).or_default().add(moved);
            }
        }
    }
}

impl Moved {
    pub(crate) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_add_up_by_metric_version_and_day() {
        let (late, early) = (Day::parse("2026-02-01").unwrap(), Day::parse("2026-01-01").unwrap());
        let mut moves = Moves::default();
        for (day, metric, version, change) in
            [(late, 1, 3, 0.5), (late, 1, 3, -1.0), (late, 0, 0, 2.0), (early, 1, 3, 4.0)]
        {
            moves.turn_to(day);
            moves.add(metric, version, change);
        }
        // Back to a day that was left: its sums go on.
        moves.turn_to(late);
        moves.add(1, 3, 0.25);
        let sums = moves.into_sums();
        let of = |metric, version, day| {
            let Moved { count, sum, squares } = sums[&(metric, version, day)];
            (count, sum.to_bits(), squares.to_bits())
        };
        assert_eq!(sums.len(), 3);
        assert_eq!(of(1, 3, late), (3, (-0.25_f64).to_bits(), 1.3125_f64.to_bits()));
        assert_eq!(of(0, 0, late), (1, 2.0_f64.to_bits(), 4.0_f64.to_bits()));
        assert_eq!(of(1, 3, early), (1, 4.0_f64.to_bits(), 16.0_f64.to_bits()));
    }
}
