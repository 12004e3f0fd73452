//! One claim, or one series that claims nothing, with everything that it rests on: the noise and where it came from, every
//! version's probability, the tests, the correction over the batch.

use crate::analysis::Analysis;
use crate::claim::claims::drift_origin;
use crate::claim::detail::FindingDetail;
use crate::claim::finding::{
    AppleInsightView, Change, Finding, FindingId, SeriesName, SeriesPoint, VersionProbability,
};
use crate::filter::Filter;
use crate::history::builder::AppHistory;
use crate::judge::batch::{Batch, Selected};
use crate::options::Options;
use perfpower_model::Percentile;
use perfpower_statistics::fdr::{Cutoff, Dependence, PValue, simes};
use perfpower_statistics::prior::FittedPrior;
use perfpower_statistics::{
    Explanation as SeriesExplanation, Model, Scale, Unusable, Workspace, explain as explain_one, percent,
};
use std::fmt;

/// Everything that one answer rests on.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The series.
    pub series: SeriesName,
    /// Such as 50 or 90.
    pub percentile: Option<f64>,
    /// Unit for eyes.
    pub unit_label: String,
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

/// What one question says to all series of one app × metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyTest {
    /// Series that the question was put to.
    pub series: u64,
    /// Of all of them together (Simes): what the batch selects by.
    pub p: f64,
    /// p-value up to which its series are claims, if the batch selects it; 0 = none is.
    pub cutoff: f64,
}

impl FamilyTest {
    /// `level` is that inside a selected family.
    fn of(mut series: Vec<PValue>, level: f64, dependence: Dependence) -> Option<Self> {
        let cutoff = Cutoff::of(&series, level, dependence).p();
        Some(Self { series: series.len() as u64, p: simes(&mut series)?.value(), cutoff })
    }
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

/// Explains a finding by the start of its id, or a series by its name.
pub fn explain(
    histories: &[AppHistory],
    filter: &Filter,
    options: &Options,
    analysis: &Analysis,
    wanted: &str,
) -> Result<Explanation, ExplainError> {
    let batch = Batch::new(histories, filter, options);
    let series = match named_series(&batch, wanted)? {
        Some(series) => series,
        None => series_of_id(analysis, wanted)?,
    };
    let unknown = || ExplainError::Unknown(wanted.to_owned());
    let app = histories.iter().position(|history| history.app == series.app).ok_or_else(unknown)?;
    let selected = batch.selected[app]
        .iter()
        .find(|selected| histories[app].series_name(batch.info(app, selected)) == series)
        .ok_or_else(unknown)?;
    explain_selected(&batch, app, selected, analysis).map_err(ExplainError::Unusable)
}

/// Explains the series that lead findings, one after the other, with the batch read once.
pub struct Explainer<'a> {
    batch: Batch<'a>,
    analysis: &'a Analysis,
}

impl<'a> Explainer<'a> {
    /// Reads the batch.
    pub fn new(histories: &'a [AppHistory], filter: &Filter, options: &'a Options, analysis: &'a Analysis) -> Self {
        Self { batch: Batch::new(histories, filter, options), analysis }
    }

    /// The series that leads a finding; absent if it is not of this batch.
    pub fn finding(&self, finding: &Finding) -> Option<Explanation> {
        let histories = self.batch.histories;
        let app = self.app(finding)?;
        let selected = self.batch.selected[app]
            .iter()
            .find(|selected| histories[app].series_name(self.batch.info(app, selected)) == finding.series)?;
        explain_selected(&self.batch, app, selected, self.analysis).ok()
    }

    /// What the history of its app holds beside a finding.
    pub fn detail(&self, finding: &Finding) -> FindingDetail {
        let history = self.app(finding).map(|app| &self.batch.histories[app]);
        history.map(|history| FindingDetail::of(history, finding)).unwrap_or_default()
    }

    /// The position of a finding's app; histories are sorted by app.
    fn app(&self, finding: &Finding) -> Option<usize> {
        self.batch.histories.binary_search_by(|history| history.app.as_str().cmp(&finding.series.app)).ok()
    }
}

