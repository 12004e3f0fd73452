//! Series as text: one line for a table cell, eight rows for an explanation.
//!
//! Both hold without colour and in a proportional diff view: what a mark means is in its shape, and the scale is said in
//! words. Every text of the input goes through [`crate::safe`] first, so no terminal sequence gets out through a version name.

use crate::figure::{figure, percent, probability};
use crate::safe::shortened;
use perfpower_analysis::{Segment, SeriesPoint};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The smallest range that a chart is stretched over, as a share of its largest value. Arbitrary, because some floor is
/// needed: without one a series that moves by a thousandth looks like a mountain range.
const SMALLEST_RANGE: f64 = 0.1;

/// Rows of a [`TextSeries::chart`].
const ROWS: usize = 8;

/// The values as blocks, oldest first: `▁▁▆█▇ ±3 %`.
///
/// `margins` are half widths in the unit of the values, absent = plenty of data; empty = none known. The figure behind `±`
/// is the median half width in percent of its value. A gap (NaN) is a `·`. More values than `width` cells leave the newest,
/// behind a `…`. The scale is the smallest to the largest value, but never less than a tenth of the largest: not from zero.
pub fn sparkline(values: &[f64], margins: &[Option<f64>], width: usize) -> String {
    let width = width.max(2);
    let cut = values.len() > width;
    let shown = if cut { &values[values.len() - (width - 1)..] } else { values };
    let mut out = String::new();
    if cut {
        out.push('…');
    }
    let (low, high) = range(shown.iter().copied());
    for value in shown {
        out.push(if value.is_finite() { BLOCKS[step(*value, low, high, BLOCKS.len())] } else { '·' });
    }
    let mut relative: Vec<f64> = values
        .iter()
        .zip(margins)
        .filter_map(|(value, margin)| Some(100.0 * (*margin)? / value.abs()))
        .filter(|percent| percent.is_finite())
        .collect();
    if !relative.is_empty() {
        relative.sort_by(f64::total_cmp);
        let _ = write!(out, " ±{}", percent(relative[relative.len() / 2]));
    }
    out
}

/// What a text chart shows.
#[derive(Clone, Copy, Debug)]
pub struct TextSeries<'a> {
    /// In release order.
    pub points: &'a [SeriesPoint],
    /// Its levels; empty = none are drawn.
    pub segments: &'a [Segment],
    /// The version that is marked.
    pub guilty: Option<&'a str>,
    /// How sure that is, 0..=1.
    pub probability: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<&'a str>,
}

impl TextSeries<'_> {
    /// As a chart of eight rows, at most `width` cells wide (at least 40 are used), without a line
    /// feed at its end. Empty where there is no point.
    ///
    /// ```text
    /// 1,119 ┤                           ●
    ///       │                  ┬
    ///       │                  ◆┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄●
    ///       │                  │
    /// 908.1 ┤                  ┴
    ///       │
    ///       │
    ///   750 ┤●┄┄┄┄┄┄┄┄●
    ///       └┬────────┬────────▲────────┬────────┬
    ///        1.0      1.1      1.2      1.3      2.0
    ///        768.7    750      992.3    1,119    997.8
    /// ```
    pub fn chart(&self, width: usize) -> String {
        chart(self, width)
    }
}

