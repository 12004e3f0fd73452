//! Whose the documents of an archive are, by all of their paths together.
//!
//! Evidence has ranks, and the strongest in a path holds wherever it stands. Of several names of one rank that a path has,
//! one that all documents have tells nothing where there is another (of ids: where each document has another); of what is left
//! the innermost holds (of numbers the outermost: further in they are builds and runs). Words are weak evidence: where another choice among them
//! would put other documents together, that is a question to whoever runs us.

use crate::decide::Question;
use crate::faults;
use crate::identity::{Identity, Rank, Reason, RuledOut, Rules, WhyNot};
use crate::reading::{Head, IdDoubt, Name};
use crate::route::{Route, Segment};
use crate::when;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Whose a document is.
#[derive(Clone, Debug)]
pub(crate) struct Whose {
    pub(crate) app: Identity<Arc<str>>,
    pub(crate) rank: Rank,
}

impl Whose {
    /// Of a document without a name, which there is none of.
    pub(crate) fn nobody() -> Self {
        Self { app: Identity::new("unnamed".into(), Reason::StandardInput), rank: Rank::Place }
    }
}

/// A name in a path that may be the app's.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    value: Arc<str>,
    /// The position of its segment.
    at: usize,
}

/// All that a path has to say, the outermost first.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    bundles: Vec<Candidate>,
    ids: Vec<Candidate>,
    /// Numbers that are Apple ids if another path says so.
    maybe_ids: Vec<Candidate>,
    words: Vec<Candidate>,
    weak_words: Vec<Candidate>,
    file_word: Option<Candidate>,
    /// Whether a key or `apps/` says that the words are apps.
    is_keyed: bool,
}

impl Candidates {
    /// What the segments of the archive say.
    pub(crate) fn of(route: &Route) -> Self {
        let mut found = Self::default();
        let mut times: Vec<Candidate> = Vec::new();
        let mut keyed: Vec<Candidate> = Vec::new();
        let mut head: Option<Head> = None;
        for (at, segment) in route.segments.iter().enumerate().skip(route.outside) {
            let name: &Name = &segment.name;
            let candidate = |value: &Arc<str>| Candidate { value: Arc::clone(value), at };
            let is_labelled = matches!(head, Some(Head::Labels | Head::Builds));
            if let Some(bundle) = &name.bundle {
                found.bundles.push(candidate(bundle));
            }
            if let Some(number) = name.apple_id.as_ref().filter(|_| !is_labelled) {
                match number.doubt {
                    _ if head == Some(Head::Apps) => found.ids.push(candidate(&number.id)),
                    None => found.ids.push(candidate(&number.id)),
                    Some(IdDoubt::Time) => times.push(candidate(&number.id)),
                    Some(IdDoubt::Signature) => found.maybe_ids.push(candidate(&number.id)),
                }
            }
            let is_digits =
                head == Some(Head::Apps) && crate::words::is_digits(segment.text()) && segment.text().len() >= 6;
            if is_digits && name.apple_id.is_none() {
                found.ids.push(Candidate { value: segment.text().into(), at });
            }
            if let Some(word) = &name.word {
                let is_label = is_labelled && word.text.bytes().any(|b| b.is_ascii_digit());
                if name.is_keyed || (head == Some(Head::Apps) && !segment.is_file) {
                    keyed.push(candidate(&word.text));
                } else if is_label || (segment.is_file && word.text.chars().count() <= 2) {
                    // The label of a build, or a file that someone gave a short name: neither names an app.
                } else if word.is_weak || head == Some(Head::Groups) {
                    found.weak_words.push(candidate(&word.text));
                } else if segment.is_file {
                    found.file_word = Some(candidate(&word.text));
                } else {
                    found.words.push(candidate(&word.text));
                }
            }
            head = name.heads;
        }
        if let Some(keyed) = keyed.pop() {
            found.words = vec![keyed];
            found.file_word = None;
            found.is_keyed = true;
        }
        // What may be a time is one where the path lacks a day and has an id besides.
        let is_time = !times.is_empty() && found.has_id() && !when::tells_day(route);
        if !is_time {
            found.ids.extend(times);
            found.ids.sort_by_key(|id| id.at);
        }
        found
    }

