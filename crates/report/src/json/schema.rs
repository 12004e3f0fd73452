//! The JSON Schemas of all JSON documents that commands write, generated from the structs that write them.
//!
//! They are shipped in `crates/report/schema`, one file a document; a test holds the files to the structs, and the tests of
//! the program hold what it writes to the files. (`perfpower.export/1` describes tables and stands there as prose.)

use super::audit::{AUDIT_SCHEMA, AuditJson};
use super::brief::{BRIEF_SCHEMA, BriefJson};
use super::calibration::{CALIBRATION_SCHEMA, CalibrationDocument};
use super::check::{CHECK_SCHEMA, GateJson};
use super::compare::{COMPARE_SCHEMA, ComparisonsJson};
use super::explanation::{EXPLANATION_SCHEMA, ExplanationJson};
use super::findings::{FINDING_SCHEMA, FindingLine};
use super::inspect::{INSPECT_SCHEMA, InspectionJson};
use super::percentiles::{PERCENTILES_SCHEMA, PercentilesJson};
use super::report::{REPORT_SCHEMA, ReportJson};
use super::stacks::{STACKS_SCHEMA, StacksJson};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The names of all documents, sorted.
pub const SCHEMAS: [&str; 11] = [
    AUDIT_SCHEMA,
    BRIEF_SCHEMA,
    CALIBRATION_SCHEMA,
    CHECK_SCHEMA,
    COMPARE_SCHEMA,
    STACKS_SCHEMA,
    EXPLANATION_SCHEMA,
    FINDING_SCHEMA,
    INSPECT_SCHEMA,
    PERCENTILES_SCHEMA,
    REPORT_SCHEMA,
];

/// The name of each document and its JSON Schema (draft 2020-12), indented, with a line feed at the end. Keys may be added to
/// a document while its name stays, so none is forbidden; each key that is written today is required.
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        schema::<AuditJson<'static>>(AUDIT_SCHEMA),
        schema::<BriefJson>(BRIEF_SCHEMA),
        schema::<CalibrationDocument<'static>>(CALIBRATION_SCHEMA),
        schema::<GateJson<'static>>(CHECK_SCHEMA),
        schema::<ComparisonsJson<'static>>(COMPARE_SCHEMA),
        schema::<StacksJson<'static>>(STACKS_SCHEMA),
        schema::<ExplanationJson<'static>>(EXPLANATION_SCHEMA),
        schema::<FindingLine<'static>>(FINDING_SCHEMA),
        schema::<InspectionJson<'static>>(INSPECT_SCHEMA),
        schema::<PercentilesJson<'static>>(PERCENTILES_SCHEMA),
        schema::<ReportJson<'static>>(REPORT_SCHEMA),
    ]
}

fn schema<T: JsonSchema>(name: &'static str) -> (&'static str, String) {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), name.into());
    let mut schema = schema.to_value();
    // What the types cannot say: the name is a constant.
    if let Some(key) = schema.pointer_mut("/properties/schema").and_then(Value::as_object_mut) {
        key.insert("const".to_owned(), name.into());
    }
    (name, format!("{schema:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_document_is_named() {
        let names: Vec<_> = schemas().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, SCHEMAS);
        assert!(SCHEMAS.is_sorted());
    }

    #[test]
    fn the_shipped_schemas_are_those_of_the_structs() {
        for (name, expected) in schemas() {
            let file = format!("schema/{}.schema.json", name.replace('/', "-"));
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(&path, &expected).unwrap();
            }
            let shipped = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(shipped == expected, "{} is not up to date; run again with BLESS=1", path.display());
        }
    }

    #[test]
    fn every_key_is_required_and_null_is_allowed_where_something_can_be_absent() {
        for (name, text) in schemas() {
            let schema: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(schema["properties"]["schema"]["const"], name);
            let definitions = schema["$defs"].as_object().unwrap();
            for (of, object) in definitions.iter().chain([(&name.to_owned(), &schema)]) {
                let keys = object["properties"].as_object().unwrap().len();
                assert_eq!(object["required"].as_array().unwrap().len(), keys, "{name}: {of}");
            }
            if name == REPORT_SCHEMA {
                let change = &definitions["FindingJson"]["properties"]["change_percent"];
                assert_eq!(change["type"], serde_json::json!(["number", "null"]));
            }
        }
    }
}
