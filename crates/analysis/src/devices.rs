//! What is known of device models: family, name, generation and memory.

/// The family of a device or of an aggregate: `iPhone` of `iPhone12,1` and of `all_iphones`. Absent where the name says none.
pub fn family(device: &str) -> Option<&'static str> {
    const FAMILIES: [(&str, &str, &str); 6] = [
        ("iPhone", "iPhone", "all_iphones"),
        ("iPad", "iPad", "all_ipads"),
        ("iPod", "iPod", "all_ipods"),
        ("Watch", "Watch", "all_watches"),
        ("AppleTV", "AppleTV", "all_appletvs"),
        ("Mac", "Mac", "all_macs"),
    ];
    FAMILIES
        .iter()
        .find(|(_, prefix, aggregate)| device.starts_with(prefix) || device.eq_ignore_ascii_case(aggregate))
        .map(|(family, _, _)| *family)
}

/// The name of a device for eyes: Apple's, else the identifier.
pub fn label(device: &str, given: &str) -> String {
    if given.is_empty() { device.to_owned() } else { given.to_owned() }
}

/// The class of a device model that its hardware puts it in. Absent for models that are not known.
pub fn class(_device: &str) -> Option<String> {
    None
}
