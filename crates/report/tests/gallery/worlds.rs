//! The states of a page that matter, as analyses written by hand.

use super::finding::{id, point, step, today};
use perfpower_analysis::{
    Analysis, AppSummary, AppleInsightView, Attainment, Audit, BesideEvent, Breadth, Calibration, CategorySummary,
    Change, ClassEffect, DeviceEffect, DeviceSeries, DeviceSpread, FamilyCalibration, Finding, FindingKind, GoalSource,
    GoalStatus, HighImpactFit, InsightAudit, InsightNumbers, LengthCalibration, LevelGoal, LinkedFrame,
    LinkedSignature, NullCalibration, Options, OurVerdict, OurView, PlatformEvent, PopulationAudit, RelatedSeries,
    Segment, SeriesPoint, StackChange, StackLinks, StepState, StratumCalibration, SubsystemChange, Totals, Verdict,
    VersionProbability,
};
use perfpower_model::{ArchiveFacts, InputProblem, TextPlace};
use perfpower_model::{Day, InsightList, Kind, Problem, Severity};
use perfpower_report::CommandLine;
use perfpower_report::html::{CardDetail, Page, write_html};
use perfpower_report::sparkline::TextSeries;
use perfpower_stacks::{PairedTree, StackFrame, StackTree};
use std::collections::BTreeMap;

/// A page in one state.
pub(crate) struct World {
    /// Names the file.
    pub(crate) name: &'static str,
    pub(crate) analysis: Analysis,
    pub(crate) archive: ArchiveFacts,
    pub(crate) problems: Vec<InputProblem>,
    pub(crate) details: BTreeMap<u64, CardDetail>,
}

impl World {
    pub(crate) fn html(&self) -> std::io::Result<Vec<u8>> {
        let detail = |finding: &Finding| {
            let mut detail = self.details.get(&finding.id.0).cloned().unwrap_or_default();
            if detail.explain.is_empty() {
                detail.explain = explain(finding);
            }
            detail
        };
        let page = Page {
            analysis: &self.analysis,
            archive: &self.archive,
            problems: &self.problems,
            detail: &detail,
            archive_argument: &CommandLine::default().word("saves"),
            top: None,
            generator: "perfpower 0.1.0",
        };
        let mut out = Vec::new();
        write_html(&page, &mut out)?;
        Ok(out)
    }
}

/// Every state but the big one.
pub(crate) fn all() -> Vec<World> {
    vec![
        world("open", vec![rich_step()]),
        world("recovered", vec![recovered(), partly_recovered()]),
        world("drift", vec![drift()]),
        world("inconclusive", vec![inconclusive(), unchanged(), latest()]),
        world("mix-shift", vec![mix_shift()]),
        common_cause(),
        beside_event(),
        no_data(),
        world("one-version", vec![one_version()]),
        world("forty-versions", vec![forty_versions()]),
        hostile(),
        showcase(),
    ]
}

/// Numbers without a pattern, the same on every machine: a linear congruence after Knuth's MMIX.
struct Noise(u64);

impl Noise {
    /// In −1..1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (f64::midpoint(self.next(), 1.0) * bound as f64) as usize % bound.max(1)
    }
}

/// What the engine prints for `--explain`, near enough to lay out a page with.
fn explain(finding: &Finding) -> String {
    format!(
        "series      {}/{} {} {}\nquestion    {}\nnoise       5.0 % per version (own scatter, 6.3 degrees of freedom)\n\
         test        scan over {} splits, p = {:.4}; batch q = {:.4}\nlevels      {:.1} -> {:.1}\n\
         score       {:.3} = lower bound {:.3} x metric {} x percentile {} x breadth {} x goal {} x reach {}\n\n{}",
        finding.series.category,
        finding.series.metric,
        finding.device_label,
        finding.series.percentile_label,
        finding.kind.as_str(),
        finding.points.len().saturating_sub(1),
        finding.p,
        finding.q,
        finding.level_before,
        finding.level_after,
        finding.score,
        finding.score_factors.lower_bound,
        finding.score_factors.metric_weight,
        finding.score_factors.percentile_weight,
        finding.score_factors.breadth,
        finding.score_factors.goal,
        finding.score_factors.reach,
        text_chart(finding),
    )
}

/// Its series, with the version that it blames.
fn text_chart(finding: &Finding) -> String {
    let guilty = (finding.kind != FindingKind::Drift).then_some(finding.version.as_str());
    let of = finding.credible_versions.iter().find(|candidate| candidate.version == finding.version);
    let probability = of.map(|of| of.probability);
    let Finding { points, segments, unit_label, .. } = finding;
    TextSeries { points, segments, guilty, probability, unit_label: unit_label.as_deref() }.chart(72)
}

