//! Logs and signatures to what `diagnostics` shows: a choice of logs, with every question asked of it once. The answers are
//! the analysis's; here they are only put side by side, so that text, Markdown and JSON say the same.

use crate::axis::LogGroup;
use crate::{
    Axis, DiagnosticType, Difference, DifferenceOptions, FollowOptions, Followed, FollowedSignature, FoundAdvice,
    FrameKey, OwnerCost, Owners, PairedTree, Ranked, Ranking, Release, Spread, StackLog, StackLosses, StackTable,
    StackTree, UnreadAmount, WeightSum,
};
use perfpower_model::{InputProblem, version};
use perfpower_statistics::fdr::Correction;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Which logs and signatures, and what is asked of them.
#[derive(Clone, Debug)]
pub struct StacksQuery {
    /// Only these types; empty = all.
    pub types: Vec<DiagnosticType>,
    /// Only these signatures, each by any id that Apple gave it; empty = all.
    pub signatures: BTreeSet<String>,
    /// Only this app version.
    pub version: Option<String>,
    /// Only this device model, such as `iPhone13,3`, or this family, such as `iPhone`.
    pub device: Option<String>,
    /// Only these systems, as the logs spell them, such as `iPhone OS 14.6 (18F72)`; empty = all.
    pub systems: BTreeSet<String>,
    /// Two app versions to compare, the earlier one first; only their logs count.
    pub between: Option<(String, String)>,
    /// A table for each value of this.
    pub by: Option<Axis>,
    /// Which frames are ranked.
    pub ranked: Ranked,
    /// Whose frames are whose; without rules nothing is grouped by owner.
    pub owners: Owners,
    /// Rows of each list.
    pub top: usize,
    /// How the paths that moved between two versions are chosen among all.
    pub correction: Correction,
}

impl StacksQuery {
    /// Whether a log belongs to the choice.
    pub fn wants(&self, table: &StackTable, log: &StackLog) -> bool {
        let holds = |wanted: &Option<String>, fits: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(fits);
        let is_version = |wanted: &str| is_of_version(table, log, wanted);
        (self.types.is_empty() || self.types.contains(&log.diagnostic_type))
            && (self.signatures.is_empty()
                || table.log_names().get(log.signature).is_some_and(|id| self.signatures.contains(id)))
            && holds(&self.version, &is_version)
            && holds(&self.device, &|wanted| {
                [Axis::Device, Axis::DeviceFamily]
                    .iter()
                    .any(|axis| axis.value(table, log).is_some_and(|value| value.eq_ignore_ascii_case(wanted)))
            })
            && (self.systems.is_empty()
                || table.log_names().get(log.metadata.os_version).is_some_and(|os| self.systems.contains(os)))
            && self.between.as_ref().is_none_or(|(from, to)| is_version(from) || is_version(to))
    }

    /// Whether a signature belongs to the choice. Devices and systems are known of logs only.
    fn wants_signature(&self, signature: &FollowedSignature) -> bool {
        let is_seen_in = |wanted: &str| {
            signature.sightings.iter().any(|sighting| version::compare(&sighting.version, wanted).is_eq())
        };
        (self.types.is_empty() || self.types.contains(&signature.diagnostic_type))
            && (self.signatures.is_empty()
                || signature.sightings.iter().flat_map(|sighting| &sighting.ids).any(|id| self.signatures.contains(id)))
            && self.version.as_deref().is_none_or(is_seen_in)
            && self.between.as_ref().is_none_or(|(from, to)| is_seen_in(from) || is_seen_in(to))
    }

    /// Both versions on one set of nodes, for a differential flame graph; absent without two versions.
    pub fn paired_tree(&self, table: &StackTable) -> Option<PairedTree> {
        let (from, to) = self.between.as_ref()?;
        let side = |wanted: &str, log: &StackLog| self.wants(table, log) && is_of_version(table, log, wanted);
        Some(table.paired_tree(FrameKey::Identity, |log| side(from, log), |log| side(to, log)))
    }
}

fn is_of_version(table: &StackTable, log: &StackLog, wanted: &str) -> bool {
    Axis::Version.value(table, log).is_some_and(|version| version::compare(version, wanted).is_eq())
}

