//! Bulk input for benches: bodies as large as real archives hold, seeded, of any size.
//!
//! Sizes are the caller's, so that a bench can say what it measured. Texts repeat as they do in real bodies: a body of logs
//! names a few hundred functions thousands of times.

use crate::{
    Rng,
    body::{
        Dataset, Frame, Log, LogMetadata, LogsBody, Metric, MetricsBody, P50, P90, Place, Point, Signature,
        SignatureLogs, SignaturesBody,
    },
    json::{Style, rounded},
};

/// How many distinct functions the logs of one body name: about what a thousand stacks of one app share.
const FUNCTIONS: usize = 400;

/// Part of the frames with a second child: stacks of one signature share their beginning and fan out rarely.
const FORKS: f64 = 0.06;

/// Categories and metrics of a full body of 2026, with the scale of their values.
const METRICS: [(&str, &str, &str, f64); 13] = [
    ("ANIMATION", "scrollHitchRate", "ms/s", 5.0),
    ("BATTERY", "onScreen", "%", 4.0),
    ("BATTERY", "background", "%", 1.0),
    ("DISK", "diskWrites", "MB", 60.0),
    ("HANG", "hangRate", "seconds/hour", 8.0),
    ("LAUNCH", "launchTime", "ms", 800.0),
    ("LAUNCH", "resumeTime", "ms", 300.0),
    ("MEMORY", "peakMemory", "MB", 190.0),
    ("MEMORY", "memoryAtSuspension", "MB", 80.0),
    ("STORAGE", "documentsAndData", "MB", 240.0),
    ("STORAGE", "appSize", "MB", 90.0),
    ("TERMINATION", "onScreen", "per day", 0.8),
    ("TERMINATION", "background", "per day", 2.0),
];

/// A body of `xcodeMetrics` with 13 metrics × devices × 2 percentiles × versions points; 24 devices and 14 versions make
/// about 8,700 points and 0.6 MB.
pub fn metrics(seed: u64, devices: usize, versions: usize, style: Style) -> String {
    let mut rng = Rng::keyed(seed, "bulk metrics", 0);
    let versions: Vec<String> =
        (0..versions).map(|version| format!("{}.{}.0", 1 + version / 12, version % 12)).collect();
    let device = |index: usize| match index {
        0 => ("all_iphones".to_owned(), "All iPhones".to_owned()),
        1 => ("all_ipads".to_owned(), "All iPads".to_owned()),
        _ => (format!("iPhone{},{}", 10 + index / 4, 1 + index % 4), format!("iPhone, model {index}")),
    };
    let devices: Vec<_> = (0..devices).map(device).collect();
    let metrics = METRICS.iter().map(|&(category, identifier, unit, scale)| {
        let populations = devices.iter().flat_map(|device| [(device, P50, 1.0), (device, P90, 2.0)]);
        let datasets = populations.map(|((device, device_label), percentile, tail)| Dataset {
            device: device.clone(),
            device_label: device_label.clone(),
            percentile,
            points: versions
                .iter()
                .map(|version| {
                    let value = scale * tail * (0.1 * rng.normal()).exp();
                    let margin = rng.chance(0.6).then(|| rounded(0.03 * value, 3));
                    Point { version: version.clone(), value: rounded(value, 2), margin, ..Point::default() }
                })
                .collect(),
            recommended: None,
        });
        Metric {
            datasets: datasets.collect(),
            category: category.to_owned(),
            identifier: identifier.to_owned(),
            unit: unit.to_owned(),
            unit_label: unit.to_owned(),
            goal_keys: Vec::new(),
        }
    });
    MetricsBody::new(metrics.collect()).to_json(style)
}

/// A page of signatures, all of one build; the API's largest page has 200.
pub fn signatures(seed: u64, count: usize) -> String {
    const TYPES: [&str; 3] = ["DISK_WRITES", "HANGS", "LAUNCHES"];
    let mut rng = Rng::keyed(seed, "bulk signatures", 0);
    let signatures = (0..count).map(|_| Signature {
        id: format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64()),
        diagnostic_type: TYPES[rng.below(TYPES.len())],
        text: format!("App: {} + {}", function(rng.below(FUNCTIONS)), rng.below(4_000)),
        weight: rounded(rng.uniform(), 4),
        trend: None,
    });
    SignaturesBody::whole("00000000-0000-4000-8000-000000000000", signatures.collect()).to_json(Style::Compact)
}

