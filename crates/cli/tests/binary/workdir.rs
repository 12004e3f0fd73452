//! A directory of its own for each test, and the binary as a process in it.

use perfpower_testkit::demo;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory that goes with the test.
pub(crate) struct Workdir {
    root: tempfile::TempDir,
}

impl Workdir {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file, with the directories above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Calls the binary here.
    pub(crate) fn perfpower<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Call {
        Call::new(self.path(), arguments)
    }
}

/// The root of the repository, where `fixtures/demo` is a path that users type.
pub(crate) fn repository() -> PathBuf {
    perfpower_testkit::fixture("..").canonicalize().unwrap()
}

/// Calls the binary in the root of the repository; the words of the line are its arguments.
pub(crate) fn perfpower(line: &str) -> Call {
    Call::new(&repository(), line.split_whitespace())
}

/// The files of a directory of fixtures, as they are typed from the root of the repository, sorted.
pub(crate) fn fixtures(directory: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(perfpower_testkit::fixture(directory))
        .unwrap()
        .map(|entry| format!("fixtures/{directory}/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no fixture in {directory}");
    names
}

/// The documents of the demo archive, as they are typed from the root of the repository, sorted.
pub(crate) fn demo_documents() -> Vec<String> {
    let documents = demo::files().into_iter().filter(|file| file.path != "perfpower.toml");
    documents.map(|file| format!("fixtures/demo/{}", file.path)).collect()
}

/// One call of the binary before it is made.
pub(crate) struct Call {
    command: Command,
    input: Vec<u8>,
}

impl Call {
    fn new<S: AsRef<OsStr>>(directory: &Path, arguments: impl IntoIterator<Item = S>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perfpower"));
        // Whoever runs the tests may have set our variables.
        command.env_clear().current_dir(directory).args(arguments);
        Self { command, input: Vec::new() }
    }

    pub(crate) fn arguments<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// The process itself, for tests that look at its pipes.
    pub(crate) fn command(self) -> Command {
        self.command
    }

    pub(crate) fn run(mut self) -> Run {
        let told = format!("{:?}", self.command);
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // Beside the reading below: a pipe holds less than a document. A process that reads no input may be gone by then.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Run {
            told,
            code: output.status.code().unwrap_or_else(|| panic!("ended by a signal: {}", output.status)),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// How a call ended.
pub(crate) struct Run {
    told: String,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The exit code is as expected, and nothing panicked on the way.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}{}", self.told, self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}\n{}", self.told, self.stderr);
        self
    }

    /// Done, but not everything could be read; standard error says what, and nothing else.
    #[track_caller]
    pub(crate) fn partly(self) -> Self {
        let run = self.ends_with(5);
        assert!(run.stderr.starts_with("error: not everything could be read ("), "{}\n{}", run.told, run.stderr);
        assert!(run.stderr.lines().skip(1).all(|line| line.starts_with("  ")), "{}\n{}", run.told, run.stderr);
        assert!(run.stderr.lines().count() > 1, "{}\n{}", run.told, run.stderr);
        run
    }

    /// Nothing was said on standard error.
    #[track_caller]
    pub(crate) fn quietly(self) -> Self {
        assert_eq!(self.stderr, "", "{}", self.told);
        self
    }

    /// Nothing came out, and the message holds all these words.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        assert_eq!(self.stdout, "", "{}", self.told);
        for word in words {
            assert!(self.stderr.contains(word), "{}\nno {word:?} in: {}", self.told, self.stderr);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{}: {error}", self.told))
    }
}
