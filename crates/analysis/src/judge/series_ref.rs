//! One series of a batch: what everything that judges and tells it is asked for.

use crate::claim::finding::SeriesName;
use crate::devices;
use crate::history::builder::{AppHistory, MetricInfo, SeriesInfo};
use crate::judge::app::{AppRef, Member, input};
use crate::judge::context::Context;
use crate::judge::judging::UnitKey;
use crate::judge::metrics::MetricContext;
use perfpower_model::DeviceClass;
use perfpower_statistics::prior::{FittedPrior, MarginClass, Stratum};
use perfpower_statistics::{
    CutEffect, LogChange, Scale, Scatter, Screening, SeriesInput, SeriesJudgement, Told, Unusable, Workspace,
    difference, effect, judge, judge_read, judge_told, screen,
};
use std::ops::Range;

/// A series of an app. As small as three numbers.
#[derive(Clone, Copy)]
pub(crate) struct SeriesRef<'b> {
    pub(crate) app: AppRef<'b>,
    /// Position among the members of the app.
    pub(crate) at: usize,
}

impl<'b> SeriesRef<'b> {
    pub(crate) fn member(self) -> &'b Member {
        &self.app.members()[self.at]
    }

    pub(crate) fn history(self) -> &'b AppHistory {
        self.app.history()
    }

    /// What its batch teaches.
    pub(crate) fn context(self) -> &'b Context<'b> {
        self.app.context
    }

    pub(crate) fn info(self) -> &'b SeriesInfo {
        &self.history().series[self.member().series as usize]
    }

    /// What its app knows of its metric.
    pub(crate) fn metric_info(self) -> &'b MetricInfo {
        &self.history().metrics[self.info().metric as usize]
    }

    /// Position of its unit among those of its app.
    pub(crate) fn unit(self) -> usize {
        self.app.units().partition_point(|members| members.end <= self.at)
    }

    /// The same among all of the batch.
    pub(crate) fn unit_key(self) -> UnitKey {
        (self.app.position(), self.unit())
    }

    /// What the batch knows of its metric.
    pub(crate) fn metric(self) -> &'b MetricContext {
        &self.context().metrics[self.member().metric as usize]
    }

    /// What its values are judged on.
    pub(crate) fn scale(self) -> Scale {
        self.metric().scale()
    }

    pub(crate) fn name(self) -> SeriesName {
        self.history().series_name(self.info())
    }

    /// Such as `all_iphones` or `iPhone12,1`.
    pub(crate) fn device(self) -> &'b str {
        self.history().names.get(self.info().device).unwrap_or_default()
    }

    /// The same for eyes.
    pub(crate) fn device_label(self) -> String {
        devices::label(self.device(), self.history().names.get(self.info().device_label).unwrap_or_default())
    }

    /// Whether it is that of one device model, and not of a family.
    pub(crate) fn is_of_device(self) -> bool {
        !DeviceClass::of(self.device()).is_aggregate()
    }

    /// Apple's label, such as `percentile.fifty`.
    pub(crate) fn percentile_label(self) -> &'b str {
        self.history().names.get(self.info().percentile).unwrap_or_default()
    }

    /// Such as 50 or 90; absent where the label has no number.
    pub(crate) fn percentile(self) -> Option<f64> {
        perfpower_model::Percentile::from_label(self.percentile_label()).number()
    }

    /// Its rows in the table of its app.
    pub(crate) fn rows(self) -> Range<u32> {
        self.history().ordered_rows(self.info())
    }

    /// Rank of the version of each point.
    pub(crate) fn ranks(self) -> &'b [u32] {
        let rows = self.rows();
        &self.history().table.versions()[rows.start as usize..rows.end as usize]
    }

    /// As the kernels read it.
    pub(crate) fn input(self) -> SeriesInput<'b> {
        let input = input(self.history(), self.metric(), &self.rows());
        if self.context().priors.refuses_margins(self.member().metric) {
            return SeriesInput { margins: &self.context().no_margins[..input.values.len()], ..input };
        }
        input
    }

    /// What the first pass saw it scatter. It read the margins, so where they are refused it says nothing.
    fn scatter(self) -> Option<Scatter> {
        let member = self.member();
        member.scatter.filter(|_| !self.context().priors.refuses_margins(member.metric))
    }

    /// The noise that the batch makes one expect of it, with where that was learned.
    pub(crate) fn prior(self) -> FittedPrior {
        let Member { metric, percentile, margin, .. } = *self.member();
        self.context().priors.of(Stratum { metric, percentile, margin: margin.unwrap_or(MarginClass::None) })
    }

    /// Both questions in short.
    pub(crate) fn screen(self, workspace: &mut Workspace) -> Result<Screening, Unusable> {
        screen(&self.input(), self.scatter(), &self.prior().prior, &self.context().critical, workspace)
    }

    /// Both questions in full, as the series answers them by itself.
    pub(crate) fn judge(self, workspace: &mut Workspace) -> Result<SeriesJudgement, Unusable> {
        let (input, prior) = (self.input(), self.prior().prior);
        match self.scatter() {
            Some(scatter) => judge_read(&input, scatter, &prior, &self.context().critical, workspace),
            None => judge(&input, &prior, &self.context().critical, workspace),
        }
    }

    /// The same where its unit says when it changed.
    pub(crate) fn judge_told(self, told: &Told, workspace: &mut Workspace) -> Result<SeriesJudgement, Unusable> {
        judge_told(&self.input(), self.scatter(), told, &self.prior().prior, &self.context().critical, workspace)
    }

    /// What it says to a version: its change there, between the versions `from` and `until` (exclusive), by rank.
    pub(crate) fn effect_at(self, versions: Range<u32>, at: u32, workspace: &mut Workspace) -> Option<CutEffect> {
        let ranks = self.ranks();
        let position = |rank: u32| ranks.partition_point(|&own| own < rank);
        effect(
            &self.input(),
            self.scatter(),
            &self.prior().prior,
            &self.context().critical,
            position(versions.start)..position(versions.end),
            position(at),
            workspace,
        )
        .ok()
        .flatten()
    }

    /// Some of its points less others before them, by position.
    pub(crate) fn difference(
        self,
        before: Range<usize>,
        after: Range<usize>,
        workspace: &mut Workspace,
    ) -> Option<LogChange> {
        let (input, prior) = (self.input(), self.prior().prior);
        let found = difference(&input, self.scatter(), &prior, &self.context().critical, before, after, workspace);
        Some(found.ok().flatten()?.change)
    }
}