/// An app that has a log or a signature in the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StacksApp {
    /// Its key, as the archive names it.
    pub app: String,
    /// Its name for eyes.
    pub name: String,
    /// Versions of its logs and signatures, oldest first; a build without a version has a label, and `None` stands for logs that say none.
    pub versions: Vec<Option<String>>,
    /// Logs of each version in `versions`.
    pub logs: Vec<usize>,
}

/// What was written or how long it took, of the logs of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Amounts {
    /// Hangs and launches both take time, and have no common scale of it.
    pub diagnostic_type: DiagnosticType,
    /// One per group.
    pub spread: Spread,
}

/// The logs that share one value of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct StacksGroup {
    /// The value, if the logs say one.
    pub value: Option<String>,
    /// The same for eyes: a signature's text instead of its id.
    pub label: Option<String>,
    /// How many logs.
    pub logs: usize,
    /// Their samples.
    pub samples: u64,
    /// Their frames; absent for groups beyond the first [`StacksQuery::top`] by samples.
    pub ranking: Option<Ranking>,
}

/// Everything that `diagnostics` shows of a choice.
#[derive(Debug)]
pub struct StacksView {
    /// The apps, sorted by key.
    pub apps: Vec<StacksApp>,
    /// Logs of the choice.
    pub logs: usize,
    /// Their samples.
    pub samples: u64,
    /// Logs of each type.
    pub types: Vec<(DiagnosticType, usize)>,
    /// Signatures over versions, by app and type, heaviest first. With two versions to compare they are the pair that a
    /// signature moved between, else the last two.
    pub signatures: Vec<FollowedSignature>,
    /// What signatures are known of, by app, oldest first.
    pub releases: Vec<Release>,
    /// What the weights of each app, version and type sum up to.
    pub weight_sums: Vec<WeightSum>,
    /// Which frames are ranked.
    pub ranked: Ranked,
    /// Frames by cost, heaviest first.
    pub ranking: Ranking,
    /// The ranking by owner; empty where no owners are known.
    pub owners: Vec<OwnerCost>,
    /// The merged call tree, by function.
    pub tree: StackTree,
    /// Apple's advice, with the frames that it is about.
    pub advice: Vec<FoundAdvice>,
    /// What the groups of `amounts` have in common.
    pub amounts_by: Axis,
    /// Writes and durations.
    pub amounts: Vec<Amounts>,
    /// Texts that should hold an amount and could not be read, most frequent first.
    pub unread_amounts: Vec<UnreadAmount>,
    /// What the groups have in common, and the groups; absent unless asked for.
    pub groups: Option<(Axis, Vec<StacksGroup>)>,
    /// What the merge had to decide on its own, over all logs of the archive.
    pub losses: StackLosses,
    /// The versions that were compared, and what moved; absent unless asked for.
    pub difference: Option<(String, String, Difference)>,
    /// Rows of each list.
    pub top: usize,
    /// What could not be read, or not wholly; errors first, then by path.
    pub problems: Vec<InputProblem>,
}

