//! Series as pictures: the one module that draws, so that one mark means one thing everywhere.
//!
//! | mark | meaning | class |
//! |---|---|---|
//! | dot | a version's value | `point` |
//! | whisker | Apple's margin around it; none = plenty of data | `margin` |
//! | hollow dot | an older download of the same value | `ghost` |
//! | thick line | a level that we hold to be constant | `level` |
//! | diamond, column | the version that we blame, and how likely it and its neighbours are | `guilty`, `guilt` |
//! | dashed line | Apple's average and the value that Apple compares with it | `apple` |
//! | band | Apple's goal | `band` |
//!
//! Pictures stretch with their container without a script: horizontal places are percentages, lines live in an inner
//! picture that is scaled in one direction only, and texts and dots keep their size because strokes do not scale. So a chart
//! is a dozen elements, whatever the number of versions. Colours belong to the classes and come from the style sheet.

use crate::figure::{figure, probability, signed_percent};
use crate::markup::Element;
use crate::safe::shortened;
use perfpower_analysis::{Finding, FindingKind, LevelGoal, Segment, SeriesPoint, Verdict, VersionProbability};
use std::fmt::Write as _;

/// What Apple compares with what.
#[derive(Clone, Debug, PartialEq)]
pub struct AppleClaim {
    /// The versions that Apple averages.
    pub reference_versions: Vec<String>,
    /// Their mean as Apple gives it, in the metric's unit.
    pub reference_average: f64,
    /// The version that Apple lists.
    pub latest_version: String,
    /// Its value as Apple gives it, in the metric's unit.
    pub latest: f64,
    /// Apple's change in percent; absent where Apple gives none.
    pub delta_percent: Option<f64>,
}

/// Everything that one chart over versions shows.
#[derive(Clone, Copy, Debug)]
pub struct VersionChart<'a> {
    /// Starts the ids of the chart's title and description; unique in a page.
    pub id: &'a str,
    /// Such as `Launch time, all iPhones, p50`.
    pub title: &'a str,
    /// Unit for eyes; absent = none given.
    pub unit: Option<&'a str>,
    /// The values, in release order.
    pub points: &'a [SeriesPoint],
    /// The levels.
    pub segments: &'a [Segment],
    /// Of a drift: where its fitted line begins and where it ends; absent = there are levels, or nothing.
    pub slope: Option<(f64, f64)>,
    /// The version blamed; absent = none.
    pub guilty: Option<&'a str>,
    /// The versions that may have brought it.
    pub credible: &'a [VersionProbability],
    /// Apple's goals.
    pub bands: &'a [LevelGoal],
    /// Apple's claim.
    pub apple: Option<&'a AppleClaim>,
}

impl<'a> VersionChart<'a> {
    /// What a finding shows of its leading series, without goals and without Apple's claim.
    pub fn of(id: &'a str, title: &'a str, finding: &'a Finding) -> Self {
        Self {
            id,
            title,
            unit: finding.unit_label.as_deref(),
            points: &finding.points,
            segments: &finding.segments,
            slope: (finding.kind == FindingKind::Drift).then_some((finding.level_before, finding.level_after)),
            guilty: guilty(finding),
            credible: &finding.credible_versions,
            bands: &[],
            apple: None,
        }
    }
}

/// The version that a chart marks: a drift has none.
pub(crate) fn guilty(finding: &Finding) -> Option<&str> {
    let blames = matches!(finding.verdict, Verdict::Regression | Verdict::Improvement);
    (blames && finding.kind != FindingKind::Drift).then_some(finding.version.as_str())
}

/// Height of a chart in pixels; its parts follow.
const HEIGHT: f64 = 242.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 210.0;
/// Height of a line of small text.
const LINE: f64 = 12.0;
/// Width of the inner picture, in its own units.
const WIDE: f64 = 1000.0;
/// The narrowest screen that a chart must be read on leaves about this many pixels, and one digit takes about seven.
const NARROW_PIXELS: f64 = 270.0;
const DIGIT_PIXELS: f64 = 7.0;
/// What a chart has on a screen that is not narrow; the style sheet hides `.wide` labels below it.
const WIDE_PIXELS: f64 = 560.0;
/// Share of the largest value below which the smallest is near enough to zero to start there.
const NEAR_ZERO: f64 = 0.4;
/// The smallest range, as a share of the largest value: noise of a thousandth must not look like a mountain range.
const SMALLEST_RANGE: f64 = 0.1;

