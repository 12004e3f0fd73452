//! What `MetricKit` gives an app on one device: recognised and counted, so that nobody takes it for a download.
//!
//! Up to iOS 26 it is `MXMetricPayload` (histograms of a day) and `MXDiagnosticPayload` (lists of diagnostics, each with call stacks);
//! from iOS 27 on `MetricReport` and `DiagnosticReport`, of which Apple documents no schema: their fields here are those that tests of
//! others decode.

use crate::moment;
use crate::spans::{Fields, elements, fields, string};
use perfpower_model::{Document, Kind, Problem, Severity};
use std::borrow::Cow;

/// The lists of a payload of diagnostics, each with the field of its metadata that only it has.
const DIAGNOSTICS: [(&str, &str); 5] = [
    ("crashDiagnostics", "exceptionType"),
    ("hangDiagnostics", "hangDuration"),
    ("cpuExceptionDiagnostics", "totalCPUTime"),
    ("diskWriteExceptionDiagnostics", "writesCaused"),
    ("appLaunchDiagnostics", "launchDuration"),
];

/// Diagnostics of a kind that is not listed.
const OTHERS: &str = "other diagnostics";

/// One document of `MetricKit`, counted; `None` for all else.
pub(crate) fn read(text: &str) -> Option<Document> {
    let fields = fields(text)?;
    let field = |wanted: &str| fields.iter().find(|(key, _)| key == wanted).map(|(_, range)| &text[range.clone()]);
    let mut payloads: Vec<(&'static str, u64)> = Vec::new();
    let mut sample = None;
    if field("timeStampBegin").is_some() && field("timeStampEnd").is_some() {
        (payloads, sample) = payloads_of(text, &fields);
    } else if field("timeRange").is_some() && (field("intervalEntries").is_some() || field("stateEntries").is_some()) {
        payloads.push(("MetricReport", 1));
    } else if let Some(environment) = field("environment")
        && ["callStackTree", "callStackThreads"].iter().any(|word| text.contains(word))
    {
        payloads.push(("DiagnosticReport", 1));
        sample = Some(environment);
    } else if let (Some(metadata), true) = (field("diagnosticMetaData"), field("callStackTree").is_some()) {
        payloads.push((kind_of(metadata), 1));
        sample = Some(metadata);
    } else if field("callStacks").is_some() && field("callStackPerThread").is_some() {
        payloads.push(("MXCallStackTree", 1));
    }
    if payloads.is_empty() {
        return None;
    }
    let mut document = Document::new(Kind::MetricKit);
    let end = field("timeStampEnd").map(Cow::Borrowed).or_else(|| inner(field("timeRange")?, "end").map(Cow::Owned));
    document.day = end.and_then(|end| moment::day(&string(&end).unwrap_or(Cow::Borrowed(&*end))));
    let bundle = sample.and_then(|sample| inner(sample, "bundleIdentifier"));
    let bundle = bundle.as_deref().and_then(string);
    document.identity.bundle_id = bundle.map(|bundle| document.names.intern(&bundle));
    document.problems.push(note(&payloads));
    document.payloads = payloads;
    Some(document)
}

/// What a payload of iOS 26 or before holds, and the metadata of one of its diagnostics.
fn payloads_of<'a>(text: &'a str, fields: &Fields<'a>) -> (Vec<(&'static str, u64)>, Option<&'a str>) {
    let (mut counts, mut sample) = (Vec::new(), None);
    for (key, range) in fields.iter().filter(|(key, _)| key.ends_with("Diagnostics")) {
        let list = &text[range.clone()];
        let Some(elements) = elements(list) else { continue };
        sample = sample.or_else(|| elements.first().map(|first| &list[first.clone()]));
        let name = DIAGNOSTICS.iter().map(|(name, _)| *name).find(|name| key == name).unwrap_or(OTHERS);
        counts.push((name, elements.len() as u64));
    }
    let has_metrics = fields.iter().any(|(key, _)| key.ends_with("Metrics") || key == "metaData");
    let payload = if counts.is_empty() || has_metrics { "MXMetricPayload" } else { "MXDiagnosticPayload" };
    counts.insert(0, (payload, 1));
    let metadata = sample.and_then(|sample| {
        let (_, range) = crate::spans::fields(sample)?.into_iter().find(|(key, _)| key == "diagnosticMetaData")?;
        Some(&sample[range])
    });
    (counts, metadata)
}

