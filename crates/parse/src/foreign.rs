//! What a document is that is JSON and none of Apple's: another program's rewriting, a mistake that is often made, or nothing known.
//!
//! Somebody's rewriting is told as that and never as a body without data. Which program it was is said where the form is known.

use crate::spans::{elements, fields, string};
use perfpower_model::{Problem, Severity};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Words of Apple's bodies that nobody else would choose, folded.
const WORDS: [&str; 24] = [
    "productdata",
    "metriccategories",
    "filtercriteria",
    "devicemarketingname",
    "percentagebreakdown",
    "errormargin",
    "subsystemlabel",
    "goalkeys",
    "trendingup",
    "referenceversions",
    "referenceaveragevalue",
    "latestversionvalue",
    "deltapercentage",
    "recommendedmetricgoal",
    "telemetryidentifier",
    "diagnosticlogs",
    "diagnosticinsights",
    "diagnosticmetadata",
    "callstacktree",
    "callstackrootframes",
    "isblameframe",
    "diagnostictype",
    "metricidentifier",
    "categoryidentifier",
];

/// Values of such bodies, which stay what they are when keys are renamed.
const VALUES: [&str; 12] = [
    "launchTime",
    "hangRate",
    "peakMemory",
    "memoryAtSuspension",
    "diskWrites",
    "scrollHitchRate",
    "all_iphones",
    "all_ipads",
    "percentile.fifty",
    "percentile.ninety",
    "DISK_WRITES",
    "batteryUsage",
];

/// Keys that are looked at, and how deep: enough for the first rows of any list.
const MOST_KEYS: usize = 2_000;
const DEEPEST: usize = 12;

/// How the original is saved.
const SAVE_THE_BODY: &str = "save the body of the response itself: `curl -o metrics.json -H \"Authorization: Bearer $TOKEN\" \
     https://api.appstoreconnect.apple.com/v1/apps/{id}/perfPowerMetrics`";

/// What is told of a document of another shape.
pub(crate) fn told(text: &str) -> Problem {
    own_result(text)
        .or_else(|| saved_error(text))
        .or_else(|| crash_report(text))
        .or_else(|| cut_by_shell(text))
        .or_else(|| rewriting(text))
        .unwrap_or_else(|| {
            let message = "JSON of another shape: no productData, categories, data or errors that Apple would send";
            let hint = "take the file out of the archive, or save the body of the response alone";
            Problem::new(Severity::Warning, "unknown-document", message).with_hint(hint)
        })
}

/// Whether a problem says that the document is a saved error of somebody else.
pub(crate) fn is_saved_error(problem: &Problem) -> bool {
    problem.code == "foreign-error"
}

/// An error in the form of another server or of a tool: `{"error": …}`, `{"message": …, "code": …}`, `{"success": false}`.
fn saved_error(text: &str) -> Option<Problem> {
    let fields = fields(text)?;
    let field = |wanted: &[&str]| {
        let (_, range) = fields.iter().find(|(key, _)| wanted.contains(&folded(key).as_str()))?;
        Some(&text[range.clone()])
    };
    let is = |key: &[&str], value: &str| field(key).is_some_and(|found| found == value);
    let status = field(&["statuscode", "status", "httpstatus", "httpcode"])
        .and_then(number)
        .filter(|status| (400..600).contains(status));
    let failed = is(&["success", "ok"], "false") || is(&["iserror"], "true") || status.is_some();
    let error = field(&["error", "fault", "exception"])
        .filter(|value| !matches!(*value, "null" | "false" | "\"\"" | "{}" | "[]"));
    let words = field(&["message", "errormessage", "errordescription", "detail", "title", "content", "body", "errors"]);
    let code = field(&["code", "errorcode", "errortype"]).is_some();
    // A message alone is an error only where there is nothing else: `{"message": "Unauthorized"}`.
    let is_alone = fields.len() == 1 && field(&["message", "errormessage", "detail", "errors"]).is_some();
    let is_error = error.is_some() || failed || words.is_some() && code || is_alone;
    let told = error.or(words);
    if !is_error || told.is_none() && !failed || rewriting(text).is_some() && error.is_none() && !failed {
        return None;
    }
    let told = told.map(first_text).filter(|told| !told.is_empty());
    let parts: Vec<String> = [status.map(|status| status.to_string()), told].into_iter().flatten().collect();
    let what = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(" · ")) };
    let message = format!("a saved error, not in the form of App Store Connect{what}");
    let hint = "a program or a server between here and Apple refused: read what it says, and download again once the cause is gone";
    Some(Problem::new(Severity::Error, "foreign-error", message).with_hint(hint))
}

