//! Numbers for eyes: enough digits to compare, none to distract.
//!
//! Programs get the exact values from the JSON report; nothing here is ever read back.

/// A number with about four significant digits: `0.0123`, `4.5`, `759.3`, `1,035`, `1.2e9`.
///
/// What is not finite becomes `–`, because a report must not show `NaN` as if it were a measurement.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        s if s >= 999.95 => 0,
        s if s >= 99.995 => 1,
        s if s >= 9.9995 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        _ => 6,
    };
    let text = format!("{value:.decimals$}");
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    grouped(text)
}

/// A whole number with its thousands apart: `12,345`.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A change in percent with its sign: `+36 %`, `−4.2 %`, `0 %`. One decimal below ten.
pub fn signed_percent(percent: f64) -> String {
    let text = percent_digits(percent.abs());
    if !percent.is_finite() || text == "0" {
        return format!("{text} %");
    }
    format!("{}{text} %", if percent < 0.0 { '−' } else { '+' })
}

/// A share or a size in percent, without a sign where it is positive: `36 %`, `0.4 %`.
pub fn percent(percent: f64) -> String {
    format!("{}{} %", if percent < 0.0 { "−" } else { "" }, percent_digits(percent.abs()))
}

/// A probability of 0..=1 for eyes: never `100 %` and never `0 %` unless it is exactly that.
pub fn probability(probability: f64) -> String {
    match probability {
        p if !p.is_finite() => "–".to_owned(),
        p if p < 1.0 && p > 0.99 => "over 99 %".to_owned(),
        p if p > 0.0 && p < 0.01 => "under 1 %".to_owned(),
        p => format!("{:.0} %", 100.0 * p),
    }
}

/// Bytes in powers of 1000, as disks and mail servers count them: `1.2 MB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0 && size < 9.95);
    format!("{size:.decimals$} {}", UNITS[unit])
}

/// `1 app`, `2 apps`, `0 apps`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

fn percent_digits(size: f64) -> String {
    match size {
        s if !s.is_finite() => "–".to_owned(),
        s if s >= 1e9 => format!("{s:.1e}"),
        s if s >= 9.95 => grouped(&format!("{s:.0}")),
        s => {
            let text = format!("{s:.1}");
            text.strip_suffix(".0").map_or_else(|| text.clone(), ToOwned::to_owned)
        }
    }
}

fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("−", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_enough() {
        let cases = [
            (0.0, "0"),
            (0.000_012, "1.20e-5"),
            (0.012_345, "0.0123"),
            (0.5, "0.5"),
            (4.5, "4.5"),
            (12.345, "12.35"),
            (759.349, "759.3"),
            (999.96, "1,000"),
            (1034.7, "1,035"),
            (1_234_567.0, "1,234,567"),
            (-1034.7, "−1,035"),
            (2.5e12, "2.50e12"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn percentages_keep_their_sign_and_lose_noise() {
        assert_eq!(signed_percent(36.3), "+36 %");
        assert_eq!(signed_percent(-4.24), "−4.2 %");
        assert_eq!(signed_percent(-0.01), "0 %");
        assert_eq!(signed_percent(9.96), "+10 %");
        assert_eq!(signed_percent(12_345.0), "+12,345 %");
        assert_eq!(signed_percent(f64::NAN), "– %");
        assert_eq!(signed_percent(3e300), "+3.0e300 %");
        assert_eq!(percent(5.0), "5 %");
    }

    #[test]
    fn a_probability_is_never_rounded_to_certainty() {
        assert_eq!(probability(0.998), "over 99 %");
        assert_eq!(probability(0.989), "99 %");
        assert_eq!(probability(1.0), "100 %");
        assert_eq!(probability(0.001), "under 1 %");
    }

    #[test]
    fn sizes_and_plurals() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_200_000), "1.2 MB");
        assert_eq!(bytes(999_600), "1.0 MB");
        assert_eq!(counted(1, "app", "apps"), "1 app");
        assert_eq!(counted(1200, "app", "apps"), "1,200 apps");
    }
}
