//! Percentiles over apps, devices, versions or logs, with their method, their n, and what they are not.

use super::unread::unread_section;
use super::{Align, Block, Line, Page, Section, Table, rest};
use crate::number::{self, count, plural};
use crate::safe;
use crate::sentence;
use perfpower_analysis::tables::{MixtureRow, Over, PercentileRequest, PercentileRow};
use perfpower_model::InputProblem;
use perfpower_statistics::percentiles::{LEAST_FOR_PERCENTILES, Percentile, Summary};

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
    /// What could not be read, or not wholly.
    pub problems: &'a [InputProblem],
}

/// What `percentiles` says.
pub fn percentiles_page(tables: &Percentiles<'_>) -> Page {
    let mut page = Page { title: headline(tables).into(), ..Page::default() };
    if tables.rows.is_empty() {
        page.lead.push(Line::ours(nothing(tables.request.over)));
    } else {
        let mut blocks = vec![Block::Table(table(tables))];
        let all = Line::from(format!("--top {}", tables.rows.len()));
        blocks.extend(rest(tables.rows.len(), tables.top, &all));
        page.sections.push(Section { blocks, ..Section::default() });
    }
    if let Some(ranks) = ranks(tables) {
        page.sections.push(Section::new(Line::ours("Among their peers"), vec![Block::Table(ranks)]));
    }
    if let Some(mixtures) = tables.mixtures {
        page.sections.push(Section::new(Line::ours(MODELLED), vec![Block::Table(mixture_table(mixtures, tables.top))]));
    }
    let notes = notes(tables).into_iter().map(|note| Block::Paragraph(note.into())).collect();
    page.sections.push(Section { blocks: notes, ..Section::default() });
    page.sections.extend(unread_section(tables.problems));
    page
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

fn table(tables: &Percentiles<'_>) -> Table {
    let request = tables.request;
    let with_app = tables.rows.iter().any(|row| !row.app.is_empty());
    let names_platform = has_several(tables.rows.iter().map(|row| &*row.platform));
    let mut head = vec![("series", Align::Left), ("n", Align::Right), ("min", Align::Right)];
    if with_app {
        head.insert(0, ("app", Align::Left));
    }
    // Few values have a median alone, so p50 is always a column of its own.
    let mut table = Table::with_columns(
        head.into_iter()
            .map(|(name, align)| (name.to_owned(), align))
            .chain(request.probabilities.iter().map(|p| (probability_name(*p), Align::Right)))
            .chain([("max".to_owned(), Align::Right)])
            .collect(),
    );
    for row in tables.rows.iter().take(tables.top) {
        let mut cells = if with_app { vec![safe::visible_cut(&row.app_name, 24)] } else { Vec::new() };
        cells.push(row_words(row, names_platform));
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
                cells.push(number::value_with_unit(*max, row.unit_label.as_deref()));
            }
            Summary::Enough { count: n, min, max, percentiles } => {
                cells.extend([count(*n as u64), number::value(*min)]);
                cells.extend(percentiles.iter().map(interval_words));
                cells.push(number::value_with_unit(*max, row.unit_label.as_deref()));
            }
        }
        table.row(cells);
    }
    table
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

/// `p90`.
pub(crate) fn probability_name(probability: f64) -> String {
    format!("p{}", number::value(100.0 * probability))
}

/// Whether rows are of more than one platform, so that each has to name its own.
fn has_several<'r>(mut platforms: impl Iterator<Item = &'r str>) -> bool {
    let first = platforms.next();
    platforms.any(|platform| Some(platform) != first)
}

/// ` (macOS)`, where it has to be named or is not the usual one.
fn platform_words(platform: &str, is_named: bool) -> String {
    let is_told = !platform.is_empty() && (is_named || platform != "iOS");
    if is_told { format!(" ({})", safe::visible(platform)) } else { String::new() }
}

/// `launch time, p90, All iPhones`.
fn row_words(row: &PercentileRow, names_platform: bool) -> String {
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
    words.push_str(&platform_words(&row.platform, names_platform));
    words
}

fn ranks(tables: &Percentiles<'_>) -> Option<Table> {
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("version", Align::Left),
        ("series", Align::Left),
        ("value", Align::Right),
        ("higher than", Align::Right),
        ("of apps", Align::Right),
    ]);
    let mut is_empty = true;
    let names_platform = has_several(tables.rows.iter().map(|row| &*row.platform));
    for row in tables.rows {
        for rank in &row.ranks {
            is_empty = false;
            table.row(vec![
                safe::visible_cut(&rank.app_name, 24),
                rank.version.clone(),
                row_words(row, names_platform),
                number::value_with_unit(rank.value, row.unit_label.as_deref()),
                number::percent(100.0 * rank.rank.mid_rank),
                count(rank.rank.peers as u64),
            ]);
        }
    }
    (!is_empty).then_some(table)
}

