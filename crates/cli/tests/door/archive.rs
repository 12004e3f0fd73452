//! Archives of a few files, read and judged, and bodies to put into them.

use perfpower_analysis::{Analysis, Filter, Judged, Options};
use perfpower_ingest::{ReadPlan, Reading, Rules, Sources, read_archive};
use perfpower_testkit::Rng;
use std::fs;

/// Eight releases of an app.
pub(crate) const VERSIONS: [&str; 8] = ["3.1.0", "3.2.0", "3.3.0", "3.4.0", "3.5.0", "3.6.0", "3.7.0", "3.8.0"];

/// Paths below the archive, and what lies there.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Reads an archive that a directory of a neutral name holds.
pub(crate) fn read(files: &Files) -> Reading {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("saves");
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        // All of one second: when a test wrote a file tells nothing.
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_000_000);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }
    let plan = ReadPlan {
        sources: Sources::of_paths([root]),
        rules: Rules::default(),
        describe_inputs: true,
        ..ReadPlan::default()
    };
    read_archive(&plan, &())
}

pub(crate) fn judged(reading: &Reading) -> Analysis {
    Judged::new(&reading.histories, &Options::default()).analysis(&Filter::default()).into_owned()
}

/// Apps that have values, each with the versions that its regressions are blamed on: `com.acme.one: 3.6.0`, `com.acme.two: –`.
pub(crate) fn verdicts(reading: &Reading) -> Vec<String> {
    let analysis = judged(reading);
    let measured = reading.histories.in_memory().iter().filter(|history| !history.table.is_empty());
    let line = |app: &str| {
        let mut versions: Vec<&str> = analysis
            .findings
            .iter()
            .filter(|finding| finding.series.app == app)
            .map(|finding| &*finding.version)
            .collect();
        versions.sort_unstable();
        versions.dedup();
        format!("{app}: {}", if versions.is_empty() { "–".to_owned() } else { versions.join(" ") })
    };
    measured.map(|history| line(&history.app)).collect()
}

