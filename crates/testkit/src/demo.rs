//! The demo archive: three invented apps, four downloads, and a truth that is known because it was planted.
//!
//! `cargo run -p perfpower-testkit --example make_demo -- fixtures/demo` writes it. What is true of it stands in
//! [`truth`] and nowhere in the archive; the generator reads its effects from there, so that the two cannot part.

mod app;
mod devices;
mod diagnostics;
pub mod truth;
mod values;

use crate::{
    ArchiveFile,
    body::{ErrorBody, Insight, Metric, MetricsBody, OverviewBody, Section},
    json::Style,
};
use app::{AppPlan, LARDER, POCKET_CHESS, TIDEMARK};
use perfpower_model::{Day, DeviceClass};

/// The days of the four downloads, oldest first: the first Mondays of four months.
pub const SNAPSHOTS: [&str; 4] = ["2026-08-03", "2026-09-07", "2026-10-05", "2026-11-02"];

/// Every app of the archive, the one without data included.
pub const APPS: [&str; 4] = [LARDER.bundle_id, TIDEMARK.bundle_id, POCKET_CHESS.bundle_id, EMPTY_APP];

/// An app with too few users for any value.
pub const EMPTY_APP: &str = "com.example.lantern";

/// The one file that is no data: a script saved the 404 that the API gives for a build without signatures.
pub const ERROR_PAGE: &str = "com.example.pocketchess/2026-10-05/diagnosticSignatures.json";

/// The one body of values that is not gzipped: archives hold both, and this one can be looked at.
const UNPACKED_METRICS: &str = "com.example.pocketchess/2026-11-02/xcodeMetrics.json";

/// A metric whose largest delta over the aggregates is at least this goes to `trendingUp`. Apple publishes no number; a guess.
const TRENDING_FROM_PERCENT: f64 = 6.0;
/// A metric whose largest delta over the aggregates is at least this goes to `regressions`. Apple's sample lists +10 % there.
const REGRESSION_FROM_PERCENT: f64 = 9.0;

const CONFIG: &str = r#"# What the demo archive says of itself. Found because it lies in the archive's root; the rules that it is held to are
# not its own to say, and lie beside it.

# Names for people. Folders carry bundle ids.
[apps."com.example.larder"] # keeps a list of what is in the pantry
name = "Larder"

[apps."com.example.tidemark"] # a journal with tide tables
name = "Tidemark"

[apps."com.example.pocketchess"]
name = "Pocket Chess"

[apps."com.example.lantern"] # too few users for any value
name = "Lantern"
"#;

/// What `perfpower check` holds the demo to: `fixtures/gate.toml`, beside the archive and not in it.
pub const RULES: &str = r#"# What `perfpower check` holds the apps to. A rule trips on evidence: the whole interval lies beyond the bound.
[[rule]]
name = "launch budget"
app = "com.example.larder"
metric = "LAUNCH/launchTime"
device = "all_iphones"
percentile = "percentile.ninety"
max = 1500 # ms

[[rule]]
name = "open regressions"
max_open_regressions = 3
per = "app"
mode = "inform"
"#;

/// All files, sorted by path. The same bytes at each call.
pub fn files() -> Vec<ArchiveFile> {
    let mut files = vec![ArchiveFile::plain("perfpower.toml", CONFIG)];
    for (snapshot, day) in SNAPSHOTS.iter().enumerate() {
        for app in [&LARDER, &TIDEMARK, &POCKET_CHESS] {
            let folder = format!("{}/{day}", app.bundle_id);
            let body = metrics_body(app, snapshot);
            let path = format!("{folder}/xcodeMetrics.json");
            files.push(if path == UNPACKED_METRICS {
                ArchiveFile::plain(path, body.to_json(Style::Compact))
            } else {
                ArchiveFile::gzipped(path, body.to_json(Style::Compact))
            });
            let path = format!("{folder}/diagnosticSignatures.json");
            files.push(if path == ERROR_PAGE {
                ArchiveFile::plain(path, vanished_build().to_json(Style::Pretty))
            } else {
                ArchiveFile::plain(path, diagnostics::signatures(app, snapshot).to_json(Style::Pretty))
            });
            let logs = diagnostics::logs(app, snapshot);
            if !logs.signatures.is_empty() {
                let path = format!("{folder}/diagnosticLogs.json");
                files.push(ArchiveFile::gzipped(path, logs.to_json(Style::Compact)));
            }
            if app.bundle_id == LARDER.bundle_id && snapshot == SNAPSHOTS.len() - 1 {
                let overview = overview_body(app, snapshot, body);
                files
                    .push(ArchiveFile::plain(format!("{folder}/xcodeOverview.json"), overview.to_json(Style::Compact)));
            }
        }
    }
    // The app is young: the first two downloads did not know it.
    for day in &SNAPSHOTS[2..] {
        let empty = MetricsBody::new(Vec::new()).to_json(Style::Compact);
        files.push(ArchiveFile::plain(format!("{EMPTY_APP}/{day}/xcodeMetrics.json"), empty));
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// The values of one download, with the insights that Apple's rule finds in them.
fn metrics_body(app: &AppPlan, snapshot: usize) -> MetricsBody {
    let metrics: Vec<Metric> = app.metrics.iter().map(|plan| values::metric(app, plan, snapshot)).collect();
    let insights = app
        .metrics
        .iter()
        .zip(&metrics)
        .filter_map(|(plan, metric)| Insight::for_metric(metric, plan.title, TRENDING_FROM_PERCENT));
    let (regressions, trending_up) =
        insights.partition(|insight| insight.max_aggregate_delta_percent() >= REGRESSION_FROM_PERCENT);
    MetricsBody { regressions, trending_up, ..MetricsBody::new(metrics) }
}

/// The same values as the overview shows them: aggregates alone, under the names that people read.
fn overview_body(app: &AppPlan, snapshot: usize, body: MetricsBody) -> OverviewBody {
    let latest = app.window(snapshot).end - 1;
    let sections = app.metrics.iter().zip(body.metrics).enumerate().map(|(position, (plan, mut metric))| {
        metric.datasets.retain(|dataset| DeviceClass::of(&dataset.device).is_aggregate());
        Section {
            category_title: plan.category_title.to_owned(),
            title: plan.title.to_owned(),
            relevance: 1.0 - position as f64 / 20.0,
            metric,
        }
    });
    let [top_launches, top_hangs, top_disk_writes] =
        ["LAUNCHES", "HANGS", "DISK_WRITES"].map(|kind| diagnostics::top_signatures(app, snapshot, kind));
    OverviewBody {
        apple_id: app.apple_id.to_owned(),
        bundle_id: app.bundle_id.to_owned(),
        latest_version: Some(app.releases[latest].version.to_owned()),
        telemetry_identifier: "demo-larder".to_owned(),
        sections: sections.collect(),
        regressions: body.regressions,
        trending_up: body.trending_up,
        top_hangs,
        top_launches,
        top_disk_writes,
    }
}

/// Diagnostics of an old build are gone after a while.
fn vanished_build() -> ErrorBody {
    ErrorBody {
        id: "00000000-0000-4000-8000-000000000404".to_owned(),
        status: 404,
        code: "NOT_FOUND".to_owned(),
        title: "The resource is not there".to_owned(),
        detail: "no diagnosticSignatures for this build".to_owned(),
    }
}

/// A day written in this crate.
///
/// # Panics
/// When it is not one.
fn day(text: &str) -> Day {
    Day::parse(text).unwrap_or_else(|| panic!("no day: {text}"))
}
