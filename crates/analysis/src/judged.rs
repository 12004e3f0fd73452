//! A batch of apps, fitted and judged: the one place where the work fans out over apps and is gathered again, in a fixed order.
//!
//! Two questions are asked of every series, and each has its own family of tests: *history* (which version brought a lasting
//! change?) and *release* (did the latest version itself change?). Within a question the unit is one app × metric, judged by all that
//! its series show together, and selected over the whole batch by the correction of the options. Only then are the series of a
//! selected unit told what their unit says, and told in full. Where many apps share a jump, what it explains is set aside, and the
//! rest is selected a second time.

use crate::analysis::{Analysis, AppSummary, AppleCutoff, Calibration, PlatformEvent, Totals};
use crate::apple::view as apple_view;
use crate::claim::calendar::Calendar;
use crate::claim::code::links;
use crate::claim::common_cause::{Events, Part};
use crate::claim::detail::FindingDetail;
use crate::claim::explain::{ExplainError, Explanation, explanation, wanted_series};
use crate::claim::finding::{
    AppleInsightView, Finding, FindingId, FindingKind, GoalStatus, OddReading, SeriesLevel, SeriesName, Verdict,
};
use crate::claim::maturity;
use crate::claim::telling::{Cards, findings, odd_reading};
use crate::filter::Filter;
use crate::gate::LevelRequest;
use crate::judge::app::AppRef;
use crate::judge::batch::{AppFacts, Batch};
use crate::judge::calibration::calibration;
use crate::judge::histories::Histories;
use crate::judge::judging::{JudgedBatch, Unit, UnitKey, categories_of, goals_among, judge_all};
use crate::judge::known::KnownClaims;
use crate::judge::levels::levels;
use crate::judge::metrics::MetricContext;
use crate::judge::selection::Selections;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use crate::news::{Earlier, EarlierClaim, Measured, compared};
use crate::options::Options;
use crate::tables::comparison::{Baseline, Comparisons, compare};
use perfpower_model::{Redact, TextRole};
use perfpower_stacks::FollowOptions;
use perfpower_statistics::fdr::PValue;
use perfpower_statistics::{Unusable, Workspace};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A batch of apps, fitted and judged once; all that is told of it is asked of it.
///
/// Judged together is everything that it was made of. A [`Filter`] chooses what is shown of that, and changes no figure: whoever wants an
/// app judged without the others makes a batch of that app alone.
///
/// ```
/// use perfpower_analysis::{Filter, Judged, Options};
///
/// let options = Options::default();
/// let judged = Judged::new(&[], &options);
/// assert!(judged.analysis(&Filter::default()).findings.is_empty());
/// ```
pub struct Judged<'a> {
    batch: Batch<'a>,
    /// By app.
    units: Vec<Vec<Unit>>,
    /// What the selected units claim.
    told: ToldUnits,
    /// Of all apps and series.
    whole: Analysis,
}

/// What is told of one app once it is known what the batch selects.
struct ToldApp {
    insights: Vec<AppleInsightView>,
    cutoffs: BTreeMap<u32, AppleCutoff>,
    goals: Vec<GoalStatus>,
    odd: Vec<OddReading>,
}

impl<'a> Judged<'a> {
    /// Fits and judges. Histories are sorted by app, as they are read.
    pub fn new(histories: impl Into<Histories<'a>>, options: &'a Options) -> Self {
        Self::since(histories, options, None)
    }