/// A vertical axis with round ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// An axis over all finite values, widened to round numbers and, where the values are near it, to zero.
    pub fn over(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = values
            .filter(|value| value.is_finite() && value.abs() < 1e300)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return Self { low: 0.0, high: 1.0, step: 0.5 };
        }
        if low >= 0.0 && low <= NEAR_ZERO * high {
            low = 0.0;
        }
        let floor = SMALLEST_RANGE * low.abs().max(high.abs());
        if high - low < floor {
            let middle = f64::midpoint(low, high);
            (low, high) = (middle - floor / 2.0, middle + floor / 2.0);
        }
        if high - low <= 0.0 {
            high = low + 1.0;
        }
        let rough = (high - low) / 4.0;
        let magnitude = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|m| m * magnitude).into_iter().find(|s| *s >= rough).unwrap_or(rough);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// What the axis does about zero, in words.
    pub fn note(&self, unit: Option<&str>) -> String {
        if self.low == 0.0 {
            "axis from zero".to_owned()
        } else {
            format!("axis from {}, not from zero", with_unit(self.low, unit))
        }
    }

    /// Both ends of the axis in words.
    pub fn span(&self, unit: Option<&str>) -> String {
        format!("from {} to {}", figure(self.low), with_unit(self.high, unit))
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 12.0) as usize;
        (0..=count).map(|index| self.low + self.step * index as f64)
    }

    fn y(&self, value: f64, top: f64, bottom: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        bottom - (bottom - top) * if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }
}

