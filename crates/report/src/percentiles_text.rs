//! Percentiles over apps, devices, versions or logs, with their method, their n, and what they are not.

use crate::facts::TextStyle;
use crate::grid::{Align, Grid};
use crate::json::write_json;
use crate::number::{self, count, plural};
use crate::safe::{self, csv_cell};
use crate::sentence;
use crate::text::Pen;
use perfpower_analysis::tables::{MixtureRow, Over, PercentileRequest, PercentileRow};
use perfpower_statistics::percentiles::{LEAST_FOR_PERCENTILES, Percentile, Summary};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// The distributions of a request, and what was modelled beside them.
#[derive(Clone, Copy, Debug)]
pub struct Percentiles<'a> {
    /// What was asked for.
    pub request: &'a PercentileRequest,
    /// One per group.
    pub rows: &'a [PercentileRow],
    /// Modelled percentiles of all users; absent = not asked for.
    pub mixtures: Option<&'a [MixtureRow]>,
    /// Rows that are shown for eyes; files have all.
    pub top: usize,
}

/// Writes the tables for a terminal.
pub fn write_percentiles_text(tables: &Percentiles<'_>, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    writeln!(out, "{}", pen.bold(&headline(tables)))?;
    if tables.rows.is_empty() {
        writeln!(out, "{}", nothing(tables.request.over))?;
    } else {
        writeln!(out)?;
        write!(out, "{}", grid(tables).text(pen.width()))?;
        if tables.rows.len() > tables.top {
            writeln!(out, "     … and {} more: --top {}", tables.rows.len() - tables.top, tables.rows.len())?;
        }
    }
    if let Some(ranks) = ranks(tables) {
        writeln!(out, "\n{}\n", pen.heading("Among their peers"))?;
        write!(out, "{}", ranks.text(pen.width()))?;
    }
    if let Some(mixtures) = tables.mixtures {
        writeln!(out, "\n{}\n", pen.heading(MODELLED))?;
        write!(out, "{}", mixture_grid(mixtures, tables.top).text(pen.width()))?;
    }
    writeln!(out)?;
    for note in notes(tables) {
        pen.paragraph_at(&note, "", out)?;
    }
    Ok(())
}

/// Writes the tables as Markdown.
pub fn write_percentiles_markdown(tables: &Percentiles<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## {}\n", headline(tables))?;
    if tables.rows.is_empty() {
        writeln!(out, "{}", nothing(tables.request.over))?;
    } else {
        write!(out, "{}", grid(tables).markdown())?;
        if tables.rows.len() > tables.top {
            writeln!(out, "\n… and {} more", tables.rows.len() - tables.top)?;
        }
    }
    if let Some(ranks) = ranks(tables) {
        writeln!(out, "\n### Among their peers\n")?;
        write!(out, "{}", ranks.markdown())?;
    }
    if let Some(mixtures) = tables.mixtures {
        writeln!(out, "\n### {MODELLED}\n")?;
        write!(out, "{}", mixture_grid(mixtures, tables.top).markdown())?;
    }
    writeln!(out)?;
    for note in notes(tables) {
        writeln!(out, "{note}\n")?;
    }
    Ok(())
}

const MODELLED: &str = "Modelled, not measured: percentiles of all users";

fn headline(tables: &Percentiles<'_>) -> String {
    let distributions = plural(tables.rows.len() as u64, "distribution", "distributions");
    format!("Percentiles over {}: {distributions}", tables.request.over.as_str())
}

fn nothing(over: Over) -> &'static str {
    match over {
        Over::Apps | Over::Versions => "No series passes the filter.",
        Over::Devices => "No device model passes the filter: aggregates are no devices.",
        Over::Logs => "No log says how much was written or how long it took.",
    }
}

