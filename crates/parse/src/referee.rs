//! The scanner against `serde_json`: both accept the same texts, reject the same texts, and read the same values, bit by bit.
//!
//! They differ in two things on purpose: a number beyond all doubles and half a surrogate pair cost one value here, and the
//! document there.

use crate::scanner::{Scan, Scanner, Shape};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// A value read with the scanner. Numbers become the text of their bits, so that `-0.0` is not `0.0`.
fn read(scanner: &mut Scanner) -> Scan<Value> {
    Ok(match scanner.shape()? {
        Shape::Null => scanner.word(b"null").map(|()| Value::Null)?,
        Shape::True => scanner.word(b"true").map(|()| Value::Bool(true))?,
        Shape::False => scanner.word(b"false").map(|()| Value::Bool(false))?,
        Shape::Number => bits(scanner.number()?.to_f64()),
        Shape::Text => Value::String(scanner.string()?.into_owned()),
        Shape::Array => {
            scanner.open();
            let (mut first, mut elements) = (true, Vec::new());
            while scanner.next_element(&mut first)? {
                elements.push(read(scanner)?);
            }
            Value::Array(elements)
        }
        Shape::Object => {
            scanner.open();
            let (mut first, mut fields) = (true, Map::new());
            while scanner.next_field(&mut first)? {
                let key = scanner.key()?.into_owned();
                fields.insert(key, read(scanner)?);
            }
            Value::Object(fields)
        }
    })
}

fn bits(number: f64) -> Value {
    Value::String(format!("number {:016x}", number.to_bits()))
}

fn with_bits(value: Value) -> Value {
    match value {
        Value::Number(number) => bits(number.as_f64().unwrap()),
        Value::Array(elements) => elements.into_iter().map(with_bits).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, with_bits(value))).collect(),
        other => other,
    }
}

/// Whether both agree on a text, which then is accepted or not.
fn agree(text: &str) -> bool {
    let mut scanner = Scanner::new(text);
    let ours = read(&mut scanner).and_then(|value| scanner.end().map(|()| value));
    let mut skipper = Scanner::new(text);
    let skipped = skipper.skip_value().and_then(|()| skipper.end());
    assert_eq!(ours.is_ok(), skipped.is_ok(), "reading and skipping differ on {text:?}");
    assert_eq!(scanner.last_fault, skipper.last_fault, "reading and skipping blame different places in {text:?}");
    match (ours, serde_json::from_str::<Value>(text)) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours, with_bits(theirs), "{text:?}");
            true
        }
        (Err(_), Err(_)) => false,
        (Ok(ours), Err(error)) => {
            let reason = error.to_string();
            let is_infinite = reason.starts_with("number out of range") && ours.to_string().contains("f0000000000000");
            assert!(is_infinite || scanner.lone_surrogates > 0, "only we accept {text:?}: {reason}");
            true
        }
        (Err(_), Ok(_)) => panic!("only serde_json accepts {text:?}"),
    }
}

#[test]
fn texts_that_are_json() {
    let texts = [
        "0",
        "-0",
        "-0.0",
        "1e0",
        "1E+0",
        "1e-0",
        "0e5",
        "0.0e-00",
        "1e00005",
        "9007199254740993",
        "18446744073709551616",
        "0.1",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "2.2250738585072011e-308",
        "5e-324",
        "2e-324",
        "1e-999",
        "1e22",
        "1e23",
        "123456789012345678",
        "1234567890123456789012",
        "0.000000000000000000000000000001",
        "4.35",
        "0.500000000000000166533453693773481063544750213623046875",
        "1e99999999999999999999",
        "-1e999",
        "0e99999999999999999999",
        "8.5e-22",
        "9007199254740991e22",
        "9007199254740992e22",
        "1.00000000000000000000000",
        "\"\"",
        r#""\"\\\/\b\f\n\r\t""#,
        r#""\u0041\u00e9\u20AC\ud83d\uDE00""#,
        r#""\u0000""#,
        "\"\u{7f}\u{80}\u{2028}\"",
        r#""\ud800""#,
        r#""\udc00x""#,
        r#""\ud800\ud800\udc00""#,
        r#""\ud800\n""#,
        r#""\ud800\u0041""#,
        "true",
        "false",
        "null",
        " \t\r\n1\n ",
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[[],{}]",
        "[1,2 , 3]",
        r#"{"a":1,"a":2}"#,
        r#"{"":{"":[]}}"#,
        "{\"a\"\n:\n1\n}",
        "[\"12345678\",\"1234567\\\\\",\"123456789012345\"]",
    ];
    for text in texts {
        assert!(agree(text), "{text:?} is JSON");
    }
}

#[test]
fn texts_that_are_not_json() {
    let texts = [
        "",
        " ",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1e",
        "1e+",
        "1.e5",
        "0x10",
        "1_000",
        "1 2",
        "1,",
        "--1",
        "NaN",
        "-NaN",
        "Infinity",
        "-Infinity",
        "inf",
        "nul",
        "nulll",
        "True",
        "tru",
        "falsey",
        "undefined",
        "'a'",
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\",
        r#""\x41""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\U0041""#,
        "\"\n\"",
        "\"\t\"",
        "\"\u{0}\"",
        "\"\u{1f}\"",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "[\"a\":1]",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\"::1}",
        "[] []",
        "{}{}",
        "{}x",
        "// c\n1",
        "/* c */1",
        "1 # c",
        "\u{feff}1",
        "\u{a0}1",
        "\u{c}1",
        "\u{0}",
        "1\u{0}",
        "[1\u{0}",
        "nullnull",
        "[true,fals]",
        "[\"a\",\n4\n,1,",
        "{\"a\":\"b\"}/**/",
        "{\"\\ud800\"",
        "\"\\u\"",
        "[1e1.5]",
        "2.e3",
        "1eE2",
    ];
    for text in texts {
        assert!(!agree(text), "{text:?} is not JSON");
    }
}

/// Short pieces that JSON is made of, and some that it is not, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\"a\"",
        "\"b\":",
        "\"\\u00e9\"",
        "\\ud83d",
        "\\ude00",
        "\\n",
        "0",
        "1",
        "-",
        "+",
        ".",
        "e",
        "E",
        "12.5",
        "-7e3",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "\t",
        "\u{1}",
        "é",
        "😀",
        "NaN",
        "12345678",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 100.0)),
        any::<f64>().prop_filter("JSON has finite numbers only", |number| number.is_finite()).prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(".{0,9}", inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_pieces(text in pieces()) {
        agree(&text);
    }

    #[test]
    fn any_document(document in json(), indented: bool) {
        let text = if indented { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        prop_assert!(agree(&text.unwrap()));
    }

    #[test]
    fn any_document_with_a_damaged_character(document in json(), at: prop::sample::Index, with in ".{0,2}", cut in 0..3_usize) {
        let text = document.to_string();
        let characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        let mut damaged: String = characters[..at].iter().collect();
        damaged.push_str(&with);
        damaged.extend(&characters[(at + cut).min(characters.len())..]);
        agree(&damaged);
    }

    #[test]
    fn any_decimal(text in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?") {
        prop_assert!(agree(&text));
    }
}