impl VersionChart<'_> {
    /// The axis that holds everything the chart shows. A goal far away is left to the words, for it would flatten the rest.
    pub fn axis(&self) -> Axis {
        let own = || {
            let points = self.points.iter().flat_map(|point| {
                let margin = point.margin.unwrap_or(0.0);
                let revisions = point.revisions.iter().map(|(_, value)| *value);
                [(point.value - margin).max(0.0_f64.min(point.value)), point.value + margin]
                    .into_iter()
                    .chain(revisions)
            });
            let levels = self.segments.iter().map(|segment| segment.level);
            let levels = levels.chain(self.slope.iter().flat_map(|(before, after)| [*before, *after]));
            points.chain(levels).chain(self.apple.iter().flat_map(|claim| [claim.reference_average, claim.latest]))
        };
        let axis = Axis::over(own());
        let reach = (axis.high - axis.low) * 0.75;
        let near = |bound: &f64| *bound > axis.low - reach && *bound < axis.high + reach;
        Axis::over(own().chain(self.bands.iter().flat_map(|band| [band.lower, band.upper]).flatten().filter(near)))
    }

    /// As an `<svg>` that fills its container's width and leaves room for the axis on its left by itself.
    pub fn draw(&self) -> Element {
        let axis = self.axis();
        let y = |value: f64| axis.y(value, TOP, BOTTOM);
        let x = |index: usize| place(index, self.points.len());
        let (title_id, desc_id) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        let mut svg = Element::of("svg", "chart")
            .attr("role", "img")
            .attr("width", "100%")
            .attr("height", number(HEIGHT))
            .attr("aria-labelledby", format!("{title_id} {desc_id}"))
            .child(Element::new("title").attr("id", title_id).text(self.title))
            .child(Element::new("desc").attr("id", desc_id).text(self.description(&axis)));

        let mut lines = stretched(HEIGHT);
        for band in self.bands {
            let top = y(band.upper.unwrap_or(axis.high).min(axis.high));
            let bottom = y(band.lower.unwrap_or(axis.low).max(axis.low));
            if bottom - top > 0.5 {
                let d = format!("M0 {}H{WIDE}V{}H0z", number(top), number(bottom));
                lines = lines.child(path(&format!("band {}", goal_class(&band.label)), d));
            }
        }
        let half_slot = 0.42 * slot(self.points.len());
        for candidate in self.credible {
            if let Some(index) = self.points.iter().position(|point| point.version == candidate.version)
                && candidate.probability > 0.0
            {
                let (from, to) = (number(x(index) - half_slot), number(x(index) + half_slot));
                let column = path("guilt", format!("M{from} {TOP}H{to}V{BOTTOM}H{from}z"));
                lines = lines.child(column.attr("fill-opacity", number(0.05 + 0.2 * candidate.probability.min(1.0))));
            }
        }
        let mut grid = String::new();
        for tick in axis.ticks() {
            let _ = write!(grid, "M0 {}H{WIDE}", number(y(tick)));
        }
        lines = lines.child(path("grid", grid));
        if axis.low == 0.0 {
            lines = lines.child(path("zero", format!("M0 {}H{WIDE}", number(BOTTOM))));
        }
        lines = lines.child(path("level", levels(self.segments, self.points.len(), y)));
        if let Some((before, after)) = self.slope {
            lines = lines.child(path("level", slope(before, after, self.points.len(), y)));
        }
        if let Some(d) = self.apple.and_then(|claim| self.apple_line(claim, y)) {
            lines = lines.child(path("apple", d));
        }
        let (mut margins, mut ghosts, mut dots) = (String::new(), String::new(), String::new());
        for (index, point) in self.points.iter().enumerate().filter(|(_, point)| point.value.is_finite()) {
            let at = number(x(index));
            if let Some(margin) = point.margin.filter(|margin| margin.is_finite()) {
                let _ =
                    write!(margins, "M{at} {}V{}", number(y(point.value - margin)), number(y(point.value + margin)));
            }
            for (_, value) in point.revisions.iter().filter(|(_, value)| value.is_finite()) {
                let _ = write!(ghosts, "M{at} {}h.01", number(y(*value)));
            }
            let dots = if point.is_odd { &mut ghosts } else { &mut dots };
            let _ = write!(dots, "M{at} {}h.01", number(y(point.value)));
        }
        for (class, d) in [("margin", margins), ("ghost", ghosts.clone()), ("ghost hole", ghosts), ("point", dots)] {
            if !d.is_empty() {
                lines = lines.child(path(class, d));
            }
        }
        svg = svg.child(lines);

        svg = svg.child(label("tick unit", "0", TOP - 28.0, "start", &shortened(self.unit.unwrap_or_default(), 24).0));
        svg = svg.children(axis.ticks().map(|tick| label("tick", "-8", y(tick) + 4.0, "end", &figure(tick))));
        svg = svg.children(self.version_labels());
        // Labels of bounds that lie close together stand under each other, each a line of text below the one above it.
        let mut edges: Vec<(f64, &LevelGoal)> = self
            .bands
            .iter()
            .filter_map(|band| {
                let edge = band.upper.or(band.lower).filter(|edge| *edge > axis.low && *edge < axis.high)?;
                Some((y(edge) + if band.upper.is_some() { 12.0 } else { -4.0 }, band))
            })
            .collect();
        edges.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut above = f64::NEG_INFINITY;
        for (at, band) in edges {
            let at = at.max(above + LINE);
            above = at;
            let (x, anchor) = if self.is_left_emptier(at, y) { ("6", "start") } else { ("100%", "end") };
            let text = format!("{} {}", shortened(&band.label, 16).0, goal_bound(band, self.unit));
            let class = format!("band-label {}", goal_class(&band.label));
            svg = svg.child(label(&class, x, at, anchor, text.trim()));
        }
        if let Some(index) = self.guilty.and_then(|version| self.points.iter().position(|p| p.version == version)) {
            let of = self.credible.iter().find(|candidate| candidate.version == self.points[index].version);
            let how_sure = of.map_or_else(String::new, |of| format!(" · {}", probability(of.probability)));
            let text = format!("{}{how_sure}", shortened(&self.points[index].version, 14).0);
            svg = svg.child(label("guilty-label", &share(x(index)), TOP - 8.0, anchor(x(index)), &text));
            let diamond = path("guilty", "M0-7 7 0 0 7-7 0z".to_owned());
            svg = svg.child(
                Element::of("svg", "mark")
                    .attr("x", share(x(index)))
                    .attr("y", number(y(self.points[index].value)))
                    .child(diamond),
            );
        }
        if let Some(claim) = self.apple
            && let Some(at) = self.points.iter().position(|point| point.version == claim.latest_version)
        {
            let delta = claim.delta_percent.map_or_else(String::new, |delta| format!(" {}", signed_percent(delta)));
            let below = y(claim.reference_average).max(y(claim.latest)) + 16.0;
            svg = svg.child(label(
                "apple-label",
                &share(x(at)),
                below.min(BOTTOM - 4.0),
                anchor(x(at)),
                &format!("Apple{delta}"),
            ));
        }
        svg
    }

    /// From the first reference version over to the latest, then to the latest's value.
    fn apple_line(&self, claim: &AppleClaim, y: impl Fn(f64) -> f64) -> Option<String> {
        let at = |version: &String| self.points.iter().position(|point| point.version == *version);
        let latest = place(at(&claim.latest_version)?, self.points.len());
        let first = claim.reference_versions.iter().filter_map(at).min()?;
        let half = 0.3 * slot(self.points.len());
        let average = number(y(claim.reference_average));
        let from = number(place(first, self.points.len()) - half);
        Some(format!("M{from} {average}H{}V{}", number(latest), number(y(claim.latest))))
    }

    /// Whether a label at a height meets less at the left edge than at the right one.
    fn is_left_emptier(&self, at: f64, y: impl Fn(f64) -> f64) -> bool {
        let near = self.points.len().div_ceil(4);
        let distance = |points: &[SeriesPoint]| {
            points.iter().map(|point| (y(point.value) - at).abs()).fold(f64::INFINITY, f64::min)
        };
        let claim = self.apple.map_or(f64::INFINITY, |claim| (y(claim.reference_average) - at).abs());
        distance(&self.points[..near]) > distance(&self.points[self.points.len() - near..]).min(claim)
    }

    /// As many labels as the narrowest screen holds, the first, the last and the blamed version before all others; and
    /// those that only a wide screen has room for.
    fn version_labels(&self) -> Vec<Element> {
        let count = self.points.len();
        let texts: Vec<_> = self.points.iter().map(|point| shortened(&point.version, 12).0).collect();
        let guilty = self.guilty.and_then(|version| self.points.iter().position(|point| point.version == version));
        // Evenly spread ones before the rest, so that a long history is not labelled on its left only.
        let spread = [8, 4, 2, 1].into_iter().flat_map(|every| (0..count).step_by(count.div_ceil(8).max(1) * every));
        let ends = count.checked_sub(1).into_iter().chain((count > 0).then_some(0));
        let order: Vec<usize> = guilty.into_iter().chain(ends).chain(spread).chain(0..count).collect();
        let mut taken: Vec<(usize, bool)> = Vec::new();
        for (pixels, is_wide) in [(NARROW_PIXELS, false), (WIDE_PIXELS, true)] {
            let reach = |index: usize| {
                let width = (texts[index].chars().count() as f64 * DIGIT_PIXELS + 10.0) / pixels * WIDE;
                let middle = place(index, count);
                match label_anchor(middle, &texts[index]) {
                    "start" => (middle, middle + width),
                    "end" => (middle - width, middle),
                    _ => (middle - width / 2.0, middle + width / 2.0),
                }
            };
            for &index in &order {
                let (from, to) = reach(index);
                if taken.iter().map(|&(other, _)| reach(other)).all(|(start, end)| to < start || end < from) {
                    taken.push((index, is_wide));
                }
            }
        }
        taken.sort_unstable();
        let draw = |(index, is_wide): (usize, bool)| {
            let class = match (guilty == Some(index), is_wide) {
                (true, _) => "version blamed",
                (false, true) => "version wide",
                (false, false) => "version",
            };
            let middle = place(index, count);
            label(class, &share(middle), HEIGHT - 12.0, label_anchor(middle, &texts[index]), &texts[index])
        };
        taken.into_iter().map(draw).collect()
    }

    fn description(&self, axis: &Axis) -> String {
        let mut text = match (self.points.first(), self.points.last()) {
            (Some(first), Some(last)) if self.points.len() > 1 => format!(
                "{} versions, from {} at {} to {} at {}.",
                self.points.len(),
                first.version,
                with_unit(first.value, self.unit),
                last.version,
                with_unit(last.value, self.unit)
            ),
            (Some(only), _) => format!("One version, {}, at {}.", only.version, with_unit(only.value, self.unit)),
            _ => "No version.".to_owned(),
        };
        if let Some(version) = self.guilty {
            let _ = write!(text, " Version {version} is marked.");
        }
        if self.segments.len() > 1 {
            let levels: Vec<String> = self.segments.iter().map(|segment| with_unit(segment.level, self.unit)).collect();
            let _ = write!(text, " Levels: {}.", levels.join(", then "));
        }
        let _ = write!(text, " The vertical {}. The values follow as a table.", axis.note(self.unit));
        text
    }

    /// As a file of its own, 720 pixels wide, with the light colours written into it.
    pub fn to_svg(&self) -> String {
        let inner = self.draw().attr("x", "76").attr("y", "8");
        Element::new("svg")
            .attr("xmlns", "http://www.w3.org/2000/svg")
            .attr("width", "720")
            .attr("height", number(HEIGHT + 16.0))
            .child(Element::new("style").text(STANDALONE_STYLE))
            .child(Element::of("rect", "ground").attr("width", "100%").attr("height", "100%"))
            .child(
                Element::new("svg")
                    .attr("width", "620")
                    .attr("height", "100%")
                    .attr("overflow", "visible")
                    .child(inner),
            )
            .to_markup()
    }
}

