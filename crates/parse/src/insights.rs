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
            let (mut category, mut metric, mut latest_version, mut subsystem, mut summary) =
                (None, None, None, None, None);
            let (mut reference_versions, mut populations) = (Vec::new(), Vec::new());
            let (mut max_latest_value, mut high_impact) = (None, None);
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Insight::MetricCategory => category = self.name()?,
                    Insight::Metric => metric = self.name()?,
                    Insight::LatestVersion => latest_version = self.name()?,
                    Insight::ReferenceVersions => reference_versions = self.reference_versions(base)?,
                    Insight::MaxLatestVersionValue => max_latest_value = self.float()?,
                    Insight::SubSystemLabel => subsystem = self.name()?,
                    Insight::HighImpact => high_impact = self.flag()?,
                    Insight::SummaryString => summary = self.name()?,
                    Insight::Populations => populations = self.populations(base)?,
                }
            }
            let Some(metric) = metric else {
                self.warn(object.at, "unnamed-insight", "an insight without a metric; it was left out");
                continue;
            };
            self.document.insights.push(AppleInsight {
                list,
                category,
                metric,
                latest_version,
                reference_versions,
                max_latest_value,
                subsystem,
                high_impact,
                summary,
                populations,
            });
        }
        Ok(())
    }

    fn populations(&mut self, base: Base) -> Scan<Vec<InsightPopulation>> {
        let mut populations = Vec::new();
        let Some(mut elements) = self.array()? else { return Ok(populations) };
        while self.element(&mut elements)? {
            let Some(mut object) = self.object::<Population>(base)? else { continue };
            let mut population = InsightPopulation::default();
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
            versions.extend(version);
        }
        Ok(versions)
    }

    /// Versions with values, as signatures have them. One without the other stands for nothing and is left out.
    pub(crate) fn reference_values(&mut self, base: Base) -> Scan<Vec<ReferenceValue>> {
        let mut values = Vec::new();
        let Some(mut elements) = self.array()? else { return Ok(values) };
        while self.element(&mut elements)? {
            if self.scanner.shape()? != Shape::Object {
                self.refuse::<()>("an object with version and value")?;
                continue;
            }
            if let (Some(version), Some(value)) = self.reference(base)? {
                values.push(ReferenceValue { version, value });
            }
        }
        Ok(values)
    }

    fn reference(&mut self, base: Base) -> Scan<(Option<NameId>, Option<f64>)> {
        let (mut version, mut value) = (None, None);
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