fn world(name: &'static str, findings: Vec<Finding>) -> World {
    let mut details = BTreeMap::new();
    for finding in &findings {
        if !finding.spread.devices.is_empty() {
            details.insert(finding.id.0, rich_detail(finding));
        }
    }
    let points: u64 = findings.iter().map(|finding| finding.points.len() as u64).sum();
    let apps = summaries(&findings);
    let analysis = Analysis {
        options: Options::default(),
        filter: perfpower_analysis::Filter::default(),
        totals: Totals {
            points: points * 3,
            distinct_points: points,
            revisions: 2,
            series: findings.len() as u64,
            snapshots: apps.len() as u64,
        },
        apps,
        findings,
        news: None,
        odd_readings: Vec::new(),
        platform_events: Vec::new(),
        apple_insights: Vec::new(),
        apple_cutoffs: Vec::new(),
        goals: Vec::new(),
        metrics: Vec::new(),
        settling: Vec::new(),
        calibration: calibration(points),
    };
    World { name, analysis, archive: archive(points), problems: Vec::new(), details }
}

fn archive(points: u64) -> ArchiveFacts {
    ArchiveFacts {
        documents: 3 + points / 20,
        bytes: 41_000 * (3 + points / 20),
        kinds: vec![(Kind::XcodeMetrics, 2 + points / 20), (Kind::DiagnosticSignatures, 1)],
        ..ArchiveFacts::default()
    }
}

fn calibration(points: u64) -> Calibration {
    Calibration {
        series: points / 5 + 1,
        not_judged: vec![("fewer than four versions".to_owned(), 12)],
        history: FamilyCalibration {
            families: points / 10 + 1,
            selected: 4,
            selected_level: 0.01,
            threshold: 0.008,
            nothing: NullCalibration { orders: 256, at_one: 0.12, decay: 0.85 },
            above_half_percent: 54.0,
            by_length: vec![LengthCalibration { versions: 5, families: 40, series: 80, claims: 2 }],
        },
        latest: FamilyCalibration {
            families: points / 10 + 1,
            selected: 1,
            selected_level: 0.002,
            threshold: 0.001,
            nothing: NullCalibration { orders: 0, at_one: 0.1, decay: 1.0 },
            above_half_percent: 61.0,
            by_length: Vec::new(),
        },
        strata: vec![StratumCalibration {
            name: "LAUNCH/launchTime percentile.fifty, without margins".to_owned(),
            series: 120,
            source: "stratum".to_owned(),
            is_fitted: true,
            scale: 0.0009,
            df: 6.3,
            autocorrelation: 0.12,
            heaviness: 0.06,
        }],
        alarms: Vec::new(),
    }
}

fn summaries(findings: &[Finding]) -> Vec<AppSummary> {
    let mut apps: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        apps.entry(&finding.series.app).or_default().push(finding);
    }
    apps.into_iter()
        .map(|(app, findings)| {
            let mut categories: BTreeMap<&str, CategorySummary> = BTreeMap::new();
            for finding in &findings {
                let summary = categories.entry(&finding.series.category).or_insert_with(|| CategorySummary {
                    category: finding.series.category.clone(),
                    series: 0,
                    open_regressions: 0,
                    improvements: 0,
                    unchanged: 3,
                    inconclusive: 2,
                    not_judged: 1,
                    worst_at_least_percent: Some(0.0),
                    worst_lower_bound: 0.0,
                });
                summary.series += 4;
                if finding.is_open_regression() {
                    summary.open_regressions += 1;
                    let worst = finding.at_least_percent.unwrap_or_default().max(0.0);
                    if summary.worst_at_least_percent.is_none_or(|known| worst > known) {
                        summary.worst_at_least_percent = Some(worst);
                        summary.worst_lower_bound = (worst / 100.0).ln_1p();
                    }
                }
                summary.improvements += usize::from(finding.verdict == Verdict::Improvement);
            }
            let first = findings[0];
            AppSummary {
                app: app.to_owned(),
                name: first.app_name.clone(),
                platform: Some("iOS".to_owned()),
                bundle_id: Some(app.to_owned()),
                latest_version: Some(first.latest_version.clone()),
                versions: first.points.iter().map(|point| point.version.clone()).collect(),
                snapshots: vec![Day::from_days(20_750), today()],
                series: findings.len() * 4,
                points: findings.iter().map(|finding| finding.points.len()).sum(),
                categories: categories.into_values().collect(),
            }
        })
        .collect()
}

// --- single findings --------------------------------------------------------------------------------------------------

fn named(mut finding: Finding, app: &str, category: &str, metric: &str, unit: &str) -> Finding {
    app.clone_into(&mut finding.app_name);
    finding.series.app = format!("com.example.{}", app.to_lowercase().replace(' ', "-"));
    category.clone_into(&mut finding.series.category);
    metric.clone_into(&mut finding.series.metric);
    finding.unit_label = Some(unit.to_owned());
    finding.id = id(&finding.series, finding.kind.as_str(), &finding.version);
    finding
}