    /// The same with what is new against an earlier report. A claim of it is kept as long as it would be made at four times the false
    /// discovery rate: arbitrary, so that a claim does not come and go with values that move a little.
    pub fn since(histories: impl Into<Histories<'a>>, options: &'a Options, earlier: Option<&Earlier>) -> Self {
        let (batch, apps) = Batch::new(histories.into(), options);
        let mut whole = Analysis { apps, ..Analysis::empty(options) };
        let judged = judge_all(&batch);
        let known = KnownClaims::of(&batch, earlier);
        let selected = Selections::of(&judged, &BTreeMap::new(), &known, options.correction);
        let told = ToldUnits::of(&batch, &selected, &known);
        let calendar = Calendar::of(&batch, &told.apps());
        let everything = findings(&batch, &judged.units, &told, &selected.units(), &selected);
        let events = Events::find(&batch, &calendar, &everything.findings, &everything.evidence);
        let (selected, own) = if events.is_empty() {
            (selected, everything)
        } else {
            without_events(&batch, &judged, &told, everything, &events, &known)
        };
        whole.totals = totals(&batch.facts);
        whole.findings = own.findings;
        whole.settling = batch.settling.curves(&batch.context);
        maturity::mark(&calendar, &mut whole.findings, &whole.settling);
        rank(&mut whole.findings);
        whole.news = earlier.map(|earlier| {
            compared(&whole.findings, earlier, KnownClaims::rate(options.correction), |claim| {
                measured(&judged.units, &known, claim)
            })
        });
        whole.platform_events = events.tell(&mut whole.findings);
        link_stacks(&batch, &mut whole.findings);
        whole.metrics = batch.context.metrics.iter().map(MetricContext::setting).collect();
        whole.calibration = calibration(&batch, &judged, &selected);
        for (app, categories) in whole.apps.iter_mut().zip(judged.categories) {
            app.categories = categories;
        }
        count_findings(&mut whole.apps, &whole.findings);
        let mut judged = Self { batch, units: judged.units, told, whole };
        judged.tell_apps();
        judged
    }

    /// What is told of every app, whether anything of it was selected or not.
    fn tell_apps(&mut self) {
        let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.whole.findings {
            findings.entry(&finding.series.app).or_default().push(finding);
        }
        let of_apps = self.batch.each(|app, workspace| {
            let findings = findings.get(app.history().app.as_str()).map(Vec::as_slice).unwrap_or_default();
            ToldApp {
                insights: apple_view::views(app, &self.told, findings, workspace),
                cutoffs: apple_view::cutoffs_of(app),
                goals: goals_among(&app.series().collect::<Vec<_>>(), &self.told, workspace),
                odd: self.odd_of(app, &Filter::default()),
            }
        });
        let mut cutoffs = Vec::with_capacity(of_apps.len());
        let (insights, goals, odd) =
            (&mut self.whole.apple_insights, &mut self.whole.goals, &mut self.whole.odd_readings);
        for app in of_apps {
            insights.extend(app.insights);
            cutoffs.push(app.cutoffs);
            goals.extend(app.goals);
            odd.extend(app.odd);
        }
        sort_goals(goals);
        sort_odd(odd);
        self.whole.apple_cutoffs = apple_view::cutoffs(cutoffs, &self.batch.context);
    }

