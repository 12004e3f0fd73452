//! What is known to rows, table by table. The cells stand in the order of the columns in `schema`.

use super::batch::Cell;
use super::exporter::{ExportSink, Exporter};
use super::schema::Table;
use perfpower_analysis::{Analysis, AppHistory, AppleInsightView, Finding, GoalSource, GoalStatus, InsightNumbers};
use perfpower_analysis::{PopulationAudit, SeriesInfo, SeriesName};
use perfpower_model::{Day, Document, Names, Percentile};
use perfpower_stacks::{Axis, Ranked, StackLog, StackTable};
use std::collections::BTreeSet;
use std::io;

impl<S: ExportSink> Exporter<S> {
    /// Writes the points, shares and revisions of an app.
    pub fn app(&mut self, history: &AppHistory) -> io::Result<()> {
        let texts = SeriesTexts::of(history);
        let app = history.app.as_str();
        let table = &history.table;
        let (values, margins, versions) = (table.values(), table.margins(), table.versions());
        for (info, texts) in history.series.iter().zip(&texts) {
            for row in info.rows.clone() {
                let at = row as usize;
                let version = versions[at];
                let Some(seen) = history.versions.get(version as usize) else { continue };
                self.row(
                    Table::Points,
                    app,
                    &[
                        Cell::Text(app),
                        Cell::Text(texts.platform),
                        Cell::Text(texts.category),
                        Cell::Text(texts.metric),
                        Cell::Text(texts.unit),
                        Cell::Text(texts.unit_label),
                        Cell::Text(texts.device),
                        Cell::Text(texts.device_label),
                        texts.percentile.into(),
                        Cell::Text(texts.percentile_label),
                        Cell::Text(history.version_text(version)),
                        Cell::Integer(version.into()),
                        Cell::Number(values[at]),
                        Cell::Number(margins[at]),
                        Cell::Text(history.names.get(table.goal(row)).unwrap_or_default()),
                        Cell::Day(table.snapshot(row)),
                        Cell::Day(seen.first_seen),
                        Cell::Day(seen.last_seen),
                    ],
                )?;
            }
        }
        let series_of_row = table.series();
        for share in &history.breakdown {
            let at = share.row as usize;
            let Some(texts) = series_of_row.get(at).and_then(|&series| texts.get(series as usize)) else { continue };
            self.row(
                Table::Breakdown,
                app,
                &[
                    Cell::Text(app),
                    Cell::Text(texts.platform),
                    Cell::Text(texts.category),
                    Cell::Text(texts.metric),
                    Cell::Text(texts.device),
                    texts.percentile.into(),
                    Cell::Text(texts.percentile_label),
                    Cell::Text(history.version_text(versions[at])),
                    Cell::Text(history.names.text(share.subsystem)),
                    Cell::Number(share.percent),
                ],
            )?;
        }
        for revision in &history.revisions {
            let Some(texts) = texts.get(revision.series as usize) else { continue };
            self.row(
                Table::Revisions,
                app,
                &[
                    Cell::Text(app),
                    Cell::Text(texts.platform),
                    Cell::Text(texts.category),
                    Cell::Text(texts.metric),
                    Cell::Text(texts.unit_label),
                    Cell::Text(texts.device),
                    texts.percentile.into(),
                    Cell::Text(texts.percentile_label),
                    Cell::Text(history.version_text(revision.version)),
                    Cell::Day(revision.day),
                    Cell::Number(revision.value),
                    Cell::Number(revision.margin),
                ],
            )?;
        }
        Ok(())
    }

    /// Writes the signatures of one document of an app.
    pub fn signatures(&mut self, app: &str, snapshot: Day, document: &Document) -> io::Result<()> {
        let names = &document.names;
        for signature in &document.signatures {
            let text = |id| Cell::Text(names.get(id).unwrap_or_default());
            self.row(
                Table::Signatures,
                app,
                &[
                    Cell::Text(app),
                    Cell::Day(snapshot),
                    text(document.identity.build_id),
                    text(signature.id),
                    text(signature.diagnostic_type),
                    text(signature.text),
                    signature.weight.into(),
                    text(signature.trend.as_ref().and_then(|trend| trend.direction)),
                    signature.count.map_or(Cell::Null, Cell::from),
                    text(signature.file),
                    signature.line.map_or(Cell::Null, |line| Cell::Integer(line.get().into())),
                ],
            )?;
        }
        Ok(())
    }

