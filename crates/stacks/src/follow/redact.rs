//! Pseudonyms in the place of what signatures name. Which of them are one, and the order of releases, stay what they are.

use super::{Pages, ReleaseName, Row, RowKey, SignatureBook, parts};
use perfpower_model::{Day, Redact, TextRole};

impl SignatureBook {
    /// Replaces every text but the numbers of builds that only their order comes from.
    pub fn redact(&mut self, by: &mut dyn Redact) {
        let pages = std::mem::take(&mut self.pages).into_iter().map(|(mut key, pages)| {
            by.replace(TextRole::App, &mut key.app);
            match &mut key.release {
                ReleaseName::Version(version) => by.replace(TextRole::Version, version),
                ReleaseName::Build { label, .. } => *label = build_label(label, by),
            }
            let Pages { rows, types, types_on_last, has_last, is_mixed } = pages;
            let rows = rows.into_iter().map(|(key, row)| (redacted_key(key, by), redacted_row(row, by))).collect();
            (key, Pages { rows, types, types_on_last, has_last, is_mixed })
        });
        self.pages = pages.collect();
    }
}

/// A day stays a day; `build 45` is the pseudonym of that build.
fn build_label(label: &str, by: &mut dyn Redact) -> String {
    match label.strip_prefix("build ") {
        _ if Day::parse(label).is_some() => label.to_owned(),
        Some(build) => format!("build {}", by.redact(TextRole::Build, build)),
        None => by.redact(TextRole::Build, label),
    }
}

fn redacted_key(key: RowKey, by: &mut dyn Redact) -> RowKey {
    match key {
        RowKey::Id(id) => RowKey::Id(by.redact(TextRole::Signature, &id)),
        RowKey::Text(text) => RowKey::Text(text.map(|text| redacted_pattern(&text, by))),
    }
}

fn redacted_row(row: Row, by: &mut dyn Redact) -> Row {
    Row {
        text: row.text.map(|text| redacted_pattern(&text, by)),
        trend: row.trend.map(|trend| by.redact(TextRole::Word, &trend)),
        file: row.file.map(|file| by.redact(TextRole::SourceFile, &file)),
        ..row
    }
}

/// `ExampleApp: -[Store load] + 23` with the pseudonyms of its binary and its function.
pub fn redacted_pattern(text: &str, by: &mut dyn Redact) -> String {
    let (binary, function) = parts(text);
    let offset = text.rsplit_once(" + ").filter(|_| super::without_offset(text.trim()) != text.trim());
    let binary = binary.map_or_else(String::new, |binary| format!("{}: ", by.redact(TextRole::Binary, binary)));
    let function = by.redact(TextRole::Function, function);
    let offset = offset.map_or_else(String::new, |(_, offset)| format!(" + {}", offset.trim()));
    format!("{binary}{function}{offset}")
}
