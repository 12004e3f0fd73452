//! Versions that carry their build, as users and logs write them.

/// `3.6.0 (45)`, `3.6.0(45)`, `3.6.0 (build 45)`, `3.6.0 build 45`, `3.6.0+45`: version and build. `None` for all else; `3.6.0-45`
/// may be a version that is called so.
pub(crate) fn version_and_build(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let (version, build) = if let Some(inside) = text.strip_suffix(')') {
        inside.rsplit_once('(')?
    } else if let Some((version, build)) = text.split_once('+') {
        (version, build)
    } else {
        let (before, build) = text.rsplit_once(' ')?;
        let version = strip_word(before.trim_end(), "build")?;
        (version, build)
    };
    let build = build.trim();
    let build = build
        .get(.."build".len())
        .filter(|word| word.eq_ignore_ascii_case("build"))
        .map_or(build, |word| build[word.len()..].trim());
    let version = version.trim().trim_end_matches(',').trim_end();
    (starts_with_digit(version) && is_build(build)).then_some((version, build))
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(word.len())?;
    let end = text.get(at..)?;
    end.eq_ignore_ascii_case(word).then(|| &text[..at])
}

/// A version starts with a digit, perhaps after a `v`.
fn starts_with_digit(version: &str) -> bool {
    version.trim_start_matches(['v', 'V']).starts_with(|first: char| first.is_ascii_digit())
}

/// A build is one to three numbers, or such with a letter.
fn is_build(build: &str) -> bool {
    build.starts_with(|first: char| first.is_ascii_digit())
        && build.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_with_its_build() {
        for (text, expected) in [
            ("3.6.0 (45)", Some(("3.6.0", "45"))),
            ("3.6.0(45)", Some(("3.6.0", "45"))),
            (" 3.6.0  ( 45 ) ", Some(("3.6.0", "45"))),
            ("3.6.0 (build 45)", Some(("3.6.0", "45"))),
            ("3.6.0 (Build 4.5.6)", Some(("3.6.0", "4.5.6"))),
            ("3.6.0 build 45", Some(("3.6.0", "45"))),
            ("3.6.0, build 45", Some(("3.6.0", "45"))),
            ("3.6.0+45", Some(("3.6.0", "45"))),
            ("v3.6 (45a)", Some(("v3.6", "45a"))),
            ("5.0.0-beta.1 (7)", Some(("5.0.0-beta.1", "7"))),
            ("2026.11 (20261120.1)", Some(("2026.11", "20261120.1"))),
            ("3.6.0", None),
            ("3.6.0-45", None),
            ("3.6.0 45", None),
            ("3.6.0 (beta)", None),
            ("3.6.0 ()", None),
            ("(45)", None),
            ("+45", None),
            ("iOS 18 (22B83)", None),
            ("", None),
        ] {
            assert_eq!(version_and_build(text), expected, "{text}");
        }
    }
}