/// A finding whose levels, versions and points fit each other: `levels` are (versions, level).
fn levelled(mut finding: Finding, levels: &[(usize, f64)], scatter: f64, margin: f64, seed: u64) -> Finding {
    let mut noise = Noise(seed);
    finding.points.clear();
    finding.segments.clear();
    for &(length, level) in levels {
        let start = finding.points.len();
        finding.segments.push(Segment { start, end: start + length, level });
        for _ in 0..length {
            let version = version(finding.points.len());
            let value = (level * (1.0 + scatter * noise.next()) * 10.0).round() / 10.0;
            let margin = (margin > 0.0 && noise.next() > -0.4)
                .then(|| (level * margin * (1.0 + 0.4 * noise.next()) * 10.0).round() / 10.0);
            finding.points.push(point(&version, value, margin));
        }
    }
    let (first, second) = (levels[0], levels.get(1).copied().unwrap_or(levels[0]));
    let last = levels.last().copied().unwrap_or(first);
    let guilty = if levels.len() > 1 { first.0 } else { finding.points.len() - 1 };
    finding.version = version(guilty);
    finding.version_before = version(guilty.saturating_sub(1));
    finding.latest_version = version(finding.points.len() - 1);
    finding.level_before = first.1;
    finding.level_after = second.1;
    finding.level_now = last.1;
    finding.change = Change::between(first.1, second.1);
    let percent = finding.change.percent().unwrap_or(0.0);
    finding.ci_percent = Some([percent - 60.0 * scatter.max(0.05), percent + 66.0 * scatter.max(0.05)]);
    finding.at_least_percent = finding.ci_percent.map(|[low, _]| (low - 1.4).max(0.0));
    finding.credible_versions = vec![
        VersionProbability { version: version(guilty), probability: 0.93 },
        VersionProbability { version: version(guilty.saturating_sub(1)), probability: 0.05 },
    ];
    finding
}

fn version(index: usize) -> String {
    format!("{}.{}", 3 + index / 6, index % 6)
}

/// Everything a card can show, at once.
fn rich_step() -> Finding {
    let mut finding = levelled(step(), &[(8, 612.0), (3, 802.0)], 0.02, 0.03, 7);
    finding = named(finding, "Photon", "LAUNCH", "launchTime", "ms");
    finding.listed_by_apple = true;
    let last = finding.points.len() - 1;
    finding.points[last].revisions = vec![(Day::from_days(20_766), finding.points[last].value * 1.09)];
    finding.points[last - 1].revisions = vec![
        (Day::from_days(20_766), finding.points[last - 1].value * 1.012),
        (Day::from_days(20_752), finding.points[last - 1].value * 1.06),
    ];
    finding.goal = Some(GoalStatus {
        series: finding.series.clone(),
        percentile: Some(50.0),
        unit_label: Some("ms".to_owned()),
        source: GoalSource::Recommended(Some("similar apps".to_owned())),
        bound: Some(700.0),
        label: None,
        label_before: None,
        version: finding.latest_version.clone(),
        level: finding.level_now,
        probability: Some(0.004),
        attainment: Attainment::Missed,
        distance_percent: Some(14.6),
        transition: true,
    });
    let devices = [
        ("iPhone13,2", "iPhone 12", 44.0, true),
        ("iPhone12,1", "iPhone 11", 39.0, true),
        ("iPhone14,5", "iPhone 13", 31.0, false),
        ("iPhone15,2", "iPhone 14 Pro", 27.0, false),
        ("iPhone15,4", "iPhone 15", 24.0, false),
        ("iPhone16,1", "iPhone 15 Pro", 22.0, false),
    ];
    finding.spread = DeviceSpread {
        breadth: Breadth::Broad,
        pooled_percent: Some(30.0),
        heterogeneity: Some(0.3),
        devices: devices
            .iter()
            .map(|&(device, label, percent, stands_out)| DeviceEffect {
                probability: None,
                device: device.to_owned(),
                label: label.to_owned(),
                change: Change::Percent(percent),
                ci_percent: Some([percent - 9.0, percent + 11.0]),
                deviation: 1.0,
                stands_out,
            })
            .collect(),
        classes: vec![ClassEffect {
            class: "iPhone, 4 GB".to_owned(),
            devices: 3,
            percent: Some(38.0),
            ci_percent: Some([29.0, 47.0]),
        }],
    };
    finding.also = vec![
        RelatedSeries {
            id: id(&finding.series, "step", "p90"),
            device: "all_iphones".to_owned(),
            device_label: "All iPhones".to_owned(),
            percentile_label: "percentile.ninety".to_owned(),
            percentile: Some(90.0),
            change: Change::Percent(34.0),
        },
        RelatedSeries {
            id: id(&finding.series, "step", "ipad"),
            device: "all_ipads".to_owned(),
            device_label: "All iPads".to_owned(),
            percentile_label: "percentile.fifty".to_owned(),
            percentile: Some(50.0),
            change: Change::Percent(21.0),
        },
    ];
    finding.links = StackLinks {
        note: None,
        signatures: vec![LinkedSignature {
            id: Some("b2a1".to_owned()),
            text: Some("Photon: -[CatalogueStore migrateIfNeeded] + 212".to_owned()),
            weight_before_percent: None,
            weight_after_percent: Some(31.0),
        }],
        frames: vec![
            LinkedFrame {
                symbol: "CatalogueStore.migrateIfNeeded()".to_owned(),
                binary: Some("Photon".to_owned()),
                place: Some("CatalogueStore.swift:88".to_owned()),
                owner: Some("Catalogue".to_owned()),
                share_before_percent: 2.0,
                share_after_percent: 29.0,
                significant: true,
            },
            LinkedFrame {
                symbol: "ImageCache.warmUp(_:)".to_owned(),
                binary: Some("Photon".to_owned()),
                place: Some("ImageCache.swift:41".to_owned()),
                owner: None,
                share_before_percent: 6.0,
                share_after_percent: 9.0,
                significant: false,
            },
        ],
    };
    finding
}

