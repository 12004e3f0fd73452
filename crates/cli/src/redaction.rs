//! `--redact[=KEYFILE]`: nothing that is written names an app, a path, a function or a person. What is replaced and by what is told in
//! [`Pseudonyms`]; here are the key, and the order of things.
//!
//! **Order.** A command reads, and settles all that it was asked for on the names as they are: which apps, series and logs its options mean,
//! whose code is whose, which rules and waivers hold for what. Then [`Redaction::apply`] replaces every name in what was read and in what was
//! settled, in one place, and everything that is judged and written comes after it. Failures before that are told with pseudonyms, too.
//!
//! **Without a key file** the key is made of the documents themselves: the same archive gives the same pseudonyms in every command, and whoever has
//! only the output cannot try names. It changes with every download; who holds the same documents can name everything.
//!
//! **A key file** is made where there is none, for its owner alone. Its first line is the secret; pseudonyms are the same as long as that is. Each line
//! behind it is a pseudonym, a tab and what it stands for as a JSON string, so that whoever holds the file can look up every name, and whoever does
//! not can none. With it, pseudonyms can be typed wherever the name could be: commands that a redacted page shows work as they are.

use crate::config::Config;
use crate::{Failure, output};
use anyhow::{Context, anyhow};
use perfpower_analysis::gate::Waiver;
use perfpower_analysis::{AppHistory, Filter, FindingId, Judged};
use perfpower_ingest::{Pseudonyms, ReadPlan, Reading, secret_of};
use perfpower_model::{Redact, TextRole};
use perfpower_report::CommandLine;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A secret, and what it was used for; nothing without `--redact`.
#[derive(Clone, Debug, Default)]
pub struct Redaction(Option<Arc<State>>);

#[derive(Debug)]
struct State {
    key_file: Option<KeyFile>,
    /// Absent until the archive made the key.
    pseudonyms: Mutex<Option<Pseudonyms>>,
}

/// A key file as it was found or made.
#[derive(Debug)]
struct KeyFile {
    path: PathBuf,
    secret: String,
    /// What each pseudonym stands for.
    names: BTreeMap<String, String>,
}

impl Redaction {
    /// Takes what was typed: absent, the flag alone, or a key file, which is made where there is none.
    pub(crate) fn open(typed: Option<&Option<PathBuf>>) -> Result<Self, Failure> {
        let Some(key_file) = typed else { return Ok(Self(None)) };
        let key_file = key_file.as_deref().map(KeyFile::open).transpose()?;
        let pseudonyms = Mutex::new(key_file.as_ref().map(|file| Pseudonyms::of_secret(file.secret.as_bytes())));
        Ok(Self(Some(Arc::new(State { key_file, pseudonyms }))))
    }

    /// Whether names are replaced.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The arguments with what each pseudonym of the key file stands for.
    pub(crate) fn revealed(&self, arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
        let names = self.0.as_ref().and_then(|state| state.key_file.as_ref()).map(|file| &file.names);
        let revealed = |argument: OsString| match (names, argument.to_str()) {
            (Some(names), Some(text)) if !text.starts_with("--redact") => OsString::from(reveal(text, names)),
            _ => argument,
        };
        arguments.map(revealed).collect()
    }

    /// Makes the key of the archive where no file gives one; nothing without `--redact`.
    pub(crate) fn make_key(&self, plan: &ReadPlan) {
        if let Some(state) = &self.0 {
            state.lock().get_or_insert_with(|| Pseudonyms::of_secret(&secret_of(plan)));
        }
    }

    /// Replaces every name in what was read, and in what was settled on it. Nothing without `--redact`.
    pub(crate) fn apply(&self, config: &mut Config, filter: &mut Filter, reading: &mut Reading) {
        let mut guard = self.0.as_ref().map(|state| state.lock());
        let Some(by) = guard.as_deref_mut().and_then(Option::as_mut) else { return };
        *filter = filter.redacted(reading.histories.all(), by);
        let ids = ids(config, reading, by);
        for rule in &mut config.rules {
            rule.redact(reading.histories.all(), by);
        }
        for waiver in &mut config.waivers {
            waiver.redact(reading.histories.all(), &ids, by);
        }
        let has_owners = !config.owners.rules.is_empty();
        let frames = |reading: &Reading| -> Vec<[String; 3]> {
            let mut texts = Vec::new();
            if has_owners {
                reading.histories.all().in_order(|history| texts.extend(history.stacks.frame_texts()));
                texts.extend(reading.stacks.frame_texts());
            }
            texts
        };
        let before = frames(reading);
        reading.redact(by);
        config.owners.redact(&before.into_iter().zip(frames(reading)).collect::<Vec<_>>(), by);
        config.redact(by);
    }

    /// Replaces every name of one more history of the same archive.
    pub(crate) fn apply_to(&self, history: &mut AppHistory) {
        if let Some(by) = self.0.as_ref().map(|state| state.lock()).as_deref_mut().and_then(Option::as_mut) {
            history.redact(by);
        }
    }