/// What the numbers are, and what they are not.
fn notes(tables: &Percentiles<'_>) -> Vec<String> {
    let confidence = number::percent(100.0 * tables.request.confidence);
    let mut notes = vec![format!(
        "Exact, by the R-7 rule (linear between the neighbours, as spreadsheets do); in brackets the {confidence} interval of order \
         statistics, … where so few values have no end. Fewer than {LEAST_FOR_PERCENTILES} values: minimum, median and maximum only."
    )];
    notes.push(
        match tables.request.over {
            Over::Apps => {
                "Each value is one app's percentile of its users at its latest version. Their percentile over apps is that of apps, \
                 each counted once: not that of all users."
            }
            Over::Devices => {
                "Each value is one device model's percentile of its users. Their percentile over devices is that of models, each \
                 counted once: it is not the app's own p50 or p90, which Apple gives as the aggregate."
            }
            Over::Versions => "Each value is that of one version, old ones included: what is usual for the series, not what holds now.",
            Over::Logs => {
                "Each value is what one log says of itself. Apple picks the logs, so this is the distribution of the logs at hand, not \
                 of all events."
            }
        }
        .to_owned(),
    );
    if tables.mixtures.is_some() {
        notes.push(
            "Modelled: each device model's users are taken to be lognormal with its p50 and p90, weighed as given. For sure are the \
             bounds alone."
                .to_owned(),
        );
    }
    notes
}

fn grid(tables: &Percentiles<'_>) -> Grid {
    let request = tables.request;
    let with_app = tables.rows.iter().any(|row| !row.app.is_empty());
    let mut head = vec![("series", Align::Left), ("n", Align::Right), ("min", Align::Right)];
    if with_app {
        head.insert(0, ("app", Align::Left));
    }
    // Few values have a median alone, so p50 is always a column of its own.
    let mut grid = Grid::with_head(
        head.into_iter()
            .map(|(name, align)| (name.to_owned(), align))
            .chain(request.probabilities.iter().map(|p| (probability_name(*p), Align::Right)))
            .chain([("max".to_owned(), Align::Right)])
            .collect(),
    );
    for row in tables.rows.iter().take(tables.top) {
        let mut cells = if with_app { vec![safe::visible_cut(&row.app_name, 24)] } else { Vec::new() };
        cells.push(row_words(row));
        match &row.summary {
            Summary::Nothing => continue,
            Summary::Few { count: n, min, median, max } => {
                cells.extend([count(*n as u64), number::value(*min)]);
                cells.extend(
                    request
                        .probabilities
                        .iter()
                        .map(|p| if (p - 0.5).abs() < 1e-12 { number::value(*median) } else { "–".to_owned() }),
                );
                cells.push(number::value_with_unit(*max, &row.unit_label));
            }
            Summary::Enough { count: n, min, max, percentiles } => {
                cells.extend([count(*n as u64), number::value(*min)]);
                cells.extend(percentiles.iter().map(interval_words));
                cells.push(number::value_with_unit(*max, &row.unit_label));
            }
        }
        grid.row(cells);
    }
    grid
}

/// `1,204 (1,150 to 1,290)`; an end that does not exist is `…`.
fn interval_words(percentile: &Percentile) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "…".to_owned(), number::value);
    let value = number::value(percentile.value);
    match (percentile.lower, percentile.upper) {
        (None, None) => value,
        (lower, upper) => format!("{value} ({} to {})", end(lower), end(upper)),
    }
}

fn probability_name(probability: f64) -> String {
    format!("p{}", number::value(100.0 * probability))
}

/// `launch time, p90, All iPhones`.
fn row_words(row: &PercentileRow) -> String {
    let mut words = if row.percentile_label.is_empty() {
        format!("{} {}", safe::visible(&row.category), safe::visible(&row.metric))
    } else {
        let metric = sentence::metric_words(&row.category, &row.metric);
        format!("{metric}, {}", number::percentile(row.percentile, &row.percentile_label))
    };
    if !row.device_label.is_empty() {
        words.push_str(", ");
        words.push_str(&safe::visible(&row.device_label));
    }
    if !row.platform.is_empty() && row.platform != "iOS" {
        words.push_str(&format!(" ({})", safe::visible(&row.platform)));
    }
    words
}

