//! What may stand in one distribution. Each value of Apple is already a percentile *of users*: values of one percentile and one kind
//! of population may be laid side by side ("the median app's p90 launch time").

use perfpower_model::DeviceClass;
use std::fmt;

/// What a value is a value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facet<'a> {
    /// Category and identifier.
    pub metric: (&'a str, &'a str),
    /// Such as `milliseconds`.
    pub unit: &'a str,
    /// Such as `iOS`.
    pub platform: &'a str,
    /// Such as `all_iphones` or `iPhone12,1`.
    pub device: &'a str,
    /// Such as `percentile.fifty`.
    pub percentile: &'a str,
}

/// Why values must not be put into one distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Launch times and hang rates have no common scale.
    Metrics,
    /// Megabytes and milliseconds.
    Units,
    /// The platforms differ in hardware and in how they measure.
    Platforms,
    /// The median user and the slow tail are different users.
    Percentiles,
    /// The aggregate already contains its members.
    AggregateAndMembers,
    /// `all_iphones` and `all_ipads` are different crowds.
    Aggregates,
}

impl Refusal {
    /// The first reason why these may not stand in one distribution; absent where they may. Different member devices
    /// may.
    pub fn of(facets: &[Facet<'_>]) -> Option<Self> {
        let (first, rest) = facets.split_first()?;
        let class = DeviceClass::of(first.device);
        rest.iter().find_map(|other| {
            if other.metric != first.metric {
                Some(Self::Metrics)
            } else if other.unit != first.unit {
                Some(Self::Units)
            } else if other.platform != first.platform {
                Some(Self::Platforms)
            } else if other.percentile != first.percentile {
                Some(Self::Percentiles)
            } else if DeviceClass::of(other.device) != class {
                Some(Self::AggregateAndMembers)
            } else if class.is_aggregate() && other.device != first.device {
                Some(Self::Aggregates)
            } else {
                None
            }
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metrics => "different metrics have no common scale",
            Self::Units => "different units have no common scale",
            Self::Platforms => "different platforms measure different hardware",
            Self::Percentiles => "different percentiles speak of different users: the mean of p50 and p90 is neither",
            Self::AggregateAndMembers => "an aggregate already contains its member devices",
            Self::Aggregates => "different aggregates are different users",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_averaged() {
        let launch = Facet {
            metric: ("LAUNCH", "launchTime"),
            unit: "milliseconds",
            platform: "iOS",
            device: "iPhone12,1",
            percentile: "percentile.ninety",
        };
        let with = |other: Facet<'_>| Refusal::of(&[launch, launch, other]);
        assert_eq!(with(Facet { device: "iPhone13,3", ..launch }), None);
        assert_eq!(with(Facet { metric: ("HANG", "hangTime"), ..launch }), Some(Refusal::Metrics));
        assert_eq!(with(Facet { unit: "seconds", ..launch }), Some(Refusal::Units));
        assert_eq!(with(Facet { platform: "visionOS", ..launch }), Some(Refusal::Platforms));
        assert_eq!(with(Facet { percentile: "percentile.fifty", ..launch }), Some(Refusal::Percentiles));
        assert_eq!(with(Facet { device: "all_iphones", ..launch }), Some(Refusal::AggregateAndMembers));
        let phones = Facet { device: "all_iphones", ..launch };
        assert_eq!(Refusal::of(&[phones, Facet { device: "all_ipads", ..launch }]), Some(Refusal::Aggregates));
        assert_eq!(Refusal::of(&[phones, phones]), None);
        assert_eq!(Refusal::of(&[]), None);
        assert!(Refusal::AggregateAndMembers.to_string().contains("already contains"));
    }
}
