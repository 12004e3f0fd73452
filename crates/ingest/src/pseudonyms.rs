//! Names to pseudonyms: what `--redact` puts in the place of everything that says whose an archive is.
//!
//! **Where.** Owners, rules, waivers, aliases and filters are settled on the names as they are. Then every text of what was read is
//! replaced at once ([`Reading::redact`](crate::Reading::redact)), before anything is judged or written: no output can forget it,
//! because none has ever seen a name. What is said before that, which is failures, goes through [`Pseudonyms::redact`] as a sentence.
//!
//! **What stays** is what is on a list, and nothing else: numbers, days and versions; the vocabulary of Apple's documents (metrics,
//! categories, percentiles, platforms, devices, units); the frameworks of Apple's systems, by the names of their binaries; `main` and its
//! like; endings of files; and of sentences the words that this program itself says ([`words`]). So a metric that is new, a device that is
//! none of Apple's, a field that the schema does not know becomes a pseudonym, too: whether it says something about somebody nobody knows.
//! The order of apps in a table stays that of their names; what is sorted by path is sorted by pseudonym.
//!
//! **What stands for a name** is the word for its role and 60 bits of a keyed hash (SipHash-2-4), in letters and digits:
//! `app-3f7kq0m2x9zd`. One name has one pseudonym in all roles, documents, commands and formats, whoever holds the key gets the same one
//! again, and nobody else can try names. A function's is made of what is stable over builds of its name, and has a number behind it
//! where there is more: `function-8c….731` and `function-8c…` are one function. Of a version, words are replaced and numbers stay.

mod public;
mod sentence;
mod words;

use perfpower_model::{Redact, TextRole};
use perfpower_stacks::symbol_identity;
use siphasher::sip::SipHasher24;
use siphasher::sip128::{Hasher128, SipHasher24 as SipHasher24Wide};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::Hasher;

/// A secret of any length, and what was hashed with it so far.
#[derive(Clone, Debug)]
pub struct Pseudonyms {
    key: (u64, u64),
    /// What stands for each text that was replaced.
    given: BTreeMap<String, String>,
    /// What was given, so that nothing is replaced twice.
    taken: HashSet<String>,
    /// Lengths of the replaced texts in bytes, for the search in sentences.
    lengths: BTreeSet<usize>,
}

impl Pseudonyms {
    /// Those of one secret. Anybody who knows it can try names.
    pub fn of_secret(secret: &[u8]) -> Self {
        let (high, low) = wide_hash([secret]);
        Self { key: (high, low), given: BTreeMap::new(), taken: HashSet::new(), lengths: BTreeSet::new() }
    }

    /// What was replaced, by original, with what stands for it.
    pub fn given(&self) -> &BTreeMap<String, String> {
        &self.given
    }

    fn hash(&self, text: &str) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.key.0, self.key.1);
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    /// Sixty bits of the keyed hash, five to a character.
    fn tail(&self, text: &str) -> String {
        /// Crockford's digits: none looks like another.
        const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let hash = self.hash(text);
        (0..12).map(|at| char::from(DIGITS[(hash >> (5 * at)) as usize & 31])).collect()
    }

    /// What stands for a text; made where there is nothing yet.
    fn pseudonym(&mut self, role: TextRole, text: &str) -> String {
        if let Some(known) = self.given.get(text) {
            return known.clone();
        }
        let pseudonym = match role {
            TextRole::Function => self.function(text),
            // Ids are shown by their first characters, so that a word before them would be all that is seen.
            TextRole::Signature => self.tail(text),
            _ => format!("{}-{}", word(role), self.tail(text)),
        };
        self.lengths.insert(text.len());
        self.taken.insert(pseudonym.clone());
        self.given.insert(text.to_owned(), pseudonym.clone());
        pseudonym
    }

    /// Of two names with one identity, which are one function, the pseudonyms have one identity, too.
    fn function(&self, name: &str) -> String {
        // Where a name is nothing but an address, that says nothing but which binary it is in.
        let identity = symbol_identity(name);
        let stem = format!("{}-{}", word(TextRole::Function), self.tail(&identity));
        if identity == name { stem } else { format!("{stem}.{}", self.hash(name) % 1_000_000) }
    }

    /// A version with its numbers, and pseudonyms for the words that are not everybody's.
    fn version(&mut self, text: &str) -> String {
        let mut out = String::new();
        for part in split(text, |c: char| c.is_ascii_digit() || " .()+-_,".contains(c)) {
            let is_number = part.starts_with(|c: char| c.is_ascii_digit() || " .()+-_,".contains(c));
            if is_number || public::is_version_word(part) {
                out.push_str(part);
            } else {
                out.push_str(&self.pseudonym(TextRole::Version, part));
            }
        }
        out
    }

    /// Each part of a path by itself.
    fn path(&mut self, path: &str) -> String {
        let mut out = String::new();
        for part in split(path, |c: char| matches!(c, '/' | '!' | '\\')) {
            if part.starts_with(['/', '!', '\\']) || matches!(part, "." | ".." | "-") {
                out.push_str(part);
            } else if let Some(known) = self.given.get(part) {
                out.push_str(known);
            } else if public::is_file_name(part) || self.taken.contains(part) {
                out.push_str(part);
            } else {
                let ending = public::ending(part);
                let stem = &part[..part.len() - ending.len()];
                let stem = self.given.get(stem).cloned().unwrap_or_else(|| self.pseudonym(TextRole::Path, part));
                out.push_str(&stem);
                out.push_str(ending);
            }
        }
        out
    }
}

impl Redact for Pseudonyms {
    fn redact(&mut self, role: TextRole, text: &str) -> String {
        if text.trim().is_empty() || self.taken.contains(text) {
            return text.to_owned();
        }
        match role {
            TextRole::Version => self.version(text),
            TextRole::Path => self.path(text),
            TextRole::Sentence => self.sentence(text),
            TextRole::Word if public::is_word(text) => text.to_owned(),
            TextRole::Binary if public::is_system_binary(text) => text.to_owned(),
            TextRole::Function if public::is_function(text) => text.to_owned(),
            _ => self.pseudonym(role, text),
        }
    }
}

/// A 128-bit hash of several texts, each ended by its length: a key, where the texts are secret.
pub(crate) fn wide_hash<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> (u64, u64) {
    let mut hasher = SipHasher24Wide::new_with_keys(0x7065_7266_706f_7765, 0x7265_6461_6374_2031);
    for text in texts {
        hasher.write(text);
        hasher.write_u64(text.len() as u64);
    }
    let hash = hasher.finish128();
    (hash.h1, hash.h2)
}

/// The word that a pseudonym begins with.
fn word(role: TextRole) -> &'static str {
    match role {
        TextRole::App => "app",
        TextRole::Version => "version",
        TextRole::Build => "build",
        TextRole::Function => "function",
        TextRole::Binary => "binary",
        TextRole::SourceFile => "file",
        TextRole::Signature => "signature",
        TextRole::Team => "team",
        TextRole::Rule => "rule",
        TextRole::Path => "path",
        TextRole::Word | TextRole::Sentence => "name",
    }
}

/// A text in runs of characters that are, and are not, of a kind.
fn split(text: &str, is_of_kind: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = is_of_kind(rest.chars().next()?);
        let end = rest.find(|c| is_of_kind(c) != first).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        rest = behind;
        Some(part)
    })
}

#[cfg(test)]
mod tests;
