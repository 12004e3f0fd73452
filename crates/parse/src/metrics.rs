//! `productData` of metrics into columns of points, and the parts that overviews share: datasets, points, populations.

use crate::reader::Reader;
use crate::scanner::{Scan, Shape};
use crate::schema::{
    Base, Category, Dataset as DatasetField, FilterCriteria, GoalKey, IN_METRICS, Metric as MetricField, ONLY, Point,
    RecommendedGoal as GoalField, Share, Unit,
};
use perfpower_model::{BreakdownShare, Dataset, GoalBound, Metric, NameId, RecommendedGoal};
use std::ops::Range;

/// A population, as a dataset names it.
#[derive(Default)]
struct Population {
    device: Option<NameId>,
    device_label: Option<NameId>,
    percentile: Option<NameId>,
}

/// Identifier and label of a unit.
#[derive(Clone, Copy, Default)]
pub(crate) struct UnitNames {
    identifier: Option<NameId>,
    label: Option<NameId>,
}

impl Reader<'_> {
    /// `metricCategories` of one product.
    pub(crate) fn metric_categories(&mut self) -> Scan<()> {
        let Some(mut categories) = self.array()? else { return Ok(()) };
        while self.element(&mut categories)? {
            let first_metric = self.document.metrics.metrics.len();
            let Some(mut object) = self.object::<Category>(ONLY)? else { continue };
            let mut category = None;
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Category::Identifier => category = self.name()?,
                    Category::Metrics => self.metric_list()?,
                }
            }
            self.close_category(first_metric, category, object.at);
        }
        Ok(())
    }

    /// Names the metrics of a category, which are read before its identifier where that comes last.
    pub(crate) fn close_category(&mut self, first_metric: usize, category: Option<NameId>, at: usize) {
        let metrics = &mut self.document.metrics.metrics[first_metric..];
        for metric in &mut *metrics {
            metric.category = category;
        }
        if category.is_none() && !metrics.is_empty() {
            self.warn(at, "unnamed-category", "a category without an identifier; its metrics were kept without one");
        }
    }

    fn metric_list(&mut self) -> Scan<()> {
        let Some(mut metrics) = self.array()? else { return Ok(()) };
        while self.element(&mut metrics)? {
            let Some(mut object) = self.object::<MetricField>(ONLY)? else { continue };
            let position = self.document.metrics.metrics.len() as u32;
            let first_bound = self.document.metrics.goal_bounds.len() as u32;
            let (mut identifier, mut unit) = (None, UnitNames::default());
            while let Some(field) = self.field(&mut object)? {
                match field {
                    MetricField::Identifier => identifier = self.name()?,
                    MetricField::Unit => unit = self.unit(IN_METRICS)?,
                    MetricField::Datasets => self.datasets(IN_METRICS, position)?,
                    MetricField::GoalKeys => self.goal_bounds()?,
                }
            }
            let bounds = first_bound..self.document.metrics.goal_bounds.len() as u32;
            self.close_metric(position, identifier, unit, bounds, object.at);
        }
        Ok(())
    }

    /// Keeps a metric, whose datasets were read before it and refer to its position; takes these back where it has no identifier to know
    /// it by. Its category is not known yet.
    pub(crate) fn close_metric(
        &mut self,
        position: u32,
        identifier: Option<NameId>,
        unit: UnitNames,
        goal_bounds: Range<u32>,
        at: usize,
    ) {
        let table = &mut self.document.metrics;
        if let Some(identifier) = identifier {
            let UnitNames { identifier: unit, label: unit_label } = unit;
            table.metrics.push(Metric { category: None, identifier, unit, unit_label, goal_bounds });
            return;
        }
        table.goal_bounds.truncate(goal_bounds.start as usize);
        let first = table.datasets.iter().rposition(|dataset| dataset.metric < position).map_or(0, |last| last + 1);
        if let Some(dataset) = table.datasets.get(first) {
            let first_point = dataset.points.start;
            table.datasets.truncate(first);
            self.forget_points(first_point);
        }
        self.warn(at, "unnamed-metric", "a metric without an identifier; it was left out");
    }

    pub(crate) fn unit(&mut self, base: Base) -> Scan<UnitNames> {
        let mut unit = UnitNames::default();
        let Some(mut object) = self.object::<Unit>(base)? else { return Ok(unit) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                Unit::Identifier => unit.identifier = self.name()?,
                Unit::DisplayName => unit.label = self.name()?,
            }
        }
        Ok(unit)
    }

    fn goal_bounds(&mut self) -> Scan<()> {
        let Some(mut bounds) = self.array()? else { return Ok(()) };
        while self.element(&mut bounds)? {
            let Some(mut object) = self.object::<GoalKey>(ONLY)? else { continue };
            let (mut goal, mut lower, mut upper) = (None, None, None);
            while let Some(field) = self.field(&mut object)? {
                match field {
                    GoalKey::GoalKey => goal = self.name()?,
                    GoalKey::LowerBound => lower = self.float()?,
                    GoalKey::UpperBound => upper = self.float()?,
                }
            }
            if let Some(goal) = goal {
                self.document.metrics.goal_bounds.push(GoalBound { goal, lower, upper });
            } else {
                self.warn(object.at, "unnamed-goal", "goal bounds without a label; they were left out");
            }
        }
        Ok(())
    }

    /// `datasets` of one metric.
    pub(crate) fn datasets(&mut self, base: Base, metric: u32) -> Scan<()> {
        let Some(mut datasets) = self.array()? else { return Ok(()) };
        while self.element(&mut datasets)? {
            let Some(mut object) = self.object::<DatasetField>(base)? else { continue };
            let first_point = self.document.metrics.points.len() as u32;
            let (mut population, mut recommended) = (Population::default(), None);
            while let Some(field) = self.field(&mut object)? {
                match field {
                    DatasetField::FilterCriteria => self.filter_criteria(base, &mut population)?,
                    DatasetField::Points => self.points(base)?,
                    DatasetField::RecommendedMetricGoal => recommended = self.recommended_goal(base)?,
                }
            }
            let Population { device, device_label, percentile } = population;
            if device.is_none() && percentile.is_none() {
                self.forget_points(first_point);
                let message = "a dataset with neither device nor percentile; it was left out";
                self.warn(object.at, "dataset-without-population", message);
                continue;
            }
            if device.is_none() || percentile.is_none() {
                let missing = if device.is_none() { "device" } else { "percentile" };
                let message = format!("a dataset without a {missing}; it was kept as a population of its own");
                self.warn(object.at, "incomplete-population", message);
            }
            let points = first_point..self.document.metrics.points.len() as u32;
            // Known when the product closes.
            let platform = None;
            let dataset = Dataset { metric, platform, device, device_label, percentile, points, recommended };
            self.document.metrics.datasets.push(dataset);
        }
        Ok(())
    }

    fn filter_criteria(&mut self, base: Base, population: &mut Population) -> Scan<()> {
        let Some(mut object) = self.object::<FilterCriteria>(base)? else { return Ok(()) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                FilterCriteria::Percentile => population.percentile = self.name()?,
                FilterCriteria::Device => population.device = self.name()?,
                FilterCriteria::DeviceMarketingName => population.device_label = self.name()?,
            }
        }
        Ok(())
    }

    fn recommended_goal(&mut self, base: Base) -> Scan<Option<RecommendedGoal>> {
        let Some(mut object) = self.object::<GoalField>(base)? else { return Ok(None) };
        let (mut value, mut detail) = (None, None);
        while let Some(field) = self.field(&mut object)? {
            match field {
                GoalField::Value => value = self.float()?,
                GoalField::Detail => detail = self.name()?,
            }
        }
        Ok(value.map(|value| RecommendedGoal { value, detail }))
    }

    /// The hot loop: points number millions.
    fn points(&mut self, base: Base) -> Scan<()> {
        let Some(mut points) = self.array()? else { return Ok(()) };
        if self.document.metrics.points.is_empty() {
            // Points are most of a document: with room for all of them the columns are not moved while they grow.
            self.document.metrics.points.reserve((self.scanner.rest().len() / BYTES_OF_A_POINT).min(MOST_EXPECTED));
        }
        // Datasets of one body list the same versions in the same order, with gaps.
        let mut turn = 0;
        while self.element(&mut points)? {
            let warnings = self.problems.warnings;
            let Some(mut object) = self.object::<Point>(base)? else { continue };
            let row = self.document.metrics.points.len() as u32;
            let first_share = self.document.metrics.points.breakdown.len();
            let (mut version, mut value, mut margin, mut goal) = (None, None, None, None);
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Point::Version => version = self.version(&mut turn)?,
                    Point::Value => value = self.float()?,
                    Point::ErrorMargin => margin = self.float()?,
                    Point::Goal => goal = self.label()?,
                    Point::PercentageBreakdown => self.shares(base, row)?,
                    Point::Summary => value = self.summary(base)?.or(value),
                }
            }
            if margin.is_some_and(|margin| margin < 0.0) {
                margin = None;
                self.warn(
                    object.at,
                    "negative-margin",
                    "a point with a negative error margin; the margin was left out",
                );
            }
            let columns = &mut self.document.metrics.points;
            if let (Some(value), Some(version)) = (value, version) {
                columns.version.push(version);
                columns.value.push(value);
                columns.margin.push(margin.unwrap_or(f64::NAN));
                columns.goal.push(goal);
                continue;
            }
            columns.breakdown.truncate(first_share);
            // A value of the wrong type has been told already.
            if self.problems.warnings == warnings {
                let missing = if value.is_none() { "value" } else { "version" };
                self.warn(object.at, "point-left-out", format!("a point without a {missing}; it was left out"));
            }
        }
        Ok(())
    }

    /// What Xcode's cache calls the value of a point; in metrics it would be a new field.
    #[cold]
    fn summary(&mut self, base: Base) -> Scan<Option<f64>> {
        if base == IN_METRICS {
            self.drift.unknown::<Point>(base, "summary".into());
            self.scanner.skip_value()?;
            return Ok(None);
        }
        self.evidence.is_cache = true;
        self.float()
    }

    /// The version of a point. `turn` is where the next one is expected among those of the document.
    #[inline]
    fn version(&mut self, turn: &mut usize) -> Scan<Option<NameId>> {
        self.scanner.shape()?;
        for ahead in *turn..*turn + 2 {
            if let Some(name) = self.versions.pass_at(ahead, &mut self.scanner) {
                *turn = ahead + 1;
                return Ok(Some(name));
            }
        }
        match self.text()? {
            Some(text) if !text.is_empty() => {
                let name = self.document.names.intern(&text);
                if let Some(position) = self.versions.position(name, &text) {
                    *turn = position + 1;
                }
                Ok(Some(name))
            }
            _ => Ok(None),
        }
    }

    /// Apple documents one object and sends an array of them; both are read.
    fn shares(&mut self, base: Base, row: u32) -> Scan<()> {
        if self.scanner.shape()? == Shape::Object {
            return self.share(base, row);
        }
        let Some(mut shares) = self.array()? else { return Ok(()) };
        while self.element(&mut shares)? {
            self.share(base, row)?;
        }
        Ok(())
    }

    #[inline]
    fn share(&mut self, base: Base, row: u32) -> Scan<()> {
        let warnings = self.problems.warnings;
        let Some(mut object) = self.object::<Share>(base)? else { return Ok(()) };
        let (mut percent, mut subsystem) = (None, None);
        while let Some(field) = self.field(&mut object)? {
            match field {
                Share::Value => percent = self.float()?,
                Share::SubSystemLabel => subsystem = self.label()?,
            }
        }
        match (percent, subsystem) {
            (Some(percent), Some(subsystem)) => {
                self.document.metrics.points.breakdown.push(BreakdownShare { point: row, subsystem, percent });
            }
            _ if self.problems.warnings == warnings && !object.is_bare() => {
                self.warn(object.at, "share-left-out", "a share without sub-system or value; it was left out");
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes back all points from a row on.
    fn forget_points(&mut self, first: u32) {
        let points = &mut self.document.metrics.points;
        points.version.truncate(first as usize);
        points.value.truncate(first as usize);
        points.margin.truncate(first as usize);
        points.goal.truncate(first as usize);
        let shares = points.breakdown.partition_point(|share| share.point < first);
        points.breakdown.truncate(shares);
    }
}

/// About what Apple's shortest points take, between the datasets that hold them. (Too small a number costs address space, too large a
/// one a move.)
const BYTES_OF_A_POINT: usize = 90;

/// More points than any app has in one download; room for more is made when they come.
const MOST_EXPECTED: usize = 1 << 20;
