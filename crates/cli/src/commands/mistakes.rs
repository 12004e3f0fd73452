//! What people give by mistake in place of an archive: what it is, what was expected, and the command that works.

use crate::{Exit, Failure};
use anyhow::anyhow;
use perfpower_ingest::other_thing;
use perfpower_model::PassedOver;
use perfpower_report::CommandLine;
use std::collections::BTreeMap;
use std::path::Path;

/// How a download is saved, as one types it.
const SAVE: &str = "save it as it comes: curl -H \"Authorization: Bearer $TOKEN\" --create-dirs \
    -o saves/com.example.app/2026-11-23/xcodeMetrics.json \
    https://api.appstoreconnect.apple.com/v1/apps/APP_ID/perfPowerMetrics, then: perfpower report saves";

/// Fails where what was given cannot be an archive by its name alone.
pub(super) fn refuse(path: &Path) -> Result<(), Failure> {
    let shown = path.to_string_lossy();
    if let Some((scheme, rest)) = shown.split_once("://") {
        return Err(Failure::usage(anyhow!(address(scheme, rest, &shown))));
    }
    // Only what is there: of a path that leads nowhere, that is what must be told.
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).filter(|_| path.exists());
    let other = ending.and_then(|ending| other_thing(&ending).map(|what| (ending, what)));
    match other {
        Some((ending, what)) => Err(Failure::usage(anyhow!(
            "{shown}: .{ending} is {what}; expected downloads of App Store Connect, such as xcodeMetrics.json\n{SAVE}"
        ))),
        None => Ok(()),
    }
}

/// The program makes no network call, so that an address is never followed.
fn address(scheme: &str, rest: &str, shown: &str) -> String {
    let quoted = format!("'{}'", shown.replace('\'', "'\\''"));
    let is_file = rest.rsplit('/').next().is_some_and(|name| name.contains('.')) && rest.contains('/');
    let cure = match (scheme.to_lowercase().as_str(), is_file) {
        ("file", _) => return format!("{shown} is an address; give the path: /{}", rest.trim_start_matches('/')),
        ("http" | "https", _) if rest.starts_with("api.appstoreconnect.apple.com") => {
            format!("curl -sSf -H \"Authorization: Bearer $TOKEN\" {quoted} | perfpower report -")
        }
        ("http" | "https", _) => format!("curl -sSfL {quoted} | perfpower report -"),
        ("s3", true) => format!("aws s3 cp {quoted} - | perfpower report -"),
        ("s3", false) => format!("aws s3 sync {quoted} saves && perfpower report saves"),
        ("gs", true) => format!("gcloud storage cat {quoted} | perfpower report -"),
        ("gs", false) => format!("gcloud storage rsync -r {quoted} saves && perfpower report saves"),
        ("az" | "abfs" | "abfss" | "wasbs", _) => {
            format!("azcopy copy {quoted} saves --recursive && perfpower report saves")
        }
        ("hdfs", _) => format!("hdfs dfs -get {quoted} saves && perfpower report saves"),
        _ => "copy it to this machine first, then: perfpower report saves".to_owned(),
    };
    format!("{shown} is an address, and nothing is ever fetched: expected a file or directory\nfetch it first: {cure}")
}

