//! `insights` of metrics and of overviews, and the reference versions that come in three forms.

use crate::reader::Reader;
use crate::scanner::{Scan, Shape};
use crate::schema::{Base, Insight, Insights, ONLY, Population, Reference};
use perfpower_model::{AppleInsight, InsightList, InsightPopulation, NameId, ReferenceValue};

/// Positions in the bases of [`Reference`].
pub(crate) mod references {
    use crate::schema::Base;

    pub(crate) const OF_SIGNATURE: Base = 0;
    /// The first of three, in the order of the overview's lists.
    pub(crate) const OF_TOP_SIGNATURE: Base = 1;
    /// The first of two, in the order of the lists of insights.
    pub(crate) const OF_INSIGHT: Base = 4;
}

impl Reader<'_> {
    pub(crate) fn insights(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<Insights>(ONLY)? else { return Ok(()) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                Insights::Regressions => self.insight_list(InsightList::Regressions, 0)?,
                Insights::TrendingUp => self.insight_list(InsightList::TrendingUp, 1)?,
            }
        }
        Ok(())
    }

    fn insight_list(&mut self, list: InsightList, base: Base) -> Scan<()> {
        let Some(mut insights) = self.array()? else { return Ok(()) };
        while self.element(&mut insights)? {
            let Some(mut object) = self.object::<Insight>(base)? else { continue };
            let none = NameId::NONE;
            let mut insight = AppleInsight {
                list,
                category: none,
                metric: none,
                latest_version: none,
                reference_versions: Vec::new(),
                max_latest_value: None,
                subsystem: none,
                high_impact: None,
                summary: none,
                populations: Vec::new(),
            };
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Insight::MetricCategory => insight.category = self.name()?,
                    Insight::Metric => insight.metric = self.name()?,
                    Insight::LatestVersion => insight.latest_version = self.name()?,
                    Insight::ReferenceVersions => insight.reference_versions = self.reference_versions(base)?,
                    Insight::MaxLatestVersionValue => insight.max_latest_value = self.float()?,
                    Insight::SubSystemLabel => insight.subsystem = self.name()?,
                    Insight::HighImpact => insight.high_impact = self.flag()?,
                    Insight::SummaryString => insight.summary = self.name()?,
                    Insight::Populations => insight.populations = self.populations(base)?,
                }
            }
            if insight.metric.is_some() {
                self.document.insights.push(insight);
            } else {
                self.warn(object.at, "unnamed-insight", "an insight without a metric; it was left out");
            }
        }
        Ok(())
    }

    fn populations(&mut self, base: Base) -> Scan<Vec<InsightPopulation>> {
        let mut populations = Vec::new();
        let Some(mut elements) = self.array()? else { return Ok(populations) };
        while self.element(&mut elements)? {
            let Some(mut object) = self.object::<Population>(base)? else { continue };
            let mut population = InsightPopulation {
                device: NameId::NONE,
                percentile: NameId::NONE,
                reference_average: None,
                latest: None,
                delta_percent: None,
                summary: NameId::NONE,
            };
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Population::Device => population.device = self.name()?,
                    Population::Percentile => population.percentile = self.name()?,
                    Population::ReferenceAverageValue => population.reference_average = self.float()?,
                    Population::LatestVersionValue => population.latest = self.float()?,
                    Population::DeltaPercentage => population.delta_percent = self.float()?,
                    Population::SummaryString => population.summary = self.name()?,
                }
            }
            populations.push(population);
        }
        Ok(populations)
    }

    /// Versions without values: one text (as documented; with commas it is several), an array of texts (as sent), or an array of
    /// objects as signatures have it, whose values are of no use here.
    fn reference_versions(&mut self, base: Base) -> Scan<Vec<NameId>> {
        let mut versions = Vec::new();
        if self.scanner.shape()? == Shape::Text {
            if let Some(text) = self.text()? {
                for version in text.split(',').map(str::trim).filter(|version| !version.is_empty()) {
                    versions.push(self.document.names.intern(version));
                }
            }
            return Ok(versions);
        }
        let Some(mut elements) = self.array()? else { return Ok(versions) };
        while self.element(&mut elements)? {
            let version = if self.scanner.shape()? == Shape::Object {
                self.reference(references::OF_INSIGHT + base)?.0
            } else {
                self.name()?
            };
            versions.extend(Some(version).filter(|version| version.is_some()));
        }
        Ok(versions)
    }

    /// Versions with values, as signatures have them. Those without a value stand for nothing and are left out.
    pub(crate) fn reference_values(&mut self, base: Base) -> Scan<Vec<ReferenceValue>> {
        let mut values = Vec::new();
        let Some(mut elements) = self.array()? else { return Ok(values) };
        while self.element(&mut elements)? {
            if self.scanner.shape()? != Shape::Object {
                self.refuse::<()>("an object with version and value")?;
                continue;
            }
            if let (version, Some(value)) = self.reference(base)? {
                values.push(ReferenceValue { version, value });
            }
        }
        Ok(values)
    }

    fn reference(&mut self, base: Base) -> Scan<(NameId, Option<f64>)> {
        let (mut version, mut value) = (NameId::NONE, None);
        let Some(mut object) = self.object::<Reference>(base)? else { return Ok((version, value)) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                Reference::Version => version = self.name()?,
                Reference::Value => value = self.float()?,
            }
        }
        Ok((version, value))
    }
}
