//! Apple's insights, recomputed from the points of the document that they stand in, else from those of the other documents of the
//! same app and day: many save one file for each metric, and each file has all insights.
//!
//! Apple compares the latest version with the plain mean of the four versions before it, and rounds: the mean to two
//! decimals, the difference to whole percents (checked on Apple's documented sample; no text of Apple states it). The mean
//! can still hold versions from before a regression, so an insight can be arithmetically right and name the wrong version:
//! that is why each population also carries the change from the version just before, and the largest jump between
//! neighbours.

use perfpower_model::{
    AppleInsight, Dataset, Day, Document, InsightList, InsightPopulation, NameId, Percentile, version,
};
use perfpower_statistics::{APPLE_WINDOW, HIGH_IMPACT_PERCENT, apple_parity};
use serde::{Deserialize, Serialize};

/// `highImpact` by Xcode's help: 75 % or more over the reference.
const HIGH_IMPACT_XCODE_PERCENT: f64 = 75.0;

/// Whether recomputing a claim of Apple gives the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Audit {
    /// Every number that can be recomputed is the same.
    Agrees,
    /// A number is not what the points give.
    Differs,
    /// The points that the claim rests on are in no document of the day.
    CannotCheck,
}

impl Audit {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::CannotCheck => "cannot_check",
        }
    }
}

/// Which published definition of high impact Apple's flag fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HighImpactFit {
    /// Apple gives no flag, or nothing could be recomputed.
    Unknown,
    /// Both definitions (100 % and 75 %) give Apple's flag.
    Both,
    /// Only the API's (100 %) does.
    ApiOnly,
    /// Only Xcode's (75 %) does.
    XcodeOnly,
    /// Neither does.
    Neither,
}

impl HighImpactFit {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Both => "both",
            Self::ApiOnly => "api_100_percent",
            Self::XcodeOnly => "xcode_75_percent",
            Self::Neither => "neither",
        }
    }
}

/// One of Apple's insights beside what its points say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InsightAudit {
    /// The day of the document.
    pub snapshot: Day,
    /// The list it stands in.
    pub list: InsightList,
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// The version that Apple speaks of.
    pub latest_version: Option<String>,
    /// The versions that Apple compares with.
    pub reference_versions: Vec<String>,
    /// Sub-system that Apple names.
    pub subsystem: Option<String>,
    /// Apple's sentence.
    pub summary: Option<String>,
    /// Apple's flag, as given.
    pub high_impact: Option<bool>,
    /// Which definition the flag fits.
    pub high_impact_fit: HighImpactFit,
    /// Apple's highest latest value.
    pub max_latest_reported: Option<f64>,
    /// The highest latest value of its populations.
    pub max_latest_recomputed: Option<f64>,
    /// All populations together: differs before cannot check before agrees.
    pub audit: Audit,
    /// The populations it holds for.
    pub populations: Vec<PopulationAudit>,
}

impl InsightAudit {
    /// Bytes held, about.
    pub(crate) fn heap_bytes(&self) -> usize {
        /// The texts of one population, with what each costs beside its letters. Arbitrary: six short ones.
        const TEXTS: usize = 200;
        size_of::<Self>() + self.populations.capacity() * (size_of::<PopulationAudit>() + TEXTS) + TEXTS
    }

    /// What is the same where another document makes the same claim about the same version, with the same numbers.
    pub(crate) fn claim(&self) -> Claim {
        let number = |number: Option<f64>| number.map(f64::to_bits);
        let population = |population: &PopulationAudit| {
            let InsightNumbers { reference_average, latest, delta_percent } = population.reported;
            let numbers = [number(reference_average), number(latest), number(delta_percent)];
            (population.device.clone(), population.percentile_label.clone(), numbers)
        };
        Claim {
            list: self.list,
            category: self.category.clone(),
            metric: self.metric.clone(),
            latest_version: self.latest_version.clone(),
            populations: self.populations.iter().map(population).collect(),
        }
    }
}

/// What Apple claims in an insight.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Claim {
    list: InsightList,
    category: String,
    metric: String,
    latest_version: Option<String>,
    /// Device, percentile and the bits of the numbers.
    populations: Vec<(String, String, [Option<u64>; 3])>,
}

/// The three numbers of one claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InsightNumbers {
    /// Mean of the reference versions, in the metric's unit.
    pub reference_average: Option<f64>,
    /// Value of the latest version, in the metric's unit.
    pub latest: Option<f64>,
    /// Percent over the reference.
    pub delta_percent: Option<f64>,
}

