//! `perfpower init`: a first configuration with budgets from today's values plus slack, commented so that it teaches.

use perfpower_analysis::{Finding, SeriesLevel};
use perfpower_model::DeviceClass;
use perfpower_report::safe::{acts, visible};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What a first configuration is made from.
#[derive(Clone, Copy, Debug)]
pub struct Initial<'a> {
    /// (key, name for eyes) of each app, sorted by key.
    pub apps: &'a [(String, String)],
    /// Where the series stand today.
    pub levels: &'a [SeriesLevel],
    /// Regressions that are still open: no budget is made of what they made of a series.
    pub open: &'a [&'a Finding],
    /// Percent that a budget leaves above the sure upper end of today's level.
    pub slack_percent: f64,
}

/// Budgets beyond this many are left out and counted: a file that nobody reads holds nobody to anything. Arbitrary.
const MOST_BUDGETS: usize = 60;

/// Apps beyond this many have no section of their own: about what fits on a page beside the rules. Arbitrary.
const MOST_APPS: usize = 8;

/// Significant digits of a budget; it is rounded away from today's level.
const DIGITS: i32 = 3;

/// Writes the file.
pub fn render_initial(initial: &Initial<'_>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_initial(&mut out, initial);
    out
}

fn write_initial(out: &mut String, initial: &Initial<'_>) -> std::fmt::Result {
    out.push_str(HEAD);
    out.push_str(APPS);
    if initial.apps.len() <= MOST_APPS {
        for (key, name) in initial.apps {
            writeln!(out, "[apps.{}]\nname = {}", quoted(key), quoted(name))?;
        }
    } else {
        writeln!(out, "# {} apps are judged; each may have such a section.", initial.apps.len())?;
    }
    out.push_str(REGRESSIONS);
    writeln!(out, "\n# --- budgets: today's values plus {} % ---", initial.slack_percent)?;
    out.push_str(BUDGETS);
    let stands: Vec<Stand<'_>> = initial
        .levels
        .iter()
        .filter(|level| DeviceClass::of(&level.series.device).is_aggregate())
        .filter_map(|level| Stand::of(level, initial))
        .collect();
    let apps: BTreeSet<&str> = stands.iter().map(|stand| stand.level.series.app.as_str()).collect();
    let budgets = if apps.len() > 1 { of_all_apps(&stands, initial) } else { of_one_app(&stands) };
    if apps.len() > 1 {
        writeln!(
            out,
            "# Each holds all {} measured apps to the worst of them, at the highest percentile. Those of one app, device by device:\n\
             # perfpower init ARCHIVE --app KEY",
            apps.len()
        )?;
    }
    for budget in budgets.iter().take(MOST_BUDGETS) {
        write!(out, "\n{budget}")?;
    }
    if budgets.len() > MOST_BUDGETS {
        writeln!(out, "\n# {} further budgets are left out.", budgets.len() - MOST_BUDGETS)?;
    }
    out.push_str(TAIL);
    Ok(())
}

/// Where a series stands, without what an open regression did to it, and the budget that this gives.
struct Stand<'a> {
    level: &'a SeriesLevel,
    bound: f64,
    /// In words, for a comment.
    words: String,
}

impl<'a> Stand<'a> {
    fn of(level: &'a SeriesLevel, initial: &Initial<'_>) -> Option<Self> {
        let now = format!("{} in {}", shortest(level.level), comment(&level.version));
        let Some((percent, version)) = initial.open.iter().find_map(|finding| worsening(finding, level)) else {
            return Some(Self { level, bound: bound(level, 1.0, initial.slack_percent)?, words: now });
        };
        let before = 1.0 / (1.0 + percent / 100.0);
        let words = format!(
            "{} before the regression of {} that is open, {now}: trips until it is mended",
            shortest(level.level * before),
            comment(version)
        );
        Some(Self { level, bound: bound(level, before, initial.slack_percent)?, words })
    }

    fn metric(&self) -> String {
        format!("{}/{}", self.level.series.category, self.level.series.metric)
    }

    fn percentile(&self) -> String {
        let level = self.level;
        level.percentile.map_or_else(|| level.series.percentile_label.clone(), |number| format!("p{number}"))
    }
}

