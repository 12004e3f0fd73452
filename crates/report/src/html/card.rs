//! One finding as a card: the sentence, the chart, where it happens, what Apple says, and how to check it.

use super::bounded::bounded;
use super::flame;
use crate::chart::{self, AppleClaim, Axis, VersionChart, with_unit};
use crate::command_line::CommandLine;
use crate::figure::{change, count, counted, figure, percent, probability, set_sentence, signed_percent};
use crate::markup::Element;
use crate::number;
use crate::safe::shortened;
use crate::sentence::apple_story::apple_story;
use crate::sentence::news::{badge, standing_words};
use crate::sentence::{self, answer};
use perfpower_analysis::{
    AppleInsightView, Change, DeviceSeries, Finding, FindingDetail, FindingId, FindingKind, GoalSource, GoalStatus,
    LevelGoal, PlatformEvent, PopulationAudit, StackChange, Standing, StepState, SubsystemChange, Verdict,
};
use perfpower_model::{Day, DeviceClass};
use perfpower_stacks::signature_name;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a card shows beyond the finding itself, fetched for each card as it is drawn.
#[derive(Clone, Debug, Default)]
pub struct CardDetail {
    /// The text of `--explain`; empty = none.
    pub explain: String,
    /// The values of the member devices; empty = only their changes are shown.
    pub devices: Vec<DeviceSeries>,
    /// Apple's goal ranges for the metric; empty = the finding's own goal is shown, where it has one.
    pub goal_bands: Vec<LevelGoal>,
    /// The call trees behind it; absent = no logs of the version.
    pub stacks: Option<StackChange>,
}

impl CardDetail {
    /// With the text of `--explain`.
    pub fn new(explain: String, detail: FindingDetail) -> Self {
        let FindingDetail { devices, goals, stacks } = detail;
        Self { explain, devices, goal_bands: goals, stacks }
    }
}

/// What the page knows about a card from elsewhere in the analysis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    /// Apple's newest insight on the same series.
    pub(super) apple: Option<(&'a AppleInsightView, &'a PopulationAudit)>,
    /// What many apps share.
    pub(super) events: &'a [PlatformEvent],
    /// How it stands to an earlier report; absent = none was given.
    pub(super) standing: Option<&'a Standing>,
    /// The command that reproduces the card.
    pub(super) command: &'a CommandLine,
}

/// Devices and sub-systems shown at most. Arbitrary: what fits beside a chart without taking over the card.
const MAX_DEVICES: usize = 8;
const MAX_SUBSYSTEMS: usize = 6;
/// Rows of the smaller tables shown at most.
const MAX_ROWS: usize = 12;
/// Characters of a name shown at most where it stands in a line; the whole of it is in the element's title.
const NAME: usize = 64;
/// Characters of a name kept in a title.
const TITLE: usize = 1_000;
/// Characters of our view of an insight.
const VIEW: usize = 600;

/// The name of the fragment of a finding.
pub(super) fn anchor(id: FindingId) -> String {
    format!("finding-{id}")
}

/// The card of a finding; `rank` counts from 1.
pub(super) fn card(finding: &Finding, rank: usize, around: Surroundings<'_>, detail: &CardDetail) -> Element {
    let finding = &bounded(finding);
    let anchor = anchor(finding.id);
    let heading = format!("{anchor}-h");
    let mut card = Element::of("article", &format!("card {}", tone(finding)))
        .attr("id", &anchor)
        .attr("tabindex", "-1")
        .attr("aria-labelledby", &heading)
        .child(header(finding, rank, around.standing, &heading))
        .child(Element::of("p", "sentence").text(set_sentence(&in_sentences(finding, around.events))));
    card = card.children(
        around
            .standing
            .and_then(|standing| standing_words(standing, finding))
            .map(|words| Element::of("p", "note").text(set_sentence(&format!("{}.", sentence::capitalised(&words))))),
    );
    card = card.child(over_versions(finding, around, detail, &anchor));
    card = card.children(apple_story(finding).map(|story| {
        Element::of("p", "note apple-story").text(set_sentence(&format!("{}.", sentence::capitalised(&story))))
    }));
    if let Some((insight, population)) = around.apple {
        card = card.child(apple_note(insight, population, finding));
    }
    if let Some(goal) = &finding.goal {
        let own = answer::against_goal(finding).map_or_else(String::new, |words| format!(" {words}."));
        card = card.child(Element::of("p", "note").text(set_sentence(&format!("{}{own}", goal_note(goal)))));
    }
    let panels: Vec<Element> =
        [devices(finding, detail), subsystems(&finding.subsystems)].into_iter().flatten().collect();
    if !panels.is_empty() {
        card = card.child(Element::of("div", "panels").children(panels));
    }
    card.children(also(finding))
        .children(stacks(finding, detail, &anchor))
        .child(values(finding))
        .children(explanation(detail))
        .child(footer(finding, around.command))
}

