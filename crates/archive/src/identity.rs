//! Whose document and which day, by options, layout and path.

use crate::words::Role;
use crate::{Layout, Moment, dates, words};
use perfpower_model::Day;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What the user said of the archive; everything else is inferred.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Every document is of this app.
    pub app: Option<String>,
    /// Every document was downloaded on this day.
    pub snapshot: Option<Day>,
    /// How the files are arranged.
    pub layout: Option<Layout>,
    /// Name found → name used, such as Apple id → bundle id.
    pub aliases: BTreeMap<String, String>,
}

impl Rules {
    /// The name to use for an app that was found under a name. Aliases are not followed twice.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        self.aliases.get(name).map_or(name, String::as_str)
    }
}

/// Something decided about a document, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity<T> {
    /// What was decided.
    pub value: T,
    /// Why.
    pub reason: Reason,
}

/// Why a document is held to be of an app or a day. Its `Display` is for people, such as "layout" or "modification time".
/// Names are shared by all documents below them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// `--app`.
    AppOption,
    /// `--snapshot`.
    SnapshotOption,
    /// The layout.
    Layout,
    /// The body says so. Never set here: whoever reads the body may.
    Body,
    /// The name of a directory.
    Directory(Arc<str>),
    /// The name of the zip or tar that holds it.
    Container(Arc<str>),
    /// The name of the file.
    FileName(Arc<str>),
    /// A date in the name of a directory, container or file.
    Date(Arc<str>),
    /// When the file was last written.
    ModificationTime,
    /// It came on standard input, which has neither name nor day.
    StandardInput,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AppOption => f.pad("--app"),
            Self::SnapshotOption => f.pad("--snapshot"),
            Self::Layout => f.pad("layout"),
            Self::Body => f.pad("body"),
            Self::Directory(name) => write!(f, "directory `{name}`"),
            Self::Container(name) => write!(f, "container `{name}`"),
            Self::FileName(name) => write!(f, "file name `{name}`"),
            Self::Date(name) => write!(f, "date in `{name}`"),
            Self::ModificationTime => f.pad("modification time"),
            Self::StandardInput => f.pad("standard input"),
        }
    }
}

/// A step of the path from the place that was given down to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) name: Arc<str>,
    /// Whether it is a zip or tar, and not a directory.
    pub(crate) is_container: bool,
}

impl Step {
    pub(crate) fn directory(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), is_container: false }
    }

    pub(crate) fn container(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), is_container: true }
    }

    /// The name as a directory would have it.
    fn part(&self) -> &str {
        if self.is_container { words::stem(&self.name) } else { &self.name }
    }

    fn reason(&self) -> Reason {
        if self.is_container {
            Reason::Container(Arc::clone(&self.name))
        } else {
            Reason::Directory(Arc::clone(&self.name))
        }
    }
}

/// Where a document was found.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The steps that lead to what was given, and it itself last if it is a directory or a container.
    pub(crate) above: Arc<[Step]>,
    /// The steps from there down to the file.
    pub(crate) below: Arc<[Step]>,
    /// The name of the file.
    pub(crate) file: Arc<str>,
    /// Whether the file itself was given, so that its own name counts before its directory's.
    pub(crate) is_lone: bool,
    /// When it was last written, or read from standard input.
    pub(crate) modified: Moment,
    /// Whether it came on standard input.
    pub(crate) is_stdin: bool,
}

/// How far above what was given a name is looked for. The steps further up are the machine's, not the archive's.
const REACH_ABOVE: usize = 4;

/// What was decided about a document.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) app: Identity<Arc<str>>,
    pub(crate) snapshot: Identity<Day>,
    pub(crate) version: Option<String>,
    pub(crate) build: Option<String>,
    /// Whether there is a layout, and it does not fit.
    pub(crate) missed_layout: bool,
}

