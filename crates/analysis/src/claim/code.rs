//! Findings to the code that grew with them.

use crate::claim::finding::{Finding, LinkedFrame, LinkedSignature, StackLinks};
use crate::history::builder::AppHistory;
use perfpower_stacks::{Followed, FollowedSignature, Link, LinkQuery, MovedPath, Owners, Silence, blame_frame, link};
use perfpower_statistics::fdr::Correction;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What the signatures and logs of an app say to one of its findings.
pub(crate) fn links(
    history: &AppHistory,
    followed: &Followed,
    owners: &Owners,
    correction: Correction,
    finding: &Finding,
) -> StackLinks {
    let query = LinkQuery {
        app: &history.app,
        category: &finding.series.category,
        version: &finding.version,
        version_before: Some(&*finding.version_before).filter(|version| !version.is_empty()),
        correction,
    };
    let Link { signatures, paths, silence } = link(&query, &history.stacks, followed);
    // Several paths can end in one frame of the app; the one that moved most comes first.
    let mut seen = BTreeSet::new();
    let frames = paths
        .iter()
        .map(|path| linked_frame(path, owners))
        .filter(|frame| seen.insert((frame.binary.clone(), frame.symbol.clone(), frame.place.clone())))
        .collect();
    StackLinks {
        // That Apple has no stacks for memory or battery is no news about this finding.
        note: silence.filter(|silence| *silence != Silence::NoDiagnosticsForCategory).map(Silence::explanation),
        signatures: signatures.iter().map(|signature| linked_signature(signature, finding)).collect(),
        frames,
    }
}

fn linked_signature(signature: &FollowedSignature, finding: &Finding) -> LinkedSignature {
    let weight =
        |version: &str| signature.sighted_in(version).and_then(|sighting| sighting.weight).map(|weight| 100.0 * weight);
    LinkedSignature {
        id: signature.sighted_in(&finding.version).and_then(|sighting| sighting.ids.first()).cloned(),
        text: signature.shown().map(Cow::into_owned),
        weight_before_percent: weight(&finding.version_before),
        weight_after_percent: weight(&finding.version),
    }
}

/// The app's own frame on the path, else the one that explains the change.
fn linked_frame(path: &MovedPath, owners: &Owners) -> LinkedFrame {
    let frame = &path.frames[blame_frame(path).unwrap_or(path.frames.len() - 1)];
    LinkedFrame {
        symbol: frame.name.clone(),
        binary: frame.binary.clone(),
        place: frame.place(),
        owner: owners.owner_of(frame).map(str::to_owned),
        share_before_percent: 100.0 * path.share_before,
        share_after_percent: 100.0 * path.share_after,
        significant: path.has_moved == Some(true),
    }
}