fn ranks(tables: &Percentiles<'_>) -> Option<Grid> {
    let mut grid = Grid::new(&[
        ("app", Align::Left),
        ("version", Align::Left),
        ("series", Align::Left),
        ("value", Align::Right),
        ("higher than", Align::Right),
        ("of apps", Align::Right),
    ]);
    let mut is_empty = true;
    for row in tables.rows {
        for rank in &row.ranks {
            is_empty = false;
            grid.row(vec![
                safe::visible_cut(&rank.app_name, 24),
                rank.version.clone(),
                row_words(row),
                number::value_with_unit(rank.value, &row.unit_label),
                number::percent(100.0 * rank.rank.mid_rank),
                count(rank.rank.peers as u64),
            ]);
        }
    }
    (!is_empty).then_some(grid)
}

fn mixture_grid(mixtures: &[MixtureRow], top: usize) -> Grid {
    let mut grid = Grid::new(&[
        ("app", Align::Left),
        ("metric", Align::Left),
        ("version", Align::Left),
        ("models", Align::Right),
        ("p50 (bounds)", Align::Right),
        ("p90 (bounds)", Align::Right),
    ]);
    for row in mixtures.iter().take(top) {
        let with_bounds = |value, (low, high): (f64, f64)| {
            format!("≈ {} ({} to {})", number::value(value), number::value(low), number::value(high))
        };
        let (p50, p90) = match &row.outcome {
            Ok(values) => (with_bounds(values.p50, values.p50_bounds), with_bounds(values.p90, values.p90_bounds)),
            Err(reason) => (reason.to_string(), String::new()),
        };
        let models = format!("{} of {}", row.devices.len(), row.devices.len() + row.left_out.len());
        grid.row(vec![
            safe::visible_cut(&row.app_name, 24),
            format!("{}, {}", sentence::metric_words(&row.category, &row.metric), safe::visible(&row.unit_label)),
            row.version.clone(),
            models,
            p50,
            p90,
        ]);
    }
    grid
}

/// Name of the schema, in the key `schema`.
pub(crate) const PERCENTILES_SCHEMA: &str = "perfpower.percentiles/1";

/// The answer of `perfpower percentiles --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PercentilesJson<'a> {
    /// Always `perfpower.percentiles/1`.
    schema: &'static str,
    /// `apps`, `devices`, `versions` or `logs`.
    over: &'static str,
    /// Always `R-7`.
    method: &'static str,
    /// Of the intervals, 0..1.
    confidence: f64,
    distributions: Vec<DistributionJson<'a>>,
    /// Null = not asked for.
    modelled: Option<Vec<ModelledJson<'a>>>,
}

#[derive(Serialize, JsonSchema)]
struct DistributionJson<'a> {
    app: Option<&'a str>,
    platform: Option<&'a str>,
    category: &'a str,
    metric: &'a str,
    /// Null = over all, as are `app` and `platform`.
    device: Option<&'a str>,
    /// 50 or 90 as a number; null where Apple's label has none.
    percentile: Option<f64>,
    percentile_label: Option<&'a str>,
    unit_label: &'a str,
    /// How many values.
    n: usize,
    min: Option<f64>,
    median: Option<f64>,
    max: Option<f64>,
    /// Empty with fewer than five values.
    percentiles: Vec<PercentileJson>,
    /// Where each app asked for stands among its peers.
    ranks: Vec<RankJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct PercentileJson {
    /// Such as 0.9.
    probability: f64,
    value: f64,
    /// Null = so few values have no such end.
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct RankJson<'a> {
    app: &'a str,
    version: &'a str,
    value: f64,
    /// Share of the apps below, ties counted half.
    mid_rank: f64,
    n: usize,
}

#[derive(Serialize, JsonSchema)]
struct ModelledJson<'a> {
    /// Always true.
    modelled: bool,
    app: &'a str,
    platform: Option<&'a str>,
    category: &'a str,
    metric: &'a str,
    unit_label: &'a str,
    version: &'a str,
    devices: &'a [String],
    left_out: &'a [String],
    p50: Option<f64>,
    p50_bounds: Option<(f64, f64)>,
    p90: Option<f64>,
    p90_bounds: Option<(f64, f64)>,
    /// Why there is no number.
    reason: Option<String>,
}

