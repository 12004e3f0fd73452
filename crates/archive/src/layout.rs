//! A pattern such as `{app}/{snapshot}/{kind}.json`, and what it reads out of a path.

use crate::{Moment, dates};
use perfpower_model::Day;
use std::fmt;

/// How the files of an archive are arranged: parts separated by `/`, with placeholders in braces.
///
/// | placeholder | stands for |
/// |---|---|
/// | `{app}` | whose documents: any text within one part |
/// | `{snapshot}` | the day they were downloaded: text that is a day, such as `2026-11-23`, `20261123`, `2026-W48`, seconds since 1970 or an RFC 3339 time |
/// | `{year}` `{month}` `{day}` | the same in pieces, in any order: digits, or the English name of a month; without `{day}` the first of the month |
/// | `{year}` `{week}` | the Monday of an ISO week |
/// | `{version}` | the app version they are about: any text within one part |
/// | `{build}` | the build they are about, by its number or its id: any text within one part |
/// | `{kind}` | any text within one part; what a document is, is told by its content |
/// | `{*}` | anything: as a whole part, one part or more; within a part, any text |
///
/// The pattern must fit the whole path below the directory or container that was given. Where the path is shorter than
/// the pattern, the parts above what was given are used, so that `saves`, `saves/com.foo` and a single file fit the
/// same pattern; where it is longer, the pattern must fit its last parts, unless the pattern has a `{*}` part.
/// `.gz` and `.zst` at the end of a file's name may be left out of the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pattern: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// One part of a path: literals and placeholders in turn.
    One(Vec<Piece>),
    /// `{*}`: one part or more.
    Rest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Slot(Slot),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    App,
    Snapshot,
    Kind,
    Build,
    Version,
    Year,
    Month,
    Day,
    Week,
    Any,
}

impl Slot {
    const ALL: [(&'static str, Self); 10] = [
        ("app", Self::App),
        ("snapshot", Self::Snapshot),
        ("kind", Self::Kind),
        ("build", Self::Build),
        ("version", Self::Version),
        ("year", Self::Year),
        ("month", Self::Month),
        ("day", Self::Day),
        ("week", Self::Week),
        ("*", Self::Any),
    ];

    /// Whether it is a piece of a day, which is known by its length where another one follows at once.
    fn is_of_day(self) -> bool {
        matches!(self, Self::Year | Self::Month | Self::Day | Self::Week)
    }

    fn takes(self, text: &str) -> bool {
        match self {
            Self::App => !text.is_empty(),
            Self::Snapshot => dates::whole_day(text).is_some(),
            Self::Year => year(text).is_some(),
            Self::Month => month(text).is_some(),
            Self::Day => text.len() <= 2 && dates::number(text).is_some_and(|day| (1..=31).contains(&day)),
            Self::Week => week(text).is_some(),
            Self::Kind | Self::Build | Self::Version | Self::Any => true,
        }
    }
}

/// Four digits, or two of this century.
fn year(text: &str) -> Option<i32> {
    let year = dates::number(text)? as i32;
    match text.len() {
        2 => Some(2000 + year),
        4 => Some(year).filter(|year| dates::YEARS.contains(year)),
        _ => None,
    }
}

fn month(text: &str) -> Option<u32> {
    let number = || dates::number(text).filter(|month| text.len() <= 2 && (1..=12).contains(month));
    dates::month(text).or_else(number)
}

/// `45`, `W45`.
fn week(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(['W', 'w']);
    dates::number(digits).filter(|week| digits.len() <= 2 && (1..=53).contains(week))
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayoutError {
    /// There is nothing in it.
    Empty,
    /// Nothing between two slashes, or a slash at an end.
    EmptyPart,
    /// A brace without its other half.
    Unbalanced,
    /// A placeholder that is none of the known ones.
    Unknown(String),
    /// A placeholder that comes twice.
    Repeated(&'static str),
    /// Two placeholders with nothing between them.
    Adjacent(&'static str, &'static str),
    /// A piece of a day without another one that it needs.
    PartOfDay(&'static str, &'static str),
    /// Neither `{app}` nor `{snapshot}`, nor the pieces of a day, are in it.
    SaysNothing,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the layout is empty; expected something like {{app}}/{{snapshot}}/{{kind}}.json"),
            Self::EmptyPart => write!(f, "a part of the layout is empty; remove the extra `/`"),
            Self::Unbalanced => write!(f, "the layout has a brace without its other half"),
            Self::Unknown(name) => write!(
                f,
                "the layout has an unknown placeholder {{{name}}}; known are {{app}}, {{snapshot}}, {{year}}, {{month}}, {{day}}, {{week}}, {{kind}}, {{build}}, {{version}}, {{*}}"
            ),
            Self::Repeated(name) => write!(f, "the layout has {{{name}}} twice; put {{*}} in one of the places"),
            Self::Adjacent(left, right) => write!(
                f,
                "the layout has nothing between {{{left}}} and {{{right}}}, so nothing says where one ends; put a separator or a `/` between them"
            ),
            Self::PartOfDay(has, lacks) => write!(
                f,
                "the layout has {{{has}}} but not {{{lacks}}}, so the day is not known; put {{{lacks}}} where it stands, or {{*}} in place of {{{has}}}"
            ),
            Self::SaysNothing => {
                write!(f, "the layout has neither {{app}} nor {{snapshot}}, so it would tell nothing about a document")
            }
        }
    }
}

impl std::error::Error for LayoutError {}

/// What a pattern read out of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) app: Option<String>,
    pub(crate) snapshot: Option<Moment>,
    pub(crate) version: Option<String>,
    pub(crate) build: Option<String>,
}