/// Apple's numbers for one population beside ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PopulationAudit {
    /// Such as `all_iphones`.
    pub device: String,
    /// Apple's label.
    pub percentile_label: String,
    /// Its number, where known.
    pub percentile: Option<f64>,
    /// Whether the numbers are the same.
    pub audit: Audit,
    /// Why it differs or cannot be checked; absent = it agrees.
    pub reason: Option<String>,
    /// As Apple gives them.
    pub reported: InsightNumbers,
    /// From the points, rounded as Apple rounds.
    pub recomputed: InsightNumbers,
    /// Percent over the reference, not rounded.
    pub delta_exact_percent: Option<f64>,
    /// The version before the latest, and the change from it in percent.
    pub previous: Option<NeighbourChange>,
    /// The largest rise between neighbouring versions.
    pub largest_jump: Option<NeighbourChange>,
}

/// A change between two neighbouring versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeighbourChange {
    /// The earlier version.
    pub from: String,
    /// The later version.
    pub to: String,
    /// Percent; positive = higher.
    pub percent: f64,
}

/// An insight that waits for its points, and for the order of their versions.
#[derive(Debug)]
pub(crate) struct OpenInsight {
    /// Without anything recomputed.
    pub(crate) audit: InsightAudit,
    /// Version and value of each point of each population, in no order; absent = not found so far.
    points: Vec<Option<Vec<(u32, f64)>>>,
}

/// The population whose points are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WantedPopulation<'a> {
    pub(crate) category: &'a str,
    pub(crate) metric: &'a str,
    pub(crate) device: &'a str,
    pub(crate) percentile: &'a str,
}

impl OpenInsight {
    /// The insights of a document, with its own points; `version` gives the number of a version of the document.
    pub(crate) fn of_document(document: &Document, day: Day, version: impl Fn(NameId) -> Option<u32>) -> Vec<Self> {
        if document.insights.is_empty() {
            return Vec::new();
        }
        let own = InsightPoints::new(document);
        let open = document.insights.iter().map(|insight| {
            let points = insight.populations.iter().map(|population| {
                let (versions, values) = own.of(insight, population)?;
                let numbers = versions.iter().zip(values);
                Some(numbers.filter_map(|(&name, &value)| Some((version(name)?, value))).collect())
            });
            Self { points: points.collect(), audit: claimed(document, insight, day) }
        });
        open.collect()
    }

    /// Looks for points that its own document does not have, with the unit for eyes.
    pub(crate) fn look_up<'n>(
        &mut self,
        find: impl Fn(&WantedPopulation<'_>) -> Option<(Option<&'n str>, Vec<(u32, f64)>)>,
    ) {
        for (points, population) in self.points.iter_mut().zip(&self.audit.populations) {
            if points.is_some() {
                continue;
            }
            let wanted = WantedPopulation {
                category: &self.audit.category,
                metric: &self.audit.metric,
                device: &population.device,
                percentile: &population.percentile_label,
            };
            let Some((unit_label, found)) = find(&wanted).filter(|(_, found)| !found.is_empty()) else { continue };
            if self.audit.unit_label.is_none() {
                self.audit.unit_label = unit_label.map(str::to_owned);
            }
            *points = Some(found);
        }
    }

    /// Recomputes what can be; `rank` and `text` are those of a version by its number.
    pub(crate) fn audit<'t>(mut self, rank: impl Fn(u32) -> u32, text: impl Fn(u32) -> &'t str) -> InsightAudit {
        for (population, points) in self.audit.populations.iter_mut().zip(self.points) {
            let Some(mut points) = points else {
                population.reason = Some("no document of this day has points of this population".to_owned());
                continue;
            };
            points.sort_by_key(|&(version, _)| rank(version));
            let versions: Vec<&str> = points.iter().map(|&(version, _)| text(version)).collect();
            let values: Vec<f64> = points.iter().map(|&(_, value)| value).collect();
            let claimed = (self.audit.latest_version.as_deref(), self.audit.reference_versions.as_slice());
            recompute(population, claimed, &versions, &values);
        }
        summed_up(self.audit)
    }
}

/// Category, metric, device, percentile.
type PopulationKey = (Option<NameId>, NameId, Option<NameId>, Option<NameId>);

/// Where the points of each population stand. A few populations are asked for among hundreds, so a sorted list it is: to
/// hash them all costs more.
struct InsightPoints<'a> {
    document: &'a Document,
    /// Sorted; of equal keys the first dataset of the document comes first.
    datasets: Vec<(PopulationKey, usize)>,
}

