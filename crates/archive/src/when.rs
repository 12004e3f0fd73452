//! Which day a document was downloaded, by the dates in its path.

use crate::Moment;
use crate::dates::{self, Date, Doubt, Form, Order, YEARS};
use crate::identity::{Identity, Reason, RuledOut, WhyNot};
use crate::reading::Head;
use crate::route::{Route, Segment};
use crate::words::{self, Meaning};
use perfpower_model::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How well a date tells the day, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    /// A date that is the number of a build or version.
    OfBuild,
    Month,
    Week,
    Day,
}

/// A date in a path.
#[derive(Clone, Debug)]
struct Evidence {
    precision: Precision,
    /// The innermost segment that it stands in.
    at: usize,
    date: Date,
    text: Arc<str>,
}

/// The days of an archive's documents.
#[derive(Debug, Default)]
pub(crate) struct Calendar {
    /// By form, the orders that fit every date of the form.
    orders: BTreeMap<Form, BTreeSet<Order>>,
}

/// What a path says of the day.
#[derive(Clone, Debug)]
pub(crate) enum When {
    Told(Identity<Moment>),
    /// The text, and the days that it can be.
    Doubtful(Arc<str>, Doubt),
    Nothing,
}

impl Calendar {
    /// Takes note of how the dates of a path are written.
    pub(crate) fn learn(&mut self, route: &Route) {
        for evidence in evidence(route) {
            if let Date::Numbers(doubt) = evidence.date {
                let fit: BTreeSet<Order> = doubt.readings.iter().map(|(order, _)| *order).collect();
                self.orders
                    .entry(doubt.form)
                    .and_modify(|orders| orders.retain(|order| fit.contains(order)))
                    .or_insert(fit);
            }
        }
    }

    /// The day that a path tells. `has_other_id`: whether the app is known without a number that may be a time.
    pub(crate) fn day(&self, route: &Route, has_other_id: bool) -> When {
        let mut all = evidence(route);
        let is_maybe = |evidence: &Evidence| matches!(evidence.date, Date::MaybeSeconds(_));
        if !has_other_id || has_sure_day(&all) {
            all.retain(|evidence| !is_maybe(evidence));
        }
        all.sort_by_key(|evidence| (evidence.precision, evidence.at));
        let Some(best) = all.pop() else { return When::Nothing };
        let (moment, reason) = match best.date {
            Date::Day(moment) | Date::MaybeSeconds(moment) => (moment, Reason::Date(best.text)),
            Date::Week(day) => (Moment::of_day(day), Reason::Week(best.text)),
            Date::Month(day) => (Moment::of_day(day), Reason::Month(best.text)),
            Date::Numbers(doubt) => {
                if let Some(moment) = doubt.settled() {
                    (moment, Reason::Date(best.text))
                } else {
                    let orders = self.orders.get(&doubt.form);
                    let mut left = doubt.readings.iter().filter(|(order, _)| orders.is_some_and(|o| o.contains(order)));
                    match (left.next(), left.next()) {
                        (Some((order, moment)), None) => (*moment, Reason::SettledDate(best.text, order.as_str())),
                        _ => return When::Doubtful(best.text, doubt),
                    }
                }
            }
        };
        let second = moment.second.or_else(|| time_inside(route, best.at));
        let mut others: Vec<RuledOut<Moment>> = Vec::new();
        for other in all.iter().rev() {
            let why = if other.precision < best.precision { WhyNot::LessExact } else { WhyNot::FurtherOut };
            let day = match &other.date {
                Date::Day(other) | Date::MaybeSeconds(other) => other.day,
                Date::Week(day) | Date::Month(day) => *day,
                Date::Numbers(_) => continue,
            };
            if day != moment.day && others.iter().all(|known| known.value.day != day) {
                others.push(RuledOut { value: Moment::of_day(day), why });
            }
        }
        When::Told(Identity { value: Moment { second, ..moment }, reason, others: others.into() })
    }
}

/// Whether a path tells a day without a number that may be an Apple id.
pub(crate) fn tells_day(route: &Route) -> bool {
    has_sure_day(&evidence(route))
}