fn explain_selected(
    batch: &Batch<'_>,
    app: usize,
    selected: &Selected,
    analysis: &Analysis,
) -> Result<Explanation, Unusable> {
    let history = &batch.histories[app];
    let info = batch.info(app, selected);
    let name = history.series_name(info);
    let mut workspace = Workspace::default();
    let prior = batch.fitted_prior(selected);
    let input = batch.input(app, selected);
    let evidence = explain_one(&input, &prior.prior, &batch.critical, &mut workspace)?;
    let judgement = &evidence.judgement;
    let drift_per_version = judgement.trend.map(|trend| {
        let total = trend.total(judgement.points);
        let steps = judgement.points.saturating_sub(1) as f64;
        match Change::of_level(drift_origin(&input, judgement, total), total) {
            Change::Percent(in_all) => Change::Percent(percent((in_all / 100.0).ln_1p() / steps)),
            from_zero => from_zero,
        }
    });
    let ranks = batch.version_ranks(app, selected);
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
    let (history_family, latest_family) = families(batch, app, selected, analysis, &mut workspace);
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
        percentile: Percentile::from_label(&name.percentile_label).number(),
        unit_label: history.names.text(history.metrics[info.metric as usize].unit_label).to_owned(),
        points: crate::claim::telling::points(history, selected),
        evidence,
        prior,
        scale: batch.metric(selected).scale(),
        drift_per_version,
        margins_refused: batch.priors.refuses_margins(selected.metric),
        history_family,
        latest_family,
        candidates,
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

/// The family of a series under both questions.
fn families(
    batch: &Batch<'_>,
    app: usize,
    selected: &Selected,
    analysis: &Analysis,
    workspace: &mut Workspace,
) -> (Option<FamilyTest>, Option<FamilyTest>) {
    let platform = batch.info(app, selected).platform;
    let (mut history, mut latest) = (Vec::new(), Vec::new());
    for member in &batch.selected[app] {
        if member.metric == selected.metric
            && batch.info(app, member).platform == platform
            && let Ok(screened) = batch.screen(app, member, workspace)
        {
            history.extend(screened.history_p());
            latest.extend(screened.latest_p());
        }
    }
    let dependence = batch.options.dependence();
    let calibration = &analysis.calibration;
    (
        FamilyTest::of(history, calibration.history.selected_level, dependence),
        FamilyTest::of(latest, calibration.latest.selected_level, dependence),
    )
}

/// `APP/CATEGORY/metric/device/percentile`, of the series that pass the filter; `None` where it does not look like one.
fn named_series(batch: &Batch<'_>, wanted: &str) -> Result<Option<SeriesName>, ExplainError> {
    let parts: Vec<&str> = wanted.split('/').collect();
    // An app's key may hold a slash, so the last four parts are counted from the end.
    let [app @ .., category, metric, device, percentile] = parts.as_slice() else { return Ok(None) };
    if app.is_empty() {
        return Ok(None);
    }
    let app = app.join("/");
    let names = batch.histories.iter().zip(&batch.selected).filter(|(history, _)| history.app == app).flat_map(
        |(history, selected)| {
            let info = |selected: &Selected| history.series_name(&history.series[selected.series as usize]);
            selected.iter().map(info)
        },
    );
    let mut found: Vec<SeriesName> = names
        .filter(|name| {
            let same_percentile = name.percentile_label == *percentile
                || Percentile::from_label(percentile)
                    .number()
                    .zip(Percentile::from_label(&name.percentile_label).number())
                    .is_some_and(|(a, b)| a.total_cmp(&b).is_eq());
            name.category.eq_ignore_ascii_case(category)
                && name.metric.eq_ignore_ascii_case(metric)
                && name.device.eq_ignore_ascii_case(device)
                && same_percentile
        })
        .collect();
    if found.iter().any(|name| name.percentile_label == *percentile) {
        found.retain(|name| name.percentile_label == *percentile);
    }
    match found.len() {
        0 => Err(ExplainError::Unknown(wanted.to_owned())),
        1 => Ok(found.pop()),
        _ => Err(ExplainError::Ambiguous(
            wanted.to_owned(),
            found.iter().map(|name| format!("{} {}", name.platform, name.percentile_label)).collect(),
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
