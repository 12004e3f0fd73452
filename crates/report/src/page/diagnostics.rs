//! Which code is to blame, and what is new or grown in it.

use super::outline::{OutlineItem, OutlineLimits, outline};
use super::unread::unread_section;
use super::{Align, Block, Entry, Line, Page, Section, Table, rest};
use crate::command_line::CommandLine;
use crate::number::{self, count, percent, plural};
use crate::safe::shortened;
use perfpower_model::InputProblem;
use perfpower_model::version;
use perfpower_stacks::{Amounts, StacksApp, StacksView, signature_name};
use perfpower_stacks::{
    Axis, CONFIDENCE, Difference, Dimension, Evidence, FollowedSignature, FoundAdvice, MIN_LOGS_A_SIDE, MovedPath,
    Movement, Ranked, RankedFrame, Ranking, Release, StackFrame, StackLosses, UnreadAmount, WeightSum, blame_frame,
};
use perfpower_statistics::percentiles::{LEAST_FOR_PERCENTILES, Summary};
use std::borrow::Cow;

/// Weights of a signature that a line shows, the newest last.
const SHOWN_WEIGHTS: usize = 4;
/// Remarks on weights and pages before it is said how many more there are.
const SHOWN_REMARKS: usize = 3;
/// Frames of a path that a line names.
const SHOWN_FRAMES: usize = 5;

/// What `diagnostics` says; `typed` are the archive and the filters as they were typed.
pub fn diagnostics_page(view: &StacksView, typed: &CommandLine) -> Page {
    let mut sections = sections(view);
    sections.extend(unread_section(&view.problems));
    Page { title: summary(view).into(), sections, next: Some(next_command(view, typed)), ..Page::default() }
}

/// `Almanac: 4 logs with 51 samples (disk writes 4), 2 signatures, version 6.10.1`.
fn summary(view: &StacksView) -> String {
    let types: Vec<String> =
        view.types.iter().map(|&(of, logs)| format!("{} {}", of.words(), count(logs as u64))).collect();
    let (apps, versions) = match view.apps.as_slice() {
        [only] => {
            let named = only.versions.iter().flatten().collect::<Vec<_>>();
            let versions = match named.as_slice() {
                [] => String::new(),
                [only] => format!(", version {only}"),
                several if releases(view, &only.app).any(|release| !release.is_ordered) => {
                    format!(", {} builds", several.len())
                }
                [first, .., last] => format!(", {} versions {first} to {last}", named.len()),
            };
            (only.name.clone(), versions)
        }
        apps => (plural(apps.len() as u64, "app", "apps"), String::new()),
    };
    format!(
        "{apps}: {} with {}{}, {}{versions}",
        plural(view.logs as u64, "log", "logs"),
        plural(view.samples, "sample", "samples"),
        if types.is_empty() { String::new() } else { format!(" ({})", types.join(", ")) },
        plural(view.signatures.len() as u64, "signature", "signatures"),
    )
}

/// Everything, in the order it is read.
fn sections(view: &StacksView) -> Vec<Section> {
    let mut sections = Vec::new();
    if let Some((from, to, difference)) = &view.difference {
        sections.push(difference_section(view, from, to, difference));
    }
    sections.extend(signatures_section(view));
    if view.logs == 0 {
        let no_logs =
            "No logs: signatures say how much, only logs say where. Save `diagnosticSignatures/{id}/logs` too.";
        sections.push(Section::new(Line::ours("Call stacks"), vec![says(Line::ours(no_logs))]));
        return sections;
    }
    match &view.groups {
        _ if view.difference.is_some() => {}
        Some((by, _)) => sections.push(groups_section(view, *by)),
        None => {
            sections.push(ranking_section(view));
            sections.push(paths_section(view));
        }
    }
    sections.extend(advice_section(view));
    sections.extend(amounts_section(view));
    sections.extend(losses_section(view));
    sections
}

fn says(text: impl Into<Line>) -> Block {
    Block::Paragraph(text.into())
}

fn part(title: String) -> Block {
    Block::Part(title.into())
}

/// One thing with its figure, and what is to be said of it.
fn entry(title: String, figure: String, lines: Vec<String>) -> Block {
    let lines = lines.into_iter().map(Line::from).collect();
    Block::Entry(Entry { title: title.into(), figure, lines, ..Entry::default() })
}