impl Layout {
    /// Reads a pattern.
    ///
    /// ```
    /// use perfpower_archive::Layout;
    /// assert!(Layout::parse("{app}/{snapshot}/{kind}.json").is_ok());
    /// assert_eq!(
    ///     Layout::parse("{app}{build}/{*}").unwrap_err().to_string(),
    ///     "the layout has nothing between {app} and {build}, so nothing says where one ends; \
    ///      put a separator or a `/` between them",
    /// );
    /// ```
    pub fn parse(pattern: &str) -> Result<Self, LayoutError> {
        if pattern.is_empty() {
            return Err(LayoutError::Empty);
        }
        let mut seen = Vec::new();
        let mut parts = Vec::new();
        for text in pattern.strip_prefix("./").unwrap_or(pattern).split('/') {
            let pieces = pieces(text, &mut seen)?;
            parts.push(if pieces == [Piece::Slot(Slot::Any)] { Part::Rest } else { Part::One(pieces) });
        }
        for (slot, has, needed, lacks) in [
            (Slot::Day, "day", Slot::Month, "month"),
            (Slot::Month, "month", Slot::Year, "year"),
            (Slot::Week, "week", Slot::Year, "year"),
        ] {
            if seen.contains(&slot) && !seen.contains(&needed) {
                return Err(LayoutError::PartOfDay(has, lacks));
            }
        }
        if !seen.iter().any(|slot| matches!(slot, Slot::App | Slot::Snapshot | Slot::Month | Slot::Week)) {
            return Err(LayoutError::SaysNothing);
        }
        Ok(Self { pattern: pattern.to_owned(), parts })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }

    /// Fits the pattern to `below`, the parts of the path below what was given, the file last; `above` are the parts
    /// that lead to it, the nearest last.
    pub(crate) fn matched(&self, above: &[&str], below: &[&str]) -> Option<Match> {
        let open = self.parts.contains(&Part::Rest);
        let wanted = self.parts.len();
        if let Some(found) = self.fit(below) {
            return Some(found);
        }
        if !open && below.len() > wanted {
            return self.fit(&below[below.len() - wanted..]);
        }
        // No more than the pattern asks for: the directories above are not the archive's.
        (1..wanted.min(above.len() + 1)).find_map(|more| {
            let mut path = above[above.len() - more..].to_vec();
            path.extend(below);
            (open || path.len() == wanted).then(|| self.fit(&path)).flatten()
        })
    }

