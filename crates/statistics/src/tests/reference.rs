//! The reference's own numbers: Apple's documented sample to full precision, and twelve series of every shape.
//!
//! Values of the sample are those of `apple_ref_output.txt`. The others come from the same Python program (`stats_ref.analyse`,
//! scipy 1.17.1) on series drawn once with numpy's generator, seed 3, with the one rule it leaves out: a plain Bonferroni
//! sum where that is above 0.2 or below 1e-12.

use crate::*;

/// The reference solves to 1e-15 and prints all digits.
const EXACT: f64 = 1e-9;
/// Where a p is the difference of nearly equal tails.
const TAIL: f64 = 1e-6;

fn judged(values: &[f64]) -> (SeriesJudgement, Explanation) {
    let margins = vec![f64::NAN; values.len()];
    let input = SeriesInput { values, margins: &margins, offset: 0.0, lower_is_better: true };
    let critical = CriticalValues::new(Parameters::default());
    let mut workspace = Workspace::default();
    let judgement = judge(&input, &Prior::default(), &critical, &mut workspace).unwrap();
    let explanation = explain(&input, None, &Prior::default(), &critical, &mut workspace).unwrap();
    assert_eq!(explanation.judgement, judgement);
    (judgement, explanation)
}

#[track_caller]
fn close_interval(found: Interval, low: f64, high: f64) {
    close(found.low, low, EXACT);
    close(found.high, high, EXACT);
}

#[test]
fn apples_sample_p50() {
    let (found, explained) = judged(&[768.7, 750.0, 992.3, 1118.9, 997.8]);
    let latest = found.latest.unwrap();
    assert!(!latest.here);
    close(percent(latest.detectable), 23.328_156_273_520_456, EXACT);
    close(latest.level, 1_053.700_370_124_259, EXACT);
    assert_eq!(latest.level_from, 2);
    close(latest.change.delta, -0.054_510_554_439_999_304, EXACT);
    close(latest.change.se, 0.061_159_081_831_196_255, EXACT);
    close(latest.change.df, 5.395, EXACT);
    close(latest.change.t, -0.891_291_249_114_115_3, EXACT);
    close(latest.change.p, 0.410_757_203_302_937_25, EXACT);
    close(latest.change.percent(), -5.305_148_570_619_496, EXACT);
    close_interval(latest.change.interval.percent(), -18.805_699_667_091_26, 10.440_201_473_082_947);
    close(percent(latest.versus_previous), -10.823_129_859_683_64, EXACT);
    assert_eq!(latest.verdict, Verdict::Inconclusive);
    close(latest.gated_p, 1.0, 0.0);
    assert!(!latest.provisional);

    assert_eq!(found.model, Model::Steps);
    close(found.noise.relative_sd, 0.049_786_807_409_035_28, EXACT);
    close(found.noise.dispersion, 2.754_140_213_315_967, EXACT);
    close(found.noise.own_dispersion, 5.823_501_916_406_022, EXACT);
    close(found.noise.df, 6.286, EXACT);
    close(found.noise.own_df, 2.286, EXACT);

    let scan = found.scan.unwrap();
    assert_eq!(scan.index, 2);
    close(scan.t, 6.809_978_573_013_631, EXACT);
    close(scan.p, 0.001_521_149_831_628_519_8, TAIL);
    close(scan.delta, 0.309_506_233_610_881_25, EXACT);
    close(scan.se, 0.045_448_929_140_156_594, EXACT);

    let trend = found.trend.unwrap();
    close(trend.slope, 0.092_173_229_042_701_98, EXACT);
    close(trend.se, 0.015_743_970_884_069_782, EXACT);
    close(trend.t, 5.854_509_622_852_872, EXACT);
    close(trend.p(), 0.000_928_712_794_059_700_3, EXACT);
    close(trend.residual, 15.930_435_196_097_172, EXACT);
    let mann_kendall = explained.mann_kendall.unwrap();
    assert_eq!((mann_kendall.s, mann_kendall.exact), (6, true));
    close(mann_kendall.tau, 0.6, EXACT);
    close(mann_kendall.p, 0.233_333_333_333_333_34, EXACT);
    let theil_sen = explained.theil_sen.unwrap();
    close(theil_sen.slope, 0.107_617_870_429_503_3, EXACT);
    close(theil_sen.low, -0.114_548_483_386_738_73, EXACT);
    close(theil_sen.high, 0.279_952_274_389_839_5, EXACT);

    let [step] = &found.steps[..] else { panic!("{:?}", found.steps) };
    assert_eq!((step.index, step.verdict, step.state), (2, Verdict::Regression, StepState::Open));
    assert!(!step.provisional);
    close(step.change.delta, 0.309_506_233_610_880_7, EXACT);
    close(step.change.se, 0.045_448_929_140_156_594, EXACT);
    close(step.change.df, 6.286, EXACT);
    close(step.change.t, 6.809_978_573_013_619, EXACT);
    close(step.change.p, 0.001_521_149_831_628_535_9, TAIL);
    close(step.change.percent(), 36.275_206_681_448_44, EXACT);
    close_interval(step.change.interval.percent(), 22.080_659_150_041_882, 52.120_180_914_546_765);
    let candidates: Vec<_> = step.candidates.iter().map(|c| (c.index, c.credible)).collect();
    assert_eq!(candidates, [(2, true), (3, false)]);
    assert!((step.candidates[0].probability - 0.989_2).abs() < 5e-5);
    assert!((step.candidates[1].probability - 0.008).abs() < 5e-5);

    close(found.level.value, 1_034.727_333_454_284_2, EXACT);
    close(found.p, 0.001_857_425_588_119_400_6, TAIL);
    close(found.gated_p, 0.001_857_425_588_119_400_6, TAIL);
}

