//! `perfpower demo`: the archive that every example speaks of, made anywhere. Its files are part of this program.

use crate::args::DemoArgs;
use crate::staging::Unfinished;
use crate::{Args, Exit, Failure};
use anyhow::{Context, anyhow};
use perfpower_report::CommandLine;
use perfpower_report::safe::visible;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// A path below `fixtures/demo`, and what stands there.
macro_rules! files {
    ($($path:literal,)*) => {
        [$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/demo/", $path)) as &[u8])),*]
    };
}

/// All files of the archive, by path.
const FILES: [(&str, &[u8]); 34] = files![
    "com.example.lantern/2026-10-05/xcodeMetrics.json",
    "com.example.lantern/2026-11-02/xcodeMetrics.json",
    "com.example.larder/2026-08-03/diagnosticLogs.json.gz",
    "com.example.larder/2026-08-03/diagnosticSignatures.json",
    "com.example.larder/2026-08-03/xcodeMetrics.json.gz",
    "com.example.larder/2026-09-07/diagnosticLogs.json.gz",
    "com.example.larder/2026-09-07/diagnosticSignatures.json",
    "com.example.larder/2026-09-07/xcodeMetrics.json.gz",
    "com.example.larder/2026-10-05/diagnosticLogs.json.gz",
    "com.example.larder/2026-10-05/diagnosticSignatures.json",
    "com.example.larder/2026-10-05/xcodeMetrics.json.gz",
    "com.example.larder/2026-11-02/diagnosticLogs.json.gz",
    "com.example.larder/2026-11-02/diagnosticSignatures.json",
    "com.example.larder/2026-11-02/xcodeMetrics.json.gz",
    "com.example.larder/2026-11-02/xcodeOverview.json",
    "com.example.pocketchess/2026-08-03/diagnosticSignatures.json",
    "com.example.pocketchess/2026-08-03/xcodeMetrics.json.gz",
    "com.example.pocketchess/2026-09-07/diagnosticSignatures.json",
    "com.example.pocketchess/2026-09-07/xcodeMetrics.json.gz",
    "com.example.pocketchess/2026-10-05/diagnosticSignatures.json",
    "com.example.pocketchess/2026-10-05/xcodeMetrics.json.gz",
    "com.example.pocketchess/2026-11-02/diagnosticSignatures.json",
    "com.example.pocketchess/2026-11-02/xcodeMetrics.json",
    "com.example.tidemark/2026-08-03/diagnosticLogs.json.gz",
    "com.example.tidemark/2026-08-03/diagnosticSignatures.json",
    "com.example.tidemark/2026-08-03/xcodeMetrics.json.gz",
    "com.example.tidemark/2026-09-07/diagnosticLogs.json.gz",
    "com.example.tidemark/2026-09-07/diagnosticSignatures.json",
    "com.example.tidemark/2026-09-07/xcodeMetrics.json.gz",
    "com.example.tidemark/2026-10-05/diagnosticSignatures.json",
    "com.example.tidemark/2026-10-05/xcodeMetrics.json.gz",
    "com.example.tidemark/2026-11-02/diagnosticSignatures.json",
    "com.example.tidemark/2026-11-02/xcodeMetrics.json.gz",
    "perfpower.toml",
];

/// Writes the archive: whole, or not at all, and over nothing.
pub fn run(args: &Args, command: &DemoArgs) -> Result<Exit, Failure> {
    let directory = &command.directory;
    let shown = visible(&directory.to_string_lossy()).into_owned();
    let is_taken = match fs::read_dir(directory) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    if is_taken {
        return Err(Failure::usage(anyhow!(
            "{shown} is there already and is not overwritten; name a directory that is not"
        )));
    }
    write(directory).with_context(|| format!("cannot write {shown}")).map_err(Failure::io)?;
    if !args.quiet {
        let report = CommandLine::perfpower("report").path(directory);
        // Nobody may be there to read it.
        let _ = writeln!(
            io::stderr().lock(),
            "wrote {} files of three apps and four downloads into {shown}\nnext: {report}; perfpower help tutorial tells its story",
            FILES.len()
        );
    }
    Ok(Exit::Done)
}

fn write(directory: &Path) -> io::Result<()> {
    let above = directory.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(above)?;
    let (unfinished, staging) = Unfinished::make(|builder| builder.tempdir_in(above), |staging| staging.path())?;
    let whole = staging.path().join("demo");
    for (path, bytes) in FILES {
        let path = whole.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&whole))?;
        fs::write(path, bytes)?;
    }
    unfinished.finish(|| {
        // An empty directory of that name makes room.
        let _ = fs::remove_dir(directory);
        fs::rename(&whole, directory)?;
        staging.close()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_testkit::fixture;

    /// Every file below a folder, by path.
    fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    found.push((name, fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn what_is_written_is_the_shipped_archive() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/demo");
        write(&target).unwrap();
        assert_eq!(files(&target), files(&fixture("demo")));
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1, "nothing temporary stays");
    }
}
