//! The devices of the demo: names as Apple writes them, shares and speeds invented.

/// A device model, or all models of a family.
#[derive(Debug)]
pub(super) struct Device {
    /// Such as `iPhone12,1`.
    pub(super) id: &'static str,
    /// Such as `iPhone 11`.
    pub(super) label: &'static str,
    /// Share of an app's users, 0..=1.
    pub(super) share: f64,
    /// How long it takes for a thing, against all iPhones = 1.
    pub(super) slowness: f64,
}

/// Aggregates first, then members by family and age.
pub(super) const DEVICES: [Device; 12] = [
    device("all_iphones", "All iPhones", 0.80, 1.0),
    device("all_ipads", "All iPads", 0.20, 0.82),
    device("iPhone11,8", "iPhone XR", 0.08, 1.42),
    device("iPhone12,1", "iPhone 11", 0.16, 1.22),
    device("iPhone12,8", "iPhone SE (2nd generation)", 0.08, 1.26),
    device("iPhone13,2", "iPhone 12", 0.12, 1.08),
    device("iPhone14,5", "iPhone 13", 0.14, 0.93),
    device("iPhone15,2", "iPhone 14 Pro", 0.08, 0.80),
    device("iPhone16,1", "iPhone 15 Pro", 0.07, 0.73),
    device("iPhone17,3", "iPhone 16", 0.07, 0.70),
    device("iPad13,16", "iPad Air (5th generation)", 0.11, 0.85),
    device("iPad14,3", "iPad Pro 11-inch (4th generation)", 0.09, 0.78),
];

const fn device(id: &'static str, label: &'static str, share: f64, slowness: f64) -> Device {
    Device { id, label, share, slowness }
}
