//! Members by name: links find what they point to, and of equal names the last one holds, as for whoever unpacks.

use super::{Link, Member};
use crate::candidates::{self, Verdict};
use crate::faults;
use crate::magic::Magic;
use perfpower_model::Problem;
use std::collections::HashSet;

/// How many links may lead from one to the next; what Linux allows of them.
const HOPS: usize = 40;

/// Gives links the bytes they stand for, and takes out what a later member of the same name replaces.
pub(crate) fn settle(format: &str, members: &mut Vec<Member>, problems: &mut Vec<Problem>) {
    let mut by_name: Vec<(String, usize)> =
        members.iter().enumerate().map(|(at, member)| (key(&member.name), at)).collect();
    by_name.sort_unstable();
    let replaced: Vec<usize> = by_name
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0 && !pair[0].0.is_empty())
        .map(|pair| pair[0].1)
        .collect();
    if let Some(first) = replaced.iter().min() {
        problems.push(faults::repeated_members(format, replaced.len(), &members[*first].name));
    }
    let mut gone = vec![false; members.len()];
    for at in replaced {
        gone[at] = true;
    }
    let is_link = |member: &Member| member.link.is_some() && member.problem.is_none();
    let links = members.iter().enumerate().filter(|(_, member)| is_link(member)).map(|(at, _)| at);
    let targets: Vec<(usize, Target)> = links.map(|at| (at, resolve(members, &by_name, at))).collect();
    let mut taken = HashSet::new();
    for (at, target) in targets {
        match target {
            Target::Member(target) => {
                // A file behind symbolic links is read once: by its own name if that is one of a document, else by the first link.
                let is_symbolic = matches!(members[at].link, Some(Link::Symbolic(_)));
                gone[at] |= is_symbolic && (is_read(&members[target]) || !taken.insert(target));
                let target = members[target].clone();
                // The bytes lie there once and are read twice.
                let cost = target.cost.saturating_add(target.size);
                let name = std::mem::take(&mut members[at].name);
                members[at] = Member { name, cost, ..target };
            }
            Target::Directory => gone[at] = true,
            Target::None => members[at].fails(faults::link_to_nothing(format)),
        }
    }
    let mut at = 0..;
    members.retain(|_| at.next().is_none_or(|at| !gone[at]));
}

/// What a link leads to.
enum Target {
    Member(usize),
    /// One whose files are read by their own names.
    Directory,
    /// Nothing in this container, or nothing that is read.
    None,
}

fn resolve(members: &[Member], by_name: &[(String, usize)], link: usize) -> Target {
    let mut at = link;
    for _ in 0..HOPS {
        let path = match &members[at].link {
            None => return Target::Member(at),
            Some(Link::Hard(path)) => follow("", path),
            Some(Link::Symbolic(path)) => {
                follow(members[at].name.rsplit_once('/').map_or("", |(above, _)| above), path)
            }
        };
        let Some(path) = path else { return Target::None };
        let is_hard = matches!(members[at].link, Some(Link::Hard(_)));
        let named = range(by_name, &path);
        // A hard link is to what had the name when it was made, a symbolic one to what has it in the end.
        let earlier = named.partition_point(|(_, other)| *other < at);
        let preferred = if is_hard { named[..earlier].last() } else { named.iter().rfind(|(_, other)| *other != at) };
        match preferred.or_else(|| named.iter().find(|(_, other)| *other != at)) {
            Some((_, next)) => at = *next,
            None if is_directory(by_name, &path) => return Target::Directory,
            None => return Target::None,
        }
    }
    Target::None
}

/// The members of one name, in their order.
fn range<'a>(by_name: &'a [(String, usize)], name: &str) -> &'a [(String, usize)] {
    let first = by_name.partition_point(|(other, _)| other.as_str() < name);
    let behind = by_name.partition_point(|(other, _)| other.as_str() <= name);
    &by_name[first..behind]
}

/// Whether members lie below a path, and are not passed over.
fn is_directory(by_name: &[(String, usize)], path: &str) -> bool {
    let below = if path.is_empty() { String::new() } else { format!("{path}/") };
    let first = by_name.partition_point(|(other, _)| *other < below);
    by_name.get(first).is_some_and(|(other, _)| other.starts_with(&below)) && !path.split('/').any(is_hidden)
}

fn is_hidden(step: &str) -> bool {
    candidates::directory(step) != Verdict::Candidate
}

/// Whether a member is read by its own name.
fn is_read(member: &Member) -> bool {
    let key = key(&member.name);
    let (above, file) = key.rsplit_once('/').unwrap_or(("", &key));
    let is_document = match candidates::file(file) {
        Verdict::Candidate => true,
        Verdict::ByContent(_) => member.look_open() != Magic::NoBody,
        Verdict::Skipped(_) | Verdict::Ignored => false,
    };
    is_document && !above.split('/').filter(|step| !step.is_empty()).any(is_hidden)
}

/// The name less what changes nothing.
fn key(name: &str) -> String {
    let steps: Vec<&str> = super::steps(name).collect();
    steps.join("/")
}

/// The path that a link in a directory leads to; `None` = out of the container.
fn follow(above: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut steps: Vec<&str> = super::steps(above).collect();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}
