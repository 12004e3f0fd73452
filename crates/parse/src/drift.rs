//! Counts fields that the schema does not know, and on request those that it does, so that a change at Apple's end shows.

use crate::place::shown_key;
use crate::schema::{Base, Field};
use perfpower_model::Drift;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Distinct unknown fields that are kept apart; all beyond go under [`OTHERS`]. Arbitrary: Apple's whole schema has some two
/// hundred, and a file whose keys are data must not fill the memory.
const UNKNOWN_KEPT: usize = 1000;

/// Stands for unknown fields beyond the first [`UNKNOWN_KEPT`].
const OTHERS: &str = "…";

/// The counts while reading.
#[derive(Debug)]
pub(crate) struct DriftCounter<'a> {
    unknown: BTreeMap<(&'static str, Cow<'a, str>), u64>,
    known: BTreeMap<&'static str, u64>,
    counts_known: bool,
}

impl<'a> DriftCounter<'a> {
    pub(crate) fn new(counts_known: bool) -> Self {
        Self { unknown: BTreeMap::new(), known: BTreeMap::new(), counts_known }
    }

    #[inline]
    pub(crate) fn known<F: Field>(&mut self, base: Base, field: F) {
        if self.counts_known {
            *self.known.entry(F::PATHS[base][field.index()]).or_default() += 1;
        }
    }

    #[cold]
    pub(crate) fn unknown<F: Field>(&mut self, base: Base, key: Cow<'a, str>) {
        let key = (F::BASES[base], key);
        if let Some(count) = self.unknown.get_mut(&key) {
            *count += 1;
            return;
        }
        let key = if self.unknown.len() < UNKNOWN_KEPT { key } else { ("", Cow::Borrowed(OTHERS)) };
        *self.unknown.entry(key).or_default() += 1;
    }

    pub(crate) fn finish(self) -> Drift {
        let mut unknown = BTreeMap::new();
        for ((base, key), count) in self.unknown {
            let path = if key == OTHERS { OTHERS.to_owned() } else { format!("{base}{}", shown_key(&key)) };
            *unknown.entry(path).or_default() += count;
        }
        Drift { unknown, known: self.known }
    }
}
