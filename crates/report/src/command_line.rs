//! Commands that a reader may paste into a shell.
//!
//! A command is held as its words and becomes a text in one place, where each word is quoted; nothing may change the text
//! after that, so whoever shows it keeps it on one line and sets it apart ([`crate::render`]).

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::path::Path;

/// A command, or the arguments of one. Its text is for a POSIX shell; where a word holds characters that act on a terminal it
/// takes one that knows `$'…'`, as all usual shells do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    /// Given to the program as it is, whatever is in it.
    Given(Vec<u8>),
    /// Shown as it is: the reader puts something in its place.
    StandIn(&'static str),
}

impl CommandLine {
    /// One of this program's commands.
    pub fn perfpower(command: &str) -> Self {
        Self::default().word("perfpower").word(command)
    }

    /// The same with another word.
    #[must_use]
    pub fn word(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(Word::Given(word.as_ref().as_encoded_bytes().to_vec()));
        self
    }

    /// The same with a path, which is never taken for an option; `-` alone stays the name of standard input.
    #[must_use]
    pub fn path(self, path: &Path) -> Self {
        let is_like_option = path.as_os_str().as_encoded_bytes().starts_with(b"-") && path.as_os_str() != "-";
        if is_like_option { self.word(Path::new(".").join(path)) } else { self.word(path) }
    }

    /// The same with an option and its value.
    #[must_use]
    pub fn option(self, name: &str, value: impl AsRef<OsStr>) -> Self {
        let value = value.as_ref();
        if value.is_empty() || value.as_encoded_bytes().starts_with(b"-") {
            let mut joined = std::ffi::OsString::from(format!("{name}="));
            joined.push(value);
            return self.word(joined);
        }
        self.word(name).word(value)
    }

    /// The same with a word that the reader replaces, such as `ARCHIVE...`.
    #[must_use]
    pub fn stand_in(mut self, word: &'static str) -> Self {
        self.words.push(Word::StandIn(word));
        self
    }

    /// The same with all words of another one.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.words.extend(other.words.iter().cloned());
        self
    }
}

/// The words, quoted, on one line.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.words.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            match word {
                Word::Given(bytes) => quote(bytes, f)?,
                Word::StandIn(word) => f.write_str(word)?,
            }
        }
        Ok(())
    }
}

fn quote(word: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || "_-./,:@%+=".contains(c) || (!c.is_ascii() && c.is_alphanumeric());
    match std::str::from_utf8(word) {
        // A word that begins with `=` is the path of a program to some shells.
        Ok(text) if !text.is_empty() && text.chars().all(is_plain) && !text.starts_with('=') => f.write_str(text),
        Ok(text) if !text.chars().any(crate::safe::acts) => write!(f, "'{}'", text.replace('\'', "'\\''")),
        _ => {
            f.write_str("$'")?;
            for chunk in word.utf8_chunks() {
                for c in chunk.valid().chars() {
                    match c {
                        '\'' | '\\' => write!(f, "\\{c}")?,
                        c if crate::safe::acts(c) => octal(c.encode_utf8(&mut [0; 4]).as_bytes(), f)?,
                        c => f.write_char(c)?,
                    }
                }
                octal(chunk.invalid(), f)?;
            }
            f.write_char('\'')
        }
    }
}

fn octal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "\\{byte:03o}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Names that a shell would take for something else.
    pub(crate) const HOSTILE_WORDS: [&str; 16] = [
        "a`;touch X;`b",
        "$(touch X)",
        "x'; touch X; '",
        "\"; touch X; \"",
        "a && touch X",
        "a | touch X",
        "a > X",
        "~root",
        "*",
        "two  spaces",
        "back\\slash",
        "line\nfeed; touch X",
        "\u{1b}[2J\u{202e}",
        "!!",
        "=ls",
        "#hash",
    ];

    #[test]
    fn plain_words_stay_plain() {
        let archive = CommandLine::default().path(Path::new("saves/today"));
        let command = CommandLine::perfpower("report").then(&archive).option("--metric", "LAUNCH/launchTime");
        assert_eq!(command.to_string(), "perfpower report saves/today --metric LAUNCH/launchTime");
        assert_eq!(CommandLine::default().word("Übersicht").to_string(), "Übersicht");
        assert_eq!(CommandLine::default().stand_in("ARCHIVE...").to_string(), "ARCHIVE...");
    }

    #[test]
    fn what_looks_like_an_option_is_none() {
        let command =
            CommandLine::default().path(Path::new("-rf")).path(Path::new("-")).option("--app", "-x").option("--os", "");
        assert_eq!(command.to_string(), "./-rf - --app=-x --os=");
    }

    #[test]
    fn what_acts_on_a_terminal_is_written_by_its_bytes() {
        assert_eq!(CommandLine::default().word("it's\n\u{9b}").to_string(), "$'it\\'s\\012\\302\\233'");
    }

    /// What a shell hands to a program is what was put in.
    #[cfg(unix)]
    #[test]
    fn a_shell_gives_back_every_word() {
        use std::os::unix::ffi::{OsStrExt, OsStringExt};
        use std::process::Command;
        let folder = std::env::temp_dir();
        let mut command = CommandLine::default().word("printf").word("%s\\0");
        let not_utf8 = std::ffi::OsString::from_vec(vec![b'a', 0xff, b'\'', b'$']);
        for word in HOSTILE_WORDS {
            command = command.word(word);
        }
        command = command.word(&not_utf8);
        let output = match Command::new("bash").arg("-c").arg(command.to_string()).current_dir(folder).output() {
            Ok(output) => output,
            Err(error) => panic!("this test needs bash: {error}"),
        };
        let mut expected: Vec<Vec<u8>> = HOSTILE_WORDS.iter().map(|word| word.as_bytes().to_vec()).collect();
        expected.push(not_utf8.as_bytes().to_vec());
        let found: Vec<Vec<u8>> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        assert_eq!(found[..expected.len()], expected);
    }
}