/// What is told of a path that leads nowhere: the nearest that is there.
pub(super) fn missing(path: &Path) -> Failure {
    /// As for other names.
    const LIKE: f64 = 0.75;
    // The part that is wrong is the first that is not there.
    let parent = path.ancestors().skip(1).find(|above| above.as_os_str().is_empty() || above.is_dir());
    let parent = parent.unwrap_or(Path::new(""));
    let wrong = path.strip_prefix(parent).ok().and_then(|rest| rest.components().next());
    let wrong = wrong.map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    let here = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let names = std::fs::read_dir(here).into_iter().flatten().filter_map(Result::ok);
    let nearest = names
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .map(|name| (strsim::jaro_winkler(&name.to_lowercase(), &wrong.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    let shown = path.display();
    let cure = match nearest {
        Some((_, name)) => {
            let there = parent.join(name);
            format!("did you mean {}? {}", there.display(), CommandLine::perfpower("report").path(&there))
        }
        None => "check the spelling; a relative path starts at the current directory".to_owned(),
    };
    let error = anyhow!("{shown}: no such file or directory; expected the downloads, or a folder of them; {cure}");
    Failure { exit: Exit::NothingRead, error }
}

/// Why there is no document where some were expected, by the files that were passed over for their names.
pub(super) fn no_document(skipped: &[PassedOver]) -> Failure {
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    for PassedOver { path, .. } in skipped {
        // A bundle is a directory: its own ending tells more than that of what lies in it.
        let bundle = path.split(['/', '!']).find_map(|name| {
            let ending = name.rsplit_once('.')?.1.to_lowercase();
            other_thing(&ending).is_some().then_some(ending)
        });
        let own =
            || path.rsplit(['/', '!']).next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
        *endings.entry(bundle.or_else(own).unwrap_or_default()).or_default() += 1;
    }
    let most = endings.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
    let found = match most {
        None => "found no file".to_owned(),
        Some((ending, count)) => {
            let what = other_thing(ending).unwrap_or("no saved body");
            let files = if skipped.len() == 1 { "file" } else { "files" };
            let of = skipped.len();
            let of = if of == *count { String::new() } else { format!(" of {of}") };
            format!("found {count}{of} {files} ending in .{ending} ({what})")
        }
    };
    let error =
        anyhow!("the archive holds no document: {found}; expected saved JSON bodies such as xcodeMetrics.json\n{SAVE}");
    Failure { exit: Exit::NoData, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_refused_with_the_command_that_pipes_it_in() {
        for (given, cure) in [
            (
                "s3://bucket/app/xcodeMetrics.json",
                "aws s3 cp 's3://bucket/app/xcodeMetrics.json' - | perfpower report -",
            ),
            ("s3://bucket/saves/", "aws s3 sync 's3://bucket/saves/' saves && perfpower report saves"),
            ("gs://bucket/saves", "gcloud storage rsync -r 'gs://bucket/saves' saves"),
            ("https://example.com/m.json", "curl -sSfL 'https://example.com/m.json' | perfpower report -"),
            ("HTTPS://api.appstoreconnect.apple.com/v1/apps/1/perfPowerMetrics", "curl -sSf -H"),
            ("https://api.appstoreconnect.apple.com/v1/apps/1/perfPowerMetrics", "Bearer $TOKEN"),
            ("file:///tmp/saves", "give the path: /tmp/saves"),
            ("sftp://host/saves", "copy it to this machine first"),
        ] {
            let failure = refuse(Path::new(given)).unwrap_err();
            let message = format!("{:#}", failure.error);
            assert_eq!(failure.exit, Exit::Usage);
            assert!(message.contains(cure) && message.contains(given), "{message}");
        }
        assert!(refuse(Path::new("saves")).is_ok());
        assert!(refuse(Path::new("nowhere.ipa")).is_ok());
    }

    #[test]
    fn what_was_found_in_place_of_documents_is_named() {
        let told = |skipped: &[&str]| {
            let skipped: Vec<PassedOver> =
                skipped.iter().map(|path| PassedOver { path: (*path).to_owned(), why: String::new() }).collect();
            format!("{:#}", no_document(&skipped).error)
        };
        assert!(told(&[]).contains("found no file"));
        assert!(told(&["saves/a.csv", "saves/b.CSV"]).contains("found 2 files ending in .csv (a table, such as"));
        let symbols = told(&["d/App.app.dSYM/Contents/Info.plist", "d/x.log"]);
        assert!(symbols.contains("found 1 of 2 files ending in .dsym (the symbols of a build)"), "{symbols}");
        assert!(told(&["saves/x.log"]).contains(".log (no saved body)"));
    }
}