fn rich_detail(finding: &Finding) -> CardDetail {
    let mut noise = Noise(finding.id.0);
    let devices = finding
        .spread
        .devices
        .iter()
        .map(|effect| {
            let speed = 1.0 + 0.25 * noise.next();
            let gap = noise.below(finding.points.len().max(1));
            let values = finding.points.iter().enumerate().map(|(at, point)| {
                let level = finding.segments.iter().find(|s| at < s.end).map_or(point.value, |s| s.level);
                let extra = if level > finding.level_before {
                    1.0 + effect.change.percent().unwrap_or(0.0) / 100.0
                } else {
                    1.0
                };
                (at != gap).then(|| finding.level_before * speed * extra * (1.0 + 0.02 * noise.next()))
            });
            DeviceSeries { device: effect.device.clone(), values: values.collect() }
        })
        .collect();
    CardDetail { explain: String::new(), devices, goal_bands: Vec::new(), stacks: Some(stacks()) }
}

/// Self samples of a thousand on each side.
fn stacks() -> StackChange {
    let nodes = [
        (StackTree::ROOT, "main", "Photon", 0, 20, 10),
        (0, "UIApplicationMain", "UIKitCore", 0, 20, 10),
        (1, "AppDelegate.application(_:didFinishLaunchingWithOptions:)", "AppDelegate.swift", 24, 40, 50),
        (2, "CatalogueStore.open()", "CatalogueStore.swift", 41, 40, 30),
        (3, "CatalogueStore.migrateIfNeeded()", "CatalogueStore.swift", 88, 10, 70),
        (4, "sqlite3_step", "libsqlite3.dylib", 0, 5, 100),
        (5, "pread", "libsystem_kernel.dylib", 0, 5, 120),
        (3, "sqlite3_prepare_v2", "libsqlite3.dylib", 0, 80, 60),
        (2, "ImageCache.warmUp(_:)", "ImageCache.swift", 41, 120, 100),
        (2, "Theme.load()", "Theme.swift", 12, 160, 110),
        (1, "-[UIScene _performLaunch]", "UIKitCore", 0, 140, 120),
        (10, "HomeViewController.viewDidLoad()", "HomeViewController.swift", 30, 300, 180),
        (1, "CFRunLoopRun", "CoreFoundation", 0, 60, 40),
    ];
    let frames = nodes.iter().map(|&(_, name, place, line, ..)| StackFrame {
        name: name.to_owned(),
        binary: Some(if line > 0 { "Photon" } else { place }.to_owned()),
        file: (line > 0).then(|| place.to_owned()),
        line: std::num::NonZeroU32::new(line),
        is_blame: name.contains("migrate"),
        ..StackFrame::default()
    });
    let paired = nodes.iter().enumerate().map(|(at, &(parent, .., before, after))| (parent, at as u32, before, after));
    StackChange {
        from: Some("4.1".to_owned()),
        to: "4.2".to_owned(),
        tree: PairedTree::from_nodes(frames.collect(), paired),
    }
}

fn recovered() -> Finding {
    let mut finding = levelled(step(), &[(5, 210.0), (3, 268.0), (4, 213.0)], 0.02, 0.02, 11);
    finding.state = Some(StepState::Recovered);
    named(finding, "Meridian", "MEMORY", "peakMemory", "MB")
}

fn partly_recovered() -> Finding {
    let mut finding = levelled(step(), &[(5, 31.0), (3, 48.0), (4, 38.0)], 0.03, 0.05, 12);
    finding.state = Some(StepState::PartlyRecovered);
    finding.at_least_percent = Some(9.0);
    named(finding, "Meridian", "DISK", "diskWrites", "MB")
}

