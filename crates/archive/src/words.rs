//! Which names of files and directories can be the name of an app, and which are the words of whoever saved them.

use crate::dates;
use std::borrow::Cow;

/// Words, lower-case and without separators, that say what is in a file or directory and not whose it is. They are also
/// taken off the ends of a file's name.
#[rustfmt::skip] // a list of words reads in lines
const KIND_WORDS: &[&str] = &[
    // what the API and its types are called
    "xcodemetrics", "xcodemetric", "perfpowermetrics", "perfpowermetric", "perfpower", "metrics", "metric",
    "performancemetrics", "powermetrics", "overview", "overviews", "xcodeoverview", "xcodeoverviews",
    "performanceoverview", "performanceoverviews", "signature", "signatures", "sig", "sigs", "diagnosticsignature",
    "diagnosticsignatures", "diagnostic", "diagnostics", "diagnosticlog", "diagnosticlogs", "log", "logs",
    "insights", "error", "errors", "hangs", "launches", "diskwrites", "build", "builds",
    // how people call a piece of what they save
    "download", "downloads", "snapshot", "snapshots", "backup", "backups", "export", "exports", "response",
    "responses", "page", "pages", "part", "parts", "shard", "shards", "batch", "chunk",
];

/// Words that name no app when they are all that a name has, but may be a part of one: `my-app`, `Home Archive`.
#[rustfmt::skip] // a list of words reads in lines
const FILLERS: &[&str] = &[
    "app", "apps", "archive", "archives", "saved", "saves", "data", "raw", "json", "output", "out", "result",
    "results", "body", "document", "documents", "file", "files", "latest", "current", "all", "empty", "api", "asc",
    "appstore", "appstoreconnect", "tmp", "temp", "home", "users", "desktop",
];

/// Endings that tell the packing or the syntax, never the app.
const EXTENSIONS: &[&str] = &["json", "gz", "gzip", "zst", "zstd", "zip", "tar", "tgz", "tzst", "txt", "xcmetricsdata"];

/// What a name can be to whoever looks for the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The name of an app, for all that one can see.
    Name,
    /// A build number, a version, an Apple id, a platform: an app only where nothing better is in sight.
    Weak,
    /// One letter: a shard, or an app where nothing else in the path can be one.
    Letter,
    /// A date, a kind word, a shard, a device.
    Noise,
}

/// The role of a directory's name.
pub(crate) fn role(name: &str) -> Role {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let rest = without_kind_words(name);
    if rest.is_empty() || is_one_of(FILLERS, rest) || dates::last_day(name).is_some() {
        return Role::Noise;
    }
    if name.starts_with('.') || is_device(name) {
        return Role::Noise;
    }
    if digits(name) {
        // Up to three digits are a shard or a month, four may be a year.
        let year = name.len() == 4 && matches!(&name[..2], "19" | "20");
        return if name.len() <= 3 || year { Role::Noise } else { Role::Weak };
    }
    if name.chars().filter(|c| c.is_alphanumeric()).count() <= 1 && name.is_ascii() {
        return Role::Letter;
    }
    let number = name.strip_prefix(['v', 'V']).unwrap_or(name);
    if number.chars().all(|c| c.is_ascii_digit() || ".-_ ()+".contains(c)) || is_platform(name) || is_uuid(name) {
        return Role::Weak;
    }
    Role::Name
}