#[test]
fn apples_sample_p90() {
    let (found, explained) = judged(&[1532.1, 1390.2, 2030.8, 2158.4, 2014.3]);
    let latest = found.latest.unwrap();
    assert!(latest.here);
    close(percent(latest.detectable), 22.130_456_399_959_8, EXACT);
    close(latest.level, 2_093.628_123_616_991_6, EXACT);
    assert_eq!(latest.level_from, 2);
    close(latest.change.delta, -0.038_626_764_778_987_52, EXACT);
    close(latest.change.se, 0.058_312_588_866_011_63, EXACT);
    close(latest.change.df, 5.395, EXACT);
    close(latest.change.t, -0.662_408_675_899_171_3, EXACT);
    close(latest.change.p, 0.534_960_218_907_734, EXACT);
    close(latest.change.percent(), -3.789_026_461_869_588_6, EXACT);
    close_interval(latest.change.interval.percent(), -16.913_041_888_568_66, 11.407_995_184_280_164);
    close(percent(latest.versus_previous), -6.676_241_660_489_245, EXACT);
    assert_eq!(latest.verdict, Verdict::Inconclusive);

    assert_eq!(found.model, Model::Steps);
    close(found.noise.relative_sd, 0.045_754_503_274_865_34, EXACT);
    close(found.noise.dispersion, 2.326_082_855_477_404, EXACT);
    close(found.noise.own_dispersion, 4.646_437_808_193_771, EXACT);
    close(found.noise.df, 6.286, EXACT);

    let scan = found.scan.unwrap();
    assert_eq!(scan.index, 2);
    close(scan.t, 8.331_253_633_498_937, EXACT);
    close(scan.p, 0.000_486_248_901_126_832_76, TAIL);
    close(scan.delta, 0.347_979_434_509_656_4, EXACT);
    close(scan.se, 0.041_767_955_918_479_57, EXACT);

    let trend = found.trend.unwrap();
    close(trend.slope, 0.098_718_437_911_244_71, EXACT);
    close(trend.se, 0.014_468_844_355_820_763, EXACT);
    close(trend.t, 6.822_828_104_549_39, EXACT);
    close(trend.p(), 0.000_398_368_707_413_125, EXACT);
    close(trend.residual, 26.476_943_494_601_48, EXACT);
    let mann_kendall = explained.mann_kendall.unwrap();
    assert_eq!((mann_kendall.s, mann_kendall.exact), (4, true));
    close(mann_kendall.tau, 0.4, EXACT);
    close(mann_kendall.p, 0.483_333_333_333_333_34, EXACT);
    let theil_sen = explained.theil_sen.unwrap();
    close(theil_sen.slope, 0.091_325_360_167_297_84, EXACT);
    close(theil_sen.low, -0.097_191_721_655_321_75, EXACT);
    close(theil_sen.high, 0.378_982_182_406_853_8, EXACT);

    let [step] = &found.steps[..] else { panic!("{:?}", found.steps) };
    assert_eq!((step.index, step.verdict, step.state), (2, Verdict::Regression, StepState::Open));
    close(step.change.delta, 0.347_979_434_509_656_3, EXACT);
    close(step.change.t, 8.331_253_633_498_935, EXACT);
    close(step.change.p, 0.000_486_248_901_126_834_4, TAIL);
    close(step.change.percent(), 41.620_312_452_885_52, EXACT);
    close_interval(step.change.interval.percent(), 28.004_289_420_913_21, 56.684_693_848_830_83);
    let candidates: Vec<_> = step.candidates.iter().map(|c| (c.index, c.credible)).collect();
    assert_eq!(candidates, [(2, true)]);
    assert!((step.candidates[0].probability - 0.998_2).abs() < 5e-5);

    close(found.level.value, 2_066.844_229_147_246, EXACT);
    close(found.p, 0.000_796_737_414_826_25, TAIL);
    close(found.gated_p, 0.000_796_737_414_826_25, TAIL);
}

