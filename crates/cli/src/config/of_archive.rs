//! The settings that an archive brings itself. They may say how its own paths are read and what its apps are called; everything by
//! which it is judged is the team's to say.

use super::{AppConfig, Config, FILE_NAME};
use perfpower_model::{InputProblem, Problem, Severity};
use std::path::{Path, PathBuf};

/// What was taken from the archives' own files, and what a reader must know about the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnSettings {
    /// Files of which something was taken, in the order of the archives.
    pub used: Vec<PathBuf>,
    /// What was left aside, and why; warnings, for nothing of the data is lost.
    pub problems: Vec<InputProblem>,
}

impl Config {
    /// Fills what the team's settings leave open (layout, names, aliases and releases of apps) from `perfpower.toml` in the root of
    /// each archive. Nothing else of such a file is followed, and a faulty one is left aside: both are told.
    pub fn with_own_settings(&mut self, archives: &[PathBuf]) -> OwnSettings {
        let mut own = OwnSettings::default();
        let team = self.path.as_ref().and_then(|path| path.canonicalize().ok());
        let mut seen: Vec<Option<PathBuf>> = vec![team];
        for archive in archives {
            let root = if archive.is_dir() { archive.as_path() } else { archive.parent().unwrap_or(archive) };
            let candidate = root.join(FILE_NAME);
            let place = candidate.canonicalize().ok();
            if !candidate.is_file() || seen.contains(&place) {
                continue;
            }
            seen.push(place);
            match Self::load(&candidate) {
                Ok(settings) => self.take(settings, &candidate, &mut own),
                Err(error) => own.tell(
                    &candidate,
                    "own-settings",
                    &format!("the archive's own settings are left aside: {error}"),
                    "mend the file; layout, names, aliases and releases are all that it may say",
                ),
            }
        }
        own
    }

    fn take(&mut self, settings: Self, path: &Path, own: &mut OwnSettings) {
        let ignored = settings.judging();
        let mut is_used = false;
        if self.layout.is_none() && settings.layout.is_some() {
            self.layout = settings.layout;
            is_used = true;
        }
        for (key, AppConfig { name, aliases, releases, .. }) in settings.apps {
            let names_it =
                |known: &AppConfig| known.aliases.contains(&key) || aliases.iter().any(|a| known.aliases.contains(a));
            // An app that the team speaks of is the team's.
            if self.apps.contains_key(&key)
                || aliases.iter().any(|alias| self.apps.contains_key(alias))
                || self.apps.values().any(names_it)
            {
                continue;
            }
            self.apps.insert(key, AppConfig { name, weight: None, aliases, releases });
            is_used = true;
        }
        if is_used {
            own.used.push(path.to_owned());
        }
        if !ignored.is_empty() {
            own.tell(
                path,
                "own-rules",
                &format!(
                    "the archive's own settings hold {}, which an archive may not say of itself: they are not followed",
                    ignored.join(", ")
                ),
                "to follow them, name the file with --config",
            );
        }
    }

    /// Its keys by which an archive is judged.
    fn judging(&self) -> Vec<&'static str> {
        let has_weight = self.apps.values().any(|app| app.weight.is_some());
        [
            ("weights of apps", has_weight),
            ("`parameters`", self.parameters != super::ParametersConfig::default()),
            ("`metrics`", !self.metrics.is_empty()),
            ("`percentiles`", !self.percentile_weights.is_empty()),
            ("`owner`", !self.owners.rules.is_empty()),
            ("`rule`", !self.rules.is_empty()),
            ("`waiver`", !self.waivers.is_empty()),
        ]
        .into_iter()
        .filter_map(|(key, is_there)| is_there.then_some(key))
        .collect()
    }
}

impl OwnSettings {
    fn tell(&mut self, path: &Path, code: &'static str, message: &str, hint: &str) {
        let problem = Problem::new(Severity::Warning, code, message).with_hint(hint);
        self.problems.push(InputProblem { path: Some(path.to_string_lossy().into_owned()), problem });
    }
}
