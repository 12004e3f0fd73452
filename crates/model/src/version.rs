//! App versions: kept as written, ordered by what they say.
//!
//! Apple asks for three numbers and periods. What people write is `v9.9`, `R10`, `4.0.1a`, `7.1-10`, `3.6.0 (45)`,
//! `5.0.0-beta.1`, `2026.11`, `26Q1`, a name or a hash. A `Version` is the text, taken apart:
//!
//! ```text
//! v 5.0.0 - beta.1 (45)        prefix, numbers, stage, build
//!   4.0.1 a                    numbers, letter
//!   3.6.0 - ios                numbers, and a rest that nobody can order
//! ```

mod reading;

use std::cmp::Ordering;

/// Release order of two app versions: `1.9 < 1.10`, `10.5 = 10.5.0 = v10.5`, `5.0-beta.2 < 5.0-rc.1 < 5.0 < 5.0a < 5.0-hotfix`,
/// `7.1 < 7.1-1 < 7.1-10 < 7.2`.
///
/// Numbers are compared part by part, and missing parts count as 0 (Apple: `CFBundleShortVersionString`). It is an order of any
/// two texts, so that a list has one way to be sorted; whether it means anything says [`order`].
pub fn compare(left: &str, right: &str) -> Ordering {
    if is_plain(left) && is_plain(right) {
        return compare_numbers(left.split('.').map(significant), right.split('.').map(significant));
    }
    Version::of(left).cmp(&Version::of(right))
}

/// [`compare`], with ties broken by text, so that two different texts are never equal.
pub fn total_compare(left: &str, right: &str) -> Ordering {
    compare(left, right).then_with(|| left.cmp(right))
}

/// Release order where the texts alone tell it. `None` = they do not: a name, a hash, another prefix (`R9`, `10.0`), or a rest
/// in which alone they differ (`3.6.0-ios`, `3.6.0-tvos`).
pub fn order(left: &str, right: &str) -> Option<Ordering> {
    if is_plain(left) && is_plain(right) {
        return Some(compare(left, right));
    }
    Version::of(left).order(&Version::of(right))
}

/// One spelling for versions that [`compare`] equal, such as `10.5` for `10.5.0`, `10.05` and `v10.5`. The result is a key, not
/// for display.
pub fn canonical(version: &str) -> String {
    Version::of(version).to_string()
}

/// The version without its build, and the build: `3.6.0 (45)` → `3.6.0`, `45`. `None` where no build stands in parentheses,
/// brackets, or behind a `+` or the word: a number behind a hyphen may be a release of its own.
pub fn without_build(version: &str) -> Option<(&str, &str)> {
    reading::without_build(version)
}

/// Whether a version is the one wanted: equal, or a build of it where `wanted` names none.
pub fn is_of(version: &str, wanted: &str) -> bool {
    compare(version, wanted).is_eq() || without_build(version).is_some_and(|(base, _)| compare(base, wanted).is_eq())
}

/// How far a version had come when it was given that number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// `dev`, `d`, `snapshot`, `nightly`, `canary`, `milestone`.
    Development,
    /// `alpha`, `a1`.
    Alpha,
    /// `beta`, `b1`, `preview`, `seed`.
    Beta,
    /// `rc`, `fc`.
    Candidate,
    /// The release itself.
    #[default]
    Release,
    /// `hotfix`, `patch`, `sp`.
    Mended,
}

impl Stage {
    fn as_str(self) -> &'static str {
        match self {
            Self::Development => "dev",
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Candidate => "rc",
            Self::Release => "",
            Self::Mended => "fix",
        }
    }
}

/// A version, taken apart. Numbers are texts of digits without leading zeros, so that none is too long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Version<'a> {
    /// In lower case; empty = none, or one that says nothing, such as `v`.
    prefix: String,
    /// Without zeros at the end.
    numbers: Vec<&'a str>,
    stage: Stage,
    stage_numbers: Vec<&'a str>,
    /// `a` in `4.0.1a`, in lower case.
    letter: String,
    build: Vec<&'a str>,
    /// What is left, in lower case; of a name or a hash all of it.
    rest: String,
    /// Nothing in it is a number of release.
    is_name: bool,
}

impl Version<'_> {
    fn order(&self, other: &Self) -> Option<Ordering> {
        if self == other {
            return Some(Ordering::Equal);
        }
        let is_one_line = !self.is_name && !other.is_name && self.prefix == other.prefix;
        let order = self.cmp(other);
        let differs_in_rest_alone =
            || Self { rest: String::new(), ..self.clone() } == Self { rest: String::new(), ..other.clone() };
        (is_one_line && !(self.rest != other.rest && differs_in_rest_alone())).then_some(order)
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |left: &[&str], right: &[&str]| compare_numbers(left.iter().copied(), right.iter().copied());
        (self.is_name, &self.prefix)
            .cmp(&(other.is_name, &other.prefix))
            .then_with(|| numbers(&self.numbers, &other.numbers))
            .then_with(|| self.stage.cmp(&other.stage))
            .then_with(|| numbers(&self.stage_numbers, &other.stage_numbers))
            .then_with(|| self.letter.cmp(&other.letter))
            .then_with(|| self.build.is_empty().cmp(&other.build.is_empty()).reverse())
            .then_with(|| numbers(&self.build, &other.build))
            .then_with(|| self.rest.cmp(&other.rest))
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Version<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = |numbers: &[&str]| {
            let shown = |number: &&str| if number.is_empty() { "0".to_owned() } else { (*number).to_owned() };
            numbers.iter().map(shown).collect::<Vec<_>>().join(".")
        };
        if self.is_name {
            return f.write_str(&self.rest);
        }
        write!(f, "{}{}", self.prefix, if self.numbers.is_empty() { "0".to_owned() } else { numbers(&self.numbers) })?;
        if self.stage != Stage::Release {
            write!(f, "-{}", self.stage.as_str())?;
            if !self.stage_numbers.is_empty() {
                write!(f, ".{}", numbers(&self.stage_numbers))?;
            }
        }
        f.write_str(&self.letter)?;
        if !self.build.is_empty() {
            write!(f, "+{}", numbers(&self.build))?;
        }
        if !self.rest.is_empty() {
            write!(f, " {}", self.rest)?;
        }
        Ok(())
    }
}

/// Digits and periods alone, as nearly all versions are.
fn is_plain(version: &str) -> bool {
    version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Without leading zeros; nothing is left of 0.
fn significant(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

/// Part by part; missing ones count as 0. Of digits alone, so that no number overflows.
fn compare_numbers<'a>(mut left: impl Iterator<Item = &'a str>, mut right: impl Iterator<Item = &'a str>) -> Ordering {
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or(""), b.unwrap_or("")),
        };
        let order = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests;
