//! The outermost fields of a document, each to the reader that knows it.
//!
//! A document is read once, without asking first what it is: its fields decide that as they come ([`crate::recognise`]).

use crate::moment;
use crate::products::{self, Mark};
use crate::reader::{Open, Reader};
use crate::scanner::{Scan, Shape};
use crate::schema::{ONLY, Product, Root};
use crate::vocabulary;

impl Reader<'_> {
    /// Reads the one value of the text, and checks that nothing follows it.
    pub(crate) fn document(&mut self) -> Scan<()> {
        if self.scanner.shape()? == Shape::Object {
            let at = self.scanner.offset();
            self.scanner.open();
            let mut object = Open::<Root>::new(ONLY, at);
            self.root_fields(&mut object)?;
            self.evidence.is_bare_object = object.is_bare();
            self.settle_names();
            self.settle_weights();
            self.settle_errors();
            self.tell_partial_page();
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
                Root::Meta => self.meta()?,
                Root::LastUpdated => {
                    let day = match self.scanner.shape()? {
                        Shape::Number => self.float()?.and_then(moment::day_of_number),
                        _ => self.text()?.and_then(|text| moment::day(&text)),
                    };
                    self.document.day = day;
                }
                // A version of the format, by the one real body that was seen; and what other pages are of no use for.
                Root::Version | Root::Included | Root::FilterCriteriaSets => self.scanner.skip_value()?,
            }
        }
        Ok(())
    }

    /// One word for one thing, whatever it is called where it stands.
    fn settle_names(&mut self) {
        let document = &mut self.document;
        let (is_overview, platform) = (self.evidence.is_overview, document.identity.platform);
        for dataset in &mut document.metrics.datasets {
            if dataset.platform.is_none() && is_overview {
                // An overview says once, for all its datasets, which platform it is of.
                dataset.platform = platform;
            }
            if dataset.platform.is_none() && document.names.get(dataset.device).is_some_and(vocabulary::is_of_ios) {
                dataset.platform = Some(document.names.intern("iOS"));
            }
        }
        let has_sections = self.evidence.has_sections;
        for metric in &mut document.metrics.metrics {
            let names = &mut document.names;
            metric.identifier = vocabulary::identifier(metric.identifier, names);
            metric.category = if has_sections {
                vocabulary::category_of_section(metric.category, metric.identifier, names)
            } else {
                metric.category.map(|category| vocabulary::category(category, names))
            };
        }
        for insight in &mut document.insights {
            let names = &mut document.names;
            insight.metric = vocabulary::identifier(insight.metric, names);
            insight.category = if has_sections {
                vocabulary::category_of_section(insight.category, insight.metric, names)
            } else {
                insight.category.map(|category| vocabulary::category(category, names))
            };
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
        let (mut platform, mut signature) = (None, None);
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
        let mark = if object.is_odd() {
            products::mark(&self.scanner.text()[object.at..self.scanner.offset()], &mut self.document.names)
        } else {
            Mark::default()
        };
        for dataset in &mut self.document.metrics.datasets[first_dataset..] {
            dataset.platform = platform;
        }
        let datasets = first_dataset..self.document.metrics.datasets.len();
        if !datasets.is_empty() {
            self.products.push(products::Product { mark, platform, datasets });
        }
        for log in &mut self.document.logs[first_log..] {
            log.signature = signature;
            if log.metadata.bundle_id.is_none() {
                log.metadata.bundle_id = mark.bundle_id;
            }
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
