//! Where a change happens: the member devices of the population that leads a card, each asked about the same version.

use crate::claim::claims::{Card, drift_origin};
use crate::claim::finding::{Breadth, Change, ClassEffect, DeviceEffect, DeviceSpread, FindingKind, Verdict};
use crate::devices::{self, Grouping};
use crate::judge::series_ref::SeriesRef;
use perfpower_statistics::CORRELATION_OF_DEVICES;
use perfpower_statistics::pooling::{Effect, MixShift, Pooled, Spread, between_groups, pool};
use perfpower_statistics::{CutEffect, Interval, Origin, Scale, Workspace, common_percent};
use std::collections::BTreeMap;

/// What the members say to the claim that leads a card.
#[derive(Clone, Debug, Default)]
pub(crate) struct Where {
    pub(crate) spread: DeviceSpread,
    /// Share of the members that move the same way by at least the smallest change that matters; absent without members.
    pub(crate) share_same_way: Option<f64>,
    /// The aggregate moved, and its members side rather with nothing than with it: too little for a claim about the app.
    pub(crate) is_unconfirmed: bool,
    pub(crate) evidence: Evidence,
}

/// What each population says to a claim, on the log scale: for questions that are asked of a card again, once the batch is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The aggregate of the lead's family; absent where there is none.
    pub(crate) aggregate: Option<(String, Effect)>,
    /// By device.
    pub(crate) members: Vec<(String, Effect)>,
    /// Degrees of freedom of their noise.
    pub(crate) df: f64,
    /// Ranks of the versions that are compared, in order.
    pub(crate) versions: Vec<u32>,
    /// How many of them are before the change; absent for a slope over all of them.
    pub(crate) before: Option<usize>,
    /// Where the change of the lead starts.
    pub(crate) lead: Origin,
    /// Where each of [`Self::populations`] starts, in that order.
    pub(crate) origins: Vec<Origin>,
}

impl Evidence {
    /// The members and the aggregate.
    pub(crate) fn populations(&self) -> impl Iterator<Item = (&str, Effect)> {
        self.members.iter().chain(&self.aggregate).map(|(population, effect)| (population.as_str(), *effect))
    }

    /// A change of one of the populations, as a change of its level.
    pub(crate) fn change_of(&self, population: &str, delta: f64) -> Change {
        let position = self.populations().position(|(own, _)| own == population);
        let origin = position.and_then(|position| self.origins.get(position)).copied().unwrap_or_default();
        Change::of_level(origin, delta)
    }

    /// How much of a change that holds from some version on this comparison sees, as a part of it: 1 where that is the version of the
    /// claim, 0 where all its versions are on one side. The line through a step rises by more than the step: by up to 1.5 of it.
    /// (Versions count alike here; their weights differ little within a series.)
    pub(crate) fn exposure(&self, is_hit: impl Fn(u32) -> bool) -> f64 {
        let hit: Vec<f64> = self.versions.iter().map(|&version| f64::from(u8::from(is_hit(version)))).collect();
        let count = hit.len() as f64;
        if let Some(before) = self.before {
            let mean = |part: &[f64]| part.iter().sum::<f64>() / (part.len() as f64).max(1.0);
            let (before, after) = hit.split_at(before.min(hit.len()));
            return mean(after) - mean(before);
        }
        // Least squares over 0, 1 … n − 1, whose squares around their middle sum to n (n² − 1) / 12; the line rises n − 1 times.
        let middle = (count - 1.0) / 2.0;
        let products: f64 = hit.iter().zip(0_u32..).map(|(hit, at)| hit * (f64::from(at) - middle)).sum();
        12.0 * products / (count * (count + 1.0)).max(1.0)
    }
}

