//! Days, weeks and months in the name of one file or directory.

use crate::Moment;
use perfpower_model::Day;
use std::ops::{Range, RangeInclusive};

/// The years that a date in a name may have; numbers beyond them are ids. Apple has had the App Store since 2008.
pub(crate) const YEARS: RangeInclusive<i32> = 2008..=2099;

/// Years of two digits: the documents that are read here exist since 2020, so that an earlier one is no year.
const SHORT_YEARS: RangeInclusive<u32> = 20..=99;

/// Seconds since 1970 that may be a time of download: from July 2020, when the documents that are read here came to be,
/// into 2033. From 2,015 million on, such a number may be a day and a counter, as builds are numbered.
const UNIX_SECONDS: Range<u64> = 1_593_561_600..2_000_000_000;

/// From here on (November 2023) a number of ten digits is a time and no Apple id: those went from 1.69 to 6.44 thousand million.
const SURELY_UNIX_SECONDS: u64 = 1_700_000_000;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A date in a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    /// Where it stands, its time of day included.
    pub(crate) range: Range<usize>,
    pub(crate) date: Date,
}

/// What a date tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Date {
    /// A day.
    Day(Moment),
    /// Seconds since 1970 that may as well be an Apple id.
    MaybeSeconds(Moment),
    /// A day whose numbers may be in several orders.
    Numbers(Doubt),
    /// An ISO week, by its Monday.
    Week(Day),
    /// A month, by its first day.
    Month(Day),
}

/// The order in which numbers are a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Order {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
}

impl Order {
    /// For people, such as "day first".
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::DayMonthYear => "day first",
            Self::MonthDayYear => "month first",
            Self::YearMonthDay => "year first",
        }
    }

    /// The part of a layout that reads it, with a separator.
    pub(crate) fn slots(self, separator: &str) -> String {
        let slots = match self {
            Self::DayMonthYear => ["{day}", "{month}", "{year}"],
            Self::MonthDayYear => ["{month}", "{day}", "{year}"],
            Self::YearMonthDay => ["{year}", "{month}", "{day}"],
        };
        slots.join(separator)
    }
}

/// A date of which the order of its numbers is not told by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub(crate) form: Form,
    /// The orders that give a day, and the days: at least one.
    pub(crate) readings: Vec<(Order, Moment)>,
}

impl Doubt {
    /// The day, if all orders give the same.
    pub(crate) fn settled(&self) -> Option<Moment> {
        let (_, first) = *self.readings.first()?;
        self.readings.iter().all(|(_, day)| *day == first).then_some(first)
    }
}

/// How a date of doubtful order is written: those of one form are read in one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Form {
    /// What stands between the numbers; `/` for directories, `None` for nothing.
    pub(crate) separator: Option<char>,
    /// Whether the year has two digits.
    pub(crate) is_short: bool,
}

/// All dates that a name holds, in their order. The text of a UUID holds none.
///
/// A day is taken as written, whatever the offset from UTC.
pub(crate) fn dates(name: &str) -> Vec<Dated> {
    let scan = Scan::new(name);
    let mut dates = Vec::new();
    let mut at = 0;
    while at < scan.tokens.len() {
        if let Some((date, tokens)) = scan.date(at) {
            let range = scan.tokens[at].start..scan.tokens[at + tokens - 1].end;
            let (date, end) = scan.with_time(date, range.end);
            dates.push(Dated { range: range.start..end, date });
            at += scan.tokens[at..].iter().take_while(|token| token.start < end).count();
        } else {
            at += 1;
        }
    }
    dates
}

/// The day of a text that is one date and nothing else, and of which there is no doubt.
pub(crate) fn whole_day(text: &str) -> Option<Moment> {
    let mut dates = dates(text);
    let found = dates.pop().filter(|found| found.range == (0..text.len()))?;
    match found.date {
        Date::Day(moment) | Date::MaybeSeconds(moment) => Some(moment),
        Date::Week(day) => Some(Moment::of_day(day)),
        Date::Numbers(doubt) => doubt.settled(),
        Date::Month(_) => None,
    }
}

