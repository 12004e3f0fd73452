//! Whose, and of which day, the files are that are no documents here: skipped, unreadable, or a folder in which nothing lies.
//! Nobody reads them, so nothing but their paths can tell; and what was to be the newest download may be among them.

use crate::candidates::{self, Verdict};
use crate::decide::decide;
use crate::identity::{Place, Step};
use crate::{Identity, Moment, Rules};
use perfpower_model::Day;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// A file or folder that gave no document.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// As it is shown.
    pub path: String,
    /// Whose it is by its path.
    pub app: Identity<Arc<str>>,
    /// The day by its path, else when it was last written.
    pub snapshot: Identity<Day>,
    /// Why it gave none: a lower-case fragment without a full stop.
    pub why: String,
}

/// Decides whose the paths are, each with the reason why it was not read. What a path means shows beside the documents, whose
/// places are given; that of these stays what it is.
pub(crate) fn decide_unread(
    paths: Vec<(String, String)>,
    roots: &[PathBuf],
    documents: &[Place],
    rules: &Rules,
) -> Vec<Unread> {
    let paths: Vec<(String, String, Place)> = paths
        .into_iter()
        .filter_map(|(path, why)| {
            let place = place(&path, roots)?;
            Some((path, why, place))
        })
        .collect();
    if paths.is_empty() {
        return Vec::new();
    }
    let places: Vec<Place> = documents.iter().chain(paths.iter().map(|(_, _, place)| place)).cloned().collect();
    let (decisions, _) = decide(&places, rules);
    let decisions = decisions.into_iter().skip(documents.len());
    let mut unread: Vec<Unread> = paths
        .into_iter()
        .zip(decisions)
        .map(|((path, why, _), decision)| Unread { path, app: decision.app, snapshot: decision.snapshot, why })
        .collect();
    unread.sort_by(|a, b| a.path.cmp(&b.path));
    unread
}

/// The place of a path as it is shown: `saves/com.example.app/2026-11-20.zip!xcodeMetrics.jsonl`.
fn place(shown: &str, roots: &[PathBuf]) -> Option<Place> {
    let mut parts = shown.split('!');
    let on_disk = Path::new(parts.next()?);
    let root = roots.iter().filter(|root| on_disk.starts_with(root) && on_disk != root.as_path());
    let root = root.max_by_key(|root| root.components().count());
    let names = |path: &Path| -> Vec<Step> {
        path.components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(Step::directory(name.to_string_lossy())),
                _ => None,
            })
            .collect()
    };
    let (mut above, mut below) = match root {
        Some(root) => (names(&std::path::absolute(root).ok()?), names(on_disk.strip_prefix(root).ok()?)),
        None => (names(&std::path::absolute(on_disk).ok()?), Vec::new()),
    };
    let is_lone = root.is_none();
    let mut file = if is_lone { above.pop() } else { below.pop() }?.name;
    for inner in parts {
        let container = Step::container(Arc::clone(&file));
        if is_lone && below.is_empty() {
            above.push(container);
        } else {
            below.push(container);
        }
        below.extend(inner.split('/').filter(|step| !step.is_empty()).map(Step::directory));
        file = below.pop()?.name;
    }
    // An ending that no document has is no part of a name.
    if matches!(candidates::file(&file), Verdict::Skipped(_) | Verdict::ByContent(_))
        && let Some((stem, _)) = file.rsplit_once('.')
    {
        file = if stem.to_lowercase().ends_with(".json") { stem.into() } else { format!("{stem}.json").into() };
    }
    let written = on_disk.symlink_metadata().and_then(|metadata| metadata.modified());
    Some(Place {
        above: above.into(),
        below: below.into(),
        file,
        is_lone: is_lone && !shown.contains('!'),
        modified: written.map_or(Moment::from_unix_seconds(0), Moment::from),
        is_stdin: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_of_what_nobody_reads() {
        let roots = [PathBuf::from("saves"), PathBuf::from("other")];
        let paths = [
            "saves/com.example.app/2026-11-20/xcodeMetrics.jsonl",
            "other/com.example.maps/2026-11-20.zip!logs/x.csv",
            "saves/com.example.app/2026-11-21",
            "com.example.lone-2026-11-22.csv",
        ];
        let told = paths.map(|path| (path.to_owned(), "why".to_owned())).to_vec();
        let unread = decide_unread(told, &roots, &[], &Rules::default());
        let said: Vec<String> =
            unread.iter().map(|unread| format!("{} {}", unread.app.value, unread.snapshot.value)).collect();
        assert_eq!(
            said,
            [
                "com.example.lone 2026-11-22",
                "com.example.maps 2026-11-20",
                "com.example.app 2026-11-20",
                "com.example.app 2026-11-21",
            ]
        );
    }
}
