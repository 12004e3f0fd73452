//! From a finding of a metric to the code: signatures and blame frames that grew with it.
//!
//! Metrics, signatures and logs share no key but the app, the version and what they are about. So this is evidence beside a
//! finding, not its proof, and where the files cannot tell it says why.

use crate::axis::DiagnosticType;
use crate::difference::{DifferenceOptions, Evidence, MovedPath, Movement};
use crate::follow::{Followed, FollowedSignature};
use crate::stacks::{StackLog, StackTable};
use perfpower_model::version;
use perfpower_statistics::fdr::Correction;

/// What a link is looked for.
#[derive(Clone, Copy, Debug)]
pub struct LinkQuery<'a> {
    /// Whose finding it is.
    pub app: &'a str,
    /// Metric category, such as `LAUNCH`.
    pub category: &'a str,
    /// The version that got worse.
    pub version: &'a str,
    /// The version before it, if it is known.
    pub version_before: Option<&'a str>,
    /// How the paths that moved are chosen among many.
    pub correction: Correction,
}

/// Why the files name no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Apple gives no signatures or logs for metrics of this category.
    NoDiagnosticsForCategory,
    /// The archive holds neither signatures nor logs of this type for the version.
    NothingSaved,
    /// There are some, but none for the version before, so nothing can have grown.
    NothingToCompareWith,
    /// A version has fewer logs than a claim takes, and no signature says more.
    TooFewLogs {
        /// Logs of the version before that can be compared.
        before: usize,
        /// Logs of the version that can be compared.
        after: usize,
        /// How many it takes on each side: see [`Difference::logs_needed`](super::Difference::logs_needed).
        needed: usize,
    },
    /// There are enough, and nothing grew by more than sampling would.
    NothingGrew,
}

impl Silence {
    /// A lower-case sentence without a full stop, for reports.
    pub fn explanation(self) -> String {
        match self {
            Self::NoDiagnosticsForCategory => {
                "Apple gives no call stacks for this category; hangs, launches and disk writes have them".to_owned()
            }
            Self::NothingSaved => {
                "the archive holds no signatures and no logs of this kind for this version".to_owned()
            }
            Self::NothingToCompareWith => {
                "the archive holds no signatures and no logs of this kind for the version before".to_owned()
            }
            Self::TooFewLogs { before, after, needed } => {
                format!("{before} logs before and {after} after cannot tell; it takes at least {needed} on each side")
            }
            Self::NothingGrew => "of its signatures and call paths none grew by more than sampling would".to_owned(),
        }
    }
}

/// What the files say of a finding's cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Signatures that are new or grew, by change of weight.
    pub signatures: Vec<FollowedSignature>,
    /// Call paths that are new or grew by more than sampling would, by change of share; each ends with the code that
    /// explains it. [`blame_frame`] names the app's part.
    pub paths: Vec<MovedPath>,
    /// Why there is nothing, where there is nothing.
    pub silence: Option<Silence>,
}

/// Position in a path's frames of the frame that Apple holds the app responsible for: the deepest one.
pub fn blame_frame(path: &MovedPath) -> Option<usize> {
    path.frames.iter().rposition(|frame| frame.is_blame)
}

/// How many signatures and paths a link names; the full lists stand in the report's own sections. Five fit a card.
const MAX_NAMED: usize = 5;