fn drift() -> Finding {
    let mut finding = levelled(step(), &[(12, 100.0)], 0.0, 0.02, 13);
    let mut noise = Noise(5);
    for (index, point) in finding.points.iter_mut().enumerate() {
        point.value = (1000.0 * (1.0 + 0.025 * index as f64 + 0.012 * noise.next())).round() / 10.0;
    }
    finding.kind = FindingKind::Drift;
    finding.state = None;
    finding.segments.clear();
    finding.credible_versions.clear();
    "3.0".clone_into(&mut finding.version);
    finding.level_before = 100.0;
    finding.level_after = 127.5;
    finding.level_now = 127.5;
    finding.change = Change::between(100.0, 127.5);
    finding.ci_percent = Some([21.0, 34.0]);
    finding.at_least_percent = Some(18.0);
    named(finding, "Alder", "BATTERY", "onScreen", "%/day")
}

fn inconclusive() -> Finding {
    let mut finding = levelled(step(), &[(6, 4.1)], 0.25, 0.2, 17);
    finding.kind = FindingKind::Latest;
    finding.verdict = Verdict::Inconclusive;
    finding.state = None;
    finding.change = Change::Percent(8.0);
    finding.ci_percent = Some([-17.0, 29.0]);
    finding.at_least_percent = Some(0.0);
    finding.credible_versions.clear();
    finding.goal = Some(GoalStatus {
        series: finding.series.clone(),
        percentile: Some(50.0),
        unit_label: Some("ms/s".to_owned()),
        source: GoalSource::Bound("good".to_owned()),
        bound: Some(5.0),
        label: Some("good".to_owned()),
        label_before: None,
        version: "3.5".to_owned(),
        level: 4.1,
        probability: Some(0.81),
        attainment: Attainment::Borderline,
        distance_percent: Some(-18.0),
        transition: false,
    });
    for point in &mut finding.points {
        point.goal = Some("good".to_owned());
    }
    named(finding, "Quill", "ANIMATION", "scrollHitchRate", "ms/s")
}

fn unchanged() -> Finding {
    let mut finding = levelled(step(), &[(14, 880.0)], 0.008, 0.0, 19);
    finding.kind = FindingKind::Latest;
    finding.verdict = Verdict::Unchanged;
    finding.state = None;
    finding.change = Change::Percent(-0.4);
    finding.level_after = 876.0;
    finding.ci_percent = Some([-2.4, 1.7]);
    finding.at_least_percent = Some(0.0);
    finding.credible_versions.clear();
    named(finding, "Quill", "LAUNCH", "launchTime", "ms")
}

fn latest() -> Finding {
    let mut finding = levelled(step(), &[(7, 15.0), (1, 21.0)], 0.03, 0.04, 23);
    finding.kind = FindingKind::Latest;
    finding.state = None;
    finding.provisional = true;
    named(finding, "Quill", "HANG", "hangRate", "s/h")
}

fn mix_shift() -> Finding {
    let mut finding = levelled(step(), &[(6, 1150.0), (3, 1290.0)], 0.01, 0.0, 29);
    // As the engine has it: what no device confirms is no regression.
    finding.verdict = Verdict::Inconclusive;
    finding.at_least_percent = Some(0.0);
    finding.spread.breadth = Breadth::MixShift;
    finding.spread.devices = [("iPhone11,8", "iPhone XR", -4.0), ("iPhone16,1", "iPhone 15 Pro", -6.0)]
        .iter()
        .map(|&(device, label, percent)| DeviceEffect {
            probability: None,
            device: device.to_owned(),
            label: label.to_owned(),
            change: Change::Percent(percent),
            ci_percent: Some([percent - 5.0, percent + 5.0]),
            deviation: 0.2,
            stands_out: false,
        })
        .collect();
    named(finding, "Meridian", "LAUNCH", "launchTime", "ms")
}

fn one_version() -> Finding {
    let mut finding = levelled(step(), &[(1, 42.0)], 0.0, 0.1, 31);
    finding.kind = FindingKind::Latest;
    finding.verdict = Verdict::Inconclusive;
    finding.state = None;
    finding.change = Change::Undefined;
    finding.ci_percent = Some([f64::NAN, f64::NAN]);
    finding.at_least_percent = Some(0.0);
    finding.credible_versions.clear();
    finding.segments.clear();
    named(finding, "Newcomer", "STORAGE", "documentsAndData", "MB")
}

fn forty_versions() -> Finding {
    let finding = levelled(step(), &[(17, 96.0), (12, 118.0), (11, 131.0)], 0.02, 0.015, 37);
    named(finding, "Longplay", "MEMORY", "averageMemory", "MB")
}