fn mixture_table(mixtures: &[MixtureRow], top: usize) -> Table {
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("metric", Align::Left),
        ("version", Align::Left),
        ("models", Align::Right),
        ("p50 (bounds)", Align::Right),
        ("p90 (bounds)", Align::Right),
    ]);
    let names_platform = has_several(mixtures.iter().map(|row| &*row.platform));
    for row in mixtures.iter().take(top) {
        let with_bounds = |value, (low, high): (f64, f64)| {
            format!("≈ {} ({} to {})", number::value(value), number::value(low), number::value(high))
        };
        let (p50, p90) = match &row.outcome {
            Ok(values) => (with_bounds(values.p50, values.p50_bounds), with_bounds(values.p90, values.p90_bounds)),
            Err(reason) => (reason.to_string(), String::new()),
        };
        let models = format!("{} of {}", row.devices.len(), row.devices.len() + row.left_out.len());
        table.row(vec![
            safe::visible_cut(&row.app_name, 24),
            format!(
                "{}, {}{}",
                sentence::metric_words(&row.category, &row.metric),
                safe::visible(row.unit_label.as_deref().unwrap_or_default()),
                platform_words(&row.platform, names_platform)
            ),
            row.version.clone(),
            models,
            p50,
            p90,
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::percentiles::write_percentiles_csv;
    use crate::facts::TextStyle;
    use crate::json::percentiles::write_percentiles_json;
    use crate::render::{PageFormat, write_page};
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
            unit_label: Some("ms".into()),
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

    fn written(summary: Summary, write: impl Fn(&Percentiles<'_>, &mut Vec<u8>) -> std::io::Result<()>) -> String {
        let request = PercentileRequest {
            over: Over::Apps,
            probabilities: vec![0.5, 0.9],
            confidence: 0.95,
            rank: Vec::new(),
            together: false,
        };
        let rows = [row(summary)];
        let mut out = Vec::new();
        write(&Percentiles { request: &request, rows: &rows, mixtures: None, top: 20, problems: &[] }, &mut out)
            .unwrap();
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
    fn a_platform_is_named_where_there_are_several_or_it_is_another() {
        assert!(has_several(["iOS", "macOS"].into_iter()) && !has_several(["iOS", "iOS"].into_iter()));
        assert!(!has_several(std::iter::empty()));
        assert_eq!((platform_words("iOS", true), platform_words("iOS", false)), (" (iOS)".to_owned(), String::new()));
        assert_eq!((platform_words("macOS", false), platform_words("", true)), (" (macOS)".to_owned(), String::new()));
    }

    #[test]
    fn text_names_the_method_n_and_missing_ends() {
        let text = written(ten(), |tables, out| {
            write_page(&percentiles_page(tables), PageFormat::Text(TextStyle::default()), out)
        });
        assert!(text.contains("R-7") && text.contains("9.1 (7 to …)") && text.contains("launch time, p90"), "{text}");
        assert!(text.contains("75 %") && text.contains("not that of all users"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }

    #[test]
    fn few_values_show_no_percentile() {
        let few = Summary::Few { count: 3, min: 1.0, median: 2.0, max: 3.0 };
        let text = written(few.clone(), |tables, out| {
            write_page(&percentiles_page(tables), PageFormat::Text(TextStyle::default()), out)
        });
        assert!(text.contains('–'), "{text}");
        let json = written(few, |tables, out| write_percentiles_json(tables, crate::JsonLayout::Indented, out));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["distributions"][0]["median"], 2.0);
        assert_eq!(json["distributions"][0]["percentiles"], serde_json::json!([]));
    }

    #[test]
    fn files_have_every_number() {
        let json = written(ten(), |tables, out| write_percentiles_json(tables, crate::JsonLayout::Indented, out));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["method"], &json["over"]), (&"R-7".into(), &"apps".into()));
        assert_eq!(json["distributions"][0]["percentiles"][1]["upper"], serde_json::Value::Null);
        assert_eq!(json["distributions"][0]["ranks"][0]["mid_rank"], 0.75);
        let csv = written(ten(), write_percentiles_csv);
        assert_eq!(csv.lines().count(), 5);
        assert!(csv.contains("p90,9.1,7,,R-7"), "{csv}");
        let markdown = written(ten(), |tables, out| write_page(&percentiles_page(tables), PageFormat::Markdown, out));
        assert!(
            markdown.starts_with("## Percentiles over apps") && markdown.contains("| launch time, p90"),
            "{markdown}"
        );
    }
}