/// Decides whose a document is and which day it was downloaded.
pub(crate) fn decide(place: &Place, rules: &Rules) -> Decision {
    let fitted = rules.layout.as_ref().map(|layout| {
        // A container is a root of its own, also when it was found by walking: layouts count from it.
        let inner = place.below.iter().rposition(|step| step.is_container).map_or(0, |at| at + 1);
        let (outside, inside) = place.below.split_at(inner);
        let above: Vec<&str> = place.above.iter().chain(outside).map(Step::part).collect();
        let below: Vec<&str> = inside.iter().map(Step::part).chain([&*place.file]).collect();
        layout.matched(&above, &below)
    });
    let missed_layout = matches!(fitted, Some(None));
    let fitted = fitted.flatten().unwrap_or_default();

    let app = match (&rules.app, fitted.app) {
        (Some(app), _) => Identity { value: app.as_str().into(), reason: Reason::AppOption },
        (None, Some(app)) => Identity { value: app.into(), reason: Reason::Layout },
        (None, None) => infer_app(place),
    };
    let snapshot = match (rules.snapshot, fitted.snapshot) {
        (Some(day), _) => Identity { value: day, reason: Reason::SnapshotOption },
        (None, Some(day)) => Identity { value: day, reason: Reason::Layout },
        (None, None) => infer_snapshot(place),
    };
    let alias = rules.aliases.get(&*app.value).map(|alias| alias.as_str().into());
    let app = Identity { value: alias.unwrap_or(app.value), reason: app.reason };
    Decision { app, snapshot, version: fitted.version, build: fitted.build, missed_layout }
}

/// The innermost name that can be an app's; see the crate's documentation for the order.
fn infer_app(place: &Place) -> Identity<Arc<str>> {
    let named = |value: Arc<str>, reason: Reason| Identity { value, reason };
    let is_bare = place.above.is_empty() && place.below.is_empty();
    if place.is_stdin && is_bare {
        return named("stdin".into(), Reason::StandardInput);
    }
    let directories = || place.below.iter().rev().filter(|step| !step.is_container);

    if let Some(step) = directories().find(|step| words::role(&step.name) == Role::Name) {
        return named(Arc::clone(&step.name), step.reason());
    }
    // `com.foo-2026-01-02/`: a date, and an app beside it.
    if let Some((app, step)) = directories().find_map(|step| Some((words::app_in(dated(&step.name)?)?, step))) {
        return named(app.into(), step.reason());
    }
    // `com.foo/1234567/…` with com.foo given: the number is a build.
    let given = place.above.last();
    let is_bundle = given.filter(|step| !place.is_lone && words::is_bundle_id(step.part()));
    if let Some(step) = is_bundle.filter(|step| words::app_in(&step.name).is_some()) {
        return named(app_of_step(step).unwrap_or_else(|| Arc::clone(&step.name)), step.reason());
    }
    // The outermost of what is left: an Apple id stands above a build number.
    let weak = place.below.iter().find_map(|step| {
        let app = if step.is_container {
            words::app_in(&step.name).map(Arc::from)
        } else {
            let under_builds = follows_builds(&place.below, step);
            (words::role(&step.name) == Role::Weak && !under_builds).then(|| Arc::clone(&step.name))
        };
        Some((app?, step))
    });
    if let Some((app, step)) = weak {
        return named(app, step.reason());
    }
    if let Some(app) = words::app_in(&place.file) {
        return named(app.into(), Reason::FileName(Arc::clone(&place.file)));
    }
    if let Some(step) = directories().find(|step| words::role(&step.name) == Role::Letter) {
        return named(Arc::clone(&step.name), step.reason());
    }
    let near = || place.above.iter().rev().take(REACH_ABOVE);
    if let Some((app, step)) = near().find_map(|step| Some((app_of_step(step)?, step))) {
        return named(app, step.reason());
    }
    if place.is_stdin {
        return named("stdin".into(), Reason::StandardInput); // a container without a name for its members
    }
    named(words::stem(&place.file).into(), Reason::FileName(Arc::clone(&place.file)))
}