/// Whether it is written like a bundle id: three parts or more, the first two without digits alone.
pub(crate) fn is_bundle_id(name: &str) -> bool {
    let mut parts = name.split('.');
    let word = |part: Option<&str>| {
        part.is_some_and(|p| {
            p.bytes().any(|b| b.is_ascii_alphabetic()) && p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    };
    word(parts.next()) && word(parts.next()) && parts.next().is_some_and(|part| !part.is_empty())
}

/// Whether it is written like the number the App Store gives an app: nine or ten digits.
pub(crate) fn is_apple_id(name: &str) -> bool {
    matches!(name.len(), 9 | 10) && name.bytes().all(|b| b.is_ascii_digit())
}

/// The app that a file's or container's name names, dates, kind words and endings taken off; `None` where only ids or
/// nothing remain.
pub(crate) fn app_in(file_name: &str) -> Option<String> {
    let rest = without_kind_words(&without_days(stem(file_name))).replace('/', "");
    let has_letters = rest.chars().any(char::is_alphabetic);
    let holds_id = rest.split(['-', '_', ' ']).any(is_id);
    (has_letters && !holds_id && role(&rest) == Role::Name).then_some(rest)
}

/// A file's name without the endings that tell its packing.
pub(crate) fn stem(file_name: &str) -> &str {
    let mut name = file_name;
    while let Some((front, ending)) = name.rsplit_once('.') {
        if front.is_empty() || !EXTENSIONS.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
            break;
        }
        name = front;
    }
    name
}

/// The name with each date replaced by `/`, which no name holds.
fn without_days(name: &str) -> Cow<'_, str> {
    let mut name = Cow::Borrowed(name);
    while let Some((_, range)) = dates::last_day(&name) {
        name.to_mut().replace_range(range, "/");
    }
    name
}

/// Takes kind words, dates (as `/`) and the page numbers behind them off both ends of a name.
fn without_kind_words(name: &str) -> &str {
    let edge = |c: char| "-_ .,()[]@+".contains(c);
    let mut rest = name.trim_matches(edge);
    'shorter: loop {
        // From the end: the last one to four words together, with or without a number behind them.
        let unnumbered = rest.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(edge);
        for tail in [rest, unnumbered] {
            for start in word_starts(tail, &['-', '_', ' ', '.', '/']).take(4) {
                if is_kind(&tail[start..]) {
                    rest = tail[..start].trim_matches(edge);
                    continue 'shorter;
                }
            }
        }
        // From the front, where a dot belongs to a bundle id.
        for end in word_ends(rest, &['-', '_', ' ', '/']).take(4) {
            if is_kind(&rest[..end]) {
                rest = rest[end..].trim_matches(edge);
                continue 'shorter;
            }
        }
        return rest;
    }
}

/// Where the words start, from the last to the first.
fn word_starts<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let inner = text.char_indices().rev().filter(|(_, c)| separators.contains(c)).flat_map(|(at, c)| {
        // A date mark is a word of its own.
        let mark = (c == '/').then_some(at);
        [Some(at + c.len_utf8()), mark].into_iter().flatten()
    });
    let whole = (!text.is_empty()).then_some(0);
    inner.filter(move |at| *at < text.len()).chain(whole)
}

/// Where the words end, from the first to the last.
fn word_ends<'a>(text: &'a str, separators: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let inner = text.char_indices().filter(|(_, c)| separators.contains(c)).flat_map(|(at, c)| {
        let mark = (c == '/').then_some(at + 1);
        [Some(at), mark].into_iter().flatten()
    });
    inner.filter(|at| *at > 0).chain((!text.is_empty()).then_some(text.len()))
}

fn is_kind(words: &str) -> bool {
    words == "/" || is_one_of(KIND_WORDS, words)
}

/// Whether some words, run together, are one of a list.
fn is_one_of(list: &[&str], words: &str) -> bool {
    let joined: String = words.chars().filter(|c| !"-_ .".contains(*c)).flat_map(char::to_lowercase).collect();
    list.contains(&joined.as_str())
}

/// Whether a word is an id: letters and digits mixed and long, or very long.
fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_hex = word.bytes().all(|b| b.is_ascii_hexdigit());
    !word.contains('.')
        && ((is_hex && digits >= 2 && letters > 0 && word.len() >= 6)
            || (digits >= 3 && letters >= 3 && word.len() >= 10))
}

fn is_uuid(name: &str) -> bool {
    name.len() == 36
        && name
            .bytes()
            .enumerate()
            .all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// `iPhone14,5`, `iPad8_1`, `all_iphones`: what `filter[deviceType]` takes.
fn is_device(name: &str) -> bool {
    let family = ["iPhone", "iPad", "iPod", "Watch", "AppleTV", "RealityDevice", "Mac"];
    let model = |rest: &str| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'_'))
    };
    name.starts_with("all_") || family.iter().any(|family| name.strip_prefix(family).is_some_and(model))
}

