use super::*;
use perfpower_testkit::Rng;
use proptest::prelude::*;

const LEVEL: f64 = 0.05;

fn population(device: &'static str) -> Population<'static> {
    Population { platform: "iOS", category: "MEMORY", metric: "peakMemory", device }
}

fn week(device: &'static str, from: i32, jumps: u64, chances: u64) -> Week<'static> {
    let shape = Shape { population: population(device), rises: true };
    Week { shape, from: Day::from_days(from), chances, jumps, against: 0 }
}

/// Twenty weeks of a device with so many jumps in each.
fn weeks_with(device: &'static str, jumps: u64, chances: u64) -> Vec<Week<'static>> {
    (0..20).map(|at| week(device, 7 * at, jumps, chances)).collect()
}

fn named(weeks: &[Week<'_>]) -> Vec<(String, i32)> {
    let mut background = Background::default();
    for week in weeks {
        background.add(&week.shape, week.jumps, week.chances);
    }
    likely(weeks, &background, Correction::default().at(LEVEL))
        .iter()
        .map(|(week, _)| (week.shape.population.device.to_owned(), week.from.days()))
        .collect()
}

/// An archive of one download: all that is known of a week is what went the other way in it.
fn one_download(rises: u64, falls: u64, chances: u64) -> [Week<'static>; 2] {
    let up = Week { against: falls, ..week("all_iphones", 0, rises, chances) };
    let mut down = Week { against: rises, ..week("all_iphones", 0, falls, chances) };
    down.shape.rises = false;
    [up, down]
}

#[test]
fn the_tail_of_the_negative_binomial_law() {
    // Shape 1 is the geometric law.
    assert!((negative_binomial_sf(10, 1.0, 1.0) - 0.5_f64.powi(10)).abs() < 1e-12);
    // scipy.stats.nbinom.sf(jumps - 1, shape, shape / (shape + expected))
    assert!((negative_binomial_sf(19, 8.0, 0.8) - 0.116_745_798_612).abs() < 1e-9);
    assert!((negative_binomial_sf(12, 4.5, 2.5) - 0.047_056_088_238).abs() < 1e-9);
    assert!((negative_binomial_sf(119, 5.0, 3.0) / 5.379_997_694e-22 - 1.0).abs() < 1e-6);
    assert!((negative_binomial_sf(0, 8.0, 0.8) - 1.0).abs() < 1e-12);
}

#[test]
fn a_rate_is_known_as_well_as_the_jumps_that_it_rests_on_and_weeks_differ() {
    // 3 in 300: 1 expected, shape 1 / (1/3 + 1/4) = 12/7.
    assert!((Rate::of(3, 300).p(7, 100) - negative_binomial_sf(7, 1.0, 12.0 / 7.0)).abs() < 1e-12);
    // A thousand times as much known: all but the shape of weeks, 4.
    assert!((Rate::of(3_000_000, 300_000_000).p(7, 100) / negative_binomial_sf(7, 1.0, 4.0) - 1.0).abs() < 1e-4);
    // Nothing known but one jump in a hundred elsewhere: 1 expected, shape 4/5.
    let drawn = Rate::default().and_one_in(100.0);
    assert!((drawn.p(7, 100) - negative_binomial_sf(7, 1.0, 0.8)).abs() < 1e-12);
}

#[test]
fn one_week_alone_takes_several_times_what_went_the_other_way() {
    assert_eq!(named(&one_download(19, 7, 600)), []);
    assert_eq!(named(&one_download(30, 10, 600)), []);
    assert_eq!(named(&one_download(300, 100, 6_000)), [], "three to one is no platform in larger batches either");
    assert_eq!(named(&one_download(60, 7, 600)).len(), 1);
    assert_eq!(named(&one_download(12, 0, 60)).len(), 1);
}

#[test]
fn apps_that_are_strangers_make_no_event() {
    // One week of 600 apps, a step either way in one of sixty: worlds that name an event are at most what the level allows.
    let mut rng = Rng::seeded(11);
    let mut jumps = || (0..600).filter(|_| rng.chance(1.0 / 60.0)).count() as u64;
    let worlds = (0..400).filter(|_| !named(&one_download(jumps(), jumps(), 600)).is_empty()).count();
    assert!(worlds <= 20, "{worlds} of 400");
}

#[test]
fn a_week_in_which_everything_moves_is_no_event() {
    // Quiet weeks, then one in which many rise and as many fall: noise, or a season.
    let mut weeks = weeks_with("iPhone12,1", 1, 60);
    weeks[5].jumps = 14;
    assert_eq!(named(&weeks).len(), 1);
    weeks[5].against = 12;
    assert_eq!(named(&weeks), []);
}

#[test]
fn one_loud_week_among_quiet_ones_is_named() {
    let mut weeks = weeks_with("iPhone12,1", 1, 60);
    weeks.extend(weeks_with("iPhone13,2", 1, 60));
    weeks[25].jumps = 18;
    assert_eq!(named(&weeks), [("iPhone13,2".to_owned(), 35)]);
}

#[test]
fn a_metric_that_always_jumps_names_nothing() {
    let mut weeks = weeks_with("iPhone12,1", 12, 60);
    weeks.extend(weeks_with("iPhone13,2", 12, 60));
    weeks[25].jumps = 18;
    assert_eq!(named(&weeks), []);
}

#[test]
fn a_device_that_always_jumps_names_nothing() {
    // The batch is quiet, one device is not: the rate of its own weeks holds.
    let mut weeks = weeks_with("iPhone12,1", 0, 600);
    weeks.extend(weeks_with("iPhone13,2", 20, 60));
    assert_eq!(named(&weeks), []);
}

#[test]
fn few_apps_and_small_parts_are_no_platform() {
    let mut weeks = weeks_with("iPhone12,1", 0, 8);
    weeks[3].jumps = 4;
    assert_eq!(named(&weeks), [], "four apps");
    let mut weeks = weeks_with("iPhone12,1", 0, 1_000);
    weeks[3].jumps = 9;
    assert_eq!(named(&weeks), [], "one in a hundred");
    weeks[3].jumps = 30;
    assert_eq!(named(&weeks).len(), 1);
}

#[test]
fn an_archive_of_one_week_can_still_name_it() {
    // Five metrics with aggregates and four models, all on one day, as a single snapshot has it.
    let mut weeks: Vec<Week<'_>> = ["iPhone11,8", "iPhone12,1", "iPhone13,2", "iPhone14,5"]
        .iter()
        .flat_map(|device| (0..5).map(|_| week(device, 0, 3, 200)))
        .collect();
    for (at, week) in weeks.iter_mut().enumerate() {
        // Different metrics are different shapes; the category stands in.
        week.shape.population.category = ["A", "B", "C", "D", "E"][at % 5];
    }
    weeks[11].jumps = 60;
    assert_eq!(named(&weeks).len(), 1);
}

fn effect(device: &str, percent: f64, half: f64) -> DeviceEffect {
    DeviceEffect {
        probability: None,
        device: device.to_owned(),
        label: device.to_owned(),
        change: crate::claim::finding::Change::Percent(percent),
        ci_percent: Some([percent - half, percent + half]),
        deviation: 0.0,
        stands_out: false,
    }
}

#[test]
fn alone_is_who_moved_far_more_than_all_others() {
    let one = [effect("a", 24.0, 5.0), effect("b", 1.0, 5.0), effect("c", -8.0, 5.0)];
    assert_eq!(alone(&one, true), Some("a"));
    assert_eq!(alone(&one, false), Some("c"));
    // Two devices moved: an app's step on older devices.
    assert_eq!(alone(&[effect("a", 24.0, 5.0), effect("b", 20.0, 5.0), effect("c", 0.0, 5.0)], true), None);
    // The second is too noisy to count.
    assert_eq!(alone(&[effect("a", 24.0, 5.0), effect("b", 20.0, 30.0)], true), Some("a"));
    assert_eq!(alone(&[effect("a", 24.0, 30.0), effect("b", 0.0, 5.0)], true), None);
    assert_eq!(alone(&[effect("a", 24.0, 5.0)], true), None, "one device alone has nobody to differ from");
    assert_eq!(alone(&[], true), None);
}

proptest! {
    /// More jumps in a week never make it less likely to be named, and more jumps elsewhere never more likely.
    #[test]
    fn evidence_is_monotone(base in 0_u64..6, jumps in 0_u64..40, more in 0_u64..20) {
        let with = |base: u64, jumps: u64| {
            let mut weeks = weeks_with("iPhone12,1", base, 60);
            weeks[5].jumps = jumps.min(60);
            named(&weeks).contains(&("iPhone12,1".to_owned(), 35))
        };
        prop_assert!(!with(base, jumps) || with(base, jumps + more));
        prop_assert!(!with(base + 1, jumps) || with(base, jumps));
    }
}
