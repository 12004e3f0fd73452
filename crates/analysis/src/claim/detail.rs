//! A finding with what its app's history holds beside it: the values of its devices, Apple's goal ranges, and the call stacks
//! of the two versions that it compares.

use crate::claim::finding::{Finding, LevelGoal};
use crate::history::builder::{AppHistory, MetricInfo, SeriesInfo};
use perfpower_model::version;
use perfpower_stacks::{DiagnosticType, FrameKey, PairedTree, StackLog};

/// What a page shows beside a finding.
#[derive(Clone, Debug, Default)]
pub struct FindingDetail {
    /// The devices of the finding's card, in its order; those without a series at its percentile are left out.
    pub devices: Vec<DeviceSeries>,
    /// Apple's goal ranges of the metric; empty = none.
    pub goals: Vec<LevelGoal>,
    /// Absent = no logs of the finding's version, or Apple has none for its category.
    pub stacks: Option<StackChange>,
}

/// The values of one device on the versions of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceSeries {
    /// Such as `iPhone12,1`, as in [`crate::DeviceEffect::device`].
    pub device: String,
    /// One per point of the finding, in the metric's unit; absent = not measured.
    pub values: Vec<Option<f64>>,
}

/// The call stacks of a finding's version beside those of the version before.
#[derive(Clone, Debug)]
pub struct StackChange {
    /// The version before; absent = it has no logs, and nothing stands on the side before.
    pub from: Option<String>,
    /// The version of the finding.
    pub to: String,
    /// Self samples of both, on the paths of both.
    pub tree: PairedTree,
}

impl FindingDetail {
    pub(crate) fn of(history: &AppHistory, finding: &Finding) -> Self {
        Self { devices: devices(history, finding), goals: goals(history, finding), stacks: stacks(history, finding) }
    }
}

fn devices(history: &AppHistory, finding: &Finding) -> Vec<DeviceSeries> {
    let names = &history.names;
    let (values, versions) = (history.table.values(), history.table.versions());
    let of_card: Vec<&SeriesInfo> = history
        .series
        .iter()
        .filter(|info| {
            let metric = &history.metrics[info.metric as usize];
            names.get(info.percentile).unwrap_or_default() == finding.series.percentile_label
                && names.get(info.platform).unwrap_or_default() == finding.series.platform
                && names.get(metric.category).unwrap_or_default() == finding.series.category
                && names.text(metric.identifier) == finding.series.metric
        })
        .collect();
    let on_points = |device: &str| {
        let info = of_card.iter().find(|info| names.get(info.device).unwrap_or_default() == device)?;
        let value = |version: &str| {
            let mut rows = info.rows.start as usize..info.rows.end as usize;
            rows.find(|&row| history.version_text(versions[row]) == version).map(|row| values[row])
        };
        let values = finding.points.iter().map(|point| value(&point.version)).collect();
        Some(DeviceSeries { device: device.to_owned(), values })
    };
    finding.spread.devices.iter().filter_map(|effect| on_points(&effect.device)).collect()
}

fn goals(history: &AppHistory, finding: &Finding) -> Vec<LevelGoal> {
    let names = &history.names;
    let of_finding = |metric: &&MetricInfo| {
        names.get(metric.category).unwrap_or_default() == finding.series.category
            && names.text(metric.identifier) == finding.series.metric
    };
    let bounds = history.metrics.iter().find(of_finding).map(|metric| &metric.goal_bounds[..]).unwrap_or_default();
    bounds
        .iter()
        .map(|bound| LevelGoal { label: names.text(bound.goal).to_owned(), lower: bound.lower, upper: bound.upper })
        .collect()
}

fn stacks(history: &AppHistory, finding: &Finding) -> Option<StackChange> {
    let wanted = DiagnosticType::of(&finding.series.category);
    if wanted == DiagnosticType::Other {
        return None;
    }
    let names = history.stacks.log_names();
    let is_of = |log: &StackLog, of: &str| {
        log.diagnostic_type == wanted
            && version::compare(names.get(log.metadata.app_version).unwrap_or_default(), of).is_eq()
    };
    let tree = history.stacks.paired_tree(
        FrameKey::Identity,
        |log| is_of(log, &finding.version_before),
        |log| is_of(log, &finding.version),
    );
    let has_samples = |side: &[u64]| side.iter().any(|&samples| samples > 0);
    has_samples(&tree.after).then(|| StackChange {
        from: has_samples(&tree.before).then(|| finding.version_before.clone()),
        to: finding.version.clone(),
        tree,
    })
}
