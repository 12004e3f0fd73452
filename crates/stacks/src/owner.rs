//! Whose code a frame is: ordered patterns, the first match wins.

use crate::blame::Ranking;
use crate::tree::StackFrame;
use perfpower_model::{Redact, TextRole};
use std::collections::{BTreeMap, BTreeSet};

/// What a pattern is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OwnerField {
    /// Any of the three.
    Any,
    /// The binary, such as `CheckoutKit`.
    Binary,
    /// The name of the function.
    Symbol,
    /// The source file.
    File,
}

/// One line of the owners' table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerRule {
    /// Who owns what matches.
    pub owner: String,
    /// What is held against what; all must match. In a pattern `*` stands for any text, `?` for one character, all else for
    /// itself, and the whole text must match.
    pub patterns: Vec<(OwnerField, String)>,
    /// Which texts fit each pattern, where that was looked up before pseudonyms took their place; absent = the patterns are held
    /// against the frames.
    pub fitting: Option<Vec<BTreeSet<String>>>,
}

/// The owners' table, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// The first rule that matches decides.
    pub rules: Vec<OwnerRule>,
}

/// What the frames of one owner cost.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerCost {
    /// Who; `None` = nobody's pattern matches.
    pub owner: Option<String>,
    /// Self samples of all their ranked frames.
    pub own: u64,
    /// `own` as a share of all samples, 0..=1.
    pub own_share: f64,
    /// Positions of their frames in [`Ranking::frames`], heaviest first.
    pub frames: Vec<usize>,
}

impl Owners {
    /// Who owns a frame. Absent = no rule matches.
    pub fn owner_of(&self, frame: &StackFrame) -> Option<&str> {
        let (binary, symbol, file) = (frame.binary.as_deref(), Some(&*frame.name), frame.file.as_deref());
        let fits = |rule: &OwnerRule, at: usize| {
            let (field, pattern) = &rule.patterns[at];
            let fits = |text: Option<&str>| {
                let text = text.unwrap_or_default();
                rule.fitting.as_ref().map_or_else(|| matches(pattern, text), |fitting| fitting[at].contains(text))
            };
            match field {
                OwnerField::Any => [binary, symbol, file].into_iter().any(fits),
                OwnerField::Binary => fits(binary),
                OwnerField::Symbol => fits(symbol),
                OwnerField::File => fits(file),
            }
        };
        let owns = |rule: &&OwnerRule| (0..rule.patterns.len()).all(|at| fits(rule, at));
        self.rules.iter().find(owns).map(|rule| rule.owner.as_str())
    }

    /// Looks up which of the texts of frames fit each pattern, and replaces the names of the owners. `texts` are pairs of what a
    /// frame is called, its binary and its file ([`StackTable::frame_texts`](crate::StackTable::frame_texts)), before and after.
    pub fn redact(&mut self, texts: &[([String; 3], [String; 3])], by: &mut dyn Redact) {
        for rule in &mut self.rules {
            by.replace(TextRole::Team, &mut rule.owner);
            let fitting = |(field, pattern): &(OwnerField, String)| {
                let fields = match field {
                    OwnerField::Any => 0..3,
                    OwnerField::Symbol => 0..1,
                    OwnerField::Binary => 1..2,
                    OwnerField::File => 2..3,
                };
                let mut fitting: BTreeSet<String> = BTreeSet::new();
                if matches(pattern, "") {
                    fitting.insert(String::new());
                }
                for (before, after) in texts {
                    let pairs = fields.clone().map(|at| (&before[at], &after[at]));
                    fitting.extend(pairs.filter(|(text, _)| matches(pattern, text)).map(|(_, new)| new.clone()));
                }
                fitting
            };
            rule.fitting = Some(rule.patterns.iter().map(fitting).collect());
            for (_, pattern) in &mut rule.patterns {
                by.replace(TextRole::Team, pattern);
            }
        }
    }