/// Asks every member device of the lead's family and percentile.
pub(crate) fn locate(unit: &[SeriesRef<'_>], card: &Card<'_>, workspace: &mut Workspace) -> Where {
    let lead = &card.claims[0];
    let (context, lead_percentile) = (lead.series.context(), lead.series.member().percentile);
    let lead_device = lead.series.device();
    let family = devices::family(lead_device);
    let ranks = lead.series.ranks();
    let versions = ranks[lead.stretch.0]..ranks.get(lead.stretch.1).copied().unwrap_or(u32::MAX);

    let is_member = |series: SeriesRef<'_>| {
        series.is_of_device() && family.is_none_or(|family| devices::family(series.device()) == Some(family))
    };
    // Where Apple gives device models for another percentile alone, that one tells where.
    let percentile = [lead_percentile]
        .into_iter()
        .chain(unit.iter().map(|series| series.member().percentile))
        .find(|&wanted| unit.iter().any(|&series| series.member().percentile == wanted && is_member(series)))
        .unwrap_or(lead_percentile);
    let scale = lead.series.scale();
    let mut members = Vec::new();
    for &series in unit {
        if series.member().percentile != percentile || !is_member(series) {
            continue;
        }
        let found = if lead.kind == FindingKind::Drift {
            drift_effect(series, workspace)
        } else {
            series.effect_at(versions.clone(), lead.version, workspace).map(|cut| Member::of(&cut, scale))
        };
        if let Some(member) = found {
            members.push((series, member));
        }
    }
    let is_of_all = !lead.series.is_of_device();
    // Compared with its members is the aggregate of their percentile, be it not the one that leads.
    let aggregate = if is_of_all && percentile == lead_percentile {
        let effect = Effect { change: lead.delta, se: lead.se };
        Some((lead_device, Member { effect, origin: lead.origin() }))
    } else {
        let is_sought = |series: &SeriesRef<'_>| {
            let name = series.device();
            series.member().percentile == percentile
                && if is_of_all {
                    name == lead_device
                } else {
                    !series.is_of_device() && devices::family(name) == family
                }
        };
        unit.iter().copied().find(is_sought).and_then(|series| {
            let found = if lead.kind == FindingKind::Drift {
                drift_effect(series, workspace)?
            } else {
                Member::of(&series.effect_at(versions, lead.version, workspace)?, scale)
            };
            Some((series.device(), found))
        })
    };
    let evidence = Evidence {
        aggregate: aggregate.map(|(name, found)| (name.to_owned(), found.effect)),
        members: members.iter().map(|(series, member)| (series.device().to_owned(), member.effect)).collect(),
        df: lead.df,
        versions: ranks[lead.stretch.0..lead.stretch.1].to_vec(),
        before: (lead.kind != FindingKind::Drift).then(|| lead.index - lead.stretch.0),
        lead: lead.origin(),
        origins: members
            .iter()
            .map(|(_, member)| member)
            .chain(aggregate.iter().map(|(_, found)| found))
            .map(|found| found.origin)
            .collect(),
    };
    if members.is_empty() {
        return Where { evidence, ..Where::default() };
    }

    let effects: Vec<Effect> = members.iter().map(|(_, member)| member.effect).collect();
    let direction = lead.delta.signum();
    let least = context.options.parameters.min_change.ln_1p();
    let same_way = effects.iter().filter(|effect| effect.change * direction >= least).count();
    let half = context.critical.quantile(lead.df, (1.0 - context.options.parameters.confidence) / 2.0);
    let pooled = pool(&effects, lead.df, CORRELATION_OF_DEVICES);
    let standing_out: Vec<usize> =
        pooled.as_ref().map(|pooled| pooled.standing_out(&effects).collect()).unwrap_or_default();

    let mut rows: Vec<DeviceEffect> = members
        .iter()
        .enumerate()
        .map(|(position, (series, member))| {
            DeviceEffect {
                device: series.device().to_owned(),
                label: series.device_label(),
                change: member.change(),
                ci_percent: member.origin.interval(Interval::around(member.effect.change, half * member.effect.se)),
                deviation: pooled.as_ref().map_or(0.0, |pooled| pooled.deviations[position]),
                probability: card.change.and_then(|(of, change)| of.probability(change, *series)),
                // A device that moved the other way is no place where the change happens.
                stands_out: member.effect.change * direction > 0.0
                    && match card.change {
                        Some((of, change)) => !change.is_of_all() && of.is_carrier(change, *series),
                        None => standing_out.contains(&position),
                    },
            }
        })
        .collect();
    let classes = class_effects(&members, &rows, lead.df, half);
    let order = |row: &DeviceEffect| row.change.percent().unwrap_or(f64::INFINITY) * direction;
    rows.sort_by(|a, b| order(b).total_cmp(&order(a)).then_with(|| a.device.cmp(&b.device)));

    let worse = if lead.series.metric().lower_is_better { 1.0 } else { -1.0 };
    let mix = MixShift { min_change: least, level: context.options.parameters.alpha };
    let aggregate =
        aggregate.filter(|_| is_of_all && lead.verdict == Verdict::Regression).map(|(_, found)| found.effect);
    let is_mix_shift =
        aggregate.is_some_and(|aggregate| mix.explains(&aggregate, &effects, lead.df, CORRELATION_OF_DEVICES, worse));
    let is_unconfirmed = aggregate.is_some_and(|aggregate| mix.is_nearer(&aggregate, &effects, lead.df, worse));
    let breadth = if is_mix_shift {
        Breadth::MixShift
    } else if let Some((_, change)) = card.change.filter(|_| members.len() > 1) {
        if change.is_of_all() { Breadth::Broad } else { Breadth::Localised }
    } else {
        match pooled.as_ref().map(|pooled| pooled.spread) {
            Some(Spread::Broad) if members.len() > 1 => Breadth::Broad,
            Some(Spread::Localised) => Breadth::Localised,
            _ => Breadth::Unknown,
        }
    };
    Where {
        spread: DeviceSpread {
            breadth,
            pooled_percent: pooled
                .as_ref()
                .filter(|_| members.len() > 1)
                .and_then(|pooled| percent_of_all(members.iter().map(|(_, member)| member), pooled, pooled.change)),
            heterogeneity: pooled.as_ref().filter(|_| members.len() > 1).map(|pooled| pooled.i_squared),
            devices: rows,
            classes,
        },
        share_same_way: Some(same_way as f64 / members.len() as f64),
        is_unconfirmed,
        evidence,
    }
}