/// A whole number, also as a text.
fn number(value: &str) -> Option<u32> {
    string(value).unwrap_or(Cow::Borrowed(value)).trim().parse().ok()
}

/// The first text in a value, cut.
fn first_text(value: &str) -> String {
    /// Arbitrary: two lines.
    const CHARACTERS: usize = 160;
    let mut told = String::new();
    walk(value, &mut |key, value| {
        let is_said = matches!(
            folded(key).as_str(),
            "" | "message" | "detail" | "title" | "errordescription" | "description" | "text" | "code" | "error"
        );
        if told.is_empty()
            && is_said
            && let Some(text) = string(value)
        {
            told = text.trim().chars().take(CHARACTERS).map(|c| if c.is_control() { ' ' } else { c }).collect();
        }
    });
    told
}

/// The head of an `.ips` file, which has its body on the lines after it.
fn crash_report(text: &str) -> Option<Problem> {
    let head = fields(text)?;
    let has = |key: &str| head.iter().any(|(known, _)| known == key);
    let is_head = has("bug_type") || has("incident_id") && has("app_name");
    let is_body = has("exception") && has("threads") && has("usedImages");
    (is_head || is_body).then(crash)
}

/// A crash report, of whichever form.
pub(crate) fn crash() -> Problem {
    let message = "a crash or event report of one device (.ips), which holds no metrics and no signatures";
    let hint = "take it out of the archive; Apple's own diagnostics come from /v1/builds/{id}/diagnosticSignatures";
    Problem::new(Severity::Warning, "crash-report", message).with_hint(hint)
}

/// What `ConvertTo-Json` of PowerShell writes for what is deeper than it was asked to go.
fn cut_by_shell(text: &str) -> Option<Problem> {
    let is_cut = text.contains("\"System.Object[]\"") || text.contains("\"@{");
    (is_cut && renamed(text).words > 0).then(|| {
        let message = "the output of PowerShell's ConvertTo-Json, which cuts off what is more than two levels deep";
        let hint = "save the body itself (`Invoke-WebRequest … -OutFile metrics.json`), or give `-Depth 100`";
        Problem::new(Severity::Warning, "cut-by-powershell", message).with_hint(hint)
    })
}