/// The light half of the page's style sheet, for charts on their own.
const STANDALONE_STYLE: &str = "svg{overflow:visible;font:12px system-ui,sans-serif}\
    text{fill:#57606a}path{fill:none;vector-effect:non-scaling-stroke}.ground{fill:#fff}\
    .grid{stroke:#e3e6ea}.zero{stroke:#57606a}.level{stroke:#1f2933;stroke-width:3}\
    .margin{stroke:#8a94a0;stroke-width:1.5}.point{stroke:#1f2933;stroke-width:7;stroke-linecap:round}\
    .ghost{stroke:#8a94a0;stroke-width:7;stroke-linecap:round}.hole{stroke:#fff;stroke-width:4}\
    .guilt,.guilty{fill:#c4470a}.guilty-label,.blamed{fill:#a63a05;font-weight:600}\
    .apple{stroke:#8250a8;stroke-width:1.5;stroke-dasharray:5 4}.apple-label{fill:#7a4a9f}\
    .band{fill:#6b7680;fill-opacity:.06}.band.good{fill:#00876a;fill-opacity:.1}.band-label{font-size:11px}";

/// A small chart of one device: the same axis as its siblings, no text of its own but its title.
pub(crate) fn device_tile(title: &str, values: &[Option<f64>], guilty: Option<usize>, axis: &Axis) -> Element {
    const TILE: f64 = 56.0;
    let y = |value: f64| axis.y(value, 6.0, TILE - 6.0);
    let (mut line, mut dots, mut pen_down) = (String::new(), String::new(), false);
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            pen_down = false;
            continue;
        };
        let (at, height) = (number(place(index, values.len())), number(y(value)));
        let _ = write!(line, "{}{at} {height}", if pen_down { 'L' } else { 'M' });
        let _ = write!(dots, "M{at} {height}h.01");
        pen_down = true;
    }
    let mut lines = stretched(TILE).child(path("grid", format!("M0 {}H{WIDE}", number(TILE - 0.5))));
    if let Some(index) = guilty {
        let at = number(place(index, values.len()));
        lines = lines.child(path("guilt-line", format!("M{at} 0V{TILE}")));
    }
    lines = lines.child(path("line", line)).child(path("point small", dots));
    Element::of("svg", "tile")
        .attr("role", "img")
        .attr("width", "100%")
        .attr("height", number(TILE))
        .child(Element::new("title").text(title))
        .child(lines)
}