/// Where the UUIDs of a name stand.
pub(crate) fn uuids(name: &str) -> Vec<Range<usize>> {
    const LENGTH: usize = 36;
    let bytes = name.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let is_uuid = |at: usize| {
        bytes[at..at + LENGTH]
            .iter()
            .enumerate()
            .all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at + LENGTH <= bytes.len() {
        let alone = !at.checked_sub(1).is_some_and(is_word) && !is_word(at + LENGTH);
        if alone && is_uuid(at) {
            found.push(at..at + LENGTH);
            at += LENGTH;
        } else {
            at += 1;
        }
    }
    found
}

/// The Monday of an ISO week, or another day of it (1 = Monday).
pub(crate) fn day_of_week(year: i32, week: u32, weekday: u32) -> Option<Day> {
    if !YEARS.contains(&year) || !(1..=53).contains(&week) || !(1..=7).contains(&weekday) {
        return None;
    }
    let monday_of = |year: i32| {
        // The fourth of January always lies in the first week. 1970-01-01 was a Thursday.
        let fourth = Day::from_ymd(year, 1, 4)?.days();
        Some(fourth - (fourth + 3).rem_euclid(7))
    };
    let monday = monday_of(year)? + 7 * (week as i32 - 1);
    (monday < monday_of(year + 1)?).then(|| Day::from_days(monday + weekday as i32 - 1))
}

/// The number of a month by its English name, or the first three letters of it.
pub(crate) fn month(word: &str) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let fits = |name: &&str| word == **name || word == name[..3] || (word == "sept" && name.starts_with("sept"));
    MONTHS.iter().position(fits).map(|at| at as u32 + 1)
}

/// The day of a year, counted from 1.
fn ordinal(year: i32, day: u32) -> Option<Day> {
    let first = Day::from_ymd(year, 1, 1).filter(|_| YEARS.contains(&year))?;
    let found = Day::from_days(first.days() + day.checked_sub(1)? as i32);
    (found.ymd().0 == year).then_some(found)
}

/// The day or days that three numbers can be.
pub(crate) fn in_some_order(numbers: [&str; 3], separator: Option<char>) -> Option<Doubt> {
    let [a, b, c] = numbers.map(number);
    let (a, b, c) = (a?, b?, c?);
    let lengths = numbers.map(str::len);
    let is_short = lengths[2] == 2;
    let year = |n: u32, length: usize| -> Option<i32> {
        match length {
            4 => Some(n as i32).filter(|year| YEARS.contains(year)),
            2 => SHORT_YEARS.contains(&n).then(|| 2000 + n as i32),
            _ => None,
        }
    };
    let day = |order: Order| {
        let (y, m, d) = match order {
            Order::DayMonthYear => (year(c, lengths[2])?, b, a),
            Order::MonthDayYear => (year(c, lengths[2])?, a, b),
            Order::YearMonthDay => (year(a, lengths[0]).filter(|_| is_short)?, b, c),
        };
        Some((order, Moment::of_day(Day::from_ymd(y, m, d)?)))
    };
    let orders = [Order::DayMonthYear, Order::MonthDayYear, Order::YearMonthDay];
    let readings: Vec<(Order, Moment)> = orders.into_iter().filter_map(day).collect();
    (!readings.is_empty()).then_some(Doubt { form: Form { separator, is_short }, readings })
}

/// A run of digits or of letters.
#[derive(Clone, Copy, Debug)]
struct Token {
    start: usize,
    end: usize,
    is_number: bool,
}

/// A name in pieces.
struct Scan<'a> {
    name: &'a str,
    tokens: Vec<Token>,
}

