//! Odd series: each has an answer, and it is the one written here.

use crate::*;

fn try_judge(values: &[f64], margins: &[f64], offset: f64) -> Result<SeriesJudgement, Unusable> {
    let input = SeriesInput { values, margins, offset, lower_is_better: true };
    let critical = CriticalValues::new(Parameters::default());
    judge(&input, &Prior::default(), &critical, &mut Workspace::default())
}

fn judged(values: &[f64]) -> SeriesJudgement {
    try_judge(values, &vec![f64::NAN; values.len()], 0.0).unwrap()
}

#[test]
fn no_point_is_unusable() {
    assert_eq!(try_judge(&[], &[], 0.0), Err(Unusable::Empty));
}

#[test]
fn one_point_has_a_level_and_no_opinion() {
    let found = judged(&[500.0]);
    assert_eq!((found.points, found.model, found.latest, found.scan), (1, Model::TooShort, None, None));
    close(found.level.value, 500.0, 1e-12);
    close(found.level.se, 0.03, 1e-12); // the process noise under the default prior
    close(found.p, 1.0, 0.0);
    close(found.gated_p, 1.0, 0.0);
}

#[test]
fn two_points_can_be_compared_but_not_explained() {
    let found = judged(&[500.0, 1000.0]);
    assert_eq!((found.model, found.steps.len(), found.trend), (Model::TooShort, 0, None));
    let latest = found.latest.unwrap();
    // se² = 2 · 0.03², df = the prior's 4.
    close(latest.change.delta, 2.0_f64.ln(), 1e-12);
    close(latest.change.se, 0.03 * 2.0_f64.sqrt(), 1e-12);
    close(latest.change.df, 4.0, 0.0);
    assert_eq!((latest.verdict, latest.provisional, latest.here), (Verdict::Regression, true, true));
    close(found.gated_p, 1.0, 0.0);
    close(found.level.value, (500.0_f64 * 1000.0).sqrt(), 1e-12);
}

#[test]
fn three_points_are_the_shortest_history() {
    let found = judged(&[500.0, 500.0, 900.0]);
    assert_eq!((found.model, found.steps[0].index), (Model::Steps, 2));
    assert!(found.steps[0].provisional);
}

#[test]
fn equal_values_are_one_level_without_any_doubt_of_their_own() {
    for value in [1e-300, 0.1, 750.0, 1e300] {
        let found = judged(&[value; 9]);
        assert_eq!((found.model, found.steps.len()), (Model::Level, 0));
        assert_eq!(found.noise.residual, Some(0.0));
        close(found.scan.unwrap().p, 1.0, 0.0);
        close(found.p, 1.0, 0.0);
        close(found.level.value, value, 1e-9);
        let latest = found.latest.unwrap();
        close(latest.change.delta, 0.0, 0.0);
        close(latest.change.p, 1.0, 0.0);
        assert_eq!(latest.verdict, Verdict::Unchanged);
    }
}

#[test]
fn all_zero_needs_an_offset_and_is_then_a_level() {
    assert_eq!(try_judge(&[0.0; 5], &[f64::NAN; 5], 0.0), Err(Unusable::Zero(0)));
    let found = try_judge(&[0.0; 5], &[f64::NAN; 5], 0.1).unwrap();
    assert_eq!(found.model, Model::Level);
    assert_eq!(found.level.value.to_bits(), 0);
    assert_eq!(found.latest.unwrap().level.to_bits(), 0);
}

#[test]
fn a_latest_version_in_line_blames_nobody_before_it() {
    // Where all is equal every version is as likely as any other, and the first one stands for them.
    let still = judged(&[5.0; 3]).latest.unwrap();
    assert_eq!((still.here, still.began_earlier, still.verdict), (false, false, Verdict::Inconclusive));
    // Too little for a step, and enough to be out of line: but more of it came a version before.
    let risen = judged(&[100.0, 100.0, 100.0, 100.0, 105.0, 109.0]).latest.unwrap();
    assert_eq!((risen.here, risen.began_earlier, risen.verdict), (false, true, Verdict::Inconclusive));
    // The rise of the latest version alone is its own.
    let own = judged(&[100.0, 100.0, 100.0, 100.0, 100.0, 130.0]).latest.unwrap();
    assert_eq!((own.here, own.began_earlier, own.verdict), (true, false, Verdict::Regression));
}

#[test]
fn zero_to_something_is_a_finding() {
    let found = try_judge(&[0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0], &[f64::NAN; 8], 0.1).unwrap();
    assert_eq!((found.model, found.steps[0].index), (Model::Steps, 5));
    assert_eq!(found.steps[0].verdict, Verdict::Regression);
    close(found.steps[0].change.percent(), 2000.0, 1e-9);
    close(found.level.value, 2.0, 1e-9);
}

#[test]
fn one_bad_point_names_its_place() {
    let margins = [f64::NAN; 3];
    assert_eq!(try_judge(&[1.0, f64::NAN, 1.0], &margins, 0.0), Err(Unusable::NotFinite(1)));
    assert_eq!(try_judge(&[1.0, 1.0, -3.0], &margins, 0.0), Err(Unusable::Negative(2)));
    assert_eq!(try_judge(&[1.0, 1.0, f64::INFINITY], &margins, 0.0), Err(Unusable::NotFinite(2)));
    assert_eq!(try_judge(&[1.0, 1.0], &margins, 0.0), Err(Unusable::MarginsMissing));
}

