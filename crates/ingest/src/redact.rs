//! What was read, with pseudonyms for everything that it names.

use crate::plan::ReadPlan;
use crate::pseudonyms::wide_hash;
use crate::reading::Reading;
use crate::store::Stores;
use perfpower_archive::{Archive, Entry};
use perfpower_model::{InputFacts, InputProblem, PassedOver, Redact, RuledOut, TextRole, sort_problems};
use rayon::prelude::*;

impl Reading {
    /// Replaces every text. Apps keep their order; what is sorted by path is sorted again.
    pub fn redact(&mut self, by: &mut dyn Redact) {
        // The names of apps first, so that they are known by the time that paths and sentences speak of them.
        for app in self.histories.apps() {
            by.redact(TextRole::App, app);
        }
        for app in &mut self.passed_over {
            by.replace(TextRole::App, app);
        }
        self.histories.change(|history| history.redact(by));
        self.stacks.redact(by);
        self.coverage.redact(by);
        for PassedOver { path, why } in &mut self.facts.skipped {
            by.replace(TextRole::Path, path);
            by.replace(TextRole::Sentence, why);
        }
        self.facts.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        for settings in &mut self.facts.settings {
            by.replace(TextRole::Path, settings);
        }
        for input in &mut self.inputs {
            redact_input(input, by);
        }
        self.inputs.sort_by(|a, b| (&a.app, a.snapshot, &a.path).cmp(&(&b.app, b.snapshot, &b.path)));
        for row in &mut self.drift {
            by.replace(TextRole::Sentence, &mut row.path);
        }
        for InputProblem { path, problem } in &mut self.problems {
            by.replace_option(TextRole::Path, path);
            problem.redact(by);
        }
        sort_problems(&mut self.problems);
    }
}

fn redact_input(input: &mut InputFacts, by: &mut dyn Redact) {
    by.replace(TextRole::App, &mut input.app);
    by.replace(TextRole::Path, &mut input.path);
    by.replace(TextRole::Sentence, &mut input.app_reason);
    by.replace(TextRole::Sentence, &mut input.snapshot_reason);
    for (others, role) in [(&mut input.other_apps, TextRole::App), (&mut input.other_days, TextRole::Sentence)] {
        for RuledOut { value, why } in others {
            by.replace(role, value);
            by.replace(TextRole::Sentence, why);
        }
    }
    for layer in &mut input.envelope {
        by.replace(TextRole::Sentence, layer);
    }
    by.replace(TextRole::Sentence, &mut input.content);
}

/// A secret that an archive makes by itself: a hash of all its documents, whatever they are called and wherever they lie. Whoever has them
/// all has it, and nobody else.
pub fn secret_of(plan: &ReadPlan) -> [u8; 16] {
    let (stores, listing) = Stores::list(&plan.sources);
    let archive = Archive::of(listing, &plan.rules);
    let hash = |buffer: &mut Vec<u8>, entry: &Entry| match entry.number() {
        Some(number) => stores.file(number).map_or(0, |file| file.hash),
        None => entry.read(buffer).map_or(0, |()| xxhash_rust::xxh3::xxh3_128(buffer)),
    };
    let mut hashes: Vec<u128> = archive.entries.par_iter().map_init(Vec::new, hash).collect();
    hashes.sort_unstable();
    let bytes: Vec<[u8; 16]> = hashes.iter().map(|hash| hash.to_be_bytes()).collect();
    joined(&wide_hash(bytes.iter().map(<[u8; 16]>::as_slice)))
}

fn joined(&(high, low): &(u64, u64)) -> [u8; 16] {
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}
