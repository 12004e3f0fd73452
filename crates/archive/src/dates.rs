//! Days in the names of files and directories.

use perfpower_model::Day;
use std::ops::Range;

/// The years a compact date may name; eight digits beyond them are an id. Apple has had the App Store since 2008.
const COMPACT_YEARS: std::ops::RangeInclusive<i32> = 2008..=2099;

/// The last day that a name holds, and where, its time of day included: `2026-11-23`, `2026_11_23`, `20261123`,
/// `20261123T045807Z`, `2026-11-23T04-58-07Z`, RFC 3339. The day is taken as written, whatever the offset.
///
/// The last, because a range of days in a name (`2026-01-01_2026-01-31`) was downloaded at its end.
pub(crate) fn last_day(name: &str) -> Option<(Day, Range<usize>)> {
    let bytes = name.as_bytes();
    let mut last = None;
    let mut at = 0;
    while at < bytes.len() {
        let starts = bytes[at].is_ascii_digit() && !at.checked_sub(1).is_some_and(|i| bytes[i].is_ascii_digit());
        match starts.then(|| dashed(bytes, at).or_else(|| compact(bytes, at))).flatten() {
            Some((day, date_end)) => {
                let end = time_end(bytes, date_end);
                last = Some((day, at..end));
                at = end;
            }
            None => at += 1,
        }
    }
    last
}

/// The day of a name that is a date and nothing else.
pub(crate) fn whole_day(name: &str) -> Option<Day> {
    last_day(name).filter(|(_, range)| *range == (0..name.len())).map(|(day, _)| day)
}

/// `2026-11-23` or `2026_11_23`, not within a longer number.
fn dashed(bytes: &[u8], at: usize) -> Option<(Day, usize)> {
    let date = bytes.get(at..at + 10)?;
    let separator = date[4];
    if !matches!(separator, b'-' | b'_') || date[7] != separator || digit_at(bytes, at + 10) {
        return None;
    }
    let day = Day::from_ymd(number(&date[..4])? as i32, number(&date[5..7])?, number(&date[8..])?)?;
    Some((day, at + 10))
}

/// `20261123`, alone or with a time behind it, not within a longer word.
fn compact(bytes: &[u8], at: usize) -> Option<(Day, usize)> {
    let digits = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let glued_before = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
    let glued_after =
        bytes.get(at + digits).is_some_and(|b| b.is_ascii_alphabetic() && !matches!(b, b'T' | b't' | b'Z'));
    if !matches!(digits, 8 | 12 | 14) || glued_before || glued_after {
        return None;
    }
    let pair = |from: usize| number(bytes.get(at + from..at + from + 2)?);
    let is_time = |from: usize, below: u32| digits < from + 2 || pair(from).is_some_and(|n| n < below);
    if !is_time(8, 24) || !is_time(10, 60) || !is_time(12, 61) {
        return None;
    }
    let year = number(&bytes[at..at + 4])? as i32;
    let day = Day::from_ymd(year, pair(4)?, pair(6)?).filter(|_| COMPACT_YEARS.contains(&year))?;
    Some((day, at + digits))
}

