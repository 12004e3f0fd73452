//! Where a result goes: standard output, or a file that is written whole or not at all.

use crate::args::{ArchiveArgs, ColorChoice, OutputFile};
use crate::config::{Config, FILE_NAME};
use crate::staging::Unfinished;
use crate::{Args, Failure};
use anyhow::Context;
use perfpower_model::TextRole;
use perfpower_report::number::bytes;
use perfpower_report::safe::visible;
use perfpower_report::{JsonLayout, TextStyle};
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Columns of a text that goes to a file or a pipe.
const DEFAULT_WIDTH: usize = 100;

/// How text looks where it goes.
pub(crate) fn text_style(args: &Args, output: &OutputFile) -> TextStyle {
    let on_terminal = output.output.is_none() && io::stdout().is_terminal();
    let color = match args.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => on_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let width = if on_terminal {
        terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0))
    } else {
        DEFAULT_WIDTH
    };
    // Lines beyond 120 columns are hard to follow with the eye.
    TextStyle { width: width.min(120), color }
}

/// How JSON looks where it goes.
pub(crate) fn json_layout(output: &OutputFile) -> JsonLayout {
    let for_eyes = output.pretty || (output.output.is_none() && io::stdout().is_terminal());
    if for_eyes { JsonLayout::Indented } else { JsonLayout::Compact }
}

/// Gives `write` the place asked for, and says which file it was. A closed pipe is a quiet end.
pub(crate) fn write_result(
    args: &Args,
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = path else { return write_stdout(write) };
    write_file(path, write).map_err(Failure::io)?;
    if let (false, Ok(written)) = (args.quiet, fs::metadata(path)) {
        let size = if written.is_file() { format!(" ({})", bytes(written.len())) } else { String::new() };
        // Nobody may be there to read it.
        let shown = args.redaction.text(TextRole::Path, &path.to_string_lossy());
        let _ = writeln!(io::stderr().lock(), "wrote {}{size}", visible(&shown));
    }
    Ok(())
}

/// The same for standard output.
pub(crate) fn write_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is left in the buffer must not be tried again when it is dropped.
            let _ = out.into_parts();
            Ok(())
        }
        Err(error) => Err(Failure::io(anyhow::Error::new(error).context("cannot write to standard output"))),
        Ok(()) => Ok(()),
    }
}

/// Writes a file beside its place, then moves it there, with the rights and the owner of the one that stood there. A symbolic link
/// stays, and what it leads to is written. A pipe or a device is written as it is: no file may take its place.
pub(crate) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) {
        let file = File::options().write(true).open(path).with_context(failed)?;
        let mut buffered = BufWriter::with_capacity(1 << 16, file);
        return match write(&mut buffered).and_then(|()| buffered.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                let _ = buffered.into_parts();
                Ok(())
            }
            written => written.with_context(failed),
        };
    }
    let place = behind_links(path);
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        anyhow::bail!("{}: the folder {} does not exist", failed(), folder.display());
    }
    // The error names the temporary file, which nobody asked for.
    let (unfinished, mut file) = Unfinished::make(|builder| builder.tempfile_in(folder), |file| file.path())
        .map_err(|error| io::Error::from(error.kind()))
        .with_context(failed)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    write(&mut buffered).and_then(|()| buffered.flush()).with_context(failed)?;
    drop(buffered);
    match &old {
        Some(old) => take_rights(&file, old),
        None => open_to_all(&file),
    }
    .with_context(failed)?;
    // Without this, a file can be there and empty after the power fails.
    file.as_file().sync_all().with_context(failed)?;
    unfinished.finish(|| file.persist(&place)).map_err(|error| error.error).with_context(failed)?;
    sync_folder(folder);
    Ok(())
}

/// Makes a file for its owner's eyes, where there is none.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts new names in a folder on the disk. Some file systems cannot, and what is in the files is there either way.
pub(crate) fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Fails where the result would take the place of something that is read beside the archive: settings, a list of files, weights.
/// What is read of the archive itself is known when it is listed.
pub(crate) fn refuse_what_is_read(
    outputs: &[PathBuf],
    args: &Args,
    archive: &ArchiveArgs,
    config: &Config,
) -> Result<(), Failure> {
    let read = config.path.iter().chain(&config.own.used).chain(&archive.files_from).map(PathBuf::as_path);
    // Settings that leave nothing to say are settings all the same.
    let settings =
        outputs.iter().filter(|output| output.ends_with(FILE_NAME) && output.is_file()).map(PathBuf::as_path);
    for read in read.chain(args.command.read_beside()).chain(args.redaction.key_file()).chain(settings) {
        if outputs.iter().any(|output| is_same(output, read)) {
            return Err(Failure::usage(anyhow::anyhow!(
                "{}: the result would overwrite it, and it is read by this run (choose another place for the result)",
                read.display()
            )));
        }
    }
    Ok(())
}

/// Whether two paths lead to one file that is there, by whatever names.
fn is_same(one: &Path, other: &Path) -> bool {
    let is_one_path = || fs::canonicalize(one).ok().is_some_and(|one| fs::canonicalize(other).ok() == Some(one));
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) if one.is_file() && other.is_file() => is_one_file(&one, &other) || is_one_path(),
        _ => false,
    }
}

#[cfg(unix)]
fn is_one_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_one_file(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    false
}

/// Where a path leads: what it names itself, or what a symbolic link there points to, which need not exist.
fn behind_links(path: &Path) -> PathBuf {
    /// What Linux follows.
    const HOPS: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..HOPS {
        let Ok(target) = fs::read_link(&place) else { break };
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    place
}

/// Gives a new file the rights of the old one, and its owner where the system allows it.
#[cfg(unix)]
fn take_rights(file: &tempfile::NamedTempFile, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file.as_file(), Some(old.uid()), Some(old.gid())); // only root may give files away
    file.as_file().set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn take_rights(_: &tempfile::NamedTempFile, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Temporary files are private; a result has the rights of any new file.
#[cfg(unix)]
pub(crate) fn open_to_all(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(crate) fn open_to_all(_: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    #[expect(clippy::unwrap_used, reason = "a test, though not marked as one")]
    fn put(path: &Path, text: &str) {
        write_file(path, |out| out.write_all(text.as_bytes())).unwrap();
    }

    #[test]
    fn pipes_and_devices_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            }
        });
        put(&pipe, "through the pipe");
        assert_eq!(reader.join().unwrap(), "through the pipe");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        let null = folder.path().join("null");
        symlink("/dev/null", &null).unwrap();
        put(&null, "nowhere");
        assert!(fs::symlink_metadata(&null).unwrap().is_symlink());
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }

    #[test]
    fn links_stay_and_what_they_lead_to_is_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        let link = folder.path().join("link");
        symlink("real/result", &link).unwrap();
        for text in ["made by the link", "written again"] {
            put(&link, text);
            assert_eq!(fs::read_to_string(folder.path().join("real/result")).unwrap(), text);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
        assert_eq!(fs::read_dir(folder.path().join("real")).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_file_keeps_its_rights() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        put(&path, "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        put(&path, "newer");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
