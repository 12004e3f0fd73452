//! Whether a device name stands for many models or for one.

/// An aggregate is already weighted by real users, so it is never pooled with its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceClass {
    /// `all_iphones`, `all_ipads`: all models of a family.
    Aggregate,
    /// One device model, such as `iPhone12,1`.
    Member,
}

impl DeviceClass {
    /// Apple's aggregates start with `all_`; everything else is one model.
    pub fn of(device: &str) -> Self {
        if device.starts_with("all_") { Self::Aggregate } else { Self::Member }
    }

    /// Whether this stands for all models of a family.
    pub fn is_aggregate(self) -> bool {
        self == Self::Aggregate
    }
}

/// One spelling for one device: `iPhone13_3`, as diagnostic logs write it, becomes `iPhone13,3`, as metrics write it.
/// Aggregates (`all_iphones`) and anything that does not look like a model identifier stay as they are.
pub fn normalized(device: &str) -> std::borrow::Cow<'_, str> {
    match device.rsplit_once('_') {
        Some((model, minor))
            if model.ends_with(|c: char| c.is_ascii_digit())
                && !minor.is_empty()
                && minor.bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{model},{minor}").into()
        }
        _ => device.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_and_members() {
        assert!(DeviceClass::of("all_iphones").is_aggregate());
        assert!(DeviceClass::of("all_visions").is_aggregate());
        assert!(!DeviceClass::of("iPhone12,1").is_aggregate());
    }

    #[test]
    fn underscores_of_logs_become_commas() {
        assert_eq!(normalized("iPhone13_3"), "iPhone13,3");
        assert_eq!(normalized("iPhone13,3"), "iPhone13,3");
        assert_eq!(normalized("all_iphones"), "all_iphones");
    }
}
