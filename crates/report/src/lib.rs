//! Findings to bytes, in each output format. It formats; it computes no statistics and opens no file.
//!
//! What a command says stands in `page`, once, and [`write_page`] gives it a form: a terminal, Markdown, HTML. Beside the pages
//! stand the documents for programs (JSON), the tables (CSV, exports), what CI systems read (`JUnit`, SARIF), and profiles. Texts
//! that came out of files are data: each form makes them harmless where they go ([`safe`], [`markup`], [`CommandLine`]).

pub mod chart;
mod ci;
mod command_line;
mod csv;
pub mod export;
mod facts;
pub mod figure;
pub mod html;
mod json;
pub mod markup;
pub mod number;
mod page;
pub mod profile;
mod render;
pub mod safe;
pub mod sentence;
pub mod sparkline;

#[cfg(test)]
#[path = "../tests/gallery/finding.rs"]
mod sample;

pub use ci::junit::write_gate_junit;
pub use ci::sarif::{CodeLevel, CodePlace, CodeReason, blame_places, code_places, signature_places, write_sarif};
pub use command_line::CommandLine;
pub use csv::audit::write_audit_csv;
pub use csv::compare::write_compare_csv;
pub use csv::findings::write_findings_csv;
pub use csv::inspect::write_inspect_csv;
pub use csv::percentiles::write_percentiles_csv;
pub use csv::ranking::write_ranking_csv;
pub use facts::{Report, TextStyle};
pub use json::JsonLayout;
pub use json::audit::write_audit_json;
pub use json::brief::{BriefRequest, write_brief_json};
pub use json::calibration::write_calibration_json;
pub use json::check::write_gate_json;
pub use json::compare::write_compare_json;
pub use json::earlier::{EarlierReport, NoReport, read_report_json, write_claims_json};
pub use json::explanation::write_explanation_json;
pub use json::findings::write_findings_ndjson;
pub use json::inspect::write_inspect_json;
pub use json::percentiles::write_percentiles_json;
pub use json::report::write_report_json;
pub use json::schema::{SCHEMAS, schemas};
pub use json::settings::shown_by;
pub use json::stacks::write_stacks_json;
pub use page::{
    CheckedRules, Inspection, Page, Percentiles, audit_page, calibration_page, check_page, compare_page,
    diagnostics_page, explanation_page, explanation_text, inspect_page, overfull_sentence, percentiles_page,
    problem_line, report_page,
};
pub use render::{PageFormat, write_page};
