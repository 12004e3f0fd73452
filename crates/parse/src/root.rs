//! The outermost fields of a document, each to the reader that knows it.
//!
//! A document is read once, without asking first what it is: its fields decide that as they come ([`crate::recognise`]).

use crate::reader::{Open, Reader};
use crate::scanner::{Scan, Shape};
use crate::schema::{ONLY, Product, Root};
use perfpower_model::NameId;

impl Reader<'_> {
    /// Reads the one value of the text, and checks that nothing follows it.
    pub(crate) fn document(&mut self) -> Scan<()> {
        if self.scanner.shape()? == Shape::Object {
            let at = self.scanner.offset();
            self.scanner.open();
            let mut object = Open::<Root>::new(ONLY, at);
            self.root_fields(&mut object)?;
            self.evidence.is_bare_object = object.is_bare();
            self.name_platform_of_overview();
        } else {
            self.scanner.skip_value()?;
        }
        self.scanner.end()
    }

    fn root_fields(&mut self, object: &mut Open<Root>) -> Scan<()> {
        while let Some(field) = self.field(object)? {
            self.evidence.note_root(field);
            match field {
                Root::ProductData => self.products()?,
                Root::Insights => self.insights()?,
                Root::Categories => self.overview_categories()?,
                Root::AppMetadata => self.app_metadata()?,
                Root::Signatures => self.top_signatures()?,
                Root::TelemetryIdentifier => {
                    self.evidence.is_overview = true;
                    self.scanner.skip_value()?;
                }
                Root::Data => self.resources()?,
                Root::Links => self.links()?,
                Root::Errors => self.api_errors()?,
                // A version of the format, by the one real body that was seen; and what other pages are of no use for.
                Root::Version | Root::Meta | Root::Included => self.scanner.skip_value()?,
            }
        }
        Ok(())
    }

    /// An overview says once, for all its datasets, which platform it is of.
    fn name_platform_of_overview(&mut self) {
        let platform = self.document.identity.platform;
        for dataset in &mut self.document.metrics.datasets {
            if dataset.platform.is_none() && self.evidence.is_overview {
                dataset.platform = platform;
            }
        }
    }

    fn products(&mut self) -> Scan<()> {
        let Some(mut products) = self.array()? else { return Ok(()) };
        while self.element(&mut products)? {
            self.product()?;
        }
        Ok(())
    }

    /// One product, of metrics or of logs: which of both shows in its fields.
    fn product(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<Product>(ONLY)? else { return Ok(()) };
        let first_dataset = self.document.metrics.datasets.len();
        let (first_log, first_advice) = (self.document.logs.len(), self.document.advice.len());
        let (mut platform, mut signature) = (NameId::NONE, NameId::NONE);
        while let Some(field) = self.field(&mut object)? {
            match field {
                Product::Platform => platform = self.name()?,
                Product::MetricCategories => self.metric_categories()?,
                Product::SignatureId => signature = self.name()?,
                Product::DiagnosticInsights => self.advice()?,
                Product::DiagnosticLogs => self.logs()?,
            }
        }
        self.evidence.has_metric_product |= object.has(Product::Platform) || object.has(Product::MetricCategories);
        self.evidence.has_log_product |= object.has(Product::SignatureId)
            || object.has(Product::DiagnosticLogs)
            || object.has(Product::DiagnosticInsights);
        for dataset in &mut self.document.metrics.datasets[first_dataset..] {
            dataset.platform = platform;
        }
        for log in &mut self.document.logs[first_log..] {
            log.signature = signature;
        }
        for advice in &mut self.document.advice[first_advice..] {
            advice.signature = signature;
        }
        if self.document.identity.platform.is_none() {
            self.document.identity.platform = platform;
        }
        Ok(())
    }
}