fn improvement() -> Finding {
    let mut finding = levelled(step(), &[(5, 5.2), (5, 3.1)], 0.04, 0.06, 41);
    finding.verdict = Verdict::Improvement;
    finding.at_least_percent = Some(0.0);
    finding.ci_percent = Some([-47.0, -33.0]);
    named(finding, "Quill", "HANG", "hangRate", "s/h")
}

fn battery_subsystems() -> Finding {
    let mut finding = levelled(step(), &[(5, 14.2), (4, 18.9)], 0.03, 0.04, 43);
    finding.subsystems =
        [("networking", 22.0, 38.0), ("location", 8.0, 11.0), ("display", 41.0, 31.0), ("processing", 29.0, 20.0)]
            .iter()
            .map(|&(subsystem, before, after)| SubsystemChange {
                subsystem: subsystem.to_owned(),
                share_before_percent: before,
                share_after_percent: after,
                difference: (18.9 * after - 14.2 * before) / 100.0,
            })
            .collect();
    finding.spread = DeviceSpread {
        breadth: Breadth::Localised,
        pooled_percent: Some(20.0),
        heterogeneity: Some(0.7),
        devices: [
            ("iPhone15,2", "iPhone 14 Pro", 52.0, true),
            ("iPhone14,5", "iPhone 13", 9.0, false),
            ("iPhone12,1", "iPhone 11", 4.0, false),
        ]
        .iter()
        .map(|&(device, label, percent, stands_out)| DeviceEffect {
            probability: None,
            device: device.to_owned(),
            label: label.to_owned(),
            change: Change::Percent(percent),
            ci_percent: Some([percent - 14.0, percent + 16.0]),
            deviation: 2.8,
            stands_out,
        })
        .collect(),
        classes: Vec::new(),
    };
    named(finding, "Alder", "BATTERY", "total", "%/day")
}

// --- whole pages ------------------------------------------------------------------------------------------------------

fn insight(finding: &Finding) -> AppleInsightView {
    let count = finding.points.len();
    let reference: Vec<&SeriesPoint> = finding.points[count - 5..count - 1].iter().collect();
    let average = (reference.iter().map(|point| point.value).sum::<f64>() / 4.0 * 100.0).round() / 100.0;
    let latest = finding.points[count - 1].value;
    let numbers = InsightNumbers {
        reference_average: Some(average),
        latest: Some(latest),
        delta_percent: Some((100.0 * (latest / average - 1.0)).round()),
    };
    AppleInsightView {
        is_newest: true,
        app: finding.series.app.clone(),
        app_name: finding.app_name.clone(),
        audit: InsightAudit {
            snapshot: today(),
            list: InsightList::Regressions,
            category: finding.series.category.clone(),
            metric: finding.series.metric.clone(),
            unit_label: finding.unit_label.clone(),
            latest_version: Some(finding.latest_version.clone()),
            reference_versions: reference.iter().map(|point| point.version.clone()).collect(),
            subsystem: None,
            summary: None,
            high_impact: Some(false),
            high_impact_fit: HighImpactFit::Both,
            max_latest_reported: Some(latest),
            max_latest_recomputed: Some(latest),
            audit: Audit::Agrees,
            populations: vec![PopulationAudit {
                device: finding.series.device.clone(),
                percentile_label: finding.series.percentile_label.clone(),
                percentile: finding.percentile,
                audit: Audit::Agrees,
                reason: None,
                reported: numbers,
                recomputed: numbers,
                delta_exact_percent: numbers.delta_percent,
                previous: None,
                largest_jump: None,
            }],
        },
        our_view: OurView {
            verdict: OurVerdict::EarlierVersion,
            version: Some(finding.version.clone()),
            state: Some(StepState::Open),
            recovered_in: None,
            finding: Some(finding.id),
            latest: None,
            diluting_versions: Vec::new(),
            populations: Vec::new(),
        },
    }
}

fn common_cause() -> World {
    let apps = ["Alder", "Birch", "Cedar", "Elm", "Fir", "Hazel"];
    let findings: Vec<Finding> = apps
        .iter()
        .enumerate()
        .map(|(seed, app)| {
            let finding = levelled(
                step(),
                &[(7, 400.0 + 90.0 * seed as f64), (2, (400.0 + 90.0 * seed as f64) * 1.18)],
                0.015,
                0.0,
                seed as u64,
            );
            named(finding, app, "LAUNCH", "launchTime", "ms")
        })
        .collect();
    let mut world = world("common-cause", findings);
    world.analysis.platform_events = vec![PlatformEvent {
        category: "LAUNCH".to_owned(),
        metric: "launchTime".to_owned(),
        device: "iPhone12,1".to_owned(),
        device_label: "iPhone 11".to_owned(),
        day: Day::from_ymd(2026, 9, 15),
        apps_affected: 6,
        apps_measured: 7,
        median_percent: 18.0,
        p: 1e-6,
        findings: world.analysis.findings.iter().map(|finding| finding.id).collect(),
    }];
    for finding in &mut world.analysis.findings {
        finding.platform_event = Some(0);
    }
    world
}