/// The app that a step above what was given names.
fn app_of_step(step: &Step) -> Option<Arc<str>> {
    if step.is_container {
        words::app_in(&step.name).map(Arc::from)
    } else if words::role(&step.name) == Role::Name || words::is_apple_id(&step.name) {
        Some(Arc::clone(&step.name))
    } else {
        words::app_in(dated(&step.name)?).map(Arc::from)
    }
}

/// The name, if it holds a date.
fn dated(name: &str) -> Option<&str> {
    dates::last_day(name).map(|_| name)
}

/// Whether the step lies directly in a directory named `builds`.
fn follows_builds(steps: &[Step], step: &Step) -> bool {
    steps.iter().zip(steps.iter().skip(1)).any(|(outer, inner)| {
        std::ptr::eq(inner, step) && matches!(outer.name.to_lowercase().as_str(), "build" | "builds")
    })
}

fn infer_snapshot(place: &Place) -> Identity<Day> {
    let dated = |name: &Arc<str>, day: Day| Identity { value: day, reason: Reason::Date(Arc::clone(name)) };
    if let Some((day, _)) = dates::last_day(&place.file) {
        return dated(&place.file, day);
    }
    // What was given counts as a part of the archive; what is above it must be a date and nothing else.
    let given = place.above.last().filter(|_| !place.is_lone);
    for step in place.below.iter().rev().chain(given) {
        if let Some((day, _)) = dates::last_day(&step.name) {
            return dated(&step.name, day);
        }
    }
    for step in place.above.iter().rev().take(REACH_ABOVE) {
        if let Some(day) = dates::whole_day(&step.name) {
            return dated(&step.name, day);
        }
    }
    let reason = if place.is_stdin { Reason::StandardInput } else { Reason::ModificationTime };
    Identity { value: place.modified.day, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: Day = Day::from_days(19_000); // 2022-01-08

    /// The place of a path in which what was given ends at `|`, or is the file after `||`, and a step that ends in `!` is a container.
    fn place(text: &str) -> Place {
        let (above, below) = text.split_once('|').unwrap();
        let is_lone = below.starts_with('|');
        let steps = |text: &str| -> Vec<Step> {
            let mut steps = Vec::new();
            for part in text.split_inclusive(['/', '!']) {
                let name = part.trim_end_matches(['/', '!']);
                if part.ends_with('!') {
                    steps.push(Step::container(name));
                } else if part.ends_with('/') && !name.is_empty() {
                    steps.push(Step::directory(name));
                }
            }
            steps
        };
        let file = text.rsplit(['/', '!', '|']).find(|name| !name.is_empty()).unwrap().into();
        let (above, below) = (steps(above).into(), steps(below).into());
        Place { above, below, file, is_lone, modified: Moment::of_day(WRITTEN), is_stdin: false }
    }

    fn decided(text: &str, rules: &Rules) -> String {
        let Decision { app, snapshot, .. } = decide(&place(text), rules);
        let day = if snapshot.value == WRITTEN { "-".to_owned() } else { snapshot.value.to_string() };
        format!("{} {day} | {}, {}", app.value, app.reason, snapshot.reason)
    }

    #[test]
    fn inference() {
        for (text, expected) in [
            // directories: app/day, day/app, deeper, shallower
            (
                "/w/demo/|app_0001/2025-01-01/xcodeMetrics.json",
                "app_0001 2025-01-01 | directory `app_0001`, date in `2025-01-01`",
            ),
            (
                "/w/|demo/app_0001/2025-01-01/xcodeMetrics.json",
                "app_0001 2025-01-01 | directory `app_0001`, date in `2025-01-01`",
            ),
            (
                "/w/saves/|2026-01-02/com.foo/metrics.json.gz",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            // letters: shards, or apps
            ("/w/saves/|a/app_0001/m.json", "app_0001 - | directory `app_0001`, modification time"),
            ("/w/saves/|a/1234567890/m.json", "1234567890 - | directory `1234567890`, modification time"),
            ("/w/saves/|a/com.foo.json", "com.foo - | file name `com.foo.json`, modification time"),
            ("/w/saves/|a/2026-01-02/m.json", "a 2026-01-02 | directory `a`, date in `2026-01-02`"),
            (
                "/w/saves/|com.foo/xcodeMetrics/20260102T030405Z.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `20260102T030405Z.json`",
            ),
            (
                "/w/saves/|com.foo/2026-01-02/logs/all_iphones/5A3F.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            (
                "/w/saves/|2026-01-01/com.foo/2026-01-02/m.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            ("/w/saves/|2026/01/com.foo/m.json", "com.foo - | directory `com.foo`, modification time"),
            // numbers: builds below an app, Apple ids
            ("/w/saves/|com.foo.bar/1234567/m.json", "com.foo.bar - | directory `com.foo.bar`, modification time"),
            ("/w/saves/com.foo.bar/|1234567/m.json", "com.foo.bar - | directory `com.foo.bar`, modification time"),
            (
                "/w/saves/|1234567890/2026-01-02/m.json",
                "1234567890 2026-01-02 | directory `1234567890`, date in `2026-01-02`",
            ),
            (
                "/w/saves/|apps/1234567890/builds/42000/m.json",
                "1234567890 - | directory `1234567890`, modification time",
            ),
            ("/w/saves/com.foo/|builds/42000/m.json", "com.foo - | directory `com.foo`, modification time"),
            // a date and a name in one directory
            (
                "/w/saves/|com.foo-2026-01-02/m.json",
                "com.foo 2026-01-02 | directory `com.foo-2026-01-02`, date in `com.foo-2026-01-02`",
            ),
            (
                "/w/saves/|com.foo/run-2026-01-02/m.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `run-2026-01-02`",
            ),
            // no directory below what was given
            ("/w/mydir/|xcodeMetrics.json", "mydir - | directory `mydir`, modification time"),
            ("/w/mydir/|2026-01-02/xcodeMetrics.json", "mydir 2026-01-02 | directory `mydir`, date in `2026-01-02`"),
            (
                "/w/mydir/|com.foo-2026-01-02-metrics.json",
                "com.foo 2026-01-02 | file name `com.foo-2026-01-02-metrics.json`, date in `com.foo-2026-01-02-metrics.json`",
            ),
            (
                "/w/com.foo/2026-01-02/|xcodeMetrics.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            (
                "/w/2026-01-02/com.foo/|xcodeMetrics.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            ("/w/com.foo/2026-01-02/metrics/|1.json", "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`"),
            ("/w-2026-01-02/com.foo/|xcodeMetrics.json", "com.foo - | directory `com.foo`, modification time"),
            // a file by its own path
            ("/w/saves/||Weather.json", "Weather - | file name `Weather.json`, modification time"),
            ("/w/saves/||app_0001.json", "app_0001 - | file name `app_0001.json`, modification time"),
            (
                "/w/com.foo/2026-01-02/||xcodeMetrics.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            ("/w/app_0215/||sig_00077.json", "app_0215 - | directory `app_0215`, modification time"),
            ("/tmp/||metrics.json", "metrics - | file name `metrics.json`, modification time"),
            // containers
            (
                "/w/saves.zip!|com.foo/2026-01-02/m.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
            ),
            (
                "/w/com.foo-2026-01-02.zip!|metrics.json",
                "com.foo 2026-01-02 | container `com.foo-2026-01-02.zip`, date in `com.foo-2026-01-02.zip`",
            ),
            (
                "/w/saves/|com.foo/2026-01-02.tar.gz!m.json",
                "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02.tar.gz`",
            ),
            ("/w/saves/|com.foo.zip!1234567/m.json", "com.foo - | container `com.foo.zip`, modification time"),
            ("/w/saves/|1234567890/stuff.zip!m.json", "1234567890 - | directory `1234567890`, modification time"),
        ] {
            assert_eq!(decided(text, &Rules::default()), expected, "{text}");
        }
    }
}
