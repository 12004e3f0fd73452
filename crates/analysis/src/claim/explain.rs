//! One claim, or one series that claims nothing, with everything that it rests on: the noise and where it came from, every
//! version's probability, the tests, the correction over the batch.

use crate::analysis::Analysis;
use crate::claim::claims::drift_origin;
use crate::claim::finding::{
    AppleInsightView, Change, Finding, FindingId, FindingKind, SeriesName, SeriesPoint, VersionProbability,
};
use crate::filter::Filter;
use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use crate::judge::judging::Unit;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use perfpower_model::Percentile;
use perfpower_statistics::fdr::PValue;
use perfpower_statistics::prior::FittedPrior;
use perfpower_statistics::unit::joint::UnitChange;
use perfpower_statistics::{
    Explanation as SeriesExplanation, Interval, Model, Scale, Unusable, Workspace, explain as explain_one, percent,
};
use std::fmt;

/// Everything that one answer rests on.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The series.
    pub series: SeriesName,
    /// Such as 50 or 90.
    pub percentile: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// Its points in release order.
    pub points: Vec<SeriesPoint>,
    /// What the kernels say, with the noise of every point.
    pub evidence: SeriesExplanation,
    /// The noise that the batch made one expect, and where that was learned.
    pub prior: FittedPrior,
    /// What its logarithms are of: an offset may be added to every value.
    pub scale: Scale,
    /// What the drift amounts to from one version to the next, on average; absent without a test for it.
    pub drift_per_version: Option<Change>,
    /// Whether the margins of the metric are too wide to be margins of its values, and were left out.
    pub margins_refused: bool,
    /// Its app × metric among those of the history question; absent where that cannot be asked of any series of it.
    pub history_family: Option<FamilyTest>,
    /// The same for the release question.
    pub latest_family: Option<FamilyTest>,
    /// Every version that may have brought a step, if the whole series held exactly one; likeliest first.
    pub candidates: Vec<VersionProbability>,
    /// What each population of its app × metric says to the finding; empty without one, and for a claim about the latest version alone.
    pub populations: Vec<PopulationShown>,
    /// The finding that the series leads or shares; absent = none survives the batch.
    pub finding: Option<Finding>,
    /// Whether the series leads that finding.
    pub leads: bool,
    /// Apple's view of the series, or of what the finding says, beside ours; newest snapshot first.
    pub apple: Vec<AppleInsightView>,
}

impl Explanation {
    /// The shape that explains the series best.
    pub fn model(&self) -> Model {
        self.evidence.judgement.model
    }
}

/// What one question says to all series of one app × metric together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyTest {
    /// Series that it was read from.
    pub series: u64,
    /// Chance of so much evidence in all of them together without any change: what the batch selects by.
    pub p: f64,
    /// p-value up to which the batch selects; 0 = it selects nothing.
    pub cutoff: f64,
}

/// What one population of an app × metric says to a change.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationShown {
    /// Such as `iPhone12,1` or `all_iphones`.
    pub device: String,
    /// The same for eyes.
    pub label: String,
    /// Probability that it changed, given that something did; of an aggregate, that it is part of it.
    pub probability: f64,
    /// Its own change; absent where it has no version on one side.
    pub change: Option<Change>,
    /// Confidence interval of that, in percent.
    pub ci_percent: Option<[f64; 2]>,
}

/// Why nothing can be explained.
#[derive(Clone, Debug, PartialEq)]
pub enum ExplainError {
    /// No finding and no series has this name.
    Unknown(String),
    /// Several have it: the first of them, in their order, and how to name one.
    Ambiguous(String, Vec<String>, &'static str),
    /// The series cannot be judged.
    Unusable(Unusable),
}

impl fmt::Display for ExplainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(
                f,
                "no finding has the id {name:?}, and no series the name: expected an id of the report, or \
                 APP/CATEGORY/metric/device/percentile such as com.example.app/LAUNCH/launchTime/all_iphones/90"
            ),
            Self::Ambiguous(name, some, cure) => {
                write!(f, "{name:?} stands for several: {}; {cure}", some.join(", "))
            }
            Self::Unusable(why) => write!(f, "the series cannot be judged: {why}"),
        }
    }
}