    /// Writes the functions in the call stacks of every app of the table, by app, diagnostic type and version.
    pub fn frames(&mut self, stacks: &StackTable) -> io::Result<()> {
        // Few against the logs.
        let groups: BTreeSet<LogGroup<'_>> = stacks.logs().iter().map(|log| LogGroup::of(stacks, log)).collect();
        for group in groups {
            let LogGroup { app, diagnostic_type, app_version } = group;
            let ranking = stacks.ranking(Ranked::All, |log| LogGroup::of(stacks, log) == group);
            for ranked in &ranking.frames {
                let frame = &ranked.frame;
                self.row(
                    Table::Frames,
                    app,
                    &[
                        Cell::Text(app),
                        Cell::Text(diagnostic_type),
                        Cell::Text(app_version),
                        Cell::Text(&frame.name),
                        Cell::Text(frame.binary.as_deref().unwrap_or_default()),
                        Cell::Text(frame.file.as_deref().unwrap_or_default()),
                        frame.line.map_or(Cell::Null, |line| Cell::Integer(line.get().into())),
                        Cell::Flag(frame.is_blame),
                        Cell::Text(frame.advice_category.as_deref().unwrap_or_default()),
                        ranked.own.into(),
                        ranked.inclusive.into(),
                        ranking.total.into(),
                        ranked.logs.into(),
                    ],
                )?;
            }
        }
        Ok(())
    }

    /// Writes the findings, goals and insights of an analysis; with partitions, app by app.
    pub fn analysis(&mut self, analysis: &Analysis) -> io::Result<()> {
        // Stable sorts: without partitions the order of the report is kept.
        let is_partitioned = self.is_partitioned();
        let mut findings: Vec<(usize, &Finding)> = analysis.findings.iter().enumerate().collect();
        let mut goals: Vec<&GoalStatus> = analysis.goals.iter().collect();
        let mut insights: Vec<&AppleInsightView> = analysis.apple_insights.iter().collect();
        if is_partitioned {
            findings.sort_by(|left, right| left.1.series.app.cmp(&right.1.series.app));
            goals.sort_by(|left, right| left.series.app.cmp(&right.series.app));
            insights.sort_by(|left, right| left.app.cmp(&right.app));
        }
        for (index, finding) in findings {
            self.finding(index, finding)?;
        }
        for goal in goals {
            self.goal(goal)?;
        }
        for insight in insights {
            if insight.audit.populations.is_empty() {
                self.insight(insight, None)?;
            }
            for population in &insight.audit.populations {
                self.insight(insight, Some(population))?;
            }
        }
        Ok(())
    }

    fn finding(&mut self, index: usize, finding: &Finding) -> io::Result<()> {
        let SeriesName { app, platform, category, metric, device, percentile_label, .. } = &finding.series;
        self.row(
            Table::Findings,
            app,
            &[
                Cell::Text(&finding.id.to_string()),
                Cell::Text(app),
                Cell::Text(platform),
                Cell::Text(category),
                Cell::Text(metric),
                Cell::Text(finding.unit_label.as_deref().unwrap_or_default()),
                Cell::Text(device),
                finding.percentile.into(),
                Cell::Text(percentile_label),
                Cell::Text(finding.kind.as_str()),
                Cell::Text(finding.verdict.as_str()),
                Cell::Text(&finding.version),
                Cell::Text(&finding.version_before),
                Cell::Text(&finding.latest_version),
                Cell::Text(finding.state.map_or("", |state| state.as_str())),
                Cell::Flag(finding.provisional),
                Cell::Number(finding.level_before),
                Cell::Number(finding.level_after),
                Cell::Number(finding.level_now),
                finding.change.percent().into(),
                finding.ci_percent.map(|[low, _]| low).into(),
                finding.ci_percent.map(|[_, high]| high).into(),
                finding.at_least_percent.into(),
                Cell::Number(finding.p),
                Cell::Number(finding.q),
                Cell::Number(finding.score),
                (finding.also.len() as u64).into(),
                Cell::Text(finding.spread.breadth.as_str()),
                Cell::Flag(finding.listed_by_apple),
                (index as u64 + 1).into(),
            ],
        )
    }

