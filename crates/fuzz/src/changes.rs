//! Bodies that are still JSON, and nearly what Apple sends: what a fuzzer that knows bytes alone would take long to find.

use serde_json::{Map, Value};
use std::sync::LazyLock;

/// Decisions, taken from bytes; all 0 where they end.
pub(crate) struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number below a bound, which is at least 1.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let wide = usize::from(self.byte()) << 8 | usize::from(self.byte());
        if bound <= 256 { (wide >> 8) % bound.max(1) } else { wide % bound }
    }

    fn is_over(&self) -> bool {
        self.rest.is_empty()
    }
}

/// One body of each kind, every field of it there: see `fixtures/README.md`.
const SEEDS: [&str; 12] = [
    include_str!("../../../fixtures/handmade/everything-metrics.json"),
    include_str!("../../../fixtures/handmade/everything-overview.json"),
    include_str!("../../../fixtures/handmade/everything-signatures.json"),
    include_str!("../../../fixtures/handmade/everything-logs.json"),
    include_str!("../../../fixtures/handmade/everything-resources.json"),
    include_str!("../../../fixtures/handmade/everything-cache.json"),
    include_str!("../../../fixtures/handmade/metric-kit.json"),
    include_str!("../../../fixtures/handmade/log-threads.json"),
    include_str!("../../../fixtures/handmade/platform-names.json"),
    include_str!("../../../fixtures/handmade/log-tree-object.json"),
    include_str!("../../../fixtures/broken/api-error-everything.json"),
    include_str!("../../../fixtures/documented/app-launch-metrics.json"),
];

/// One of the bodies. They are read once: an execution is to be spent on what is changed in them.
pub(crate) fn seed(choices: &mut Choices<'_>) -> Value {
    static BODIES: LazyLock<Vec<Value>> =
        LazyLock::new(|| SEEDS.iter().map(|text| serde_json::from_str(text).unwrap_or(Value::Null)).collect());
    BODIES[choices.below(BODIES.len())].clone()
}

/// The body after up to eight changes.
pub(crate) fn changed(mut body: Value, choices: &mut Choices<'_>) -> Value {
    for _ in 0..8 {
        if choices.is_over() {
            break;
        }
        change(&mut body, choices);
    }
    body
}

/// Goes down by chance and changes what is there.
fn change(body: &mut Value, choices: &mut Choices<'_>) {
    let mut place = body;
    while choices.below(8) > 0 {
        let children = match place {
            Value::Array(items) => items.len(),
            Value::Object(fields) => fields.len(),
            _ => 0,
        };
        if children == 0 {
            break;
        }
        let at = choices.below(children);
        place = match place {
            Value::Array(items) => &mut items[at],
            Value::Object(fields) => match fields.values_mut().nth(at) {
                Some(value) => value,
                None => return,
            },
            _ => return,
        };
    }
    match (choices.below(8), &mut *place) {
        (0, _) => *place = scalar(choices),
        (1, _) => *place = Value::Array(vec![place.take()]),
        (2, Value::Array(items)) if !items.is_empty() => {
            let item = items[choices.below(items.len())].clone();
            let times = 1 + choices.below(4);
            items.extend(std::iter::repeat_n(item, times));
        }
        (3, Value::Array(items)) if !items.is_empty() => drop(items.remove(choices.below(items.len()))),
        (3, Value::Object(fields)) if !fields.is_empty() => {
            let key = fields.keys().nth(choices.below(fields.len())).cloned();
            key.and_then(|key| fields.shift_remove(&key));
        }
        (4, Value::Object(fields)) => {
            let value = scalar(choices);
            fields.insert(text(choices), value);
        }
        (5, Value::Object(fields)) if fields.len() > 1 => {
            // Two fields change their values.
            let (one, other) = (choices.below(fields.len()), choices.below(fields.len()));
            let value = |at: usize, fields: &Map<String, Value>| fields.values().nth(at).cloned().unwrap_or_default();
            let (first, second) = (value(one, fields), value(other, fields));
            for (at, value) in [(one, second), (other, first)] {
                if let Some(place) = fields.values_mut().nth(at) {
                    *place = value;
                }
            }
        }
        (6, Value::Object(_)) => *place = seed(choices),
        _ => *place = scalar(choices),
    }
}

fn scalar(choices: &mut Choices<'_>) -> Value {
    const NUMBERS: [f64; 8] = [0.0, -1.0, 1.5, 1e308, 5e-324, 18_446_744_073_709_551_615.0, -0.0, 4_294_967_296.0];
    match choices.below(6) {
        0 => Value::Null,
        1 => Value::Bool(choices.byte() & 1 == 0),
        2 => NUMBERS[choices.below(NUMBERS.len())].into(),
        3 => i64::from(choices.byte()).into(),
        4 => u64::MAX.into(),
        _ => Value::String(text(choices)),
    }
}

fn text(choices: &mut Choices<'_>) -> String {
    const TEXTS: [&str; 16] = [
        "", "1.0", "1.10", "4.0.0 (12)", "percentile.fifty", "all_iphones", "iPhone12,1", "LAUNCH", "ms", "NaN", "\u{202e}\u{0}",
        "-[Foo bar] + 12", "$s4main3fooyyF", "_ZN3foo3barEv", "com.example.app", "2026-11-23",
    ];
    match choices.below(4) {
        0 => (0..choices.below(12)).map(|_| char::from(choices.byte())).collect(),
        _ => TEXTS[choices.below(TEXTS.len())].to_owned(),
    }
}

/// The same body with the fields of every object the other way round.
pub(crate) fn turned_round(body: &Value) -> Value {
    match body {
        Value::Array(items) => items.iter().map(turned_round).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().rev().map(|(key, value)| (key.clone(), turned_round(value))).collect())
        }
        other => other.clone(),
    }
}

/// A file around a body, as programs that save bodies write it.
pub(crate) fn wrapped(body: &str, choices: &mut Choices<'_>) -> String {
    let quoted = Value::String(body.to_owned());
    match choices.below(9) {
        0 => format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n\r\n{body}"),
        1 => format!("{{\"status\":200,\"url\":\"https://example.invalid/v1/apps/1482920013/perfPowerMetrics\",\"body\":{body}}}"),
        2 => format!("{{\"response\":{quoted}}}"),
        3 => format!("[{body},{body}]"),
        4 => format!("{body}\n{body}\n"),
        5 => format!("event: message\ndata: {body}\n\n"),
        6 => format!(
            "{{\"log\":{{\"entries\":[{{\"startedDateTime\":\"2026-11-23T08:00:00Z\",\"request\":{{\"url\":\"x\"}},\"response\":{{\"content\":{{\"text\":{quoted}}}}}}}]}}}}"
        ),
        7 => quoted.to_string(),
        _ => format!("{{\"data\":{{\"attributes\":{body}}}}}"),
    }
}