/// The claim, where it happens, what of it is the platform's, and whether it was judged early.
fn in_sentences(finding: &Finding, events: &[PlatformEvent]) -> String {
    let parts = [
        Some(sentence::finding_sentence(finding)),
        sentence::spread_sentence(finding),
        sentence::beside_event_sentence(finding, events),
        sentence::early_sentence(finding),
        answer::code(finding).map(|code| format!("code: {code}")),
    ];
    let parts = parts.into_iter().flatten().map(|part| format!("{}.", sentence::capitalised(&part)));
    parts.collect::<Vec<_>>().join(" ")
}

fn metric_heading(finding: &Finding) -> String {
    sentence::capitalised(&sentence::metric_of(&finding.series))
}

/// The class that carries a card's colour; the word beside it says the same.
fn tone(finding: &Finding) -> &'static str {
    match finding.verdict {
        Verdict::Regression if finding.is_open_regression() => "worse",
        Verdict::Regression => "was-worse",
        Verdict::Improvement => "better",
        Verdict::Unchanged | Verdict::Inconclusive => "unsure",
    }
}

fn mark(finding: &Finding) -> &'static str {
    match (finding.verdict, tone(finding)) {
        (_, "worse") => "▲",
        (Verdict::Regression, _) => "△",
        (Verdict::Improvement, _) => "▼",
        (Verdict::Unchanged, _) => "＝",
        (Verdict::Inconclusive, _) => "?",
    }
}

fn header(finding: &Finding, rank: usize, standing: Option<&Standing>, heading: &str) -> Element {
    let anchor = &anchor(finding.id);
    let series = &finding.series;
    let mut kicker = Element::of("p", "kicker")
        .child(Element::of("span", "rank").attr("title", "rank in this report").text(count(rank as u64)))
        .child(name("bdi", "app", &finding.app_name))
        .child(name("bdi", "", &series.category));
    if !series.platform.is_empty() {
        kicker = kicker.child(name("bdi", "", &series.platform));
    }
    let population =
        format!("{}, {}", finding.device_label, number::percentile(finding.percentile, &series.percentile_label));
    kicker = kicker.child(name("bdi", "", &population));
    let mut badges = Element::of("p", "badges").child(
        Element::of("span", "badge outcome")
            .child(Element::new("span").attr("aria-hidden", "true").text(mark(finding)))
            .text(format!(" {}", sentence::outcome_words(finding))),
    );
    if let Some(news) = standing.and_then(badge) {
        badges = badges.child(Element::of("span", "badge news").text(news));
    }
    if finding.provisional {
        badges = badges.child(Element::of("span", "badge").text("provisional"));
    }
    if finding.listed_by_apple {
        badges = badges.child(Element::of("span", "badge apple-badge").text("listed by Apple"));
    }
    let headline = answer::headline(finding);
    let estimate = change(finding.change);
    let size = Element::of("p", "size")
        .child(Element::of("span", "change").text(set_sentence(&headline)))
        .child(Element::of("span", "own").text(set_sentence(&answer::own_change(finding))))
        .children(
            (set_sentence(&headline) != estimate)
                .then(|| Element::of("span", "at-least").text(set_sentence(&format!("estimated {estimate}")))),
        );
    let title = Element::new("h3")
        .attr("id", heading)
        .child(Element::new("a").link_to(anchor).child(Element::new("bdi").text(metric_heading(finding))))
        .text(if finding.kind == FindingKind::Latest { " in " } else { " since " })
        .child(name("bdi", "", &finding.version));
    Element::new("header").child(Element::of("div", "what").child(kicker).child(title).child(badges)).child(size)
}

