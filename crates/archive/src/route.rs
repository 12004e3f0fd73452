//! The path of a document as a row of names that were read.

use crate::Reason;
use crate::identity::{Place, REACH_ABOVE, Step};
use crate::reading::{Name, Part};
use std::collections::HashMap;
use std::sync::Arc;

/// The names that lead to a document, the outermost first, the file's own last.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) segments: Vec<Segment>,
    /// How many segments in front lie above the archive: they count only where nothing in it does.
    pub(crate) outside: usize,
    /// How many segments in front are above or are what was given.
    pub(crate) given: usize,
    pub(crate) is_stdin: bool,
}

/// A step of a route.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) step: Step,
    pub(crate) is_file: bool,
    pub(crate) name: Arc<Name>,
}

impl Segment {
    /// The name without what its ending says of packing.
    pub(crate) fn text(&self) -> &str {
        if self.is_file { crate::words::stem(&self.step.name) } else { self.step.part() }
    }

    pub(crate) fn reason(&self) -> Reason {
        if self.is_file { Reason::FileName(Arc::clone(&self.step.name)) } else { self.step.reason() }
    }
}

impl Route {
    /// The segments of the archive.
    pub(crate) fn inside(&self) -> &[Segment] {
        &self.segments[self.outside..]
    }

    /// Which of several downloads the names say that it is: below zero an older one, above zero a newer one, then further
    /// copies.
    pub(crate) fn turn(&self) -> i32 {
        let turn = self.inside().iter().rev().map(|segment| segment.name.turn).find(|turn| *turn != 0).unwrap_or(0);
        let copy = self.segments.last().map_or(0, |file| file.name.copy.min(999));
        i32::from(turn) * 1000 + copy as i32
    }

    /// The segments above the archive.
    pub(crate) fn above(&self) -> &[Segment] {
        &self.segments[..self.outside]
    }
}

/// Reads names, each once: every app has the same days, and every day the same files.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<(Arc<str>, bool), Arc<Name>>);

impl Names {
    fn read(&mut self, name: &Arc<str>, part: Part) -> Arc<Name> {
        let key = (Arc::clone(name), part == Part::File);
        Arc::clone(self.0.entry(key).or_insert_with(|| Arc::new(Name::read(name, part))))
    }

    /// The route to a place, where `common` steps above are those of all arguments.
    pub(crate) fn route(&mut self, place: &Place, common: usize) -> Route {
        let common = common.min(place.above.len());
        let (far, given) = place.above.split_at(common);
        let far = &far[far.len().saturating_sub(REACH_ABOVE)..];
        let given = &given[given.len().saturating_sub(REACH_ABOVE)..];
        let steps = far.iter().chain(given).chain(&*place.below);
        let mut segments: Vec<Segment> = steps
            .map(|step| Segment {
                step: step.clone(),
                is_file: false,
                name: self.read(&step.name, if step.is_container { Part::File } else { Part::Directory }),
            })
            .collect();
        segments.push(Segment {
            step: Step::directory(Arc::clone(&place.file)),
            is_file: true,
            name: self.read(&place.file, Part::File),
        });
        Route { segments, outside: far.len(), given: far.len() + given.len(), is_stdin: place.is_stdin }
    }
}
