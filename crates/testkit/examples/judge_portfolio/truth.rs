//! What was planted, by app × metric.

use perfpower_testkit::portfolio::{Kind, Planted, Portfolio};
use std::collections::BTreeMap;

/// One app × metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    app: String,
    category: String,
    metric: String,
}

impl Place {
    pub(crate) fn new(app: &str, category: &str, metric: &str) -> Self {
        Self { app: app.to_owned(), category: category.to_owned(), metric: metric.to_owned() }
    }
}

/// What is true of a whole portfolio.
pub(crate) struct Truth {
    planted: BTreeMap<Place, Planted>,
}

impl Truth {
    pub(crate) fn of(portfolio: &Portfolio) -> Self {
        let planted = portfolio.iter().flat_map(|app| {
            let name = app.name.clone();
            app.planted.into_iter().map(move |planted| (Place::new(&name, planted.category, planted.metric), planted))
        });
        Self { planted: planted.collect() }
    }

    pub(crate) fn is(&self, place: &Place, kind: Kind) -> bool {
        self.planted.get(place).is_some_and(|planted| planted.kind == kind)
    }

    pub(crate) fn is_regression(&self, place: &Place) -> bool {
        self.planted.get(place).is_some_and(|planted| planted.kind.is_regression())
    }

    /// How much worse all users have it, in percent; 0 where the app has not changed.
    pub(crate) fn worsening(&self, place: &Place) -> f64 {
        let planted = self.planted.get(place).filter(|planted| planted.kind.is_regression());
        planted.map_or(0.0, |planted| planted.aggregate_percent)
    }

    pub(crate) fn places(&self, kind: Kind) -> Vec<Place> {
        self.planted.iter().filter(|(_, planted)| planted.kind == kind).map(|(place, _)| place.clone()).collect()
    }

    /// What many apps share, by metric and devices, with the apps that it reaches.
    pub(crate) fn common_causes(&self) -> BTreeMap<(String, Vec<&'static str>), usize> {
        let mut causes = BTreeMap::new();
        for (place, planted) in self.planted.iter().filter(|(_, planted)| planted.kind == Kind::CommonCause) {
            *causes.entry((format!("{}/{}", place.category, place.metric), planted.devices.clone())).or_default() += 1;
        }
        causes
    }

    /// The list of somebody who knows.
    pub(crate) fn worst_first(&self) -> Vec<Place> {
        let mut places: Vec<Place> =
            [Kind::Step, Kind::SharedLibrary].iter().flat_map(|&kind| self.places(kind)).collect();
        places.sort_by(|a, b| self.worsening(b).total_cmp(&self.worsening(a)).then_with(|| a.cmp(b)));
        places
    }
}