/// What speaks for somebody's rewriting of one of Apple's bodies.
struct Renamed {
    /// Apple's words, spelt in whichever way.
    words: usize,
    /// Apple's values.
    values: usize,
    /// The first word that is not spelt as Apple does: as it is, and as it should be.
    first: Option<(String, &'static str)>,
    keys: BTreeSet<String>,
}

fn renamed(text: &str) -> Renamed {
    let mut found = Renamed { words: 0, values: 0, first: None, keys: BTreeSet::new() };
    let (mut words, mut values) = (BTreeSet::new(), BTreeSet::new());
    let mut left = MOST_KEYS;
    walk(text, &mut |key, value| {
        if left == 0 {
            return;
        }
        left -= 1;
        let folded = folded(key);
        if let Some(word) = WORDS.iter().find(|word| **word == folded) {
            words.insert(*word);
            let apples = APPLES.iter().find(|apples| apples.eq_ignore_ascii_case(word));
            if let Some(apples) = apples.filter(|apples| **apples != key) {
                found.first.get_or_insert_with(|| (key.to_owned(), apples));
            }
        }
        if !key.is_empty() && found.keys.len() < MOST_KEYS {
            found.keys.insert(key.to_owned());
        }
        if let Some(text) = string(value)
            && let Some(value) = VALUES.iter().chain(&VALUES_ALONE).find(|value| **value == text)
        {
            values.insert(*value);
        }
    });
    (found.words, found.values) = (words.len(), values.len());
    found
}

/// Categories, which alone say little.
const VALUES_ALONE: [&str; 6] = ["HANG", "LAUNCH", "ANIMATION", "TERMINATION", "HANGS", "LAUNCHES"];

/// The words that are spelt with a capital inside, as Apple does.
const APPLES: [&str; 22] = [
    "productData",
    "metricCategories",
    "filterCriteria",
    "deviceMarketingName",
    "percentageBreakdown",
    "errorMargin",
    "subSystemLabel",
    "goalKeys",
    "trendingUp",
    "referenceVersions",
    "referenceAverageValue",
    "latestVersionValue",
    "deltaPercentage",
    "recommendedMetricGoal",
    "telemetryIdentifier",
    "diagnosticLogs",
    "diagnosticInsights",
    "diagnosticMetaData",
    "callStackTree",
    "callStackRootFrames",
    "isBlameFrame",
    "diagnosticType",
];

/// Whether one of the outermost fields that are asked for is a list or an object with something in it.
pub(crate) fn holds_lists(text: &str, is_asked: impl Fn(&str) -> bool) -> bool {
    fields(text).is_some_and(|found| {
        found.iter().any(|(key, range)| {
            let value = &text[range.clone()];
            is_asked(key)
                && (elements(value).is_some_and(|all| !all.is_empty())
                    || fields(value).is_some_and(|all| !all.is_empty()))
        })
    })
}

/// Whether a document spells a word of Apple's bodies otherwise than Apple does, as other programs' rewritings do.
pub(crate) fn renames_fields(text: &str) -> bool {
    renamed(text).first.is_some()
}

/// The output of a program that read a body and printed its own.
fn rewriting(text: &str) -> Option<Problem> {
    let found = renamed(text);
    let has = |keys: &[&str]| keys.iter().all(|key| found.keys.contains(*key));
    let program = if has(&["product_data"]) || has(&["metric_categories"]) {
        Some(("asc-mcp", "which writes Apple's fields in snake case"))
    } else if has(&["affordances", "latestValue", "metricIdentifier"]) || has(&["affordances", "diagnosticType"]) {
        Some(("asc-cli", "which prints rows of its own, one value per metric"))
    } else if has(&["success", "categoryIdentifier", "metricIdentifier"]) || has(&["productDataCount"]) {
        Some(("an MCP server for App Store Connect", "which prints a summary of its own"))
    } else {
        None
    };
    let message = match (program, found.first) {
        (Some((program, what)), _) => {
            format!("the output of another program, {program}, {what}; it is not the body that Apple sent")
        }
        (None, Some((key, apples))) if found.words + found.values >= 2 || apples == "productData" => {
            format!(
                "the output of another program, which renames Apple's fields ({key} for {apples}); it is not the body that Apple sent"
            )
        }
        (None, _) if found.words >= 2 || found.words + found.values >= 2 && found.values > 0 => {
            "the output of another program, made from one of Apple's bodies; it is not the body that Apple sent"
                .to_owned()
        }
        _ => return None,
    };
    Some(Problem::new(Severity::Warning, "rewritten-document", message).with_hint(SAVE_THE_BODY))
}

/// Every value with its key, an empty one in arrays, breadth first, down to [`DEEPEST`]; lists by their first elements.
fn walk(text: &str, see: &mut dyn FnMut(&str, &str)) {
    /// Elements of a list that are looked at: rows are alike.
    const ROWS: usize = 5;
    let mut level = vec![text];
    see("", text.trim());
    let mut left = MOST_KEYS;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for value in level {
            if let Some(fields) = fields(value) {
                for (key, inner) in fields.into_iter().take(left) {
                    left -= 1;
                    see(&key, &value[inner.clone()]);
                    next.push(&value[inner]);
                }
            } else if let Some(elements) = elements(value) {
                for inner in elements.into_iter().take(ROWS) {
                    see("", &value[inner.clone()]);
                    next.push(&value[inner]);
                }
            }
        }
        level = next;
    }
}