fn has_sure_day(all: &[Evidence]) -> bool {
    all.iter().any(|e| e.precision >= Precision::Week && !matches!(e.date, Date::MaybeSeconds(_)))
}

/// All dates of a path.
fn evidence(route: &Route) -> Vec<Evidence> {
    let mut all = Vec::new();
    for (at, segment) in route.segments.iter().enumerate() {
        // The last, because a range of days was downloaded at its end.
        for dated in segment.name.dates.iter().rev().take(1) {
            // What lies above the archive must be a date and nothing else.
            let is_whole = dated.range == (0..segment.text().len());
            if at < route.outside && !is_whole {
                continue;
            }
            let is_of_build = heads_builds(route, at) || is_behind_build(segment.text(), dated.range.start);
            let precision = match dated.date {
                _ if is_of_build => Precision::OfBuild,
                Date::Month(_) => Precision::Month,
                Date::Week(_) => Precision::Week,
                _ => Precision::Day,
            };
            all.push(Evidence { precision, at, date: dated.date.clone(), text: Arc::clone(&segment.step.name) });
        }
    }
    let pieces: Vec<Piece<'_>> = route.segments.iter().map(Piece::of).collect();
    for at in 0..pieces.len() {
        all.extend(composed(route, &pieces, at));
    }
    all.extend(keyed(route, &pieces));
    all
}

fn heads_builds(route: &Route, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|above| route.segments[above].name.heads == Some(Head::Builds))
}

/// `build-20261102`, `release_2026-11-02`.
fn is_behind_build(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end_matches(['-', '_', ' ', '.', '=']).to_lowercase();
    ["build", "version", "release", "bld", "buildid", "buildnumber", "build_id"]
        .iter()
        .any(|word| before.ends_with(word))
}

/// The text of a segment without the words that say what it is, and its key.
struct Piece<'a> {
    key: Option<String>,
    text: &'a str,
    is_file: bool,
}

impl<'a> Piece<'a> {
    fn of(segment: &'a Segment) -> Self {
        let text = segment.text();
        if let Some((key, value)) = text.split_once('=') {
            let key = key.trim_start_matches("p_").to_ascii_lowercase();
            return Self { key: Some(key), text: value, is_file: segment.is_file };
        }
        let text = if segment.is_file { without_kinds(text) } else { text };
        Self { key: None, text, is_file: segment.is_file }
    }