impl StacksView {
    /// Asks everything of the chosen logs and signatures. `app_name` gives an app's name for eyes.
    pub fn new(
        table: &StackTable,
        followed: &Followed,
        query: &StacksQuery,
        app_name: &dyn Fn(&str) -> String,
        problems: &[InputProblem],
    ) -> Self {
        let is_wanted = |log: &StackLog| query.wants(table, log);
        let moved = query.between.as_ref().map(|(from, to)| followed.between(from, to, &FollowOptions::default()));
        let chosen = moved.as_ref().unwrap_or(followed).signatures.iter();
        let signatures: Vec<FollowedSignature> =
            chosen.filter(|signature| query.wants_signature(signature)).cloned().collect();
        let apps = apps(table, &signatures, &followed.releases, &is_wanted, app_name);
        let grouping = Grouping::new(query.by, table, followed);
        let weight_sums = followed
            .weight_sums
            .iter()
            .filter(|sum| {
                signatures
                    .iter()
                    .any(|signature| (&signature.app, signature.diagnostic_type) == (&sum.app, sum.diagnostic_type))
            })
            .cloned()
            .collect();
        let types: Vec<(DiagnosticType, usize)> =
            [DiagnosticType::DiskWrites, DiagnosticType::Hang, DiagnosticType::Launch, DiagnosticType::Other]
                .into_iter()
                .map(|of| (of, table.logs().iter().filter(|log| log.diagnostic_type == of && is_wanted(log)).count()))
                .filter(|&(_, logs)| logs > 0)
                .collect();
        // Each of the three walks over all nodes.
        let (tree, (ranking, advice)) = rayon::join(
            || table.tree(FrameKey::Function, is_wanted),
            || rayon::join(|| table.ranking(query.ranked, is_wanted), || table.advice_found(is_wanted)),
        );
        let owners = if query.owners.rules.is_empty() { Vec::new() } else { query.owners.costs(&ranking) };
        // Versions of different apps have nothing in common but the number.
        let amounts_by = query.by.unwrap_or(if apps.len() > 1 { Axis::App } else { Axis::Version });
        let amounts = types
            .iter()
            .flat_map(|&(of, _)| {
                let groups = grouping.groups(amounts_by, |log| log.diagnostic_type == of && is_wanted(log));
                table.spreads_of(&groups).into_iter().map(move |spread| Amounts { diagnostic_type: of, spread })
            })
            .map(|mut amounts| {
                amounts.spread.group = label(amounts_by, amounts.spread.group.as_deref(), followed, app_name);
                amounts
            })
            .collect();
        let difference = query.between.as_ref().map(|(from, to)| {
            let difference = table.difference(
                &DifferenceOptions { correction: query.correction, ..DifferenceOptions::default() },
                followed,
                |log| is_wanted(log) && is_of_version(table, log, from),
                |log| is_wanted(log) && is_of_version(table, log, to),
            );
            (from.clone(), to.clone(), difference)
        });
        Self {
            logs: types.iter().map(|(_, logs)| logs).sum(),
            samples: ranking.total,
            types,
            signatures,
            releases: followed.releases.clone(),
            weight_sums,
            ranked: query.ranked,
            owners,
            tree,
            advice,
            amounts_by,
            amounts,
            unread_amounts: table.unread_amounts(is_wanted),
            groups: query.by.map(|by| (by, groups(&grouping, followed, query, by, app_name))),
            losses: table.losses(),
            difference,
            top: query.top,
            problems: problems.to_vec(),
            apps,
            ranking,
        }
    }

    /// Whether the choice holds neither a log nor a signature.
    pub fn is_empty(&self) -> bool {
        self.logs == 0 && self.signatures.is_empty()
    }
}

fn apps(
    table: &StackTable,
    signatures: &[FollowedSignature],
    releases: &[Release],
    is_wanted: &impl Fn(&StackLog) -> bool,
    app_name: &dyn Fn(&str) -> String,
) -> Vec<StacksApp> {
    let mut apps: BTreeMap<&str, BTreeMap<Option<&str>, usize>> = BTreeMap::new();
    for log in table.logs().iter().filter(|log| is_wanted(log)) {
        let versions = apps.entry(table.log_names().text(log.app)).or_default();
        *versions.entry(Axis::Version.value(table, log)).or_default() += 1;
    }
    for signature in signatures {
        let versions = apps.entry(&signature.app).or_default();
        for sighting in &signature.sightings {
            versions.entry(Some(&sighting.version)).or_default();
        }
    }
    apps.into_iter()
        .map(|(app, versions)| {
            let versions = in_order(&versions, releases.iter().filter(|release| release.app == app));
            StacksApp {
                app: app.to_owned(),
                name: app_name(app),
                versions: versions.iter().map(|(version, _)| version.map(str::to_owned)).collect(),
                logs: versions.iter().map(|(_, logs)| *logs).collect(),
            }
        })
        .collect()
}

/// Versions by number, and a build without a version before the release that it stands before among the signatures.
fn in_order<'a>(
    versions: &BTreeMap<Option<&'a str>, usize>,
    releases: impl DoubleEndedIterator<Item = &'a Release>,
) -> Vec<(Option<&'a str>, usize)> {
    let releases: Vec<&Release> =
        releases.filter(|release| versions.contains_key(&Some(release.version.as_str()))).collect();
    let is_label =
        |text: Option<&str>| releases.iter().any(|release| !release.is_version && text == Some(&release.version));
    let mut order: Vec<(Option<&str>, usize)> =
        versions.iter().map(|(&version, &logs)| (version, logs)).filter(|(version, _)| !is_label(*version)).collect();
    order.sort_by(|(left, _), (right, _)| version::total_compare(left.unwrap_or_default(), right.unwrap_or_default()));
    let mut next: Option<&str> = None;
    for release in releases.iter().rev() {
        if !release.is_version {
            let is_next = |version: Option<&str>| next.is_some() && version == next;
            let at = order.iter().position(|(version, _)| is_next(*version)).unwrap_or(order.len());
            order.insert(at, (Some(&release.version), versions[&Some(release.version.as_str())]));
        }
        next = Some(&release.version);
    }
    order
}

