//! A text that names are held against.

use perfpower_model::Percentile;

/// A text that names are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Letters match in any case (ASCII), and `*` stands for any characters.
    Like(String),
    /// The name itself, letter by letter.
    Exactly(String),
}

impl<T: Into<String>> From<T> for Pattern {
    fn from(text: T) -> Self {
        Self::Like(text.into())
    }
}

impl Pattern {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        let (Self::Like(text) | Self::Exactly(text)) = self;
        text
    }

    /// Whether it can stand for several names.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Like(text) if text.contains('*'))
    }

    /// Whether it stands for a name.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Like(pattern) => matches(pattern, name),
            Self::Exactly(text) => text == name,
        }
    }

    /// Whether it stands for a metric: `launchTime`, or `BATTERY/onScreen`.
    pub(super) fn matches_metric(&self, category: &str, metric: &str) -> bool {
        match self.as_str().split_once('/') {
            Some((own_category, own_metric)) => matches(own_category, category) && matches(own_metric, metric),
            None => self.matches(metric),
        }
    }

    /// Whether it stands for a percentile: `90`, `p90` or Apple's label.
    pub(super) fn matches_percentile(&self, label: &str) -> bool {
        let number = |label: &str| Percentile::from_label(label).number();
        self.matches(label)
            || number(self.as_str()).zip(number(label)).is_some_and(|(wanted, own)| wanted.total_cmp(&own).is_eq())
    }
}

/// Whether a text has the shape of a pattern: `*` stands for any characters, letters match in any case (ASCII). Goes back
/// to the last star only, so that a hostile pattern costs at most the product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                retry = Some((at_pattern + 1, at_text));
                at_pattern += 1;
            }
            Some(byte) if byte.eq_ignore_ascii_case(&text[at_text]) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match retry {
                Some((after_star, taken)) => {
                    retry = Some((after_star, taken + 1));
                    at_pattern = after_star;
                    at_text = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("com.example.*", "com.example.mail", true),
            ("com.example.*", "com.example.", true),
            ("com.example.*", "org.example.mail", false),
            ("*mail*", "com.example.mail.beta", true),
            ("a*b*c", "aXbXbYc", true),
            ("a*b*c", "aXbXbY", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("LAUNCHTIME", "launchTime", true),
            ("é*", "été", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_pattern_can_be_meant_as_it_is() {
        let (like, exactly) = (Pattern::from("a*"), Pattern::Exactly("a*".to_owned()));
        assert!(like.matches("ab") && like.is_open());
        assert!(!exactly.matches("ab") && exactly.matches("a*") && !exactly.matches("A*") && !exactly.is_open());
    }
}