    /// What passes a filter, with the figures that it has among everything. Events, curves and the calibration are those of the batch.
    pub fn analysis(&self, filter: &Filter) -> Cow<'_, Analysis> {
        if *filter == Filter::default() { Cow::Borrowed(&self.whole) } else { Cow::Owned(self.shown(filter)) }
    }

    /// The same, of a batch that nothing else is asked of.
    pub fn into_analysis(self, filter: &Filter) -> Analysis {
        if *filter == Filter::default() { self.whole } else { self.shown(filter) }
    }

    /// How far the p-values of the batch can be trusted, and what its noise was taken to be.
    pub fn calibration(&self) -> &Calibration {
        &self.whole.calibration
    }

    /// Explains a finding by the start of its id, or a series by its name; among several series of one name the filter chooses.
    pub fn explain(&self, wanted: &str, filter: &Filter) -> Result<Explanation, ExplainError> {
        let name = wanted_series(&self.batch, filter, &self.whole, wanted)?;
        let explained = self.explain_series(&name).ok_or_else(|| ExplainError::Unknown(wanted.to_owned()))?;
        explained.map_err(ExplainError::Unusable)
    }

    /// Explains the series that leads a finding; absent if it is not of this batch.
    pub fn explain_finding(&self, finding: &Finding) -> Option<Explanation> {
        self.explain_series(&finding.series)?.ok()
    }

    /// The id of every claim beside the one that it has once the names of the histories are replaced.
    pub fn redacted_ids(&self, by: &mut dyn Redact) -> BTreeMap<FindingId, FindingId> {
        let mut ids = BTreeMap::new();
        for finding in &self.whole.findings {
            let SeriesName { app, platform, category, metric, names_platform, .. } = &finding.series;
            let lead = (finding.id, &finding.series.device, &finding.series.percentile_label);
            let also = finding.also.iter().map(|also| (also.id, &also.device, &also.percentile_label));
            for (id, device, percentile) in std::iter::once(lead).chain(also) {
                let app = by.redact(TextRole::App, app);
                let [platform, category, metric, device, percentile_label] =
                    [platform, category, metric, device, percentile].map(|word| by.redact(TextRole::Word, word));
                let names_platform = *names_platform;
                let series = SeriesName { app, platform, category, metric, device, percentile_label, names_platform };
                let version = by.redact(TextRole::Version, &finding.version);
                ids.insert(id, FindingId::of_claim(&series, finding.kind, &version));
            }
        }
        ids
    }

    /// Absent if it is not of this batch.
    fn explain_series(&self, name: &SeriesName) -> Option<Result<Explanation, Unusable>> {
        let at = self.batch.position(&name.app)?;
        self.batch.with(at, &mut Workspace::default(), |app, _| {
            let series = app.series_named(name)?;
            Some(explanation(series, &self.units[at], &self.told, &self.whole))
        })
    }

    /// What the history of its app holds beside a finding.
    pub fn detail(&self, finding: &Finding) -> FindingDetail {
        let at = self.batch.position(&finding.series.app);
        at.map(|at| self.batch.history(at, |history| FindingDetail::of(history, finding))).unwrap_or_default()
    }

    /// The level of every series that is asked for and passes the filter, in the order of apps and series. A series that cannot be judged
    /// says why, so that no rule about it looks kept.
    pub fn levels(&self, request: &LevelRequest, filter: &Filter) -> Vec<SeriesLevel> {
        levels(&self.batch, &self.told, filter, request)
    }

    /// Compares versions of every series that passes the filter, and gives the first `top` rows.
    pub fn compare(&self, baseline: &Baseline, filter: &Filter, top: usize) -> Comparisons {
        compare(&self.batch, &self.whole.findings, baseline, filter, top)
    }

    fn shown(&self, filter: &Filter) -> Analysis {
        let whole = &self.whole;
        let facts: Vec<&AppFacts> = whole
            .apps
            .iter()
            .zip(&self.batch.facts)
            .filter(|(app, _)| filter.app(&app.app))
            .map(|(_, facts)| facts)
            .collect();
        let findings: Vec<Finding> = whole.findings.iter().filter(|finding| filter.finding(finding)).cloned().collect();
        let is_of_metric = |category: &str, metric: &str| {
            let position = self.batch.context.metric(category, metric);
            filter.metric(category, metric)
                && position.is_some_and(|metric| facts.iter().any(|app| app.metrics.contains(&metric)))
        };
        let insights = self.shown_insights(filter);
        let mut shown = Analysis {
            options: whole.options.clone(),
            filter: filter.clone(),
            apps: whole.apps.iter().filter(|app| filter.app(&app.app)).cloned().collect(),
            news: whole.news.as_ref().map(|news| news.shown(&findings, filter)),
            findings,
            platform_events: Vec::new(),
            apple_insights: insights,
            apple_cutoffs: whole
                .apple_cutoffs
                .iter()
                .filter(|cutoff| is_of_metric(&cutoff.category, &cutoff.metric))
                .cloned()
                .collect(),
            goals: self.shown_goals(filter),
            odd_readings: self.shown_odd(filter),
            metrics: whole
                .metrics
                .iter()
                .filter(|setting| is_of_metric(&setting.category, &setting.metric))
                .cloned()
                .collect(),
            settling: whole
                .settling
                .iter()
                .filter(|curve| is_of_metric(&curve.category, &curve.metric))
                .cloned()
                .collect(),
            calibration: whole.calibration.clone(),
            totals: totals(facts.iter().copied()),
        };
        shown.platform_events = events_of(&whole.platform_events, &mut shown.findings);
        self.count_series(&mut shown.apps, filter);
        count_findings(&mut shown.apps, &shown.findings);
        shown
    }

    /// Aggregates speak for their metric; where none of it is shown, its devices do.
    fn shown_goals(&self, filter: &Filter) -> Vec<GoalStatus> {
        let goals = self.batch.each(|app, workspace| {
            let shown = app.series().filter(|series| filter.shows(series.history(), series.info()));
            goals_among(&shown.collect::<Vec<_>>(), &self.told, workspace)
        });
        let mut goals: Vec<GoalStatus> = goals.into_iter().flatten().collect();
        sort_goals(&mut goals);
        goals
    }

    /// An odd value is shown if the series that it is told of is.
    fn shown_odd(&self, filter: &Filter) -> Vec<OddReading> {
        let has_odd = |units: &Vec<Unit>| units.iter().any(|unit| !unit.odd.is_empty());
        let apps: Vec<usize> = (0..self.units.len()).filter(|&at| has_odd(&self.units[at])).collect();
        let odd = self.batch.each_of(&apps, |app, _| self.odd_of(app, filter));
        let mut odd: Vec<OddReading> = odd.into_iter().flatten().collect();
        sort_odd(&mut odd);
        odd
    }

    fn odd_of(&self, app: AppRef<'_>, filter: &Filter) -> Vec<OddReading> {
        let odd = self.units[app.position()].iter().flat_map(|unit| &unit.odd);
        let shown = odd.filter_map(|odd| {
            let series = SeriesRef { app, at: *odd.series.first()? };
            filter.shows(series.history(), series.info()).then(|| odd_reading(series, odd))
        });
        shown.collect()
    }

    /// An insight is shown if a series that it speaks of is.
    fn shown_insights(&self, filter: &Filter) -> Vec<AppleInsightView> {
        let mut of_app: BTreeMap<&str, Vec<&AppleInsightView>> = BTreeMap::new();
        let is_of_version =
            |view: &AppleInsightView| filter.version(view.audit.latest_version.as_deref().unwrap_or_default());
        let views = self.whole.apple_insights.iter().filter(|view| filter.app(&view.app));
        for view in views.filter(|view| is_of_version(view)) {
            of_app.entry(&view.app).or_default().push(view);
        }
        if filter.is_of_all_series() {
            return of_app.into_values().flatten().cloned().collect();
        }
        let apps: Vec<usize> = (0..self.batch.count()).filter(|&at| of_app.contains_key(self.batch.app(at))).collect();
        let shown = self.batch.each_of(&apps, |app, _| {
            let shown: Vec<SeriesRef<'_>> =
                app.series().filter(|series| filter.shows(series.history(), series.info())).collect();
            let views = of_app[app.history().app.as_str()].iter();
            let is_shown = |view: &&&AppleInsightView| shown.iter().any(|series| speaks_of(view, *series));
            views.filter(is_shown).map(|view| (*view).clone()).collect::<Vec<_>>()
        });
        shown.into_iter().flatten().collect()
    }

    /// The heat table's verdicts of the series that are shown.
    fn count_series(&self, apps: &mut [AppSummary], filter: &Filter) {
        let positions: Vec<usize> = (0..self.batch.count()).filter(|&at| filter.app(self.batch.app(at))).collect();
        let cells = self.batch.each_of(&positions, |app, workspace| {
            let shown = app.series().filter(|series| filter.shows(series.history(), series.info()));
            categories_of(shown, workspace)
        });
        for (app, categories) in apps.iter_mut().zip(cells) {
            app.categories = categories;
        }
    }
}