impl<'a> InsightPoints<'a> {
    fn new(document: &'a Document) -> Self {
        let table = &document.metrics;
        let key = |dataset: &Dataset| {
            let metric = &table.metrics[dataset.metric as usize];
            (metric.category, metric.identifier, dataset.device, dataset.percentile)
        };
        let mut datasets: Vec<(PopulationKey, usize)> =
            table.datasets.iter().enumerate().map(|(index, dataset)| (key(dataset), index)).collect();
        datasets.sort_unstable();
        Self { document, datasets }
    }

    /// Versions and values of a population, in document order.
    fn of(&self, insight: &AppleInsight, population: &InsightPopulation) -> Option<(&'a [NameId], &'a [f64])> {
        let key = (insight.category, insight.metric, population.device, population.percentile);
        let first = self.datasets.partition_point(|(other, _)| *other < key);
        let &(_, index) = self.datasets.get(first).filter(|(found, _)| *found == key)?;
        let table = &self.document.metrics;
        let range = &table.datasets[index].points;
        let range = range.start as usize..range.end as usize;
        Some((&table.points.version[range.clone()], &table.points.value[range]))
    }
}

/// What Apple claims, in words and numbers of its own.
fn claimed(document: &Document, insight: &AppleInsight, day: Day) -> InsightAudit {
    let names = &document.names;
    let text = |id| names.get(id).unwrap_or_default().to_owned();
    let populations = insight.populations.iter().map(|population| {
        let percentile_label = text(population.percentile);
        PopulationAudit {
            device: text(population.device),
            percentile: Percentile::from_label(&percentile_label).number(),
            percentile_label,
            audit: Audit::CannotCheck,
            reason: None,
            reported: InsightNumbers {
                reference_average: population.reference_average,
                latest: population.latest,
                delta_percent: population.delta_percent,
            },
            recomputed: InsightNumbers::default(),
            delta_exact_percent: None,
            previous: None,
            largest_jump: None,
        }
    });
    let unit_label = document
        .metrics
        .metrics
        .iter()
        .find(|metric| metric.category == insight.category && metric.identifier == insight.metric)
        .and_then(|metric| names.get(metric.unit_label))
        .map(str::to_owned);
    InsightAudit {
        snapshot: day,
        list: insight.list,
        category: text(insight.category),
        metric: names.text(insight.metric).to_owned(),
        unit_label,
        latest_version: names.get(insight.latest_version).map(str::to_owned),
        reference_versions: insight.reference_versions.iter().map(|&version| names.text(version).to_owned()).collect(),
        subsystem: names.get(insight.subsystem).map(str::to_owned),
        summary: names.get(insight.summary).map(str::to_owned),
        high_impact: insight.high_impact,
        high_impact_fit: HighImpactFit::Unknown,
        max_latest_reported: insight.max_latest_value,
        max_latest_recomputed: None,
        audit: Audit::CannotCheck,
        populations: populations.collect(),
    }
}

/// The audit of an insight whose populations are audited.
fn summed_up(insight: InsightAudit) -> InsightAudit {
    let populations = &insight.populations;
    let max_latest_recomputed = populations.iter().filter_map(|p| p.recomputed.latest).reduce(f64::max);
    let max_delta = populations.iter().filter_map(|p| p.delta_exact_percent).reduce(f64::max);
    let mut audit = populations.iter().map(|p| p.audit).max_by_key(|audit| match audit {
        Audit::Agrees => 0,
        Audit::CannotCheck => 1,
        Audit::Differs => 2,
    });
    if let (Some(reported), Some(recomputed)) = (insight.max_latest_reported, max_latest_recomputed)
        && !same_at_precision(reported, recomputed)
        && audit == Some(Audit::Agrees)
    {
        audit = Some(Audit::Differs);
    }
    InsightAudit {
        high_impact_fit: high_impact_fit(insight.high_impact, max_delta),
        max_latest_recomputed,
        audit: audit.unwrap_or(Audit::CannotCheck),
        ..insight
    }
}