    /// Fits the pattern to a whole path, with and without the packing's ending.
    fn fit(&self, path: &[&str]) -> Option<Match> {
        let (file, directories) = path.split_last()?;
        let endings = ["", ".gz", ".gzip", ".zst", ".zstd"];
        endings.iter().filter_map(|ending| file.strip_suffix(ending)).find_map(|file| {
            let mut path = directories.to_vec();
            path.push(file);
            fit_parts(&self.parts, &path)
        })
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.pattern)
    }
}

impl std::str::FromStr for Layout {
    type Err = LayoutError;

    fn from_str(pattern: &str) -> Result<Self, LayoutError> {
        Self::parse(pattern)
    }
}

fn pieces(text: &str, seen: &mut Vec<Slot>) -> Result<Vec<Piece>, LayoutError> {
    if text.is_empty() {
        return Err(LayoutError::EmptyPart);
    }
    let mut pieces = Vec::new();
    let mut previous = None;
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('{') {
            let (name, after) = inner.split_once('}').ok_or(LayoutError::Unbalanced)?;
            if name.contains('{') {
                return Err(LayoutError::Unbalanced);
            }
            let (word, slot) = Slot::ALL
                .into_iter()
                .find(|(word, _)| *word == name)
                .ok_or_else(|| LayoutError::Unknown(name.into()))?;
            if slot != Slot::Any {
                if seen.contains(&slot) {
                    return Err(LayoutError::Repeated(word));
                }
                seen.push(slot);
            }
            if let Some((left, word_left)) = previous.replace((slot, word))
                && !(slot.is_of_day() && left.is_of_day())
            {
                return Err(LayoutError::Adjacent(word_left, word));
            }
            pieces.push(Piece::Slot(slot));
            rest = after;
        } else {
            let end = rest.find('{').unwrap_or(rest.len());
            if rest[..end].contains('}') {
                return Err(LayoutError::Unbalanced);
            }
            pieces.push(Piece::Literal(rest[..end].to_owned()));
            previous = None;
            rest = &rest[end..];
        }
    }
    Ok(pieces)
}

/// A word of a path; nothing where it is empty.
fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Fits parts to a path; a `{*}` takes as few parts as it can.
fn fit_parts(parts: &[Part], path: &[&str]) -> Option<Match> {
    // fits[i][j]: parts[i..] fit path[j..]; worked from the end, so that nothing is tried twice.
    let mut fits = vec![vec![false; path.len() + 1]; parts.len() + 1];
    fits[parts.len()][path.len()] = true;
    for (i, part) in parts.iter().enumerate().rev() {
        for j in (0..path.len()).rev() {
            fits[i][j] = match part {
                Part::One(pieces) => fits[i + 1][j + 1] && fit_pieces(pieces, path[j]).is_some(),
                Part::Rest => fits[i + 1][j + 1] || fits[i][j + 1],
            };
        }
    }
    if !fits[0][0] {
        return None;
    }
    let mut found = Match::default();
    let mut pieces_of_day = [None; 4];
    let mut j = 0;
    for (i, part) in parts.iter().enumerate() {
        if let Part::One(pieces) = part {
            for (slot, text) in fit_pieces(pieces, path[j])? {
                match slot {
                    Slot::App => found.app = Some(text.to_owned()),
                    Slot::Snapshot => found.snapshot = dates::whole_day(text),
                    Slot::Version => found.version = said(text),
                    Slot::Build => found.build = said(text),
                    Slot::Year => pieces_of_day[0] = year(text).map(|year| year as u32),
                    Slot::Month => pieces_of_day[1] = month(text),
                    Slot::Day => pieces_of_day[2] = dates::number(text),
                    Slot::Week => pieces_of_day[3] = week(text),
                    Slot::Kind | Slot::Any => {}
                }
            }
            j += 1;
        } else {
            j += 1;
            while !fits[i + 1][j] {
                j += 1;
            }
        }
    }
    if let (None, [Some(year), month, day, week]) = (found.snapshot, pieces_of_day) {
        let year = year as i32;
        let told = match (month, week) {
            (Some(month), _) => Some(Day::from_ymd(year, month, day.unwrap_or(1))?),
            (None, Some(week)) => Some(dates::day_of_week(year, week, 1)?),
            (None, None) => None,
        };
        found.snapshot = told.map(Moment::of_day);
    }
    Some(found)
}