/// A change in percent with its interval on an axis from −`reach` to `reach`, zero in the middle.
pub fn interval(title: &str, percent: Option<f64>, ci_percent: Option<[f64; 2]>, reach: f64, class: &str) -> Element {
    const ROW: f64 = 18.0;
    let middle = ROW / 2.0;
    let x = |percent: f64| {
        let share = if reach > 0.0 { percent / reach } else { 0.0 };
        number(WIDE / 2.0 * (1.0 + if share.is_nan() { 0.0 } else { share.clamp(-1.0, 1.0) }))
    };
    let mut lines = stretched(ROW).child(path("zero", format!("M{} 0V{ROW}", WIDE / 2.0)));
    if let Some([low, high]) = ci_percent.filter(|ends| ends.iter().any(|end| end.is_finite())) {
        lines = lines.child(path("margin", format!("M{} {middle}H{}", x(low), x(high))));
    }
    if let Some(percent) = percent {
        lines = lines.child(path(&format!("point {class}"), format!("M{} {middle}h.01", x(percent))));
    }
    Element::of("svg", "interval")
        .attr("role", "img")
        .attr("width", "100%")
        .attr("height", number(ROW))
        .child(Element::new("title").text(title))
        .child(lines)
}

/// Two bars, before above after, on an axis from zero to `reach`.
pub(crate) fn before_after(title: &str, before: f64, after: f64, reach: f64) -> Element {
    const ROW: f64 = 18.0;
    let x = |value: f64| {
        let share = if reach > 0.0 { value / reach } else { 0.0 };
        number(WIDE * if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) })
    };
    let lines = stretched(ROW)
        .child(path("bar before", format!("M0 2H{}V8H0z", x(before))))
        .child(path("bar after", format!("M0 9H{}V16H0z", x(after))))
        .child(path("zero", format!("M0 0V{ROW}")));
    Element::of("svg", "bars")
        .attr("role", "img")
        .attr("width", "100%")
        .attr("height", number(ROW))
        .child(Element::new("title").text(title))
        .child(lines)
}