    fn goal(&mut self, goal: &GoalStatus) -> io::Result<()> {
        let SeriesName { app, platform, category, metric, device, percentile_label, .. } = &goal.series;
        let (source, detail) = match &goal.source {
            GoalSource::Bound(label) => ("bound", label.as_str()),
            GoalSource::Recommended(text) => ("recommended", text.as_deref().unwrap_or_default()),
            GoalSource::Label => ("label", ""),
        };
        self.row(
            Table::Goals,
            app,
            &[
                Cell::Text(app),
                Cell::Text(platform),
                Cell::Text(category),
                Cell::Text(metric),
                Cell::Text(goal.unit_label.as_deref().unwrap_or_default()),
                Cell::Text(device),
                goal.percentile.into(),
                Cell::Text(percentile_label),
                Cell::Text(source),
                Cell::Text(detail),
                goal.bound.into(),
                Cell::Text(goal.label.as_deref().unwrap_or_default()),
                Cell::Text(goal.label_before.as_deref().unwrap_or_default()),
                Cell::Text(&goal.version),
                Cell::Number(goal.level),
                goal.probability.into(),
                Cell::Text(goal.attainment.as_str()),
                goal.distance_percent.into(),
                Cell::Flag(goal.transition),
            ],
        )
    }

    fn insight(&mut self, view: &AppleInsightView, population: Option<&PopulationAudit>) -> io::Result<()> {
        let audit = &view.audit;
        let none = InsightNumbers::default();
        let (reported, recomputed) = population.map_or((none, none), |p| (p.reported, p.recomputed));
        let finding = view.our_view.finding.map(|id| id.to_string()).unwrap_or_default();
        self.row(
            Table::Insights,
            &view.app,
            &[
                Cell::Text(&view.app),
                Cell::Day(audit.snapshot),
                Cell::Text(audit.list.as_str()),
                Cell::Text(&audit.category),
                Cell::Text(&audit.metric),
                Cell::Text(audit.unit_label.as_deref().unwrap_or_default()),
                Cell::Text(audit.latest_version.as_deref().unwrap_or_default()),
                Cell::Text(&audit.reference_versions.join(" ")),
                Cell::Text(audit.subsystem.as_deref().unwrap_or_default()),
                audit.high_impact.map_or(Cell::Null, Cell::Flag),
                Cell::Text(population.map_or("", |p| &p.device)),
                population.and_then(|p| p.percentile).into(),
                Cell::Text(population.map_or("", |p| &p.percentile_label)),
                Cell::Text(population.map_or(audit.audit, |p| p.audit).as_str()),
                Cell::Text(population.and_then(|p| p.reason.as_deref()).unwrap_or_default()),
                reported.reference_average.into(),
                reported.latest.into(),
                reported.delta_percent.into(),
                recomputed.reference_average.into(),
                recomputed.latest.into(),
                recomputed.delta_percent.into(),
                Cell::Text(view.our_view.verdict.as_str()),
                Cell::Text(view.our_view.version.as_deref().unwrap_or_default()),
                Cell::Text(&finding),
            ],
        )
    }
}

/// What functions are ranked within.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LogGroup<'a> {
    app: &'a str,
    diagnostic_type: &'a str,
    app_version: &'a str,
}

impl<'a> LogGroup<'a> {
    fn of(stacks: &'a StackTable, log: &StackLog) -> Self {
        let value = |axis: Axis| axis.value(stacks, log).unwrap_or_default();
        Self { app: value(Axis::App), diagnostic_type: value(Axis::Type), app_version: value(Axis::Version) }
    }
}

/// The texts of a series, looked up once.
struct SeriesTexts<'a> {
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    unit: &'a str,
    unit_label: &'a str,
    device: &'a str,
    device_label: &'a str,
    percentile: Option<f64>,
    percentile_label: &'a str,
}

impl<'a> SeriesTexts<'a> {
    fn of(history: &'a AppHistory) -> Vec<Self> {
        let names: &'a Names = &history.names;
        let texts = |info: &SeriesInfo| {
            let metric = &history.metrics[info.metric as usize];
            let percentile_label = names.get(info.percentile).unwrap_or_default();
            Self {
                platform: names.get(info.platform).unwrap_or_default(),
                category: names.get(metric.category).unwrap_or_default(),
                metric: names.text(metric.identifier),
                unit: names.get(metric.unit).unwrap_or_default(),
                unit_label: names.get(metric.unit_label).unwrap_or_default(),
                device: names.get(info.device).unwrap_or_default(),
                device_label: names.get(info.device_label).unwrap_or_default(),
                percentile: Percentile::from_label(percentile_label).number(),
                percentile_label,
            }
        };
        history.series.iter().map(texts).collect()
    }
}
