//! Where the histories of a batch are: all in memory, or brought one by one.

use crate::history::builder::AppHistory;
use rayon::prelude::*;

/// Histories that are kept outside of memory, sorted by app, and brought one by one, as often as they are asked for and by several
/// threads at once.
pub trait KeptHistories: Sync {
    /// How many apps there are.
    fn count(&self) -> usize;

    /// The app's key at a position.
    fn app(&self, at: usize) -> &str;

    /// The history at a position.
    ///
    /// # Panics
    /// Where it cannot be read back. There is nothing to be done about that in the middle of a judgement: what the disk took away may
    /// have weighed already.
    fn bring(&self, at: usize) -> AppHistory;
}

/// The histories of a batch, sorted by app.
#[derive(Clone, Copy)]
pub enum Histories<'a> {
    /// All of them.
    InMemory(&'a [AppHistory]),
    /// Brought where they are needed. What is told of them is the same, to the last bit.
    Kept(&'a dyn KeptHistories),
}

impl<'a> Histories<'a> {
    /// How many apps there are.
    pub fn count(self) -> usize {
        match self {
            Self::InMemory(all) => all.len(),
            Self::Kept(kept) => kept.count(),
        }
    }

    /// The app's key at a position.
    pub fn app(self, at: usize) -> &'a str {
        match self {
            Self::InMemory(all) => &all[at].app,
            Self::Kept(kept) => kept.app(at),
        }
    }

    /// The position of an app.
    pub fn position(self, app: &str) -> Option<usize> {
        self.apps().position(|own| own == app)
    }

    /// The keys of all apps, in their order.
    pub fn apps(self) -> impl Iterator<Item = &'a str> {
        (0..self.count()).map(move |at| self.app(at))
    }

    /// Visits all, one after the other.
    pub fn in_order(self, mut f: impl FnMut(&AppHistory)) {
        (0..self.count()).for_each(|at| self.with(at, &mut f));
    }

    /// Visits all, side by side; what `f` gives comes back in their order.
    pub fn each<T: Send>(self, f: impl Fn(&AppHistory) -> T + Sync) -> Vec<T> {
        // One by one: an app takes milliseconds, and a thread that has taken many of the last ones keeps all others waiting.
        (0..self.count()).into_par_iter().with_max_len(1).map(|at| self.with(at, &f)).collect()
    }

    /// Gives the history at a position to `f`.
    pub fn with<T>(self, at: usize, f: impl FnOnce(&AppHistory) -> T) -> T {
        match self {
            Self::InMemory(all) => f(&all[at]),
            Self::Kept(kept) => f(&kept.bring(at)),
        }
    }
}

impl<'a> From<&'a [AppHistory]> for Histories<'a> {
    fn from(all: &'a [AppHistory]) -> Self {
        Self::InMemory(all)
    }
}

impl<'a, const N: usize> From<&'a [AppHistory; N]> for Histories<'a> {
    fn from(all: &'a [AppHistory; N]) -> Self {
        Self::InMemory(all)
    }
}

impl<'a> From<&'a Vec<AppHistory>> for Histories<'a> {
    fn from(all: &'a Vec<AppHistory>) -> Self {
        Self::InMemory(all)
    }
}