fn over_versions(finding: &Finding, around: Surroundings<'_>, detail: &CardDetail, anchor: &str) -> Element {
    let metric = metric_heading(finding);
    let percentile = number::percentile(finding.percentile, &finding.series.percentile_label);
    let title = format!("{metric} by version: {}, {percentile}", finding.device_label);
    let bands = if detail.goal_bands.is_empty() { own_band(finding) } else { detail.goal_bands.clone() };
    let claim = around.apple.and_then(|(insight, population)| claim(insight, population));
    let chart_id = format!("{anchor}-chart");
    let chart = VersionChart { bands: &bands, apple: claim.as_ref(), ..VersionChart::of(&chart_id, &title, finding) };
    if finding.points.is_empty() {
        return Element::of("p", "note").text("No point to draw.");
    }
    let with_margin = finding.points.iter().filter(|point| point.margin.is_some()).count();
    let revised = finding.points.iter().filter(|point| !point.revisions.is_empty()).count();
    let mut notes = vec![counted(finding.points.len() as u64, "version", "versions")];
    if finding.points.len() <= 5 {
        notes[0].push_str(", which is few");
    }
    notes.push(chart.axis().note(finding.unit_label.as_deref()));
    notes.push(match with_margin {
        0 => "Apple gives no margins, which it does where data is plenty".to_owned(),
        n if n == finding.points.len() => "every value carries a margin".to_owned(),
        n => format!("{n} of {} values carry a margin", finding.points.len()),
    });
    if revised > 0 {
        notes.push(format!("{} revised since its first download", counted(revised as u64, "value", "values")));
    }
    Element::of("figure", "over-versions")
        .child(Element::of("p", "chart-title").text(title.as_str()))
        .child(Element::of("div", "plot").child(chart.draw()))
        .child(Element::new("figcaption").text(set_sentence(&notes.join(" · "))))
}

/// The range below the bound of the finding's own goal: where Apple sets a goal, less is better.
fn own_band(finding: &Finding) -> Vec<LevelGoal> {
    let Some(GoalStatus { source, bound: Some(bound), .. }) = &finding.goal else { return Vec::new() };
    let label = match source {
        GoalSource::Bound(label) => label.clone(),
        GoalSource::Recommended(_) => "goal".to_owned(),
        GoalSource::Label => return Vec::new(),
    };
    vec![LevelGoal { label, lower: None, upper: Some(*bound) }]
}

fn claim(insight: &AppleInsightView, population: &PopulationAudit) -> Option<AppleClaim> {
    let reported = &population.reported;
    Some(AppleClaim {
        reference_versions: insight.audit.reference_versions.iter().map(|version| cut(version)).collect(),
        reference_average: reported.reference_average?,
        latest_version: cut(insight.audit.latest_version.as_deref()?),
        latest: reported.latest?,
        delta_percent: reported.delta_percent,
    })
}

fn apple_note(insight: &AppleInsightView, population: &PopulationAudit, finding: &Finding) -> Element {
    let latest = insight.audit.latest_version.as_deref().map_or_else(|| "no version".to_owned(), cut);
    let reason = population.reason.as_deref().map(|reason| shortened(reason, TITLE).0);
    let mut says = format!("lists {latest}");
    if let Some(delta) = population.reported.delta_percent {
        let _ = write!(says, " at {} over the mean of the versions before it", signed_percent(delta));
    }
    let checked = match population.recomputed.delta_percent {
        Some(delta) => {
            let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
            format!("recomputed {}{reason}", signed_percent(delta))
        }
        None => reason.map_or_else(|| "not recomputed".to_owned(), Cow::into_owned),
    };
    let mut view = shortened(&sentence::apple_view_sentence(insight), VIEW).0.into_owned();
    // An insight speaks of its own version; the card, of today.
    if let (Some(StepState::Open), Some(version)) = (insight.our_view.state, &finding.recovered_in) {
        let _ = write!(view, " Since then it has recovered in {version}.");
    }
    Element::of("p", "note apple-note")
        .child(Element::new("strong").text("Apple"))
        .text(set_sentence(&format!(" {says} ({checked}). ")))
        .child(Element::new("strong").text("Ours"))
        .text(set_sentence(&format!(" {view}")))
}