impl<'a> Scan<'a> {
    fn new(name: &'a str) -> Self {
        let uuids = uuids(name);
        let mut tokens: Vec<Token> = Vec::new();
        for (start, c) in name.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
            if uuids.iter().any(|uuid| uuid.contains(&start)) {
                continue;
            }
            let (end, is_number) = (start + c.len_utf8(), c.is_ascii_digit());
            match tokens.last_mut() {
                Some(last) if last.end == start && last.is_number == is_number => last.end = end,
                _ => tokens.push(Token { start, end, is_number }),
            }
        }
        Self { name, tokens }
    }

    fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| &self.name[token.start..token.end])
    }

    /// The text of a number of some length.
    fn digits(&self, at: usize, length: RangeInclusive<usize>) -> Option<&'a str> {
        let text = self.text(at);
        (self.tokens.get(at)?.is_number && length.contains(&text.len())).then_some(text)
    }

    fn number(&self, at: usize, length: RangeInclusive<usize>) -> Option<u32> {
        number(self.digits(at, length)?)
    }

    fn year(&self, at: usize) -> Option<i32> {
        self.number(at, 4..=4).map(|year| year as i32).filter(|year| YEARS.contains(year))
    }

    fn month(&self, at: usize) -> Option<u32> {
        (!self.tokens.get(at)?.is_number).then(|| month(self.text(at)))?
    }

    /// What stands between a token and the one behind it.
    fn gap(&self, at: usize) -> &'a str {
        match (self.tokens.get(at), self.tokens.get(at + 1)) {
            (Some(left), Some(right)) => &self.name[left.end..right.start],
            (Some(left), None) => &self.name[left.end..],
            _ => "",
        }
    }

    /// The one character between two tokens, if it is one of some.
    fn separator(&self, at: usize, known: &str) -> Option<char> {
        let mut between = self.gap(at).chars();
        let first = between.next().filter(|c| known.contains(*c));
        first.filter(|_| between.next().is_none() && at + 1 < self.tokens.len())
    }

    /// Whether a token ends where it does because something else than a word or a time is behind it.
    fn ends(&self, at: usize) -> bool {
        let follows = self.gap(at).is_empty() && at + 1 < self.tokens.len();
        !follows || matches!(self.text(at + 1), "T" | "t" | "Z" | "z")
    }

    /// Whether a token starts there because nothing is glued to its front.
    fn starts(&self, at: usize) -> bool {
        at.checked_sub(1).is_none_or(|before| !self.gap(before).is_empty())
    }

    /// The date that starts at a token, and how many tokens it takes.
    fn date(&self, at: usize) -> Option<(Date, usize)> {
        if self.is_behind_version_mark(at) {
            return None;
        }
        self.year_first(at)
            .or_else(|| self.compact(at))
            .or_else(|| self.seconds(at))
            .or_else(|| self.named_month(at))
            .or_else(|| self.week_first(at))
            .or_else(|| self.year_last(at))
            .or_else(|| self.partial(at))
    }

    /// `v2026.10.05`: what looks like a day is a version.
    fn is_behind_version_mark(&self, at: usize) -> bool {
        let is_dotted = self.gap(at) == ".";
        let before = at.checked_sub(1).map(|before| self.text(before).to_ascii_lowercase());
        let is_inside = at > 0 && self.gap(at - 1) == "." && self.tokens[at - 1].is_number;
        is_dotted && (is_inside || before.is_some_and(|word| ["v", "version", "release", "rel", "r"].contains(&&*word)))
    }

    /// `2026-11-23`, `2026_11_23`, `2026.11.23`, `2026 11 23`, `2026-1-2`, `2026-W45-1`, `2026-Nov-02`.
    fn year_first(&self, at: usize) -> Option<(Date, usize)> {
        let year = self.year(at)?;
        if let Some(week) = self.week_behind(at, year) {
            return Some(week);
        }
        let separator = self.separator(at, "-_. :")?;
        let is_same = self.separator(at + 1, "-_. :") == Some(separator);
        if let Some(month) = self.month(at + 1) {
            let day = self.number(at + 2, 1..=2).filter(|_| is_same && self.ends(at + 2))?;
            return Some((Date::Day(Moment::of_day(Day::from_ymd(year, month, day)?)), 3));
        }
        // With dots or blanks only what is written in two digits is surely no version.
        let length = if matches!(separator, '-' | '_') { 1..=2 } else { 2..=2 };
        let month = self.number(at + 1, length.clone())?;
        let day = self.number(at + 2, length).filter(|_| is_same && self.ends(at + 2))?;
        let is_version = separator == '.' && self.separator(at + 2, ".").is_some() && self.tokens[at + 3].is_number;
        (!is_version).then_some(())?;
        Some((Date::Day(Moment::of_day(Day::from_ymd(year, month, day)?)), 3))
    }

    /// `20261123`, `20261123T…`, `20261123045807`, not within a longer word; `23102026` where the end is a year.
    fn compact(&self, at: usize) -> Option<(Date, usize)> {
        let digits = self.digits(at, 8..=14).filter(|_| self.starts(at) && self.ends(at))?;
        if !matches!(digits.len(), 8 | 12 | 14) {
            return None;
        }
        let pair = |from: usize| digits.get(from..from + 2).and_then(number);
        let year = number(&digits[..4])? as i32;
        if let Some(day) = Day::from_ymd(year, pair(4)?, pair(6)?).filter(|_| YEARS.contains(&year)) {
            let clock = (pair(8), pair(10), pair(12));
            let second = match clock {
                (None, ..) => None,
                (Some(hour), minute, second) => Some(seconds_of(hour, minute?, second.unwrap_or(0))?),
            };
            return Some((Date::Day(Moment { day, second }), 1));
        }
        let is_recent = (2020..=2039).contains(&number(&digits[4..8])?);
        (digits.len() == 8 && is_recent).then_some(())?;
        Some((Date::Numbers(in_some_order([&digits[..2], &digits[2..4], &digits[4..]], None)?), 1))
    }

    /// Seconds or milliseconds since 1970.
    fn seconds(&self, at: usize) -> Option<(Date, usize)> {
        let digits = self.digits(at, 10..=13).filter(|_| self.starts(at) && self.ends(at))?;
        let value: u64 = digits.parse().ok()?;
        let seconds = match digits.len() {
            10 => value,
            13 => value / 1000,
            _ => return None,
        };
        UNIX_SECONDS.contains(&seconds).then_some(())?;
        let moment = Moment::from_unix_seconds(seconds as i64);
        let is_sure = digits.len() == 13 || seconds >= SURELY_UNIX_SECONDS;
        Some((if is_sure { Date::Day(moment) } else { Date::MaybeSeconds(moment) }, 1))
    }

    /// `2 Nov 2026`, `02Nov2026`, `02-Nov-26`, `Nov-02-2026`, `November 2nd, 2026`, `Nov 2026`.
    fn named_month(&self, at: usize) -> Option<(Date, usize)> {
        let is_gap = |gap: &str| matches!(gap, "" | "-" | "_" | " " | "." | ", " | ". " | ",");
        let near = |from: usize, to: usize| (from..to).all(|at| is_gap(self.gap(at)) && at + 1 < self.tokens.len());
        // `2nd`: a word of its own to the scan.
        let after_ordinal = |at: usize| {
            let is_mark = self.gap(at).is_empty() && matches!(self.text(at + 1), "st" | "nd" | "rd" | "th");
            at + 1 + usize::from(is_mark)
        };
        let year = |at: usize| {
            let full = self.year(at);
            let short = || self.number(at, 2..=2).filter(|n| SHORT_YEARS.contains(n)).map(|n| 2000 + n as i32);
            full.or_else(short).filter(|_| self.ends(at))
        };
        let day_first = || {
            let day = self.number(at, 1..=2)?;
            let month_at = after_ordinal(at);
            let found = Day::from_ymd(year(month_at + 1)?, self.month(month_at)?, day)?;
            near(at, month_at + 1).then_some((Date::Day(Moment::of_day(found)), month_at + 2 - at))
        };
        let month_first = || {
            let month = self.month(at).filter(|_| self.starts(at))?;
            let day = self.number(at + 1, 1..=2)?;
            let year_at = after_ordinal(at + 1);
            let found = Day::from_ymd(self.year(year_at).filter(|_| self.ends(year_at))?, month, day)?;
            near(at, year_at).then_some((Date::Day(Moment::of_day(found)), year_at + 1 - at))
        };
        let month_alone = || {
            let month = self.month(at).filter(|_| self.starts(at))?;
            let first = Day::from_ymd(self.year(at + 1).filter(|_| self.ends(at + 1))?, month, 1)?;
            near(at, at + 1).then_some((Date::Month(first), 2))
        };
        day_first().or_else(month_first).or_else(month_alone)
    }

    /// A week behind a year: `2026-W45`, `2026W45-1`, `2026-W451`, `2026-week-45`.
    fn week_behind(&self, at: usize, year: i32) -> Option<(Date, usize)> {
        let is_near = |at: usize| matches!(self.gap(at), "" | "-" | "_" | " ") && at + 1 < self.tokens.len();
        if !is_near(at) || !is_week_word(self.text(at + 1)) || !is_near(at + 1) {
            return None;
        }
        let digits = self.digits(at + 2, 1..=3)?;
        if digits.len() == 3 {
            let day = day_of_week(year, number(&digits[..2])?, number(&digits[2..])?)?;
            return Some((Date::Day(Moment::of_day(day)), 3));
        }
        let week = number(digits)?;
        let weekday = self.number(at + 3, 1..=1).filter(|_| self.gap(at + 2) == "-" && self.ends(at + 3));
        match weekday.and_then(|weekday| day_of_week(year, week, weekday)) {
            Some(day) => Some((Date::Day(Moment::of_day(day)), 4)),
            None => Some((Date::Week(day_of_week(year, week, 1)?), 3)),
        }
    }

    /// `W45-2026`, `week 45, 2026`.
    fn week_first(&self, at: usize) -> Option<(Date, usize)> {
        let is_mark = is_week_word(self.text(at)) && self.starts(at) && matches!(self.gap(at), "" | "-" | "_" | " ");
        let week = self.number(at + 1, 1..=2).filter(|_| is_mark)?;
        let year = self.year(at + 2).filter(|_| matches!(self.gap(at + 1), "-" | "_" | " " | ", "))?;
        Some((Date::Week(day_of_week(year, week, 1)?), 3))
    }

    /// `02-11-2026`, `02.11.2026`, `02-11-26`: the order of day and month is not told.
    fn year_last(&self, at: usize) -> Option<(Date, usize)> {
        let separator = self.separator(at, "-_. ")?;
        let is_same = self.separator(at + 1, "-_. ") == Some(separator);
        let [a, b] = [self.digits(at, 1..=2)?, self.digits(at + 1, 1..=2)?];
        let c = self.digits(at + 2, 2..=4).filter(|_| is_same && self.starts(at) && self.ends(at + 2))?;
        let is_inside = |at: Option<usize>| at.is_some_and(|at| self.separator(at, ".-").is_some());
        let number_before = at.checked_sub(1).filter(|before| self.tokens[*before].is_number);
        let number_behind = self.tokens.get(at + 3).filter(|token| token.is_number).map(|_| at + 2);
        let is_long = c.len() == 4;
        // A longer row of numbers is a version or an address; so are three short ones with dots.
        let is_version = is_inside(number_before) || (separator == '.' && is_inside(number_behind));
        let is_written_out = is_long || (matches!(separator, '-' | '_') && a.len() == 2 && b.len() == 2);
        (!is_version && is_written_out).then_some(())?;
        Some((Date::Numbers(in_some_order([a, b, c], Some(separator))?), 3))
    }

    /// `2026-11` and `2026-306`, and no third number behind.
    fn partial(&self, at: usize) -> Option<(Date, usize)> {
        let year = self.year(at).filter(|_| self.starts(at))?;
        self.separator(at, "-_").filter(|_| self.ends(at + 1))?;
        let has_third = self.separator(at + 1, "-_.").is_some() && self.tokens[at + 2].is_number;
        let is_third = at > 0 && self.tokens[at - 1].is_number && self.gap(at - 1).len() == 1;
        (!has_third && !is_third).then_some(())?;
        if let Some(day) = self.number(at + 1, 3..=3) {
            return Some((Date::Day(Moment::of_day(ordinal(year, day)?)), 2));
        }
        Some((Date::Month(Day::from_ymd(year, self.number(at + 1, 2..=2)?, 1)?), 2))
    }

    /// The date with the time of day that follows it, and where both end.
    fn with_time(&self, date: Date, end: usize) -> (Date, usize) {
        let Some((second, end_of_time)) = clock_behind(self.name.as_bytes(), end) else { return (date, end) };
        let with = |moment: Moment| Moment { second: moment.second.or(Some(second)), ..moment };
        match date {
            Date::Day(moment) => (Date::Day(with(moment)), end_of_time),
            Date::Numbers(doubt) => {
                let readings = doubt.readings.into_iter().map(|(order, moment)| (order, with(moment))).collect();
                (Date::Numbers(Doubt { readings, ..doubt }), end_of_time)
            }
            other => (other, end),
        }
    }
}

