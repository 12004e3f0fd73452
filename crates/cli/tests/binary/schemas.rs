//! Every JSON document that a command writes, held to the schema that is shipped for it.
//!
//! The reader of schemas here knows the few keywords that ours use and stops at any other, so that nothing is passed over.

use crate::workdir::perfpower;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Command lines that between them fill every key of every document.
const COMMANDS: [&str; 20] = [
    "report fixtures/demo --format json",
    "report fixtures/documented --format json",
    "report fixtures/broken --format json",
    "report fixtures/demo --brief",
    "report fixtures/demo --calibration --format json",
    "report fixtures/demo --explain com.example.larder/LAUNCH/launchTime/all_iphones/90 --format json",
    "report fixtures/demo --explain com.example.larder/HANG/hangRate/all_iphones/50 --format json",
    "report fixtures/demo --format ndjson --top 1",
    "audit fixtures/demo --format json",
    "audit fixtures/documented --format json",
    "check fixtures/demo --config fixtures/gate.toml --today 2026-11-23 --format json",
    "compare fixtures/demo --format json",
    "compare fixtures/demo --app com.example.larder --from 3.11.1 --to 4.0.0 --format json",
    "diagnostics fixtures/demo --format json",
    "diagnostics fixtures/demo --by signature --format json",
    "diagnostics fixtures/demo --app com.example.larder --from 3.11.1 --to 4.0.0 --format json",
    "inspect fixtures/demo --drift --format json",
    "inspect fixtures/broken --format json",
    "percentiles fixtures/demo --over apps --format json",
    "percentiles fixtures/documented --over versions --format json",
];

#[test]
fn what_is_written_is_what_the_shipped_schemas_say() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../report/schema");
    let mut seen = BTreeSet::new();
    let weights = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(weights.path(), "device;weight\niPhone11,8;3\niPhone12,1;5\n").unwrap();
    let modelled =
        format!("percentiles fixtures/demo --over devices --format json --model-mixture {}", weights.path().display());
    for line in COMMANDS.into_iter().chain([&*modelled]) {
        let output = perfpower(line).run();
        let document: Value =
            serde_json::from_str(&output.stdout).unwrap_or_else(|e| panic!("{line}: {e}: {}", output.stderr));
        let name = document["schema"].as_str().unwrap().replace('/', "-");
        let file = format!("{name}.schema.json");
        let text = std::fs::read_to_string(directory.join(&file)).unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(hold(&document, &schema, &schema, line), Ok(()));
        seen.insert(file);
    }
    let files = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let shipped: BTreeSet<String> = files.filter(|file| file.ends_with(".schema.json")).collect();
    assert_eq!(seen, shipped, "every schema has a command here that writes its document");
}

#[test]
fn a_document_that_is_not_as_its_schema_says_is_found() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "properties": {"a": {"type": ["number", "null"]}, "b": {"const": 1}}
    });
    let is_held = |document: Value| hold(&document, &schema, &schema, "").is_ok();
    assert!(is_held(serde_json::json!({"a": null, "b": 1, "c": 2})));
    for wrong in [serde_json::json!({"b": 1}), serde_json::json!({"a": "1"}), serde_json::json!({"a": 1, "b": 2})] {
        assert!(!is_held(wrong));
    }
}

/// The first place where a document is not as a schema says.
fn hold(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let check =
        |is_met: bool, what: &dyn Fn() -> String| if is_met { Ok(()) } else { Err(format!("{at}: {}", what())) };
    if let Value::Bool(is_allowed) = schema {
        return check(*is_allowed, &|| "not allowed".to_owned());
    }
    let items = || value.as_array().into_iter().flatten().enumerate();
    for (keyword, rule) in schema.as_object().unwrap() {
        let rules = || rule.as_array().into_iter().flatten();
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" => {}
            "$ref" => hold(value, root.pointer(&rule.as_str().unwrap()[1..]).unwrap(), root, at)?,
            "type" => {
                let is = |name: &Value| is_of_type(value, name.as_str().unwrap());
                check(if rule.is_array() { rules().any(is) } else { is(rule) }, &|| format!("{value} is no {rule}"))?;
            }
            "const" => check(value == rule, &|| format!("{value} is not {rule}"))?,
            "minimum" => {
                check(!value.is_number() || value.as_f64() >= rule.as_f64(), &|| format!("{value} is below {rule}"))?;
            }
            "anyOf" => {
                let fits = |schema: &Value| hold(value, schema, root, at).is_ok();
                check(rules().any(fits), &|| format!("{value} fits none of {rule}"))?;
            }
            "required" => {
                for key in rules().map(|key| key.as_str().unwrap()) {
                    check(value.get(key).is_some(), &|| format!("no {key}"))?;
                }
            }
            "properties" => {
                for (key, rule) in rule.as_object().unwrap() {
                    value.get(key).map_or(Ok(()), |value| hold(value, rule, root, &format!("{at}.{key}")))?;
                }
            }
            "additionalProperties" => {
                let is_named = |key: &String| schema["properties"].get(key).is_some();
                for (key, value) in value.as_object().into_iter().flatten().filter(|(key, _)| !is_named(key)) {
                    hold(value, rule, root, &format!("{at}.{key}"))?;
                }
            }
            "minItems" => check(!value.is_array() || items().count() as u64 >= rule.as_u64().unwrap(), &|| {
                "too few items".to_owned()
            })?,
            "maxItems" => check(items().count() as u64 <= rule.as_u64().unwrap(), &|| "too many items".to_owned())?,
            "prefixItems" => {
                for ((index, value), rule) in items().zip(rules()) {
                    hold(value, rule, root, &format!("{at}[{index}]"))?;
                }
            }
            "items" => {
                let first = schema["prefixItems"].as_array().map_or(0, Vec::len);
                for (index, value) in items().skip(first) {
                    hold(value, rule, root, &format!("{at}[{index}]"))?;
                }
            }
            other => panic!("{at}: the schema has an unknown keyword {other}"),
        }
    }
    Ok(())
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    }
}