/// Looks for code that grew with a finding.
pub fn link(query: &LinkQuery<'_>, table: &StackTable, followed: &Followed) -> Link {
    let wanted = DiagnosticType::of(query.category);
    if wanted == DiagnosticType::Other {
        return silent(Silence::NoDiagnosticsForCategory);
    }
    let of_type: Vec<&FollowedSignature> = followed
        .signatures
        .iter()
        .filter(|signature| signature.app == query.app && signature.diagnostic_type == wanted)
        .collect();
    let names = table.log_names();
    let is_of = |log: &StackLog, version: &str| {
        names.text(log.app) == query.app
            && log.diagnostic_type == wanted
            && names.get(log.metadata.app_version).is_some_and(|known| is_same(known, version))
    };
    let is_seen_in = |version: &str| {
        of_type.iter().any(|signature| weight_in(signature, version).is_some())
            || table.logs().iter().any(|log| is_of(log, version))
    };
    if !is_seen_in(query.version) {
        return silent(Silence::NothingSaved);
    }
    let Some(before) = query.version_before.filter(|before| is_seen_in(before)) else {
        return silent(Silence::NothingToCompareWith);
    };

    let mut signatures: Vec<(f64, FollowedSignature)> = of_type
        .into_iter()
        .filter_map(|signature| grown_by(signature, query, before, followed).map(|change| (change, signature.clone())))
        .collect();
    signatures.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.text.cmp(&right.1.text)));
    signatures.truncate(MAX_NAMED);

    let difference = table.difference(
        &DifferenceOptions { correction: query.correction, ..DifferenceOptions::default() },
        followed,
        |log| is_of(log, before),
        |log| is_of(log, query.version),
    );
    let mut paths: Vec<MovedPath> = difference
        .paths
        .into_iter()
        .filter(|path| path.has_moved == Some(true) && matches!(path.movement, Movement::New | Movement::Grown))
        .collect();
    paths.truncate(MAX_NAMED);

    let silence = match difference.evidence {
        _ if !signatures.is_empty() || !paths.is_empty() => None,
        Evidence::Enough => Some(Silence::NothingGrew),
        Evidence::TooFewLogs | Evidence::NothingInCommon | Evidence::OneSided => Some(Silence::TooFewLogs {
            before: difference.before.compared,
            after: difference.after.compared,
            needed: difference.logs_needed,
        }),
    };
    Link { signatures: signatures.into_iter().map(|(_, signature)| signature).collect(), paths, silence }
}

fn silent(silence: Silence) -> Link {
    Link { silence: Some(silence), ..Link::default() }
}

/// Metrics, signatures and logs each spell a version in their own way: `2.0` is `2.0.0`.
fn is_same(version: &str, other: &str) -> bool {
    version::compare(version, other).is_eq()
}

fn weight_in(signature: &FollowedSignature, version: &str) -> Option<f64> {
    signature.sighted_in(version).map(|sighting| sighting.weight.unwrap_or(0.0))
}

