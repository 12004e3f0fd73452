//! `data` and `links` of a JSON:API body: pages of signatures, and lists of resources that hold nothing to read.

use crate::address::identity_of_address;
use crate::insights::references;
use crate::reader::{MAX_COUNT, Reader};
use crate::scanner::{Scan, Shape};
use crate::schema::{Links, Meta, ONLY, Paging, Resource, SignatureAttributes, SignatureInsight};
use perfpower_model::{Severity, Signature, SignatureTrend};

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
        let (mut resource_type, mut signature) = (None, Signature::default());
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
        let mut trend = SignatureTrend::default();
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
                        self.evidence.note_address(&address);
                        let document = &mut self.document;
                        identity_of_address(&address, &mut document.names, &mut document.identity);
                    }
                }
                Links::Next => self.document.next_page = self.name()?,
                Links::First | Links::Related => self.scanner.skip_value()?,
            }
        }
        Ok(())
    }

    /// `meta` of the document: how many there are in all pages.
    pub(crate) fn meta(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<Meta>(ONLY)? else { return Ok(()) };
        while let Some(Meta::Paging) = self.field(&mut object)? {
            let Some(mut paging) = self.object::<Paging>(ONLY)? else { continue };
            while let Some(field) = self.field(&mut paging)? {
                match field {
                    Paging::Total => self.document.signatures_in_all = self.whole(MAX_COUNT)?,
                    Paging::Limit | Paging::NextCursor => self.scanner.skip_value()?,
                }
            }
        }
        Ok(())
    }

    /// Warns where this page alone should be all, and is not. Whether several pages are, shows over all documents.
    pub(crate) fn tell_partial_page(&mut self) {
        let document = &self.document;
        let (has, total) = (self.evidence.signature_resources, document.signatures_in_all);
        let is_alone = has > 0 && document.next_page.is_none() && !self.evidence.is_later_page;
        let Some(total) = total.filter(|&total| is_alone && total > has) else { return };
        let message = || format!("partial set: {has} of {total} signatures are in this page, and it names no next one");
        let hint = "download again with limit=200 and follow `links.next` until a page has none";
        self.problems.add(0, Severity::Warning, "partial-set", message, hint);
    }
}

/// The type of signature resources.
const SIGNATURES: &str = "diagnosticSignatures";
