//! What is wrong with a configuration, at which place, and the cure.

use std::fmt;
use std::path::PathBuf;

/// A configuration that cannot be used, with everything that is wrong in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is larger than [`MAX_BYTES`](super::MAX_BYTES).
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// The text is not what it should be.
    Faulty {
        /// Which file.
        path: PathBuf,
        /// At least one, by place.
        faults: Vec<Fault>,
    },
}

/// Faults that are written out. Arbitrary: who has more has one of them many times.
const MOST_TOLD: usize = 100;

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, .. } => write!(f, "{}: cannot be read", path.display()),
            Self::TooLarge { path } => write!(
                f,
                "{}: larger than {} MB: expected settings of a team, not data",
                path.display(),
                super::MAX_BYTES >> 20
            ),
            Self::Faulty { path, faults } => {
                for (index, fault) in faults.iter().take(MOST_TOLD).enumerate() {
                    if index > 0 {
                        writeln!(f)?;
                    }
                    write!(f, "{}:{fault}", path.display())?;
                }
                match faults.len().saturating_sub(MOST_TOLD) {
                    0 => Ok(()),
                    more => write!(f, "\n{}: … and {more} more faults", path.display()),
                }
            }
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::TooLarge { .. } | Self::Faulty { .. } => None,
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// 1-based.
    pub line: usize,
    /// 1-based, counted in characters.
    pub column: usize,
    /// What was found and what was expected: a lower-case fragment without a full stop.
    pub message: String,
    /// What cures it; empty = the message says it.
    pub hint: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\n  help: {}", self.hint)?;
        }
        Ok(())
    }
}

/// `, did you mean `x`?` for the known word nearest to what was typed; empty where none is near.
///
/// Jaro–Winkler above 0.8: arbitrary; a swapped, missing or doubled letter passes it, another word seldom does.
pub(super) fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, known).map_or_else(String::new, |word| format!(", did you mean `{word}`?"))
}

/// The known word nearest to what was typed, if any is near.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&typed, &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0).then_with(|| right.1.cmp(left.1)))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_wins_and_a_far_one_is_not_offered() {
        let known = ["threshold", "through", "weight"];
        assert_eq!(nearest("treshold", known), Some("threshold"));
        assert_eq!(nearest("WEIGTH", known), Some("weight"));
        assert_eq!(nearest("colour", known), None);
        // Of two that are equally near, the first in the alphabet.
        assert_eq!(nearest("ab", ["abd", "abc"]), Some("abc"));
    }
}
