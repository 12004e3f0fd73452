//! Which frames cost most.
//!
//! A function that recurs in one stack counts once for its inclusive samples: the outermost call holds the inner ones.

use super::stacks::{StackLog, StackTable};
use super::tree::StackFrame;
use perfpower_model::{CallTree, DiagnosticAdvice};
use std::cmp::Reverse;
use std::collections::HashMap;

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
    /// The function. Its file and line are those of its heaviest place.
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
    /// Source file; empty = not known.
    pub file: String,
    /// 1-based line; 0 = not known.
    pub line: u32,
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
    pub fn ranking(&self, ranked: Ranked, is_wanted: impl Fn(&StackLog) -> bool) -> Ranking {
        let own = self.own_samples(&is_wanted);
        let inclusive = super::tree::summed_up(self.node_parents(), &own);
        let functions = Functions::new(self, ranked);
        let mut rows = functions.rows;
        let mut places: Vec<HashMap<(u32, u32), u64>> = vec![HashMap::new(); rows.len()];

        let node_function = |node: usize| functions.of_frame[self.node_frames()[node] as usize];
        walk(self, rows.len(), node_function, |node, is_outermost| {
            let function = node_function(node);
            if function == NONE || inclusive[node] == 0 {
                return;
            }
            let row = &mut rows[function as usize];
            row.own += own[node];
            if is_outermost {
                row.inclusive += inclusive[node];
                let frame = &self.frames()[self.node_frames()[node] as usize];
                let place = (frame.file.index() as u32, frame.line);
                *places[function as usize].entry(place).or_default() += inclusive[node];
            }
        });
        self.count_logs(&mut rows, &is_wanted, node_function);

        let total = own.iter().sum();
        let share = |samples: u64| if total == 0 { 0.0 } else { samples as f64 / total as f64 };
        let mut frames: Vec<RankedFrame> = rows
            .into_iter()
            .zip(places)
            .filter(|(row, _)| row.inclusive > 0)
            .map(|(mut row, places)| {
                row.places = self.places(places);
                if let Some(heaviest) = row.places.first() {
                    row.frame.file.clone_from(&heaviest.file);
                    row.frame.line = heaviest.line;
                }
                row.own_share = share(row.own);
                row.inclusive_share = share(row.inclusive);
                row
            })
            .collect();
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
    pub fn advice_found(&self, is_wanted: impl Fn(&StackLog) -> bool) -> Vec<FoundAdvice> {
        let ranking = self.ranking(Ranked::Advised, &is_wanted);
        let names = self.log_names();
        let mut advice: Vec<&DiagnosticAdvice> = self
            .advice()
            .iter()
            .filter(|advice| self.logs().iter().any(|log| log.signature == advice.signature && is_wanted(log)))
            .collect();
        let texts = |advice: &DiagnosticAdvice| {
            [advice.category, advice.text, advice.url, advice.signature].map(|id| names.text(id))
        };
        advice.sort_by(|left, right| texts(left).cmp(&texts(right)));
        let mut found: Vec<FoundAdvice> = Vec::new();
        for entry in advice {
            let [category, text, url, signature] = texts(entry).map(str::to_owned);
            if let Some(last) = found.last_mut()
                && (&last.category, &last.text, &last.url) == (&category, &text, &url)
            {
                last.signatures.push(signature);
                continue;
            }
            let frames = ranking.frames.iter().filter(|row| row.frame.advice_category == category).cloned().collect();
            found.push(FoundAdvice { category, text, url, signatures: vec![signature], frames });
        }
        found
    }

    fn count_logs(
        &self,
        rows: &mut [RankedFrame],
        is_wanted: impl Fn(&StackLog) -> bool,
        node_function: impl Fn(usize) -> u32,
    ) {
        let mut last_log_of_function = vec![usize::MAX; rows.len()];
        // A path is climbed until a node that this log has visited already, so a log costs its distinct nodes.
        let mut last_log_of_node = vec![u32::MAX; self.node_parents().len()];
        for (at, log) in self.logs().iter().enumerate().filter(|(_, log)| is_wanted(log)) {
            for (end, _) in self.ends(log) {
                let mut node = end;
                while node != CallTree::ROOT && last_log_of_node[node as usize] != at as u32 {
                    last_log_of_node[node as usize] = at as u32;
                    let function = node_function(node as usize);
                    if function != NONE && last_log_of_function[function as usize] != at {
                        last_log_of_function[function as usize] = at;
                        rows[function as usize].logs += 1;
                    }
                    node = self.node_parents()[node as usize];
                }
            }
        }
    }

    fn places(&self, counted: HashMap<(u32, u32), u64>) -> Vec<Place> {
        let mut places: Vec<Place> = counted
            .into_iter()
            .map(|((file, line), inclusive)| Place {
                file: self.names().text(perfpower_model::NameId::from_index(file as usize)).to_owned(),
                line,
                inclusive,
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
    pub category: String,
    /// What to do, in Apple's words.
    pub text: String,
    /// Where Apple explains it.
    pub url: String,
    /// The signatures it was given for, sorted.
    pub signatures: Vec<String>,
    /// Frames of its category in the stacks, heaviest first.
    pub frames: Vec<RankedFrame>,
}

/// The function of a frame that is not ranked.
const NONE: u32 = u32::MAX;

/// The functions that are ranked.
struct Functions {
    of_frame: Vec<u32>,
    rows: Vec<RankedFrame>,
}

impl Functions {
    fn new(table: &StackTable, ranked: Ranked) -> Self {
        let mut index: HashMap<(String, String, String), u32> = HashMap::new();
        let mut rows: Vec<RankedFrame> = Vec::new();
        let of_frame = table
            .frames()
            .iter()
            .map(|frame| {
                let is_ranked = match ranked {
                    Ranked::Blame => frame.is_blame,
                    Ranked::Advised => !table.names().text(frame.advice_category).is_empty(),
                    Ranked::All => true,
                };
                if !is_ranked {
                    return NONE;
                }
                let mut place = table.place(frame);
                if ranked != Ranked::Advised {
                    place.advice_category.clear();
                }
                let key = (place.name.clone(), place.binary.clone(), place.advice_category.clone());
                let next = rows.len() as u32;
                *index.entry(key).or_insert_with(|| {
                    rows.push(RankedFrame {
                        frame: place,
                        own: 0,
                        inclusive: 0,
                        own_share: 0.0,
                        inclusive_share: 0.0,
                        logs: 0,
                        places: Vec::new(),
                    });
                    next
                })
            })
            .collect();
        for (frame, &function) in table.frames().iter().zip(&of_frame) {
            let function: u32 = function;
            if function != NONE {
                let row = &mut rows[function as usize].frame;
                row.is_blame |= frame.is_blame;
                let category = table.names().text(frame.advice_category);
                if !category.is_empty() && (row.advice_category.is_empty() || category < row.advice_category.as_str()) {
                    category.clone_into(&mut row.advice_category);
                }
            }
        }
        Self { of_frame, rows }
    }
}

/// Visits every node, depth first, and says of each whether no node above it is of the same function. Functions are numbered
/// below `functions`; [`NONE`] is none.
fn walk(table: &StackTable, functions: usize, function: impl Fn(usize) -> u32, mut visit: impl FnMut(usize, bool)) {
    let parents = table.node_parents();
    // Children as lists threaded through two columns: no node allocates.
    let mut first_child = vec![CallTree::ROOT; parents.len()];
    let mut next_sibling = vec![CallTree::ROOT; parents.len()];
    let mut first_root = CallTree::ROOT;
    for node in (0..parents.len()).rev() {
        let head = match parents[node] {
            CallTree::ROOT => &mut first_root,
            parent => &mut first_child[parent as usize],
        };
        next_sibling[node] = std::mem::replace(head, node as u32);
    }
    let mut on_stack = vec![0u32; functions];
    let mut node = first_root;
    while node != CallTree::ROOT {
        match on_stack.get_mut(function(node as usize) as usize) {
            Some(calls) => {
                visit(node as usize, *calls == 0);
                *calls += 1;
            }
            None => visit(node as usize, true),
        }
        if first_child[node as usize] != CallTree::ROOT {
            node = first_child[node as usize];
            continue;
        }
        loop {
            if let Some(calls) = on_stack.get_mut(function(node as usize) as usize) {
                *calls -= 1;
            }
            if next_sibling[node as usize] != CallTree::ROOT {
                node = next_sibling[node as usize];
                break;
            }
            node = parents[node as usize];
            if node == CallTree::ROOT {
                break;
            }
        }
    }
}