/// Whether an insight of an app speaks of a series of it.
fn speaks_of(view: &AppleInsightView, series: SeriesRef<'_>) -> bool {
    let metric = series.metric();
    metric.category == view.audit.category
        && metric.identifier == view.audit.metric
        && view.audit.populations.iter().any(|population| {
            population.device == series.device() && population.percentile_label == series.percentile_label()
        })
}

/// The heat table's cards of findings, by app and category.
fn count_findings(apps: &mut [AppSummary], findings: &[Finding]) {
    let positions: BTreeMap<String, usize> = apps.iter().map(|app| app.app.clone()).zip(0..).collect();
    for finding in findings {
        let Some(&at) = positions.get(&finding.series.app) else { continue };
        let cells = &mut apps[at].categories;
        let Some(cell) = cells.iter_mut().find(|cell| cell.category == finding.series.category) else { continue };
        match finding.verdict {
            _ if !finding.is_own() => {}
            Verdict::Regression if finding.is_open() => {
                cell.open_regressions += 1;
                if cell.open_regressions == 1 || finding.score_factors.lower_bound > cell.worst_lower_bound {
                    cell.worst_at_least_percent = finding.at_least_percent;
                    cell.worst_lower_bound = finding.score_factors.lower_bound;
                }
            }
            Verdict::Improvement => cell.improvements += 1,
            _ => {}
        }
    }
}