/// A body of logs: so many logs, each with one stack of so many frames; a frame is about 0.4 kB.
pub fn logs(seed: u64, logs: usize, frames: usize) -> String {
    let mut rng = Rng::keyed(seed, "bulk logs", 0);
    let logs = (0..logs)
        .map(|_| Log {
            metadata: LogMetadata {
                app_version: format!("1.{}.0", rng.below(12)),
                os_version: "iPhone OS 26.1 (23B85)".to_owned(),
                device_type: format!("iPhone{}_{}", 12 + rng.below(6), 1 + rng.below(4)),
                platform_architecture: "arm64e".to_owned(),
                event: "hang".to_owned(),
                ..LogMetadata::default()
            },
            per_thread: false,
            frames: stack(&mut rng, frames),
        })
        .collect();
    body(logs)
}

/// A body with one log of one stack that never forks, `depth` frames deep: what makes recursive readers fall over.
pub fn chain(depth: usize) -> String {
    let frames = (0..depth).map(|depth| Frame { depth, samples: 1, place: place(depth % FUNCTIONS) }).collect();
    body(vec![Log { frames, ..Log::default() }])
}

fn body(logs: Vec<Log>) -> String {
    let signature = SignatureLogs { signature_id: "0".repeat(64), advice: Vec::new(), logs };
    LogsBody { signatures: vec![signature] }.to_json(Style::Compact)
}

/// A stack in document order with inclusive counts: it goes down from frame to frame, and at a fork one of its branches ends.
fn stack(rng: &mut Rng, frames: usize) -> Vec<Frame> {
    let mut samples = 20 + rng.below(60) as u64;
    let mut depth = 0;
    (0..frames)
        .map(|index| {
            // All stacks begin alike; later on they differ.
            let function = if index < 12 { index } else { rng.below(FUNCTIONS) };
            let frame = Frame { depth, samples, place: place(function) };
            if depth > 0 && samples > 2 && rng.chance(FORKS) {
                // This frame was a leaf with a part of its parent's samples; the next one is its sibling with the rest.
                samples /= 2;
                return Frame { samples, ..frame };
            }
            depth += 1;
            frame
        })
        .collect()
}

fn place(function_index: usize) -> Place {
    let own = function_index.is_multiple_of(5);
    let address = 0x1_8000_0000 + 0x40 * function_index as u64;
    Place {
        symbol: function(function_index),
        binary: if own { "App".to_owned() } else { format!("Framework{:02}", function_index % 37) },
        binary_uuid: format!("00000000-0000-4000-8000-{:012X}", function_index % 37),
        file: if own { format!("File{}.swift", function_index % 90) } else { String::new() },
        line: function_index as u32 + 1,
        offset: 4 + 8 * (function_index as u64 % 60),
        address,
        is_blame: own,
        advice_category: String::new(),
    }
}

/// The name of a function, as long and as odd as Swift names are.
fn function(index: usize) -> String {
    match index % 3 {
        0 => format!("closure #1 (Swift.Array<App.Item{index}>) -> () in App.Store{index}.reload(animated:)"),
        1 => format!("-[View{index} layoutItem:withStyle:]"),
        _ => format!("_layer_commit_{index}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn bodies_have_the_size_that_was_asked_for() {
        let text = metrics(1, 5, 4, Style::Compact);
        assert_eq!(text.matches("\"value\":").count(), 13 * 5 * 2 * 4);
        assert_eq!(text, metrics(1, 5, 4, Style::Compact));
        let pretty: Value = serde_json::from_str(&metrics(1, 5, 4, Style::Pretty)).unwrap();
        assert_eq!(pretty, serde_json::from_str::<Value>(&text).unwrap());
        let page: Value = serde_json::from_str(&signatures(1, 200)).unwrap();
        assert_eq!(page["data"].as_array().unwrap().len(), 200);
        assert_eq!(logs(1, 10, 30).matches("\"sampleCount\":").count(), 300);
        assert_eq!(chain(10_000).matches("\"sampleCount\":").count(), 10_000);
    }

    #[test]
    fn counts_are_inclusive_and_stacks_fork() {
        let mut rng = Rng::seeded(2);
        let mut forks = 0;
        for _ in 0..200 {
            let frames = stack(&mut rng, 40);
            for (index, frame) in frames.iter().enumerate() {
                let children: Vec<&Frame> = frames[index + 1..]
                    .iter()
                    .take_while(|next| next.depth > frame.depth)
                    .filter(|next| next.depth == frame.depth + 1)
                    .collect();
                assert!(children.iter().map(|child| child.samples).sum::<u64>() <= frame.samples);
                forks += usize::from(children.len() > 1);
            }
        }
        assert!(forks > 100, "{forks}");
    }
}