fn text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Writes all rows as JSON: `perfpower.percentiles/1`.
pub fn write_percentiles_json(tables: &Percentiles<'_>, out: &mut impl Write) -> io::Result<()> {
    let distribution = |row: &'_ PercentileRow| -> (usize, [Option<f64>; 3], Vec<PercentileJson>) {
        match &row.summary {
            Summary::Nothing => (0, [None; 3], Vec::new()),
            Summary::Few { count, min, median, max } => (*count, [Some(*min), Some(*median), Some(*max)], Vec::new()),
            Summary::Enough { count, min, max, percentiles } => {
                let median = percentiles.iter().find(|p| (p.probability - 0.5).abs() < 1e-12).map(|p| p.value);
                let percentiles = percentiles.iter().map(|&Percentile { probability, value, lower, upper }| {
                    PercentileJson { probability, value, lower, upper }
                });
                (*count, [Some(*min), median, Some(*max)], percentiles.collect())
            }
        }
    };
    let distributions = tables.rows.iter().map(|row| {
        let (n, [min, median, max], percentiles) = distribution(row);
        DistributionJson {
            app: text(&row.app),
            platform: text(&row.platform),
            category: &row.category,
            metric: &row.metric,
            device: text(&row.device),
            percentile: row.percentile,
            percentile_label: text(&row.percentile_label),
            unit_label: &row.unit_label,
            n,
            min,
            median,
            max,
            percentiles,
            ranks: row
                .ranks
                .iter()
                .map(|rank| RankJson {
                    app: &rank.app,
                    version: &rank.version,
                    value: rank.value,
                    mid_rank: rank.rank.mid_rank,
                    n: rank.rank.peers,
                })
                .collect(),
        }
    });
    let modelled = tables.mixtures.map(|rows| {
        rows.iter()
            .map(|row| {
                let values = row.outcome.as_ref().ok();
                ModelledJson {
                    modelled: true,
                    app: &row.app,
                    platform: text(&row.platform),
                    category: &row.category,
                    metric: &row.metric,
                    unit_label: &row.unit_label,
                    version: &row.version,
                    devices: &row.devices,
                    left_out: &row.left_out,
                    p50: values.map(|values| values.p50),
                    p50_bounds: values.map(|values| values.p50_bounds),
                    p90: values.map(|values| values.p90),
                    p90_bounds: values.map(|values| values.p90_bounds),
                    reason: row.outcome.as_ref().err().map(ToString::to_string),
                }
            })
            .collect()
    });
    write_json(
        &PercentilesJson {
            schema: PERCENTILES_SCHEMA,
            over: tables.request.over.as_str(),
            method: "R-7",
            confidence: tables.request.confidence,
            distributions: distributions.collect(),
            modelled,
        },
        out,
    )
}

