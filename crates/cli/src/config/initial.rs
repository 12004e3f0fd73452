//! `perfpower init`: a first configuration with budgets from today's values plus slack, commented so that it teaches.

use perfpower_analysis::SeriesLevel;
use perfpower_model::DeviceClass;
use perfpower_report::safe::{acts, visible};
use std::borrow::Cow;
use std::fmt::Write;

/// What a first configuration is made from.
#[derive(Clone, Copy, Debug)]
pub struct Initial<'a> {
    /// (key, name for eyes) of each app, sorted by key.
    pub apps: &'a [(String, String)],
    /// Where the series stand today.
    pub levels: &'a [SeriesLevel],
    /// Percent that a budget leaves above the sure upper end of today's level.
    pub slack_percent: f64,
}

/// Budgets beyond this many are left out and counted: a file that nobody reads holds nobody to anything. Arbitrary.
const MOST_BUDGETS: usize = 200;

/// Apps beyond this many are left out and counted. Arbitrary.
const MOST_APPS: usize = 100;

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
    for (key, name) in initial.apps.iter().take(MOST_APPS) {
        writeln!(out, "\n[apps.{}]", quoted(key))?;
        writeln!(out, "name = {}", quoted(name))?;
        out.push_str("# weight = 1.0                        # its share in the ranking, such as its share of users\n");
        out.push_str("# aliases = [\"1234567890\"]            # other keys of the same app\n");
        out.push_str("# releases = { \"1.0\" = 2026-03-01 }   # where the first snapshot is not the release day\n");
    }
    if initial.apps.len() > MOST_APPS {
        writeln!(
            out,
            "\n# {} further apps are left out here; they are judged all the same.",
            initial.apps.len() - MOST_APPS
        )?;
    }
    out.push_str(REGRESSIONS);
    writeln!(out, "\n# --- budgets: today's values plus {} % ---", initial.slack_percent)?;
    out.push_str(BUDGETS);
    let budgets: Vec<&SeriesLevel> = initial
        .levels
        .iter()
        .filter(|level| {
            DeviceClass::of(&level.series.device).is_aggregate() && bound(level, initial.slack_percent).is_some()
        })
        .collect();
    for level in budgets.iter().take(MOST_BUDGETS) {
        let Some(bound) = bound(level, initial.slack_percent) else { continue };
        let series = &level.series;
        let metric = format!("{}/{}", series.category, series.metric);
        let percentile =
            level.percentile.map_or_else(|| series.percentile_label.clone(), |number| format!("p{number}"));
        let name = [&series.app, &series.platform, &metric, &series.device, &percentile];
        let name: Vec<&str> = name.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        writeln!(out, "\n[[rule]]\nname = {}", quoted(&name.join(" ")))?;
        writeln!(out, "app = {}", quoted(&series.app))?;
        if !series.platform.is_empty() {
            writeln!(out, "platform = {}", quoted(&series.platform))?;
        }
        writeln!(out, "metric = {}", quoted(&metric))?;
        writeln!(out, "device = {}", quoted(&series.device))?;
        writeln!(out, "percentile = {}", quoted(&series.percentile_label))?;
        let side = if level.higher_is_better { "min" } else { "max" };
        write!(out, "{side} = {bound}")?;
        writeln!(out, "  # {} in {}", shortest(level.level), comment(&level.version))?;
        if let Some(unit) = &level.unit_label {
            writeln!(out, "unit = {}", quoted(unit))?;
        }
    }
    if budgets.len() > MOST_BUDGETS {
        writeln!(
            out,
            "\n# {} further budgets are left out; run `perfpower init --app KEY` for one app.",
            budgets.len() - MOST_BUDGETS
        )?;
    }
    out.push_str(TAIL);
    Ok(())
}

/// The budget of a series: the end of its interval that is worse, plus slack, rounded so that today's level passes.
fn bound(level: &SeriesLevel, slack_percent: f64) -> Option<f64> {
    let [low, high] = level.ci;
    let slack = slack_percent / 100.0;
    let bound = if level.higher_is_better {
        round(low.min(level.level) / (1.0 + slack), f64::floor)
    } else {
        round(high.max(level.level) * (1.0 + slack), f64::ceil)
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

const REGRESSIONS: &str = "
# --- regressions ---
# A rule trips on evidence: the whole interval lies beyond the bound. `strict = true` goes by the plain value.
# `mode = \"inform\"` tells without tripping. Field data lag a release by days: what has none yet is \"not enough data\".

# For a release: nothing that the latest version itself made worse.
[[rule]]
name = \"no new regression\"
no_regression = \"latest\"              # or \"open\", or \"any\"

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
