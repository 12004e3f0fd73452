//! How far the p-values of a batch can be trusted: what its noise was taken to be, what was selected, and what does not fit.

use crate::analysis::{Calibration, FamilyCalibration, LengthCalibration, NullCalibration, StratumCalibration};
use crate::judge::batch::Batch;
use crate::judge::judging::{Halves, JudgedBatch, Unit};
use crate::judge::selection::{Selection, Selections};
use crate::judge::zeros::Zeros;
use perfpower_statistics::Basis;
use perfpower_statistics::fdr::PValue;
use perfpower_statistics::prior::{MarginClass, PriorSource};
use perfpower_statistics::unit::joint::NullTail;
use std::collections::BTreeMap;

pub(crate) fn calibration(batch: &Batch<'_>, judged: &JudgedBatch, selected: &Selections) -> Calibration {
    let (context, counts) = (&batch.context, &judged.counts);
    let mut alarms = Vec::new();
    let mut doubtful: Vec<String> = Vec::new();
    let mut strata = Vec::new();
    for (stratum, fitted) in context.priors.iter() {
        let metric = &context.metrics[stratum.metric as usize];
        let name = format!(
            "{}/{} {}, {}",
            metric.category,
            metric.identifier,
            context.percentiles[stratum.percentile as usize],
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
            context.options.parameters.margin_z
        ));
    }
    for (&metric, &series) in &counts.with_zeros {
        let metric = &context.metrics[metric as usize];
        // Of a metric that is often 0 such a series is one where nothing but 0 was ever seen.
        if Zeros::of(&metric.category) != Zeros::Usual {
            alarms.push(format!(
                "{}/{}: {series} series not judged, for a value of 0 where none is expected; if it can be 0, give it an offset \
                 in perfpower.toml",
                metric.category, metric.identifier
            ));
        }
    }
    for (at, metric) in context.metrics.iter().enumerate() {
        if context.priors.refuses_margins(at as u32) {
            alarms.push(format!(
                "margins of {}/{} exceed half of the values: they are not margins of these values, and were left out",
                metric.category, metric.identifier
            ));
        }
    }
    Calibration {
        series: counts.judged,
        not_judged: counts.not_judged.iter().map(|(&reason, &count)| (reason.to_owned(), count)).collect(),
        history: family(judged, &selected.history, counts.history_halves, |unit| unit.history),
        latest: family(judged, &selected.latest, counts.latest_halves, |unit| unit.latest),
        strata,
        alarms,
    }
}

fn family(
    judged: &JudgedBatch,
    selection: &Selection,
    Halves { all, above }: Halves,
    p: impl Fn(&Unit) -> Option<PValue>,
) -> FamilyCalibration {
    let NullTail { at_one, decay } = selection.law;
    let mut by_length: BTreeMap<u32, LengthCalibration> = BTreeMap::new();
    for (unit, p) in judged.units.iter().flatten().filter_map(|unit| Some((unit, p(unit)?))) {
        let none = LengthCalibration { versions: unit.versions, families: 0, series: 0, claims: 0 };
        let length = by_length.entry(unit.versions).or_insert(none);
        length.families += 1;
        length.series += u64::from(unit.series);
        length.claims += u64::from(selection.cutoff.rejects(p));
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
