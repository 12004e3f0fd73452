//! `data` and `links` of a JSON:API body: pages of signatures, and lists of resources that hold nothing to read.

use crate::insights::references;
use crate::problems::found;
use crate::reader::Reader;
use crate::scanner::{Scan, Shape};
use crate::schema::{Links, ONLY, Resource, SignatureAttributes, SignatureInsight};
use perfpower_model::{NameId, Signature, SignatureTrend};

impl Reader<'_> {
    /// A list of resources, or one alone.
    pub(crate) fn resources(&mut self) -> Scan<()> {
        if self.scanner.shape()? == Shape::Object {
            return self.resource();
        }
        let Some(mut resources) = self.array()? else { return Ok(()) };
        while self.element(&mut resources)? {
            self.resource()?;
        }
        Ok(())
    }

    fn resource(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<Resource>(ONLY)? else { return Ok(()) };
        let none = NameId::NONE;
        let mut resource_type = None;
        let mut signature = Signature {
            id: none,
            diagnostic_type: none,
            text: none,
            weight: None,
            trend: None,
            count: None,
            file: none,
            line: None,
        };
        while let Some(field) = self.field(&mut object)? {
            match field {
                Resource::Type => resource_type = self.text()?,
                Resource::Id => signature.id = self.name()?,
                // Attributes of other resources are not ours to know, so they are no drift; the type may follow them.
                Resource::Attributes if resource_type.as_ref().is_none_or(|name| name == SIGNATURES) => {
                    self.attributes(&mut signature)?;
                }
                Resource::Attributes | Resource::Relationships | Resource::Links => self.scanner.skip_value()?,
            }
        }
        let is_signature = resource_type.as_ref().is_none_or(|name| name == SIGNATURES)
            && (signature.text.is_some() || signature.diagnostic_type.is_some() || signature.weight.is_some());
        if is_signature {
            self.evidence.signature_resources += 1;
            self.close_signature(signature, object.at);
        } else {
            self.evidence.count_resource(resource_type.as_deref());
        }
        Ok(())
    }

    fn attributes(&mut self, signature: &mut Signature) -> Scan<()> {
        let Some(mut object) = self.object::<SignatureAttributes>(ONLY)? else { return Ok(()) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                SignatureAttributes::DiagnosticType => signature.diagnostic_type = self.name()?,
                SignatureAttributes::Signature => signature.text = self.name()?,
                SignatureAttributes::Weight => signature.weight = self.weight()?,
                SignatureAttributes::Insight => signature.trend = self.signature_trend()?,
            }
        }
        Ok(())
    }

    fn signature_trend(&mut self) -> Scan<Option<SignatureTrend>> {
        let Some(mut object) = self.object::<SignatureInsight>(ONLY)? else { return Ok(None) };
        let mut trend = SignatureTrend { direction: NameId::NONE, references: Vec::new() };
        while let Some(field) = self.field(&mut object)? {
            match field {
                // `TREND` is the only one documented.
                SignatureInsight::InsightType => self.scanner.skip_value()?,
                SignatureInsight::Direction => trend.direction = self.name()?,
                SignatureInsight::ReferenceVersions => {
                    trend.references = self.reference_values(references::OF_SIGNATURE)?;
                }
            }
        }
        Ok((trend.direction.is_some() || !trend.references.is_empty()).then_some(trend))
    }

    /// A share of the whole. Another number would be shown as a share that cannot be, and what its unit is nobody says.
    pub(crate) fn weight(&mut self) -> Scan<Option<f64>> {
        self.scanner.shape()?;
        let at = self.scanner.offset();
        let weight = self.float()?;
        let in_range = weight.filter(|weight| (0.0..=1.0).contains(weight));
        if weight.is_some() && in_range.is_none() {
            let found = found(self.scanner.text(), at);
            self.warn(
                at,
                "weight-out-of-range",
                format!("expected a weight from 0 to 1, found {found}; it was left out"),
            );
        }
        Ok(in_range)
    }

    /// Keeps a signature that can be told from others.
    pub(crate) fn close_signature(&mut self, signature: Signature, at: usize) {
        if signature.id.is_some() || signature.text.is_some() {
            self.document.signatures.push(signature);
        } else {
            self.warn(at, "unnamed-signature", "a signature with neither id nor text; it was left out");
        }
    }

    /// `links` of the document: the next page, and whose page this is.
    pub(crate) fn links(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<Links>(ONLY)? else { return Ok(()) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                Links::SelfLink => {
                    if let Some(address) = self.text()? {
                        self.identity_from(&address);
                    }
                }
                Links::Next => self.document.next_page = self.name()?,
                Links::First | Links::Related => self.scanner.skip_value()?,
            }
        }
        Ok(())
    }

    /// Reads `/v1/builds/{id}/…` and `/v1/apps/{id}/…`: the only hint that a page of signatures gives.
    fn identity_from(&mut self, address: &str) {
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let mut parts = path.split('/');
        while let Some(part) = parts.next() {
            let is_version = part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
            if !is_version {
                continue;
            }
            let (collection, id) = (parts.next(), parts.next().filter(|id| !id.is_empty()));
            let id = self.document.names.intern_option(id);
            let identity = &mut self.document.identity;
            match collection {
                Some("builds") => identity.build_id = id,
                Some("apps") if identity.apple_id.is_none() => identity.apple_id = id,
                _ => {}
            }
            return;
        }
    }
}

/// The type of signature resources.
const SIGNATURES: &str = "diagnosticSignatures";
