//! Each rule against each app, metric and population in its scope.

use super::coverage::{Coverage, UnreadInput};
use super::outcome::{Bound, BoundSide, BoundSource, Evidence, GateReport, MissingData, Outcome, OutcomeVerdict};
use super::rule::{Budget, CountPer, Demand, GoalChoice, RegressionKind, Rule, RuleMode};
use super::waiver::{Waiver, WaiverReport, WaiverState};
use crate::analysis::Analysis;
use crate::claim::finding::{Change, Finding, FindingId, FindingKind, SeriesLevel, SeriesName, Verdict, VersionLevel};
use crate::filter::{Filter, Pattern};
use crate::news::News;
use perfpower_model::{Day, version};
use std::collections::{BTreeMap, BTreeSet};

/// What the rules need to know of series: so that an engine keeps no level that nobody asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LevelRequest {
    scopes: Vec<Filter>,
    /// Versions that rules compare with.
    pub versions: Vec<String>,
}

impl LevelRequest {
    /// What these rules need.
    pub fn of(rules: &[Rule]) -> Self {
        let mut request = Self::default();
        for rule in rules {
            request.scopes.push(rule.scope.clone());
            if let Demand::NoWorseThan { version, .. } | Demand::HasVersion { version } = &rule.demand
                && !request.versions.contains(version)
            {
                request.versions.push(version.clone());
            }
        }
        request
    }

    /// The levels of all series.
    pub fn all() -> Self {
        Self { scopes: vec![Filter::default()], versions: Vec::new() }
    }

    /// Whether a rule needs the level of a series.
    pub fn wants(&self, series: &SeriesName) -> bool {
        self.scopes.iter().any(|scope| scope.series(series))
    }
}

/// Holds every rule against the analysis. `levels` are the series that [`LevelRequest::of`] the rules wants; `coverage` is what the
/// newest downloads gave; `today` decides which waivers still hold, and how old the data are.
pub fn judge_rules(
    analysis: &Analysis,
    levels: &[SeriesLevel],
    coverage: &Coverage,
    rules: &[Rule],
    waivers: &[Waiver],
    today: Day,
) -> GateReport {
    let mut levels: Vec<&SeriesLevel> = levels.iter().collect();
    levels.sort_by(|left, right| left.series.cmp(&right.series));
    let judge = Judge {
        levels,
        regressions: analysis.findings.iter().filter(|finding| finding.verdict == Verdict::Regression).collect(),
        apps: analysis.apps.iter().map(|app| (app.app.as_str(), app.name.as_str())).collect(),
        measured: analysis.apps.iter().filter(|app| app.points > 0).map(|app| app.app.as_str()).collect(),
        news: analysis.news.as_ref(),
        coverage,
        waivers,
        today,
    };
    let mut uses = vec![0; waivers.len()];
    let mut outcomes = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let from = outcomes.len();
        judge.rule(index, rule, &mut outcomes, &mut uses);
        for outcome in &mut outcomes[from..] {
            judge.apply_waivers(outcome, &mut uses);
        }
    }
    let waivers = waivers.iter().zip(uses).map(|(waiver, outcomes)| WaiverReport {
        state: match outcomes {
            _ if waiver.until < today => WaiverState::Expired,
            0 => WaiverState::Unused,
            _ => WaiverState::Used,
        },
        waiver: waiver.clone(),
        outcomes,
    });
    GateReport {
        today,
        newest_snapshot: coverage
            .newest_values()
            .or_else(|| analysis.apps.iter().filter_map(|app| app.snapshots.last().copied()).max()),
        rules: rules.to_vec(),
        outcomes,
        waivers: waivers.collect(),
    }
}

/// App, platform, category and metric: what a rule about regressions is judged by.
type MetricKey<'a> = (&'a str, &'a str, &'a str, &'a str);

fn metric_key(series: &SeriesName) -> MetricKey<'_> {
    (&series.app, &series.platform, &series.category, &series.metric)
}

struct Judge<'a> {
    /// Sorted by series.
    levels: Vec<&'a SeriesLevel>,
    /// Worst first.
    regressions: Vec<&'a Finding>,
    /// Name for eyes by key.
    apps: BTreeMap<&'a str, &'a str>,
    /// Apps with a value.
    measured: BTreeSet<&'a str>,
    /// Absent = no earlier report was given, so that all is new.
    news: Option<&'a News>,
    coverage: &'a Coverage,
    waivers: &'a [Waiver],
    today: Day,
}

