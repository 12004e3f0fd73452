//! What is known of device models: family, name, generation and memory.
//!
//! The table `devices/models.csv` is of November 2026. Identifiers and names of iPhone, iPad and iPod touch are those of Xcode's and
//! Apple's device lists as the public collection kyle-seongwoo-jun/apple-device-identifiers had them in November 2025, iPhone 17e
//! added; models that no iOS since 13 runs on are left out. Chips are those that Apple announced the models with; a chip's year
//! is that in which it first shipped in any device. Apple does not tell memory: it is what teardowns and public lists commonly
//! give, the smaller one where it comes with the storage. Chips and memory were written down from common knowledge and not
//! checked row by row: they group devices for a reader, and no verdict rests on them. Models that public lists do not agree on
//! (`iPhone19,…`) are left out.
//!
//! A model that the table does not know is kept under the name that it has: it has no class, and that is all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One device model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Marketing name, such as `iPhone 11`.
    pub name: &'static str,
    /// Such as `A13`.
    pub chip: &'static str,
    /// The year in which the chip first shipped: what makes an iPhone SE as fast as the iPhone 11 of the year before it.
    pub chip_year: u16,
    /// In gigabytes.
    pub memory_gb: u8,
}

/// Identifiers of one row are separated by spaces, for one model may have several (its radios differ).
static MODELS: LazyLock<BTreeMap<&'static str, Known>> = LazyLock::new(|| {
    let rows = include_str!("devices/models.csv").lines().skip(1).filter_map(row);
    rows.flat_map(|(identifiers, model)| {
        identifiers.split(' ').map(move |identifier| {
            let classes = Grouping::ALL.map(|grouping| Some(grouping.class_of(family(identifier)?, &model)));
            (identifier, Known { model, classes })
        })
    })
    .collect()
});

/// A model with its class by each [`Grouping`].
struct Known {
    model: Model,
    classes: [Option<String>; Grouping::ALL.len()],
}

fn row(line: &'static str) -> Option<(&'static str, Model)> {
    let mut cells = line.split(';');
    let identifiers = cells.next()?;
    let model = Model {
        name: cells.next()?,
        chip: cells.next()?,
        chip_year: cells.next()?.parse().ok()?,
        memory_gb: cells.next()?.parse().ok()?,
    };
    Some((identifiers, model))
}

/// What the table knows of a model; absent for aggregates and for models that it does not know.
pub fn model(device: &str) -> Option<Model> {
    MODELS.get(device).map(|known| known.model)
}

/// The family of a device or of an aggregate: `iPhone` of `iPhone12,1` and of `all_iphones`. Absent where the name says none.
pub fn family(device: &str) -> Option<&'static str> {
    const FAMILIES: [(&str, &str, &str); 7] = [
        ("iPhone", "iPhone", "all_iphones"),
        ("iPad", "iPad", "all_ipads"),
        ("iPod", "iPod", "all_ipods"),
        ("Watch", "Watch", "all_watches"),
        ("AppleTV", "AppleTV", "all_appletvs"),
        ("Mac", "Mac", "all_macs"),
        ("Vision", "RealityDevice", "all_visions"),
    ];
    FAMILIES
        .iter()
        .find(|(_, prefix, aggregate)| device.starts_with(prefix) || device.eq_ignore_ascii_case(aggregate))
        .map(|(family, _, _)| *family)
}

/// The name of a device for eyes: Apple's, else the table's, else the identifier.
pub fn label(device: &str, given: &str) -> String {
    if given.is_empty() { model(device).map_or(device, |model| model.name).to_owned() } else { given.to_owned() }
}

/// By what devices are put into classes. Which of the two explains a change better is asked of the change itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// How old the chip is: what makes things slow.
    Generation,
    /// How much memory there is: what makes the system end an app.
    Memory,
}

impl Grouping {
    /// Both, in the order that decides ties.
    pub const ALL: [Self; 2] = [Self::Generation, Self::Memory];