/// Judges a whole batch, and tells what passes the filter.
pub fn analyze<'a>(histories: impl Into<Histories<'a>>, filter: &Filter, options: &'a Options) -> Analysis {
    Judged::new(histories, options).into_analysis(filter)
}

/// Sizes and apps, without any judgement.
pub fn summarize<'a>(histories: impl Into<Histories<'a>>, options: &Options) -> Analysis {
    let of_apps = histories.into().each(|history| (AppSummary::of(history, options), Totals::of(history)));
    let (apps, sizes): (Vec<AppSummary>, Vec<Totals>) = of_apps.into_iter().unzip();
    Analysis { apps, totals: sizes.into_iter().fold(Totals::default(), Totals::and), ..Analysis::empty(options) }
}

fn totals<'f>(apps: impl IntoIterator<Item = &'f AppFacts>) -> Totals {
    apps.into_iter().fold(Totals::default(), |sum, app| sum.and(app.totals))
}

/// The farthest from its bound first.
fn sort_goals(goals: &mut [GoalStatus]) {
    goals.par_sort_by(|a, b| {
        let distance = |goal: &GoalStatus| goal.distance_percent.unwrap_or(f64::NEG_INFINITY);
        distance(b).total_cmp(&distance(a)).then_with(|| a.series.cmp(&b.series))
    });
}

/// The farthest off first.
fn sort_odd(odd: &mut [OddReading]) {
    let size = |reading: &OddReading| reading.off.percent().map_or(f64::INFINITY, f64::abs);
    odd.par_sort_by(|a, b| {
        size(b).total_cmp(&size(a)).then_with(|| a.series.cmp(&b.series)).then_with(|| a.version.cmp(&b.version))
    });
}

/// The events that some findings belong to, or stand beside, in their order. The findings point at them there.
fn events_of(all: &[PlatformEvent], findings: &mut [Finding]) -> Vec<PlatformEvent> {
    let mut place: BTreeMap<usize, usize> = findings
        .iter()
        .flat_map(|finding| {
            finding.platform_event.into_iter().chain(finding.beside_event.as_ref().map(|own| own.event))
        })
        .map(|old| (old, 0))
        .collect();
    for (new, at) in place.values_mut().enumerate() {
        *at = new;
    }
    for finding in findings {
        finding.platform_event = finding.platform_event.map(|old| place[&old]);
        if let Some(beside) = &mut finding.beside_event {
            beside.event = place[&beside.event];
        }
    }
    place.keys().map(|&old| all[old].clone()).collect()
}

