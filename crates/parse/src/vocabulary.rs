//! One word for one category, metric and platform, so that values of metrics, of overviews and of Xcode's cache are one series.

use perfpower_model::{NameId, Names};

/// Apple's categories with the metrics that only they have, and other words for them in overviews and in Xcode. (`onScreen` and
/// `background` are in two categories and name none.)
const CATEGORIES: [(&str, &[&str], &[&str]); 8] = [
    ("HANG", &["hangRate", "hangTime"], &["hangs", "hangrate", "responsiveness"]),
    ("LAUNCH", &["launchTime"], &["launches", "launchtime"]),
    ("MEMORY", &["peakMemory", "memoryAtSuspension", "averageMemory"], &["memoryusage"]),
    ("DISK", &["diskWrites"], &["diskwrites", "disks"]),
    ("BATTERY", &["batteryUsage", "allActivity"], &["energy", "power", "batteryusage"]),
    ("TERMINATION", &[], &["terminations"]),
    ("ANIMATION", &["scrollHitchRate", "animationGlitchRate", "hitchRate"], &["animations", "hitches", "scrolling"]),
    ("STORAGE", &[], &[]),
];

/// Metrics in two categories.
const SHARED: [&str; 2] = ["onScreen", "background"];

/// A category in upper case, as Apple documents it: the letters' case tells no two apart.
pub(crate) fn category(category: NameId, names: &mut Names) -> NameId {
    let text = names.text(category);
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return category;
    }
    let upper = text.to_ascii_uppercase();
    names.intern(&upper)
}

/// The category of a section. Overviews and Xcode's cache arrange the same metrics under words of their own (`performance`), so a
/// metric that only one category has names it where the word does not.
pub(crate) fn category_of_section(word: Option<NameId>, identifier: NameId, names: &mut Names) -> Option<NameId> {
    let folded = folded(names.get(word).unwrap_or_default());
    let is_named = |(name, _, words): &&(&str, &[&str], &[&str])| {
        folded.eq_ignore_ascii_case(name) || words.contains(&folded.as_str())
    };
    let metric = names.text(identifier);
    let known = CATEGORIES
        .iter()
        .find(|(_, metrics, _)| metrics.contains(&metric))
        .or_else(|| CATEGORIES.iter().find(is_named));
    match known {
        Some((name, ..)) => Some(names.intern(name)),
        None => word.map(|word| category(word, names)),
    }
}

/// The identifier of a metric as Apple writes it, where only the letters' case differs.
pub(crate) fn identifier(identifier: NameId, names: &mut Names) -> NameId {
    let text = names.text(identifier);
    let known = CATEGORIES.iter().flat_map(|(_, metrics, _)| metrics.iter()).chain(&SHARED);
    match known.copied().find(|known| known.eq_ignore_ascii_case(text)) {
        Some(known) if known != text => names.intern(known),
        _ => identifier,
    }
}

/// Whether a device is one of those that run iOS: Apple's bodies say `iOS` for iPhones and iPads alike.
pub(crate) fn is_of_ios(device: &str) -> bool {
    let device = device.strip_prefix("all_").unwrap_or(device);
    ["iphone", "ipad", "ipod"]
        .iter()
        .any(|family| device.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family)))
}

/// A word without case and without what stands between its parts.
fn folded(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_category_for_one_metric() {
        let mut names = Names::new();
        for (word, metric, expected) in [
            ("LAUNCH", "launchTime", "LAUNCH"),
            ("launch", "launchTime", "LAUNCH"),
            ("Launch", "LaunchTime", "LAUNCH"),
            ("performance", "launchTime", "LAUNCH"),
            ("performance", "hangRate", "HANG"),
            ("Hangs", "somethingNew", "HANG"),
            ("disk writes", "diskwrites", "DISK"),
            ("energy", "onScreen", "BATTERY"),
            ("terminations", "onScreen", "TERMINATION"),
            ("Hitches", "scrollHitchRate", "ANIMATION"),
            ("storage", "appSize", "STORAGE"),
            ("gravity", "pull", "GRAVITY"),
            ("performance", "onScreen", "PERFORMANCE"),
            ("", "launchTime", "LAUNCH"),
        ] {
            let (word_id, metric) = (names.intern(word), names.intern(metric));
            let metric = identifier(metric, &mut names);
            let category = category_of_section(Some(word_id), metric, &mut names);
            assert_eq!(names.get(category), Some(expected), "{word}");
        }
    }

    #[test]
    fn metrics_themselves_differ_by_the_case_of_letters_only() {
        let mut names = Names::new();
        for (word, expected) in
            [("LAUNCH", "LAUNCH"), ("launch", "LAUNCH"), ("Gravity", "GRAVITY"), ("performance", "PERFORMANCE")]
        {
            let id = names.intern(word);
            let id = category(id, &mut names);
            assert_eq!(names.text(id), expected);
        }
    }

    #[test]
    fn devices_of_ios() {
        for device in ["all_iphones", "all_ipads", "iPhone12,1", "iPad8,1", "iPod9,1"] {
            assert!(is_of_ios(device), "{device}");
        }
        for device in ["all_macs", "Watch6,1", "Mac14,2", "AppleTV11,1", ""] {
            assert!(!is_of_ios(device), "{device}");
        }
    }
}