/// Writes all rows as CSV: a row per distribution and statistic. What is modelled has the method `lognormal mixture`.
pub fn write_percentiles_csv(tables: &Percentiles<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "over",
        "app",
        "platform",
        "category",
        "metric",
        "device",
        "percentile",
        "percentile_label",
        "unit_label",
        "n",
        "statistic",
        "value",
        "lower",
        "upper",
        "method",
    ])?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for row in tables.rows {
        let mut write = |n: usize, statistic: &str, value: f64, lower, upper, method| {
            csv.write_record([
                tables.request.over.as_str(),
                &*csv_cell(&row.app),
                &csv_cell(&row.platform),
                &csv_cell(&row.category),
                &csv_cell(&row.metric),
                &csv_cell(&row.device),
                &number(row.percentile),
                &csv_cell(&row.percentile_label),
                &csv_cell(&row.unit_label),
                &n.to_string(),
                statistic,
                &value.to_string(),
                &number(lower),
                &number(upper),
                method,
            ])
        };
        match &row.summary {
            Summary::Nothing => {}
            Summary::Few { count, min, median, max } => {
                write(*count, "min", *min, None, None, "exact")?;
                write(*count, "median", *median, None, None, "R-7")?;
                write(*count, "max", *max, None, None, "exact")?;
            }
            Summary::Enough { count, min, max, percentiles } => {
                write(*count, "min", *min, None, None, "exact")?;
                for p in percentiles {
                    write(*count, &probability_name(p.probability), p.value, p.lower, p.upper, "R-7")?;
                }
                write(*count, "max", *max, None, None, "exact")?;
            }
        }
    }
    for row in tables.mixtures.unwrap_or_default() {
        let Ok(values) = &row.outcome else { continue };
        for (statistic, value, (lower, upper)) in
            [("p50", values.p50, values.p50_bounds), ("p90", values.p90, values.p90_bounds)]
        {
            csv.write_record([
                "users",
                &*csv_cell(&row.app),
                &csv_cell(&row.platform),
                &csv_cell(&row.category),
                &csv_cell(&row.metric),
                "",
                "",
                "",
                &csv_cell(&row.unit_label),
                &row.devices.len().to_string(),
                statistic,
                &value.to_string(),
                &lower.to_string(),
                &upper.to_string(),
                "modelled: lognormal mixture",
            ])?;
        }
    }
    csv.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_analysis::tables::AppRank;
    use perfpower_statistics::percentiles::PeerRank;

    fn row(summary: Summary) -> PercentileRow {
        PercentileRow {
            app: String::new(),
            app_name: String::new(),
            platform: "iOS".into(),
            category: "LAUNCH".into(),
            metric: "launchTime".into(),
            device: "all_iphones".into(),
            device_label: "All iPhones".into(),
            percentile_label: "percentile.ninety".into(),
            percentile: Some(90.0),
            unit_label: "ms".into(),
            summary,
            ranks: vec![AppRank {
                app: "a".into(),
                app_name: "=A".into(),
                version: "1.2".into(),
                value: 900.0,
                rank: PeerRank { mid_rank: 0.75, peers: 10 },
            }],
        }
    }

    fn written(summary: Summary, write: impl Fn(&Percentiles<'_>, &mut Vec<u8>) -> io::Result<()>) -> String {
        let request = PercentileRequest {
            over: Over::Apps,
            probabilities: vec![0.5, 0.9],
            confidence: 0.95,
            rank: Vec::new(),
            together: false,
        };
        let rows = [row(summary)];
        let mut out = Vec::new();
        write(&Percentiles { request: &request, rows: &rows, mixtures: None, top: 20 }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn ten() -> Summary {
        Summary::Enough {
            count: 10,
            min: 1.0,
            max: 10.0,
            percentiles: vec![
                Percentile { probability: 0.5, value: 5.5, lower: Some(2.0), upper: Some(9.0) },
                Percentile { probability: 0.9, value: 9.1, lower: Some(7.0), upper: None },
            ],
        }
    }

    #[test]
    fn text_names_the_method_n_and_missing_ends() {
        let text = written(ten(), |tables, out| write_percentiles_text(tables, TextStyle::default(), out));
        assert!(text.contains("R-7") && text.contains("9.1 (7 to …)") && text.contains("launch time, p90"), "{text}");
        assert!(text.contains("75 %") && text.contains("not that of all users"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn few_values_show_no_percentile() {
        let few = Summary::Few { count: 3, min: 1.0, median: 2.0, max: 3.0 };
        let text = written(few.clone(), |tables, out| write_percentiles_text(tables, TextStyle::default(), out));
        assert!(text.contains('–'), "{text}");
        let json = written(few, write_percentiles_json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["distributions"][0]["median"], 2.0);
        assert_eq!(json["distributions"][0]["percentiles"], serde_json::json!([]));
    }

    #[test]
    fn files_have_every_number() {
        let json = written(ten(), write_percentiles_json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["method"], &json["over"]), (&"R-7".into(), &"apps".into()));
        assert_eq!(json["distributions"][0]["percentiles"][1]["upper"], serde_json::Value::Null);
        assert_eq!(json["distributions"][0]["ranks"][0]["mid_rank"], 0.75);
        let csv = written(ten(), write_percentiles_csv);
        assert_eq!(csv.lines().count(), 5);
        assert!(csv.contains("p90,9.1,7,,R-7"), "{csv}");
        let markdown = written(ten(), write_percentiles_markdown);
        assert!(
            markdown.starts_with("## Percentiles over apps") && markdown.contains("| launch time, p90"),
            "{markdown}"
        );
    }
}
