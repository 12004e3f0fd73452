//! Units of measure, as far as a change of unit within one metric asks for it. Elsewhere a unit is shown and never interpreted.

/// The factor from values in one unit to values in another; 1 where two texts mean one unit. `None` = not known to be of one
/// kind, so that their numbers say nothing about each other.
///
/// A percentage and a ratio are not converted: what bodies call `%` is often neither.
pub(crate) fn factor(from: &str, to: &str) -> Option<f64> {
    if from.eq_ignore_ascii_case(to) {
        return Some(1.0);
    }
    let ((from_kind, from_size), (to_kind, to_size)) = (known(from)?, known(to)?);
    // Powers of ten divide to the nearest number, so that 806.3 ms are 0.8063 s to the last bit that can be.
    (from_kind == to_kind).then_some(from_size / to_size)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Seconds,
    Bytes,
    /// Milliseconds of stall in a second of time.
    Hitch,
    SecondsPerHour,
}

/// A unit's kind and its size in the smallest unit of the kind here. Sizes of data are powers of 1,000, as Apple's
/// `UnitInformationStorage` has them; those of 1,024 have names of their own.
fn known(unit: &str) -> Option<(Kind, f64)> {
    let unit = unit.to_lowercase().replace([' ', '_', '-'], "");
    Some(match unit.as_str() {
        "ns" | "nanosecond" | "nanoseconds" => (Kind::Seconds, 1.0),
        "µs" | "μs" | "us" | "microsecond" | "microseconds" => (Kind::Seconds, 1e3),
        "ms" | "msec" | "millisecond" | "milliseconds" => (Kind::Seconds, 1e6),
        "s" | "sec" | "secs" | "second" | "seconds" => (Kind::Seconds, 1e9),
        "min" | "mins" | "minute" | "minutes" => (Kind::Seconds, 6e10),
        "h" | "hr" | "hour" | "hours" => (Kind::Seconds, 3.6e12),
        "b" | "byte" | "bytes" => (Kind::Bytes, 1.0),
        "kb" | "kilobyte" | "kilobytes" => (Kind::Bytes, 1e3),
        "mb" | "megabyte" | "megabytes" => (Kind::Bytes, 1e6),
        "gb" | "gigabyte" | "gigabytes" => (Kind::Bytes, 1e9),
        "tb" | "terabyte" | "terabytes" => (Kind::Bytes, 1e12),
        "kib" | "kibibyte" | "kibibytes" => (Kind::Bytes, 1024.0),
        "mib" | "mebibyte" | "mebibytes" => (Kind::Bytes, 1_048_576.0),
        "gib" | "gibibyte" | "gibibytes" => (Kind::Bytes, 1_073_741_824.0),
        "ms/s" | "mspers" | "millisecondspersecond" => (Kind::Hitch, 1.0),
        "s/s" | "secondspersecond" => (Kind::Hitch, 1e3),
        "s/h" | "s/hr" | "sec/hour" | "seconds/hour" | "secondsperhour" => (Kind::SecondsPerHour, 1e3),
        "ms/h" | "ms/hr" | "milliseconds/hour" | "millisecondsperhour" => (Kind::SecondsPerHour, 1.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_kind_are_converted_and_others_are_not() {
        for (from, to, expected) in [
            ("milliseconds", "seconds", Some(1e-3)),
            ("s", "ms", Some(1e3)),
            ("Seconds", "s", Some(1.0)),
            ("minutes", "seconds", Some(60.0)),
            ("megaBytes", "MB", Some(1.0)),
            ("MB", "kilobytes", Some(1e3)),
            ("bytes", "MB", Some(1e-6)),
            ("MiB", "bytes", Some(1_048_576.0)),
            ("GB", "MiB", Some(1e9 / 1_048_576.0)),
            ("seconds/hour", "secondsPerHour", Some(1.0)),
            ("hangs", "HANGS", Some(1.0)),
            ("%", "ratio", None),
            ("percent", "ms/s", None),
            ("ms", "MB", None),
            ("terminations", "hangs", None),
        ] {
            assert_eq!(factor(from, to), expected, "{from} to {to}");
        }
        assert!((806.3 * factor("ms", "s").unwrap()).total_cmp(&0.8063).is_eq());
    }
}
