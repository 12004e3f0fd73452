//! Findings to bytes, in each output format. It formats; it computes no statistics and opens no file.
//!
//! Every writer takes a [`Report`] and an [`std::io::Write`]. Texts that came out of files go through [`safe`] on their way
//! to a terminal, to Markdown or to CSV, and through the escaping of their library on their way to JSON and HTML.

mod audit_text;
mod brief;
mod calibration_text;
pub mod chart;
mod compare_text;
mod csv_table;
mod explain_text;
pub mod export;
mod facts;
pub mod figure;
mod gate_sentence;
mod gate_text;
mod grid;
pub mod html;
mod inert_json;
mod inspect_text;
pub mod json;
mod json_root;
mod junit;
mod markdown;
pub mod markup;
pub mod number;
mod percentiles_text;
pub mod profile;
pub mod safe;
mod sarif;
mod schema;
pub mod sentence;
pub mod sparkline;
mod stacks_csv;
mod stacks_json;
mod stacks_outline;
mod stacks_page;
mod stacks_text;
mod text;

#[cfg(test)]
#[path = "../tests/gallery/finding.rs"]
mod sample;

pub use audit_text::{write_audit_csv, write_audit_markdown, write_audit_text};
pub use brief::write_brief_json;
pub use calibration_text::write_calibration;
pub use compare_text::{write_compare_csv, write_compare_json, write_compare_markdown, write_compare_text};
pub use csv_table::write_findings_csv;
pub use explain_text::write_explanation;
pub use facts::{Report, TextStyle};
pub use gate_sentence::{explain_command, freshness_sentence, outcome_sentence, outcome_title, waiver_sentence};
pub use gate_text::{write_gate_json, write_gate_markdown, write_gate_text};
pub use inspect_text::{Inspection, write_inspect_csv, write_inspect_json, write_inspect_markdown, write_inspect_text};
pub use json::{REPORT_SCHEMA, write_report_json};
pub use junit::write_gate_junit;
pub use markdown::write_report_markdown;
pub use percentiles_text::{
    Percentiles, write_percentiles_csv, write_percentiles_json, write_percentiles_markdown, write_percentiles_text,
};
pub use sarif::{CodeLevel, CodePlace, CodeReason, blame_places, code_places, signature_places, write_sarif};
pub use schema::{SCHEMAS, schemas};
pub use stacks_csv::write_ranking_csv;
pub use stacks_json::{STACKS_SCHEMA, write_stacks_json};
pub use stacks_page::overfull_sentence;
pub use stacks_text::{write_stacks_markdown, write_stacks_text};
pub use text::write_report_text;