fn goal_note(goal: &GoalStatus) -> String {
    let what = match (&goal.source, goal.bound) {
        (GoalSource::Bound(label), Some(bound)) => {
            format!("“{label}” up to {}", with_unit(bound, goal.unit_label.as_deref()))
        }
        (GoalSource::Recommended(_), Some(bound)) => {
            format!("{}, as Apple recommends", with_unit(bound, goal.unit_label.as_deref()))
        }
        _ => format!("labelled “{}” by Apple", goal.label.as_deref().unwrap_or_default()),
    };
    let how = match goal.probability {
        Some(p) => format!("{}, met with a probability of {}", goal.attainment.as_str(), probability(p)),
        None => goal.attainment.as_str().to_owned(),
    };
    let distance = goal.distance_percent.map_or_else(String::new, |distance| {
        let side = if distance < 0.0 { "below" } else { "above" };
        format!("; the level is {} {side} it", percent(distance.abs()))
    });
    let crossed = if goal.transition { " This change crossed it." } else { "" };
    format!("Goal: {what}: {how}{distance}.{crossed}")
}

fn devices(finding: &Finding, detail: &CardDetail) -> Option<Element> {
    let effects = &finding.spread.devices;
    if effects.is_empty() && detail.devices.is_empty() {
        return None;
    }
    let marked =
        chart::guilty(finding).and_then(|version| finding.points.iter().position(|point| point.version == version));
    let axis = Axis::over(detail.devices.iter().flat_map(|device| device.values.iter().copied().flatten()));
    let reach = effects
        .iter()
        .take(MAX_DEVICES)
        .flat_map(|effect| effect.change.percent().into_iter().chain(effect.ci_percent.into_iter().flatten()))
        .filter(|percent| percent.is_finite())
        .fold(5.0_f64, |reach, percent| reach.max(percent.abs()))
        .min(400.0);
    let mut rows = Vec::new();
    for effect in effects.iter().take(MAX_DEVICES) {
        let text = change(effect.change);
        let title = effect.ci_percent.map_or_else(
            || format!("{}: {text}", effect.label),
            |[low, high]| {
                format!("{}: {text}, 95 % interval {} to {}", effect.label, signed_percent(low), signed_percent(high))
            },
        );
        let picture = match detail.devices.iter().find(|series| series.device == effect.device) {
            Some(series) => chart::device_tile(&title, &series.values, marked, &axis),
            None => chart::interval(&title, effect.change.percent(), effect.ci_percent, reach, tone(finding)),
        };
        let mut label = name("bdi", "", &effect.label);
        if effect.stands_out {
            label = Element::new("strong").attr("title", "stands out from the other devices").child(label).text(" ◂");
        }
        rows.push(
            Element::new("li")
                .child(Element::of("span", "label").child(label))
                .child(picture)
                .child(Element::of("span", "figure").text(set_sentence(&text))),
        );
    }
    for series in detail.devices.iter().filter(|_| effects.is_empty()).take(MAX_DEVICES) {
        rows.push(
            Element::new("li")
                .child(Element::of("span", "label").child(name("bdi", "", &series.device)))
                .child(chart::device_tile(&series.device, &series.values, marked, &axis)),
        );
    }
    let tiles = !detail.devices.is_empty();
    let scale = if tiles {
        format!("All on one scale, {}; oldest version left.", axis.span(finding.unit_label.as_deref()))
    } else {
        format!("Change with its 95 % interval; the scale goes from −{0} to +{0}.", percent(reach))
    };
    let more = effects.len().max(detail.devices.len()).saturating_sub(MAX_DEVICES);
    let breadth = match (finding.spread.breadth.as_str(), finding.spread.pooled_percent) {
        ("unknown", _) => "Too few devices to say whether it is everywhere".to_owned(),
        ("broad", Some(pooled)) => format!("Everywhere: {} on the typical device", signed_percent(pooled)),
        ("broad", None) => "Everywhere".to_owned(),
        ("localised", _) => "Not everywhere: some devices carry it".to_owned(),
        _ => "On no single device".to_owned(),
    };
    let more = if more > 0 { format!(" {more} more devices are in the JSON report.") } else { String::new() };
    Some(
        Element::of("section", if tiles { "panel whole" } else { "panel" })
            .child(Element::new("h4").text("On which devices"))
            .child(Element::of("p", "quiet").text(set_sentence(&format!("{breadth}."))))
            .child(Element::of("ul", if tiles { "tiles" } else { "rows" }).children(rows))
            .child(Element::of("p", "fine").text(set_sentence(&format!("{scale}{more}")))),
    )
}