impl<'a> Judge<'a> {
    fn rule(&self, index: usize, rule: &Rule, outcomes: &mut Vec<Outcome>, uses: &mut [usize]) {
        let levels: Vec<&SeriesLevel> =
            self.levels.iter().copied().filter(|level| rule.scope.series(&level.series)).collect();
        let from = outcomes.len();
        match &rule.demand {
            Demand::AtMost(_) | Demand::AtLeast(_) | Demand::Goal(_) | Demand::NoWorseThan { .. } => {
                for level in &levels {
                    let (is_broken, evidence) = judge_level(rule, level);
                    let mut outcome = self.outcome(index, rule, &*level.series.app, is_broken, evidence);
                    outcome.is_about(&level.series);
                    outcome.percentile = level.percentile;
                    outcome.unit_label.clone_from(&level.unit_label);
                    outcome.version = Some(level.version.clone());
                    outcomes.push(outcome);
                }
            }
            Demand::NewestWithin { days } => self.age_by_app(index, rule, *days, &levels, outcomes),
            Demand::HasVersion { version } => self.presence_by_app(index, rule, version, &levels, outcomes),
            Demand::NoRegression { kind, since } => {
                self.regressions_by_metric(index, rule, *kind, since.as_deref(), &levels, outcomes);
            }
            Demand::MaxOpenRegressions { count, per } => {
                self.count_regressions(index, rule, *count, *per, &levels, outcomes, uses);
            }
        }
        self.tell_of_apps_without_outcome(index, rule, outcomes, from);
        self.tell_of_names_that_fit_nothing(index, rule, outcomes, from);
        for outcome in &mut outcomes[from..] {
            self.hold_back(rule, outcome, &levels);
        }
        self.refuse_silence(rule, &mut outcomes[from..]);
    }

