//! Words in the names of files and directories that say something else than whose they are.
//!
//! The lists are by what a word says, lower-case and without separators. What no list knows may be the name of an app.

/// What a word, or a few words run together, say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// What is in the file: `xcodeMetrics`, `logs`, `LAUNCH`, `all_iphones`.
    Kind,
    /// When, where or for whom it was run: `nightly`, `prod`, `eu-west-1`. Of two names that differ in nothing else, someone
    /// may have meant two apps.
    Circumstance,
    /// Which of several downloads, older ones below zero: `previous`, `latest`.
    Turn(i8),
    /// What a number or a label behind it is of: `run 123`, `build-42`, `host-1`, `ip-10-0-0-1`.
    Label,
    /// Of whom the apps are: `team-payments`. An app only where nothing else is in sight.
    Group,
    /// Nothing by itself, but it may be a part of a name: `my-app`, `Home Archive`.
    Filler,
}

#[rustfmt::skip] // a list of words reads in lines
const KINDS: &[&str] = &[
    // what the API and its types are called
    "xcodemetrics", "xcodemetric", "perfpowermetrics", "perfpowermetric", "perfpower", "metrics", "metric", "perf",
    "performance", "power", "performancemetrics", "powermetrics", "overview", "overviews", "xcodeoverview",
    "xcodeoverviews", "performanceoverview", "performanceoverviews", "signature", "signatures", "sig", "sigs",
    "diagnosticsignature", "diagnosticsignatures", "diagnostic", "diagnostics", "diag", "diags", "diagnosticlog",
    "diagnosticlogs", "log", "logs", "insight", "insights", "error", "errors", "xcode", "organizer", "xcmetricsdata",
    "metrickit", "mxmetricpayload", "mxdiagnosticpayload", "mxmetricpayloads", "mxdiagnosticpayloads", "analytics",
    "telemetry", "callstack", "callstacks", "stacks", "har", "curl", "http", "https",
    // what is measured, and of what
    "hang", "hangs", "launch", "launches", "launchtime", "memory", "disk", "diskwrites", "battery", "termination",
    "terminations", "animation", "animations", "storage", "hitch", "hitches", "hangrate",
    "ios", "ipados", "macos", "tvos", "watchos", "visionos", "iphone", "iphones", "ipad", "ipads", "alliphones", "allipads",
    "p50", "p90", "p95", "p99", "typical", "top",
    // how people call a piece of what they save
    "download", "downloads", "snapshot", "snapshots", "export", "exports", "exported", "response", "responses",
    "page", "pages", "part", "parts", "shard", "shards", "batch", "batches", "chunk", "chunks", "report", "reports",
    "weekof", "asof", "updated", "fetched",
];

#[rustfmt::skip] // a list of words reads in lines
const CIRCUMSTANCES: &[&str] = &[
    // schedules
    "nightly", "daily", "weekly", "biweekly", "fortnightly", "monthly", "hourly", "quarterly", "yearly", "annual",
    "cron", "cronjob", "scheduled", "schedule", "adhoc", "ondemand", "manual", "automatic", "auto", "morning", "noon",
    "evening", "night", "midnight", "weekend", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    // environments, branches and tracks
    "prod", "production", "prd", "staging", "stage", "stg", "dev", "devel", "develop", "development", "test", "testing",
    "tests", "qa", "uat", "sandbox", "preprod", "preproduction", "int", "integration", "preview", "canary", "beta",
    "betas", "alpha", "rc", "live", "demo", "local", "internal", "external", "public", "private", "debug", "release",
    "releases", "released", "enterprise", "main", "master", "trunk", "head", "hotfix", "hotfixes", "stable", "edge", "lts",
    "testflight", "appstore", "store", "gold", "silver", "bronze", "landing", "processed", "ingest", "incoming",
    // regions
    "eu", "emea", "apac", "amer", "americas", "latam", "mena", "europe", "asia", "africa", "oceania", "global", "worldwide",
    "row", "usa", "uk", "us", "cn",
    // what ran it
    "ci", "jenkins", "github", "githubactions", "gitlab", "gitlabci", "circleci", "bitrise", "buildkite", "teamcity",
    "travis", "xcodecloud", "fastlane", "actions", "workflow", "workflows", "artifact", "artifacts", "workspace",
];

#[rustfmt::skip] // a list of words reads in lines
const TURNS: &[(&str, i8)] = &[
    ("previous", -1), ("prev", -1), ("old", -1), ("older", -1), ("oldest", -2), ("backup", -1), ("backups", -1),
    ("bak", -1), ("orig", -1), ("original", -1), ("before", -1), ("baseline", -1), ("past", -1), ("yesterday", -1),
    ("lastweek", -1), ("lastmonth", -1), ("stale", -1), ("first", -2),
    ("current", 1), ("latest", 1), ("new", 1), ("newer", 1), ("newest", 2), ("after", 1), ("now", 1), ("today", 1),
    ("recent", 1), ("candidate", 1), ("thisweek", 1), ("thismonth", 1), ("fresh", 1),
    ("last", 0), ("second", 0), ("third", 0), ("copy", 0), ("copies", 0), ("duplicate", 0),
];

