//! The picture of the README: Apple's own documented sample, with what Apple says of it and what is found in it.
//!
//! `cargo run -p perfpower-ingest --example sample_picture > .github/apple-sample.svg`

use perfpower_analysis::{Filter, Finding, Judged, Options};
use perfpower_ingest::{ReadPlan, Sources, read_archive};
use perfpower_model::Day;
use perfpower_report::chart::{AppleClaim, VersionChart};
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/documented/app-launch-metrics.json");
    let picture = picture(&sample).ok_or_else(|| io::Error::other("the sample has no finding that Apple lists"))?;
    io::stdout().lock().write_all(picture.as_bytes())
}

/// As SVG; absent where nothing is found that Apple speaks of, too.
pub(crate) fn picture(sample: &Path) -> Option<String> {
    let mut plan = ReadPlan { sources: Sources::of_paths([sample]), ..ReadPlan::default() };
    // A file without a day in its path has that of its last change, which differs from checkout to checkout.
    plan.rules.snapshot = Day::parse("2026-01-01");
    let reading = read_archive(&plan, &());
    let analysis = Judged::new(&reading.histories, &Options::default()).into_analysis(&Filter::default());
    let finding: &Finding = analysis.findings.first()?;
    let audit = &analysis.apple_insights.first()?.audit;
    let population = audit.populations.iter().find(|population| {
        population.device == finding.series.device && population.percentile_label == finding.series.percentile_label
    })?;
    let claim = AppleClaim {
        reference_versions: audit.reference_versions.clone(),
        reference_average: population.reported.reference_average?,
        latest_version: audit.latest_version.clone()?,
        latest: population.reported.latest?,
        delta_percent: population.reported.delta_percent,
    };
    let title = "Launch time of Apple's documented sample by version, p90 of all iPhones";
    let chart = VersionChart { apple: Some(&claim), ..VersionChart::of("sample", title, finding) };
    Some(chart.to_svg() + "\n")
}