fn chart(finding: &TextSeries<'_>, width: usize) -> String {
    let points = finding.points;
    if points.is_empty() {
        return String::new();
    }
    let width = width.max(40);
    let (low, high) = range(
        points
            .iter()
            .flat_map(|point| {
                let margin = point.margin.unwrap_or(0.0);
                let revisions = point.revisions.iter().map(|(_, value)| *value);
                [point.value - margin, point.value + margin].into_iter().chain(revisions)
            })
            .chain(finding.segments.iter().map(|segment| segment.level)),
    );
    let ticks: Vec<(usize, String)> = [0, ROWS / 2, ROWS - 1]
        .into_iter()
        .map(|row| (row, figure(high - (high - low) * row as f64 / (ROWS - 1) as f64)))
        .collect();
    let axis = ticks.iter().map(|(_, text)| text.width()).max().unwrap_or(0);
    let room = width - axis - 3;
    // The newest versions are kept: the question is always what holds now.
    let first = points.len().saturating_sub(room / 2);
    let shown = &points[first..];
    let column = (room / shown.len()).clamp(2, 9);
    let x_of = |index: usize| (index - first) * column;
    let row_of = |value: f64| ROWS - 1 - step(value, low, high, ROWS);
    let cells = (shown.len() - 1) * column + 1;
    let mut grid = vec![vec![' '; cells]; ROWS];

    for segment in finding.segments.iter().filter(|segment| segment.level.is_finite() && segment.end > first) {
        let from = x_of(segment.start.max(first));
        let to = x_of(segment.end.min(points.len()).max(segment.start.max(first) + 1) - 1);
        for cell in &mut grid[row_of(segment.level)][from..=to.min(cells - 1)] {
            *cell = '┄';
        }
    }
    let guilty = finding.guilty.and_then(|version| shown.iter().position(|point| point.version == version));
    for (index, point) in shown.iter().enumerate() {
        if !point.value.is_finite() {
            continue;
        }
        let x = index * column;
        for (_, value) in point.revisions.iter().filter(|(_, value)| value.is_finite()) {
            grid[row_of(value.clamp(low, high))][x] = '○';
        }
        if let Some(margin) = point.margin.filter(|margin| margin.is_finite()) {
            let (top, bottom) = (row_of(point.value + margin), row_of(point.value - margin));
            for (row, cells) in grid.iter_mut().enumerate().take(bottom + 1).skip(top) {
                cells[x] = match row {
                    row if row == top => '┬',
                    row if row == bottom => '┴',
                    _ => '│',
                };
            }
        }
        grid[row_of(point.value)][x] = if guilty == Some(index) { '◆' } else { '●' };
    }

    let mut lines = Vec::with_capacity(ROWS + 5);
    for (row, cells) in grid.iter().enumerate() {
        let (label, tick) = match ticks.iter().find(|(at, _)| *at == row) {
            Some((_, text)) => (text.as_str(), '┤'),
            None => ("", '│'),
        };
        let pad = " ".repeat(axis - label.width());
        lines.push(format!("{pad}{label} {tick}{}", cells.iter().collect::<String>().trim_end()));
    }
    let floor: String = (0..cells)
        .map(|x| {
            if x % column != 0 {
                '─'
            } else if guilty == Some(x / column) {
                '▲'
            } else {
                '┬'
            }
        })
        .collect();
    lines.push(format!("{} └{floor}", " ".repeat(axis)));
    let labels: Vec<String> = shown.iter().map(|point| shortened(&point.version, 10).0.into_owned()).collect();
    lines.push(format!("{}{}", " ".repeat(axis + 2), label_row(&labels, column, guilty)));
    let values: Vec<String> = shown.iter().map(|point| figure(point.value)).collect();
    if values.iter().all(|value| value.width() < column) {
        lines.push(format!("{}{}", " ".repeat(axis + 2), label_row(&values, column, guilty)));
    }
    lines.push(legend(finding, guilty.is_some(), first, low));
    lines.join("\n")
}

/// Labels at their columns, as many as fit with a space between them: the marked one first, then the newest, then the rest
/// from the left.
fn label_row(labels: &[String], column: usize, marked: Option<usize>) -> String {
    let mut order: Vec<usize> = Vec::with_capacity(labels.len() + 2);
    order.extend(marked);
    order.push(labels.len() - 1);
    order.extend(0..labels.len());
    let mut taken: Vec<(usize, usize, usize)> = Vec::new();
    for index in order {
        let (from, to) = (index * column, index * column + labels[index].width());
        if taken.iter().all(|&(start, end, _)| to < start || end < from) {
            taken.push((from, to, index));
        }
    }
    taken.sort_unstable();
    let mut out = String::new();
    let mut at = 0;
    for (from, to, index) in taken {
        out.push_str(&" ".repeat(from - at));
        out.push_str(&labels[index]);
        at = to;
    }
    out
}

fn legend(finding: &TextSeries<'_>, marked: bool, hidden: usize, low: f64) -> String {
    let mut parts = vec!["● value".to_owned()];
    if let Some(version) = finding.guilty.filter(|_| marked) {
        let how_sure = finding.probability.map_or_else(String::new, |of| format!(" ({})", probability(of)));
        parts.push(format!("◆ {}{how_sure}", shortened(version, 20).0));
    }
    if finding.points.iter().any(|point| point.margin.is_some()) {
        parts.push("┬┴ margin".to_owned());
    }
    if !finding.segments.is_empty() {
        parts.push("┄ level".to_owned());
    }
    if finding.points.iter().any(|point| !point.revisions.is_empty()) {
        parts.push("○ older download".to_owned());
    }
    parts.extend(finding.unit_label.map(|unit| format!("in {}", shortened(unit, 20).0)));
    parts.push(if low == 0.0 { "scale from 0" } else { "scale not from 0" }.to_owned());
    if hidden > 0 {
        parts.push(format!("{hidden} earlier not shown"));
    }
    parts.join(" · ")
}

