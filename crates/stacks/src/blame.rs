//! Which frames cost most.
//!
//! A function that recurs in one stack counts once for its inclusive samples: the outermost call holds the inner ones.

use crate::stacks::{StackLog, StackTable};
use crate::tree::{FrameKeys, StackFrame, keep_smaller};
use perfpower_model::{CallTree, DiagnosticAdvice, NameId};
use std::cmp::Reverse;
use std::num::NonZeroU32;

/// Which frames are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranked {
    /// Those that Apple holds the app responsible for.
    Blame,
    /// Those that Apple has advice for.
    Advised,
    /// All.
    All,
}

/// One function and what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedFrame {
    /// The function. Its file and line are those of its heaviest place that is known.
    pub frame: StackFrame,
    /// Samples in the function itself.
    pub own: u64,
    /// Samples in it and in all that it calls.
    pub inclusive: u64,
    /// `own` as a share of all samples, 0..=1.
    pub own_share: f64,
    /// `inclusive` as a share of all samples, 0..=1.
    pub inclusive_share: f64,
    /// How many logs it stands in.
    pub logs: u64,
    /// Its places (file, line) with their inclusive samples, heaviest first.
    pub places: Vec<Place>,
}

/// A line of source and what runs through it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Source file.
    pub file: Option<String>,
    /// 1-based line.
    pub line: Option<NonZeroU32>,
    /// Samples in it and in all that it calls.
    pub inclusive: u64,
}

/// Functions by cost, heaviest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// All samples of the logs that were wanted.
    pub total: u64,
    /// Ordered by inclusive samples, then self samples, then binary and name.
    pub frames: Vec<RankedFrame>,
}

impl StackTable {
    /// Ranks functions over the logs that are wanted.
    pub fn ranking(&self, ranked: Ranked, is_wanted: impl Fn(&StackLog) -> bool + Sync) -> Ranking {
        let samples = || {
            let own = self.own_samples(&is_wanted);
            let inclusive = crate::tree::summed_up(self.node_parents(), &own);
            (own, inclusive)
        };
        let calls = || {
            let functions = Functions::new(self, ranked);
            let calls = Calls::new(self, &functions.of_frame);
            let is_outermost = calls.are_outermost(functions.rows.len());
            (functions, calls, is_outermost)
        };
        let ((own, inclusive), (Functions { of_frame, mut rows }, calls, is_outermost)) = rayon::join(samples, calls);
        let mut places: Vec<CalledPlace> = Vec::new();
        let mut is_wanted_frame = vec![false; self.frames().len()];
        for ((&node, &function), is_outermost) in calls.node.iter().zip(&calls.function).zip(is_outermost) {
            let (node, function) = (node as usize, function as usize);
            if inclusive[node] == 0 {
                continue;
            }
            let row = &mut rows[function];
            row.own += own[node];
            let frame = self.node_frames()[node] as usize;
            is_wanted_frame[frame] = true;
            if is_outermost {
                row.inclusive += inclusive[node];
                let frame = &self.frames()[frame];
                places.push((function as u32, frame.file, frame.line, inclusive[node]));
            }
        }
        self.count_logs(&mut rows, &is_wanted, &calls);
        places.sort_unstable();
        for places in places.chunk_by(|a, b| a.0 == b.0) {
            let row = &mut rows[places[0].0 as usize];
            row.places = self.places(places);
            if let Some(shown) = shown_place(&row.places) {
                row.frame.file.clone_from(&shown.file);
                row.frame.line = shown.line;
            }
        }
        // Apple's marks are those of the logs that are wanted.
        for (at, frame) in self.frames().iter().enumerate().filter(|&(at, _)| is_wanted_frame[at]) {
            let row = &mut rows[of_frame[at] as usize].frame;
            row.is_blame |= frame.is_blame;
            keep_smaller(&mut row.advice_category, self.names().get(frame.advice_category));
        }

        let total = own.iter().sum();
        let share = |samples: u64| if total == 0 { 0.0 } else { samples as f64 / total as f64 };
        let mut frames = rows;
        frames.retain_mut(|row| {
            row.own_share = share(row.own);
            row.inclusive_share = share(row.inclusive);
            row.inclusive > 0
        });
        frames.sort_by(|left, right| {
            let key = |row: &RankedFrame| (Reverse(row.inclusive), Reverse(row.own));
            key(left)
                .cmp(&key(right))
                .then_with(|| (&left.frame.binary, &left.frame.name).cmp(&(&right.frame.binary, &right.frame.name)))
        });
        Ranking { total, frames }
    }