/// Where a time of day ends that follows a date, or the end of the date where none does.
fn time_end(bytes: &[u8], date_end: usize) -> usize {
    // Behind a `T` hours and minutes are enough; behind anything else only three parts are surely a time.
    let clock = |from: usize| -> Option<usize> {
        let marked = match bytes.get(from)? {
            b'T' | b't' => true,
            b'_' | b' ' | b'-' => false,
            _ => return None,
        };
        let separator = bytes.get(from + 3).filter(|b| matches!(b, b':' | b'-' | b'_' | b'.'));
        let part = |at: usize, below: u32| bytes.get(at..at + 2).and_then(number).filter(|n| *n < below);
        let next = |at: usize| match separator {
            None => Some(at + 2),
            Some(mark) => (bytes.get(at + 2) == Some(mark)).then_some(at + 3),
        };
        part(from + 1, 24)?;
        let minutes = next(from + 1)?;
        part(minutes, 60)?;
        // 60: a leap second.
        let end = match next(minutes).filter(|at| part(*at, 61).is_some()) {
            Some(seconds) => seconds + 2,
            None if marked => minutes + 2,
            None => return None,
        };
        (!digit_at(bytes, end)).then_some(end)
    };
    let Some(mut at) = clock(date_end) else { return date_end };
    if bytes.get(at) == Some(&b'.') && digit_at(bytes, at + 1) {
        at += 1;
        while digit_at(bytes, at) {
            at += 1;
        }
    }
    match bytes.get(at) {
        Some(b'Z' | b'z') => at + 1,
        Some(b'+' | b'-') => {
            let hours = bytes.get(at + 1..at + 3).and_then(number);
            let colon = usize::from(bytes.get(at + 3) == Some(&b':'));
            let minutes = bytes.get(at + 3 + colon..at + 5 + colon).and_then(number);
            let end = at + 5 + colon;
            if hours.is_some() && minutes.is_some() && !digit_at(bytes, end) { end } else { at }
        }
        _ => at,
    }
}

fn digit_at(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(name: &str) -> Option<(String, &str)> {
        last_day(name).map(|(day, range)| (day.to_string(), &name[range]))
    }

    #[test]
    fn days_and_their_times() {
        for (name, day, text) in [
            ("2026-11-23", "2026-11-23", "2026-11-23"),
            ("2026_11_23", "2026-11-23", "2026_11_23"),
            ("20261123", "2026-11-23", "20261123"),
            ("20261123045807", "2026-11-23", "20261123045807"),
            ("20261123T045807Z", "2026-11-23", "20261123T045807Z"),
            ("2026-11-23T04:58:07Z", "2026-11-23", "2026-11-23T04:58:07Z"),
            ("2026-11-23T04-58-07Z", "2026-11-23", "2026-11-23T04-58-07Z"),
            ("2026-11-23T04:58:07.125+01:00", "2026-11-23", "2026-11-23T04:58:07.125+01:00"),
            ("2026-11-23_04-58-07", "2026-11-23", "2026-11-23_04-58-07"),
            ("2026-11-23T04:58", "2026-11-23", "2026-11-23T04:58"),
            ("com.foo-2026-01-02-metrics", "2026-01-02", "2026-01-02"),
            ("2026-01-01_2026-01-31", "2026-01-31", "2026-01-31"),
            ("2026-01-01-2026-01-31", "2026-01-31", "2026-01-31"),
            ("2026-01-01_20260131", "2026-01-31", "20260131"),
            ("2026-11-23T0458+0100", "2026-11-23", "2026-11-23T0458+0100"),
            ("2026-11-23-99", "2026-11-23", "2026-11-23"),
            ("metrics_20260102_0001", "2026-01-02", "20260102"),
        ] {
            assert_eq!(held(name), Some((day.to_owned(), text)), "{name}");
        }
    }

    #[test]
    fn numbers_that_are_no_days() {
        for name in [
            "",
            "2026",
            "2026-11",
            "2026-13-01",
            "2026-02-30",
            "12026-11-23",
            "2026-11-234",
            "2026-11_23",
            "20261332",
            "19700101",
            "1234567890",
            "202611231",
            "a20261123f",
            "20261123f",
            "2026.11.23",
            "20261123995959",
            "é2026",
        ] {
            assert_eq!(held(name), None, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_safe_and_any_day_is_found(name in ".*", days in 14_000..40_000i32) {
            if let Some((_, range)) = last_day(&name) {
                proptest::prop_assert!(name.get(range).is_some());
            }
            let day = Day::from_days(days);
            let written = format!("x-{day}.json");
            proptest::prop_assert_eq!(last_day(&written).map(|(found, _)| found), Some(day));
        }
    }
}