/// The range to draw: what the values span, at least [`SMALLEST_RANGE`], and from zero where that is near.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0);
    }
    let floor = SMALLEST_RANGE * low.abs().max(high.abs());
    if high - low < floor {
        let middle = low / 2.0 + high / 2.0;
        (low, high) = (middle - floor / 2.0, middle + floor / 2.0);
    }
    if high - low <= 0.0 {
        high = low + 1.0;
    }
    if low < 0.0 && high > 0.0 && -low < 0.25 * high {
        // Only a margin reaches below zero; no measured value does.
        low = 0.0;
    }
    (low, high)
}

/// Which of `steps` equal steps a value falls into, the lowest being 0. Divides before it subtracts, so that the largest
/// doubles do not overflow.
fn step(value: f64, low: f64, high: f64, steps: usize) -> usize {
    let top = (steps - 1) as f64;
    let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
    if share.is_nan() { 0 } else { (share.clamp(0.0, 1.0) * top).round() as usize }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use perfpower_analysis::Segment;
    use perfpower_analysis::{Finding, FindingKind};
    use proptest::prelude::*;

    /// A finding's series, with the version that it blames.
    fn text_chart(finding: &Finding, width: usize) -> String {
        let guilty = (finding.kind != FindingKind::Drift).then_some(finding.version.as_str());
        let of = finding.credible_versions.iter().find(|candidate| candidate.version == finding.version);
        let probability = of.map(|of| of.probability);
        let Finding { points, segments, unit_label, .. } = finding;
        TextSeries { points, segments, guilty, probability, unit_label: unit_label.as_deref() }.chart(width)
    }

    fn finding(values: &[(&str, f64, Option<f64>)]) -> Finding {
        let points = values.iter().map(|&(version, value, margin)| sample::point(version, value, margin)).collect();
        Finding { points, segments: Vec::new(), ..sample::step() }
    }

    #[test]
    fn blocks_follow_the_values() {
        assert_eq!(sparkline(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &[], 8), "▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[1.0, f64::NAN, 8.0], &[], 8), "▁·█");
        assert_eq!(sparkline(&[], &[], 8), "");
        assert_eq!(sparkline(&[0.0, 0.0], &[], 8), "▁▁");
        assert_eq!(sparkline(&[1.0, 2.0, 3.0, 4.0], &[], 3), "…▁█");
        assert_eq!(sparkline(&[100.0, 200.0], &[Some(4.0), None], 8), "▁█ ±4 %");
    }

    #[test]
    fn a_series_that_hardly_moves_looks_flat() {
        let line = sparkline(&[1000.0, 1001.0, 1000.0, 1001.0], &[], 8);
        assert!(line.chars().all(|c| c == '▄' || c == '▅'), "{line}");
    }

    #[test]
    fn the_chart_marks_the_version_and_its_levels() {
        let chart = text_chart(&sample::step(), 60);
        let expected = "\
1,119 ┤                           ●
      │                  ┬
      │                  ◆┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄●
      │                  │
908.1 ┤                  ┴
      │
      │
  750 ┤●┄┄┄┄┄┄┄┄●
      └┬────────┬────────▲────────┬────────┬
       1.0      1.1      1.2      1.3      2.0
       768.7    750      992.3    1,119    997.8
● value · ◆ 1.2 (99 %) · ┬┴ margin · ┄ level · in ms · scale not from 0";
        assert_eq!(chart, expected, "\n{chart}\n\n{expected}");
    }

    #[test]
    fn a_version_with_a_terminal_sequence_stays_a_text() {
        let mut finding = finding(&[("\u{1b}]0;x\u{7}", 1.0, None), ("2", 2.0, None)]);
        finding.version = "\u{1b}]0;x\u{7}".to_owned();
        let chart = text_chart(&finding, 60);
        assert!(!chart.contains(['\u{1b}', '\u{7}']), "{chart:?}");
    }

    proptest! {
        #[test]
        fn no_series_breaks_a_chart(
            values in prop::collection::vec((any::<f64>(), prop::option::of(0.0..1e9_f64)), 0..120),
            width in 0_usize..200,
        ) {
            let named: Vec<(String, f64, Option<f64>)> =
                values.iter().enumerate().map(|(i, &(value, margin))| (format!("1.{i}"), value, margin)).collect();
            let borrowed: Vec<(&str, f64, Option<f64>)> = named.iter().map(|(v, x, m)| (v.as_str(), *x, *m)).collect();
            let mut finding = finding(&borrowed);
            finding.segments = vec![Segment { start: 0, end: values.len(), level: 1.0 }];
            let chart = text_chart(&finding, width);
            for line in chart.lines().take(ROWS + 2) {
                prop_assert!(line.width() <= width.max(40) + 12, "{line}");
            }
            let plain: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
            let line = sparkline(&plain, &[], width);
            prop_assert!(line.chars().count() <= width.max(2));
        }
    }
}