    /// The value, if the key is one of some or there is none and the text has one of some words in front.
    fn value(&self, keys: &[&str]) -> Option<&'a str> {
        if let Some(key) = &self.key {
            return keys.contains(&key.as_str()).then_some(self.text);
        }
        let lower = self.text.get(..self.text.find(|c: char| c.is_ascii_digit())?)?.to_ascii_lowercase();
        let word = lower.trim_end_matches(['-', '_', ' ']);
        (word.is_empty() || keys.contains(&word)).then(|| &self.text[lower.len()..])
    }

    fn year(&self) -> Option<i32> {
        let text = self.value(&["year", "y", "yyyy", "yr"]).filter(|text| text.len() == 4)?;
        dates::number(text).map(|year| year as i32).filter(|year| YEARS.contains(year))
    }

    /// `11`, `Nov`, `November`, `11-Nov`, `month=11`.
    fn month(&self) -> Option<u32> {
        let keys = ["month", "m", "mm", "mon"];
        let is_keyed = self.key.as_deref().is_some_and(|key| keys.contains(&key));
        if self.key.is_none() || is_keyed {
            let letters: Vec<&str> = self.text.split(['-', '_', ' ', '.']).collect();
            let named = match letters[..] {
                [word] | [word, ""] => dates::month(word),
                [number, word] => {
                    let month = dates::month(word);
                    month.filter(|month| dates::number(number) == Some(*month))
                }
                _ => None,
            };
            if named.is_some() {
                return named;
            }
        }
        let text = self.value(&keys).filter(|text| text.len() <= 2)?;
        dates::number(text).filter(|month| (1..=12).contains(month))
    }

    fn day(&self) -> Option<u32> {
        let text = self.value(&["day", "d", "dd", "dom"])?;
        let text = ["st", "nd", "rd", "th"].iter().find_map(|mark| text.strip_suffix(mark)).unwrap_or(text);
        dates::number(text).filter(|day| text.len() <= 2 && (1..=31).contains(day))
    }

    fn week(&self) -> Option<u32> {
        let keys = ["week", "w", "ww", "wk", "kw", "cw", "isoweek", "iso_week"];
        // A number alone is a month.
        let is_said = self.key.is_some() || self.text.starts_with(|c: char| c.is_ascii_alphabetic());
        let text = self.value(&keys).filter(|_| is_said)?.trim_start_matches(['W', 'w']);
        dates::number(text).filter(|week| text.len() <= 2 && (1..=53).contains(week))
    }

    fn hour(&self) -> Option<u32> {
        let text = self.value(&["hour", "h", "hh", "hr"])?;
        let text = text.strip_suffix('h').unwrap_or(text);
        dates::number(text).filter(|hour| text.len() <= 2 && *hour < 24 && !self.is_file)
    }

    /// `2026-11`, `202611`.
    fn year_and_month(&self) -> Option<(i32, u32)> {
        let digits: String = match self.text.len() {
            6 => self.text.into(),
            7 if matches!(self.text.as_bytes()[4], b'-' | b'_' | b'.') => {
                [self.text.get(..4)?, self.text.get(5..)?].concat()
            }
            _ => return None,
        };
        let year = dates::number(digits.get(..4)?)? as i32;
        let month = dates::number(digits.get(4..)?)?;
        (YEARS.contains(&year) && (1..=12).contains(&month)).then_some((year, month))
    }

    /// `11-02`, `11_02`, `1102`: below a year.
    fn month_and_day(&self) -> Option<(u32, u32)> {
        let (month, day) = match self.text.len() {
            4 => (self.text.get(..2)?, self.text.get(2..)?),
            5 if matches!(self.text.as_bytes()[2], b'-' | b'_' | b'.') => (self.text.get(..2)?, self.text.get(3..)?),
            _ => return None,
        };
        Some((dates::number(month)?, dates::number(day)?))
    }

    fn digits(&self, lengths: &[usize]) -> Option<&'a str> {
        let is_number = self.key.is_none() && words::is_digits(self.text) && lengths.contains(&self.text.len());
        is_number.then_some(self.text)
    }
}

/// The name of a file less the kinds around it: `02-xcodeMetrics`.
fn without_kinds(text: &str) -> &str {
    let separators = ['-', '_', ' '];
    let says_kind = |word: &str| words::meaning(&word.to_lowercase()) == Some(Meaning::Kind);
    if let Some((front, back)) = text.split_once(separators) {
        if says_kind(back) || back.split(separators).all(says_kind) {
            return front;
        }
        if let Some((front, back)) = text.rsplit_once(separators)
            && front.split(separators).all(says_kind)
        {
            return back;
        }
    }
    text
}