    /// A rule of which nothing was judged for an app, and not for want of versions alone, is not judged: too little to judge is
    /// no failure, nothing to judge is.
    fn refuse_silence(&self, rule: &Rule, outcomes: &mut [Outcome]) {
        let apps: BTreeSet<Option<String>> = outcomes.iter().map(|outcome| outcome.app.clone()).collect();
        for app in apps {
            let is_judged = |outcome: &Outcome| outcome.app == app && outcome.verdict != OutcomeVerdict::NotEnoughData;
            let is_silent =
                !outcomes.iter().any(is_judged) && !app.as_ref().is_some_and(|app| self.is_unmeasured(rule, app));
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.app == app) {
                let Evidence::Missing(missing) = &outcome.evidence else { continue };
                let is_named = matches!(missing, MissingData::NothingNamed { .. });
                if outcome.verdict == OutcomeVerdict::NotEnoughData && is_nothing(missing) && (is_silent || is_named) {
                    outcome.verdict = OutcomeVerdict::NotJudged;
                }
            }
        }
    }

    /// An app that has too little use for Apple to give values, and never had more, is no failure of a rule about all apps.
    fn is_unmeasured(&self, rule: &Rule, app: &str) -> bool {
        let is_named = rule.scope.apps.iter().any(|name| !name.is_open() && name.matches(app));
        let all_answered =
            self.coverage.app(app).is_none_or(|coverage| coverage.unread.iter().all(|input| input.is_answer));
        !is_named && !self.measured.contains(app) && all_answered
    }

    /// How old the newest values of each app are. Values that were saved again as they were do not grow younger by it.
    fn age_by_app(
        &self,
        index: usize,
        rule: &Rule,
        allowed_days: u32,
        levels: &[&'a SeriesLevel],
        outcomes: &mut Vec<Outcome>,
    ) {
        for (app, levels) in by_app(levels) {
            let newest = levels.iter().map(|level| level.newest_day).max();
            let unchanged = self.coverage.app(app).and_then(|coverage| coverage.unchanged_since);
            let Some(since) = newest.map(|newest| unchanged.map_or(newest, |unchanged| unchanged.min(newest))) else {
                continue;
            };
            let days = self.today.days() - since.days();
            let is_broken = i64::from(days) > i64::from(allowed_days);
            let mut outcome = self.outcome(index, rule, app, is_broken, Evidence::Age { since, days, allowed_days });
            outcome.version = latest_version(&levels);
            outcomes.push(outcome);
        }
    }

    /// Whether the newest download of each app holds a version.
    fn presence_by_app(
        &self,
        index: usize,
        rule: &Rule,
        version: &str,
        levels: &[&'a SeriesLevel],
        outcomes: &mut Vec<Outcome>,
    ) {
        for (app, levels) in by_app(levels) {
            let newest = levels.iter().map(|level| level.newest_day).max();
            let is_there = levels
                .iter()
                .any(|level| Some(level.newest_day) == newest && level.holds.iter().any(|held| held == version));
            let evidence = Evidence::Presence { version: version.to_owned(), is_there };
            let mut outcome = self.outcome(index, rule, app, !is_there, evidence);
            outcome.version = latest_version(&levels);
            outcomes.push(outcome);
        }
    }

    fn outcome<'n>(
        &self,
        index: usize,
        rule: &Rule,
        app: impl Into<Option<&'n str>>,
        is_broken: bool,
        evidence: Evidence,
    ) -> Outcome {
        let app = app.into();
        let verdict = match (&evidence, is_broken, rule.mode) {
            (Evidence::Missing(_), _, _) => OutcomeVerdict::NotEnoughData,
            (_, false, _) => OutcomeVerdict::Pass,
            (_, true, RuleMode::Gate) => OutcomeVerdict::Trip,
            (_, true, RuleMode::Inform) => OutcomeVerdict::Informed,
        };
        Outcome {
            rule: index,
            rule_name: rule.name.clone(),
            mode: rule.mode,
            strict: rule.strict,
            app: app.map(str::to_owned),
            app_name: app.map(|app| self.apps.get(app).copied().unwrap_or(app).to_owned()),
            platform: None,
            names_platform: false,
            category: None,
            metric: None,
            device: None,
            percentile_label: None,
            percentile: None,
            unit_label: None,
            version: None,
            verdict,
            evidence,
            finding: None,
            waiver: None,
        }
    }

    /// The regressions that a rule counts: a card is in the scope where any of its populations is.
    fn counted(&self, scope: &Filter, kind: RegressionKind, since: Option<&str>) -> impl Iterator<Item = &'a Finding> {
        self.regressions.iter().copied().filter(move |finding| {
            let is_latest = || {
                finding.kind == FindingKind::Latest
                    || finding.kind == FindingKind::Step
                        && version::compare(&finding.version, &finding.latest_version).is_eq()
            };
            scope.card(finding)
                && since.is_none_or(|since| version::compare(&finding.version, since).is_ge())
                && match kind {
                    RegressionKind::Latest => is_latest(),
                    RegressionKind::Open => finding.is_open(),
                    RegressionKind::Any => true,
                    RegressionKind::New => {
                        let is_new = |news: &News| news.standing(finding.id).is_new_work();
                        finding.is_open() && self.news.is_none_or(is_new)
                    }
                }
        })
    }

    fn regressions_by_metric(
        &self,
        index: usize,
        rule: &Rule,
        kind: RegressionKind,
        since: Option<&str>,
        levels: &[&'a SeriesLevel],
        outcomes: &mut Vec<Outcome>,
    ) {
        let mut by_metric: BTreeMap<MetricKey<'_>, (Vec<&SeriesLevel>, Vec<&Finding>)> = BTreeMap::new();
        for level in levels {
            by_metric.entry(metric_key(&level.series)).or_default().0.push(level);
        }
        for finding in self.counted(&rule.scope, kind, since) {
            by_metric.entry(metric_key(&finding.series)).or_default().1.push(finding);
        }
        for ((app, ..), (levels, findings)) in by_metric {
            for finding in &findings {
                let evidence = Evidence::Regression {
                    kind: finding.kind,
                    version: finding.version.clone(),
                    state: finding.state,
                    change: finding.change,
                    ci_percent: finding.ci_percent,
                    at_least_percent: finding.at_least_percent,
                    q: finding.q,
                    provisional: finding.provisional,
                };
                let mut outcome = self.outcome(index, rule, app, true, evidence);
                outcome.is_about(&finding.series);
                outcome.percentile = finding.percentile;
                outcome.unit_label.clone_from(&finding.unit_label);
                outcome.version = Some(finding.latest_version.clone());
                outcome.finding = Some(finding.id);
                if !finding.is_own() {
                    outcome.verdict = OutcomeVerdict::SetAside;
                }
                outcomes.push(outcome);
            }
            if let Some(first) = levels.first()
                && findings.is_empty()
            {
                let mut outcome = self.outcome(index, rule, app, false, no_regression(&levels));
                outcome.is_about(&first.series);
                outcome.device = None;
                outcome.percentile_label = None;
                outcome.version = latest_version(&levels);
                outcomes.push(outcome);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one arm of `rule`, split from it for the reader alone")]
    fn count_regressions(
        &self,
        index: usize,
        rule: &Rule,
        allowed: u32,
        per: CountPer,
        levels: &[&'a SeriesLevel],
        outcomes: &mut Vec<Outcome>,
        uses: &mut [usize],
    ) {
        let mut by_app: BTreeMap<Option<&str>, (Vec<&SeriesLevel>, Vec<&Finding>)> = BTreeMap::new();
        let key = |app: &'a str| (per == CountPer::App).then_some(app);
        for &level in levels {
            by_app.entry(key(&level.series.app)).or_default().0.push(level);
        }
        for finding in self.counted(&rule.scope, RegressionKind::Open, None) {
            by_app.entry(key(&finding.series.app)).or_default().1.push(finding);
        }
        for (app, (levels, findings)) in by_app {
            if findings.is_empty() && levels.iter().all(|level| !level.judged) {
                let evidence = no_regression(&levels);
                outcomes.push(self.outcome(index, rule, app, false, evidence));
                continue;
            }
            let (findings, shared): (Vec<&Finding>, Vec<&Finding>) =
                findings.into_iter().partition(|finding| finding.is_own());
            let mut waived = 0;
            let mut waiver = None;
            for finding in &findings {
                let fits = |waiver: &Waiver| {
                    waiver.rule.as_ref().is_none_or(|name| *name == rule.name)
                        && waiver.finding.is_none_or(|id| id == finding.id)
                        && waiver.scope.series(&finding.series)
                };
                let at = self.use_waiver(fits, uses);
                waived += usize::from(at.is_some());
                waiver = waiver.or(at);
            }
            let open = findings.len() - waived;
            let is_over = |count: usize| count > allowed as usize;
            let ids: Vec<FindingId> = findings.iter().map(|finding| finding.id).collect();
            let evidence = Evidence::Count { open, waived, set_aside: shared.len(), allowed, findings: ids };
            let mut outcome = self.outcome(index, rule, app, is_over(open), evidence);
            if is_over(findings.len()) && !is_over(open) {
                outcome.verdict = OutcomeVerdict::Waived;
                outcome.waiver = waiver;
            }
            outcome.finding = findings.first().map(|finding| finding.id);
            outcome.version = latest_version(&levels);
            outcomes.push(outcome);
        }
    }

    /// A rule that says nothing of an app that it is about would look kept.
    fn tell_of_apps_without_outcome(&self, index: usize, rule: &Rule, outcomes: &mut Vec<Outcome>, from: usize) {
        if matches!(rule.demand, Demand::MaxOpenRegressions { per: CountPer::Archive, .. }) && outcomes.len() > from {
            return;
        }
        let told: BTreeSet<String> = outcomes[from..].iter().filter_map(|outcome| outcome.app.clone()).collect();
        for app in self.apps.keys().filter(|app| rule.scope.app(app) && !told.contains(**app)) {
            outcomes.push(self.outcome(index, rule, *app, false, Evidence::Missing(MissingData::NoSeries)));
        }
        if outcomes.len() == from {
            outcomes.push(self.outcome(index, rule, None, false, Evidence::Missing(MissingData::NoApp)));
        }
        // Stable: what was said of one app keeps its order.
        outcomes[from..].sort_by(|left, right| left.app.cmp(&right.app));
    }

    /// A name that fits nothing is a slip of the pen or something that was not read, and what it stands for looks kept.
    fn tell_of_names_that_fit_nothing(&self, index: usize, rule: &Rule, outcomes: &mut Vec<Outcome>, from: usize) {
        let scope = &rule.scope;
        let named = |what: &'static str, name: &Pattern| {
            Evidence::Missing(MissingData::NothingNamed { what, name: name.as_str().to_owned() })
        };
        let is_plain = |name: &&Pattern| !name.is_open();
        for name in scope.apps.iter().filter(is_plain).filter(|_| scope.apps.len() > 1) {
            let only = Filter { apps: vec![name.clone()], ..Filter::default() };
            if !self.apps.keys().any(|app| only.app(app)) {
                outcomes.push(self.outcome(index, rule, name.as_str(), false, named("app", name)));
            }
        }
        for (what, names) in [
            ("platform", &scope.platforms),
            ("category", &scope.categories),
            ("metric", &scope.metrics),
            ("device", &scope.devices),
            ("percentile", &scope.percentiles),
        ] {
            // One name alone that fits nothing leaves no series, which is told.
            for name in names.iter().filter(is_plain).filter(|_| names.len() > 1) {
                let mut only = scope.clone();
                let list = match what {
                    "platform" => &mut only.platforms,
                    "category" => &mut only.categories,
                    "metric" => &mut only.metrics,
                    "device" => &mut only.devices,
                    _ => &mut only.percentiles,
                };
                *list = vec![name.clone()];
                if !self.levels.iter().any(|level| only.series(&level.series)) {
                    outcomes.push(self.outcome(index, rule, None, false, named(what, name)));
                }
            }
        }
        outcomes[from..].sort_by(|left, right| left.app.cmp(&right.app));
    }

    /// Takes back a pass that rests on other data than the newest download.
    fn hold_back(&self, rule: &Rule, outcome: &mut Outcome, levels: &[&SeriesLevel]) {
        if !matches!(outcome.verdict, OutcomeVerdict::Pass | OutcomeVerdict::NotEnoughData) {
            return;
        }
        let apps = self
            .apps
            .keys()
            .copied()
            .filter(|app| rule.scope.app(app) && outcome.app.as_ref().is_none_or(|own| own == app));
        for app in apps {
            let of_app = levels.iter().filter(|level| {
                let series = &level.series;
                let is_metric = outcome.metric.as_ref().is_none_or(|metric| {
                    *metric == series.metric
                        && outcome.category.as_ref() == Some(&series.category)
                        && outcome.platform.as_ref() == Some(&series.platform)
                });
                series.app == app && is_metric
            });
            let values = of_app.map(|level| level.newest_day).max();
            let Some((missing, verdict)) = self.why_not_newest(rule, app, values) else { continue };
            if outcome.verdict == OutcomeVerdict::Pass || verdict == OutcomeVerdict::NotJudged {
                outcome.evidence = Evidence::Missing(missing);
                outcome.verdict = verdict;
            }
            return;
        }
    }

    /// Why values of a day are not those of the app's newest download; `None` = they are.
    fn why_not_newest(&self, rule: &Rule, app: &str, values: Option<Day>) -> Option<(MissingData, OutcomeVerdict)> {
        let coverage = self.coverage.app(app).filter(|_| !self.is_unmeasured(rule, app))?;
        let newest = coverage.newest?;
        let lags = values < Some(newest);
        let is_missed = |input: &&UnreadInput| input.is_newer || lags && Some(input.day) > values;
        let mut unread = coverage.unread.iter().filter(is_missed);
        if let Some(first) = unread.next() {
            let UnreadInput { path, day, why, .. } = first.clone();
            let others = unread.count();
            let missing = MissingData::NotRead { newest: day.max(newest), values, path, why, others };
            return Some((missing, OutcomeVerdict::NotJudged));
        }
        let values = values?;
        if lags {
            // Of a rule about everything, what Apple no longer gives is no fault of the download.
            let is_named = !(rule.scope.metrics.is_empty() && rule.scope.categories.is_empty());
            let verdict = if is_named { OutcomeVerdict::NotJudged } else { OutcomeVerdict::NotEnoughData };
            return Some((MissingData::NotInNewest { newest, values }, verdict));
        }
        if let Some(of) = coverage.copy_of {
            return Some((MissingData::Copy { newest, of }, OutcomeVerdict::NotJudged));
        }
        let missed = coverage.missed?;
        Some((MissingData::Missed { newest: missed, values }, OutcomeVerdict::NotJudged))
    }

    fn apply_waivers(&self, outcome: &mut Outcome, uses: &mut [usize]) {
        // A count is waived finding by finding, where it is made.
        let is_broken = matches!(outcome.verdict, OutcomeVerdict::Trip | OutcomeVerdict::Informed);
        if !is_broken || matches!(outcome.evidence, Evidence::Count { .. }) {
            return;
        }
        let Outcome { app, platform, category, metric, device, percentile_label, .. } = &*outcome;
        let [app, platform, category, metric, device, percentile_label] =
            [app, platform, category, metric, device, percentile_label].map(|text| text.as_deref().unwrap_or_default());
        let fits = |waiver: &Waiver| {
            waiver.rule.as_ref().is_none_or(|rule| *rule == outcome.rule_name)
                && waiver.finding.is_none_or(|id| Some(id) == outcome.finding)
                && waiver.scope.app(app)
                && waiver.scope.platform(platform)
                && waiver.scope.metric(category, metric)
                && waiver.scope.population(device, "", percentile_label)
        };
        outcome.waiver = self.use_waiver(fits, uses);
        if outcome.waiver.is_some() {
            outcome.verdict = OutcomeVerdict::Waived;
        }
    }

    /// The first waiver that fits and still holds. Where none does, those that fit and are over are noted as missed.
    fn use_waiver(&self, fits: impl Fn(&Waiver) -> bool, uses: &mut [usize]) -> Option<usize> {
        let holder = self.waivers.iter().position(|waiver| waiver.until >= self.today && fits(waiver));
        match holder {
            Some(at) => uses[at] += 1,
            None => {
                for (waiver, uses) in self.waivers.iter().zip(uses) {
                    *uses += usize::from(fits(waiver));
                }
            }
        }
        holder
    }
}

impl Outcome {
    fn is_about(&mut self, series: &SeriesName) {
        let SeriesName { app: _, platform, category, metric, device, percentile_label, names_platform } =
            series.clone();
        self.platform = Some(platform);
        self.names_platform = names_platform;
        self.category = Some(category);
        self.metric = Some(metric);
        self.device = Some(device);
        self.percentile_label = Some(percentile_label);
    }
}

/// Whether something is not there at all, and not just too little of it.
fn is_nothing(missing: &MissingData) -> bool {
    matches!(
        missing,
        MissingData::NoSeries
            | MissingData::NoApp
            | MissingData::NothingNamed { .. }
            | MissingData::Unusable(_)
            | MissingData::NoVersion { .. }
            | MissingData::OtherUnit { .. }
    )
}

fn by_app<'a>(levels: &[&'a SeriesLevel]) -> BTreeMap<&'a str, Vec<&'a SeriesLevel>> {
    let mut apps: BTreeMap<&str, Vec<&SeriesLevel>> = BTreeMap::new();
    for &level in levels {
        apps.entry(&level.series.app).or_default().push(level);
    }
    apps
}

fn latest_version(levels: &[&SeriesLevel]) -> Option<String> {
    let versions = levels.iter().map(|level| level.version.as_str());
    versions.max_by(|left, right| version::total_compare(left, right)).map(str::to_owned)
}

/// What can be said where no regression was found.
fn no_regression(levels: &[&SeriesLevel]) -> Evidence {
    let judged: Vec<_> = levels.iter().filter(|level| level.judged).collect();
    if judged.is_empty() {
        if let Some(why) = levels.iter().find_map(|level| level.unusable) {
            return Evidence::Missing(MissingData::Unusable(why));
        }
        let points = levels.iter().map(|level| level.points).max().unwrap_or(0);
        return Evidence::Missing(MissingData::TooShort { points });
    }
    // What every one of them would have shown.
    let detectable_percent =
        judged.iter().map(|level| level.detectable_percent).reduce(|left, right| Some(left?.max(right?))).flatten();
    Evidence::NoRegression { judged: judged.len(), detectable_percent }
}

/// Whether a level breaks a rule that has a bound, and the numbers.
fn judge_level(rule: &Rule, level: &SeriesLevel) -> (bool, Evidence) {
    let missing = |what| (false, Evidence::Missing(what));
    if let Some(why) = level.unusable {
        return missing(MissingData::Unusable(why));
    }
    if ![level.value, level.level, level.ci[0], level.ci[1]].into_iter().all(f64::is_finite) {
        return missing(MissingData::NoLevel);
    }
    let bound = match &rule.demand {
        Demand::AtMost(budget) | Demand::AtLeast(budget) if !is_in_unit(budget, level) => {
            return missing(MissingData::OtherUnit { expected: budget.unit.clone().unwrap_or_default() });
        }
        Demand::AtMost(budget) => budgeted(budget, BoundSide::Below),
        Demand::AtLeast(budget) => budgeted(budget, BoundSide::Above),
        Demand::Goal(choice) => match goal_bound(choice, level) {
            Some(bound) => bound,
            None => return missing(MissingData::NoGoal),
        },
        Demand::NoWorseThan { version: since, percent } => {
            if version::compare(since, &level.version).is_eq() {
                return judge_since(rule.strict, &itself(level), level, *percent);
            }
            let then = level.earlier.iter().find(|then| version::compare(since, &then.version).is_eq());
            return match then {
                Some(then) => judge_since(rule.strict, then, level, *percent),
                None => missing(MissingData::NoVersion { version: since.clone() }),
            };
        }
        Demand::NoRegression { .. }
        | Demand::MaxOpenRegressions { .. }
        | Demand::NewestWithin { .. }
        | Demand::HasVersion { .. } => return missing(MissingData::NoLevel),
    };
    let is_broken = if rule.strict { bound.is_broken_by(level.value) } else { bound.is_surely_broken_by(level.ci) };
    (is_broken, Evidence::Level { value: level.value, level: level.level, ci: level.ci, bound })
}

fn is_in_unit(budget: &Budget, level: &SeriesLevel) -> bool {
    budget.unit.as_ref().is_none_or(|unit| level.unit_label.as_ref() == Some(unit))
}

fn budgeted(budget: &Budget, side: BoundSide) -> Bound {
    Bound { value: budget.bound, side, inclusive: true, source: BoundSource::Budget }
}

/// Apple's bound on the side that is worse. Apple's ranges include their lower end and exclude their upper one.
fn goal_bound(choice: &GoalChoice, level: &SeriesLevel) -> Option<Bound> {
    let side = if level.higher_is_better { BoundSide::Above } else { BoundSide::Below };
    match choice {
        GoalChoice::Recommended => {
            Some(Bound { value: level.recommended?, side, inclusive: true, source: BoundSource::Recommended })
        }
        GoalChoice::Label(label) => {
            let goal = level.goals.iter().find(|goal| goal.label.eq_ignore_ascii_case(label))?;
            let value = if level.higher_is_better { goal.lower? } else { goal.upper? };
            let source = BoundSource::Goal(goal.label.clone());
            Some(Bound { value, side, inclusive: level.higher_is_better, source })
        }
    }
}

fn itself(level: &SeriesLevel) -> VersionLevel {
    VersionLevel {
        version: level.version.clone(),
        value: level.value,
        level: level.level,
        ci: level.ci,
        same_level: true,
    }
}

/// A level against that of an earlier version. Both intervals are taken as symmetric on the log scale, and the levels as
/// independent, which they are where a step lies between them: half widths add in quadrature. Where a logarithm does not
/// exist (levels at zero) the nearer ends of both intervals must already be apart.
fn judge_since(strict: bool, then: &VersionLevel, now: &SeriesLevel, allowed_percent: f64) -> (bool, Evidence) {
    let worse = |percent: f64| if now.higher_is_better { -percent } else { percent };
    let (before, after) = if strict { (then.value, now.value) } else { (then.level, now.level) };
    let change = Change::between(before, after);
    let half_width = |[low, high]: [f64; 2]| (high / low).ln() / 2.0;
    let has_logarithms = [then.ci[0], now.ci[0], before, after].into_iter().all(|end| end > 0.0);
    let ci_percent = (!strict && !then.same_level && has_logarithms).then(|| {
        let half = half_width(then.ci).hypot(half_width(now.ci));
        let center = (after / before).ln();
        [center - half, center + half].map(|end| 100.0 * end.exp_m1())
    });
    let is_broken = if strict {
        match change {
            Change::Percent(percent) => worse(percent) > allowed_percent,
            // From zero no percentage is small enough.
            Change::FromZero => !now.higher_is_better,
            Change::Undefined => false,
        }
    } else if then.same_level {
        false
    } else if let Some([low, high]) = ci_percent {
        worse(if now.higher_is_better { high } else { low }) > allowed_percent
    } else if now.higher_is_better {
        now.ci[1] < then.ci[0] * (1.0 - allowed_percent / 100.0)
    } else {
        now.ci[0] > then.ci[1] * (1.0 + allowed_percent / 100.0)
    };
    let evidence = Evidence::Since {
        version: then.version.clone(),
        before,
        now: after,
        change,
        ci_percent,
        allowed_percent,
        same_level: then.same_level,
    };
    (is_broken, evidence)
}

#[cfg(test)]
mod tests;
