//! Where a result goes: standard output, or a file that is written whole or not at all.

use crate::args::{ColorChoice, OutputFile};
use crate::{Args, Failure};
use anyhow::Context;
use perfpower_report::TextStyle;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

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

/// Gives `write` the place asked for. A closed pipe is a quiet end.
pub(crate) fn write_result(
    output: &OutputFile,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if let Some(path) = &output.output {
        return write_file(path, write).map_err(Failure::io);
    }
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

/// Writes a file beside its place, then moves it there.
pub(crate) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("cannot write {}", path.display());
    if !folder.is_dir() {
        anyhow::bail!("{}: the folder {} does not exist", failed(), folder.display());
    }
    // The error names the temporary file, which nobody asked for.
    let mut file =
        tempfile::NamedTempFile::new_in(folder).map_err(|error| io::Error::from(error.kind())).with_context(failed)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, file.as_file_mut());
    write(&mut buffered).and_then(|()| buffered.flush()).with_context(failed)?;
    drop(buffered);
    open_to_all(&file).with_context(failed)?;
    file.persist(path).map_err(|error| error.error).with_context(failed)?;
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
