//! A calendar day: when a document was downloaded.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Days since 1970-01-01, in the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day(i32);

impl Day {
    /// A day from its number since 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Its number since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// A day from year (1970..=9999), month (1..=12) and day of the month; `None` where there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) {
            return None;
        }
        // Days from civil, after Howard Hinnant, "chrono-compatible low-level date algorithms": years start in March.
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let candidate = Self(era * 146_097 + day_of_era - 719_468);
        // The inverse refuses the 31st of April and the 29th of February of a common year.
        (candidate.ymd() == (year, month, day)).then_some(candidate)
    }

    /// Year, month and day of the month.
    pub fn ymd(self) -> (i32, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i32::from(month <= 2);
        (year, month as u32, day as u32)
    }

    /// Reads `2026-11-23`, or the day of an RFC 3339 time such as `2026-11-23T04:58:07Z`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        if bytes.len() > 10 && !matches!(bytes[10], b'T' | b't' | b' ' | b'_') {
            return None;
        }
        let number = |range: std::ops::Range<usize>| -> Option<u32> {
            let digits = &bytes[range];
            digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
        };
        Self::from_ymd(number(0..4)? as i32, number(5..7)?, number(8..10)?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        // Through `pad`, so that a width in a format string is kept.
        f.pad(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(Day::from_ymd(1970, 1, 1), Some(Day::from_days(0)));
        assert_eq!(Day::from_ymd(2000, 2, 29), Some(Day::from_days(11_016)));
        assert_eq!(Day::from_ymd(2026, 11, 23), Some(Day::from_days(20_780)));
        assert_eq!(Day::from_ymd(2025, 2, 29), None);
        assert_eq!(Day::from_ymd(2025, 4, 31), None);
        assert_eq!(Day::from_ymd(2025, 13, 1), None);
    }

    #[test]
    fn every_day_of_three_centuries_goes_there_and_back() {
        for days in 0..110_000 {
            let (year, month, day) = Day::from_days(days).ymd();
            assert_eq!(Day::from_ymd(year, month, day), Some(Day::from_days(days)));
            assert_eq!(Day::parse(&Day::from_days(days).to_string()), Some(Day::from_days(days)));
        }
    }

    #[test]
    fn parse_takes_rfc_3339_and_nothing_loose() {
        assert_eq!(Day::parse("2026-11-23T04:58:07Z"), Day::from_ymd(2026, 11, 23));
        assert_eq!(Day::parse("2026-11-2x"), None);
        assert_eq!(Day::parse("2026-11-234"), None);
        assert_eq!(Day::parse("+026-11-23"), None);
    }
}
