//! `xcodeOverview` into the same columns as metrics, with its app and its top signatures.

use crate::insights::references;
use crate::metrics::UnitNames;
use crate::reader::{MAX_COUNT, Reader};
use crate::scanner::Scan;
use crate::schema::{
    AppMetadata, Base, IN_OVERVIEW, MetricsSummary, ONLY, OverviewCategory, Section, TopSignature, TopSignatures,
};
use perfpower_model::{Signature, SignatureTrend};

/// What pages of signatures call the lists of an overview, in the order of the bases of [`TopSignature`].
const DIAGNOSTIC_TYPES: [&str; 3] = ["HANGS", "LAUNCHES", "DISK_WRITES"];

impl Reader<'_> {
    pub(crate) fn app_metadata(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<AppMetadata>(ONLY)? else { return Ok(()) };
        self.evidence.is_overview = true;
        while let Some(field) = self.field(&mut object)? {
            let name = self.name()?;
            let identity = &mut self.document.identity;
            match field {
                AppMetadata::AppId => identity.apple_id = name,
                AppMetadata::BundleId => identity.bundle_id = name,
                AppMetadata::LatestVersion => identity.latest_version = name,
                AppMetadata::Platform => identity.platform = name,
            }
        }
        Ok(())
    }

    /// `categories` of an overview.
    pub(crate) fn overview_categories(&mut self) -> Scan<()> {
        let Some(mut categories) = self.array()? else { return Ok(()) };
        while self.element(&mut categories)? {
            let first_metric = self.document.metrics.metrics.len();
            let Some(mut object) = self.object::<OverviewCategory>(ONLY)? else { continue };
            let mut category = None;
            while let Some(field) = self.field(&mut object)? {
                match field {
                    OverviewCategory::Identifier => category = self.name()?,
                    OverviewCategory::DisplayName => self.scanner.skip_value()?,
                    OverviewCategory::Sections => self.sections()?,
                }
            }
            self.close_category(first_metric, category, object.at);
        }
        Ok(())
    }

    fn sections(&mut self) -> Scan<()> {
        let Some(mut sections) = self.array()? else { return Ok(()) };
        self.evidence.has_sections = true;
        while self.element(&mut sections)? {
            let Some(mut object) = self.object::<Section>(ONLY)? else { continue };
            let position = self.document.metrics.metrics.len() as u32;
            let (mut identifier, mut unit) = (None, UnitNames::default());
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Section::Identifier => identifier = self.name()?,
                    Section::Unit => unit = self.unit(IN_OVERVIEW)?,
                    Section::Datasets => self.datasets(IN_OVERVIEW, position)?,
                    // How Xcode arranges its window.
                    Section::DisplayName | Section::RelevanceScore | Section::SortOrder => self.scanner.skip_value()?,
                }
            }
            let no_bounds = self.document.metrics.goal_bounds.len() as u32;
            self.close_metric(position, identifier, unit, no_bounds..no_bounds, object.at);
        }
        Ok(())
    }

    pub(crate) fn top_signatures(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<TopSignatures>(ONLY)? else { return Ok(()) };
        while let Some(field) = self.field(&mut object)? {
            self.evidence.is_overview = true;
            self.top_list(field as Base)?;
        }
        Ok(())
    }

    fn top_list(&mut self, base: Base) -> Scan<()> {
        let Some(mut list) = self.array()? else { return Ok(()) };
        while self.element(&mut list)? {
            let Some(mut object) = self.object::<TopSignature>(base)? else { continue };
            let diagnostic_type = Some(self.document.names.intern(DIAGNOSTIC_TYPES[base]));
            let mut signature = Signature { diagnostic_type, ..Signature::default() };
            let mut trend = SignatureTrend::default();
            while let Some(field) = self.field(&mut object)? {
                match field {
                    TopSignature::SignatureId => signature.id = self.name()?,
                    TopSignature::Signature => signature.text = self.name()?,
                    TopSignature::Count => signature.count = self.whole(MAX_COUNT)?,
                    TopSignature::Weight => signature.weight = self.weight()?,
                    TopSignature::SourceFile => signature.file = self.name()?,
                    TopSignature::LineNumber => signature.line = self.line_number()?,
                    TopSignature::TrendInfo => trend.direction = self.name()?,
                    TopSignature::MetricsSummary => trend.references = self.metrics_summary(base)?,
                }
            }
            if trend.direction.is_some() || !trend.references.is_empty() {
                signature.trend = Some(trend);
            }
            self.close_signature(signature, object.at);
        }
        Ok(())
    }

    fn metrics_summary(&mut self, base: Base) -> Scan<Vec<perfpower_model::ReferenceValue>> {
        let mut values = Vec::new();
        let Some(mut object) = self.object::<MetricsSummary>(base)? else { return Ok(values) };
        while let Some(MetricsSummary::ReferenceVersions) = self.field(&mut object)? {
            values = self.reference_values(references::OF_TOP_SIGNATURE + base)?;
        }
        Ok(values)
    }
}