#[rustfmt::skip] // a list of words reads in lines
const LABELS: &[&str] = &[
    // of releases
    "build", "builds", "buildid", "buildnumber", "bld", "version", "versions", "ver", "v", "rel", "tag", "tags", "rev",
    "revision", "commit", "commits", "sha", "pr", "mr", "issue", "branch", "branches", "feature", "sprint", "train", "b", "r",
    // of runs
    "run", "runs", "runid", "job", "jobs", "pipeline", "pipelines", "attempt", "attempts", "task", "tasks", "exec",
    "execution", "executions", "session", "sessions", "iteration", "iterations", "cycle", "try", "retry", "step",
    "invocation", "id", "uuid", "no", "nr", "num", "number", "seq", "week", "wk", "kw", "cw", "w", "day", "month", "year",
    "quarter", "q", "h", "fy", "hour", "set", "slot", "bucket", "partition", "level", "phase",
    // of machines
    "host", "hosts", "hostname", "node", "nodes", "runner", "runners", "agent", "agents", "worker", "workers", "machine",
    "machines", "server", "servers", "pod", "vm", "vms", "ip", "ec2", "macmini", "macbook", "macbookpro", "macstudio",
    "macpro", "imac", "laptop", "device", "devices", "env", "environment", "environments", "region", "regions", "zone",
    "localhost",
];

#[rustfmt::skip] // a list of words reads in lines
const GROUPS: &[&str] = &[
    "team", "teams", "squad", "squads", "tribe", "group", "groups", "org", "orgs", "organization", "organisation",
    "department", "dept", "division", "unit", "client", "clients", "customer", "customers", "tenant", "tenants",
    "project", "projects", "account", "accounts", "vendor", "vendors", "company", "companies", "owner", "owners", "user",
    "portfolio", "studio", "brand", "brands",
];

#[rustfmt::skip] // a list of words reads in lines
const FILLERS: &[&str] = &[
    "app", "apps", "application", "applications", "product", "products", "archive", "archives", "saved", "saves", "data",
    "dataset", "datasets", "raw", "json", "ndjson", "jsonl", "txt", "gz", "output", "outputs", "out", "result", "results",
    "body", "bodies", "document", "documents", "file", "files", "all", "empty", "api", "asc", "appstoreconnect", "tmp",
    "temp", "home", "users", "desktop", "cache", "caches", "storefront", "lake", "datalake", "warehouse", "s3", "gcs",
    "backupset", "history", "misc", "various", "my", "the", "and", "of", "from", "for", "to", "with",
];

/// Endings that tell the packing or the syntax, never the app.
#[rustfmt::skip] // a list of words reads in lines
const ENDINGS: &[&str] = &[
    "json", "ndjson", "jsonl", "gz", "gzip", "zst", "zstd", "zip", "tar", "tgz", "tzst", "txt", "xcmetricsdata", "har",
    "http", "xz", "txz", "bz2", "tbz2", "7z", "rar", "lz4", "aar", "xar", "tmp", "bak", "part", "crdownload", "partial",
    "old", "orig", "csv", "html", "ips", "plist", "b64", "base64",
];

/// What some words, run together and in lower case, say; `None` = nothing that is known.
pub(crate) fn meaning(words: &str) -> Option<Meaning> {
    if KINDS.contains(&words) {
        return Some(Meaning::Kind);
    }
    if let Some((_, turn)) = TURNS.iter().find(|(word, _)| *word == words) {
        return Some(Meaning::Turn(*turn));
    }
    if CIRCUMSTANCES.contains(&words) || is_region(words) || is_period(words) {
        return Some(Meaning::Circumstance);
    }
    if LABELS.contains(&words) {
        return Some(Meaning::Label);
    }
    if GROUPS.contains(&words) {
        return Some(Meaning::Group);
    }
    FILLERS.contains(&words).then_some(Meaning::Filler)
}

/// Endings of downloads that were not finished, and of what a program sets aside: in front of them stands the ending of what it is.
#[rustfmt::skip] // a list of words reads in lines
const SET_ASIDE: &[&str] = &[
    "bak", "old", "orig", "save", "saved", "prev", "previous", "new", "copy", "tmp", "part", "partial", "crdownload", "download",
];

/// A name without the last ending, if that is one of what was set aside and another ending is in front of it: `x.json.1`,
/// `x.json.20261120`, `x.json.bak`.
pub(crate) fn without_set_aside(name: &str) -> Option<&str> {
    let (front, ending) = name.rsplit_once('.')?;
    let (stem, inner) = front.rsplit_once('.')?;
    let is_set_aside = is_digits(ending) || SET_ASIDE.iter().any(|known| ending.eq_ignore_ascii_case(known));
    (is_set_aside && !stem.is_empty() && is_ending(inner)).then_some(front)
}