/// By how much an open regression moved a series, in percent, and the version that brought it.
fn worsening<'a>(finding: &'a Finding, level: &SeriesLevel) -> Option<(f64, &'a str)> {
    let (of, is) = (&level.series, &finding.series);
    let key =
        |series: &'a perfpower_analysis::SeriesName| [&series.app, &series.platform, &series.category, &series.metric];
    if key(is) != [&of.app, &of.platform, &of.category, &of.metric] {
        return None;
    }
    let change = if is == of {
        finding.change
    } else {
        finding.also.iter().find(|own| own.device == of.device && own.percentile_label == of.percentile_label)?.change
    };
    Some((change.percent().filter(|percent| *percent > -100.0)?, &finding.version))
}

/// One for each series.
fn of_one_app(stands: &[Stand<'_>]) -> Vec<String> {
    let budget = |stand: &Stand<'_>| {
        let series = &stand.level.series;
        let (metric, percentile) = (stand.metric(), stand.percentile());
        let name = [&series.app, &series.platform, &metric, &series.device, &percentile];
        let name: Vec<&str> = name.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let app = format!("app = {}\n", quoted(&series.app));
        rule(&name.join(" "), &app, stand, &quoted(&series.device), &stand.words)
    };
    stands.iter().map(budget).collect()
}

