//! How far the p-values of a batch can be trusted: what its noise was taken to be, what was selected, and what does not fit.

use crate::analysis::{Calibration, FamilyCalibration, LengthCalibration, NullCalibration, StratumCalibration};
use crate::judge::batch::Batch;
use crate::judge::judging::{Halves, JudgedApp, JudgedBatch, Unit};
use crate::judge::selection::{Selection, Selections};
use crate::judge::zeros::Zeros;
use perfpower_statistics::fdr::PValue;
use perfpower_statistics::prior::{MarginClass, PriorSource};
use perfpower_statistics::unit::joint::NullTail;
use perfpower_statistics::{Basis, Unusable};
use std::collections::BTreeMap;

pub(crate) fn calibration(batch: &Batch<'_>, judged: &JudgedBatch, selected: &Selections) -> Calibration {
    let mut reasons: BTreeMap<&'static str, u64> = BTreeMap::new();
    let apps = judged.apps.as_slice();
    for series in apps.iter().flat_map(|app| &app.series) {
        if let Some(reason) = series.not_judged() {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut alarms = Vec::new();
    let mut doubtful: Vec<String> = Vec::new();
    let mut strata = Vec::new();
    for (stratum, fitted) in batch.priors.iter() {
        let metric = &batch.metrics[stratum.metric as usize];
        let name = format!(
            "{}/{} {}, {}",
            metric.category,
            metric.identifier,
            batch.percentiles[stratum.percentile as usize],
            margin_words(stratum.margin)
        );
        if fitted.margins_look_wrong && fitted.source == PriorSource::Stratum {
            doubtful.push(name.clone());
        }
        strata.push(StratumCalibration {
            name,
            series: fitted.series,
            source: source_words(fitted.source).to_owned(),
            is_fitted: fitted.prior.basis == Basis::Fitted,
            scale: fitted.prior.scale,
            df: fitted.prior.df,
            autocorrelation: fitted.rho,
            heaviness: fitted.prior.heaviness,
        });
    }
    if let Some(first) = doubtful.first() {
        let more =
            if doubtful.len() > 1 { format!(" and of {} more strata", doubtful.len() - 1) } else { String::new() };
        alarms.push(format!(
            "values of {first}{more} scatter more than their margins allow: margins may not be {} standard errors; \
             see --calibration, and set margin_z in perfpower.toml",
            batch.options.parameters.margin_z
        ));
    }
    let mut with_zeros = vec![0_u64; batch.metrics.len()];
    for (members, app) in batch.members.iter().zip(apps) {
        for (member, series) in members.iter().zip(&app.series) {
            with_zeros[member.metric as usize] += u64::from(matches!(series.unusable, Some(Unusable::Zero(_))));
        }
    }
    for (metric, &series) in batch.metrics.iter().zip(&with_zeros) {
        // Of a metric that is often 0 such a series is one where nothing but 0 was ever seen.
        if series > 0 && Zeros::of(&metric.category) != Zeros::Usual {
            alarms.push(format!(
                "{}/{}: {series} series not judged, for a value of 0 where none is expected; if it can be 0, give it an offset \
                 in perfpower.toml",
                metric.category, metric.identifier
            ));
        }
    }
    for (at, metric) in batch.metrics.iter().enumerate() {
        if batch.priors.refuses_margins(at as u32) {
            alarms.push(format!(
                "margins of {}/{} exceed half of the values: they are not margins of these values, and were left out",
                metric.category, metric.identifier
            ));
        }
    }
    Calibration {
        series: apps.iter().flat_map(|app| &app.series).filter(|series| series.not_judged().is_none()).count() as u64,
        not_judged: reasons.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect(),
        history: family(batch, judged, &selected.history, |app| app.history_halves, |unit| unit.history),
        latest: family(batch, judged, &selected.latest, |app| app.latest_halves, |unit| unit.latest),
        strata,
        alarms,
    }
}

fn family(
    batch: &Batch<'_>,
    judged: &JudgedBatch,
    selection: &Selection,
    halves: impl Fn(&JudgedApp) -> Halves,
    p: impl Fn(&Unit) -> Option<PValue>,
) -> FamilyCalibration {
    let NullTail { at_one, decay } = selection.law;
    let (all, above) =
        judged.apps.iter().map(halves).fold((0, 0), |(all, above), own| (all + own.all, above + own.above));
    let mut by_length: BTreeMap<u32, LengthCalibration> = BTreeMap::new();
    for (at, app) in judged.apps.iter().enumerate() {
        for (unit, of) in app.units.iter().enumerate().filter(|(_, of)| p(of).is_some()) {
            let none = LengthCalibration { versions: of.versions, families: 0, series: 0, claims: 0 };
            let length = by_length.entry(of.versions).or_insert(none);
            length.families += 1;
            length.series += batch.units[at][unit].len() as u64;
            length.claims += u64::from(p(of).is_some_and(|p| selection.cutoff.rejects(p)));
        }
    }
    FamilyCalibration {
        families: selection.cutoff.tests(),
        selected: selection.cutoff.rejected(),
        selected_level: selection.cutoff.family_level(),
        threshold: selection.cutoff.p(),
        nothing: NullCalibration { orders: judged.drawn, at_one, decay },
        above_half_percent: if all > 0 { 100.0 * above as f64 / all as f64 } else { 0.0 },
        by_length: by_length.into_values().collect(),
    }
}

fn margin_words(margin: MarginClass) -> &'static str {
    match margin {
        MarginClass::None => "no margins",
        MarginClass::Small => "margins below 2 %",
        MarginClass::Medium => "margins of 2 to 4 %",
        MarginClass::Large => "margins above 4 %",
    }
}

fn source_words(source: PriorSource) -> &'static str {
    match source {
        PriorSource::Stratum => "its own series",
        PriorSource::Metric => "the metric's series of all percentiles",
        PriorSource::MarginClass => "all metrics with such margins",
        PriorSource::Batch => "the whole batch",
        PriorSource::Fallback => "the default",
    }
}