fn subsystems(changes: &[SubsystemChange]) -> Option<Element> {
    if changes.is_empty() {
        return None;
    }
    let shown = &changes[..changes.len().min(MAX_SUBSYSTEMS)];
    let reach = shown.iter().fold(0.0_f64, |reach, c| reach.max(c.share_before_percent).max(c.share_after_percent));
    let rows = shown.iter().map(|change| {
        let text = format!("{} → {}", percent(change.share_before_percent), percent(change.share_after_percent));
        let title = format!("{}: {text} of the value", change.subsystem);
        Element::new("li")
            .child(Element::of("span", "label").child(name("bdi", "", &change.subsystem)))
            .child(chart::before_after(&title, change.share_before_percent, change.share_after_percent, reach))
            .child(Element::of("span", "figure").text(set_sentence(&text)))
    });
    let more = changes.len() - shown.len();
    let more = if more > 0 { format!(" {more} smaller ones are in the JSON report.") } else { String::new() };
    let scale =
        format!("Share of the value: upper bar before, lower bar after; from zero to {}.{more}", percent(reach));
    Some(
        Element::of("section", "panel")
            .child(Element::new("h4").text("By sub-system"))
            .child(Element::of("ul", "rows wide").children(rows))
            .child(Element::of("p", "fine").text(set_sentence(&scale))),
    )
}

fn stacks(finding: &Finding, detail: &CardDetail, anchor: &str) -> Option<Element> {
    let links = &finding.links;
    let flame = detail.stacks.as_ref().and_then(|change| flame::draw(change, &format!("{anchor}-flame")));
    if links.signatures.is_empty() && links.frames.is_empty() && flame.is_none() {
        return links.note.as_ref().map(|note| Element::of("p", "note").text(format!("Call stacks: {note}.")));
    }
    let share = |value: Option<f64>| value.map_or_else(|| "new".to_owned(), percent);
    let signatures: Vec<Element> = links
        .signatures
        .iter()
        .take(MAX_ROWS)
        .map(|signature| {
            row([
                name("code", "", signature_name(signature.text.as_deref())),
                Element::new("span").text(set_sentence(&share(signature.weight_before_percent))),
                Element::new("span")
                    .text(set_sentence(&signature.weight_after_percent.map_or_else(|| "gone".to_owned(), percent))),
            ])
        })
        .collect();
    let frames: Vec<Element> = links
        .frames
        .iter()
        .take(MAX_ROWS)
        .map(|frame| {
            let place = [&frame.binary, &frame.place].into_iter().flatten();
            let mut what = Element::new("span").child(name("code", "", &frame.symbol));
            for part in place {
                what = what.text(" ").child(name("bdi", "quiet", part));
            }
            if let Some(owner) = &frame.owner {
                what = what.text(" of ").child(name("bdi", "", owner));
            }
            if !frame.significant {
                what = what.child(Element::of("span", "quiet").text(" (sampling alone can explain it)"));
            }
            row([
                what,
                Element::new("span").text(set_sentence(&percent(frame.share_before_percent))),
                Element::new("span").text(set_sentence(&percent(frame.share_after_percent))),
            ])
        })
        .collect();
    let count = links.signatures.len() + links.frames.len();
    let mut details = disclosure(&if count > 0 {
        format!("Call stacks that grew with it ({count})")
    } else {
        "Call stacks".to_owned()
    })
    .attr("data-print", "open");
    if let Some(note) = &links.note {
        details = details.child(Element::of("p", "quiet").text(format!("{note}.")));
    }
    if !signatures.is_empty() {
        details =
            details.child(table("Signatures, by share of their type", ["signature", "before", "after"], signatures));
    }
    if !frames.is_empty() {
        details = details.child(table("Blame frames, by share of samples", ["frame", "before", "after"], frames));
    }
    Some(details.children(flame))
}

