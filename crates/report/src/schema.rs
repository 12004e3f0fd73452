//! The JSON Schema of `perfpower.report/1`, generated from the structs that write it.
//!
//! It is shipped as `crates/report/schema/perfpower.report-1.schema.json`; a test holds the file to the structs.

use crate::json::{REPORT_SCHEMA, ReportJson};
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON Schema (draft 2020-12) of the report, indented, with a line feed at the end. Keys may be added to the report
/// while its name stays, so none is forbidden; each key that is written today is required.
pub fn report_schema_json() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<ReportJson<'static>>().to_value();
    // What the types cannot say: the name is a constant.
    if let Some(name) = schema.pointer_mut("/properties/schema").and_then(Value::as_object_mut) {
        name.insert("const".to_owned(), REPORT_SCHEMA.into());
    }
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_shipped_schema_is_that_of_the_structs() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/perfpower.report-1.schema.json");
        let expected = report_schema_json();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &expected).unwrap();
        }
        let shipped = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(shipped == expected, "{} is not up to date; run again with BLESS=1", path.display());
    }

    #[test]
    fn every_key_is_required_and_null_is_allowed_where_something_can_be_absent() {
        let schema: Value = serde_json::from_str(&report_schema_json()).unwrap();
        assert_eq!(schema["properties"]["schema"]["const"], REPORT_SCHEMA);
        let keys = schema["properties"].as_object().unwrap().len();
        assert_eq!(schema["required"].as_array().unwrap().len(), keys);
        let finding = &schema["$defs"]["FindingJson"];
        assert_eq!(finding["properties"]["change_percent"]["type"], serde_json::json!(["number", "null"]));
        assert!(finding["required"].as_array().unwrap().contains(&"change_percent".into()));
    }
}
