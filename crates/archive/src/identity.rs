//! What is decided of a document, and on what evidence.

use crate::layout::Match;
use crate::{Layout, Moment, words};
use perfpower_model::Day;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What the user said of the archive; everything else is inferred.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What `--app` says: the app of every document, unless the archive holds this one or several others.
    pub app: Option<String>,
    /// Every document was downloaded on this day.
    pub snapshot: Option<Day>,
    /// What was downloaded after this day is left out, and decides nothing. Files whose place tells no day stay in: their bodies may.
    pub until: Option<Day>,
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
    /// What else it might be by its path, the likeliest first; empty = nothing.
    pub others: Arc<[RuledOut<T>]>,
}

/// Something that a path might say, and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuledOut<T> {
    /// What it might say.
    pub value: T,
    /// Why it is not that.
    pub why: WhyNot,
}

/// Why a reading of a path was ruled out. Its `Display` is for people, a fragment in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WhyNot {
    /// Evidence of this kind, and what was taken is of a stronger one.
    Weaker(Rank),
    /// All documents have it, so it tells none from another.
    Shared,
    /// Of several names of one kind, one further in was taken.
    FurtherOut,
    /// Of several names of one kind, one further out was taken.
    FurtherIn,
    /// A week, a month or the number of a build, and there is a day.
    LessExact,
    /// Another order of the same numbers.
    OtherOrder,
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weaker(Rank::AppleId) => f.write_str("an Apple id, which counts less"),
            Self::Weaker(rank) => write!(f, "a {}, which counts less", rank.as_str()),
            Self::Shared => f.write_str("all documents have it"),
            Self::FurtherOut => f.write_str("another one stands nearer to the file"),
            Self::FurtherIn => f.write_str("another one stands further out"),
            Self::LessExact => f.write_str("another date is more exact"),
            Self::OtherOrder => f.write_str("another order of the same numbers"),
        }
    }
}

impl<T> Identity<T> {
    /// Something of which there is no other reading.
    pub fn new(value: T, reason: Reason) -> Self {
        Self { value, reason, others: Arc::default() }
    }
}

/// What kind of evidence says whose a document is, the strongest first: what is stronger holds wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rank {
    /// `--app`, a layout, or a name that `perfpower.toml` knows.
    Told,
    /// The body names the app. Never set here: whoever reads the body may.
    Body,
    /// A bundle id in the path.
    BundleId,
    /// The number that the App Store gives an app, in the path.
    AppleId,
    /// A plain word in the path.
    Word,
    /// No name in the path can be an app's: what was given stands in for it.
    Place,
}

impl Rank {
    /// For people, such as "bundle id".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Body => "body",
            Self::BundleId => "bundle id",
            Self::AppleId => "Apple id",
            Self::Word => "word",
            Self::Place => "place",
        }
    }
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
    /// The Apple id that another path, or a body, has beside a bundle id.
    JoinedId(Arc<str>),
    /// The one app that names tell of in its folder.
    Beside(Arc<str>),
    /// A date in the name of a directory, container or file, or in the names of several.
    Date(Arc<str>),
    /// A date that can be read in several orders, of which other dates of the archive leave one: the text and the order.
    SettledDate(Arc<str>, &'static str),
    /// A week, by its Monday.
    Week(Arc<str>),
    /// A month, by its first day.
    Month(Arc<str>),
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
            Self::JoinedId(id) => write!(f, "Apple id `{id}`, which stands beside the bundle id elsewhere"),
            Self::Beside(app) => write!(f, "no name of its own, beside `{app}` alone"),
            Self::Date(name) => write!(f, "date in `{name}`"),
            Self::SettledDate(name, order) => write!(f, "date in `{name}`, {order} as other dates here show"),
            Self::Week(name) => write!(f, "Monday of the week in `{name}`"),
            Self::Month(name) => write!(f, "first day of the month in `{name}`"),
            Self::ModificationTime => f.pad("modification time"),
            Self::StandardInput => f.pad("standard input"),
        }
    }
}

/// A step of the path from the place that was given down to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it is a zip or tar, and not a directory.
    pub is_container: bool,
}

impl Step {
    pub(crate) fn directory(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), is_container: false }
    }

    pub(crate) fn container(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), is_container: true }
    }

    /// The name as a directory would have it.
    pub(crate) fn part(&self) -> &str {
        if self.is_container { words::stem(&self.name) } else { &self.name }
    }

    pub(crate) fn reason(&self) -> Reason {
        if self.is_container {
            Reason::Container(Arc::clone(&self.name))
        } else {
            Reason::Directory(Arc::clone(&self.name))
        }
    }
}

/// Where a document was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The steps that lead to what was given, and it itself last if it is a directory or a container.
    pub above: Arc<[Step]>,
    /// The steps from there down to the file.
    pub below: Arc<[Step]>,
    /// The name of the file.
    pub file: Arc<str>,
    /// Whether the file itself was given.
    pub is_lone: bool,
    /// When it was last written, or read from standard input.
    pub modified: Moment,
    /// Whether it came on standard input.
    pub is_stdin: bool,
}

/// How far above the archive a name is looked for. The steps further up are the machine's.
pub(crate) const REACH_ABOVE: usize = 4;

/// How many of the steps above what was given all arguments have in common, less what was given itself: what lies below
/// them is the archive, so that it does not matter whether one directory was given or all that is in it.
pub(crate) fn common_steps<'a>(places: impl Iterator<Item = &'a Place>) -> usize {
    let mut common: Option<(&[Step], usize)> = None;
    let mut last: Option<*const Step> = None;
    for place in places.filter(|place| !place.is_stdin) {
        // All documents below one argument share the steps above it.
        if last.replace(place.above.as_ptr()) == Some(place.above.as_ptr()) {
            continue;
        }
        let own = place.above.len() - usize::from(!place.is_lone && !place.above.is_empty());
        common = Some(match common {
            None => (&place.above, own),
            Some((steps, length)) => {
                let same = steps[..length].iter().zip(&place.above[..own]).take_while(|(a, b)| a == b).count();
                (steps, same)
            }
        });
    }
    common.map_or(0, |(_, length)| length)
}

/// What a layout says of a document; `None` = it does not fit.
pub(crate) fn by_layout(place: &Place, layout: &Layout) -> Option<Match> {
    // A container is a root of its own, also when it was found by walking: layouts count from it.
    let inner = place.below.iter().rposition(|step| step.is_container).map_or(0, |at| at + 1);
    let (outside, inside) = place.below.split_at(inner);
    let above: Vec<&str> = place.above.iter().chain(outside).map(Step::part).collect();
    let below: Vec<&str> = inside.iter().map(Step::part).chain([&*place.file]).collect();
    layout.matched(&above, &below)
}