/// The command that goes on from here.
fn next_command(view: &StacksView, typed: &CommandLine) -> CommandLine {
    let command = CommandLine::perfpower("diagnostics").then(typed);
    let compare = |command: CommandLine, from: &str, to: &str| command.option("--from", from).option("--to", to);
    let image = |command: CommandLine, name: &str| command.option("--format", "flamegraph").option("--output", name);
    // A version without a name cannot be asked for.
    if let Some((from, to, difference)) = &view.difference {
        if difference.evidence == Evidence::Enough && !from.is_empty() && !to.is_empty() {
            return image(compare(command, from, to), "difference.svg");
        }
        return command.option("--by", "version");
    }
    let compared = view.apps.iter().find_map(|app| Some((app, last_two_versions(app)?)));
    match compared {
        Some((app, (from, to))) if view.apps.len() > 1 => compare(command.option("--app", &app.app), from, to),
        Some((_, (from, to))) => compare(command, from, to),
        None if view.logs > 0 => image(command, "stacks.svg"),
        None => CommandLine::perfpower("diagnostics").then(typed).option("--format", "json"),
    }
}

/// The newest version with enough logs for a claim, and the one with enough before it.
fn last_two_versions(app: &StacksApp) -> Option<(&str, &str)> {
    let versions = app.versions.iter().map(Option::as_deref).zip(&app.logs);
    let mut enough = versions.filter(|(_, logs)| **logs >= MIN_LOGS_A_SIDE).map(|(version, _)| version);
    let newest = enough.next_back()?;
    Some((enough.next_back()??, newest?))
}

pub(crate) fn axis_word(axis: Axis) -> &'static str {
    match axis {
        Axis::App => "app",
        Axis::Signature => "signature",
        Axis::Type => "type",
        Axis::Version => "version",
        Axis::Build => "build",
        Axis::Device => "device",
        Axis::DeviceFamily => "device_family",
        Axis::Os => "os",
    }
}

/// Nothing at all is not a rounded little.
fn share(part: f64) -> String {
    if part <= 0.0 { "0 %".to_owned() } else { percent(100.0 * part) }
}

fn group_words(group: Option<&String>) -> String {
    group.map_or("not said", String::as_str).to_owned()
}

fn left_out(total: usize, shown: usize) -> Option<Block> {
    rest(total, shown, &format!("--top {total}").into())
}

// Signatures

fn signatures_section(view: &StacksView) -> Option<Section> {
    if view.signatures.is_empty() {
        return None;
    }
    let mut rows: Vec<&FollowedSignature> = view.signatures.iter().collect();
    // What moved comes first; the order within is that of the analysis.
    match &view.difference {
        Some((from, to, _)) => {
            let change = |row: &FollowedSignature| {
                let weight = |version| row.sighted_in(version).and_then(|sighting| sighting.weight).unwrap_or(0.0);
                (weight(to) - weight(from)).abs()
            };
            rows.sort_by(|left, right| change(right).total_cmp(&change(left)));
        }
        None => rows.sort_by_key(|signature| match signature.movement {
            Some(Movement::New) => 0,
            Some(Movement::Grown) => 1,
            Some(Movement::Same) | None => 2,
            Some(Movement::Shrunk) => 3,
            Some(Movement::Gone) => 4,
        }),
    }
    let mut blocks: Vec<Block> = rows.iter().take(view.top).map(|row| signature_item(view, row)).collect();
    blocks.extend(left_out(rows.len(), view.top));
    blocks.extend(order_remarks(view));
    blocks.extend(weight_remarks(view));
    let what = match &view.difference {
        Some((from, to, _)) => format!("weights of {from} → {to}"),
        None => "weights up to the newest version".to_owned(),
    };
    Some(Section::new(format!("Signatures over builds ({}), {what}", rows.len()), blocks))
}

fn signature_item(view: &StacksView, signature: &FollowedSignature) -> Block {
    let app = view.apps.iter().find(|app| app.app == signature.app);
    let newest = match &view.difference {
        Some((from, to, _)) => signature.sighted_in(to).or_else(|| signature.sighted_in(from)),
        None => signature.sightings.last(),
    };
    // Enough of an id to name it to `--signature`.
    let id = newest.and_then(|sighting| sighting.ids.first()).map(|id| id.chars().take(8).collect::<String>());
    let mut words: Vec<String> = id.into_iter().collect();
    if view.apps.len() > 1 {
        words.push(app.map_or_else(|| signature.app.clone(), |app| app.name.clone()));
    }
    words.push(signature.diagnostic_type.words().to_owned());
    words.extend(first_seen(view, signature));
    if let Some(sighting) = newest {
        words.extend(sighting.place().map(|place| format!("at {place}")));
        words.extend(sighting.count.map(|times| format!("seen {} ×", count(times))));
    }
    words.extend(apple_words(signature));
    let moved = signature.movement.map_or_else(String::new, |movement| format!("{}  ", movement.as_str()));
    let weights = format!("{moved}{}", weights(view, signature));
    entry(signature_name(signature.shown().as_deref()).to_owned(), weights, vec![words.join(" · ")])
}

