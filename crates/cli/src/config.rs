//! `perfpower.toml`: what a team knows of its apps and metrics, and the rules that `check` holds it to.
//!
//! A file is read whole before anything is said: every fault is reported with its line, what was found, what is expected
//! and the cure. An unknown key is a fault, because a rule that is silently not applied is worse than none.

pub mod environment;
mod fault;
mod initial;
mod of_archive;
mod parameters;
mod reader;
mod rules;

pub use fault::{ConfigError, Fault, nearest};
pub use initial::{Initial, render_initial};
pub use of_archive::OwnSettings;
pub use parameters::ParametersConfig;
pub(crate) use rules::RULE_KEYS;

use perfpower_analysis::gate::{Rule, Waiver};
use perfpower_analysis::{AppOptions, MetricOptions, Options};
use perfpower_model::{Day, version};
use perfpower_stacks::{OwnerField, OwnerRule, Owners};
use reader::{Reader, Section, printable};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// The name that is looked for.
pub const FILE_NAME: &str = "perfpower.toml";

/// A larger file is refused: a thousand apps with ten releases each take some 300 kB.
pub const MAX_BYTES: u64 = 4 << 20;

/// A configuration without a fault.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The file; absent = none was found and everything is as by default.
    pub path: Option<PathBuf>,
    /// Where identity stands in paths, such as `{app}/{snapshot}/{kind}.json`.
    pub layout: Option<String>,
    /// What is known of apps, by key.
    pub apps: BTreeMap<String, AppConfig>,
    /// The statistics' parameters that are not as by default.
    pub parameters: ParametersConfig,
    /// What is known of metrics, by `CATEGORY/identifier`.
    pub metrics: BTreeMap<String, MetricOptions>,
    /// Weight of a percentile in the score, by its number.
    pub percentile_weights: BTreeMap<u32, f64>,
    /// Who owns what in call stacks; the first that fits wins.
    pub owners: Owners,
    /// What `check` demands.
    pub rules: Vec<Rule>,
    /// Which breaches are accepted.
    pub waivers: Vec<Waiver>,
    /// What the archives' own files added.
    pub own: OwnSettings,
}

/// What is known of one app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppConfig {
    /// Name for eyes.
    pub name: Option<String>,
    /// Weight in the score, such as its share of users; 1 where absent.
    pub weight: Option<f64>,
    /// Other keys of the same app, such as its Apple id or an older bundle id.
    pub aliases: Vec<String>,
    /// Release day by version; where absent, the first snapshot that holds the version stands for it.
    pub releases: BTreeMap<String, Day>,
}

impl Config {
    /// Finds the settings of a run: in the current directory or the nearest one above it, up to the root of its repository. The
    /// default where there are none. Never in the archive that is judged: whoever made that does not set the rules.
    pub fn discover(current: &Path) -> Result<Self, ConfigError> {
        let mut shown = PathBuf::from(FILE_NAME);
        for directory in current.ancestors() {
            let candidate = directory.join(FILE_NAME);
            if candidate.is_file() {
                return Self::read_file(&candidate, shown);
            }
            // As one would type it here: outputs do not tell where on a machine they were made.
            shown = Path::new("..").join(shown);
            if directory.join(".git").exists() {
                break;
            }
        }
        Ok(Self::default())
    }