/// One population's change, with the level that it started from.
#[derive(Clone, Copy)]
struct Member {
    effect: Effect,
    origin: Origin,
}

impl Member {
    fn of(cut: &CutEffect, scale: Scale) -> Self {
        let effect = Effect { change: cut.change.delta, se: cut.change.se };
        Self { effect, origin: Origin { log: cut.before.log, scale } }
    }

    fn change(&self) -> Change {
        Change::of_level(self.origin, self.effect.change)
    }
}

/// A change of the members that were pooled, in percent; absent where one of them rose from zero, which no percentage tells.
fn percent_of_all<'m>(
    members: impl Iterator<Item = &'m Member> + Clone,
    Pooled { weights, .. }: &Pooled,
    change: f64,
) -> Option<f64> {
    if members.clone().any(|member| member.change() == Change::FromZero) {
        return None;
    }
    common_percent(members.map(|member| member.origin).zip(weights.iter().copied()), change)
}

fn drift_effect(series: SeriesRef<'_>, workspace: &mut Workspace) -> Option<Member> {
    let judgement = series.judge(workspace).ok()?;
    let trend = judgement.trend?;
    let steps = judgement.points.saturating_sub(1) as f64;
    let effect = Effect { change: trend.slope * steps, se: trend.se * steps };
    Some(Member { effect, origin: drift_origin(&series.input(), &judgement, effect.change) })
}

fn effects_of(members: &[Member]) -> Vec<Effect> {
    members.iter().map(|member| member.effect).collect()
}