    /// Apple's advice for the logs that are wanted: what it says, and the frames of its category that were found in their
    /// stacks, heaviest first. Advice without a frame is kept: it still holds for its signature.
    pub fn advice_found(&self, is_wanted: impl Fn(&StackLog) -> bool + Sync) -> Vec<FoundAdvice> {
        let ranking = self.ranking(Ranked::Advised, &is_wanted);
        let names = self.log_names();
        let mut advice: Vec<&DiagnosticAdvice> = self
            .advice()
            .iter()
            .filter(|advice| self.logs().iter().any(|log| log.signature == advice.signature && is_wanted(log)))
            .collect();
        let texts = |advice: &DiagnosticAdvice| {
            [advice.category, advice.text, advice.url, advice.signature].map(|id| names.get(id))
        };
        advice.sort_by(|left, right| texts(left).cmp(&texts(right)));
        let mut found: Vec<FoundAdvice> = Vec::new();
        for entry in advice {
            let [category, text, url, signature] = texts(entry).map(|text| text.map(str::to_owned));
            if let Some(last) = found.last_mut()
                && (&last.category, &last.text, &last.url) == (&category, &text, &url)
            {
                last.signatures.extend(signature);
                continue;
            }
            let is_advised = |row: &&RankedFrame| category.is_some() && row.frame.advice_category == category;
            let frames = ranking.frames.iter().filter(is_advised).cloned().collect();
            found.push(FoundAdvice { category, text, url, signatures: signature.into_iter().collect(), frames });
        }
        found
    }

    fn count_logs(&self, rows: &mut [RankedFrame], is_wanted: impl Fn(&StackLog) -> bool, calls: &Calls) {
        let mut last_log_of_function = vec![usize::MAX; rows.len()];
        // A path is climbed until a call that this log has visited already, so a log costs its distinct calls.
        let mut last_log_of_call = vec![usize::MAX; calls.node.len()];
        for (at, log) in self.logs().iter().enumerate().filter(|(_, log)| is_wanted(log)) {
            for (end, _) in self.ends(log) {
                let mut call = calls.innermost[end as usize];
                while call != NONE && last_log_of_call[call as usize] != at {
                    last_log_of_call[call as usize] = at;
                    let function = calls.function[call as usize] as usize;
                    if last_log_of_function[function] != at {
                        last_log_of_function[function] = at;
                        rows[function].logs += 1;
                    }
                    call = calls.above[call as usize];
                }
            }
        }
    }

    /// The places of one function, out of (function, file, line, inclusive samples) in that order.
    pub(super) fn places(&self, calls: &[CalledPlace]) -> Vec<Place> {
        let mut places: Vec<Place> = calls
            .chunk_by(|a, b| (a.1, a.2) == (b.1, b.2))
            .map(|calls| Place {
                file: self.names().get(calls[0].1).map(str::to_owned),
                line: calls[0].2,
                inclusive: calls.iter().fold(0, |sum, call| sum.saturating_add(call.3)),
            })
            .collect();
        places.sort_by(|left, right| {
            right.inclusive.cmp(&left.inclusive).then_with(|| (&left.file, left.line).cmp(&(&right.file, right.line)))
        });
        places
    }
}

/// A piece of Apple's advice and where it applies.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAdvice {
    /// Such as `SQLiteSpill`.
    pub category: Option<String>,
    /// What to do, in Apple's words.
    pub text: Option<String>,
    /// Where Apple explains it.
    pub url: Option<String>,
    /// The signatures it was given for, sorted.
    pub signatures: Vec<String>,
    /// Frames of its category in the stacks, heaviest first.
    pub frames: Vec<RankedFrame>,
}

/// The place that a function is shown at: the heaviest one with a line, else with a file. Places are heaviest first.
pub(super) fn shown_place(places: &[Place]) -> Option<&Place> {
    places.iter().min_by_key(|place| (place.file.is_none(), place.line.is_none()))
}