/// The date that starts at a segment and goes over several: `2026/11/02/03`, `2026-11/02`, `2026/W45`, `02/11/2026`.
fn composed(route: &Route, pieces: &[Piece<'_>], at: usize) -> Option<Evidence> {
    let piece = |behind: usize| pieces.get(at + behind);
    let text = |length: usize| -> Arc<str> {
        let names = route.segments[at..at + length].iter().map(|segment| &*segment.step.name);
        names.collect::<Vec<_>>().join("/").into()
    };
    let told = |precision: Precision, date: Date, length: usize| {
        Some(Evidence { precision, at: at + length - 1, date, text: text(length) })
    };
    let with_hour = |day: Day, length: usize| {
        let hour = piece(length).and_then(Piece::hour);
        let second = hour.map(|hour| hour * 3600);
        told(Precision::Day, Date::Day(Moment { day, second }), length + usize::from(hour.is_some()))
    };
    if let Some(year) = pieces[at].year() {
        let month = piece(1).and_then(Piece::month);
        let day = month.and_then(|month| Day::from_ymd(year, month, piece(2)?.day()?));
        if let Some(day) = day {
            return with_hour(day, 3);
        }
        let day = piece(1).and_then(Piece::month_and_day).and_then(|(month, day)| Day::from_ymd(year, month, day));
        if let Some(day) = day {
            return with_hour(day, 2);
        }
        if let Some(monday) = piece(1).and_then(Piece::week).and_then(|week| dates::day_of_week(year, week, 1)) {
            let weekday = piece(2).filter(|piece| !piece.is_file).and_then(|piece| dates::number(piece.digits(&[1])?));
            let day =
                weekday.filter(|day| (1..=7).contains(day)).map(|day| Day::from_days(monday.days() + day as i32 - 1));
            return match day {
                Some(day) => told(Precision::Day, Date::Day(Moment::of_day(day)), 3),
                None => told(Precision::Week, Date::Week(monday), 2),
            };
        }
        if let Some(first) = month.filter(|_| !pieces[at + 1].is_file).and_then(|month| Day::from_ymd(year, month, 1)) {
            return told(Precision::Month, Date::Month(first), 2);
        }
    }
    if let Some((year, month)) = pieces[at].year_and_month() {
        let day = piece(1).and_then(Piece::day).and_then(|day| Day::from_ymd(year, month, day));
        return day.and_then(|day| with_hour(day, 2));
    }
    // `02/Nov/2026`, and numbers whose order is not told.
    if let (Some(day), Some(month), Some(year)) =
        (pieces[at].day(), piece(1).and_then(|piece| dates::month(piece.text)), piece(2).and_then(Piece::year))
    {
        return Day::from_ymd(year, month, day).and_then(|day| with_hour(day, 3));
    }
    let numbers = [pieces[at].digits(&[1, 2])?, piece(1)?.digits(&[1, 2])?, piece(2)?.digits(&[2, 4])?];
    let is_written_out = numbers[2].len() == 4 || numbers.iter().all(|number| number.len() == 2);
    let doubt = dates::in_some_order(numbers, Some('/')).filter(|_| is_written_out)?;
    told(Precision::Day, Date::Numbers(doubt), 3)
}

/// `year=2026/app=x/month=11/day=02`: keys may stand apart.
fn keyed(route: &Route, pieces: &[Piece<'_>]) -> Option<Evidence> {
    fn find<'a, 'b, T>(pieces: &'b [Piece<'a>], what: impl Fn(&'b Piece<'a>) -> Option<T>) -> Option<(usize, T)> {
        let mut keyed = pieces.iter().enumerate().filter(|(_, piece)| piece.key.is_some());
        keyed.find_map(|(at, piece)| Some((at, what(piece)?)))
    }
    let (year_at, year) = find(pieces, Piece::year)?;
    let text = |ats: &[usize]| -> Arc<str> {
        ats.iter().map(|at| &*route.segments[*at].step.name).collect::<Vec<_>>().join("/").into()
    };
    let second = find(pieces, Piece::hour).map(|(_, hour)| hour * 3600);
    if let (Some((month_at, month)), Some((day_at, day))) = (find(pieces, Piece::month), find(pieces, Piece::day)) {
        let day = Day::from_ymd(year, month, day)?;
        let text = text(&[year_at, month_at, day_at]);
        return Some(Evidence { precision: Precision::Day, at: day_at, date: Date::Day(Moment { day, second }), text });
    }
    let (week_at, week) = find(pieces, Piece::week)?;
    let monday = dates::day_of_week(year, week, 1)?;
    Some(Evidence {
        precision: Precision::Week,
        at: week_at,
        date: Date::Week(monday),
        text: text(&[year_at, week_at]),
    })
}

/// The time of day that a segment behind the date's is: `2026-11-02/03-04-05/`, `hour=03`.
fn time_inside(route: &Route, at: usize) -> Option<u32> {
    let inner = route.segments.get(at + 1..)?;
    inner.iter().find_map(|segment| {
        let piece = Piece::of(segment);
        let hour = || piece.key.as_ref().and_then(|_| piece.hour()).map(|hour| hour * 3600);
        dates::whole_time(piece.text).or_else(hour)
    })
}