fn values(finding: &Finding) -> Element {
    let unit = finding.unit_label.as_deref().unwrap_or("value");
    let has_goal = finding.points.iter().any(|point| point.goal.is_some());
    let has_revision = finding.points.iter().any(|point| !point.revisions.is_empty());
    let rows = finding.points.iter().map(|point| {
        let mut cells = vec![
            Element::new("th").attr("scope", "row").child(name("bdi", "", &point.version)),
            Element::new("td").text(figure(point.value)),
            Element::new("td")
                .text(point.margin.map_or_else(|| "–".to_owned(), |margin| format!("±{}", figure(margin)))),
        ];
        if has_goal {
            cells.push(Element::new("td").child(name("bdi", "", point.goal.as_deref().unwrap_or_default())));
        }
        cells.push(Element::new("td").text(point.snapshot.to_string()));
        if has_revision {
            let older: Vec<String> = point
                .revisions
                .iter()
                .take(MAX_ROWS)
                .map(|(day, value)| format!("{} on {day}", figure(*value)))
                .collect();
            cells.push(Element::new("td").text(older.join(", ")));
        }
        Element::new("tr").children(cells)
    });
    let mut heads = vec!["version", unit, "margin"];
    if has_goal {
        heads.push("goal");
    }
    heads.push("downloaded");
    if has_revision {
        heads.push("older downloads");
    }
    let head =
        Element::new("tr").children(heads.into_iter().map(|text| Element::new("th").attr("scope", "col").text(text)));
    let table = Element::of("table", "values")
        .child(Element::new("caption").text("Values of the chart"))
        .child(Element::new("thead").child(head))
        .child(Element::new("tbody").children(rows));
    disclosure("Values").child(Element::of("div", "scroll").child(table))
}

/// The other series of the card, a row for each device and a column for each percentile: aggregates first, then the largest change.
fn also(finding: &Finding) -> Option<Element> {
    if finding.also.is_empty() {
        return None;
    }
    let own = &finding.series;
    let lead = (own.device.as_str(), finding.device_label.as_str(), finding.percentile, own.percentile_label.as_str());
    let mut cells = vec![(lead, finding.change)];
    cells.extend(finding.also.iter().map(|other| {
        let of =
            (other.device.as_str(), other.device_label.as_str(), other.percentile, other.percentile_label.as_str());
        (of, other.change)
    }));
    let mut heads: Vec<(Option<f64>, &str)> =
        cells.iter().map(|((_, _, number, label), _)| (*number, *label)).collect();
    heads.sort_by(|a, b| a.0.unwrap_or(f64::INFINITY).total_cmp(&b.0.unwrap_or(f64::INFINITY)).then(a.1.cmp(b.1)));
    heads.dedup();
    let mut rows: BTreeMap<&str, (&str, Vec<Option<Change>>)> = BTreeMap::new();
    for ((device, label, number, percentile), change) in cells {
        let at = heads.iter().position(|head| *head == (number, percentile));
        let row = rows.entry(device).or_insert_with(|| (label, vec![None; heads.len()]));
        if let Some(at) = at {
            row.1[at] = Some(change);
        }
    }
    let size = |cells: &[Option<Change>]| {
        cells.iter().flatten().map(|change| change.percent().map_or(f64::INFINITY, f64::abs)).fold(0.0, f64::max)
    };
    let mut rows: Vec<(&str, &str, Vec<Option<Change>>)> =
        rows.into_iter().map(|(device, (label, cells))| (device, label, cells)).collect();
    rows.sort_by(|a, b| {
        let is_member = |device: &str| !DeviceClass::of(device).is_aggregate();
        is_member(a.0).cmp(&is_member(b.0)).then_with(|| size(&b.2).total_cmp(&size(&a.2))).then_with(|| a.0.cmp(b.0))
    });
    let names = heads.iter().map(|(number, label)| number::percentile(*number, label));
    let head = Element::new("tr")
        .child(Element::new("th").attr("scope", "col").text("device"))
        .children(names.map(|text| Element::of("th", "right").attr("scope", "col").text(text)));
    let body = rows.iter().map(|(device, label, cells)| {
        let title = if device == label { String::new() } else { shortened(device, TITLE).0.into_owned() };
        let mut row_head = Element::new("th").attr("scope", "row");
        if !title.is_empty() {
            row_head = row_head.attr("title", title);
        }
        Element::new("tr").child(row_head.child(name("bdi", "", label))).children(
            cells.iter().map(|cell| Element::of("td", "right").text(cell.map_or_else(|| "–".to_owned(), change))),
        )
    });
    let table = Element::of("table", "populations")
        .child(Element::new("caption").text("Change on every device and percentile that the same version moved; – is one that it did not, or that was not measured"))
        .child(Element::new("thead").child(head))
        .child(Element::new("tbody").children(body));
    let summary = format!("Devices and percentiles ({})", count(finding.also.len() as u64 + 1));
    Some(disclosure(&summary).child(Element::of("div", "scroll").child(table)))
}