/// One for each metric, at its highest percentile: what the worst app has.
fn of_all_apps(stands: &[Stand<'_>], initial: &Initial<'_>) -> Vec<String> {
    let mut metrics: BTreeMap<(String, &str, Option<&str>), Vec<&Stand<'_>>> = BTreeMap::new();
    for stand in stands {
        let key = (stand.metric(), stand.level.series.platform.as_str(), stand.level.unit_label.as_deref());
        metrics.entry(key).or_default().push(stand);
    }
    let budget = |((metric, platform, _), stands): ((String, &str, Option<&str>), Vec<&Stand<'_>>)| {
        let height = |stand: &&Stand<'_>| stand.level.percentile.unwrap_or(f64::NEG_INFINITY);
        let highest = stands.iter().map(height).fold(f64::NEG_INFINITY, f64::max);
        let stands: Vec<&Stand<'_>> = stands.into_iter().filter(|stand| height(stand) >= highest).collect();
        let worse = |stand: &&&Stand<'_>| if stand.level.higher_is_better { -stand.bound } else { stand.bound };
        let worst = stands.iter().max_by(|a, b| worse(a).total_cmp(&worse(b)))?;
        let devices: BTreeSet<&str> = stands.iter().map(|stand| stand.level.series.device.as_str()).collect();
        let devices: Vec<String> = devices.into_iter().map(quoted).collect();
        let percentile = worst.percentile();
        let name: Vec<&str> = [platform, &metric, &percentile].into_iter().filter(|part| !part.is_empty()).collect();
        let app = &worst.level.series.app;
        let app = initial.apps.iter().find(|(key, _)| key == app).map_or(app, |(_, name)| name);
        let words = format!("{}, {}", comment(app), worst.words);
        Some(rule(&name.join(" "), "", worst, &format!("[{}]", devices.join(", ")), &words))
    };
    metrics.into_iter().filter_map(budget).collect()
}

fn rule(name: &str, app: &str, stand: &Stand<'_>, devices: &str, words: &str) -> String {
    let series = &stand.level.series;
    let platform =
        if series.platform.is_empty() { String::new() } else { format!("platform = {}\n", quoted(&series.platform)) };
    let side = if stand.level.higher_is_better { "min" } else { "max" };
    let unit = stand.level.unit_label.as_ref().map_or_else(String::new, |unit| format!("unit = {}\n", quoted(unit)));
    format!(
        "[[rule]]\nname = {}\n{app}{platform}metric = {}\ndevice = {devices}\npercentile = {}\n{side} = {}  # {words}\n{unit}",
        quoted(name),
        quoted(&stand.metric()),
        quoted(&series.percentile_label),
        stand.bound
    )
}

/// The budget of a series: the end of its interval that is worse, plus slack, rounded so that today's level passes.
/// `before` is what to multiply with to undo an open regression, 1 where there is none.
fn bound(level: &SeriesLevel, before: f64, slack_percent: f64) -> Option<f64> {
    let [low, high] = level.ci;
    let slack = slack_percent / 100.0;
    let bound = if level.higher_is_better {
        round(low.min(level.level) * before / (1.0 + slack), f64::floor)
    } else {
        round(high.max(level.level) * before * (1.0 + slack), f64::ceil)
    };
    bound.is_finite().then_some(bound)
}

fn round(value: f64, direction: fn(f64) -> f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = DIGITS - 1 - value.abs().log10().floor() as i32;
    // A power of ten with a positive exponent is exact; dividing by it gives the decimal that was meant.
    if exponent >= 0 {
        let scale = 10_f64.powi(exponent);
        direction(value * scale) / scale
    } else {
        let scale = 10_f64.powi(-exponent);
        direction(value / scale) * scale
    }
}

/// At most four significant digits, for a comment.
fn shortest(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// A basic TOML string. What acts on a terminal is escaped: the file is also read there.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            acting if acts(acting) => {
                let code = u32::from(acting);
                let _ = if code > 0xffff { write!(out, "\\U{code:08X}") } else { write!(out, "\\u{code:04X}") };
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A text inside a comment: a comment ends at a control character.
fn comment(text: &str) -> Cow<'_, str> {
    visible(text)
}

const HEAD: &str = "\
# What perfpower knows of your apps, and what `perfpower check` holds them to.
# It is found in the current directory or above, or with --config. One in the root of an archive may say layout, names, aliases and
# releases of apps, and nothing by which the archive is judged.

# Where app and day stand in the paths of the archive; inferred where absent.
# layout = \"{app}/{snapshot}/{kind}.json\"
";

const APPS: &str = "
# --- apps: by the key that `perfpower inspect` shows ---
# [apps.\"com.example.app\"]
# name = \"Example\"
# weight = 1.0                         # its share in the ranking, such as its share of users
# aliases = [\"1234567890\"]           # other keys of the same app
# releases = { \"1.0\" = 2026-03-01 }  # where the first snapshot is not the release day

";

const REGRESSIONS: &str = "
# --- regressions ---
# A rule trips on evidence: the whole interval lies beyond the bound. `strict = true` goes by the plain value.
# `mode = \"inform\"` tells without tripping. Field data lag a release by days: what has none yet is \"not enough data\".

# For a release: nothing that the latest version itself made worse.
[[rule]]
name = \"no new regression\"
no_regression = \"latest\"              # or \"open\", \"any\", or \"new\" (against the report of --since)

# The data themselves: new enough, and of the release that is to be judged. What cannot be read is never passed: a rule whose newest
# download was skipped, damaged or empty is \"not judged\", and the exit code is 5.
[[rule]]
name = \"fresh data\"
newest_within = \"14 days\"
mode = \"inform\"

# [[rule]]
# name = \"the release is there\"
# has_version = \"4.2\"

# For a nightly run: what is still open may not pile up.
[[rule]]
name = \"open regressions\"
max_open_regressions = 10
per = \"app\"                           # or \"archive\"
mode = \"inform\"

# Against a version that was good:
# [[rule]]
# name = \"as good as 4.0\"
# category = \"LAUNCH\"
# no_worse_than = \"4.0\"
# percent = 5

# Within Apple's goals, where Apple gives them:
# [[rule]]
# name = \"goals\"
# goal = \"good\"                       # a goal label, or \"recommended\"
# mode = \"inform\"
";

const BUDGETS: &str = "\
# `app`, `platform`, `category`, `metric`, `device` and `percentile` take a text or a list; `*` stands for anything.
";

const TAIL: &str = "
# --- owners: whose code is whose, in `diagnostics` and in `report` ---
# All patterns of a rule must fit the frame, and the first rule that fits decides.
# [[owner]]
# team = \"storage\"
# binary = \"ExampleApp\"               # `binary`, `symbol`, `file`, or `pattern` for any of the three
# file = \"*/Storage/*\"

# --- waivers: breaches that are accepted, for a reason and until a day ---
# [[waiver]]
# rule = \"no new regression\"
# metric = \"LAUNCH/launchTime\"
# reason = \"new onboarding, mended in the next version\"
# until = 2026-12-31
";