/// `1,035 ms`, or the number alone.
pub(crate) fn with_unit(value: f64, unit: Option<&str>) -> String {
    let value = figure(value);
    unit.map_or_else(|| value.clone(), |unit| format!("{value} {unit}"))
}

fn goal_bound(band: &LevelGoal, unit: Option<&str>) -> String {
    match (band.lower, band.upper) {
        (_, Some(upper)) => format!("below {}", with_unit(upper, unit)),
        (Some(lower), None) => format!("from {}", with_unit(lower, unit)),
        (None, None) => String::new(),
    }
}

fn goal_class(label: &str) -> &'static str {
    match label {
        // Apple's recommended goal has no word of its own; it is drawn like the best of the ranges.
        "good" | "goal" => "good",
        "fair" => "fair",
        "poor" => "poor",
        _ => "other",
    }
}

fn levels(segments: &[Segment], points: usize, y: impl Fn(f64) -> f64) -> String {
    let half = 0.42 * slot(points);
    let mut d = String::new();
    for segment in segments {
        let end = segment.end.min(points);
        if segment.start < end && segment.level.is_finite() {
            let (from, to) = (place(segment.start, points) - half, place(end - 1, points) + half);
            let _ = write!(d, "M{} {}H{}", number(from), number(y(segment.level)), number(to));
        }
    }
    d
}

/// The fitted line of a drift: the same change per version, as it is judged.
fn slope(before: f64, after: f64, points: usize, y: impl Fn(f64) -> f64) -> String {
    let last = points.saturating_sub(1).max(1) as f64;
    let at = |index: usize| {
        let share = index as f64 / last;
        if before > 0.0 && after > 0.0 {
            before * (after / before).powf(share)
        } else {
            before + (after - before) * share
        }
    };
    let mut d = String::new();
    for index in 0..points {
        let _ = write!(
            d,
            "{}{} {}",
            if index == 0 { 'M' } else { 'L' },
            number(place(index, points)),
            number(y(at(index)))
        );
    }
    d
}