/// Recomputes the claim about one population, of the latest version against the reference versions, from its points in the order
/// of versions.
fn recompute(result: &mut PopulationAudit, claimed: (Option<&str>, &[String]), versions: &[&str], values: &[f64]) {
    let (latest_version, references) = claimed;
    let position = |wanted: &str| versions.iter().position(|known| version::compare(known, wanted).is_eq());
    let latest_at = latest_version.map_or_else(|| versions.len().checked_sub(1), position);
    let Some(latest_at) = latest_at else {
        result.reason = Some(format!("no point of the latest version {}", latest_version.unwrap_or_default()));
        return;
    };
    let latest = values[latest_at];
    result.recomputed.latest = Some(latest);
    let change = |from: usize, to: usize| {
        (values[from] > 0.0).then(|| NeighbourChange {
            from: versions[from].to_owned(),
            to: versions[to].to_owned(),
            percent: 100.0 * (values[to] / values[from] - 1.0),
        })
    };
    result.previous = latest_at.checked_sub(1).and_then(|before| change(before, latest_at));
    result.largest_jump = (1..=latest_at)
        .filter_map(|at| change(at - 1, at))
        .filter(|jump| jump.percent > 0.0)
        // The first of equals.
        .reduce(|best, jump| if jump.percent > best.percent { jump } else { best });

    let reference: Result<Vec<f64>, String> = if references.is_empty() {
        let before = &values[latest_at.saturating_sub(APPLE_WINDOW)..latest_at];
        if before.is_empty() { Err("no version before the latest".to_owned()) } else { Ok(before.to_vec()) }
    } else {
        let value = |wanted: &String| {
            let at = position(wanted).ok_or_else(|| format!("no point of the reference version {wanted}"))?;
            Ok(values[at])
        };
        references.iter().map(value).collect()
    };
    let reference = match reference {
        Ok(reference) => reference,
        Err(missing) => {
            result.reason = Some(missing);
            return;
        }
    };
    let mean = reference.iter().sum::<f64>() / reference.len() as f64;
    let mut claim = reference;
    claim.push(latest);
    if let Some(parity) = apple_parity(&claim, claim.len() - 1) {
        result.recomputed.reference_average = Some(parity.reference_average);
        result.recomputed.delta_percent = parity.delta_percent;
        result.delta_exact_percent = parity.delta_percent_exact;
    }

    let mut differences = Vec::new();
    let mut compared = 0;
    for (what, reported, exact) in [
        ("reference average", result.reported.reference_average, Some(mean)),
        ("latest value", result.reported.latest, Some(latest)),
        ("delta", result.reported.delta_percent, result.delta_exact_percent),
    ] {
        if let (Some(reported), Some(exact)) = (reported, exact) {
            compared += 1;
            if !same_at_precision(reported, exact) {
                differences.push(what);
            }
        }
    }
    (result.audit, result.reason) = if compared == 0 {
        (Audit::CannotCheck, Some("Apple gives no number to compare".to_owned()))
    } else if differences.is_empty() {
        (Audit::Agrees, None)
    } else {
        (Audit::Differs, Some(format!("{} not as the points give", differences.join(", "))))
    };
}

fn high_impact_fit(flag: Option<bool>, max_delta: Option<f64>) -> HighImpactFit {
    let (Some(flag), Some(delta)) = (flag, max_delta) else { return HighImpactFit::Unknown };
    match (flag == (delta >= HIGH_IMPACT_PERCENT), flag == (delta >= HIGH_IMPACT_XCODE_PERCENT)) {
        (true, true) => HighImpactFit::Both,
        (true, false) => HighImpactFit::ApiOnly,
        (false, true) => HighImpactFit::XcodeOnly,
        (false, false) => HighImpactFit::Neither,
    }
}

/// Whether `exact`, rounded to as many decimals as `reported` shows, is `reported`. Halves may have gone either way.
fn same_at_precision(reported: f64, exact: f64) -> bool {
    let shown = format!("{reported}");
    let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    // A trailing zero does not show (1777.5 may have been 1777.50), which errs on the side of agreement.
    let unit = 10f64.powi(-(decimals.min(15) as i32));
    (reported - exact).abs() <= unit / 2.0 + exact.abs() * 1e-12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_follows_what_is_shown() {
        assert!(same_at_precision(10.0, 9.953));
        assert!(!same_at_precision(10.0, 9.4));
        assert!(same_at_precision(907.48, 907.475));
        assert!(!same_at_precision(907.48, 907.46));
        assert!(same_at_precision(0.0, 0.0));
    }

    #[test]
    fn high_impact_has_two_definitions() {
        assert_eq!(high_impact_fit(Some(true), Some(120.0)), HighImpactFit::Both);
        assert_eq!(high_impact_fit(Some(true), Some(80.0)), HighImpactFit::XcodeOnly);
        assert_eq!(high_impact_fit(Some(false), Some(80.0)), HighImpactFit::ApiOnly);
        assert_eq!(high_impact_fit(Some(true), Some(10.0)), HighImpactFit::Neither);
        assert_eq!(high_impact_fit(None, Some(10.0)), HighImpactFit::Unknown);
    }
}