/// Codes of all that is told, each once.
pub(crate) fn codes(reading: &Reading) -> Vec<&str> {
    let mut codes: Vec<&str> = reading.problems.iter().map(|problem| problem.problem.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// A metric's entry in a body of metrics.
pub(crate) struct Values<'a> {
    pub(crate) category: &'a str,
    pub(crate) metric: &'a str,
    pub(crate) unit: (&'a str, &'a str),
    /// Each with its typical value.
    pub(crate) points: Vec<(String, f64)>,
    /// Of the values' scatter.
    pub(crate) seed: u64,
}

impl<'a> Values<'a> {
    /// Launch times in ms.
    pub(crate) fn launches(points: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let points = points.into_iter().map(|(version, value)| (version.to_owned(), value)).collect();
        Self { category: "LAUNCH", metric: "launchTime", unit: ("milliseconds", "ms"), points, seed: 1 }
    }

    /// The datasets of a few populations, with a scatter of one percent that is the same for a version in every document.
    pub(crate) fn datasets(&self) -> String {
        let populations = [
            ("all_iphones", "All iPhones", "fifty", 1.0),
            ("all_iphones", "All iPhones", "ninety", 1.7),
            ("iPhone14,5", "iPhone 13", "fifty", 0.9),
            ("iPhone12,1", "iPhone 11", "fifty", 1.2),
        ];
        let dataset = |(device, name, percentile, factor): (&str, &str, &str, f64)| {
            let point = |(version, value): &(String, f64)| {
                let mut rng = Rng::keyed(self.seed, &format!("{device} {percentile} {version}"), 0);
                let value = value * factor * (1.0 + 0.01 * rng.normal().clamp(-2.0, 2.0));
                format!(r#"{{"version":"{version}","value":{value:.4}}}"#)
            };
            let points: Vec<String> = self.points.iter().map(point).collect();
            format!(
                r#"{{"filterCriteria":{{"percentile":"percentile.{percentile}","device":"{device}","deviceMarketingName":"{name}"}},"points":[{}]}}"#,
                points.join(",")
            )
        };
        populations.map(dataset).join(",")
    }

    fn metric(&self) -> String {
        let Self { metric, unit: (unit, label), .. } = self;
        format!(
            r#"{{"identifier":"{metric}","unit":{{"identifier":"{unit}","displayName":"{label}"}},"datasets":[{}]}}"#,
            self.datasets()
        )
    }

    /// An entry of `productData`, with fields beside.
    pub(crate) fn product(&self, platform: &str, fields: &str) -> String {
        format!(
            r#"{{"platform":"{platform}",{fields}"metricCategories":[{{"identifier":"{}","metrics":[{}]}}]}}"#,
            self.category,
            self.metric()
        )
    }

    pub(crate) fn body(&self) -> String {
        body_of(&[self.product("iOS", "")])
    }
}

pub(crate) fn body_of(products: &[String]) -> String {
    format!(r#"{{"version":"1.0.0","productData":[{}]}}"#, products.join(","))
}

/// 800 ms, and from 3.6.0 on 1,100.
pub(crate) fn step_points() -> Vec<(&'static str, f64)> {
    VERSIONS.iter().enumerate().map(|(at, version)| (*version, if at < 5 { 800.0 } else { 1100.0 })).collect()
}

/// 500 ms throughout.
pub(crate) fn flat_points() -> Vec<(&'static str, f64)> {
    VERSIONS.map(|version| (version, 500.0)).to_vec()
}

pub(crate) fn step() -> String {
    Values::launches(step_points()).body()
}

pub(crate) fn flat() -> String {
    Values::launches(flat_points()).body()
}

/// An overview of an app, with the metric under a category of its own spelling.
pub(crate) fn overview(bundle: &str, apple: &str, category: &str, values: &Values<'_>) -> String {
    let latest = values.points.last().map_or("", |(version, _)| version);
    format!(
        r#"{{"version":"4.0.0","telemetryIdentifier":"t","appMetadata":{{"appId":"{apple}","bundleId":"{bundle}","platform":"iOS","latestVersion":"{latest}"}},"insights":{{"regressions":[],"trendingUp":[]}},"categories":[{{"identifier":"{category}","displayName":"x","sections":[{{"identifier":"{}","displayName":"x","unit":{{"identifier":"milliseconds","displayName":"ms"}},"datasets":[{}]}}]}}]}}"#,
        values.metric,
        values.datasets()
    )
}

/// One log, its stacks given as they stand in the body.
pub(crate) fn log(bundle: &str, version: &str, per_thread: bool, stacks: &[String]) -> String {
    let bundle = if bundle.is_empty() { String::new() } else { format!(r#""bundleId":"{bundle}","#) };
    format!(
        r#"{{"diagnosticMetaData":{{{bundle}"event":"hang","appVersion":"{version}","buildVersion":"45","deviceType":"iPhone14,5","osVersion":"iPhone OS 18.1"}},"callStackTree":[{{"callStackPerThread":{per_thread},"callStacks":[{}]}}]}}"#,
        stacks.join(",")
    )
}

/// The stack of one thread, outermost frame first, with fields beside, such as `"threadAttributed":true,`.
pub(crate) fn stack(fields: &str, samples: u32, frames: &[&str]) -> String {
    let mut json = String::from("[]");
    for frame in frames.iter().rev() {
        let blamed = frame.ends_with('!');
        let symbol = frame.trim_end_matches('!');
        json = format!(
            r#"[{{"sampleCount":{samples},"isBlameFrame":{blamed},"binaryName":"Acorn","symbolName":"{symbol}","subFrames":{json}}}]"#
        );
    }
    format!(r#"{{{fields}"callStackRootFrames":{json}}}"#)
}

pub(crate) fn logs(signature: &str, logs: &[String]) -> String {
    format!(
        r#"{{"version":"1.0.0","productData":[{{"signatureId":"{signature}","diagnosticLogs":[{}]}}]}}"#,
        logs.join(",")
    )
}
