//! Histories to an analysis: the one place where the work fans out over apps and is gathered again, in a fixed order.

use crate::analysis::{Analysis, AppSummary, Calibration, Totals};
use crate::filter::Filter;
use crate::finding::{AppleInsightView, OurVerdict, OurView};
use crate::history::AppHistory;
use crate::options::Options;
use rayon::prelude::*;

/// Sizes and apps, without any judgement.
pub fn summarize(histories: &[AppHistory], filter: &Filter, options: &Options) -> Analysis {
    let apps: Vec<AppSummary> = histories.par_iter().map(|history| summary(history, filter, options)).collect();
    Analysis {
        options: options.clone(),
        totals: Totals {
            points: histories.iter().map(|history| history.points_read).sum(),
            distinct_points: histories.iter().map(|history| history.table.len() as u64).sum(),
            revisions: histories.iter().map(|history| history.revision_count).sum(),
            series: histories.iter().map(|history| history.series.len() as u64).sum(),
            snapshots: histories.iter().map(|history| history.snapshots.len() as u64).sum(),
        },
        apps,
        findings: Vec::new(),
        platform_events: Vec::new(),
        apple_insights: Vec::new(),
        apple_cutoffs: Vec::new(),
        goals: Vec::new(),
        settling: Vec::new(),
        calibration: Calibration::default(),
        problems: Vec::new(),
    }
}

/// Judges a whole batch.
pub fn analyze(histories: &[AppHistory], filter: &Filter, options: &Options) -> Analysis {
    let mut analysis = summarize(histories, filter, options);
    for history in histories {
        let app_name = options.app_name(&history.app);
        analysis.apple_insights.extend(history.insights.iter().map(|audit| AppleInsightView {
            app: history.app.clone(),
            app_name: app_name.clone(),
            is_newest: Some(audit.snapshot) == history.snapshots.last().copied(),
            audit: audit.clone(),
            our_view: OurView {
                verdict: OurVerdict::CannotSay,
                version: None,
                finding: None,
                level_versions: None,
                diluting_versions: Vec::new(),
                populations: Vec::new(),
            },
        }));
    }
    analysis
}

fn summary(history: &AppHistory, _filter: &Filter, options: &Options) -> AppSummary {
    let names = &history.names;
    AppSummary {
        app: history.app.clone(),
        name: options.app_name(&history.app),
        platform: history.series.first().map_or_else(String::new, |series| names.text(series.platform).to_owned()),
        bundle_id: names.text(history.identity.bundle_id).to_owned(),
        latest_version: history.versions.last().map_or_else(String::new, |v| names.text(v.name).to_owned()),
        versions: history.versions.iter().map(|version| names.text(version.name).to_owned()).collect(),
        snapshots: history.snapshots.clone(),
        series: history.series.len(),
        points: history.table.len(),
        categories: Vec::new(),
    }
}