    /// Reads one file, of at most [`MAX_BYTES`].
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::read_file(path, path.to_owned())
    }

    /// The same for a file that is shown under another path.
    fn read_file(path: &Path, shown: PathBuf) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(unreadable)?;
        if file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)? as u64 > MAX_BYTES {
            return Err(ConfigError::TooLarge { path: path.to_owned() });
        }
        match Self::from_toml(&text) {
            Ok(config) => Ok(Self { path: Some(shown), ..config }),
            Err(faults) => Err(ConfigError::Faulty { path: shown, faults }),
        }
    }

    /// Reads a text; the faults are at least one, by place.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Fault>> {
        let reader = Reader::new(text);
        let (document, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            for error in errors {
                let offset = error.span().map_or(0, |span| span.start);
                reader.fault(offset, format!("not TOML: {}", error.message()), "see https://toml.io/en/v1.0.0");
            }
            return Err(reader.into_faults());
        }
        let config = Self::read(&Section::new(&reader, document.get_ref(), 0));
        let faults = reader.into_faults();
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    fn read(root: &Section<'_, '_>) -> Self {
        let layout = root.text("layout").map(|layout| layout.value);
        let apps = root.section("apps").as_ref().map(read_apps).unwrap_or_default();
        let parameters = root.section("parameters").as_ref().map(ParametersConfig::read).unwrap_or_default();
        let metrics = root.section("metrics").as_ref().map(read_metrics).unwrap_or_default();
        let percentile_weights = root.section("percentiles").as_ref().map(read_percentiles).unwrap_or_default();
        let owners = Owners { rules: root.sections("owner").iter().filter_map(read_owner).collect() };
        let rules = rules::rules(&root.sections("rule"));
        let waivers = rules::waivers(&root.sections("waiver"), &rules);
        root.finish();
        Self {
            path: None,
            layout,
            apps,
            parameters,
            metrics,
            percentile_weights,
            owners,
            rules,
            waivers,
            own: OwnSettings::default(),
        }
    }

    /// What the analysis is to be told.
    pub fn options(&self) -> Options {
        let apps = self.apps.iter().map(|(key, app)| {
            let AppConfig { name, weight, releases, .. } = app;
            (key.clone(), AppOptions { name: name.clone(), weight: *weight, releases: releases.clone() })
        });
        let mut options = Options {
            apps: apps.collect(),
            metrics: self.metrics.clone(),
            percentile_weights: self.percentile_weights.clone(),
            owners: self.owners.clone(),
            ..Options::default()
        };
        self.parameters.apply(&mut options.parameters);
        if let Some(rate) = self.parameters.false_discovery_rate {
            options.correction = options.correction.at(rate);
        }
        if self.parameters.strict == Some(true) {
            options.be_strict();
        }
        options
    }

    /// The files that are followed, the team's first; empty = everything is as by default.
    pub fn in_force(&self) -> Vec<String> {
        self.path.iter().chain(&self.own.used).map(|path| path.to_string_lossy().into_owned()).collect()
    }

    /// The key of the app that an identity means: itself, the app that has it as an alias, or as its name for eyes.
    pub fn app_key<'a>(&'a self, identity: &'a str) -> &'a str {
        if self.apps.contains_key(identity) {
            return identity;
        }
        let has_alias = |app: &AppConfig| app.aliases.iter().any(|alias| alias == identity);
        let is_named = |app: &AppConfig| app.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(identity));
        let of_alias = self.apps.iter().find(|(_, app)| has_alias(app));
        of_alias.or_else(|| self.apps.iter().find(|(_, app)| is_named(app))).map_or(identity, |(key, _)| key)
    }

    /// The release day of a version of an app, where it is given.
    pub fn release(&self, app: &str, of_version: &str) -> Option<Day> {
        let releases = &self.apps.get(app)?.releases;
        releases.iter().find(|(known, _)| version::compare(known, of_version).is_eq()).map(|(_, day)| *day)
    }
}

/// A version among others: two ways to write one are equal.
struct ByVersion(String);

impl Ord for ByVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        version::compare(&self.0, &other.0)
    }
}

impl PartialOrd for ByVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ByVersion {}