    /// The class of a device model, such as `iPhone, chip of 2019–2020` or `iPhone, up to 3 GB`. Absent for models that are not
    /// known.
    ///
    /// Chips come in classes of two years, so that a class holds several models and four classes cover those in use; all up to 2018
    /// are one, for few are left. (Arbitrary.) Memory has the sizes that iPhones were made with.
    pub fn class(self, device: &str) -> Option<&'static str> {
        MODELS.get(device)?.classes[self as usize].as_deref()
    }

    fn class_of(self, family: &str, model: &Model) -> String {
        /// Two years end with an even one.
        const OLDEST_CLASS: u16 = 2018;
        let Model { chip_year, memory_gb, .. } = *model;
        match self {
            Self::Generation if chip_year <= OLDEST_CLASS => format!("{family}, chip of {OLDEST_CLASS} or older"),
            Self::Generation => {
                let last = chip_year + chip_year % 2;
                format!("{family}, chip of {}–{last}", last - 1)
            }
            Self::Memory => match memory_gb {
                0..=3 => format!("{family}, up to 3 GB"),
                4..=5 => format!("{family}, 4 GB"),
                6..=7 => format!("{family}, 6 GB"),
                _ => format!("{family}, 8 GB or more"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_no_identifier_is_twice() {
        let lines: Vec<&str> = include_str!("devices/models.csv").lines().skip(1).collect();
        let rows: Vec<_> = lines.iter().filter_map(|line| row(line)).collect();
        assert_eq!(rows.len(), lines.len());
        let identifiers: usize = rows.iter().map(|(identifiers, _)| identifiers.split(' ').count()).sum();
        assert_eq!(identifiers, MODELS.len());
        for (device, Known { model, .. }) in MODELS.iter() {
            assert!(family(device).is_some(), "{device}");
            assert!(
                (2014..=2026).contains(&model.chip_year) && (1..=16).contains(&model.memory_gb),
                "{device}: {model:?}"
            );
            assert!(model.name.starts_with(family(device).unwrap()), "{device}: {model:?}");
        }
    }

    /// A few rows, as they are commonly known.
    #[test]
    fn some_models_by_hand() {
        let of = |device| model(device).map(|model| (model.name, model.chip, model.chip_year, model.memory_gb));
        assert_eq!(of("iPhone8,1"), Some(("iPhone 6s", "A9", 2015, 2)));
        assert_eq!(of("iPhone12,8"), Some(("iPhone SE (2nd generation)", "A13", 2019, 3)));
        assert_eq!(of("iPhone14,6"), Some(("iPhone SE (3rd generation)", "A15", 2021, 4)));
        assert_eq!(of("iPhone15,4"), Some(("iPhone 15", "A16", 2022, 6)));
        assert_eq!(of("iPad13,16"), Some(("iPad Air (5th generation)", "M1", 2020, 8)));
        assert_eq!(of("iPhone99,1"), None);
        assert_eq!(of("all_iphones"), None);
    }

    #[test]
    fn apples_name_comes_first_and_unknown_models_keep_theirs() {
        assert_eq!(label("iPhone12,1", "iPhone Eleven"), "iPhone Eleven");
        assert_eq!(label("iPhone12,1", ""), "iPhone 11");
        assert_eq!(label("iPhone99,1", ""), "iPhone99,1");
        assert_eq!(label("", ""), "");
    }

    #[test]
    fn classes_put_a_cheap_phone_with_its_chip_and_with_its_memory() {
        let class = |grouping: Grouping, device| grouping.class(device).unwrap_or_default();
        assert_eq!(class(Grouping::Generation, "iPhone12,8"), "iPhone, chip of 2019–2020");
        assert_eq!(class(Grouping::Generation, "iPhone13,2"), "iPhone, chip of 2019–2020");
        assert_eq!(class(Grouping::Generation, "iPhone11,8"), "iPhone, chip of 2018 or older");
        assert_eq!(class(Grouping::Generation, "iPhone14,5"), "iPhone, chip of 2021–2022");
        assert_eq!(class(Grouping::Memory, "iPhone12,8"), "iPhone, up to 3 GB");
        assert_eq!(class(Grouping::Memory, "iPhone17,1"), "iPhone, 8 GB or more");
        assert_eq!(class(Grouping::Memory, "iPad8,9"), "iPad, 6 GB");
        assert_eq!(class(Grouping::Generation, "all_iphones"), "");
        assert_eq!(class(Grouping::Memory, "iPhone99,9"), "");
    }

    #[test]
    fn families() {
        assert_eq!(family("all_iphones"), Some("iPhone"));
        assert_eq!(family("iPad8,1"), Some("iPad"));
        assert_eq!(family("RealityDevice14,1"), Some("Vision"));
        assert_eq!(family("toaster"), None);
    }
}