fn explanation(detail: &CardDetail) -> Option<Element> {
    (!detail.explain.is_empty()).then(|| {
        disclosure("How this was computed")
            .child(Element::of("pre", "explain").attr("tabindex", "0").lines(&detail.explain))
    })
}

fn footer(finding: &Finding, command: &CommandLine) -> Element {
    let command = command.clone().option("--explain", finding.id.to_string());
    let copy = |what: &str, label: &str| {
        Element::of("button", "copy").attr("type", "button").attr("data-copy", what).attr("hidden", "").text(label)
    };
    Element::new("footer")
        .child(Element::of("code", "command").attr("tabindex", "0").text(command.to_string()))
        .child(copy("command", "Copy command"))
        .child(copy("markdown", "Copy as Markdown"))
        .child(copy("waiver", "Mark as known…").attr_of_lines("data-text", &waiver(finding)).attr(
            "title",
            "Copies a waiver for perfpower.toml, with which `perfpower check` accepts this finding until a day",
        ))
}

/// What accepts a finding for a month from the newest value of its series on: to be pasted into `perfpower.toml`.
fn waiver(finding: &Finding) -> String {
    /// A month, after which somebody should look again. Arbitrary.
    const DAYS: i32 = 30;
    let newest = finding.points.iter().map(|point| point.snapshot).max();
    let until = newest.map_or_else(String::new, |day| Day::from_days(day.days() + DAYS).to_string());
    let title = format!("{} · {} in {}", finding.app_name, sentence::finding_title(finding), finding.version);
    let title: String = crate::safe::visible(&title).chars().filter(|&c| c != '"' && c != '\\').collect();
    format!("[[waiver]]\nfinding = \"{}\"\nreason = \"known: {title}\"\nuntil = {until}\n", finding.id)
}

fn disclosure(summary: &str) -> Element {
    Element::new("details").child(Element::new("summary").text(summary))
}

fn table(caption: &str, heads: [&str; 3], rows: Vec<Element>) -> Element {
    let head =
        Element::new("tr").children(heads.into_iter().map(|text| Element::new("th").attr("scope", "col").text(text)));
    Element::of("div", "scroll").child(
        Element::new("table")
            .child(Element::new("caption").text(caption))
            .child(Element::new("thead").child(head))
            .child(Element::new("tbody").children(rows)),
    )
}

fn row(cells: [Element; 3]) -> Element {
    Element::new("tr").children(cells.into_iter().map(|cell| Element::new("td").child(cell)))
}

/// A name of the archive: isolated from the direction of the text around it, cut to a line, whole in its title.
fn name(tag: &'static str, class: &str, text: &str) -> Element {
    let (short, cut) = shortened(text, NAME);
    let mut element = if class.is_empty() { Element::new(tag) } else { Element::of(tag, class) };
    if cut {
        element = element.attr("title", shortened(text, TITLE).0);
    }
    element.text(short)
}

/// A name of an insight, cut as those of a finding are, so that both can be compared.
fn cut(text: &str) -> String {
    shortened(text, NAME).0.into_owned()
}