/// By how much of the weight a signature grew from the version before to the version, where it did. One that was not seen
/// before counts as new only where all signatures of the version before are known.
fn grown_by(
    signature: &FollowedSignature,
    query: &LinkQuery<'_>,
    version_before: &str,
    followed: &Followed,
) -> Option<f64> {
    let after = weight_in(signature, query.version)?;
    let Some(before) = weight_in(signature, version_before) else {
        let is_known = followed.weight_sums.iter().any(|sum| {
            sum.app == query.app
                && is_same(&sum.version, version_before)
                && sum.diagnostic_type == signature.diagnostic_type
                && sum.is_complete
        });
        return is_known.then_some(after);
    };
    let change = after - before;
    (change >= crate::follow::FollowOptions::default().min_weight_change).then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::{FollowOptions, SignatureBook};
    use crate::sample_logs::{About, SampleLogs};
    use perfpower_model::{Document, Kind, Signature};
    use std::num::NonZeroU32;

    fn query(category: &str) -> LinkQuery<'_> {
        LinkQuery { app: "app", category, version: "2", version_before: Some("1"), correction: Correction::default() }
    }

    fn logs(a_side: usize, grown: u64) -> StackTable {
        let mut sample = SampleLogs::new();
        for at in 0..a_side {
            let detail = format!("{} ms", 300 + at);
            let about = |version| About { version, event: "hang", detail: &detail, ..About::default() };
            let slow = format!("main;App:sync@7! {grown}");
            sample = sample
                .log(about("1"), &["main;draw 30", "main;App:sync@7! 1"])
                .log(about("2"), &["main;draw 30", &slow]);
        }
        let mut table = StackTable::new();
        table.absorb("app", &sample.document);
        table
    }

    fn signatures(weights: &[(&str, f64, f64)]) -> Followed {
        let mut book = SignatureBook::new();
        for version in ["1", "2"] {
            let mut document = Document::new(Kind::DiagnosticSignatures);
            for &(text, before, after) in weights {
                let weight = if version == "1" { before } else { after };
                if weight > 0.0 {
                    let [text, diagnostic_type] = [text, "HANGS"].map(|text| Some(document.names.intern(text)));
                    document.signatures.push(Signature {
                        id: text,
                        diagnostic_type,
                        text,
                        weight: Some(weight),
                        ..Signature::default()
                    });
                }
            }
            book.absorb("app", version, None, &document);
        }
        book.follow(&FollowOptions::default())
    }

    #[test]
    fn a_hang_names_what_grew_with_it() {
        let followed = signatures(&[("App: sync()", 0.2, 0.7), ("App: draw()", 0.8, 0.1), ("App: new()", 0.0, 0.2)]);
        let found = link(&query("HANG"), &logs(10, 20), &followed);
        assert_eq!(found.silence, None);
        let named: Vec<_> = found.signatures.iter().filter_map(|signature| signature.function.as_deref()).collect();
        assert_eq!(named, ["sync()", "new()"]);
        assert_eq!(found.paths.len(), 1);
        let blamed = blame_frame(&found.paths[0]).unwrap();
        assert_eq!(found.paths[0].frames[blamed].name, "sync");
        assert_eq!(found.paths[0].frames[blamed].line, NonZeroU32::new(7));
    }

    #[test]
    fn code_is_named_where_the_newer_version_has_it() {
        let mut sample = SampleLogs::new();
        for at in 0..10 {
            let detail = format!("{} ms", 300 + at);
            let about = |version| About { version, event: "hang", detail: &detail, ..About::default() };
            sample = sample
                .log(about("1"), &["main;draw 30", "main;App:grow@Old.swift:50! 5"])
                .log(about("2"), &["main;draw 30", "main;App:grow@src/Renamed.swift:290! 60"]);
        }
        let mut table = StackTable::new();
        table.absorb("app", &sample.document);
        let found = link(&query("HANG"), &table, &Followed::default());
        let frame = &found.paths[0].frames[blame_frame(&found.paths[0]).unwrap()];
        assert_eq!((frame.file.as_deref(), frame.line), (Some("src/Renamed.swift"), NonZeroU32::new(290)));
    }

    #[test]
    fn a_version_is_the_same_however_it_is_spelt() {
        let spelt = LinkQuery { version: "2.0.0", version_before: Some("1.0"), ..query("HANG") };
        let followed = signatures(&[("App: sync()", 0.2, 0.7), ("App: draw()", 0.8, 0.1), ("App: new()", 0.0, 0.2)]);
        assert_eq!(link(&spelt, &logs(10, 20), &followed), link(&query("HANG"), &logs(10, 20), &followed));
        let unseen = LinkQuery { version: "2.0.1", ..query("HANG") };
        assert_eq!(link(&unseen, &logs(10, 20), &followed).silence, Some(Silence::NothingSaved));
    }

    #[test]
    fn a_mixture_of_signatures_that_moved_is_no_code_that_grew() {
        let mut sample = SampleLogs::new();
        for (signature, counts) in [("s", [30, 30]), ("t", [10, 60])] {
            for (version, count) in ["1", "2"].into_iter().zip(counts) {
                for at in 0..count {
                    let detail = format!("{} ms", 300 + at);
                    let about = About { signature, version, event: "hang", detail: &detail, ..About::default() };
                    let stacks = [format!("main {}", 10 + at % 5), format!("main;{signature}@9! 20")];
                    sample = sample.log(about, &[&stacks[0], &stacks[1]]);
                }
            }
        }
        let mut table = StackTable::new();
        table.absorb("app", &sample.document);
        let found = link(&query("HANG"), &table, &Followed::default());
        assert_eq!((found.paths.len(), found.silence), (0, Some(Silence::NothingGrew)));
    }

    #[test]
    fn where_the_files_cannot_tell_they_say_so() {
        let none = Followed::default();
        let silence = |query: &LinkQuery<'_>, table: &StackTable| link(query, table, &none).silence;
        assert_eq!(silence(&query("BATTERY"), &logs(10, 20)), Some(Silence::NoDiagnosticsForCategory));
        assert_eq!(silence(&query("LAUNCH"), &logs(10, 20)), Some(Silence::NothingSaved));
        let first = LinkQuery { version: "1", version_before: Some("0"), ..query("HANG") };
        assert_eq!(silence(&first, &logs(10, 20)), Some(Silence::NothingToCompareWith));
        let unknown = LinkQuery { version_before: None, ..query("HANG") };
        assert_eq!(silence(&unknown, &logs(10, 20)), Some(Silence::NothingToCompareWith));
        assert_eq!(silence(&query("HANG"), &logs(3, 20)), Some(Silence::TooFewLogs { before: 3, after: 3, needed: 5 }));
        assert_eq!(silence(&query("HANG"), &logs(10, 1)), Some(Silence::NothingGrew));
        assert!(Silence::TooFewLogs { before: 3, after: 3, needed: 4 }.explanation().contains("cannot tell"));
    }
}