    /// What stands for one text; the text itself without `--redact`.
    pub(crate) fn text(&self, role: TextRole, text: &str) -> String {
        let Some(state) = &self.0 else { return text.to_owned() };
        // Where nothing was read, nothing will be written that this has to agree with.
        let mut guard = state.lock();
        let by = guard.get_or_insert_with(|| Pseudonyms::of_secret(random_secret().as_bytes()));
        by.redact(role, text)
    }

    /// How the archive is named in commands that a page shows.
    pub(crate) fn archive_argument(&self) -> CommandLine {
        let has_key = self.0.as_ref().is_some_and(|state| state.key_file.is_some());
        CommandLine::default().stand_in("ARCHIVE").stand_in(if has_key { "--redact=KEYFILE" } else { "--redact" })
    }

    /// Writes into the key file what the new pseudonyms stand for.
    pub(crate) fn save(&self) -> io::Result<()> {
        let Some(state) = &self.0 else { return Ok(()) };
        let guard = state.lock();
        let (Some(file), Some(by)) = (&state.key_file, &*guard) else { return Ok(()) };
        let mut lines = String::new();
        for (original, pseudonym) in by.given() {
            if !file.names.contains_key(pseudonym) {
                lines.push_str(&format!("{pseudonym}\t{}\n", serde_json::Value::from(original.as_str())));
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        // In one call: two runs can write side by side.
        std::fs::OpenOptions::new().append(true).open(&file.path)?.write_all(lines.as_bytes())
    }

    /// The key file, which no result may take the place of.
    pub(crate) fn key_file(&self) -> Option<&Path> {
        Some(&self.0.as_ref()?.key_file.as_ref()?.path)
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Option<Pseudonyms>> {
        self.pseudonyms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ids that waivers name, and what they will be. The claims are made for them a first time, since an id is of names.
fn ids(config: &Config, reading: &Reading, by: &mut Pseudonyms) -> BTreeMap<FindingId, FindingId> {
    if config.waivers.iter().all(|Waiver { finding, .. }| finding.is_none()) {
        return BTreeMap::new();
    }
    Judged::new(&reading.histories, &config.options()).redacted_ids(by)
}

impl Config {
    /// Replaces the names of what is known of apps and metrics.
    fn redact(&mut self, by: &mut Pseudonyms) {
        let apps = std::mem::take(&mut self.apps).into_iter().map(|(key, mut app)| {
            app.name = None;
            app.aliases.clear();
            let releases = std::mem::take(&mut app.releases).into_iter();
            app.releases = releases.map(|(version, day)| (by.redact(TextRole::Version, &version), day)).collect();
            (by.redact(TextRole::App, &key), app)
        });
        self.apps = apps.collect();
        let metrics = std::mem::take(&mut self.metrics).into_iter().map(|(name, metric)| {
            let words: Vec<String> = name.split('/').map(|word| by.redact(TextRole::Word, word)).collect();
            (words.join("/"), metric)
        });
        self.metrics = metrics.collect();
    }
}

impl KeyFile {
    fn open(path: &Path) -> Result<Self, Failure> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::read(path, &text).map_err(Failure::usage),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path).map_err(Failure::io),
            Err(error) => Err(Failure::io(
                anyhow::Error::new(error).context(format!("cannot read the key file {}", path.display())),
            )),
        }
    }

    fn make(path: &Path) -> anyhow::Result<Self> {
        let secret = random_secret();
        output::write_private(path, format!("{secret}\n").as_bytes())
            .with_context(|| format!("cannot make the key file {}", path.display()))?;
        Ok(Self { path: path.to_owned(), secret, names: BTreeMap::new() })
    }

    fn read(path: &Path, text: &str) -> anyhow::Result<Self> {
        let mut lines = text.lines();
        let secret = lines.next().unwrap_or_default().trim().to_owned();
        if secret.is_empty() {
            return Err(anyhow!(
                "the key file {} is empty: expected a secret in its first line (give a name where there is no file, and one is made)",
                path.display()
            ));
        }
        // A line that was cut off while it was written names nothing.
        let names = lines.filter_map(|line| {
            let (pseudonym, original) = line.split_once('\t')?;
            Some((pseudonym.to_owned(), serde_json::from_str(original).ok()?))
        });
        let names = names.collect();
        Ok(Self { path: path.to_owned(), secret, names })
    }
}

/// 256 bits of what the system seeds its hash tables with, which is 128 bits wide.
fn random_secret() -> String {
    let random = RandomState::new();
    let words: Vec<String> = (0..4_u64).map(|which| format!("{:016x}", random.hash_one(which))).collect();
    words.concat()
}

/// A text with what each pseudonym in it stands for.
fn reveal(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    let is_of_pseudonym = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    while let Some(first) = rest.chars().next() {
        let is_one = is_of_pseudonym(first);
        let end = rest.find(|c| is_of_pseudonym(c) != is_one).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        out.push_str(names.get(part).map_or(part, String::as_str));
        rest = behind;
    }
    out
}