    /// Whether there is an id that is surely none of anything else.
    pub(crate) fn has_id(&self) -> bool {
        !self.bundles.is_empty() || !self.ids.is_empty()
    }

    /// Words in the order of the path, the weak ones where there are no others.
    fn all_words(&self) -> Vec<Candidate> {
        let mut words = self.words.clone();
        words.extend(self.file_word.clone());
        if words.is_empty() { self.weak_words.clone() } else { words }
    }

    fn all(&self) -> impl Iterator<Item = &Candidate> {
        let words = self.words.iter().chain(&self.file_word).chain(&self.weak_words);
        self.bundles.iter().chain(&self.ids).chain(words)
    }
}

/// Decides for all documents that neither an option nor the layout speaks of (`None` in the answer for those).
pub(crate) fn whose(
    routes: &[Route],
    candidates: &[Candidates],
    is_told: &[bool],
    rules: &Rules,
) -> (Vec<Option<Whose>>, Vec<Question>) {
    let chosen = vec![None; routes.len()];
    let mut inference = Inference { routes, candidates, chosen, shared: BTreeSet::new(), questions: Vec::new() };
    let open: Vec<usize> = (0..routes.len()).filter(|at| !is_told[*at]).collect();
    let open = inference.by_known_names(open, rules);
    let open = inference.by_bundle(open);
    let open = inference.by_apple_id(open);
    let open = inference.by_word(open);
    inference.by_place(&open);
    (inference.chosen, inference.questions)
}

struct Inference<'a> {
    routes: &'a [Route],
    candidates: &'a [Candidates],
    chosen: Vec<Option<Whose>>,
    /// Names that all documents of the rank at hand have.
    shared: BTreeSet<Arc<str>>,
    questions: Vec<Question>,
}