/// The picture inside a picture that is stretched in width only.
fn stretched(height: f64) -> Element {
    Element::of("svg", "stretched")
        .attr("width", "100%")
        .attr("height", number(height))
        .attr("viewBox", format!("0 0 {WIDE} {}", number(height)))
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
}

fn path(class: &str, d: String) -> Element {
    Element::of("path", class).attr("d", d)
}

fn label(class: &str, x: &str, y: f64, anchor: &str, text: &str) -> Element {
    Element::of("text", class).attr("x", x).attr("y", number(y)).attr("text-anchor", anchor).text(text)
}

/// Width of a version's slot in the inner picture.
fn slot(count: usize) -> f64 {
    WIDE / count.max(1) as f64
}

/// Middle of a version's slot in the inner picture.
fn place(index: usize, count: usize) -> f64 {
    slot(count) * (index as f64 + 0.5)
}

fn share(x: f64) -> String {
    format!("{}%", number(100.0 * x / WIDE))
}

/// Texts near an edge lean inwards.
fn anchor(x: f64) -> &'static str {
    match x / WIDE {
        s if s < 0.12 => "start",
        s if s > 0.88 => "end",
        _ => "middle",
    }
}

/// Short labels stand under their points even there: the margins hold half of them.
fn label_anchor(x: f64, text: &str) -> &'static str {
    if text.chars().count() <= 5 { "middle" } else { anchor(x) }
}

/// One decimal is a tenth of a pixel.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use proptest::prelude::*;

    fn chart<'a>(finding: &'a Finding, bands: &'a [LevelGoal]) -> VersionChart<'a> {
        VersionChart { bands, ..VersionChart::of("c", "launch time", finding) }
    }

    #[test]
    fn axes_are_round_and_say_where_they_start() {
        let axis = Axis::over([768.7, 750.0, 992.3, 1118.9].into_iter());
        assert_eq!((axis.low, axis.high, axis.step), (700.0, 1200.0, 100.0));
        assert_eq!(axis.note(Some("ms")), "axis from 700 ms, not from zero");
        let near_zero = Axis::over([1.0, 10.0].into_iter());
        assert_eq!(near_zero.note(Some("ms")), "axis from zero");
        let still = Axis::over([1000.0, 1001.0].into_iter());
        assert!(still.high - still.low >= 100.0, "{still:?}");
        assert_eq!(Axis::over([f64::NAN].into_iter()), Axis { low: 0.0, high: 1.0, step: 0.5 });
    }

    #[test]
    fn a_goal_that_is_far_away_does_not_flatten_the_values() {
        let finding = sample::step();
        let near = [LevelGoal { label: "good".to_owned(), lower: None, upper: Some(600.0) }];
        let far = [LevelGoal { label: "good".to_owned(), lower: None, upper: Some(9_000.0) }];
        assert!(chart(&finding, &near).axis().low <= 600.0);
        assert_eq!(chart(&finding, &far).axis(), chart(&finding, &[]).axis());
    }

    #[test]
    fn labels_do_not_overlap_on_the_narrowest_screen() {
        let mut finding = sample::step();
        finding.points = (0..40).map(|i| sample::point(&format!("2026.{i}.0"), 100.0 + f64::from(i), None)).collect();
        finding.version = "2026.17.0".to_owned();
        let labels = chart(&finding, &[]).version_labels();
        let text: String = labels.iter().map(Element::to_markup).collect();
        let narrow = labels.len() - text.matches("version wide").count();
        assert!((3..=5).contains(&narrow) && labels.len() <= 9, "{narrow} of {}", labels.len());
        for version in ["2026.0.0", "2026.17.0", "2026.39.0"] {
            assert!(text.contains(&format!(">{version}<")), "{version} in {text}");
        }
    }

    proptest! {
        #[test]
        fn no_number_leaves_the_picture(values in prop::collection::vec(any::<f64>(), 0..50)) {
            let mut finding = sample::step();
            finding.points = values.iter().map(|&value| sample::point("1", value, Some(value))).collect();
            let svg = chart(&finding, &[]).draw().to_markup();
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", svg);
        }
    }
}
