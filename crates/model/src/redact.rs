//! Pseudonyms in the place of names: which texts there are, and who is asked for their pseudonyms.

use crate::{NameId, Names, Problem};

/// What a text names, and so what its pseudonym is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextRole {
    /// An app: its key, a bundle id, Apple's number of it.
    App,
    /// An app version.
    Version,
    /// A build: its number, Apple's id of it, the id of a binary.
    Build,
    /// A function, as it is shown.
    Function,
    /// A binary, such as `UIKitCore`.
    Binary,
    /// A source file.
    SourceFile,
    /// Apple's id of a signature.
    Signature,
    /// Who owns code.
    Team,
    /// A rule of the team's.
    Rule,
    /// A path in the archive, or of a file beside it.
    Path,
    /// One of Apple's words: a metric, a device, a percentile, a unit.
    Word,
    /// A sentence, of Apple or of this program.
    Sentence,
}

/// Gives pseudonyms. The same text has the same one, whatever it is asked for as, and no two texts share one.
pub trait Redact {
    /// What stands for a text; the text itself where it says nothing about anybody.
    fn redact(&mut self, role: TextRole, text: &str) -> String;

    /// Puts it in the place of the text.
    fn replace(&mut self, role: TextRole, text: &mut String) {
        *text = self.redact(role, text);
    }

    /// The same where there may be no text.
    fn replace_option(&mut self, role: TextRole, text: &mut Option<String>) {
        if let Some(text) = text {
            self.replace(role, text);
        }
    }
}

/// What each text of a table names, said column by column; the first word holds.
#[derive(Debug)]
pub struct TextRoles(Vec<Option<TextRole>>);

impl TextRoles {
    /// Nothing is said of a table yet.
    pub fn of(names: &Names) -> Self {
        Self(vec![None; names.len()])
    }

    /// Says it of one text.
    pub fn say(&mut self, id: impl Into<Option<NameId>>, role: TextRole) {
        if let Some(place) = id.into().and_then(|id| self.0.get_mut(id.index())) {
            place.get_or_insert(role);
        }
    }

    /// The table with pseudonyms: handles stay. What nothing was said of is a word.
    pub fn redacted(&self, names: &Names, by: &mut dyn Redact) -> Names {
        names.replaced(|id, text| by.redact(self.0[id.index()].unwrap_or(TextRole::Word), text))
    }
}

impl Problem {
    /// Replaces what it shows of a document.
    pub fn redact(&mut self, by: &mut dyn Redact) {
        by.replace(TextRole::Sentence, &mut self.at);
        by.replace(TextRole::Sentence, &mut self.message);
        by.replace_option(TextRole::Sentence, &mut self.hint);
    }
}
