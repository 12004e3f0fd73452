//! Which part of the users a value speaks of.

/// Apple sends `percentile.fifty`; texts that we have never seen stay a percentile of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Percentile {
    /// A percentile with a known number, such as 50 or 90.
    Number(f64),
    /// A label without a known number.
    Other,
}

impl Percentile {
    /// Reads Apple's label: the last part of `percentile.fifty` or `com.apple.dt.metrics.percentile.ninetyFive`.
    pub fn from_label(label: &str) -> Self {
        let last = label.rsplit('.').next().unwrap_or(label);
        let number = match last {
            "ten" => 10.0,
            "twentyFive" => 25.0,
            "fifty" => 50.0,
            "seventyFive" => 75.0,
            "ninety" => 90.0,
            "ninetyFive" => 95.0,
            "ninetyNine" => 99.0,
            other => match other.trim_start_matches('p').parse::<f64>() {
                Ok(number) if (0.0..=100.0).contains(&number) => number,
                _ => return Self::Other,
            },
        };
        Self::Number(number)
    }

    /// The number, where it is known.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_were_seen_and_one_that_was_not() {
        assert_eq!(Percentile::from_label("percentile.fifty").number(), Some(50.0));
        assert_eq!(Percentile::from_label("percentile.ninety").number(), Some(90.0));
        assert_eq!(Percentile::from_label("com.apple.dt.metrics.percentile.ninetyFive").number(), Some(95.0));
        assert_eq!(Percentile::from_label("p99").number(), Some(99.0));
        assert_eq!(Percentile::from_label("percentile.typical"), Percentile::Other);
    }
}
