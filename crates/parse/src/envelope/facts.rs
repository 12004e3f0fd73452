//! What an envelope says of the document in it: an address, a day, an app.

use super::json;
use crate::{address::identity_of_address, api_error::excuse_empty_build, moment, spans};
use perfpower_model::{BodyIdentity, Day, Document};
use std::borrow::Cow;

/// What is known from outside of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) url: Option<String>,
    pub(super) day: Option<Day>,
    pub(super) apple_id: Option<String>,
    pub(super) bundle_id: Option<String>,
    pub(super) build_id: Option<String>,
}

/// Names of fields, folded, for a day beside a body.
const DAYS: [&str; 20] = [
    "asof",
    "collectedat",
    "createdat",
    "date",
    "datetime",
    "day",
    "downloadedat",
    "exportedat",
    "fetchedat",
    "generatedat",
    "receivedat",
    "requestedat",
    "retrievedat",
    "savedat",
    "snapshot",
    "snapshotdate",
    "starteddatetime",
    "time",
    "timestamp",
    "updatedat",
];

/// The same for an address.
const ADDRESSES: [&str; 8] = ["url", "uri", "href", "requesturl", "sourceurl", "endpoint", "path", "self"];

impl Facts {
    /// These, and what an inner envelope says: it is nearer to the body.
    pub(super) fn with(&self, inner: &Self) -> Self {
        let nearer = |inner: &Option<String>, outer: &Option<String>| inner.clone().or_else(|| outer.clone());
        Self {
            url: nearer(&inner.url, &self.url),
            day: inner.day.or(self.day),
            apple_id: nearer(&inner.apple_id, &self.apple_id),
            bundle_id: nearer(&inner.bundle_id, &self.bundle_id),
            build_id: nearer(&inner.build_id, &self.build_id),
        }
    }

    /// What the fields of an object say of a document in another one of them, one level down too (`request`, `app`, `headers`).
    pub(super) fn beside(text: &str, fields: &spans::Fields<'_>) -> Self {
        let mut facts = Self::default();
        for (key, range) in fields {
            let value = &text[range.clone()];
            let folded = folded(key);
            match value.as_bytes().first() {
                // What could hold the document itself is no place to look for its app.
                Some(b'{') if !json::may_hold_a_body(value) => {
                    for (inner, range) in spans::fields(value).unwrap_or_default() {
                        facts.take(&format!("{folded}{}", self::folded(&inner)), &value[range.clone()]);
                        facts.take(&self::folded(&inner), &value[range]);
                    }
                }
                Some(b'"' | b'0'..=b'9') => facts.take(&folded, value),
                _ => {}
            }
        }
        facts
    }

    /// One field: its folded name, and its value as it is written.
    fn take(&mut self, name: &str, value: &str) {
        /// Longer texts are bodies, and no facts about one.
        const LONGEST: usize = 2_000;
        if value.len() > LONGEST {
            return;
        }
        let text = spans::string(value).unwrap_or(Cow::Borrowed(value));
        let text = text.trim();
        if DAYS.contains(&name) && self.day.is_none() {
            self.day = moment::day(text);
        } else if ADDRESSES.contains(&name) && text.contains('/') {
            self.url.get_or_insert_with(|| text.to_owned());
        } else if matches!(name, "appid" | "adamid" | "appleid" | "appappid" | "itemid") && is_apple_id(text) {
            self.apple_id.get_or_insert_with(|| text.to_owned());
        } else if matches!(name, "bundleid" | "bundleidentifier" | "appbundleid") && is_bundle_id(text) {
            self.bundle_id.get_or_insert_with(|| text.to_owned());
        } else if name == "buildid" && !text.is_empty() {
            self.build_id.get_or_insert_with(|| text.to_owned());
        }
    }

    /// Tells a document what it does not say itself.
    pub(super) fn lend(&self, document: &mut Document) {
        let mut of_address = BodyIdentity::default();
        if let Some(url) = &self.url {
            excuse_empty_build(document, url);
            identity_of_address(url, &mut document.names, &mut of_address);
        }
        let (identity, names) = (&mut document.identity, &mut document.names);
        super::fill(&mut identity.bundle_id, self.bundle_id.as_ref(), names);
        super::fill(&mut identity.apple_id, self.apple_id.as_ref(), names);
        super::fill(&mut identity.build_id, self.build_id.as_ref(), names);
        for (known, read) in
            [(&mut identity.apple_id, of_address.apple_id), (&mut identity.build_id, of_address.build_id)]
        {
            if known.is_none() {
                *known = read;
            }
        }
    }
}

/// A key without case and without what stands between its words.
fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Apple's numbers of apps have 9 or 10 digits, the oldest and the next ones one more or less.
fn is_apple_id(text: &str) -> bool {
    (8..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words of letters, digits and hyphens with periods between them, and at least two.
fn is_bundle_id(text: &str) -> bool {
    text.split('.').count() > 1
        && text.split('.').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        })
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_other_texts() {
        assert!(is_apple_id("1234567890") && !is_apple_id("4200") && !is_apple_id("12345678x"));
        assert!(
            is_bundle_id("com.example.app") && !is_bundle_id("3.6.0") && !is_bundle_id("app") && !is_bundle_id("a..b")
        );
    }
}