fn is_ending(ending: &str) -> bool {
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// A file's name without the endings that tell its packing or syntax.
pub(crate) fn stem(file_name: &str) -> &str {
    let mut name = file_name.strip_suffix('~').unwrap_or(file_name);
    name = without_set_aside(name).unwrap_or(name);
    while let Some((front, ending)) = name.rsplit_once('.') {
        if front.is_empty() || !is_ending(ending) {
            break;
        }
        name = front;
    }
    name
}

/// `useast1`, `europewest3`, `eastus2`: how the clouds call theirs.
fn is_region(words: &str) -> bool {
    const LANDS: [&str; 18] = [
        "us",
        "usgov",
        "eu",
        "ap",
        "sa",
        "ca",
        "me",
        "af",
        "il",
        "cn",
        "europe",
        "asia",
        "australia",
        "uk",
        "japan",
        "northamerica",
        "southamerica",
        "canada",
    ];
    const SIDES: [&str; 9] =
        ["northeast", "northwest", "southeast", "southwest", "north", "south", "east", "west", "central"];
    let name = words.trim_end_matches(|c: char| c.is_ascii_digit());
    let with_side = |front: &str, back: &str| {
        (LANDS.contains(&front) && SIDES.contains(&back)) || (SIDES.contains(&front) && LANDS.contains(&back))
    };
    name.is_ascii() && (2..name.len()).any(|at| with_side(&name[..at], &name[at..]))
}

/// `2026q4`, `q4`, `h1`, `fy26`: spans that are no day.
fn is_period(words: &str) -> bool {
    let span = words.trim_start_matches(|c: char| c.is_ascii_digit());
    let year = words.len() - span.len();
    let is_span = matches!(span, "q1" | "q2" | "q3" | "q4" | "h1" | "h2");
    let fiscal = words.strip_prefix("fy").is_some_and(|year| matches!(year.len(), 2 | 4) && is_digits(year));
    (is_span && matches!(year, 0 | 2 | 4)) || fiscal
}

/// Whether a text is digits alone.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `iPhone14,5`, `iPad8_1`, `all_iphones`: what `filter[deviceType]` takes.
pub(crate) fn is_device(name: &str) -> bool {
    const FAMILIES: [&str; 7] = ["iPhone", "iPad", "iPod", "Watch", "AppleTV", "RealityDevice", "Mac"];
    let is_model = |rest: &str| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'_'))
    };
    name.starts_with("all_") || FAMILIES.iter().any(|family| name.strip_prefix(family).is_some_and(is_model))
}

/// Whether a word is the id of something: letters and digits mixed and long, as sums and tokens are.
pub(crate) fn is_hash(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_hex = word.bytes().all(|b| b.is_ascii_hexdigit());
    (is_hex && digits >= 2 && letters > 0 && word.len() >= 6) || (digits >= 3 && letters >= 3 && word.len() >= 10)
}

/// Whether a word changes between letters and digits and between cases, as no word of a language does: `AbC123xyz`.
pub(crate) fn is_opaque(word: &str) -> bool {
    let classes = word.bytes().map(|b| (b.is_ascii_digit(), b.is_ascii_uppercase()));
    let changes = classes.clone().zip(classes.skip(1)).filter(|(a, b)| a != b).count();
    is_hash(word) || (changes >= 3 && word.bytes().any(|b| b.is_ascii_digit()) && word.len() >= 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_one_thing_each() {
        let lists: [&[&str]; 5] = [KINDS, CIRCUMSTANCES, LABELS, GROUPS, FILLERS];
        let mut words: Vec<&str> = lists.concat();
        words.extend(TURNS.iter().map(|(word, _)| *word));
        words.sort_unstable();
        for pair in words.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for word in words {
            assert_eq!(word, word.to_lowercase().replace(['-', '_', ' ', '.'], ""));
        }
    }

    #[test]
    fn regions_and_periods() {
        for word in ["useast1", "euwest2", "apsoutheast1", "westeurope", "eastus2", "uscentral1", "asianortheast1"] {
            assert!(is_region(word), "{word}");
        }
        for word in ["usage", "western", "eastenders", "us", "useful1", "é", "north"] {
            assert!(!is_region(word), "{word}");
        }
        for word in ["2026q4", "q1", "h2", "fy26", "fy2026", "26q3"] {
            assert!(is_period(word), "{word}");
        }
        for word in ["q5", "2026", "fyn", "q12", "h264"] {
            assert!(!is_period(word), "{word}");
        }
    }

    #[test]
    fn endings() {
        for (name, expected) in [
            ("com.foo.json.gz", "com.foo"),
            ("x.json.tmp", "x"),
            ("x.json~", "x"),
            ("x.json.1", "x"),
            ("x.json.20261120", "x"),
            ("x.json.gz.new", "x"),
            ("com.foo.new", "com.foo.new"),
            ("com.foo.1", "com.foo.1"),
            (".json", ".json"),
            ("com.foo.bar", "com.foo.bar"),
            ("Metrics.xcmetricsdata", "Metrics"),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