fn read_apps(section: &Section<'_, '_>) -> BTreeMap<String, AppConfig> {
    let mut apps = BTreeMap::new();
    // Every key and alias with the app that it stands for.
    let mut owner_of: BTreeMap<String, String> = BTreeMap::new();
    let sections = section.named_sections();
    for (key, _) in &sections {
        owner_of.insert(key.value.clone(), key.value.clone());
    }
    for (key, app) in sections {
        let weight = app.number("weight", &rules::WEIGHT.0, rules::WEIGHT.1).map(|weight| weight.value);
        let aliases = app.texts("aliases");
        for alias in &aliases {
            if let Some(other) = owner_of.insert(alias.clone(), key.value.clone()) {
                app.fault(
                    app.offset,
                    format!("the alias `{}` already means the app `{}`", printable(alias), printable(&other)),
                    "an identity belongs to one app",
                );
            }
        }
        let mut releases: BTreeMap<String, Day> = BTreeMap::new();
        let mut known: BTreeSet<ByVersion> = BTreeSet::new();
        for (release, day) in app.section("releases").iter().flat_map(Section::named_days) {
            let version = ByVersion(release.value.clone());
            if let Some(ByVersion(other)) = known.get(&version) {
                app.fault(
                    release.offset,
                    format!("`{}` and `{}` are the same version", printable(other), printable(&release.value)),
                    "keep one of them",
                );
            }
            known.insert(version);
            releases.insert(release.value, day);
        }
        let name = app.text("name").map(|name| name.value);
        app.finish();
        apps.insert(key.value, AppConfig { name, weight, aliases, releases });
    }
    apps
}

fn read_metrics(section: &Section<'_, '_>) -> BTreeMap<String, MetricOptions> {
    let mut metrics = BTreeMap::new();
    for (key, metric) in section.named_sections() {
        let well_formed = matches!(key.value.split('/').collect::<Vec<_>>()[..], [category, identifier]
            if !category.is_empty() && !identifier.is_empty());
        if !well_formed {
            metric.fault(
                key.offset,
                format!("a metric is named `CATEGORY/identifier`, found `{}`", printable(&key.value)),
                "write such as `[metrics.\"LAUNCH/launchTime\"]`",
            );
        }
        let options = MetricOptions {
            weight: metric.number("weight", &rules::WEIGHT.0, rules::WEIGHT.1).map(|weight| weight.value),
            higher_is_better: metric.flag("higher_is_better"),
            offset: metric.number("offset", &rules::positive(), "a number above 0").map(|offset| offset.value),
        };
        metric.finish();
        metrics.insert(key.value, options);
    }
    metrics
}

fn read_percentiles(section: &Section<'_, '_>) -> BTreeMap<u32, f64> {
    let mut weights = BTreeMap::new();
    if let Some(table) = section.section("weights") {
        for (key, weight) in table.named_numbers(&rules::WEIGHT.0, rules::WEIGHT.1) {
            match key.value.parse() {
                Ok(percentile @ 0..=100) => {
                    weights.insert(percentile, weight);
                }
                _ => table.fault(
                    key.offset,
                    format!("expected a percentile from 0 to 100, found `{}`", printable(&key.value)),
                    "write such as `weights = { 50 = 1, 90 = 2 }`",
                ),
            }
        }
    }
    section.finish();
    weights
}

/// Which team a frame belongs to: any of the patterns, and all that are given must fit.
fn read_owner(section: &Section<'_, '_>) -> Option<OwnerRule> {
    let fields = [
        (OwnerField::Any, "pattern"),
        (OwnerField::Binary, "binary"),
        (OwnerField::Symbol, "symbol"),
        (OwnerField::File, "file"),
    ];
    let team = section.text("team");
    let patterns = fields.iter().filter_map(|&(field, key)| Some((field, section.text(key)?.value))).collect();
    if !section.has("team") {
        section.fault(section.offset, "an owner needs `team`", "name the team");
    }
    if !fields.iter().any(|(_, key)| section.has(key)) {
        section.fault(
            section.offset,
            "an owner needs a pattern, found none",
            "give at least one of `pattern`, `binary`, `symbol` and `file`",
        );
    }
    section.finish();
    Some(OwnerRule { owner: team?.value, patterns, fitting: None })
}

#[cfg(test)]
mod tests;
