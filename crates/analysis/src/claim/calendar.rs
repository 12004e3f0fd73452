//! When the versions of the apps with findings came out.

use crate::claim::finding::Finding;
use crate::history::release_days::Releases;
use crate::judge::batch::Batch;
use std::collections::BTreeMap;

/// By app, for some apps of a batch.
pub(crate) struct Calendar(BTreeMap<String, Releases>);

impl Calendar {
    /// Of some apps, by position.
    pub(crate) fn of(batch: &Batch<'_>, apps: &[usize]) -> Self {
        let of_apps =
            batch.each_of(apps, |app, _| (app.history().app.clone(), Releases::of(app.history(), app.context.options)));
        Self(of_apps.into_iter().collect())
    }

    /// Of the app of a finding.
    pub(crate) fn of_app(&self, finding: &Finding) -> Option<&Releases> {
        self.0.get(&finding.series.app)
    }
}