    /// A ranking by owner: heaviest first, nobody's last. Inclusive samples of different frames overlap, so only self
    /// samples are added up.
    pub fn costs(&self, ranking: &Ranking) -> Vec<OwnerCost> {
        let mut costs: BTreeMap<Option<&str>, (u64, Vec<usize>)> = BTreeMap::new();
        for (at, row) in ranking.frames.iter().enumerate() {
            let (own, frames) = costs.entry(self.owner_of(&row.frame)).or_default();
            *own += row.own;
            frames.push(at);
        }
        let mut costs: Vec<OwnerCost> = costs
            .into_iter()
            .map(|(owner, (own, frames))| OwnerCost {
                owner: owner.map(str::to_owned),
                own,
                own_share: if ranking.total == 0 { 0.0 } else { own as f64 / ranking.total as f64 },
                frames,
            })
            .collect();
        costs.sort_by(|left, right| {
            (left.owner.is_none(), std::cmp::Reverse(left.own), &left.owner).cmp(&(
                right.owner.is_none(),
                std::cmp::Reverse(right.own),
                &right.owner,
            ))
        });
        costs
    }
}

/// Whether a whole text matches a pattern of `*` and `?`. After a mismatch only the last `*` takes one character more, so the
/// work is at most the product of the lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut last_star: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let before_text = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = before_text;
                last_star = Some((pattern.clone(), text.clone()));
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => {
                let Some((after_star, star_text)) = &mut last_star else { return false };
                if star_text.next().is_none() {
                    return false;
                }
                pattern = after_star.clone();
                text = star_text.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_logs::{About, SampleLogs};
    use crate::{Ranked, StackTable};

    fn rule(owner: &str, patterns: &[(OwnerField, &str)]) -> OwnerRule {
        let patterns = patterns.iter().map(|&(field, pattern)| (field, pattern.to_owned())).collect();
        OwnerRule { owner: owner.to_owned(), patterns, fitting: None }
    }

    #[test]
    fn patterns() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "any"),
            ("Check*", "CheckoutKit"),
            ("*Kit", "UIKitKit"),
            ("a?c", "aéc"),
            ("*a*b*", "xxaybz"),
            ("**", "x"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("", "a"), ("a", ""), ("?", ""), ("Check*", "checkout"), ("*Kit", "Kits"), ("a?c", "ac"), ("[*", "-[")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_of_stars_ends_soon() {
        assert!(!matches(&"*a".repeat(300), &"a".repeat(200)));
        assert!(!matches(&format!("{}b", "*a".repeat(60)), &"a".repeat(5_000)));
    }

    #[test]
    fn the_first_rule_decides_and_nobody_comes_last() {
        let owners = Owners {
            rules: vec![
                rule("payments", &[(OwnerField::Symbol, "pay*")]),
                rule("feed", &[(OwnerField::Binary, "Feed*")]),
                rule("platform", &[(OwnerField::Binary, "*")]),
            ],
        };
        let logs = SampleLogs::new()
            .log(About::default(), &["FeedKit:payWall! 1", "FeedKit:scroll! 5", "FeedKit:scroll!;Core:run! 3"]);
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let ranking = table.ranking(Ranked::Blame, |_| true);
        let costs: Vec<_> = owners.costs(&ranking).into_iter().map(|cost| (cost.owner, cost.own)).collect();
        let who = |owner: &str| Some(owner.to_owned());
        assert_eq!(costs, [(who("feed"), 5), (who("platform"), 3), (who("payments"), 1)]);
        let nobody = Owners { rules: vec![rule("payments", &[(OwnerField::Symbol, "pay*")])] };
        let last = nobody.costs(&ranking).pop().unwrap();
        assert_eq!((last.owner, last.own), (None, 8));
    }

    #[test]
    fn all_patterns_of_a_rule_must_match_and_any_is_one_of_the_three() {
        let logs = SampleLogs::new().log(About::default(), &["FeedKit:pay! 1", "FeedKit:scroll! 5", "Core:pay! 3"]);
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let ranking = table.ranking(Ranked::Blame, |_| true);
        let costs = |rules| -> Vec<_> {
            Owners { rules }.costs(&ranking).into_iter().map(|cost| (cost.owner, cost.own)).collect()
        };
        let both = [(OwnerField::Binary, "Feed*"), (OwnerField::Symbol, "pay*")];
        assert_eq!(costs(vec![rule("both", &both)]), [(Some("both".to_owned()), 1), (None, 8)]);
        let any = [(OwnerField::Any, "pay"), (OwnerField::Binary, "C*")];
        assert_eq!(costs(vec![rule("any", &any)]), [(Some("any".to_owned()), 3), (None, 6)]);
    }
}
