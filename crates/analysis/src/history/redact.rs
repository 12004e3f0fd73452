//! Pseudonyms in the place of what histories name. Figures, orders and what is equal to what stay what they are.

use super::builder::AppHistory;
use super::signature_releases::SignaturePage;
use crate::apple::audit::{InsightAudit, NeighbourChange, PopulationAudit};
use perfpower_model::{Document, Redact, TextRole, TextRoles};
use perfpower_stacks::redacted_pattern;

impl AppHistory {
    /// Replaces every text.
    pub fn redact(&mut self, by: &mut dyn Redact) {
        by.replace(TextRole::App, &mut self.app);
        let mut roles = TextRoles::of(&self.names);
        for version in &self.versions {
            roles.say(version.name, TextRole::Version);
        }
        roles.say(self.identity.bundle_id, TextRole::App);
        roles.say(self.identity.apple_id, TextRole::App);
        roles.say(self.identity.build_id, TextRole::Build);
        roles.say(self.identity.latest_version, TextRole::Version);
        for recommended in self.series.iter().filter_map(|series| series.recommended) {
            roles.say(recommended.detail, TextRole::Sentence);
        }
        // What says of a text what it names goes before what only holds it.
        self.stacks.redact(by);
        self.signatures.redact(by);
        for page in &mut self.signature_pages {
            redact_page(page, by);
        }
        self.names = roles.redacted(&self.names, by);
        for insight in &mut self.insights {
            redact_insight(insight, by);
        }
        for problem in &mut self.problems {
            problem.redact(by);
        }
    }
}

fn redact_insight(insight: &mut InsightAudit, by: &mut dyn Redact) {
    by.replace(TextRole::Word, &mut insight.category);
    by.replace(TextRole::Word, &mut insight.metric);
    by.replace_option(TextRole::Word, &mut insight.unit_label);
    by.replace_option(TextRole::Version, &mut insight.latest_version);
    for version in &mut insight.reference_versions {
        by.replace(TextRole::Version, version);
    }
    by.replace_option(TextRole::Word, &mut insight.subsystem);
    by.replace_option(TextRole::Sentence, &mut insight.summary);
    for PopulationAudit { device, percentile_label, reason, previous, largest_jump, .. } in &mut insight.populations {
        by.replace(TextRole::Word, device);
        by.replace(TextRole::Word, percentile_label);
        by.replace_option(TextRole::Sentence, reason);
        for NeighbourChange { from, to, .. } in [previous, largest_jump].into_iter().flatten() {
            by.replace(TextRole::Version, from);
            by.replace(TextRole::Version, to);
        }
    }
}

/// What is kept of the document of a page: its signatures, and what it says of itself.
fn redact_page(page: &mut SignaturePage, by: &mut dyn Redact) {
    by.replace_option(TextRole::Version, &mut page.place.version);
    by.replace_option(TextRole::Build, &mut page.place.build);
    let Document { names, identity, signatures, problems, .. } = &mut page.body;
    let mut roles = TextRoles::of(names);
    roles.say(identity.bundle_id, TextRole::App);
    roles.say(identity.apple_id, TextRole::App);
    roles.say(identity.build_id, TextRole::Build);
    roles.say(identity.latest_version, TextRole::Version);
    for signature in &*signatures {
        roles.say(signature.id, TextRole::Signature);
        roles.say(signature.file, TextRole::SourceFile);
        for reference in signature.trend.iter().flat_map(|trend| &trend.references) {
            roles.say(reference.version, TextRole::Version);
        }
    }
    let patterns: Vec<Option<String>> =
        signatures.iter().map(|signature| names.get(signature.text).map(|text| redacted_pattern(text, by))).collect();
    let mut redacted = roles.redacted(names, by);
    for (signature, pattern) in signatures.iter_mut().zip(patterns) {
        signature.text = pattern.map(|pattern| redacted.intern(&pattern));
    }
    *names = redacted;
    for problem in problems {
        problem.redact(by);
    }
}
