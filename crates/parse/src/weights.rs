//! The weights of signatures: shares of a whole, which some programs save as percent.
//!
//! One number does not tell which of both it is, so all of a page decide together: where one is above 1, all are percent.

use crate::problems::found;
use crate::reader::Reader;
use crate::scanner::Scan;
use perfpower_model::Severity;

/// How far above 1 a share may be that was added up in doubles.
const ROUNDING: f64 = 1e-6;

/// The weights of a document while it is read.
#[derive(Default)]
pub(crate) struct Weights {
    /// Offset and number of those that can be neither a share nor a percentage.
    impossible: Vec<(usize, f64)>,
    /// The largest that can be one.
    largest: f64,
    /// Where it stands.
    largest_at: usize,
}

impl Reader<'_> {
    /// A weight as it is written; what it means shows when all are known.
    pub(crate) fn weight(&mut self) -> Scan<Option<f64>> {
        self.scanner.shape()?;
        let at = self.scanner.offset();
        let Some(weight) = self.float()? else { return Ok(None) };
        let weights = &mut self.weights;
        if !(0.0..=100.0).contains(&weight) {
            weights.impossible.push((at, weight));
            return Ok(None);
        }
        if weight > weights.largest {
            (weights.largest, weights.largest_at) = (weight, at);
        }
        Ok(Some(weight))
    }

    /// Turns the weights of the document into shares.
    pub(crate) fn settle_weights(&mut self) {
        let weights = std::mem::take(&mut self.weights);
        let text = self.scanner.text();
        for (at, _) in weights.impossible {
            let message = || {
                format!("expected a weight from 0 to 1, or to 100 percent, found {}; it was left out", found(text, at))
            };
            self.problems.add(at, Severity::Warning, "weight-out-of-range", message, None);
        }
        if weights.largest <= 1.0 {
            return;
        }
        let are_percent = weights.largest > 1.0 + ROUNDING;
        let scale = if are_percent { 100.0 } else { weights.largest };
        for signature in &mut self.document.signatures {
            signature.weight = signature.weight.map(|weight| weight / scale);
        }
        if are_percent {
            let message = || {
                format!("the weights of this page are percent, since {} is among them", found(text, weights.largest_at))
            };
            self.problems.add(weights.largest_at, Severity::Note, "percent-weights", message, None);
        }
    }
}