#[test]
fn huge_jumps_stay_finite() {
    let found = judged(&[f64::MIN_POSITIVE, f64::MIN_POSITIVE, f64::MAX, f64::MAX, f64::MAX]);
    assert_eq!((found.model, found.steps[0].index), (Model::Steps, 2));
    assert!(found.steps[0].change.p > 0.0 && found.steps[0].change.p < 1e-10);
    assert!(found.level.value.is_finite() || found.level.value > 1e307);
    assert!(found.latest.unwrap().change.se.is_finite());
}

#[test]
fn a_margin_larger_than_the_value_makes_its_point_light() {
    let values = [500.0, 505.0, 5000.0, 498.0, 502.0, 500.0];
    let mut margins = [f64::NAN; 6];
    let found = judged(&values);
    assert!(found.noise.relative_sd > 0.05, "an outlier without a margin is scatter");
    for margin in [10_000.0, f64::INFINITY, f64::MAX, -20_000.0] {
        margins[2] = margin;
        let found = try_judge(&values, &margins, 0.0).unwrap();
        assert_eq!(found.model, Model::Level, "{margin}");
        assert!((found.level.value - 501.0).abs() < 10.0, "{margin}: {}", found.level.value);
    }
    let found = try_judge(&values, &[f64::INFINITY; 6], 0.0).unwrap();
    assert_eq!((found.model, found.latest.unwrap().verdict), (Model::Level, Verdict::Inconclusive));
}

#[test]
fn a_long_series_is_judged_by_its_newest_forty() {
    let mut values = vec![100.0; 60];
    for (i, value) in values.iter_mut().enumerate() {
        *value *= 1.0 + 0.01 * f64::from(i as u8 % 3);
        if i >= 50 {
            *value *= 1.5;
        }
    }
    let long = judged(&values);
    let newest = judged(&values[20..]);
    assert_eq!((long.points, long.skipped), (40, 20));
    assert_eq!(long.steps.iter().map(|step| step.index).collect::<Vec<_>>(), [50]);
    assert_eq!(newest.steps.iter().map(|step| step.index).collect::<Vec<_>>(), [30]);
    assert_eq!(long.latest.unwrap().level_from, 50);
    assert_eq!(long.level.from, 50);
    assert_eq!(long.steps[0].candidates[0].index, 50);
    close(long.p, newest.p, 0.0);
}

#[test]
fn states_of_a_step() {
    let state = |values: &[f64]| {
        judged(values).steps.into_iter().map(|step| (step.state, step.recovered_at)).collect::<Vec<_>>()
    };
    let open = (StepState::Open, None);
    let recovered = |at| (StepState::Recovered, Some(at));
    let wobble = [1.0, 1.004, 0.997, 1.002, 0.999];
    let levels = |levels: &[f64]| -> Vec<f64> {
        levels.iter().flat_map(|level| wobble.iter().map(move |factor| 100.0 * level * factor)).collect()
    };
    assert_eq!(state(&levels(&[1.0, 1.4])), [open]);
    assert_eq!(state(&levels(&[1.0, 1.4, 1.0])), [recovered(10), open]);
    assert_eq!(state(&levels(&[1.0, 1.4, 0.8])), [recovered(10), open]);
    assert_eq!(state(&levels(&[1.0, 1.4, 1.2])), [(StepState::PartlyRecovered, Some(10)), open]);
    // The second step is taken back wholly, of the first nothing.
    assert_eq!(state(&levels(&[1.0, 1.4, 2.0, 1.4])), [open, recovered(15), open]);
    // A gain that is lost again is "recovered" as well: the level is back.
    assert_eq!(state(&levels(&[1.4, 1.0, 1.4])), [recovered(10), open]);
    // It came back once, and rose again: the first step stays recovered, the last is open.
    assert_eq!(state(&levels(&[1.0, 1.4, 1.0, 1.4])), [recovered(10), recovered(15), open]);
}

#[test]
fn the_change_that_began_earlier_is_not_blamed_on_the_latest() {
    // The latest lies 10 % above the level of its history with p = 0.02, but the climb began one version before.
    let found = judged(&[97.0, 101.0, 101.0, 103.0, 109.0, 112.0]);
    assert_eq!(found.model, Model::Drift);
    let latest = found.latest.unwrap();
    close(latest.change.p, 0.019_792_604_208_274_16, 1e-6); // stats_ref.analyse
    assert_eq!((latest.here, latest.verdict, latest.provisional), (false, Verdict::Inconclusive, false));
    close(latest.gated_p, 1.0, 0.0);
}

#[test]
fn small_but_certain_changes_do_not_enter_the_batch() {
    let mut values = vec![100.0, 100.1, 99.9, 100.05, 99.95, 100.0, 100.1, 99.9, 100.0, 100.05];
    values.extend(values.clone().iter().map(|value| value * 1.03));
    let input = SeriesInput { values: &values, margins: &[f64::NAN; 20], offset: 0.0, lower_is_better: true };
    let prior = Prior { scale: 0.01, df: 20.0, ar_inflation: 1.0, ..Prior::default() };
    let critical = CriticalValues::new(Parameters::default());
    let found = judge(&input, &prior, &critical, &mut Workspace::default()).unwrap();
    assert_eq!((found.model, found.steps[0].index), (Model::Steps, 10));
    assert!(found.p < 1e-6);
    close(found.gated_p, 1.0, 0.0);
}