/// A key without case and without what stands between its words.
fn folded(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What starts like JSON and is known by its first bytes to be something else.
pub(crate) fn told_of_broken(text: &str) -> Option<Problem> {
    let start = text.trim_start();
    if start.starts_with("{'") || start.starts_with("[{'") {
        let message = "a dictionary as Python prints it, not JSON";
        let hint = "save the body (`open(file, \"wb\").write(response.content)`), or write it with `json.dump`";
        return Some(Problem::new(Severity::Error, "python-dictionary", message).with_hint(hint));
    }
    own_rows(text).or_else(|| crash_report(text))
}

/// A document or a table that this program wrote.
fn own_result(text: &str) -> Option<Problem> {
    let of = |wanted: &[&str]| {
        let fields = fields(text)?;
        let (_, range) = fields.iter().find(|(key, _)| wanted.contains(&&**key))?;
        Some(string(&text[range.clone()])?.into_owned())
    };
    let schema = of(&["schema", "exporter"]).filter(|schema| schema == "perfpower" || schema.starts_with("perfpower."));
    match schema {
        Some(schema) => Some(own(&format!("a result of this program ({schema})"))),
        None => own_rows(text),
    }
}

/// Rows of a table as `export --as ndjson` writes them, by the first columns of each table.
fn own_rows(text: &str) -> Option<Problem> {
    const TABLES: [&[&str]; 5] = [
        &["app", "platform", "category", "metric", "device"],
        &["id", "app", "platform", "category", "metric"],
        &["app", "diagnostic_type", "app_version", "function"],
        &["app", "snapshot", "list", "category"],
        &["app", "snapshot", "build_id", "id"],
    ];
    let first = text.lines().next()?;
    let fields = fields(first)?;
    // Points, goals and revisions have a unit before the device.
    let keys: Vec<&str> =
        fields.iter().map(|(key, _)| &**key).filter(|key| !matches!(*key, "unit" | "unit_label")).collect();
    let is_table = TABLES.iter().any(|columns| keys.starts_with(columns));
    is_table.then(|| own("rows of a table that this program exported"))
}

fn own(what: &str) -> Problem {
    let hint = "it is passed over; results are better kept beside the archive than in it";
    Problem::new(Severity::Warning, "own-result", format!("{what}, not a download")).with_hint(hint)
}

/// What stands in a text that was never JSON, where people are known to save it for a response.
pub(crate) fn told_of_text(text: &str) -> Option<Problem> {
    let first = text.lines().find(|line| !line.trim().is_empty())?.trim();
    let problem =
        |severity, code, message: String, hint: &str| Some(Problem::new(severity, code, message).with_hint(hint));
    if first.starts_with("-----BEGIN ") {
        return problem(
            Severity::Error,
            "private-key",
            "a key or a certificate, not a response".to_owned(),
            "take it out of the archive, and keep it where nobody else can read it",
        );
    }
    if is_token(first) {
        return problem(
            Severity::Error,
            "token",
            "a token (JWT), not a response".to_owned(),
            "take it out of the archive; save what the request gives, not what it is sent with",
        );
    }
    if first.starts_with("Incident Identifier:")
        || first.starts_with("Hardware Model:")
        || first.starts_with("Process:")
    {
        return Some(crash());
    }
    if let Some(columns) = report_columns(first) {
        return problem(
            Severity::Error,
            "sales-report",
            format!("a table ({columns}), as App Store Connect gives for sales, finance and analytics"),
            "take it out of the archive: it holds no performance metrics; those are JSON of /v1/apps/{id}/perfPowerMetrics",
        );
    }
    let lower = first.to_ascii_lowercase();
    let is_refusal = [
        "unauthorized",
        "unauthenticated",
        "forbidden",
        "jwt",
        "token",
        "not_authorized",
        "access denied",
        "too many requests",
        "rate limit",
        "bad gateway",
        "service unavailable",
        "gateway timeout",
        "internal server error",
        "curl: (",
    ]
    .iter()
    .any(|word| lower.contains(word));
    if is_refusal {
        return problem(
            Severity::Error,
            "refusal",
            "a refusal or a failure in plain text, not a response of App Store Connect".to_owned(),
            "make a new token, see that the request reaches api.appstoreconnect.apple.com, and download again",
        );
    }
    if first == "---" || ["productData:", "data:", "version:", "errors:"].iter().any(|key| first.starts_with(key)) {
        return problem(
            Severity::Error,
            "yaml",
            "YAML, not JSON".to_owned(),
            "have the program write JSON, or save the body of the response itself",
        );
    }
    None
}

/// Three parts of base64 with periods between them, the first of which is an object.
fn is_token(text: &str) -> bool {
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    let mut parts = text.split('.');
    let is_part = |part: &str| {
        part.len() >= 10 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
    };
    text.starts_with("eyJ")
        && parts.by_ref().take(3).filter(|part| is_part(part)).count() == 3
        && parts.next().is_none()
}

/// The first columns of a table of App Store Connect.
fn report_columns(line: &str) -> Option<String> {
    const COLUMNS: [&str; 12] = [
        "provider",
        "sku",
        "date",
        "app name",
        "app apple identifier",
        "units",
        "vendor number",
        "start date",
        "begin date",
        "title",
        "event",
        "app version",
    ];
    let separator = ['\t', ',', ';'].into_iter().max_by_key(|separator| line.matches(*separator).count())?;
    let columns: Vec<String> =
        line.split(separator).map(|column| column.trim_matches(['"', ' ']).to_ascii_lowercase()).collect();
    let known = columns.iter().filter(|column| COLUMNS.contains(&column.as_str())).count();
    let is_table = columns.len() >= 2 && (known >= 2 || columns.len() >= 4 && known >= 1);
    is_table.then(|| columns[..columns.len().min(3)].join(", "))
}