/// Where an app's signatures of the type are older than this one.
fn first_seen(view: &StacksView, signature: &FollowedSignature) -> Option<String> {
    let first = &signature.sightings.first()?.version;
    let is_first = |release: &&Release| release.version == *first;
    let is_ordered = releases(view, &signature.app).find(is_first).is_some_and(|release| release.is_ordered);
    let mut before = releases(view, &signature.app).take_while(|release| !is_first(release));
    let is_older = before.any(|release| {
        view.weight_sums.iter().any(|sum| {
            (&sum.app, &sum.version, sum.diagnostic_type)
                == (&signature.app, &release.version, signature.diagnostic_type)
        })
    });
    (is_ordered && is_older).then(|| format!("first seen in {first}"))
}

/// What signatures of an app are known of, oldest first.
fn releases<'a>(view: &'a StacksView, app: &'a str) -> impl DoubleEndedIterator<Item = &'a Release> {
    view.releases.iter().filter(move |release| release.app == app)
}

/// Apple's trend beside ours, of the same two versions.
fn apple_words(signature: &FollowedSignature) -> Option<String> {
    let trend = signature.apple_trend.as_deref()?;
    Some(match signature.apple_agrees {
        Some(true) => format!("Apple: {trend}, agrees"),
        Some(false) => format!("Apple: {trend}, differs"),
        None => format!("Apple: {trend}"),
    })
}

/// `20 → 19 → 61 %`; a version without the signature is a dash, and a slash stands where nothing tells which came first.
fn weights(view: &StacksView, signature: &FollowedSignature) -> String {
    let weight = |wanted: &str| match signature.sighted_in(wanted).map(|sighting| sighting.weight) {
        None => "–".to_owned(),
        Some(None) => "?".to_owned(),
        Some(Some(weight)) => format!("{:.0}", 100.0 * weight),
    };
    if let Some((from, to, _)) = &view.difference {
        return format!("{} → {} %", weight(from), weight(to));
    }
    let known: Vec<&Release> = releases(view, &signature.app)
        .filter(|release| {
            view.weight_sums.iter().any(|sum| (&sum.app, &sum.version) == (&release.app, &release.version))
                || signature.sighted_in(&release.version).is_some()
        })
        .collect();
    let mut weights = String::new();
    for release in &known[known.len().saturating_sub(SHOWN_WEIGHTS)..] {
        if !weights.is_empty() {
            weights.push_str(if release.is_ordered { " → " } else { " / " });
        }
        weights.push_str(&weight(&release.version));
    }
    format!("{weights} %")
}

/// Builds of which nothing tells the order, among the last that movements are about.
fn order_remarks(view: &StacksView) -> Vec<Block> {
    if view.difference.is_some() {
        return Vec::new();
    }
    let mut remarks = Vec::new();
    for app in &view.apps {
        let releases: Vec<&Release> = releases(view, &app.app).collect();
        // The newest two, each with the one that may stand in its place.
        let last = &releases[releases.len().saturating_sub(3)..];
        let unknown: Vec<&[&Release]> = last.windows(2).filter(|pair| !pair[1].is_ordered).collect();
        let Some(pair) = unknown.last() else { continue };
        let whose = if view.apps.len() > 1 { format!(" of {}", app.name) } else { String::new() };
        remarks.push(says(format!(
            "The order of builds{whose} is unknown: nothing tells whether {} or {} came first, so nothing is called new, gone, \
             grown or shrunk. Give --layout with {{version}} where the path has it, or save the logs of their signatures \
             beside; --from and --to compare any two.",
            pair[0].version, pair[1].version
        )));
    }
    remarks
}