/// Logs by an axis. Ids of signatures may change with every build, so a signature's group is all logs of the ids that it is
/// followed by, under the newest of these.
struct Grouping<'a> {
    table: &'a StackTable,
    /// Newest id by app and id, of signatures that are followed; empty for another axis.
    newest_ids: BTreeMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Grouping<'a> {
    fn new(by: Option<Axis>, table: &'a StackTable, followed: &'a Followed) -> Self {
        let mut newest_ids = BTreeMap::new();
        for signature in followed.signatures.iter().filter(|_| by == Some(Axis::Signature)) {
            let Some(newest) = signature.sightings.last().and_then(|sighting| sighting.ids.first()) else { continue };
            let ids = signature.sightings.iter().flat_map(|sighting| &sighting.ids);
            newest_ids.extend(ids.map(|id| ((signature.app.as_str(), id.as_str()), newest.as_str())));
        }
        Self { table, newest_ids }
    }

    fn value(&self, axis: Axis, log: &StackLog) -> Option<&'a str> {
        let value = axis.value(self.table, log);
        if axis != Axis::Signature {
            return value;
        }
        let app = self.table.log_names().text(log.app);
        value.map(|id| self.newest_ids.get(&(app, id)).copied().unwrap_or(id))
    }

    fn groups(&self, axis: Axis, is_wanted: impl Fn(&StackLog) -> bool) -> Vec<LogGroup<'a>> {
        let groups = axis.groups(self.table, is_wanted);
        if axis != Axis::Signature {
            return groups;
        }
        let mut followed: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for at in groups.into_iter().flat_map(|(_, logs)| logs) {
            followed.entry(self.value(axis, &self.table.logs()[at])).or_default().push(at);
        }
        followed.into_iter().collect()
    }
}

fn groups(
    grouping: &Grouping<'_>,
    followed: &Followed,
    query: &StacksQuery,
    by: Axis,
    app_name: &dyn Fn(&str) -> String,
) -> Vec<StacksGroup> {
    let table = grouping.table;
    let mut groups: Vec<StacksGroup> = grouping
        .groups(by, |log| query.wants(table, log))
        .into_iter()
        .map(|(value, logs)| StacksGroup {
            value: value.map(str::to_owned),
            label: label(by, value, followed, app_name),
            logs: logs.len(),
            samples: logs.iter().map(|&at| table.logs()[at].samples).sum(),
            ranking: None,
        })
        .collect();
    let mut heaviest: Vec<usize> = (0..groups.len()).collect();
    heaviest.sort_by_key(|&at| (Reverse(groups[at].samples), at));
    for &at in heaviest.iter().take(query.top) {
        let value = groups[at].value.clone();
        let mut ranking =
            table.ranking(query.ranked, |log| grouping.value(by, log) == value.as_deref() && query.wants(table, log));
        ranking.frames.truncate(query.top);
        groups[at].ranking = Some(ranking);
    }
    groups
}

/// A signature's text for eyes.
pub fn signature_name(text: Option<&str>) -> &str {
    text.filter(|text| !text.trim().is_empty()).unwrap_or("(no text)")
}

/// A group's value for eyes.
fn label(by: Axis, value: Option<&str>, followed: &Followed, app_name: &dyn Fn(&str) -> String) -> Option<String> {
    let value = value?;
    let known = match by {
        Axis::App => Some(app_name(value)),
        Axis::Type => Some(DiagnosticType::of(value).words().to_owned()),
        Axis::Signature => followed
            .signatures
            .iter()
            .find(|signature| signature.sightings.iter().flat_map(|sighting| &sighting.ids).any(|id| id == value))
            .map(|signature| signature_name(signature.shown().as_deref()).to_owned()),
        _ => None,
    };
    Some(known.unwrap_or_else(|| value.to_owned()))
}
