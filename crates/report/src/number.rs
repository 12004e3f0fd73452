//! Numbers for eyes: scaled, rounded and signed in one way everywhere.

/// From here on a number has more digits than eyes can count, and a double no longer holds each whole number.
const SCIENTIFIC_FROM: f64 = 1e15;

/// A count with commas: `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A value with four significant digits and commas: `1,459`, `768.7`, `0.031`.
pub fn value(number: f64) -> String {
    if !number.is_finite() {
        return "?".to_owned();
    }
    let magnitude = number.abs();
    if magnitude >= SCIENTIFIC_FROM {
        return format!("{number:.2e}");
    }
    let decimals = if magnitude >= 1000.0 || number == 0.0 {
        0
    } else if magnitude >= 100.0 {
        1
    } else if magnitude >= 10.0 {
        2
    } else if magnitude >= 0.01 {
        3
    } else {
        return format!("{number:.2e}");
    };
    let fixed = format!("{magnitude:.decimals$}");
    let (whole, fraction) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let whole = match whole.parse() {
        Ok(whole) => count(whole),
        Err(_) => whole.to_owned(), // beyond u64: shown without commas
    };
    let fraction = fraction.trim_end_matches('0');
    let sign = if number < 0.0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// A value with its unit as Apple shows it: `1,459 ms`.
pub fn value_with_unit(number: f64, unit: &str) -> String {
    if unit.is_empty() { value(number) } else { format!("{} {}", value(number), crate::safe::terminal(unit)) }
}

/// A percentage for eyes: `42 %`, `9.9 %`, `0.3 %`.
pub fn percent(number: f64) -> String {
    if !number.is_finite() {
        return "? %".to_owned();
    }
    if number == 0.0 {
        return "0 %".to_owned();
    }
    if number.abs() >= SCIENTIFIC_FROM {
        return format!("{number:.1e} %");
    }
    let decimals = usize::from(number.abs() < 9.95);
    let fixed = format!("{number:.decimals$}");
    let fixed = if fixed == "-0.0" || fixed == "-0" { fixed[1..].to_owned() } else { fixed };
    match fixed.strip_prefix('-') {
        Some(magnitude) => format!("-{} %", grouped(magnitude)),
        None => format!("{} %", grouped(&fixed)),
    }
}

/// A change in percent, always with its sign: `+42 %`.
pub fn signed_percent(number: f64) -> String {
    let text = percent(number);
    if text.starts_with(['-', '?']) || number == 0.0 { text } else { format!("+{text}") }
}

/// A change, or why it has no percentage.
pub fn change(change: perfpower_analysis::Change) -> String {
    match change {
        perfpower_analysis::Change::Percent(number) => signed_percent(number),
        perfpower_analysis::Change::FromZero => "from zero".to_owned(),
        perfpower_analysis::Change::Undefined => "?".to_owned(),
    }
}

/// A p-value: `0.031`, `2e-7`.
pub fn p_value(p: f64) -> String {
    if p >= 0.001 {
        format!("{p:.3}")
    } else if p <= 0.0 {
        "0".to_owned()
    } else {
        format!("{p:.0e}")
    }
}

/// A probability in percent that never claims certainty: `99 %`, `>99 %`.
pub fn probability(p: f64) -> String {
    if p > 0.995 {
        ">99 %".to_owned()
    } else if p < 0.005 {
        "<1 %".to_owned()
    } else {
        format!("{:.0} %", 100.0 * p)
    }
}

/// Bytes: `1.1 GB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut scaled = number as f64;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    if unit == 0 || scaled >= 9.95 {
        format!("{scaled:.0} {}", UNITS[unit])
    } else {
        format!("{scaled:.1} {}", UNITS[unit])
    }
}

/// `1 app`, `2 apps`.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A percentile for eyes: `p90`, or Apple's label where it has no number.
pub fn percentile(number: Option<f64>, label: &str) -> String {
    match number {
        Some(number) => format!("p{number}"),
        None if label.is_empty() => "all".to_owned(),
        None => crate::safe::terminal(label).into_owned(),
    }
}

fn grouped(fixed: &str) -> String {
    let (whole, fraction) = fixed.split_once('.').map_or((fixed, None), |(w, f)| (w, Some(f)));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(123), "123");
        assert_eq!(value(2014.3), "2,014");
        assert_eq!(value(768.7), "768.7");
        assert_eq!(value(750.0), "750");
        assert_eq!(value(0.031), "0.031");
        assert_eq!(value(0.0), "0");
        assert_eq!(value(-12.5), "-12.5");
        assert_eq!(value(0.00012), "1.20e-4");
        assert_eq!(value(1e300), "1.00e300");
        assert_eq!(value(f64::NAN), "?");
        assert_eq!(value_with_unit(1459.4, "ms"), "1,459 ms");
    }

    #[test]
    fn percentages_have_one_decimal_below_ten() {
        assert_eq!(signed_percent(36.275), "+36 %");
        assert_eq!(signed_percent(-10.823), "-11 %");
        assert_eq!(signed_percent(-6.676), "-6.7 %");
        assert_eq!(signed_percent(0.04), "+0.0 %");
        assert_eq!(signed_percent(-0.04), "+0.0 %");
        assert_eq!(percent(1234.5), "1,234 %");
        assert_eq!(signed_percent(1.3e299), "+1.3e299 %");
    }

    #[test]
    fn probabilities_never_claim_certainty() {
        assert_eq!(probability(0.9892), "99 %");
        assert_eq!(probability(0.9982), ">99 %");
        assert_eq!(probability(0.001), "<1 %");
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes(82), "82 B");
        assert_eq!(bytes(1_097_000_000), "1.1 GB");
        assert_eq!(bytes(999_600), "1.0 MB");
    }
}