/// Pools the members of each class of devices, in the grouping that tells more of the change apart: by the age of the chip or by
/// memory, whichever leaves less chance that its classes do not differ. Empty with fewer than two classes.
fn class_effects(members: &[(SeriesRef<'_>, Member)], rows: &[DeviceEffect], df: f64, half: f64) -> Vec<ClassEffect> {
    let group = |grouping: Grouping| {
        let mut classes: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
        for ((_, member), row) in members.iter().zip(rows) {
            if let Some(class) = grouping.class(&row.device) {
                classes.entry(class).or_default().push(*member);
            }
        }
        classes
    };
    let differing = Grouping::ALL.map(group).into_iter().filter_map(|classes| {
        let effects: Vec<Vec<Effect>> = classes.values().map(|members| effects_of(members)).collect();
        let groups: Vec<&[Effect]> = effects.iter().map(Vec::as_slice).collect();
        between_groups(&groups).map(|between| (between.p, classes))
    });
    let Some((_, classes)) = differing.min_by(|a, b| a.0.total_cmp(&b.0)) else { return Vec::new() };
    let mut effects: Vec<ClassEffect> = classes
        .into_iter()
        .filter_map(|(class, members)| {
            let pooled = pool(&effects_of(&members), df, CORRELATION_OF_DEVICES)?;
            let percent = |change: f64| percent_of_all(members.iter(), &pooled, change);
            let Interval { low, high } = Interval::around(pooled.change, half * pooled.se);
            Some(ClassEffect {
                class: class.to_owned(),
                devices: members.len(),
                percent: percent(pooled.change),
                ci_percent: percent(low).zip(percent(high)).map(|(low, high)| [low, high]),
            })
        })
        .collect();
    let size = |effect: &ClassEffect| effect.percent.unwrap_or(f64::INFINITY);
    effects.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.class.cmp(&b.class)));
    effects
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The part that a comparison of versions 10, 11, 12 … sees of a change that holds from one of them on.
    fn exposure(versions: u32, before: Option<usize>, from: u32) -> f64 {
        let evidence = Evidence { versions: (10..10 + versions).collect(), before, ..Evidence::default() };
        evidence.exposure(|version| version >= 10 + from)
    }

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
    }

    #[test]
    fn a_step_sees_what_lies_between_its_two_means() {
        // 0 0 | 1 1, 0 | 0 1 1, 0 0 1 | 1, and versions of one side alone.
        close(exposure(4, Some(2), 2), 1.0);
        close(exposure(4, Some(1), 2), 2.0 / 3.0);
        close(exposure(4, Some(3), 2), 2.0 / 3.0);
        close(exposure(4, Some(2), 0), 0.0);
        close(exposure(4, Some(2), 4), 0.0);
    }

    #[test]
    fn a_slope_sees_the_rise_of_the_line_through_the_step() {
        // Through 0 0 1 1: 0.4 a version, three times. Through 0 0 0 1: 0.3 three times. Through 0 1: all of it.
        close(exposure(4, None, 2), 1.2);
        close(exposure(4, None, 3), 0.9);
        close(exposure(2, None, 1), 1.0);
        close(exposure(4, None, 0), 0.0);
        close(exposure(4, None, 4), 0.0);
    }

    #[test]
    fn members_at_any_level_that_double_have_doubled_together_unless_one_rose_from_zero() {
        let scale = Scale { offset: 0.9 };
        let member = |before: f64, after: f64| {
            let origin = scale.origin(before);
            Member { effect: Effect { change: scale.log(after) - origin.log, se: 0.05 }, origin }
        };
        let percent = |members: &[Member]| {
            let pooled = pool(&effects_of(members), 10.0, CORRELATION_OF_DEVICES).unwrap();
            percent_of_all(members.iter(), &pooled, pooled.change)
        };
        let doubled = [member(1.0, 2.0), member(10.0, 20.0), member(0.1, 0.2)];
        close(percent(&doubled).unwrap() / 100.0, 1.0);
        let with_zero = |after| [&doubled[..], &[member(0.0, after)]].concat();
        close(percent(&with_zero(0.0)).unwrap() / 100.0, 1.0);
        assert_eq!(percent(&with_zero(1.0)), None);
    }

    #[test]
    fn nothing_compared_sees_nothing() {
        for before in [None, Some(0), Some(3)] {
            close(exposure(0, before, 0), 0.0);
        }
        close(exposure(1, None, 0), 0.0);
    }

    proptest! {
        #[test]
        fn a_step_sees_no_more_than_all_and_a_slope_no_more_than_half_more(
            versions in 2_u32..40, from in 0_u32..40, before in 1_usize..39,
        ) {
            prop_assume!(before < versions as usize);
            prop_assert!((0.0..=1.0).contains(&exposure(versions, Some(before), from)));
            prop_assert!((-1e-12..=1.5).contains(&exposure(versions, None, from)));
        }
    }
}