/// Platforms and metric categories, which people make directories of.
fn is_platform(name: &str) -> bool {
    const WORDS: [&str; 15] = [
        "ios",
        "ipados",
        "macos",
        "tvos",
        "watchos",
        "visionos",
        "hang",
        "launch",
        "memory",
        "disk",
        "battery",
        "termination",
        "animation",
        "storage",
        "testflight",
    ];
    WORDS.iter().any(|word| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_directories() {
        for name in ["app_0001", "com.foo.bar", "Weather", "foo-logs", "App1", "été", "日", "log4j", "My App"] {
            assert_eq!(role(name), Role::Name, "{name}");
        }
        for name in ["1234567", "1234567890", "1.2.3", "v2.0", "1.2.3 (45)", "iOS", "HANG", "2026-11"] {
            assert_eq!(role(name), Role::Weak, "{name}");
        }
        for name in ["a", "Z"] {
            assert_eq!(role(name), Role::Letter, "{name}");
        }
        for name in [
            "xcodeMetrics",
            "perf-power-metrics",
            "Diagnostic Logs",
            "builds",
            "00",
            "2026",
            "11",
            "2026-11-23",
            "run-2026-11-23",
            "page2",
            "shard-03",
            "all_iphones",
            "iPhone14,5",
            "iPad8_1",
            ".cache",
            "metrics-20261123",
        ] {
            assert_eq!(role(name), Role::Noise, "{name}");
        }
    }

    #[test]
    fn apps_in_file_names() {
        for (name, app) in [
            ("com.foo-2026-01-02-metrics.json", "com.foo"),
            ("com.foo-metrics.json.gz", "com.foo"),
            ("com.foo.bar.xcodeMetrics.json", "com.foo.bar"),
            ("2026-01-02_com.foo.json", "com.foo"),
            ("2026-01-02T10-00-00Z-com.foo-signatures-page-2.json", "com.foo"),
            ("xcodeMetrics_com.foo.json", "com.foo"),
            ("app_0001.json", "app_0001"),
            ("Weather.json", "Weather"),
            ("Weather 2.json", "Weather 2"),
            ("my-app.json", "my-app"),
            ("app-store-diary.json", "app-store-diary"),
            ("com.foo.bar", "com.foo.bar"),
            ("com.foo.tar.gz", "com.foo"),
            ("日記.json", "日記"),
        ] {
            assert_eq!(app_in(name).as_deref(), Some(app), "{name}");
        }
        for name in [
            "xcodeMetrics.json",
            "perf-power-metrics.json",
            "app-perf-power-metrics.json",
            "sig_00077.json",
            "logs-5A3F9C21.json",
            "signature-1234567.json",
            "2026-01-02.json",
            "metrics-2.json",
            "1234567.json",
            "empty-perf-power-metrics.json",
            "data.json",
            "",
            ".json",
            "-",
            "page2.json",
            "overview 3.json",
        ] {
            assert_eq!(app_in(name), None, "{name}");
        }
    }

    #[test]
    fn bundle_ids() {
        assert!(is_bundle_id("com.foo.bar"));
        assert!(is_bundle_id("com.foo-x.bar.baz"));
        assert!(!is_bundle_id("com.foo"));
        assert!(!is_bundle_id("1.2.3"));
        assert!(!is_bundle_id("my.saved files.x"));
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_safe(name in ".*") {
            role(&name);
            app_in(&name);
        }

        #[test]
        fn dates_and_kinds_never_hide_an_app(day in 14_000..40_000i32, app in "[a-z]{2}\\.[b-z]{4}\\.[f-z]{5}") {
            let day = perfpower_model::Day::from_days(day);
            for name in [format!("{app}-{day}-xcodeMetrics.json"), format!("{day}_{app}.json.gz"), format!("{app}.json")] {
                proptest::prop_assert_eq!(app_in(&name), Some(app.clone()));
            }
        }
    }
}
