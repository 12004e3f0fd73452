//! What a tool may be asked with: one table says it to clients, and holds what they send to it.

use serde_json::{Map, Value, json};

/// An argument of a tool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
    pub(super) what: &'static str,
}

/// What an argument may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    /// A whole number in a range.
    Number(u64, u64),
    OneOf(&'static [&'static str]),
}

impl Argument {
    pub(super) const fn text(name: &'static str, what: &'static str) -> Self {
        Self { name, kind: Kind::Text, is_required: false, what }
    }

    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(super) const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// As a client reads it.
    fn schema(&self) -> Value {
        match self.kind {
            Kind::Text => json!({"type": "string", "description": self.what}),
            Kind::Number(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most, "description": self.what})
            }
            Kind::OneOf(words) => json!({"type": "string", "enum": words, "description": self.what}),
        }
    }
}

/// The JSON schema of some arguments.
pub(super) fn schema(arguments: &[Argument]) -> Value {
    let properties: Map<String, Value> =
        arguments.iter().map(|argument| (argument.name.to_owned(), argument.schema())).collect();
    let required: Vec<&str> = arguments.iter().filter(|argument| argument.is_required).map(|own| own.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// What was sent, as the table allows it.
#[derive(Debug)]
pub(super) struct Sent<'a>(&'a Map<String, Value>);

impl<'a> Sent<'a> {
    /// Refuses what the table does not have, with what it has.
    pub(super) fn checked(tool: &str, table: &[Argument], sent: &'a Map<String, Value>) -> Result<Self, String> {
        let names: Vec<&str> = table.iter().map(|argument| argument.name).collect();
        if let Some(unknown) = sent.keys().find(|key| !names.contains(&key.as_str())) {
            return Err(format!("{tool} has no argument {unknown:?}; it has {}", names.join(", ")));
        }
        for argument in table {
            let name = argument.name;
            let Some(value) = sent.get(name).filter(|value| !value.is_null()) else {
                if argument.is_required {
                    return Err(format!("{tool} needs {name}: {}", argument.what));
                }
                continue;
            };
            let (fits, expected) = match argument.kind {
                Kind::Text => (value.is_string(), "a text".to_owned()),
                Kind::Number(least, most) => (
                    value.as_u64().is_some_and(|number| (least..=most).contains(&number)),
                    format!("a whole number from {least} to {most}"),
                ),
                Kind::OneOf(words) => {
                    (value.as_str().is_some_and(|word| words.contains(&word)), format!("one of {}", words.join(", ")))
                }
            };
            if !fits {
                return Err(format!("{name}: expected {expected}, found {value}"));
            }
        }
        Ok(Self(sent))
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// The same, owned, as what is typed at a command is.
    pub(super) fn typed(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// As a list of one or none, for what may be typed several times.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.typed(name).into_iter().collect()
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.0.get(name).and_then(Value::as_u64).map(|number| number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Argument; 3] = [
        Argument::text("app", "of which app").required(),
        Argument::text("rows", "how many").of(Kind::Number(1, 50)),
        Argument::text("state", "which").of(Kind::OneOf(&["open", "all"])),
    ];

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let refused = |sent: Value| Sent::checked("tool", &TABLE, sent.as_object().unwrap()).unwrap_err();
        assert_eq!(refused(json!({})), "tool needs app: of which app");
        assert_eq!(refused(json!({"app": 1})), "app: expected a text, found 1");
        assert_eq!(refused(json!({"app": "a", "rows": 0})), "rows: expected a whole number from 1 to 50, found 0");
        assert_eq!(refused(json!({"app": "a", "state": "x"})), "state: expected one of open, all, found \"x\"");
        assert_eq!(refused(json!({"app": "a", "b": 1})), "tool has no argument \"b\"; it has app, rows, state");
        let sent = json!({"app": "a", "rows": 7, "state": null});
        let sent = Sent::checked("tool", &TABLE, sent.as_object().unwrap()).unwrap();
        assert_eq!((sent.text("app"), sent.number("rows"), sent.text("state")), (Some("a"), Some(7), None));
    }

    #[test]
    fn the_schema_is_that_of_the_table() {
        let schema = schema(&TABLE);
        assert_eq!(schema["required"], json!(["app"]));
        assert_eq!(schema["properties"]["rows"]["maximum"], 50);
        assert_eq!(schema["additionalProperties"], false);
    }
}
