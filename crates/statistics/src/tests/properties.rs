//! What must not depend on how a series is written: its unit, its direction, its order where order says nothing.

use crate::*;
use proptest::prelude::*;
use std::sync::LazyLock;

/// One cache for all cases, as in a run.
static CRITICAL: LazyLock<CriticalValues> = LazyLock::new(|| CriticalValues::new(Parameters::default()));

fn judge_with(values: &[f64], margins: &[f64], offset: f64, lower_is_better: bool) -> SeriesJudgement {
    let input = SeriesInput { values, margins, offset, lower_is_better };
    judge(&input, &Prior::default(), &CRITICAL, &mut Workspace::default()).unwrap()
}

/// A history of one level, whatever it holds.
static LEVEL_ONLY: LazyLock<CriticalValues> =
    LazyLock::new(|| CriticalValues::new(Parameters { alpha_level: 1e-9, ..Parameters::default() }));

/// A series with a level, perhaps a step, noise, and margins on some points.
fn series() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let point = (-0.06..0.06_f64, prop::option::weighted(0.5, 0.001..0.4_f64));
    (prop::collection::vec(point, 3..45), 0.1..5000.0_f64, -0.6..0.6_f64, 0.0..1.0_f64).prop_map(
        |(points, level, step, place)| {
            let from = (place * points.len() as f64) as usize;
            points
                .into_iter()
                .enumerate()
                .map(|(i, (noise, margin))| {
                    let value = level * (noise + if i >= from { step } else { 0.0 }).exp();
                    (value, margin.map_or(f64::NAN, |margin| margin * value))
                })
                .unzip()
        },
    )
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()) + 1e-9
}

