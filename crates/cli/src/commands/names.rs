//! "Did you mean": names that the archive does not hold, and the nearest that it does, as people see them.

use crate::config::Config;
use anyhow::anyhow;
use perfpower_analysis::AppHistory;
use perfpower_ingest::AppHistories;
use perfpower_report::CommandLine;
use perfpower_report::sentence::metric_words;

/// A name that can be typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    /// What the option takes.
    pub(crate) typed: String,
    /// How people see it; the same where they see it as it is typed.
    pub(crate) shown: String,
}

impl Name {
    pub(crate) fn of(typed: impl Into<String>) -> Self {
        let typed = typed.into();
        Self { shown: typed.clone(), typed }
    }

    pub(crate) fn shown_as(typed: impl Into<String>, shown: impl Into<String>) -> Self {
        Self { typed: typed.into(), shown: shown.into() }
    }

    /// `"Larder" (com.example.larder)`.
    fn words(&self) -> String {
        if self.shown == self.typed { self.typed.clone() } else { format!("{} ({})", self.shown, self.typed) }
    }
}

/// The names that an app goes by: its key, its name for eyes, its ids, and the last word of its bundle id.
fn of_app(history: &AppHistory, config: &Config) -> Vec<Name> {
    let key = history.app.as_str();
    let known = config.apps.get(key);
    let of_user = known.into_iter().flat_map(|app| app.name.iter().chain(&app.aliases)).map(String::as_str);
    let identity = &history.identity;
    let of_bodies = [identity.bundle_id, identity.apple_id].into_iter().filter_map(|id| history.names.get(id));
    let last = key.rsplit('.').next().into_iter();
    let shown = of_user.chain(of_bodies).chain(last).filter(|shown| *shown != key);
    [Name::of(key)].into_iter().chain(shown.map(|shown| Name::shown_as(key, shown))).collect()
}

/// The names of all apps.
pub(crate) fn of_apps(histories: &AppHistories, config: &Config) -> Vec<Name> {
    histories.all().each(|history| of_app(history, config)).into_iter().flatten().collect()
}

/// The names of a metric: its identifier, with its category, and in words.
pub(crate) fn of_metric(category: &str, identifier: &str) -> [Name; 3] {
    let whole = format!("{category}/{identifier}");
    let words = metric_words(category, identifier);
    [Name::of(identifier), Name::of(whole.clone()), Name::shown_as(whole, words)]
}

/// Says that a name is not there, with the nearest that is and how it is typed; else with some of those that are.
pub(crate) fn unknown(what: &str, option: &str, wanted: &str, known: impl IntoIterator<Item = Name>) -> anyhow::Error {
    /// Arbitrary: below it, suggestions were further from the word than help is worth.
    const LIKE: f64 = 0.75;
    /// Names that are listed where none is near.
    const LISTED: usize = 8;
    let mut known: Vec<Name> =
        known.into_iter().filter(|name| !name.typed.is_empty() && !name.shown.is_empty()).collect();
    known.sort_unstable();
    known.dedup();
    let likeness = |name: &Name| {
        let as_is = strsim::jaro_winkler(&name.shown.to_lowercase(), &wanted.to_lowercase());
        // Without what stands between words, `iPhone12,1` and `iPhone 12` are nearer than they are.
        as_is.max(0.97 * strsim::jaro_winkler(&letters(&name.shown), &letters(wanted)))
    };
    let nearest = known
        .iter()
        .map(|name| (likeness(name), name))
        // Of two that are as near, the one that is typed as it is shown.
        .max_by(|a, b| {
            let is_plain = |name: &Name| name.shown == name.typed;
            a.0.total_cmp(&b.0).then_with(|| is_plain(a.1).cmp(&is_plain(b.1))).then_with(|| b.1.cmp(a.1))
        })
        .filter(|(likeness, _)| *likeness > LIKE);
    match nearest {
        Some((_, name)) => {
            let also = if name.shown == name.typed { String::new() } else { format!(" ({})", name.typed) };
            let typed = CommandLine::default().option(option, &name.typed);
            anyhow!("the archive holds no {what} {wanted:?}; did you mean {:?}{also}? Give {typed}", name.shown)
        }
        None if known.is_empty() => anyhow!("the archive holds no {what} {wanted:?}, and none at all"),
        None => {
            let mut listed: Vec<&Name> = Vec::new();
            for name in &known {
                // Each once, as people see it where that is another name.
                match listed.iter().position(|other| other.typed == name.typed) {
                    Some(at) if listed[at].shown == listed[at].typed => listed[at] = name,
                    Some(_) => {}
                    None => listed.push(name),
                }
            }
            let some: Vec<String> = listed.iter().take(LISTED).map(|name| name.words()).collect();
            let more = if listed.len() > some.len() { ", …" } else { "" };
            anyhow!("the archive holds no {what} {wanted:?}; it holds {}{more}", some.join(", "))
        }
    }
}

/// A name without what stands between its words.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told_as_people_see_it_with_what_to_type() {
        let apps = || {
            vec![
                Name::of("com.example.larder"),
                Name::shown_as("com.example.larder", "Larder"),
                Name::shown_as("com.example.pocketchess", "Pocket Chess"),
                Name::of("com.example.pocketchess"),
            ]
        };
        for (wanted, told) in [
            ("Lader", "did you mean \"Larder\" (com.example.larder)? Give --app com.example.larder"),
            (
                "pocket-ches",
                "did you mean \"Pocket Chess\" (com.example.pocketchess)? Give --app com.example.pocketchess",
            ),
            ("com.example.lardr", "did you mean \"com.example.larder\"? Give --app com.example.larder"),
            ("zzz", "it holds Larder (com.example.larder), Pocket Chess (com.example.pocketchess)"),
        ] {
            let message = unknown("app", "--app", wanted, apps()).to_string();
            assert!(message.ends_with(told), "{message}");
        }
        let device =
            unknown("device", "--device", "iPhone XS", [Name::of("iPhone XR"), Name::of("iPhone11,8")]).to_string();
        assert!(device.ends_with("did you mean \"iPhone XR\"? Give --device 'iPhone XR'"), "{device}");
        let metric = unknown("metric", "--metric", "Lunch time", of_metric("LAUNCH", "launchTime")).to_string();
        assert!(metric.contains("did you mean \"launch"), "{metric}");
        assert!(unknown("app", "--app", "x", []).to_string().ends_with("and none at all"));
    }
}