/// Fits pieces to the name of one part; each placeholder takes as little as it can, but
/// a piece of a day as much.
fn fit_pieces<'a>(pieces: &[Piece], name: &'a str) -> Option<Vec<(Slot, &'a str)>> {
    // ends[i][j]: where piece i ends if it starts at byte j and all pieces after it fit; worked from the end.
    let mut ends: Vec<Vec<Option<usize>>> = vec![vec![None; name.len() + 1]; pieces.len()];
    let follows = |ends: &[Vec<Option<usize>>], i: usize, j: usize| {
        if i == pieces.len() { j == name.len() } else { ends[i][j].is_some() }
    };
    for (i, piece) in pieces.iter().enumerate().rev() {
        for j in (0..=name.len()).filter(|j| name.is_char_boundary(*j)) {
            ends[i][j] = match piece {
                Piece::Literal(text) => name[j..]
                    .starts_with(text.as_str())
                    .then_some(j + text.len())
                    .filter(|end| follows(&ends, i + 1, *end)),
                Piece::Slot(slot) => {
                    let fits = |end: &usize| {
                        name.is_char_boundary(*end) && follows(&ends, i + 1, *end) && slot.takes(&name[j..*end])
                    };
                    let mut all = j..=name.len();
                    if slot.is_of_day() { all.rfind(fits) } else { all.find(fits) }
                }
            };
        }
    }
    let mut found = Vec::new();
    let mut at = 0;
    for (i, piece) in pieces.iter().enumerate() {
        let end = ends[i][at]?;
        if let Piece::Slot(slot) = piece {
            found.push((*slot, &name[at..end]));
        }
        at = end;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the pattern reads, as `app day version build` with `-` for nothing.
    fn read(pattern: &str, above: &str, below: &str) -> String {
        let above: Vec<&str> = above.split('/').filter(|part| !part.is_empty()).collect();
        let below: Vec<&str> = below.split('/').collect();
        let Some(found) = Layout::parse(pattern).unwrap().matched(&above, &below) else { return "misses".into() };
        let words = [found.app, found.snapshot.map(|moment| moment.day.to_string()), found.version, found.build];
        words.map(|word| word.unwrap_or_else(|| "-".into())).join(" ")
    }

    #[test]
    fn patterns_and_paths() {
        let days = "{app}/{snapshot}/{kind}.json";
        assert_eq!(read(days, "", "foo/2026-01-02/m.json"), "foo 2026-01-02 - -");
        assert_eq!(read(days, "", "foo/2026-01-02/m.json.gz"), "foo 2026-01-02 - -");
        assert_eq!(read(days, "", "deep/foo/2026-01-02/m.json"), "foo 2026-01-02 - -");
        assert_eq!(read(days, "x/saves/foo", "2026-01-02/m.json"), "foo 2026-01-02 - -");
        assert_eq!(read(days, "x/foo/2026-01-02", "m.json"), "foo 2026-01-02 - -");
        assert_eq!(read(days, "", "2026-01-02/m.json"), "misses");
        assert_eq!(read(days, "", "foo/january/m.json"), "misses");
        assert_eq!(read(days, "", "foo/2026-01-02/m.txt"), "misses");

        let builds = "{app}/{build}/{*}";
        assert_eq!(read(builds, "", "foo/123/a.json"), "foo - - 123");
        assert_eq!(read(builds, "", "foo/123/a/b/c.json"), "foo - - 123");
        assert_eq!(read(builds, "x/foo", "123/a.json"), "foo - - 123");

        assert_eq!(read("{*}/{app}/{snapshot}/{kind}.json", "", "a/b/foo/20260102/m.json"), "foo 2026-01-02 - -");
        assert_eq!(read("{app}-{snapshot}-{*}.json", "", "my-app-2026-01-02-x.json"), "my-app 2026-01-02 - -");
        assert_eq!(read("{snapshot}_{app}.json", "", "2026-01-02T03-04-05Z_é.json"), "é 2026-01-02 - -");
        assert_eq!(read("apps/{app}/{version}.json", "", "apps/foo/1.2.json"), "foo - 1.2 -");
        assert_eq!(read("{app}/{version}-{build}/{*}", "", "foo/1.2-45/a.json"), "foo - 1.2 45");
        assert_eq!(read("{app}/v{version}/{*}", "", "foo/v/a.json"), "foo - - -");
        assert_eq!(read("apps/{app}/{version}.json", "", "app/foo/1.2.json"), "misses");

        // days in pieces
        assert_eq!(read("{app}/{day}-{month}-{year}.json", "", "foo/02-11-2026.json"), "foo 2026-11-02 - -");
        assert_eq!(read("{app}/{month}-{day}-{year}/{*}", "", "foo/02-11-26/a.json"), "foo 2026-02-11 - -");
        assert_eq!(read("{app}/{year}/{month}/{day}/{*}", "", "foo/2026/Nov/2/a/b.json"), "foo 2026-11-02 - -");
        assert_eq!(read("{year}{month}{day}-{app}.json", "", "20261102-foo.json"), "foo 2026-11-02 - -");
        assert_eq!(read("{app}/{day}{month}{year}/{*}", "", "foo/02112026/a.json"), "foo 2026-11-02 - -");
        assert_eq!(read("{app}/{year}-{week}/{*}", "", "foo/2026-W45/a.json"), "foo 2026-11-02 - -");
        assert_eq!(read("{app}/y{year}w{week}/{*}", "", "foo/y2026w45/a.json"), "foo 2026-11-02 - -");
        assert_eq!(read("{app}/{year}-{month}/{*}", "", "foo/2026-11/a.json"), "foo 2026-11-01 - -");
        assert_eq!(read("{app}/{day}-{month}-{year}.json", "", "foo/30-02-2026.json"), "misses");
        assert_eq!(read("{app}/{year}-{week}/{*}", "", "foo/2026-54/a.json"), "misses");
    }

    #[test]
    fn wrong_patterns_say_what_is_wrong() {
        let message = |pattern: &str| Layout::parse(pattern).unwrap_err().to_string();
        assert_eq!(message(""), "the layout is empty; expected something like {app}/{snapshot}/{kind}.json");
        assert_eq!(message("{app}//x"), "a part of the layout is empty; remove the extra `/`");
        assert_eq!(message("/{app}"), "a part of the layout is empty; remove the extra `/`");
        assert_eq!(message("{app/x"), "the layout has a brace without its other half");
        assert_eq!(message("app}/x"), "the layout has a brace without its other half");
        assert_eq!(message("{{app}}"), "the layout has a brace without its other half");
        assert_eq!(
            message("{bundle}/{*}"),
            "the layout has an unknown placeholder {bundle}; known are {app}, {snapshot}, {year}, {month}, {day}, {week}, {kind}, {build}, {version}, {*}"
        );
        assert_eq!(message("{app}/{app}"), "the layout has {app} twice; put {*} in one of the places");
        assert_eq!(
            message("{kind}.json"),
            "the layout has neither {app} nor {snapshot}, so it would tell nothing about a document"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_on_any_path_ends(pattern in "(\\{(app|snapshot|\\*)\\}|[a-z/-]){0,12}", path in "[a-z0-9/-]{0,200}") {
            if let Ok(layout) = Layout::parse(&pattern) {
                let parts: Vec<&str> = path.split('/').collect();
                layout.matched(&parts, &parts);
            }
        }

        #[test]
        fn what_is_written_is_read(app in "[a-z.]{1,20}", days in 14_000..40_000i32, kind in "[a-zA-Z]{0,9}") {
            let day = Day::from_days(days);
            let path = format!("{app}/{day}/{kind}.json");
            let parts: Vec<&str> = path.split('/').collect();
            let found = Layout::parse("{app}/{snapshot}/{kind}.json").unwrap().matched(&[], &parts).unwrap();
            proptest::prop_assert_eq!(found.app, Some(app));
            proptest::prop_assert_eq!(found.snapshot, Some(Moment::of_day(day)));
        }
    }
}
