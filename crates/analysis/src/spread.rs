//! Where a change happens: the member devices of the population that leads a card, each asked about the same version.

use crate::batch::{Batch, Selected};
use crate::claims::Claim;
use crate::devices::{self, Grouping};
use crate::finding::{Breadth, Change, ClassEffect, DeviceEffect, DeviceSpread, FindingKind, Verdict};
use crate::statistics::CORRELATION_OF_DEVICES;
use crate::statistics::pooling::{Effect, MixShift, Spread, between_groups, pool};
use crate::statistics::special::StudentT;
use crate::statistics::{Workspace, percent};
use perfpower_model::DeviceClass;
use std::collections::BTreeMap;

/// What the members say to the claim that leads a card.
#[derive(Clone, Debug, Default)]
pub(crate) struct Where {
    pub(crate) spread: DeviceSpread,
    /// Share of the members that move the same way by at least the smallest change that matters; absent without members.
    pub(crate) share_same_way: Option<f64>,
}

/// Asks every member device of the lead's family and percentile.
pub(crate) fn locate(
    batch: &Batch<'_>,
    app: usize,
    unit: &[Selected],
    lead: &Claim<'_>,
    workspace: &mut Workspace,
) -> Where {
    let history = &batch.histories[app];
    let device = |selected: &Selected| history.names.text(batch.info(app, selected).device);
    let lead_device = device(lead.selected);
    let family = devices::family(lead_device);
    let ranks = batch.version_ranks(app, lead.selected);
    let versions = ranks[lead.stretch.0]..ranks.get(lead.stretch.1).copied().unwrap_or(u32::MAX);

    let mut members = Vec::new();
    for selected in unit {
        let name = device(selected);
        if selected.percentile != lead.selected.percentile
            || DeviceClass::of(name).is_aggregate()
            || family.is_some_and(|family| devices::family(name) != Some(family))
        {
            continue;
        }
        let found = if lead.kind == FindingKind::Drift {
            drift_effect(batch, app, selected, workspace)
        } else {
            batch
                .effect_at(app, selected, versions.clone(), lead.version, workspace)
                .map(|cut| Member::of(cut.change.delta, cut.change.se, cut.before.log, batch.metric(selected).offset))
        };
        if let Some(member) = found {
            members.push((selected, member));
        }
    }
    if members.is_empty() {
        return Where::default();
    }

    let effects: Vec<Effect> = members.iter().map(|(_, member)| member.effect).collect();
    let direction = lead.delta.signum();
    let least = batch.options.parameters.min_change.ln_1p();
    let same_way = effects.iter().filter(|effect| effect.change * direction >= least).count();
    let half = StudentT::new(lead.df).isf((1.0 - batch.options.parameters.confidence) / 2.0);
    let pooled = pool(&effects, lead.df, CORRELATION_OF_DEVICES);
    let standing_out: Vec<usize> =
        pooled.as_ref().map(|pooled| pooled.standing_out(&effects).collect()).unwrap_or_default();

    let mut rows: Vec<DeviceEffect> = members
        .iter()
        .enumerate()
        .map(|(position, (selected, member))| {
            let info = batch.info(app, selected);
            let name = history.names.text(info.device);
            DeviceEffect {
                device: name.to_owned(),
                label: devices::label(name, history.names.text(info.device_label)),
                change: member.change(),
                ci_percent: [
                    percent(member.effect.change - half * member.effect.se),
                    percent(member.effect.change + half * member.effect.se),
                ],
                deviation: pooled.as_ref().map_or(0.0, |pooled| pooled.deviations[position]),
                // A device that moved the other way is no place where the change happens.
                stands_out: standing_out.contains(&position) && member.effect.change * direction > 0.0,
            }
        })
        .collect();
    let classes = class_effects(&members, &rows, lead.df, half);
    let order = |row: &DeviceEffect| row.change.percent().unwrap_or(f64::INFINITY) * direction;
    rows.sort_by(|a, b| order(b).total_cmp(&order(a)).then_with(|| a.device.cmp(&b.device)));

    let worse = if batch.metric(lead.selected).lower_is_better { 1.0 } else { -1.0 };
    let mix = MixShift { min_change: least, level: batch.options.parameters.alpha };
    let aggregate = Effect { change: lead.delta, se: lead.se };
    let is_mix_shift = lead.verdict == Verdict::Regression
        && lead.kind != FindingKind::Drift
        && DeviceClass::of(lead_device).is_aggregate()
        && mix.explains(&aggregate, &effects, lead.df, CORRELATION_OF_DEVICES, worse);
    let breadth = if is_mix_shift {
        Breadth::MixShift
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
            pooled_percent: pooled.as_ref().filter(|_| members.len() > 1).map(|pooled| percent(pooled.change)),
            heterogeneity: pooled.as_ref().filter(|_| members.len() > 1).map(|pooled| pooled.i_squared),
            devices: rows,
            classes,
        },
        share_same_way: Some(same_way as f64 / members.len() as f64),
    }
}

/// One member's change, with the level that it started from.
struct Member {
    effect: Effect,
    log_before: f64,
    offset: f64,
}

impl Member {
    fn of(change: f64, se: f64, log_before: f64, offset: f64) -> Self {
        Self { effect: Effect { change, se }, log_before, offset }
    }

    fn change(&self) -> Change {
        let before = self.log_before.exp() - self.offset;
        Change::between(before.max(0.0), (self.log_before + self.effect.change).exp() - self.offset)
    }
}

fn drift_effect(batch: &Batch<'_>, app: usize, selected: &Selected, workspace: &mut Workspace) -> Option<Member> {
    let judgement = batch.judge(app, selected, workspace).ok()?;
    let trend = judgement.trend?;
    let steps = judgement.points.saturating_sub(1) as f64;
    let start = judgement.level.log - trend.total(judgement.points);
    Some(Member::of(trend.slope * steps, trend.se * steps, start, batch.metric(selected).offset))
}

/// Pools the members of each class of devices, in the grouping that tells more of the change apart: by the age of the chip or by
/// memory, whichever leaves less chance that its classes do not differ. Empty with fewer than two classes.
fn class_effects(members: &[(&Selected, Member)], rows: &[DeviceEffect], df: f64, half: f64) -> Vec<ClassEffect> {
    let group = |grouping: Grouping| {
        let mut classes: BTreeMap<String, Vec<Effect>> = BTreeMap::new();
        for ((_, member), row) in members.iter().zip(rows) {
            if let Some(class) = grouping.class(&row.device) {
                classes.entry(class).or_default().push(member.effect);
            }
        }
        classes
    };
    let differing = Grouping::ALL.map(group).into_iter().filter_map(|classes| {
        let groups: Vec<&[Effect]> = classes.values().map(Vec::as_slice).collect();
        between_groups(&groups).map(|between| (between.p, classes))
    });
    let Some((_, classes)) = differing.min_by(|a, b| a.0.total_cmp(&b.0)) else { return Vec::new() };
    let mut effects: Vec<ClassEffect> = classes
        .into_iter()
        .filter_map(|(class, effects)| {
            let pooled = pool(&effects, df, CORRELATION_OF_DEVICES)?;
            Some(ClassEffect {
                class,
                devices: effects.len(),
                percent: percent(pooled.change),
                ci_percent: [percent(pooled.change - half * pooled.se), percent(pooled.change + half * pooled.se)],
            })
        })
        .collect();
    effects.sort_by(|a, b| b.percent.total_cmp(&a.percent).then_with(|| a.class.cmp(&b.class)));
    effects
}