#[test]
fn both_percentiles_together_point_at_the_same_version() {
    // stats_ref.locate_joint([p50, p90], rho=.8)[0]
    let critical = CriticalValues::new(Parameters::default());
    let mut workspace = Workspace::default();
    let mut probabilities = |values: &[f64]| {
        let input = SeriesInput { values, margins: &[f64::NAN; 5], offset: 0.0, lower_is_better: true };
        let candidates = location(&input, &Prior::default(), &critical, 0..5, &mut workspace).unwrap();
        assert_eq!(candidates.iter().map(|c| c.index).collect::<Vec<_>>(), [1, 2, 3, 4]);
        candidates.iter().map(|c| c.probability).collect::<Vec<_>>()
    };
    let p50 = probabilities(&[768.7, 750.0, 992.3, 1118.9, 997.8]);
    let p90 = probabilities(&[1532.1, 1390.2, 2030.8, 2158.4, 2014.3]);
    let joint = locate_joint(&[&p50, &p90], CORRELATION_OF_PERCENTILES, 0.9).unwrap();
    for (found, expected) in joint.probabilities.iter().zip(JOINT) {
        close(*found, expected, EXACT);
    }
    assert_eq!(joint.credible, [false, true, false, false]);
}

const JOINT: [f64; 4] =
    [0.000_389_440_172_509_066_7, 0.997_753_284_852_315_8, 0.001_672_936_054_760_982, 0.000_184_338_920_414_275_62];

struct Expected {
    name: &'static str,
    values: &'static [f64],
    margins: &'static [f64],
    offset: f64,
    lower_is_better: bool,
    prior: Prior,
    model: Model,
    /// dispersion, df, relative sd
    noise: Option<(f64, f64, f64)>,
    /// index, t, p
    scan: Option<(usize, f64, f64)>,
    /// slope, t, p, residual
    trend: Option<(f64, f64, f64, f64)>,
    /// index, (delta, se, p), verdict, credible versions
    steps: &'static [ExpectedStep],
    level: Option<f64>,
    /// level from, level, (delta, se, p), detectable in percent, here, verdict
    latest: (usize, f64, (f64, f64, f64), f64, bool, Verdict),
    p: f64,
    gated_p: f64,
}

