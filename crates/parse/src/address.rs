//! Addresses of the API: whose the answer is, and what was asked for.

use perfpower_model::{BodyIdentity, Kind, Names};

/// Reads `/v1/builds/{id}/…` and `/v1/apps/{id}/…`: the only hint that a page of signatures gives.
pub(crate) fn identity_of_address(address: &str, names: &mut Names, identity: &mut BodyIdentity) {
    let mut parts = path(address).split('/');
    while let Some(part) = parts.next() {
        let is_version = part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
        if !is_version {
            continue;
        }
        let (collection, id) = (parts.next(), parts.next().filter(|id| !id.is_empty()));
        let id = id.map(|id| names.intern(id));
        match collection {
            Some("builds") => identity.build_id = id,
            Some("apps") if identity.apple_id.is_none() => identity.apple_id = id,
            _ => {}
        }
        return;
    }
}

/// What an address or a sentence of Apple's asks for, by the word of the resource in it.
pub(crate) fn asked_for(text: &str) -> Option<Kind> {
    let text = path(text);
    if text.contains("performanceOverviews") {
        Some(Kind::XcodeOverview)
    } else if text.contains("perfPowerMetrics") {
        Some(Kind::XcodeMetrics)
    } else if text.contains("diagnosticSignatures") {
        let is_of_one = text.trim_end_matches('/').ends_with("/logs");
        Some(if is_of_one { Kind::DiagnosticLogs } else { Kind::DiagnosticSignatures })
    } else if text.contains("diagnosticLogs") {
        Some(Kind::DiagnosticLogs)
    } else {
        None
    }
}

/// An address without its query.
fn path(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_and_what() {
        const HOST: &str = "https://api.appstoreconnect.apple.com";
        for (path, apple_id, build_id, kind) in [
            (
                "/v1/apps/1234567890/perfPowerMetrics?filter[metricType]=HANG",
                "1234567890",
                "",
                Some(Kind::XcodeMetrics),
            ),
            ("/v1/builds/9a0f/diagnosticSignatures?limit=200", "", "9a0f", Some(Kind::DiagnosticSignatures)),
            ("/v1/builds/9a0f/perfPowerMetrics", "", "9a0f", Some(Kind::XcodeMetrics)),
            ("/v2/apps/1/performanceOverviews#x", "1", "", Some(Kind::XcodeOverview)),
            ("/v1/diagnosticSignatures/s/logs?limit=200", "", "", Some(Kind::DiagnosticLogs)),
            ("/v1/apps/", "", "", None),
            ("/elsewhere", "", "", None),
        ] {
            let (mut names, mut identity) = (Names::new(), BodyIdentity::default());
            identity_of_address(&format!("{HOST}{path}"), &mut names, &mut identity);
            let text = |id| names.get(id).unwrap_or_default();
            assert_eq!((text(identity.apple_id), text(identity.build_id)), (apple_id, build_id), "{path}");
            assert_eq!(asked_for(path), kind, "{path}");
        }
    }
}