/// Missing pages, and weights that do not sum up to 1, of the newest version of each app.
fn weight_remarks(view: &StacksView) -> Vec<Block> {
    let newest: Vec<&WeightSum> = view
        .weight_sums
        .iter()
        .filter(|sum| match &view.difference {
            Some((from, to, _)) => [from, to].iter().any(|wanted| version::compare(&sum.version, wanted).is_eq()),
            // They are in order of release.
            None => view
                .weight_sums
                .iter()
                .rfind(|other| other.app == sum.app)
                .is_some_and(|last| last.version == sum.version),
        })
        .collect();
    let mut remarks: Vec<String> = newest
        .chunk_by(|one, next| (&one.app, &one.version) == (&next.app, &next.version))
        .flat_map(|sums| weight_remarks_of_version(view, sums))
        .collect();
    let more = remarks.len().saturating_sub(SHOWN_REMARKS);
    remarks.truncate(SHOWN_REMARKS);
    if more > 0 {
        remarks.push(format!("… and {more} more like these: --format json"));
    }
    remarks.into_iter().map(says).collect()
}

/// `sums` are of one app and version and not empty.
fn weight_remarks_of_version(view: &StacksView, sums: &[&WeightSum]) -> Vec<String> {
    let words = |sum: &&&WeightSum| format!("{} {}", sum.diagnostic_type.words(), share(sum.sum));
    let partial: Vec<String> = sums.iter().filter(|sum| !sum.is_complete).map(|sum| words(&sum)).collect();
    let other: Vec<String> = sums.iter().filter(|sum| sum.is_complete && !sum.is_one).map(|sum| words(&sum)).collect();
    let app = match view.apps.as_slice() {
        [_] => String::new(),
        apps => {
            let app = &sums[0].app;
            format!("{} ", apps.iter().find(|known| known.app == *app).map_or(app, |known| &known.name))
        }
    };
    let version = if sums[0].version.is_empty() { "of an unnamed version" } else { &sums[0].version };
    let mut remarks = Vec::new();
    if !partial.is_empty() {
        remarks.push(format!(
            "{app}{version}: pages of signatures are missing, so none of these is called new or gone; what is there weighs \
             {}.",
            partial.join(", ")
        ));
    }
    if !other.is_empty() {
        remarks.push(format!("{app}{version}: the weights do not sum up to 100 %: {}.", other.join(", ")));
    }
    remarks
}

// Frames

fn ranking_section(view: &StacksView) -> Section {
    let mut blocks = Vec::new();
    let rows = &view.ranking.frames;
    if rows.is_empty() {
        let none = "Apple holds no frame of these logs against the app. `--frames all` ranks all frames.";
        blocks.push(says(Line::ours(none)));
    } else if view.owners.is_empty() {
        blocks.push(Block::Table(frames_table(rows.iter().take(view.top))));
        blocks.extend(left_out(rows.len(), view.top));
    } else {
        for cost in &view.owners {
            let owner = cost.owner.as_deref().unwrap_or("nobody's");
            blocks.push(part(format!(
                "{owner}: {} self in {}",
                share(cost.own_share),
                plural(cost.frames.len() as u64, "frame", "frames")
            )));
            blocks.push(Block::Table(frames_table(cost.frames.iter().take(view.top).map(|&at| &rows[at]))));
            blocks.extend(left_out(cost.frames.len(), view.top));
        }
    }
    Section::new(ranking_title(view.ranked, rows.len()), blocks)
}

fn ranking_title(ranked: Ranked, frames: usize) -> String {
    let what = match ranked {
        Ranked::Blame => "Blame frames",
        Ranked::Advised => "Frames with advice",
        Ranked::All => "Frames",
    };
    format!("{what} ({}), by inclusive samples", count(frames as u64))
}

fn frames_table<'a>(rows: impl Iterator<Item = &'a RankedFrame>) -> Table {
    let mut table = Table::new(&[
        ("inclusive", Align::Right),
        ("self", Align::Right),
        ("logs", Align::Right),
        ("function", Align::Left),
        ("binary", Align::Left),
        ("place", Align::Left),
    ]);
    for row in rows {
        let more = row.places.len().saturating_sub(1);
        let more = if more > 0 { format!(" +{more}") } else { String::new() };
        table.row(vec![
            share(row.inclusive_share),
            share(row.own_share),
            count(row.logs),
            row.frame.name.clone(),
            row.frame.binary.clone().unwrap_or_default(),
            format!("{}{more}", row.frame.place().unwrap_or_default()),
        ]);
    }
    table
}

