//! Pseudonyms in the place of what rules, waivers and the coverage name.

use super::{Coverage, Demand, GoalChoice, Rule, Waiver};
use crate::claim::finding::FindingId;
use crate::judge::histories::Histories;
use perfpower_model::{Redact, TextRole};
use std::collections::BTreeMap;

impl Rule {
    /// The same rule once the names of the histories are replaced.
    pub fn redact(&mut self, histories: Histories<'_>, by: &mut dyn Redact) {
        by.replace(TextRole::Rule, &mut self.name);
        self.scope = self.scope.redacted(histories, by);
        match &mut self.demand {
            Demand::AtMost(budget) | Demand::AtLeast(budget) => by.replace_option(TextRole::Word, &mut budget.unit),
            Demand::Goal(GoalChoice::Label(label)) => by.replace(TextRole::Word, label),
            Demand::NoRegression { since, .. } => by.replace_option(TextRole::Version, since),
            Demand::NoWorseThan { version, .. } | Demand::HasVersion { version } => {
                by.replace(TextRole::Version, version);
            }
            Demand::Goal(GoalChoice::Recommended) | Demand::NewestWithin { .. } | Demand::MaxOpenRegressions { .. } => {
            }
        }
    }
}

impl Waiver {
    /// The same waiver. `ids` are those of findings before and after; a finding that is in none of them is waived by none.
    pub fn redact(&mut self, histories: Histories<'_>, ids: &BTreeMap<FindingId, FindingId>, by: &mut dyn Redact) {
        by.replace_option(TextRole::Rule, &mut self.rule);
        self.scope = self.scope.redacted(histories, by);
        self.finding = self.finding.map(|id| ids.get(&id).copied().unwrap_or(id));
        by.replace(TextRole::Rule, &mut self.reason);
    }
}

impl Coverage {
    /// Replaces the apps, the paths, and what is said of them.
    pub fn redact(&mut self, by: &mut dyn Redact) {
        let apps = std::mem::take(&mut self.apps).into_iter().map(|(app, mut coverage)| {
            for unread in &mut coverage.unread {
                by.replace(TextRole::Path, &mut unread.path);
                by.replace(TextRole::Sentence, &mut unread.why);
            }
            (by.redact(TextRole::App, &app), coverage)
        });
        self.apps = apps.collect();
    }
}
