//! A day, and the time of that day where it is known.

use perfpower_model::Day;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: i64 = 86_400;

/// When something was saved. Of one day, a time comes after none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The day.
    pub day: Day,
    /// Seconds since midnight, 0..=86,400 with a leap second; `None` = only the day is known.
    pub second: Option<u32>,
}

impl Moment {
    /// Some time of a day.
    pub fn of_day(day: Day) -> Self {
        Self { day, second: None }
    }

    /// From seconds since 1970-01-01, in UTC. Times beyond the calendar come from broken clocks; their order is kept.
    pub(crate) fn from_unix_seconds(seconds: i64) -> Self {
        let days = seconds.div_euclid(SECONDS_PER_DAY).clamp(-700_000, 2_900_000);
        Self { day: Day::from_days(days as i32), second: Some(seconds.rem_euclid(SECONDS_PER_DAY) as u32) }
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            // Rounded down, as after 1970.
            Err(before) => {
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).unwrap_or(i64::MAX - 1);
                -(whole + i64::from(before.subsec_nanos() > 0))
            }
        };
        Self::from_unix_seconds(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_of_times() {
        let moment = |days: i32, second: u32| Moment { day: Day::from_days(days), second: Some(second) };
        assert_eq!(Moment::from(UNIX_EPOCH + Duration::from_secs(86_399)), moment(0, 86_399));
        assert_eq!(Moment::from(UNIX_EPOCH + Duration::from_hours(24)), moment(1, 0));
        assert_eq!(Moment::from(UNIX_EPOCH - Duration::from_millis(1)), moment(-1, 86_399));
        assert_eq!(Moment::from_unix_seconds(i64::MIN).day, Day::from_days(-700_000));
        assert!(Moment::of_day(Day::from_days(3)) < moment(3, 0));
    }
}