fn paths_section(view: &StacksView) -> Section {
    let tree = &view.tree;
    let total = tree.total().max(1) as f64;
    let of = |samples: u64| share(samples as f64 / total);
    let mut lines = vec![format!("{:>7} {:>7}", "incl.", "self")];
    lines.extend(outline(tree, &OutlineLimits::default()).into_iter().map(|line| {
        let indent = "  ".repeat(line.level);
        match line.what {
            OutlineItem::Frame { node, is_first } => {
                let inclusive = if is_first { of(tree.inclusive[node]) } else { String::new() };
                let own = if tree.own[node] > 0 { of(tree.own[node]) } else { String::new() };
                format!("{inclusive:>7} {own:>7}  {indent}{}", marked(tree.frame_of(node)))
            }
            OutlineItem::Between { frames } => {
                format!("{:>7} {:>7}  {indent}  … {}", "", "", plural(frames as u64, "frame", "frames"))
            }
            OutlineItem::More { branches, inclusive } => {
                let branches = plural(branches as u64, "path", "paths").replacen(' ', " more ", 1);
                format!("{:>7} {:>7}  {indent}… {branches}", of(inclusive), "")
            }
        }
    }));
    let legend = "* = Apple holds the app responsible, [category] = Apple has advice. One step in where paths part; what does not \
                  branch stands on one level.";
    Section::new(Line::ours("Hot paths"), vec![says(Line::ours(legend)), Block::Fixed(lines)])
}

/// `* -[SkyTable read:]  SkyTable.m:157`.
fn marked(frame: &StackFrame) -> String {
    let mark = if frame.is_blame { "* " } else { "  " };
    let place = frame.place().map_or_else(String::new, |place| format!("  {place}"));
    let advice = frame.advice_category.as_ref().map_or_else(String::new, |category| format!("  [{category}]"));
    format!("{mark}{}{place}{advice}", frame.name)
}

fn groups_section(view: &StacksView, by: Axis) -> Section {
    let groups = view.groups.iter().flat_map(|(_, groups)| groups);
    let shown: Vec<_> = groups.clone().filter_map(|group| Some((group, group.ranking.as_ref()?))).collect();
    let mut blocks = Vec::new();
    for (group, ranking) in &shown {
        blocks.push(part(format!(
            "{}: {}, {}",
            group_words(group.label.as_ref()),
            plural(group.logs as u64, "log", "logs"),
            plural(group.samples, "sample", "samples")
        )));
        blocks.push(group_frames(ranking));
    }
    let total = groups.count();
    blocks.extend(left_out(total, shown.len()));
    Section::new(format!("By {} ({total})", axis_word(by).replace('_', " ")), blocks)
}

fn group_frames(ranking: &Ranking) -> Block {
    if ranking.frames.is_empty() {
        says(Line::ours("No such frame."))
    } else {
        Block::Table(frames_table(ranking.frames.iter()))
    }
}

// Apple's advice

fn advice_section(view: &StacksView) -> Option<Section> {
    if view.advice.is_empty() {
        return None;
    }
    let mut blocks: Vec<Block> = view.advice.iter().take(view.top).map(|advice| advice_item(view, advice)).collect();
    blocks.extend(left_out(view.advice.len(), view.top));
    Some(Section::new(format!("Apple's advice ({})", view.advice.len()), blocks))
}