/// The list that is left when events have been named. What belongs to one is no discovery of the list any more: such a unit stands
/// there for what it did beside the event, and all are selected anew. A thousand apps that the platform hit must not let a dozen false
/// ones in.
fn without_events(
    batch: &Batch<'_>,
    judged: &JudgedBatch,
    told: &ToldUnits,
    everything: Cards,
    events: &Events<'_>,
    known: &KnownClaims<'_>,
) -> (Selections, Cards) {
    let mut instead: BTreeMap<UnitKey, f64> = BTreeMap::new();
    for (unit, cards) in everything.by_unit() {
        // Who has a claim beside the event's is listed for that one.
        let parts: Option<Vec<Part>> = events.parts_of(&cards, &everything.evidence).into_iter().collect();
        if let Some(p) = parts.and_then(|parts| parts.into_iter().map(|part| part.p).min_by(f64::total_cmp)) {
            instead.insert(unit, p);
        }
    }
    let anew = Selections::of(judged, &instead, known, batch.context.options.correction);
    let units = anew.units();
    let mut cards = findings(batch, &judged.units, told, &units, &anew);
    let mut set_aside = everything;
    set_aside.retain(|unit| instead.contains_key(unit) && units.binary_search(unit).is_err());
    cards.append(set_aside);
    cards.mark(events, anew.history.cutoff.p());
    (anew, cards)
}

/// What a batch has of what an earlier claim is about.
fn measured(judged: &[Vec<Unit>], known: &KnownClaims<'_>, claim: &EarlierClaim) -> Measured {
    match known.unit_of(claim) {
        Err(what) => Measured::Not(what),
        Ok((app, unit)) => {
            let unit = &judged[app][unit];
            let p = if claim.kind == FindingKind::Latest { unit.latest } else { unit.history };
            Measured::Still(p.map(PValue::value))
        }
    }
}

/// Names the code that grew with each regression, where hangs, launches or disk writes have signatures or logs.
fn link_stacks(batch: &Batch<'_>, findings: &mut [Finding]) {
    let positions: HashMap<&str, usize> = (0..batch.count()).map(|at| (batch.app(at), at)).collect();
    let mut by_app: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.verdict == Verdict::Regression) {
        if let Some(&app) = positions.get(finding.series.app.as_str()) {
            by_app.entry(app).or_default().push(at);
        }
    }
    let apps: Vec<usize> = by_app.keys().copied().collect();
    let linked = batch.each_of(&apps, |app, _| {
        let (history, options) = (app.history(), app.context.options);
        let followed = history.signatures.follow(&FollowOptions::default());
        let links = |&at: &usize| (at, links(history, &followed, &options.owners, options.correction, &findings[at]));
        by_app[&app.position()].iter().map(links).collect::<Vec<_>>()
    });
    for (at, links) in linked.into_iter().flatten() {
        findings[at].links = links;
    }
}

/// Regressions by score, then what is no regression, then improvements, then what many apps share; ties by size, then p, then series.
fn rank(findings: &mut [Finding]) {
    findings.par_sort_by(|a, b| {
        let size = |finding: &Finding| finding.change.percent().map_or(f64::INFINITY, f64::abs);
        let group = |finding: &Finding| match finding.verdict {
            _ if !finding.is_own() => 4,
            Verdict::Regression if finding.is_open() => 0,
            Verdict::Regression => 1,
            Verdict::Inconclusive | Verdict::Unchanged => 2,
            Verdict::Improvement => 3,
        };
        group(a)
            .cmp(&group(b))
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| size(b).total_cmp(&size(a)))
            .then_with(|| a.p.total_cmp(&b.p))
            .then_with(|| a.series.cmp(&b.series))
            .then_with(|| a.id.cmp(&b.id))
    });
}