impl Inference<'_> {
    fn segment(&self, document: usize, candidate: &Candidate) -> &Segment {
        &self.routes[document].segments[candidate.at]
    }

    fn choose(&mut self, document: usize, rank: Rank, candidate: &Candidate) {
        let reason = self.segment(document, candidate).reason();
        self.choose_for(document, rank, &candidate.value, reason);
    }

    fn choose_for(&mut self, document: usize, rank: Rank, value: &Arc<str>, reason: Reason) {
        let found = &self.candidates[document];
        let taken = found.all().find(|candidate| candidate.value == *value).map(|candidate| candidate.at);
        let ranked = found.bundles.iter().map(|name| (Rank::BundleId, name));
        let ranked = ranked.chain(found.ids.iter().map(|name| (Rank::AppleId, name)));
        let words = found.words.iter().chain(&found.file_word).chain(&found.weak_words);
        let mut others: Vec<RuledOut<Arc<str>>> = Vec::new();
        for (own, other) in ranked.chain(words.map(|name| (Rank::Word, name))) {
            if other.value == *value || others.iter().any(|known| known.value == other.value) {
                continue;
            }
            let why = match own {
                _ if own > rank => WhyNot::Weaker(own),
                _ if self.shared.contains(&other.value) => WhyNot::Shared,
                _ if taken.is_some_and(|taken| taken > other.at) => WhyNot::FurtherOut,
                _ => WhyNot::FurtherIn,
            };
            others.push(RuledOut { value: Arc::clone(&other.value), why });
        }
        let app = Identity { value: Arc::clone(value), reason, others: others.into() };
        self.chosen[document] = Some(Whose { app, rank });
    }

    /// Names that `perfpower.toml` knows.
    fn by_known_names(&mut self, mut open: Vec<usize>, rules: &Rules) -> Vec<usize> {
        let known: BTreeSet<&str> =
            rules.aliases.iter().flat_map(|(name, used)| [name.as_str(), used.as_str()]).collect();
        if known.is_empty() {
            return open;
        }
        open.retain(|&document| {
            let named =
                self.candidates[document].all().filter(|name| known.contains(&*name.value)).max_by_key(|name| name.at);
            let named = named.cloned().or_else(|| {
                let segments = self.routes[document].segments.iter().enumerate().skip(self.routes[document].outside);
                let text = segments.rev().find(|(_, segment)| known.contains(segment.text()));
                text.map(|(at, segment)| Candidate { value: segment.text().into(), at })
            });
            if let Some(named) = &named {
                self.choose(document, Rank::Told, named);
            }
            named.is_none()
        });
        open
    }

    fn by_bundle(&mut self, open: Vec<usize>) -> Vec<usize> {
        let (named, open): (Vec<usize>, Vec<usize>) =
            open.into_iter().partition(|at| !self.candidates[*at].bundles.is_empty());
        let all: Vec<&[Candidate]> = named.iter().map(|at| &*self.candidates[*at].bundles).collect();
        let shared = shared_ids(&all);
        let mut chosen = Vec::with_capacity(named.len());
        for bundles in &all {
            chosen.push(unshared(bundles, &shared).last().copied().cloned());
        }
        self.shared = shared;
        for (document, chosen) in named.into_iter().zip(chosen) {
            if let Some(chosen) = chosen {
                self.choose(document, Rank::BundleId, &chosen);
            }
        }
        open
    }

    fn by_apple_id(&mut self, open: Vec<usize>) -> Vec<usize> {
        let certain: BTreeSet<Arc<str>> =
            self.candidates.iter().flat_map(|found| &found.ids).map(|id| Arc::clone(&id.value)).collect();
        let ids: HashMap<usize, Vec<Candidate>> = open
            .iter()
            .map(|&at| {
                let found = &self.candidates[at];
                let confirmed = found.maybe_ids.iter().filter(|id| certain.contains(&id.value));
                (at, found.ids.iter().chain(confirmed).cloned().collect())
            })
            .collect();
        let (named, open): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|at| !ids[at].is_empty());
        let all: Vec<&[Candidate]> = named.iter().map(|at| &*ids[at]).collect();
        let shared = shared_ids(&all);
        let joined = self.joined_ids();
        self.shared.clone_from(&shared);
        for (document, ids) in named.into_iter().zip(all) {
            let Some(chosen) = unshared(ids, &shared).first().copied() else { continue };
            if let Some(bundle) = joined.get(&chosen.value) {
                self.choose_for(document, Rank::BundleId, bundle, Reason::JoinedId(Arc::clone(&chosen.value)));
            } else {
                self.choose(document, Rank::AppleId, chosen);
            }
        }
        open
    }

    /// Apple id → bundle id, where paths have both and each goes with one of the other alone.
    fn joined_ids(&self) -> BTreeMap<Arc<str>, Arc<str>> {
        let mut pairs: BTreeSet<(&Arc<str>, &Arc<str>)> = BTreeSet::new();
        for (found, chosen) in self.candidates.iter().zip(&self.chosen) {
            if let (Some(id), Some(Whose { app, rank: Rank::BundleId })) = (found.ids.first(), chosen) {
                pairs.insert((&id.value, &app.value));
            }
        }
        let is_alone = |pair: &(&Arc<str>, &Arc<str>)| {
            pairs.iter().filter(|other| other.0 == pair.0 || other.1 == pair.1).count() == 1
        };
        pairs.iter().filter(|pair| is_alone(pair)).map(|(id, bundle)| (Arc::clone(id), Arc::clone(bundle))).collect()
    }

    fn by_word(&mut self, open: Vec<usize>) -> Vec<usize> {
        if open.is_empty() {
            return open;
        }
        let words: HashMap<usize, Vec<Candidate>> =
            open.iter().map(|&at| (at, self.candidates[at].all_words())).collect();
        let everywhere = self.words_of_all();
        let (named, mut open): (Vec<usize>, Vec<usize>) =
            open.into_iter().partition(|at| words[at].iter().any(|word| !everywhere.contains(&word.value)));
        let all: Vec<&[Candidate]> = named.iter().map(|at| &*words[at]).collect();
        let shared = shared(&all);
        let is_file = |document: usize, word: &Candidate| self.segment(document, word).is_file;
        let directories = |document: usize, words: &[Candidate]| -> Vec<Candidate> {
            unshared(words, &shared).into_iter().filter(|word| !is_file(document, word)).cloned().collect()
        };
        let files = |document: usize, words: &[Candidate]| -> Option<Candidate> {
            unshared(words, &shared).into_iter().rfind(|word| is_file(document, word)).cloned()
        };
        let mut readings = Readings::default();
        for (&document, words) in named.iter().zip(&all) {
            let inner = directories(document, words);
            let file = files(document, words);
            // Where no word differs, a directory's goes before a file's.
            let any = || words.iter().rfind(|word| !is_file(document, word)).or(words.last());
            let Some(chosen) = inner.last().or(file.as_ref()).or_else(any).cloned() else { continue };
            readings.outermost.push(inner.first().cloned().unwrap_or_else(|| chosen.clone()));
            readings.by_file.push(file.unwrap_or_else(|| chosen.clone()));
            let is_given = chosen.at < self.routes[document].given;
            let inner = words.iter().rfind(|word| word.at > chosen.at && !is_file(document, word));
            readings.inner_shared.push(inner.filter(|word| is_given && shared.contains(&word.value)).cloned());
            readings.chosen.push(chosen);
        }
        self.ask_which_word(&named, &readings);
        self.shared.clone_from(&shared);
        for (&document, chosen) in named.iter().zip(&readings.chosen) {
            self.choose(document, Rank::Word, chosen);
        }
        self.ask_about_circumstances(&named, &readings.chosen);
        // One app, and an id above what was given: the id says more than the word.
        let is_one = readings.chosen.windows(2).all(|pair| pair[0].value == pair[1].value);
        if is_one && !named.is_empty() {
            let has_id = |at: &usize| self.routes[*at].above().iter().any(|segment| id_of(&segment.name).is_some());
            let (outside, _): (Vec<usize>, Vec<usize>) = named.into_iter().partition(has_id);
            open.extend(outside);
        }
        open
    }

    /// Asks where another word of the paths would put other documents together.
    fn ask_which_word(&mut self, documents: &[usize], readings: &Readings) {
        let own = partition(&readings.chosen);
        let is_several = own.iter().any(|first| *first != 0);
        // Two arguments, and one name below them: two apps, or two places of one.
        let inner: Option<Vec<Candidate>> = readings.inner_shared.iter().cloned().collect();
        let inner = inner.filter(|_| is_several).unwrap_or_default();
        for other in [&readings.outermost, &readings.by_file, &inner] {
            let groups = partition(other);
            let Some(at) = (0..other.len()).find(|at| other[*at] != readings.chosen[*at] && groups != own) else {
                continue;
            };
            let count = |groups: &[usize]| groups.iter().enumerate().filter(|(at, first)| at == *first).count();
            let document = documents[at];
            let layout = self.layout_of(document, &other[at]);
            let problem = faults::app_in_doubt(
                (&readings.chosen[at].value, count(&own)),
                (&other[at].value, count(&groups)),
                &layout,
            );
            self.questions.push(Question { documents: vec![document], problem });
            return;
        }
    }

    /// Asks about words that are one app only because of the words of circumstance around them.
    fn ask_about_circumstances(&mut self, documents: &[usize], chosen: &[Candidate]) {
        let mut names: BTreeMap<Arc<str>, BTreeMap<Arc<str>, usize>> = BTreeMap::new();
        for (&document, candidate) in documents.iter().zip(chosen) {
            if let Some(word) = &self.segment(document, candidate).name.word {
                names
                    .entry(Arc::clone(&candidate.value))
                    .or_default()
                    .entry(Arc::clone(&word.full))
                    .or_insert(document);
            }
        }
        for (app, full) in names {
            if full.len() > 1
                && let Some(&document) = full.values().min()
            {
                let names: Vec<&str> = full.keys().map(|name| &**name).collect();
                let problem = faults::circumstances_apart(&app, &names);
                self.questions.push(Question { documents: vec![document], problem });
            }
        }
    }

    /// The layout that reads the app where a candidate stands.
    fn layout_of(&self, document: usize, candidate: &Candidate) -> String {
        let route = &self.routes[document];
        let segment = &route.segments[candidate.at];
        let before = "{*}/".repeat(candidate.at - route.outside);
        if !segment.is_file {
            return if segment.text() == &*candidate.value {
                format!("{before}{{app}}/{{*}}")
            } else {
                format!("{before}{}/{{*}}", within(segment.text(), &candidate.value))
            };
        }
        let pattern = within(&segment.step.name, &candidate.value);
        format!("{before}{pattern}")
    }

    /// The words that every document of the archive has, where ids tell several apps apart: such a word names none of them, and no
    /// other app either.
    fn words_of_all(&self) -> BTreeSet<Arc<str>> {
        let mut apps = self.chosen.iter().flatten().map(|whose| &whose.app.value);
        let first = apps.next();
        if !apps.any(|app| Some(app) != first) {
            return BTreeSet::new();
        }
        let words = |route: &Route| -> Vec<Candidate> {
            let words = route.segments.iter().enumerate();
            words
                .filter_map(|(at, segment)| {
                    Some(Candidate { value: Arc::clone(&segment.name.word.as_ref()?.text), at })
                })
                .collect()
        };
        let all: Vec<Vec<Candidate>> = self.routes.iter().map(words).collect();
        shared(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// What no name in the archive tells: what lies beside the one app of its place is of that, and all other such documents of one
    /// place are of one app.
    fn by_place(&mut self, documents: &[usize]) {
        if documents.is_empty() {
            return;
        }
        let is_single = self.routes.len() == 1;
        let beside = self.apps_of_folders();
        let everywhere = self.words_of_all();
        let mut crowded: Vec<usize> = Vec::new();
        for &document in documents {
            let route = &self.routes[document];
            let ids = || {
                route.above().iter().enumerate().rev().find_map(|(at, segment)| {
                    let (rank, value) = id_of(&segment.name)?;
                    Some((rank, Candidate { value, at }))
                })
            };
            let words = || {
                route.above().iter().enumerate().rev().find_map(|(at, segment)| {
                    let word = segment.name.word.as_ref();
                    let word = word.filter(|word| !word.is_weak && !everywhere.contains(&word.text))?;
                    Some((Rank::Place, Candidate { value: Arc::clone(&word.text), at }))
                })
            };
            if let Some((rank, named)) = ids().or_else(|| if self.chosen[document].is_none() { words() } else { None })
            {
                self.choose(document, rank, &named);
                continue;
            }
            if self.chosen[document].is_some() {
                continue;
            }
            let folders = route.segments.len().saturating_sub(1);
            let around = (route.outside..=folders).rev().find_map(|depth| beside.get(&folder(route, depth)));
            match around {
                Some(Around::One(app)) if !route.is_stdin => {
                    let app = Arc::clone(app);
                    self.choose_for(document, Rank::Place, &app, Reason::Beside(Arc::clone(&app)));
                    continue;
                }
                Some(Around::Several) if !route.is_stdin => crowded.push(document),
                _ => {}
            }
            if route.is_stdin {
                self.choose_for(document, Rank::Place, &"stdin".into(), Reason::StandardInput);
                continue;
            }
            // What was given, by its name as it is; a document all by itself by its own.
            let Some(file) = route.segments.last() else { continue };
            let around = route.segments[..route.segments.len() - 1].get(route.outside).or(route.above().last());
            let named = around.filter(|_| !is_single).unwrap_or(file);
            self.choose_for(document, Rank::Place, &named.text().into(), named.reason());
        }
        let app =
            crowded.first().and_then(|first| self.chosen[*first].as_ref()).map(|whose| Arc::clone(&whose.app.value));
        if let Some(app) = app {
            let problem = faults::whose_is_it(crowded.len(), &app);
            self.questions.push(Question { documents: crowded, problem });
        }
    }

    /// The apps that names tell, by the folders that their documents lie in, at any depth.
    fn apps_of_folders(&self) -> HashMap<Vec<Arc<str>>, Around> {
        let mut apps: HashMap<Vec<Arc<str>>, Around> = HashMap::new();
        for (route, chosen) in self.routes.iter().zip(&self.chosen) {
            let Some(Whose { app, .. }) = chosen else { continue };
            for depth in route.outside..route.segments.len() {
                apps.entry(folder(route, depth))
                    .and_modify(|around| {
                        if matches!(around, Around::One(known) if *known != app.value) {
                            *around = Around::Several;
                        }
                    })
                    .or_insert_with(|| Around::One(Arc::clone(&app.value)));
            }
        }
        apps
    }
}

/// The apps that are named in a folder.
enum Around {
    One(Arc<str>),
    Several,
}

/// The names of the outermost segments of a route.
fn folder(route: &Route, depth: usize) -> Vec<Arc<str>> {
    route.segments[..depth].iter().map(|segment| Arc::clone(&segment.step.name)).collect()
}

/// Who is taken for the app of each document, and who else might be.
#[derive(Debug, Default)]
struct Readings {
    chosen: Vec<Candidate>,
    outermost: Vec<Candidate>,
    by_file: Vec<Candidate>,
    /// What all documents have further in, where what was given is chosen.
    inner_shared: Vec<Option<Candidate>>,
}

/// The id that a name has.
fn id_of(name: &Name) -> Option<(Rank, Arc<str>)> {
    let bundle = name.bundle.as_ref().map(|bundle| (Rank::BundleId, Arc::clone(bundle)));
    let number = || name.apple_id.as_ref().filter(|number| number.doubt.is_none());
    bundle.or_else(|| number().map(|number| (Rank::AppleId, Arc::clone(&number.id))))
}

/// The pattern that reads a value out of a name: `{app}-{*}.json`.
fn within(name: &str, value: &str) -> String {
    match name.split_once(value) {
        Some((front, back)) => {
            let any = |text: &str| if text.is_empty() { "" } else { "{*}" };
            let ending = back.rfind('.').map_or("", |at| &back[at..]);
            let separator = back.chars().next().filter(|c| *c != '.').map_or(String::new(), String::from);
            let inner = back.len() - ending.len();
            let mark = front.chars().next_back().map_or(String::new(), String::from);
            let front = any(front.trim_end_matches(mark.as_str()));
            let behind = if inner > separator.len() { "{*}" } else { "" };
            format!("{front}{mark}{{app}}{separator}{behind}{ending}")
        }
        None => "{app}".into(),
    }
}

/// The ids that all documents have, where each has another one besides: an id is never the word of a tool alone.
fn shared_ids(all: &[&[Candidate]]) -> BTreeSet<Arc<str>> {
    let shared = shared(all);
    if all.iter().all(|names| !unshared(names, &shared).is_empty()) { shared } else { BTreeSet::new() }
}

/// The names that all documents have.
fn shared(all: &[&[Candidate]]) -> BTreeSet<Arc<str>> {
    let mut counts: HashMap<&Arc<str>, (usize, usize)> = HashMap::new();
    for (document, names) in all.iter().enumerate() {
        for name in *names {
            let (count, last) = counts.entry(&name.value).or_insert((0, usize::MAX));
            if *last != document {
                (*count, *last) = (*count + 1, document);
            }
        }
    }
    counts.into_iter().filter(|(_, (count, _))| *count == all.len()).map(|(name, _)| Arc::clone(name)).collect()
}

fn unshared<'a>(names: &'a [Candidate], shared: &BTreeSet<Arc<str>>) -> Vec<&'a Candidate> {
    names.iter().filter(|name| !shared.contains(&name.value)).collect()
}

/// For each document the first one that has the same name.
fn partition(names: &[Candidate]) -> Vec<usize> {
    let mut firsts: HashMap<&Arc<str>, usize> = HashMap::new();
    names.iter().enumerate().map(|(at, name)| *firsts.entry(&name.value).or_insert(at)).collect()
}