/// What a single diagnostic is, by its metadata.
fn kind_of(metadata: &str) -> &'static str {
    let names: Vec<Cow<'_, str>> = fields(metadata).unwrap_or_default().into_iter().map(|(key, _)| key).collect();
    DIAGNOSTICS.iter().find(|(_, sign)| names.iter().any(|name| name == sign)).map_or(OTHERS, |(name, _)| name)
}

/// A field of an object, as it is written.
fn inner(object: &str, wanted: &str) -> Option<String> {
    let (_, range) = fields(object)?.into_iter().find(|(key, _)| key == wanted)?;
    Some(object[range].to_owned())
}

fn note(payloads: &[(&str, u64)]) -> Problem {
    let told: Vec<String> = payloads.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let message = format!(
        "MetricKit ({}): what one device told its own app, not what Apple measured over all; it was counted, not read",
        told.join(", ")
    );
    Problem::new(Severity::Note, "metric-kit", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_model::Day;

    #[test]
    fn every_form_is_counted_and_says_its_day_and_its_app() {
        const TREE: &str = r#""callStackTree":{"callStackPerThread":true,"callStacks":[]}"#;
        let diagnostic = |sign: &str| {
            format!(
                r#"{{"version":"1.0.0",{TREE},"diagnosticMetaData":{{"{sign}":"1","bundleIdentifier":"com.example.app"}}}}"#
            )
        };
        let list =
            |name: &str, sign: &str, count: usize| format!(r#""{name}":[{}]"#, vec![diagnostic(sign); count].join(","));
        let times = r#""timeStampBegin":"2026-11-19 00:00:00 +0000","timeStampEnd":"2026-11-20 00:00:00 +0000""#;
        let day = Day::from_ymd(2026, 11, 20);
        for (body, counted, day, bundle) in [
            (format!(r#"{{{times},"appVersion":"1","cpuMetrics":{{}}}}"#), "1 MXMetricPayload", day, ""),
            (format!(r#"{{{times},"metaData":{{}}}}"#), "1 MXMetricPayload", day, ""),
            (
                format!("{{{times},{}}}", list("hangDiagnostics", "hangDuration", 2)),
                "1 MXDiagnosticPayload, 2 hangDiagnostics",
                day,
                "com.example.app",
            ),
            (
                format!("{{{},{},{times}}}", list("crashDiagnostics", "x", 1), list("newDiagnostics", "x", 3)),
                "1 MXDiagnosticPayload, 1 crashDiagnostics, 3 other diagnostics",
                day,
                "com.example.app",
            ),
            (diagnostic("writesCaused"), "1 diskWriteExceptionDiagnostics", None, "com.example.app"),
            (diagnostic("totalCPUTime"), "1 cpuExceptionDiagnostics", None, "com.example.app"),
            (diagnostic("launchDuration"), "1 appLaunchDiagnostics", None, "com.example.app"),
            (diagnostic("exceptionType"), "1 crashDiagnostics", None, "com.example.app"),
            (r#"{"callStackPerThread":false,"callStacks":[]}"#.to_owned(), "1 MXCallStackTree", None, ""),
            (
                r#"{"version":"2.0.0","timeRange":{"begin":816825600,"end":816912000},"intervalEntries":[{"states":[]}]}"#.to_owned(),
                "1 MetricReport",
                Day::from_ymd(2026, 11, 21),
                "",
            ),
            (
                r#"{"version":"2.0.0","timeRange":{"begin":"2026-11-19T00:00:00Z","end":"2026-11-20T00:00:00Z"},"stateEntries":[]}"#
                    .to_owned(),
                "1 MetricReport",
                day,
                "",
            ),
            (
                format!(r#"{{"environment":{{"bundleIdentifier":"com.example.app"}},"hang":{{{TREE}}}}}"#),
                "1 DiagnosticReport",
                None,
                "com.example.app",
            ),
        ] {
            let document = crate::parse(body.as_bytes(), &crate::ParseOptions::default());
            assert_eq!(document.kind, Kind::MetricKit, "{body}");
            let [problem] = &document.problems[..] else { panic!("one note: {:?}", document.problems) };
            assert_eq!(problem.severity, Severity::Note);
            assert!(problem.message.starts_with(&format!("MetricKit ({counted}):")), "{}", problem.message);
            assert_eq!(document.day, day, "{body}");
            assert_eq!(document.names.get(document.identity.bundle_id).unwrap_or_default(), bundle, "{body}");
        }
    }
}