/// A function, file and line of it, and inclusive samples.
pub(super) type CalledPlace = (u32, Option<NameId>, Option<NonZeroU32>, u64);

/// The function of a frame that is not ranked, and the call where there is none.
const NONE: u32 = u32::MAX;

/// The functions that are ranked, without Apple's marks: these depend on the logs.
struct Functions {
    of_frame: Vec<u32>,
    rows: Vec<RankedFrame>,
}

impl Functions {
    fn new(table: &StackTable, ranked: Ranked) -> Self {
        let mut keys = FrameKeys::new(table);
        let mut rows: Vec<RankedFrame> = Vec::new();
        let of_frame = table
            .frames()
            .iter()
            .map(|frame| {
                let is_ranked = match ranked {
                    Ranked::Blame => frame.is_blame,
                    Ranked::Advised => frame.advice_category.is_some(),
                    Ranked::All => true,
                };
                if !is_ranked {
                    return NONE;
                }
                let advice = frame.advice_category.filter(|_| ranked == Ranked::Advised);
                let shown = table.shown_name(frame);
                let name = keys.name(frame, &shown);
                let function = keys.position([name, frame.binary, advice]);
                if function as usize == rows.len() {
                    let mut unmarked = table.place_called(frame, shown);
                    unmarked.is_blame = false;
                    unmarked.advice_category = None;
                    rows.push(RankedFrame {
                        frame: unmarked,
                        own: 0,
                        inclusive: 0,
                        own_share: 0.0,
                        inclusive_share: 0.0,
                        logs: 0,
                        places: Vec::new(),
                    });
                }
                function
            })
            .collect();
        Self { of_frame, rows }
    }
}

/// The nodes of functions that are ranked: a small part of all where only some are. Those above stand before those below.
struct Calls {
    /// Node of each call.
    node: Vec<u32>,
    /// Its function.
    function: Vec<u32>,
    /// The next call above it; [`NONE`] = none.
    above: Vec<u32>,
    /// Of every node, the call that it is, or else the next one above it; [`NONE`] = none.
    innermost: Vec<u32>,
}

impl Calls {
    fn new(table: &StackTable, function_of_frame: &[u32]) -> Self {
        let parents = table.node_parents();
        let mut calls =
            Self { node: Vec::new(), function: Vec::new(), above: Vec::new(), innermost: vec![NONE; parents.len()] };
        for (node, (&parent, &frame)) in parents.iter().zip(table.node_frames()).enumerate() {
            let above = if parent == CallTree::ROOT { NONE } else { calls.innermost[parent as usize] };
            let function = function_of_frame[frame as usize];
            calls.innermost[node] = if function == NONE {
                above
            } else {
                calls.node.push(node as u32);
                calls.function.push(function);
                calls.above.push(above);
                calls.node.len() as u32 - 1
            };
        }
        calls
    }

    /// Of each call, whether no call above it is of the same function. Functions are numbered below `functions`.
    fn are_outermost(&self, functions: usize) -> Vec<bool> {
        // Calls below a call as lists threaded through two columns: no call allocates.
        let mut first_below = vec![NONE; self.node.len()];
        let mut next_beside = vec![NONE; self.node.len()];
        let mut first = NONE;
        for (call, &above) in self.above.iter().enumerate().rev() {
            let head = if above == NONE { &mut first } else { &mut first_below[above as usize] };
            next_beside[call] = std::mem::replace(head, call as u32);
        }
        // Depth first, with the calls of each function that are open.
        let mut open = vec![0_u32; functions];
        let mut are_outermost = vec![false; self.node.len()];
        let mut call = first;
        while call != NONE {
            let open_calls = &mut open[self.function[call as usize] as usize];
            are_outermost[call as usize] = *open_calls == 0;
            *open_calls += 1;
            if first_below[call as usize] != NONE {
                call = first_below[call as usize];
                continue;
            }
            loop {
                open[self.function[call as usize] as usize] -= 1;
                if next_beside[call as usize] != NONE {
                    call = next_beside[call as usize];
                    break;
                }
                call = self.above[call as usize];
                if call == NONE {
                    break;
                }
            }
        }
        are_outermost
    }
}