type ExpectedStep = (usize, (f64, f64, f64), Verdict, &'static [usize]);

#[track_caller]
fn close_change(found: &LogChange, (delta, se, p): (f64, f64, f64)) {
    close(found.delta, delta, EXACT);
    close(found.se, se, EXACT);
    close(found.p, p, TAIL);
}

#[test]
fn series_of_every_shape() {
    // One workspace and one cache for all: nothing of one series may show in the next.
    let critical = CriticalValues::new(Parameters::default());
    let mut workspace = Workspace::default();
    for expected in SERIES {
        let Expected { name, values, margins, offset, lower_is_better, prior, .. } = *expected;
        let input = SeriesInput { values, margins, offset, lower_is_better };
        let found = judge(&input, &prior, &critical, &mut workspace).unwrap();
        assert_eq!(found.model, expected.model, "{name}");
        if let Some((dispersion, df, relative_sd)) = expected.noise {
            close(found.noise.dispersion, dispersion, EXACT);
            close(found.noise.df, df, EXACT);
            close(found.noise.relative_sd, relative_sd, EXACT);
        }
        assert_eq!(found.scan.is_some(), expected.scan.is_some(), "{name}");
        if let (Some(found), Some((index, t, p))) = (found.scan, expected.scan) {
            assert_eq!(found.index, index, "{name}");
            close(found.t, t, EXACT);
            close(found.p, p, TAIL);
        }
        if let (Some(found), Some((slope, t, p, residual))) = (found.trend, expected.trend) {
            close(found.slope, slope, EXACT);
            close(found.t, t, EXACT);
            close(found.p(), p, TAIL);
            close(found.residual, residual, EXACT);
        }
        assert_eq!(found.steps.len(), expected.steps.len(), "{name}");
        for (found, (index, change, verdict, credible)) in found.steps.iter().zip(expected.steps) {
            assert_eq!((found.index, found.verdict), (*index, *verdict), "{name}");
            close_change(&found.change, *change);
            let versions: Vec<_> = found.candidates.iter().filter(|c| c.credible).map(|c| c.index).collect();
            assert_eq!(versions, *credible, "{name}");
        }
        if let Some(level) = expected.level {
            close(found.level.value, level, EXACT);
        }
        let latest = found.latest.unwrap();
        let (level_from, level, change, detectable, here, verdict) = expected.latest;
        assert_eq!((latest.level_from, latest.here, latest.verdict), (level_from, here, verdict), "{name}");
        close(latest.level, level, EXACT);
        close_change(&latest.change, change);
        close(percent(latest.detectable), detectable, EXACT);
        close(found.p, expected.p, TAIL);
        close(found.gated_p, expected.gated_p, TAIL);
    }
}

/// The study knows nothing of the other fields.
const ASSUMED: Prior = Prior { scale: 1.0, df: 4.0, ar_inflation: 1.0, heaviness: 0.0, basis: Basis::Assumed };

#[rustfmt::skip]
const SERIES: &[Expected] = &[
    Expected {
        name: "two points",
        values: &[531.6, 463.1],
        margins: &[f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 1.0, df: 4.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::TooShort,
        noise: None,
        scan: None,
        trend: None,
        steps: &[],
        level: None,
        latest: (0, 531.600_000_000_000_1, (-0.137_948_313_352_384_67, 0.042_426_406_871_192_854, 0.031_332_088_071_102_03), 17.083_402_377_636_407, true, Verdict::Improvement),
        p: 1.0, gated_p: 1.0,
    },
    Expected {
        name: "three points",
        values: &[506.3, 491.6, 690.6],
        margins: &[f64::NAN, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 1.0, df: 4.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((1.022_931_174_559_993_6, 4.554, 0.030_342_018_013_045_775)),
        scan: Some((2, 8.750_070_929_215_719, 0.001_008_536_699_709_175_1)),
        trend: Some((0.155_215_702_990_014_3, 7.234_461_207_140_978, 0.001_160_078_425_656_815_3, 24.697_793_671_502_666)),
        steps: &[(2, (0.325_163_406_622_020_37, 0.037_161_230_949_149_03, 0.001_008_536_699_709_175_1), Verdict::Regression, &[2])],
        level: Some(690.600_000_000_000_3),
        latest: (0, 498.895_860_876_796_8, (0.325_163_406_622_020_37, 0.036_742_346_141_747_67, 0.000_900_160_407_120_099), 14.635_386_494_399_954, true, Verdict::Regression),
        p: 0.002_017_073_399_418_350_3, gated_p: 0.002_017_073_399_418_350_3,
    },
    Expected {
        name: "four flat points",
        values: &[496.8, 470.6, 496.5, 487.2],
        margins: &[f64::NAN, f64::NAN, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 1.0, df: 4.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Level,
        noise: Some((1.140_270_583_332_678_3, 5.395, 0.032_035_035_898_206_99)),
        scan: Some((1, -0.669_497_718_933_953_6, 1.0)),
        trend: Some((-0.000_496_343_547_877_931_4, -0.034_645_127_814_905_77, 0.973_608_424_891_633, 1.885_792_325_092_453_5)),
        steps: &[],
        level: Some(487.657_615_338_567_5),
        latest: (0, 487.810_249_281_977_46, (-0.001_251_780_403_565_661, 0.040_344_224_431_915_57, 0.976_560_825_728_804_2), 15.519_804_003_926_751, false, Verdict::Inconclusive),
        p: 1.0, gated_p: 1.0,
    },
    Expected {
        name: "a step with margins",
        values: &[552.4, 503.4, 494.7, 495.8, 637.1, 629.7, 642.4],
        margins: &[38.07, 23.94, f64::NAN, 23.75, 53.2, 36.7, 20.44],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 0.4, df: 3.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.942_111_865_000_768, 7.065, 0.037_558_440_304_347_476)),
        scan: Some((4, 7.927_861_112_144_454, 0.000_504_818_995_286_883)),
        trend: Some((0.045_564_457_921_351_03, 6.358_496_335_859_654_5, 0.000_367_856_438_002_320_8, 27.302_692_911_481_387)),
        steps: &[(4, (0.231_082_490_401_654_18, 0.029_148_150_696_997_82, 0.000_504_818_995_286_900_2), Verdict::Regression, &[4])],
        level: Some(637.303_841_751_313_5),
        latest: (4, 632.624_151_040_213_5, (0.015_334_675_062_911_53, 0.049_202_574_618_689_335, 0.765_570_635_887_080_1), 17.833_315_448_265_886, false, Verdict::Inconclusive),
        p: 0.000_735_712_876_004_641_6, gated_p: 0.000_735_712_876_004_641_6,
    },
    Expected {
        name: "recovered",
        values: &[505.0, 495.6, 498.5, 504.4, 754.4, 750.7, 755.0, 729.1, 505.1, 495.2, 491.7, 501.4],
        margins: &[f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 0.5, df: 10.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.424_279_723_665_953_6, 17.439, 0.019_541_027_385_973_294)),
        scan: Some((8, -17.139_426_629_813_936, 2.549_105_867_039_839_3e-11)),
        trend: Some((-0.000_999_940_088_292_07, -0.611_919_939_882_978_1, 0.548_486_444_359_515_5, 1_135.533_505_554_404_7)),
        steps: &[(4, (0.400_039_177_359_153_6, 0.013_817_592_975_973_75, 2.406_941_562_484_458_8e-15), Verdict::Regression, &[4]), (8, (-0.405_116_592_743_285_15, 0.013_817_592_975_973_75, 1.939_847_585_047_249e-15), Verdict::Improvement, &[8])],
        level: Some(498.322_659_441_635_84),
        latest: (8, 497.301_082_142_588_5, (0.008_208_543_970_097_182, 0.023_152_320_932_498_274, 0.727_408_480_975_985_2), 7.138_282_231_756_134, false, Verdict::Unchanged),
        p: 5.098_211_734_079_678_6e-11, gated_p: 5.098_211_734_079_678_6e-11,
    },
    Expected {
        name: "partly recovered, higher is better",
        values: &[504.2, 497.3, 493.6, 500.2, 799.5, 813.6, 807.2, 801.9, 810.7, 638.4, 632.9, 644.5, 644.5, 638.4],
        margins: &[9.07, 6.93, f64::NAN, 12.53, 22.72, f64::NAN, 10.8, 18.02, 23.84, 16.47, f64::NAN, 7.54, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: false,
        prior: Prior { scale: 0.5, df: 10.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.309_316_433_559_741_14, 19.377_000_000_000_002, 0.017_129_201_823_265_907)),
        scan: Some((4, 35.148_044_384_999_08, 6.624_675_750_127_815e-18)),
        trend: Some((0.018_868_765_543_677_463, 16.653_947_201_197_75, 6.086_103_060_168_409e-13, 1_406.154_605_652_436_2)),
        steps: &[(4, (0.481_179_305_958_319_15, 0.011_741_798_372_453_588, 2.161_889_469_493_506_5e-19), Verdict::Improvement, &[4]), (9, (-0.232_035_202_627_247_2, 0.010_989_826_221_495_838, 6.951_601_063_005_734e-14), Verdict::Regression, &[9])],
        level: Some(639.731_892_264_687_2),
        latest: (9, 640.082_806_499_102_6, (-0.002_632_507_003_428_763_4, 0.019_259_349_733_466_612, 0.892_762_522_751_819_8), 5.864_860_007_853_806, false, Verdict::Unchanged),
        p: 1.324_935_150_025_563e-17, gated_p: 1.324_935_150_025_563e-17,
    },
    Expected {
        name: "drift",
        values: &[510.7, 525.5, 549.5, 566.1, 626.3, 649.3, 682.6, 721.7, 749.8, 776.7, 814.5, 856.3],
        margins: &[f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 0.5, df: 8.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Drift,
        noise: Some((0.509_860_308_291_234_5, 15.439, 0.021_421_350_971_918_44)),
        scan: Some((6, 23.905_673_093_665_55, 1.394_315_969_023_031_8e-12)),
        trend: Some((0.048_713_608_488_314_97, 27.193_897_938_756_29, 1.836_708_833_568_024e-14, 5.321_316_182_654_186)),
        steps: &[(2, (0.073_823_495_457_842_72, 0.021_421_350_971_918_437, 0.009_721_607_614_063_545), Verdict::Regression, &[1, 2, 3]), (4, (0.156_654_704_396_326_67, 0.019_554_928_565_924_903, 2.751_089_846_233_444e-06), Verdict::Regression, &[4]), (7, (0.138_278_944_762_409_32, 0.017_490_459_827_424_226, 4.024_710_467_544_437e-06), Verdict::Regression, &[7]), (10, (0.108_774_198_435_242_83, 0.019_554_928_565_924_903, 0.000_189_149_919_097_626_3), Verdict::Regression, &[9, 10])],
        level: Some(835.138_521_444_197_2),
        latest: (7, 764.912_281_053_124_4, (0.112_859_620_070_210_55, 0.024_681_174_433_957_585, 0.000_395_065_479_306_687_5), 7.696_738_694_867_931, false, Verdict::Inconclusive),
        p: 3.673_417_667_136_048e-14, gated_p: 3.673_417_667_136_048e-14,
    },
    Expected {
        name: "latest out of line",
        values: &[513.9, 485.6, 494.1, 496.8, 502.3, 505.8, 487.7, 483.0, 500.0, 512.3, 507.6, 502.2, 496.8, 502.9, 497.6, 686.1],
        margins: &[f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 0.7, df: 20.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.624_810_065_782_283, 31.261, 0.023_713_478_429_029_655)),
        scan: Some((15, 12.987_996_222_791_047, 5.817_125_334_055_069e-13)),
        trend: Some((0.007_419_183_025_228_58, 5.768_996_559_707_719, 2.302_035_037_035_464_5e-06, 143.679_754_767_310_84)),
        steps: &[(15, (0.318_091_291_114_969_37, 0.024_491_175_209_674_844, 5.817_125_334_055_699e-13), Verdict::Regression, &[15])],
        level: Some(686.099_999_999_999_8),
        latest: (0, 499.162_701_931_551_3, (0.318_091_291_114_971_14, 0.023_770_383_274_792_71, 2.982_551_434_725_147e-14), 7.124_121_959_729_571, true, Verdict::Regression),
        p: 1.163_425_066_811_013_7e-12, gated_p: 1.163_425_066_811_013_7e-12,
    },
    Expected {
        name: "zeros and an offset",
        values: &[0.0, 0.0, 0.2, 0.1, 0.0, 0.3, 1.9, 2.2, 1.7],
        margins: &[f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN],
        offset: 0.25, lower_is_better: true,
        prior: Prior { scale: 4.0, df: 6.0, ar_inflation: 1.2, ..ASSUMED },
        model: Model::Steps,
        noise: Some((81.655_455_591_691_48, 11.925, 0.271_090_224_892_972_35)),
        scan: Some((6, 9.793_447_646_807_824, 3.602_687_594_777_113_3e-06)),
        trend: Some((0.310_726_304_871_158_5, 8.878_503_859_515_318, 1.334_244_433_653_192_4e-06, 25.489_083_357_764_983)),
        steps: &[(6, (1.877_303_397_229_244_6, 0.191_689_736_335_206_94, 3.602_687_594_777_113_3e-06), Verdict::Regression, &[6])],
        level: Some(1.923_767_302_548_466_5),
        latest: (6, 2.045_103_483_505_7, (-0.162_948_560_772_448_01, 0.343_737_284_763_641_1, 0.644_719_730_017_182_6), 187.871_049_844_410_52, true, Verdict::Inconclusive),
        p: 2.668_488_867_306_385e-06, gated_p: 2.668_488_867_306_385e-06,
    },
    Expected {
        name: "large margins",
        values: &[469.2, 505.4, 495.6, 522.2, 509.1, 613.2, 563.7, 563.6, 424.7, 486.6],
        margins: &[99.74, 146.28, 123.31, 137.88, 99.98, 93.42, 92.21, 122.01, f64::NAN, 86.6],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 0.2, df: 30.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.291_471_081_837_403_56, 35.639, 0.104_408_333_666_339_06)),
        scan: Some((8, -5.975_863_417_019_579, 6.123_798_310_151_683e-06)),
        trend: Some((-0.034_327_169_126_709_92, -3.987_302_048_325_929_6, 0.000_316_739_294_651_057_64, 27.813_063_481_294_96)),
        steps: &[(8, (-0.239_629_992_321_443_55, 0.040_099_643_448_838_32, 6.123_798_310_150_848e-06), Verdict::Improvement, &[8])],
        level: Some(426.485_574_781_738_6),
        latest: (8, 424.7, (0.136_059_393_030_197_2, 0.092_446_619_066_807_79, 0.149_791_927_265_783_28), 30.505_427_468_997_475, true, Verdict::Inconclusive),
        p: 1.224_759_662_030_336_6e-05, gated_p: 1.224_759_662_030_336_6e-05,
    },
    Expected {
        name: "spike",
        values: &[491.9, 515.3, 506.6, 497.0, 495.5, 504.9, 493.0, 490.8, 504.8, 787.9, 497.5, 494.5, 488.4, 486.8, 505.3, 508.6, 500.1, 503.3, 501.2, 501.4, 485.0],
        margins: &[f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN, f64::NAN],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 1.0, df: 4.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.546_976_090_877_449_9, 18.279, 0.022_187_349_589_117_33)),
        scan: Some((10, -5.211_846_703_795_341, 0.000_839_939_445_210_812_3)),
        trend: Some((-0.000_975_108_521_387_113_7, -1.219_531_122_559_161, 0.238_145_680_503_305_9, 413.593_876_632_856_1)),
        steps: &[(9, (0.454_929_799_969_304_94, 0.023_387_519_981_337_267, 1.024_506_911_396_137_4e-12), Verdict::Regression, &[9]), (10, (-0.459_962_290_234_552_8, 0.023_173_930_850_058_96, 8.867_492_675_951_958e-13), Verdict::Improvement, &[10])],
        level: Some(497.407_141_047_868_8),
        latest: (10, 498.665_179_574_440_2, (-0.027_785_996_787_565_104, 0.021_660_609_345_256_467, 0.216_367_390_029_344_6), 6.641_501_606_116_426, true, Verdict::Inconclusive),
        p: 0.001_679_878_890_421_624_6, gated_p: 0.001_679_878_890_421_624_6,
    },
    Expected {
        name: "forty, three steps",
        values: &[493.2, 501.7, 488.4, 492.9, 487.9, 495.0, 513.0, 493.9, 497.7, 614.8, 611.7, 631.3, 563.5, 615.6, 591.4, 602.4, 615.3, 619.8, 619.0, 602.8, 787.1, 743.7, 746.8, 768.2, 737.7, 800.2, 773.3, 800.6, 749.4, 741.4, 753.8, 613.4, 589.5, 606.9, 599.7, 629.8, 588.2, 619.1, 588.5, 583.0],
        margins: &[16.5, 14.75, f64::NAN, 20.08, 16.74, 12.72, 8.89, 20.39, 9.49, f64::NAN, 16.54, 16.71, 11.18, 21.42, 9.09, 16.88, 19.61, 25.78, f64::NAN, 12.08, 33.1, 14.16, 31.2, f64::NAN, 26.85, 22.83, 27.12, 27.67, 26.92, 18.6, 32.17, f64::NAN, f64::NAN, f64::NAN, 26.78, f64::NAN, 12.32, 18.3, 12.53, 16.86],
        offset: 0.0, lower_is_better: true,
        prior: Prior { scale: 0.9, df: 1000.0, ar_inflation: 1.0, ..ASSUMED },
        model: Model::Steps,
        noise: Some((0.900_679_646_235_619_5, 1032.734, 0.031_438_280_609_129_045)),
        scan: Some((9, 23.013_081_287_200_05, 2.423_687_698_276_212e-93)),
        trend: Some((0.007_238_545_170_315_952, 16.973_692_090_778_712, 3.500_138_347_021_609_7e-57, 649.667_509_836_892_6)),
        steps: &[(9, (0.201_894_723_442_997_3, 0.014_045_337_539_468_865, 1.443_979_953_175_731e-41), Verdict::Regression, &[9]), (20, (0.228_965_630_190_913_32, 0.013_493_186_165_507_749, 7.826_083_401_791_253e-56), Verdict::Regression, &[20]), (31, (-0.236_954_127_775_868_88, 0.014_031_139_483_120_174, 2.085_853_679_504_046_7e-55), Verdict::Improvement, &[31])],
        level: Some(602.338_743_415_353_9),
        latest: (31, 604.539_803_044_907_8, (-0.036_280_326_110_571_97, 0.033_449_465_546_609_18, 0.278_338_543_848_477_06), 9.834_027_136_042_565, false, Verdict::Inconclusive),
        p: 4.847_375_396_552_424e-93, gated_p: 4.847_375_396_552_424e-93,
    },
];