impl std::error::Error for ExplainError {}

/// The series that a finding's id, or the start of one, or a series' own name stands for. The filter chooses among those of one name.
pub(crate) fn wanted_series(
    batch: &Batch<'_>,
    filter: &Filter,
    analysis: &Analysis,
    wanted: &str,
) -> Result<SeriesName, ExplainError> {
    match named_series(batch, filter, wanted)? {
        Some(name) => Ok(name),
        None => series_of_id(analysis, wanted),
    }
}

/// Everything that one series rests on; `judged` are the units of its app.
pub(crate) fn explanation(
    series: SeriesRef<'_>,
    judged: &[Unit],
    told: &ToldUnits,
    analysis: &Analysis,
) -> Result<Explanation, Unusable> {
    let (context, history) = (series.context(), series.history());
    let name = series.name();
    let prior = series.prior();
    let input = series.input();
    let evidence =
        explain_one(&input, told.told(series).as_ref(), &prior.prior, &context.critical, &mut Workspace::default())?;
    let judgement = &evidence.judgement;
    let drift_per_version = judgement.trend.map(|trend| {
        let total = trend.total(judgement.points);
        let steps = judgement.points.saturating_sub(1) as f64;
        match Change::of_level(drift_origin(&input, judgement, total), total) {
            Change::Percent(in_all) => Change::Percent(percent((in_all / 100.0).ln_1p() / steps)),
            from_zero => from_zero,
        }
    });
    let ranks = series.ranks();
    let mut candidates: Vec<VersionProbability> = evidence
        .candidates
        .iter()
        .map(|candidate| VersionProbability {
            version: history.version_text(ranks[candidate.index]).to_owned(),
            probability: candidate.probability,
        })
        .collect();
    // Stable: equals stay in release order.
    candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let (history_family, latest_family) = families(series, judged, analysis);
    let of_unit = |series: &SeriesName| {
        series.app == name.app
            && series.platform == name.platform
            && series.category == name.category
            && series.metric == name.metric
    };
    let finding = analysis.findings.iter().find(|finding| finding.series == name).or_else(|| {
        analysis.findings.iter().find(|finding| {
            of_unit(&finding.series)
                && finding
                    .also
                    .iter()
                    .any(|also| also.device == name.device && also.percentile_label == name.percentile_label)
        })
    });
    Ok(Explanation {
        percentile: series.percentile(),
        unit_label: history.names.get(series.metric_info().unit_label).map(str::to_owned),
        points: crate::claim::telling::points(series, &judged[series.unit()].odd),
        evidence,
        prior,
        scale: series.scale(),
        drift_per_version,
        margins_refused: context.priors.refuses_margins(series.member().metric),
        history_family,
        latest_family,
        candidates,
        populations: populations(series, told, finding),
        leads: finding.is_some_and(|finding| finding.series == name),
        finding: finding.cloned(),
        apple: analysis
            .apple_insights
            .iter()
            .filter(|view| {
                let is_its = view.app == name.app
                    && view.audit.category == name.category
                    && view.audit.metric == name.metric
                    && view.audit.populations.iter().any(|population| {
                        population.device == name.device && population.percentile_label == name.percentile_label
                    });
                is_its || finding.is_some_and(|finding| view.our_view.finding == Some(finding.id))
            })
            .cloned()
            .collect(),
        series: name,
    })
}

/// What the populations of a unit say to a finding of it.
fn populations(series: SeriesRef<'_>, told: &ToldUnits, finding: Option<&Finding>) -> Vec<PopulationShown> {
    let Some((finding, of)) = finding.zip(told.get(series.unit_key())) else { return Vec::new() };
    let is_it = |change: &&UnitChange| match finding.kind {
        FindingKind::Latest => false,
        FindingKind::Drift => change.is_drift,
        FindingKind::Step => series.history().version_text(of.versions()[change.version]) == finding.version,
    };
    let Some(change) = of.changes.iter().find(is_it) else { return Vec::new() };
    let (context, scale) = (series.context(), series.scale());
    let shown = of.populations(series.app).map(|(series, carrier)| {
        let origin = scale.origin(series.input().values.iter().sum::<f64>() / series.input().values.len() as f64);
        PopulationShown {
            device: series.device().to_owned(),
            label: series.device_label(),
            probability: change.carriers[carrier].probability,
            change: change.carriers[carrier].effect.map(|effect| Change::of_level(origin, effect.delta)),
            ci_percent: change.carriers[carrier].effect.and_then(|effect| {
                origin.interval(Interval::around(effect.delta, context.half_width(effect.se, effect.df)))
            }),
        }
    });
    shown.collect()
}