proptest! {
    #[test]
    fn the_unit_does_not_matter((values, margins) in series(), factor in prop::sample::select(vec![1e-6, 0.001, 60.0, 1e9])) {
        let scaled = |column: &[f64]| column.iter().map(|value| value * factor).collect::<Vec<_>>();
        let offset = 0.01;
        let one = judge_with(&values, &margins, offset, true);
        let other = judge_with(&scaled(&values), &scaled(&margins), offset * factor, true);
        prop_assert_eq!(one.model, other.model);
        prop_assert!(near(one.p, other.p), "{} {}", one.p, other.p);
        prop_assert!(near(one.level.value * factor, other.level.value));
        let verdicts = |found: &SeriesJudgement| found.steps.iter().map(|s| (s.index, s.verdict, s.state)).collect::<Vec<_>>();
        prop_assert_eq!(verdicts(&one), verdicts(&other));
        let (one, other) = (one.latest.unwrap(), other.latest.unwrap());
        prop_assert_eq!((one.verdict, one.level_from), (other.verdict, other.level_from));
        prop_assert!(near(one.change.delta, other.change.delta) && near(one.change.p, other.change.p));
    }

    #[test]
    fn the_direction_only_names_the_change((values, margins) in series()) {
        let mirrored = |verdict| match verdict {
            Verdict::Regression => Verdict::Improvement,
            Verdict::Improvement => Verdict::Regression,
            other => other,
        };
        let lower = judge_with(&values, &margins, 0.0, true);
        let higher = judge_with(&values, &margins, 0.0, false);
        prop_assert_eq!(lower.model, higher.model);
        prop_assert!(near(lower.p, higher.p) && near(lower.gated_p, higher.gated_p));
        // A change between the two thresholds, +5 % and −5 % on the log scale, is large enough on one side only.
        let clear = |change: &LogChange| !(0.0487..0.0514).contains(&change.delta.abs());
        for (a, b) in lower.steps.iter().zip(&higher.steps) {
            prop_assert!((a.change.delta - b.change.delta).abs() < 1e-15);
            if clear(&a.change) && a.verdict != Verdict::Unchanged && b.verdict != Verdict::Unchanged {
                prop_assert_eq!(a.verdict, mirrored(b.verdict));
            }
        }
        let (a, b) = (lower.latest.unwrap(), higher.latest.unwrap());
        if clear(&a.change) && a.verdict != Verdict::Unchanged && b.verdict != Verdict::Unchanged {
            prop_assert_eq!(a.verdict, mirrored(b.verdict));
        }
    }

    #[test]
    fn mirrored_values_in_the_mirrored_direction_are_the_same_story((values, margins) in series()) {
        // Reciprocals: every rise is a fall of the same size, and falling is now what is bad.
        let reciprocals: Vec<f64> = values.iter().map(|value| value.recip()).collect();
        let relative: Vec<f64> = margins.iter().zip(&values).map(|(margin, value)| margin / value / value).collect();
        let up = judge_with(&values, &margins, 0.0, true);
        let down = judge_with(&reciprocals, &relative, 0.0, false);
        prop_assert_eq!(up.model, down.model);
        prop_assert!(near(up.p, down.p) && near(up.gated_p, down.gated_p));
        prop_assert!(near(up.level.value, down.level.value.recip()));
        let story = |found: &SeriesJudgement| found.steps.iter().map(|s| (s.index, s.verdict, s.state)).collect::<Vec<_>>();
        prop_assert_eq!(story(&up), story(&down));
        let (up, down) = (up.latest.unwrap(), down.latest.unwrap());
        prop_assert_eq!((up.verdict, up.here, up.level_from), (down.verdict, down.here, down.level_from));
        prop_assert!(near(up.change.delta, -down.change.delta));
    }

    #[test]
    fn read_backwards_a_series_has_the_same_steps_with_other_signs((values, margins) in series()) {
        let n = values.len().min(MAX_POINTS); // of a longer series, either end would be left out
        let (values, margins) = (&values[..n], &margins[..n]);
        let reversed = |column: &[f64]| column.iter().rev().copied().collect::<Vec<_>>();
        let forth = judge_with(values, margins, 0.0, true);
        let back = judge_with(&reversed(values), &reversed(margins), 0.0, true);
        prop_assert_eq!(forth.model, back.model);
        prop_assert!(near(forth.noise.dispersion, back.noise.dispersion));
        prop_assert!(near(forth.p, back.p), "{} {}", forth.p, back.p);
        let (a, b) = (forth.trend.unwrap(), back.trend.unwrap());
        prop_assert!(near(a.slope, -b.slope));
        prop_assert_eq!(forth.steps.len(), back.steps.len());
        for (a, b) in forth.steps.iter().zip(back.steps.iter().rev()) {
            prop_assert_eq!(a.index, n - b.index);
            prop_assert!(near(a.change.delta, -b.change.delta));
        }
    }

    #[test]
    fn one_bound_for_steps_and_drift_is_dearer_than_the_scan_and_cheaper_than_bonferroni(
        (values, margins) in series(), heaviness in prop::sample::select(vec![0.0, 0.15]),
    ) {
        let input = SeriesInput { values: &values, margins: &margins, offset: 0.0, lower_is_better: true };
        let fitted = Prior { basis: Basis::Fitted, heaviness, ..Prior::default() };
        let found = judge(&input, &fitted, &CRITICAL, &mut Workspace::default()).unwrap();
        prop_assert!((0.0..=1.0).contains(&found.p) && found.p > 0.0);
        let (scan, trend) = (found.scan.unwrap(), found.trend.unwrap());
        // Where both bounds subtract the overlap of neighbours and the scan is the surer test.
        if scan.p <= trend.p() && (1e-10..0.05).contains(&scan.p) && found.p < 0.1 {
            prop_assert!(found.p >= scan.p * (1.0 - 1e-9) && found.p <= 2.0 * scan.p * (1.0 + 1e-9), "{} {}", found.p, scan.p);
        }
        // Heavy tails can only explain, never accuse.
        let light = judge(&input, &Prior { heaviness: 0.0, ..fitted }, &CRITICAL, &mut Workspace::default()).unwrap();
        prop_assert!(light.p <= found.p * (1.0 + 1e-9), "{} {}", light.p, found.p);
        prop_assert!(light.latest.unwrap().change.p <= found.latest.unwrap().change.p * (1.0 + 1e-9));
    }

    #[test]
    fn a_series_that_was_read_is_judged_as_if_it_were_not((values, margins) in series(), is_fitted: bool) {
        let input = SeriesInput { values: &values, margins: &margins, offset: 0.0, lower_is_better: true };
        let basis = if is_fitted { Basis::Fitted } else { Basis::Assumed };
        let prior = Prior { basis, ..Prior::default() };
        let mut workspace = Workspace::default();
        let read = first_pass(&input, CRITICAL.parameters(), &mut workspace).unwrap();
        let again = judge_read(&input, read.scatter, &prior, &CRITICAL, &mut Workspace::default()).unwrap();
        prop_assert_eq!(again, judge(&input, &prior, &CRITICAL, &mut workspace).unwrap());
    }

    #[test]
    fn a_screening_says_what_the_judgement_says(
        (values, margins) in series(), is_fitted: bool, heaviness in prop::sample::select(vec![0.0, 0.15]),
        lower_is_better: bool,
    ) {
        let input = SeriesInput { values: &values, margins: &margins, offset: 0.0, lower_is_better };
        let basis = if is_fitted { Basis::Fitted } else { Basis::Assumed };
        let prior = Prior { heaviness, basis, ..Prior::default() };
        let told = judge(&input, &prior, &CRITICAL, &mut Workspace::default()).unwrap();
        let screened = screen(&input, None, &prior, &CRITICAL, &mut Workspace::default()).unwrap();
        prop_assert_eq!((screened.points, screened.model), (told.points, told.model));
        prop_assert_eq!(screened.gated_p.to_bits(), told.gated_p.to_bits());
        prop_assert_eq!(screened.is_above_half, told.p > 0.5);
        let (screened, told) = (screened.latest.unwrap(), told.latest.unwrap());
        prop_assert_eq!(screened.verdict, told.verdict);
        prop_assert_eq!(screened.gated_p.to_bits(), told.gated_p.to_bits());
        prop_assert_eq!(screened.is_above_half, told.change.p > 0.5);
    }

    #[test]
    fn the_order_within_a_clean_level_does_not_matter((mut values, mut margins) in series(), turn in 1_usize..40) {
        // All but the latest belong to one level, so the release question sees a bag of values and not a sequence.
        let quiet = Prior { scale: 4.0, df: 1e6, ar_inflation: 1.0, ..Prior::default() };
        values.truncate(8);
        margins.truncate(8);
        let latest = |values: &[f64], margins: &[f64]| {
            let input = SeriesInput { values, margins, offset: 0.0, lower_is_better: true };
            judge(&input, &quiet, &LEVEL_ONLY, &mut Workspace::default()).unwrap().latest.unwrap()
        };
        let before = latest(&values, &margins);
        let last = values.len() - 1;
        values[..last].rotate_left(turn % last);
        margins[..last].rotate_left(turn % last);
        let after = latest(&values, &margins);
        if before.level_from == 0 && after.level_from == 0 {
            // The prior outweighs the series' own scatter, which alone depends on the order.
            prop_assert!((before.change.delta - after.change.delta).abs() < 1e-4);
            prop_assert!((before.change.se - after.change.se).abs() < 1e-3 * before.change.se);
        }
    }

    #[test]
    fn no_input_panics_and_every_probability_is_one(
        values in prop::collection::vec(any::<f64>(), 0..50),
        margins in prop::collection::vec(any::<f64>(), 0..50),
        offset in any::<f64>(),
        lower_is_better in any::<bool>(),
        positive in any::<bool>(),
    ) {
        let values: Vec<f64> = if positive { values.into_iter().map(f64::abs).collect() } else { values };
        let mut margins = margins;
        if positive {
            margins.resize(values.len(), f64::NAN);
        }
        let offset = if positive { 0.5 } else { offset };
        let input = SeriesInput { values: &values, margins: &margins, offset, lower_is_better };
        let mut workspace = Workspace::default();
        let _ = first_pass(&input, CRITICAL.parameters(), &mut workspace);
        if let Ok(explained) = explain(&input, None, &Prior::default(), &CRITICAL, &mut workspace) {
            let found = explained.judgement;
            let unit = |p: f64| (0.0..=1.0).contains(&p);
            prop_assert!(unit(found.p) && unit(found.gated_p) && found.gated_p >= found.p);
            prop_assert!(found.level.log.is_finite() && found.level.se > 0.0);
            prop_assert!(found.steps.windows(2).all(|pair| pair[0].index < pair[1].index));
            for step in &found.steps {
                prop_assert!(unit(step.change.p) && step.change.delta.is_finite());
                let mass: f64 = step.candidates.iter().filter(|c| c.credible).map(|c| c.probability).sum();
                prop_assert!((0.9 - 1e-9..=1.0 + 1e-9).contains(&mass));
            }
            if let Some(latest) = found.latest {
                prop_assert!(unit(latest.change.p) && latest.change.se > 0.0 && latest.detectable > 0.0);
                prop_assert!(latest.level_from < values.len() - 1 || values.len() == 1);
            }
        }
    }
}
