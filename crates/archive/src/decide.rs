//! Options, layout and paths → whose and of which day each document of an archive is.

use crate::dates::{Doubt, Form};
use crate::identity::{self, Identity, Place, Rank, Reason, RuledOut, Rules, WhyNot};
use crate::route::{Names, Route};
use crate::when::{Calendar, When};
use crate::whose::{self, Candidates, Whose};
use crate::{Moment, faults};
use perfpower_model::{Day, Problem};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was decided about a document.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) app: Identity<Arc<str>>,
    pub(crate) rank: Rank,
    pub(crate) snapshot: Identity<Day>,
    pub(crate) time: Option<u32>,
    pub(crate) version: Option<String>,
    pub(crate) build: Option<String>,
    pub(crate) named_build: Option<Arc<str>>,
    pub(crate) turn: i32,
}

/// Something that the paths leave open.
#[derive(Debug)]
pub(crate) struct Question {
    /// The documents that it is about.
    pub(crate) documents: Vec<usize>,
    pub(crate) problem: Problem,
}

/// Decides for all documents of an archive; it takes the paths of all to tell what one of them means.
pub(crate) fn decide(places: &[Place], rules: &Rules) -> (Vec<Decision>, Vec<Question>) {
    let mut names = Names::default();
    let common = identity::common_steps(places.iter());
    let routes: Vec<Route> = places.iter().map(|place| names.route(place, common)).collect();
    let candidates: Vec<Candidates> = routes.iter().map(Candidates::of).collect();
    let mut calendar = Calendar::default();
    for route in &routes {
        calendar.learn(route);
    }

    let mut told: Vec<Option<Whose>> = Vec::with_capacity(places.len());
    let mut days: Vec<Identity<Moment>> = Vec::with_capacity(places.len());
    let mut releases: Vec<(Option<String>, Option<String>)> = Vec::with_capacity(places.len());
    let mut missed: Vec<usize> = Vec::new();
    let mut doubts: BTreeMap<Form, Vec<(usize, Arc<str>, Doubt)>> = BTreeMap::new();
    for (at, (place, route)) in places.iter().zip(&routes).enumerate() {
        let layout = rules.layout.as_ref().and_then(|layout| {
            let fitted = identity::by_layout(place, layout);
            if fitted.is_none() {
                missed.push(at);
            }
            fitted
        });
        let layout = layout.unwrap_or_default();
        releases.push((layout.version, layout.build));
        let told_app = |app: &str, reason: Reason| Whose { app: Identity::new(app.into(), reason), rank: Rank::Told };
        told.push(match (&rules.app, &layout.app) {
            (Some(app), _) => Some(told_app(app, Reason::AppOption)),
            (None, Some(app)) => Some(told_app(app, Reason::Layout)),
            (None, None) => None,
        });
        days.push(match (rules.snapshot, layout.snapshot) {
            (Some(day), _) => Identity::new(Moment::of_day(day), Reason::SnapshotOption),
            (None, Some(moment)) => Identity::new(moment, Reason::Layout),
            (None, None) => match calendar.day(route, candidates[at].has_id()) {
                When::Told(moment) => moment,
                When::Doubtful(text, doubt) => {
                    let others = doubt.readings.iter();
                    let others = others.map(|(_, day)| RuledOut { value: *day, why: WhyNot::OtherOrder }).collect();
                    doubts.entry(doubt.form).or_default().push((at, text, doubt));
                    Identity { others, ..written(place) }
                }
                When::Nothing => written(place),
            },
        });
    }
    let is_told: Vec<bool> = told.iter().map(Option::is_some).collect();
    let (inferred, mut questions) = whose::whose(&routes, &candidates, &is_told, rules);
    questions.extend(doubts.into_values().filter_map(|same| day_in_doubt(&same)));
    if let (Some(layout), false) = (&rules.layout, missed.is_empty()) {
        let problem = faults::layout_missed(layout.as_str(), missed.len(), places.len());
        questions.push(Question { documents: missed, problem });
    }
    let decisions = told.into_iter().zip(inferred).zip(days).zip(releases).zip(&routes);
    let decisions = decisions.map(|((((told, inferred), day), (version, build)), route)| {
        let Whose { mut app, rank } = told.or(inferred).unwrap_or_else(Whose::nobody);
        if let Some(alias) = rules.aliases.get(&*app.value) {
            app.value = alias.as_str().into();
        }
        let said = route.inside().iter().rev().find_map(|segment| segment.name.build.clone());
        Decision {
            app,
            rank,
            time: day.value.second.filter(|_| day.reason != Reason::ModificationTime),
            snapshot: Identity {
                value: day.value.day,
                others: day.others.iter().map(|other| RuledOut { value: other.value.day, why: other.why }).collect(),
                reason: day.reason,
            },
            named_build: said.or_else(|| build.as_deref().map(Arc::from)),
            version,
            build,
            turn: route.turn(),
        }
    });
    (decisions.collect(), questions)
}

/// The day that a file was last written, for want of a better one.
fn written(place: &Place) -> Identity<Moment> {
    let reason = if place.is_stdin { Reason::StandardInput } else { Reason::ModificationTime };
    Identity::new(place.modified, reason)
}

/// The question which order of numbers is meant, in dates of one form.
fn day_in_doubt(same: &[(usize, Arc<str>, Doubt)]) -> Option<Question> {
    let (_, text, doubt) = same.first()?;
    let readings: Vec<String> =
        doubt.readings.iter().map(|(order, day)| format!("{} ({})", day.day, order.as_str())).collect();
    let separator = doubt.form.separator.map_or(String::new(), String::from);
    let layout = |order: crate::dates::Order| format!("--layout '{{app}}/{}/{{*}}'", order.slots(&separator));
    let layouts: Vec<String> = doubt.readings.iter().map(|(order, _)| layout(*order)).collect();
    let problem = faults::day_in_doubt(text, &readings, same.len(), &layouts);
    Some(Question { documents: same.iter().map(|(at, ..)| *at).collect(), problem })
}

#[cfg(test)]
mod grammar;
#[cfg(test)]
mod tests;
