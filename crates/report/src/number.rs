//! Numbers for eyes: scaled, rounded and signed in one way everywhere.

/// A count with commas: `1,234,567`.
pub fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A value with about four significant digits and commas: `0.0123`, `4.5`, `768.7`, `1,459`, `1.20e9`. `?` for what is not
/// finite, because a report must not show `NaN` as if it were a measurement.
pub fn value(number: f64) -> String {
    let magnitude = number.abs();
    if !number.is_finite() {
        return "?".to_owned();
    }
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&magnitude) {
        return format!("{number:.2e}");
    }
    let decimals = match magnitude {
        m if m >= 999.95 => 0,
        m if m >= 99.995 => 1,
        m if m >= 9.9995 => 2,
        m if m >= 0.1 => 3,
        m if m >= 0.01 => 4,
        _ => 6,
    };
    let text = format!("{number:.decimals$}");
    grouped(if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text })
}

/// A value with its unit as Apple shows it: `1,459 ms`.
pub(crate) fn value_with_unit(number: f64, unit: Option<&str>) -> String {
    let number = value(number);
    unit.map_or_else(|| number.clone(), |unit| format!("{number} {}", crate::safe::visible(unit)))
}

/// A percentage for eyes, one decimal below ten: `42 %`, `9.9 %`, `-4 %`.
pub fn percent(number: f64) -> String {
    let magnitude = match number.abs() {
        m if !m.is_finite() => return "? %".to_owned(),
        m if m >= 1e9 => format!("{m:.1e}"),
        m if m >= 9.95 => grouped(&format!("{m:.0}")),
        m => {
            let text = format!("{m:.1}");
            text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
        }
    };
    let sign = if number < 0.0 && magnitude != "0" { "-" } else { "" };
    format!("{sign}{magnitude} %")
}

/// A change in percent, always with its sign: `+42 %`.
pub(crate) fn signed_percent(number: f64) -> String {
    let text = percent(number);
    if text.starts_with(['-', '?']) || text == "0 %" { text } else { format!("+{text}") }
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
    match p {
        p if !p.is_finite() => "?".to_owned(),
        p if p > 0.99 => ">99 %".to_owned(),
        p if p > 0.0 && p < 0.01 => "<1 %".to_owned(),
        p => format!("{:.0} %", 100.0 * p),
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
        None => crate::safe::visible(label).into_owned(),
    }
}

/// Commas between the thousands of the whole part.
fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    grouped.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
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
        assert_eq!(value(0.00012), "0.00012");
        assert_eq!(value(0.000_012), "1.20e-5");
        assert_eq!(value(1e300), "1.00e300");
        assert_eq!(value(f64::NAN), "?");
        assert_eq!(value_with_unit(1459.4, Some("ms")), "1,459 ms");
    }

    #[test]
    fn percentages_have_one_decimal_below_ten() {
        assert_eq!(signed_percent(36.275), "+36 %");
        assert_eq!(signed_percent(-10.823), "-11 %");
        assert_eq!(signed_percent(-6.676), "-6.7 %");
        assert_eq!(signed_percent(0.04), "0 %");
        assert_eq!(signed_percent(-0.04), "0 %");
        assert_eq!(percent(1234.5), "1,234 %");
        assert_eq!(percent(5.0), "5 %");
        assert_eq!(signed_percent(1.3e299), "+1.3e299 %");
    }

    #[test]
    fn probabilities_never_claim_certainty() {
        assert_eq!(probability(0.9892), "99 %");
        assert_eq!(probability(0.9982), ">99 %");
        assert_eq!(probability(1.0), ">99 %"); // a double that was rounded to 1
        assert_eq!(probability(0.001), "<1 %");
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes(82), "82 B");
        assert_eq!(bytes(1_097_000_000), "1.1 GB");
        assert_eq!(bytes(999_600), "1.0 MB");
    }
}