/// The unit of a series under both questions.
fn families(series: SeriesRef<'_>, judged: &[Unit], analysis: &Analysis) -> (Option<FamilyTest>, Option<FamilyTest>) {
    let unit = &judged[series.unit()];
    let family =
        |p: Option<PValue>, cutoff: f64| Some(FamilyTest { series: u64::from(unit.series), p: p?.value(), cutoff });
    let calibration = &analysis.calibration;
    (family(unit.history, calibration.history.threshold), family(unit.latest, calibration.latest.threshold))
}

/// `APP/CATEGORY/metric/device/percentile`, of the series that pass the filter; `None` where it does not look like one.
fn named_series(batch: &Batch<'_>, filter: &Filter, wanted: &str) -> Result<Option<SeriesName>, ExplainError> {
    let parts: Vec<&str> = wanted.split('/').collect();
    // An app's key may hold a slash, so the last four parts are counted from the end.
    let [app @ .., category, metric, device, percentile] = parts.as_slice() else { return Ok(None) };
    if app.is_empty() {
        return Ok(None);
    }
    let wanted_percentile = Percentile::from_label(percentile).number();
    let is_it = |series: &SeriesRef<'_>| {
        let same_percentile = series.percentile_label() == *percentile
            || wanted_percentile.zip(series.percentile()).is_some_and(|(a, b)| a.total_cmp(&b).is_eq());
        let known = series.metric();
        known.category.eq_ignore_ascii_case(category)
            && known.identifier.eq_ignore_ascii_case(metric)
            && series.device().eq_ignore_ascii_case(device)
            && same_percentile
            && filter.shows(series.history(), series.info())
    };
    let names = |app: AppRef<'_>, _: &mut Workspace| app.series().filter(is_it).map(SeriesRef::name).collect();
    let app = batch.position(&app.join("/"));
    let mut found: Vec<SeriesName> =
        app.map(|app| batch.with(app, &mut Workspace::default(), names)).unwrap_or_default();
    if found.iter().any(|series| series.percentile_label == *percentile) {
        found.retain(|series| series.percentile_label == *percentile);
    }
    match found.as_slice() {
        [] => Err(ExplainError::Unknown(wanted.to_owned())),
        [series] => Ok(Some(series.clone())),
        several => Err(ExplainError::Ambiguous(
            wanted.to_owned(),
            several.iter().map(|series| format!("{} {}", series.platform, series.percentile_label)).collect(),
            "choose with --platform, or by the label of the percentile",
        )),
    }
}

/// The series behind an id, or the start of one: of a finding, or of a series on its card.
fn series_of_id(analysis: &Analysis, wanted: &str) -> Result<SeriesName, ExplainError> {
    let start = wanted.to_ascii_lowercase();
    let matches = |id: FindingId| start.len() >= 4 && id.to_string().starts_with(&start);
    let mut found: Vec<(FindingId, SeriesName)> = Vec::new();
    for finding in &analysis.findings {
        if matches(finding.id) {
            found.push((finding.id, finding.series.clone()));
        }
        for also in finding.also.iter().filter(|also| matches(also.id)) {
            let series = SeriesName {
                device: also.device.clone(),
                percentile_label: also.percentile_label.clone(),
                ..finding.series.clone()
            };
            found.push((also.id, series));
        }
    }
    match found.as_slice() {
        [] => Err(ExplainError::Unknown(wanted.to_owned())),
        [(_, series)] => Ok(series.clone()),
        several => Err(ExplainError::Ambiguous(
            wanted.to_owned(),
            several.iter().take(5).map(|(id, _)| id.to_string()).collect(),
            "give more of the id",
        )),
    }
}