/// A seventh app that the cause hit, and that did more by itself.
fn beside_event() -> World {
    let mut own = levelled(step(), &[(7, 400.0), (2, 520.0)], 0.015, 0.0, 9);
    own.at_least_percent = Some(7.0);
    own.beside_event = Some(BesideEvent {
        event: 0,
        device: "iPhone14,5".to_owned(),
        device_label: "iPhone 13".to_owned(),
        change: Change::Percent(12.0),
    });
    let mut world = World { name: "beside-event", ..common_cause() };
    world.analysis.findings.insert(0, named(own, "Larch", "LAUNCH", "launchTime", "ms"));
    world
}

fn no_data() -> World {
    let mut world = world("no-data", Vec::new());
    world.analysis.totals = Totals::default();
    world.analysis.calibration = Calibration::default();
    world.analysis.apps = vec![AppSummary {
        app: "com.example.silent".to_owned(),
        name: "Silent".to_owned(),
        platform: None,
        bundle_id: None,
        latest_version: None,
        versions: Vec::new(),
        snapshots: vec![today()],
        series: 0,
        points: 0,
        categories: Vec::new(),
    }];
    world.problems = problems();
    world
}

fn problems() -> Vec<InputProblem> {
    let mut truncated = Problem::new(Severity::Error, "truncated-json", "the document ends inside a list of points")
        .with_hint("download it again; the first 1.2 MB arrived")
        .at("productData[0].metricCategories[2].metrics[0].datasets[4].points");
    truncated.place = Some(TextPlace { line: 1, column: 1_204_331 });
    vec![
        InputProblem { path: Some("alder/2026-11-23/xcodeMetrics.json".to_owned()), problem: truncated },
        InputProblem {
            path: Some("birch/2026-11-23/metrics.json".to_owned()),
            problem: Problem::new(Severity::Error, "login-page", "an HTML page instead of JSON")
                .with_hint("the token had expired when this was saved"),
        },
        InputProblem {
            path: Some("cedar/2026-11-09/logs.json".to_owned()),
            problem: Problem::new(
                Severity::Warning,
                "unknown-field",
                "2 fields nobody has described: kept and counted",
            ),
        },
    ]
}

/// Names that would do harm, in every place that holds a name.
pub(crate) const HOSTILE: [&str; 8] = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "=HYPERLINK(\"http://example.invalid\",\"x\")",
    "\u{1b}]0;owned\u{7}\u{9b}31m",
    "\u{202e}gnp.exe\u{2066}",
    "\"><svg onload=alert(3)>",
    "${alert(4)}{{7*7}}{% raw %}",
    "<!--<script>\u{2028}'&amp;]]>",
];

fn hostile() -> World {
    let long = "Module.".to_owned() + &"x".repeat(10_000) + ".function()";
    let texts: Vec<&str> = HOSTILE.iter().copied().chain([long.as_str()]).collect();
    let mut world = called(&texts);
    world.problems = HOSTILE
        .iter()
        .map(|text| InputProblem {
            path: Some(format!("dir/{text}.json")),
            problem: Problem::new(Severity::Error, "hostile", format!("found {text}")).with_hint(*text).at(*text),
        })
        .collect();
    world
}

/// One finding per text, with the text as every name.
pub(crate) fn called(texts: &[&str]) -> World {
    let mut findings = Vec::new();
    for (index, text) in texts.iter().copied().enumerate() {
        let mut finding = rich_step();
        let own = |what: &str| format!("{what} {text}");
        finding.app_name = own("app");
        finding.series.app = own("key");
        text.clone_into(&mut finding.series.platform);
        finding.series.category = own("category");
        finding.series.metric = own("metric");
        finding.series.device = own("device");
        finding.device_label = own("device");
        finding.series.percentile_label = own("percentile");
        finding.percentile = None;
        finding.unit_label = Some(text.to_owned());
        finding.version = own("v");
        finding.version_before = own("b");
        finding.latest_version = own("l");
        finding.points[8].version = own("v");
        finding.points[10].version = own("l");
        finding.points[3].goal = Some(own("goal"));
        finding.credible_versions[0].version = own("v");
        finding.also[0].device = own("also");
        finding.spread.devices[0].label = own("label");
        finding.spread.devices[0].device = own("id");
        finding.subsystems = vec![SubsystemChange {
            subsystem: own("subsystem"),
            share_before_percent: f64::NAN,
            share_after_percent: 3e300,
            difference: f64::INFINITY,
        }];
        finding.links.note = Some(own("note"));
        finding.links.signatures[0].text = Some(own("signature"));
        finding.links.frames[0].symbol = own("symbol");
        finding.links.frames[0].binary = Some(own("binary"));
        finding.links.frames[0].place = Some(own("file"));
        if let Some(goal) = &mut finding.goal {
            goal.source = GoalSource::Bound(own("goal"));
            goal.unit_label = Some(text.to_owned());
        }
        finding.id = id(&finding.series, "step", &index.to_string());
        findings.push(finding);
    }
    let mut world = world("hostile", findings);
    for (finding, text) in world.analysis.findings.iter().zip(texts.iter().copied()) {
        let mut detail = rich_detail(finding);
        detail.explain = format!("line one {text}\nline two");
        detail.goal_bands = vec![LevelGoal { label: text.to_owned(), lower: None, upper: Some(700.0) }];
        if let Some(stacks) = &mut detail.stacks {
            stacks.from = Some(text.to_owned());
            text.clone_into(&mut stacks.tree.frames[2].name);
            stacks.tree.frames[2].file = Some(text.to_owned());
        }
        world.details.insert(finding.id.0, detail);
    }
    world.analysis.apple_insights = world.analysis.findings.iter().map(insight).collect();
    for view in &mut world.analysis.apple_insights {
        view.audit.populations[0].reason = Some(HOSTILE[0].to_owned());
    }
    world
}