fn advice_item(view: &StacksView, advice: &FoundAdvice) -> Block {
    let mut words = vec![advice.text.clone().unwrap_or_default()];
    words.extend(advice.url.clone());
    words.extend(advice.frames.iter().take(SHOWN_REMARKS).map(|row| {
        let place = row.frame.place().map_or_else(String::new, |place| format!(" ({place})"));
        format!("applies at {}{place}, in {}", row.frame.name, plural(row.logs, "log", "logs"))
    }));
    if advice.frames.len() > SHOWN_REMARKS {
        words.push(format!("… and at {} more frames", advice.frames.len() - SHOWN_REMARKS));
    }
    if advice.frames.is_empty() {
        words.push("no frame of these logs is marked with it".to_owned());
    }
    let mut distinct: Vec<Cow<'_, str>> = advice
        .signatures
        .iter()
        .map(|id| {
            let named = view.signatures.iter().find(|signature| {
                signature.sightings.iter().flat_map(|sighting| &sighting.ids).any(|known| known == id)
            });
            named.map_or(Cow::Borrowed(id.as_str()), |named| {
                Cow::Owned(signature_name(named.shown().as_deref()).to_owned())
            })
        })
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    let more = distinct.len().saturating_sub(SHOWN_REMARKS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    words.push(format!("given for {}{more}", distinct[..distinct.len().min(SHOWN_REMARKS)].join(", ")));
    let heaviest = advice.frames.first().map_or_else(String::new, |row| share(row.inclusive_share));
    entry(advice.category.clone().unwrap_or_default(), heaviest, words)
}

// Amounts

/// Characters of a text that could not be read. It is there to be recognised.
const SHOWN_TEXT: usize = 80;

fn amounts_section(view: &StacksView) -> Option<Section> {
    let mut blocks = Vec::new();
    if !view.amounts.is_empty() {
        blocks.extend(amounts_table(view));
    }
    if let Some(UnreadAmount { text, .. }) = view.unread_amounts.first() {
        let logs: usize = view.unread_amounts.iter().map(|unread| unread.logs).sum();
        blocks.push(says(format!(
            "{} a text in which no amount could be read, such as “{}”.",
            plural(logs as u64, "log has", "logs have"),
            shortened(text, SHOWN_TEXT).0
        )));
    }
    let title = format!("Amounts by {}", axis_word(view.amounts_by).replace('_', " "));
    (!blocks.is_empty()).then(|| Section::new(title, blocks))
}

fn amounts_table(view: &StacksView) -> Vec<Block> {
    let mut head = vec![
        ("type", Align::Left),
        (axis_word(view.amounts_by), Align::Left),
        ("n", Align::Right),
        ("median", Align::Right),
        ("p90", Align::Right),
        ("p99", Align::Right),
        ("range", Align::Right),
    ];
    // By type, the type is the group.
    let is_by_type = view.amounts_by == Axis::Type;
    if is_by_type {
        head.remove(1);
    }
    let mut table = Table::new(&head);
    let mut shown = 0;
    for of_type in view.amounts.chunk_by(|one, next| one.diagnostic_type == next.diagnostic_type) {
        for amounts in of_type.iter().take(view.top) {
            let mut cells = amounts_row(amounts);
            if is_by_type {
                cells.remove(1);
            }
            table.row(cells);
            shown += 1;
        }
    }
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(left_out(view.amounts.len(), shown));
    let without: usize = view.amounts.iter().map(|amounts| amounts.spread.without_amount).sum();
    let without = if without > 0 {
        format!(
            " {} no amount in its text.",
            plural(without as u64, "log of these groups has", "logs of these groups have")
        )
    } else {
        String::new()
    };
    blocks.push(says(format!(
        "Percentiles of the events that Apple reported, by R-7 (linear between the two nearest), with {} intervals where n \
         allows one; below {LEAST_FOR_PERCENTILES} events only the median and the range.{without}",
        share(CONFIDENCE)
    )));
    blocks
}

fn amounts_row(amounts: &Amounts) -> Vec<String> {
    let spread = &amounts.spread;
    let words = |value: f64| quantity(value, spread.dimension);
    let mut cells = vec![amounts.diagnostic_type.words().to_owned(), group_words(spread.group.as_ref())];
    let dash = || "–".to_owned();
    match &spread.summary {
        Summary::Nothing => cells.extend(["0".to_owned(), dash(), dash(), dash(), dash()]),
        Summary::Few { count, min, median, max } => {
            cells.extend([count.to_string(), words(*median), dash(), dash()]);
            cells.push(range(*min, *max, spread.dimension));
        }
        Summary::Enough { count, min, max, percentiles } => {
            cells.push(count.to_string());
            cells.extend(percentiles.iter().map(|percentile| {
                let interval = match (percentile.lower, percentile.upper) {
                    (Some(lower), Some(upper)) => format!(" ({})", range(lower, upper, spread.dimension)),
                    _ => String::new(),
                };
                format!("{}{interval}", words(percentile.value))
            }));
            cells.push(range(*min, *max, spread.dimension));
        }
    }
    cells
}

/// `1.07–1.12 GB`, `350 ms–1.2 s`.
fn range(low: f64, high: f64, dimension: Dimension) -> String {
    let (low, high) = (quantity(low, dimension), quantity(high, dimension));
    match (low.split_once(' '), high.split_once(' ')) {
        _ if low == high => high,
        (Some((number, low_unit)), Some((_, high_unit))) if low_unit == high_unit => format!("{number}–{high}"),
        _ => format!("{low}–{high}"),
    }
}

/// `1.07 GB`, `2.25 s`, `350 ms`.
fn quantity(value: f64, dimension: Dimension) -> String {
    match dimension {
        Dimension::Bytes if value >= 1e9 => format!("{} GB", number::value((value / 1e7).round() / 100.0)),
        Dimension::Bytes => number::bytes(value as u64),
        Dimension::Seconds if value >= 1.0 => format!("{} s", number::value((value * 100.0).round() / 100.0)),
        Dimension::Seconds => format!("{} ms", number::value((value * 1e3).round())),
    }
}

// What the merge had to decide

/// That counts of frames contradict each other, if they do.
pub fn overfull_sentence(losses: StackLosses) -> Option<String> {
    (losses.overfull_frames > 0).then(|| {
        format!(
            "{} fewer samples than the frames below, by {} in all; the frames below are believed",
            plural(losses.overfull_frames, "frame has", "frames have"),
            count(losses.excess_samples)
        )
    })
}

/// Counts that stood in the logs and were none. Of each fault a document names the first few and how many more there are.
fn unreadable_counts(view: &StacksView) -> Option<String> {
    let is_count = |problem: &&InputProblem| problem.problem.at.ends_with(".sampleCount");
    let counts = || view.problems.iter().filter(is_count);
    let is_cut = counts().any(|count| {
        let is_rest = |other: &InputProblem| {
            other.path == count.path && other.problem.code == count.problem.code && other.problem.at.is_empty()
        };
        view.problems.iter().any(is_rest)
    });
    let number = counts().count() as u64;
    (number > 0).then(|| {
        format!(
            "{}{} not be read and {} as 0: `perfpower inspect` says which.",
            if is_cut { "At least " } else { "" },
            plural(number, "sample count could", "sample counts could"),
            if number == 1 { "counts" } else { "count" }
        )
    })
}

fn losses_section(view: &StacksView) -> Option<Section> {
    let losses = view.losses;
    let mut words: Vec<String> = overfull_sentence(losses).map(|sentence| format!("{sentence}.")).into_iter().collect();
    if losses.clipped_frames > 0 {
        words.push(format!(
            "{} cut to {} samples: no log can hold more.",
            plural(losses.clipped_frames, "frame was", "frames were"),
            count(perfpower_stacks::MAX_FRAME_SAMPLES)
        ));
    }
    if losses.repeated_logs > 0 {
        words.push(format!(
            "{} in an earlier document already and counted once.",
            plural(losses.repeated_logs, "log was", "logs were")
        ));
    }
    words.extend(unreadable_counts(view));
    if losses.silent_logs > 0 {
        words.push(format!("{} no samples.", plural(losses.silent_logs, "log has", "logs have")));
    }
    if losses.uncharged_threads > 0 {
        let threads = plural(losses.uncharged_threads, "thread", "threads");
        words.push(format!(
            "{threads} waited, or ran beside the one that Apple holds responsible, and cost nothing here."
        ));
    }
    if losses.uncounted_thread_logs > 0 {
        words.push(format!(
            "{} one stack per thread and no counts: each stack counts as one sample.",
            plural(losses.uncounted_thread_logs, "log has", "logs have")
        ));
    }
    let heading = "What was decided on the way (all logs of the archive)";
    (!words.is_empty()).then(|| Section::new(Line::ours(heading), words.into_iter().map(says).collect()))
}

// The difference of two versions

fn difference_section(view: &StacksView, from: &str, to: &str, difference: &Difference) -> Section {
    let mut blocks = vec![says(evidence_sentence(from, to, difference))];
    blocks.extend(likeness_remarks(from, to, difference).into_iter().map(says));
    let (moved, mut others): (Vec<&MovedPath>, Vec<&MovedPath>) =
        difference.paths.iter().partition(|path| path.has_moved == Some(true));
    others.retain(|path| path.movement != Movement::Same);
    if difference.evidence == Evidence::Enough && moved.is_empty() {
        blocks.push(says(Line::ours("No path moved more than sampling would.")));
    }
    if !moved.is_empty() {
        blocks.push(part(format!("Moved more than sampling would ({})", moved.len())));
        blocks.extend(moved.iter().take(view.top).map(|path| moved_item(path)));
        blocks.extend(left_out(moved.len(), view.top));
    }
    if !others.is_empty() {
        let title = if difference.evidence == Evidence::Enough { "Within sampling" } else { "Shares as seen" };
        blocks.push(part(format!("{title} ({})", others.len())));
        let mut table = Table::new(&[
            ("before", Align::Right),
            ("after", Align::Right),
            ("q", Align::Right),
            ("function", Align::Left),
            ("place", Align::Left),
        ]);
        for path in others.iter().take(view.top) {
            let frame = named_frame(path);
            table.row(vec![
                share(path.share_before),
                share(path.share_after),
                path.q.map_or_else(|| "–".to_owned(), number::p_value),
                frame.map_or_else(String::new, |frame| frame.name.clone()),
                frame.and_then(StackFrame::place).unwrap_or_default(),
            ]);
        }
        blocks.push(Block::Table(table));
        blocks.extend(left_out(others.len(), view.top));
    }
    Section::new(format!("Call stacks of {from} → {to}"), blocks)
}

/// What the mixture of apps, types and signatures does to the comparison.
fn likeness_remarks(from: &str, to: &str, difference: &Difference) -> Vec<String> {
    let mut remarks = Vec::new();
    if matches!(difference.evidence, Evidence::OneSided | Evidence::NothingInCommon) {
        return remarks;
    }
    if difference.is_weighted {
        remarks.push(
            "Apple chooses how many logs it gives out, so apps, diagnostic types and signatures that both versions have are \
             given the same part of both."
                .to_owned(),
        );
    }
    let logs_of = |counts: [usize; 2]| {
        let versions = [from, to].into_iter().zip(counts).filter(|&(_, logs)| logs > 0);
        let words: Vec<String> =
            versions.map(|(version, logs)| format!("{} of {version}", plural(logs as u64, "log", "logs"))).collect();
        (!words.is_empty()).then(|| words.join(" and "))
    };
    let [before, after] = [difference.before, difference.after];
    if let Some(logs) = logs_of([before.logs - before.compared, after.logs - after.compared]) {
        remarks.push(format!("Not compared: {logs}, of an app and diagnostic type that the other version lacks."));
    }
    if let Some(logs) = logs_of([before.unshared, after.unshared]) {
        remarks.push(format!(
            "Of {logs} the other version has no log with that signature: what is new or gone there may only not have been saved."
        ));
    }
    remarks
}

/// Whether the logs can carry a claim, with how many there are on each side.
pub(crate) fn evidence_sentence(from: &str, to: &str, difference: &Difference) -> String {
    let side = |version: &str, logs: usize, samples: u64| {
        format!("{} of {version} ({})", plural(logs as u64, "log", "logs"), plural(samples, "sample", "samples"))
    };
    let before = side(from, difference.before.logs, difference.before.samples);
    let after = side(to, difference.after.logs, difference.after.samples);
    match difference.evidence {
        Evidence::Enough => format!(
            "{before} against {after}: {} tested, with the log as the unit and at most 5 % of claims false.",
            plural(difference.paths.len() as u64, "path", "paths")
        ),
        Evidence::TooFewLogs => format!(
            "{before} against {after} cannot tell: among {} a claim takes at least {} logs on each side. The shares are what \
             these logs show, not what changed.",
            plural(difference.paths.len() as u64, "path", "paths"),
            difference.logs_needed
        ),
        Evidence::NothingInCommon => format!(
            "{before} against {after} cannot be compared: they have no app and diagnostic type in common. The shares are what \
             these logs show."
        ),
        Evidence::OneSided => format!("{before} against {after}: one side has nothing to compare."),
    }
}

/// The frame that a path is named by: the app's, where it is part of what moved, else the one that explains the change.
pub(crate) fn named_frame(path: &MovedPath) -> Option<&StackFrame> {
    match blame_frame(path) {
        Some(at) if at >= path.starts_at => path.frames.get(at),
        _ => path.frames.last(),
    }
}

fn moved_item(path: &MovedPath) -> Block {
    let frame = named_frame(path);
    let left = frame.map_or_else(String::new, |frame| {
        let place = frame.place().map_or_else(String::new, |place| format!("  {place}"));
        format!("{:<7}{}{place}", path.movement.as_str(), frame.name)
    });
    let q = path.q.map_or_else(String::new, |q| format!("  q {}", number::p_value(q)));
    let right = format!("{} → {}{q}", share(path.share_before), share(path.share_after));
    entry(left, right, vec![format!("in {}", path_words(&path.frames, path.starts_at))])
}

/// `… → caller → first that moved → … → last`.
fn path_words(frames: &[StackFrame], starts_at: usize) -> String {
    let from = starts_at.saturating_sub(1);
    let names: Vec<&str> = frames[from.min(frames.len())..].iter().map(|frame| frame.name.as_str()).collect();
    let mut words: Vec<&str> = if from > 0 { vec!["…"] } else { Vec::new() };
    if names.len() > SHOWN_FRAMES {
        words.extend(&names[..SHOWN_FRAMES - 2]);
        words.push("…");
        words.extend(&names[names.len() - 2..]);
    } else {
        words.extend(&names);
    }
    words.join(" → ")
}
