//! Moments as programs write them, as days in UTC.

use perfpower_model::Day;

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// Days from 1970 to 2001, where Apple's own clocks start (`NSDate.timeIntervalSinceReferenceDate`).
const DAYS_TO_2001: i32 = 11_323;

/// The day of ISO 8601, of a date of HTTP, or of a number: seconds since 2001 or 1970, milliseconds since 1970.
pub(crate) fn day(text: &str) -> Option<Day> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(number) => day_of_number(number),
        Err(_) => Day::parse(text).or_else(|| day_of_http(text)),
    }
}

/// A number is told by its size: from 1e8 to 1e9 it counts the seconds since 2001 (the years 2004 to 2032), beyond those since 1970
/// (2001 to 2103), and a thousand times that its milliseconds. Smaller ones may be anything.
pub(crate) fn day_of_number(number: f64) -> Option<Day> {
    let days = |seconds: f64| (seconds / SECONDS_OF_A_DAY) as i32;
    let days = match number {
        1e8..1e9 => DAYS_TO_2001 + days(number),
        1e9..4.2e9 => days(number),
        1e12..4.2e12 => days(number / 1000.0),
        _ => return None,
    };
    Some(Day::from_days(days))
}

/// `Fri, 20 Nov 2026 08:11:02 GMT` (RFC 9110, 5.6.7).
fn day_of_http(text: &str) -> Option<Day> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split([' ', '-']);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))? as u32 + 1;
    Day::from_ymd(year.parse().ok()?, month, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_in_all_its_forms() {
        let expected = Day::from_ymd(2026, 11, 20);
        for text in [
            "2026-11-20",
            "2026-11-20T08:11:02Z",
            "2026-11-20T08:11:02.666Z",
            "2026-11-20 08:11:02 +0000",
            "Fri, 20 Nov 2026 08:11:02 GMT",
            "1795162262",
            "1795162262000",
            "1795162262.5",
            "816855062",
            "816855062.25",
        ] {
            assert_eq!(day(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in ["", "20", "20261120", "Fri", "Fri, 20 Foo 2026", "Fri, 31 Feb 2026", "nan", "-1795162262", "3.6.0"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