/// A batch as a team would meet it: this is what the pictures show.
fn showcase() -> World {
    let findings = vec![
        rich_step(),
        battery_subsystems(),
        partly_recovered(),
        forty_versions(),
        drift(),
        latest(),
        recovered(),
        improvement(),
        mix_shift(),
        inconclusive(),
    ];
    let mut world = world("showcase", findings);
    world.analysis.apple_insights = vec![insight(&world.analysis.findings[0])];
    world.problems = problems();
    world.analysis.totals.series = 1_284;
    world.analysis.totals.distinct_points = 15_422;
    world.archive.documents = 96;
    world.archive.bytes = 118_400_000;
    world.archive.kinds = vec![(Kind::XcodeMetrics, 72), (Kind::DiagnosticSignatures, 18), (Kind::DiagnosticLogs, 6)];
    world.details.remove(&world.analysis.findings[1].id.0);
    let idle = |name: &str, categories: &[&str]| AppSummary {
        app: format!("com.example.{}", name.to_lowercase()),
        name: name.to_owned(),
        platform: Some("iOS".to_owned()),
        bundle_id: None,
        latest_version: Some("5.2".to_owned()),
        versions: vec!["5.1".to_owned(), "5.2".to_owned()],
        snapshots: vec![today()],
        series: 12,
        points: 90,
        categories: categories
            .iter()
            .enumerate()
            .map(|(index, category)| CategorySummary {
                category: (*category).to_owned(),
                series: if index % 3 == 2 { 0 } else { 4 },
                open_regressions: 0,
                improvements: 0,
                unchanged: 1,
                inconclusive: 3,
                not_judged: 2,
                worst_at_least_percent: Some(0.0),
                worst_lower_bound: 0.0,
            })
            .collect(),
    };
    world.analysis.apps.push(idle("Cedar", &["LAUNCH", "MEMORY", "DISK", "HANG", "BATTERY"]));
    world.analysis.apps.push(idle("Hazel", &["LAUNCH", "HANG"]));
    world.analysis.calibration.series = 1_284;
    world.analysis.calibration.history.families = 214;
    world.analysis.calibration.history.selected = 9;
    world.analysis.calibration.latest.families = 214;
    world
}

/// Findings by the thousand, all of the usual size.
pub(crate) fn many(count: usize) -> World {
    let mut noise = Noise(97);
    let metrics = [
        ("LAUNCH", "launchTime", "ms", 800.0),
        ("MEMORY", "peakMemory", "MB", 300.0),
        ("HANG", "hangRate", "s/h", 12.0),
        ("DISK", "diskWrites", "MB", 90.0),
        ("BATTERY", "onScreen", "%/day", 9.0),
        ("ANIMATION", "scrollHitchRate", "ms/s", 5.0),
    ];
    let findings = (0..count)
        .map(|index| {
            let (category, metric, unit, level) = metrics[index % metrics.len()];
            let (before, after) = (4 + noise.below(8), 2 + noise.below(8));
            let rise = 1.08 + 0.5 * (1.0 - index as f64 / count as f64) + 0.03 * noise.next();
            let mut finding = levelled(step(), &[(before, level), (after, level * rise)], 0.02, 0.03, index as u64);
            finding.spread = rich_step().spread;
            finding.state = Some(if index % 7 == 3 { StepState::Recovered } else { StepState::Open });
            if index % 5 == 4 {
                finding.verdict = Verdict::Improvement;
            }
            finding.score = 1.0 - index as f64 / count as f64;
            named(finding, &format!("App {:03}", index % 300), category, metric, unit)
        })
        .enumerate()
        .map(|(index, mut finding)| {
            finding.id = id(&finding.series, "step", &index.to_string());
            finding
        })
        .collect();
    let mut world = world("many", findings);
    world.problems = problems();
    world
}
