//! App versions: kept as written, ordered as numbers.

use std::cmp::Ordering;

/// Release order of two app versions, part by part: `1.9 < 1.10`, `10.5 = 10.5.0`.
///
/// Parts are separated by periods and missing ones count as 0 (Apple: `CFBundleShortVersionString`). A part that is not a
/// plain number (`1.2b3`, `1.2 (45)`) is compared by its leading digits, then as text. Versions that are equal as numbers
/// compare equal even when their text differs; callers that need a total order break the tie by text.
pub fn compare(left: &str, right: &str) -> Ordering {
    let mut left = left.split('.');
    let mut right = right.split('.');
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or("0"), b.unwrap_or("0")),
        };
        let order = compare_parts(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// [`compare`], with ties broken by text, so that two different texts are never equal.
pub fn total_compare(left: &str, right: &str) -> Ordering {
    compare(left, right).then_with(|| left.cmp(right))
}

/// One spelling for versions that are equal as numbers: leading zeros and trailing `.0` parts go, so that `10.5.0` and
/// `10.05` give `10.5`. The result is a key, not for display.
pub fn canonical(version: &str) -> String {
    let mut parts: Vec<String> = version
        .split('.')
        .map(|part| {
            let (digits, rest) = split_digits(part.trim());
            format!("{}{rest}", if digits.is_empty() && rest.is_empty() { "0" } else { digits })
        })
        .collect();
    while parts.len() > 1 && parts.last().is_some_and(|part| part == "0") {
        parts.pop();
    }
    parts.join(".")
}

/// Numbers of any length are compared as digits, so that no version overflows.
fn compare_parts(a: &str, b: &str) -> Ordering {
    let (a_digits, a_rest) = split_digits(a.trim());
    let (b_digits, b_rest) = split_digits(b.trim());
    a_digits.len().cmp(&b_digits.len()).then_with(|| a_digits.cmp(b_digits)).then_with(|| a_rest.cmp(b_rest))
}

/// Leading digits without leading zeros, and what follows them.
fn split_digits(part: &str) -> (&str, &str) {
    let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    let (digits, rest) = part.split_at(end);
    (digits.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbers() {
        assert_eq!(compare("1.9", "1.10"), Ordering::Less);
        assert_eq!(compare("3.10.0", "3.2.1"), Ordering::Greater);
        assert_eq!(compare("10.5", "10.5.0"), Ordering::Equal);
        assert_eq!(compare("1.0", "2"), Ordering::Less);
        assert_eq!(compare("01.2", "1.2"), Ordering::Equal);
        assert_eq!(total_compare("10.5", "10.5.0"), Ordering::Less);
    }

    #[test]
    fn equal_versions_share_a_key() {
        assert_eq!(canonical("10.5.0"), "10.5");
        assert_eq!(canonical("10.05"), "10.5");
        assert_eq!(canonical("0"), "0");
        assert_eq!(canonical("0.0.0"), "0");
        assert_eq!(canonical("1.2b3.0"), "1.2b3");
        for (a, b) in [("1.0", "1"), ("1.2", "1.20"), ("1.0b", "1.b"), ("", "0")] {
            assert_eq!(compare(a, b).is_eq(), canonical(a) == canonical(b), "{a} {b}");
        }
    }

    #[test]
    fn odd_versions_have_an_order_too() {
        assert_eq!(compare("1.2", "1.2b3"), Ordering::Less);
        assert_eq!(compare("1.2 (45)", "1.3"), Ordering::Less);
        assert_eq!(compare("99999999999999999999999", "100000000000000000000000"), Ordering::Less);
        assert_eq!(compare("", "0"), Ordering::Equal);
        assert_eq!(compare("beta", "1.0"), Ordering::Less);
    }
}