fn is_week_word(word: &str) -> bool {
    ["w", "week", "wk", "kw", "cw"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Seconds since midnight.
pub(crate) fn seconds_of(hour: u32, minute: u32, second: u32) -> Option<u32> {
    // 60: a leap second.
    (hour < 24 && minute < 60 && second <= 60).then_some((hour * 60 + minute) * 60 + second)
}

/// The time of a text that is one and nothing else: `03-04-05`, `03:04`, `T0304Z`.
pub(crate) fn whole_time(text: &str) -> Option<u32> {
    let marked = if text.starts_with(['T', 't']) { text.to_owned() } else { format!("_{text}") };
    clock_behind(marked.as_bytes(), 0).filter(|(_, end)| *end == marked.len()).map(|(second, _)| second)
}

/// The time of day that follows a date, and where it ends.
fn clock_behind(bytes: &[u8], date_end: usize) -> Option<(u32, usize)> {
    let part = |at: usize| bytes.get(at..at + 2).and_then(|pair| number(std::str::from_utf8(pair).ok()?));
    // Behind a `T` hours and minutes are enough; behind anything else only three parts are surely a time.
    let (start, is_marked) = match bytes.get(date_end)? {
        b'T' | b't' => (date_end + 1, true),
        b' ' if bytes[date_end..].starts_with(b" at ") => (date_end + 4, true),
        b'_' | b' ' | b'-' => (date_end + 1, false),
        _ => return None,
    };
    let separator = bytes.get(start + 2).filter(|b| matches!(b, b':' | b'-' | b'_' | b'.'));
    let next = |at: usize| match separator {
        None => Some(at + 2),
        Some(mark) => (bytes.get(at + 2) == Some(mark)).then_some(at + 3),
    };
    let hour = part(start)?;
    let minutes_at = next(start)?;
    let minute = part(minutes_at)?;
    let (second, mut at) = match next(minutes_at).and_then(|at| Some((part(at)?, at + 2))) {
        Some(found) => found,
        None if is_marked => (0, minutes_at + 2),
        None => return None,
    };
    let time = seconds_of(hour, minute, second).filter(|_| !digit_at(bytes, at))?;
    if bytes.get(at) == Some(&b'.') && digit_at(bytes, at + 1) {
        at += 1;
        while digit_at(bytes, at) {
            at += 1;
        }
    }
    let end = match bytes.get(at) {
        Some(b'Z' | b'z') => at + 1,
        Some(b'+' | b'-') => {
            let colon = usize::from(bytes.get(at + 3) == Some(&b':'));
            let end = at + 5 + colon;
            let is_offset = part(at + 1).is_some() && part(at + 3 + colon).is_some() && !digit_at(bytes, end);
            if is_offset { end } else { at }
        }
        _ => at,
    };
    Some((time, end))
}

fn digit_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// A number of nine digits at most.
pub(crate) fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dates of a name, as `day time text` with what is not exact marked.
    fn told(name: &str) -> String {
        let moment = |moment: &Moment| match moment.second {
            None => moment.day.to_string(),
            Some(s) => format!("{}T{:02}:{:02}:{:02}", moment.day, s / 3600, s / 60 % 60, s % 60),
        };
        let told = dates(name).into_iter().map(|Dated { range, date }| {
            let what = match &date {
                Date::Day(day) => moment(day),
                Date::MaybeSeconds(day) => format!("seconds? {}", moment(day)),
                Date::Week(day) => format!("week of {day}"),
                Date::Month(day) => format!("month of {day}"),
                Date::Numbers(doubt) if doubt.settled().is_some() => moment(&doubt.settled().unwrap()),
                Date::Numbers(doubt) => {
                    let readings: Vec<String> = doubt.readings.iter().map(|(_, day)| moment(day)).collect();
                    readings.join(" or ")
                }
            };
            format!("{what} [{}]", &name[range])
        });
        told.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn days_and_their_times() {
        for (name, expected) in [
            ("2026-11-23", "2026-11-23 [2026-11-23]"),
            ("2026_11_23", "2026-11-23 [2026_11_23]"),
            ("metrics_2026.11.23", "2026-11-23 [2026.11.23]"),
            ("2026 11 23", "2026-11-23 [2026 11 23]"),
            ("2026-1-2", "2026-01-02 [2026-1-2]"),
            ("20261123", "2026-11-23 [20261123]"),
            ("20261123045807", "2026-11-23T04:58:07 [20261123045807]"),
            ("202611230458", "2026-11-23T04:58:00 [202611230458]"),
            ("20261123T045807Z", "2026-11-23T04:58:07 [20261123T045807Z]"),
            ("2026-11-23T04:58:07Z", "2026-11-23T04:58:07 [2026-11-23T04:58:07Z]"),
            ("2026-11-23T04-58-07Z", "2026-11-23T04:58:07 [2026-11-23T04-58-07Z]"),
            ("2026-11-23T04:58:07.125+01:00", "2026-11-23T04:58:07 [2026-11-23T04:58:07.125+01:00]"),
            ("2026-11-23_04-58-07", "2026-11-23T04:58:07 [2026-11-23_04-58-07]"),
            ("2026-11-23 at 04.58.07", "2026-11-23T04:58:07 [2026-11-23 at 04.58.07]"),
            ("20261123-045807", "2026-11-23T04:58:07 [20261123-045807]"),
            ("2026-11-23T04:58", "2026-11-23T04:58:00 [2026-11-23T04:58]"),
            ("2026-11-23T0458+0100", "2026-11-23T04:58:00 [2026-11-23T0458+0100]"),
            ("com.foo-2026-01-02-metrics", "2026-01-02 [2026-01-02]"),
            ("2026-01-01_2026-01-31", "2026-01-01 [2026-01-01], 2026-01-31 [2026-01-31]"),
            ("2026-01-01-2026-01-31", "2026-01-01 [2026-01-01], 2026-01-31 [2026-01-31]"),
            ("2026-11-23-99", "2026-11-23 [2026-11-23]"),
            ("metrics_20260102_0001", "2026-01-02 [20260102]"),
            // month names
            ("2 Nov 2026", "2026-11-02 [2 Nov 2026]"),
            ("02Nov2026", "2026-11-02 [02Nov2026]"),
            ("02-Nov-26", "2026-11-02 [02-Nov-26]"),
            ("Nov-02-2026", "2026-11-02 [Nov-02-2026]"),
            ("November 2nd, 2026", "2026-11-02 [November 2nd, 2026]"),
            ("metrics-Nov-2-2026", "2026-11-02 [Nov-2-2026]"),
            ("2026-Nov-02", "2026-11-02 [2026-Nov-02]"),
            ("2nd_September_2026", "2026-09-02 [2nd_September_2026]"),
            ("Sept 5 2026", "2026-09-05 [Sept 5 2026]"),
            ("Nov 2026", "month of 2026-11-01 [Nov 2026]"),
            // weeks, ordinals, months
            ("2026-W45", "week of 2026-11-02 [2026-W45]"),
            ("metrics-2026w41", "week of 2026-10-05 [2026w41]"),
            ("2026W45-1", "2026-11-02 [2026W45-1]"),
            ("2026-W45-7", "2026-11-08 [2026-W45-7]"),
            ("2026W453", "2026-11-04 [2026W453]"),
            ("2026-week-45", "week of 2026-11-02 [2026-week-45]"),
            ("W45-2026", "week of 2026-11-02 [W45-2026]"),
            ("KW 1 2026", "week of 2025-12-29 [KW 1 2026]"),
            ("2020-W53", "week of 2020-12-28 [2020-W53]"),
            ("2026-306", "2026-11-02 [2026-306]"),
            ("2026-11", "month of 2026-11-01 [2026-11]"),
            // since 1970
            ("perfPowerMetrics-1759622400", "2025-10-05T00:00:00 [1759622400]"),
            ("1762041600123", "2025-11-02T00:00:00 [1762041600123]"),
            ("1623456789", "seconds? 2021-06-12T00:13:09 [1623456789]"),
            // the order of the numbers is not told
            ("02-11-2026", "2026-11-02 or 2026-02-11 [02-11-2026]"),
            ("metrics_02.11.2026", "2026-11-02 or 2026-02-11 [02.11.2026]"),
            ("2-11-2026", "2026-11-02 or 2026-02-11 [2-11-2026]"),
            ("02-11-26", "2026-11-02 or 2026-02-11 [02-11-26]"),
            ("21-11-22", "2022-11-21 or 2021-11-22 [21-11-22]"),
            ("02112026", "2026-11-02 or 2026-02-11 [02112026]"),
            ("02-11-2026_03-04-05", "2026-11-02T03:04:05 or 2026-02-11T03:04:05 [02-11-2026_03-04-05]"),
            // or is
            ("23-10-2026", "2026-10-23 [23-10-2026]"),
            ("10_23_2026", "2026-10-23 [10_23_2026]"),
            ("02-02-2026", "2026-02-02 [02-02-2026]"),
            ("26-11-02", "2026-11-02 [26-11-02]"),
            ("23102026", "2026-10-23 [23102026]"),
        ] {
            assert_eq!(told(name), expected, "{name}");
        }
    }

    #[test]
    fn numbers_that_are_no_days() {
        for name in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "12026-11-23",
            "2026-11-234",
            "20261332",
            "19700101",
            "1234567890",
            "6446120001",
            "202611231",
            "a20261123f",
            "20261123f",
            "20261123995959",
            "é2026",
            "2026-Q4",
            "2026.11.2",
            "v2026.11.02",
            "release-2026.11.02",
            "1.2026.11.02",
            "2026.11.02.3",
            "3.6.26",
            "1.2.2026.4",
            "10.0.0.1",
            "2021-W53",
            "2026-367",
            "2026-11.5",
            "7.1-10",
            "10-11-12",
            "5f0e2d1c-2026-4102-8def-000000000000",
            "20261102-1102-4026-8026-202611022026",
        ] {
            assert_eq!(told(name), "", "{name}");
        }
    }

    #[test]
    fn times_alone() {
        assert_eq!(whole_time("03-04-05"), Some(11_045));
        assert_eq!(whole_time("T0304Z"), Some(11_040));
        assert_eq!(whole_time("030405"), Some(11_045));
        for name in ["0304", "03", "03-04", "25-00-00", "x03-04-05"] {
            assert_eq!(whole_time(name), None, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_safe_and_any_day_is_found(name in ".*", days in 14_000..40_000i32) {
            for Dated { range, .. } in dates(&name) {
                proptest::prop_assert!(name.get(range).is_some_and(|text| !text.is_empty()));
            }
            let day = Day::from_days(days);
            let (year, month, date) = day.ymd();
            let name = MONTHS[month as usize - 1];
            for written in [
                format!("x-{day}.json"),
                format!("{year}{month:02}{date:02}"),
                format!("m_{year}.{month:02}.{date:02}"),
                format!("{date} {} {year}", &name[..3]),
                format!("{name}-{date:02}-{year}"),
            ] {
                proptest::prop_assert_eq!(&dates(&written)[0].date, &Date::Day(Moment::of_day(day)), "{}", written);
            }
        }
    }
}
