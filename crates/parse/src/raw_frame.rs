//! What `rawFrame` says beside the fields of a frame.
//!
//! ```text
//! 44 _dispatch_call_block_and_release (in libdispatch.dylib) + 32 (init.c:1466) [0x19f7cda84]
//! ^ samples  ^ symbol                    ^ binary              ^ offset  ^ file:line  ^ address
//! ```
//!
//! In Apple's own sample some differ from the fields, so the fields are taken and the rest is worth one note. Nothing is
//! read out of a text of another form, and what either side leaves out contradicts nothing.

use std::fmt;
use std::num::NonZeroU32;

/// The fields of a frame that its raw text says again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) samples: u64,
    pub(crate) symbol: Option<&'a str>,
    pub(crate) binary: Option<&'a str>,
    pub(crate) file: Option<&'a str>,
    pub(crate) line: Option<NonZeroU32>,
    pub(crate) offset_into_symbol: Option<u64>,
    /// 0 = absent.
    pub(crate) address: u64,
}

/// The first field that a raw text contradicts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contradiction<'a> {
    what: &'static str,
    values: Values<'a>,
}

/// Of the raw text, and of the field.
#[derive(Debug, PartialEq, Eq)]
enum Values<'a> {
    Texts(&'a str, &'a str),
    Numbers(u64, u64),
    Addresses(u64, u64),
}

impl fmt::Display for Contradiction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match self.values {
            Values::Texts(raw, field) => write!(f, "{what} ({raw:?}, not {field:?})"),
            Values::Numbers(raw, field) => write!(f, "{what} ({raw}, not {field})"),
            Values::Addresses(raw, field) => write!(f, "{what} (0x{raw:x}, not 0x{field:x})"),
        }
    }
}

/// Compares a raw text with the fields.
pub(crate) fn contradiction<'a>(raw: &'a str, fields: &Fields<'a>) -> Option<Contradiction<'a>> {
    let (rest, hex) = raw.strip_suffix(']')?.rsplit_once(" [0x")?;
    let address = u64::from_str_radix(hex, 16).ok()?;
    let (rest, place) = match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((rest, place)) if !place.starts_with("in ") => (rest, place.rsplit_once(':')),
        _ => (rest, None),
    };
    let (rest, offset) = match rest.rsplit_once(" + ") {
        Some((rest, offset)) => (rest, offset.parse().ok()),
        None => (rest, None),
    };
    let (rest, binary) = match rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (in ")) {
        Some((rest, binary)) => (rest, Some(binary)),
        None => (rest, None),
    };
    let (samples, symbol) = match rest.split_once(' ') {
        Some((samples, symbol)) => (samples, Some(symbol)),
        None => (rest, None),
    };

    let number = |what, raw: Option<u64>, field: u64| match raw {
        Some(raw) if raw != field => Some(Contradiction { what, values: Values::Numbers(raw, field) }),
        _ => None,
    };
    let text = |what, raw: Option<&'a str>, field: Option<&'a str>| {
        let (raw, field) = (raw.filter(|raw| !raw.is_empty())?, field?);
        (raw != field).then_some(Contradiction { what, values: Values::Texts(raw, field) })
    };
    let is_readable = ![symbol, fields.symbol].into_iter().flatten().any(is_linker_name) && symbol != Some(UNKNOWN);
    number("samples", samples.parse().ok(), fields.samples)
        .or_else(|| text("symbol", symbol, fields.symbol).filter(|_| is_readable))
        .or_else(|| text("binary", binary, fields.binary))
        .or_else(|| number("offset", offset, fields.offset_into_symbol?))
        .or_else(|| text("file", place.map(|(file, _)| last_component(file)), fields.file.map(last_component)))
        .or_else(|| number("line", place.and_then(|(_, line)| line.parse().ok()), fields.line?.get().into()))
        .or_else(|| {
            let differs = fields.address != 0 && address != fields.address;
            differs.then_some(Contradiction { what: "address", values: Values::Addresses(address, fields.address) })
        })
}

/// What stands for a symbol that is not known.
const UNKNOWN: &str = "???";

/// Whether a symbol may be a linker name: one side may have it readable, and the other not.
fn is_linker_name(symbol: &str) -> bool {
    ["$", "_$", "@", "_Z", "__Z", "_T", "__T", "_R"].iter().any(|prefix| symbol.starts_with(prefix))
}

/// One side may have a whole path.
fn last_component(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "44 save (in ExampleApp) + 112 (Store.m:2092) [0x102f48b74]";
    const SAME: Fields<'_> = Fields {
        samples: 44,
        symbol: Some("save"),
        binary: Some("ExampleApp"),
        file: Some("Store.m"),
        line: NonZeroU32::new(2092),
        offset_into_symbol: Some(112),
        address: 0x1_02f4_8b74,
    };

    fn told(raw: &str, fields: Fields<'_>) -> Option<String> {
        contradiction(raw, &fields).map(|difference| difference.to_string())
    }

    #[test]
    fn every_field_can_be_contradicted() {
        assert_eq!(told(RAW, SAME), None);
        for (fields, difference) in [
            (Fields { samples: 51, ..SAME }, "samples (44, not 51)"),
            (Fields { symbol: Some("load"), ..SAME }, r#"symbol ("save", not "load")"#),
            (Fields { binary: Some("Kit"), ..SAME }, r#"binary ("ExampleApp", not "Kit")"#),
            (Fields { offset_into_symbol: Some(0), ..SAME }, "offset (112, not 0)"),
            (Fields { file: Some("Shop.m"), ..SAME }, r#"file ("Store.m", not "Shop.m")"#),
            (Fields { line: NonZeroU32::new(2381), ..SAME }, "line (2092, not 2381)"),
            (Fields { address: 0x1_02f4_8b78, ..SAME }, "address (0x102f48b74, not 0x102f48b78)"),
        ] {
            assert_eq!(told(RAW, fields).as_deref(), Some(difference));
        }
        assert_eq!(
            told(RAW, Fields { samples: 51, line: NonZeroU32::new(2381), ..SAME }).as_deref(),
            Some("samples (44, not 51)")
        );
    }

    #[test]
    fn what_is_absent_or_said_in_another_way_contradicts_nothing() {
        let absent =
            Fields { symbol: None, binary: None, file: None, line: None, offset_into_symbol: None, address: 0, ..SAME };
        assert_eq!(told(RAW, absent), None);
        assert_eq!(told(RAW, Fields { file: Some("/src/Store.m"), ..SAME }), None);
        assert_eq!(told(RAW, Fields { symbol: Some("$s4main5helloSSyYaKF"), ..SAME }), None);
        for raw in [
            "44 save (in ExampleApp) + 112 [0x102f48b74]",
            "44 save (in ExampleApp) [0x102f48b74]",
            "44 ??? (in ExampleApp) + 112 (Store.m:2092) [0x102f48b74]",
            "44 save [0x102f48b74]",
            "44 [0x102f48b74]",
        ] {
            assert_eq!(told(raw, SAME), None, "{raw}");
        }
        let of_a_beta = Fields { binary: Some("My App (Beta)"), symbol: Some("Feed.(load in _01)()"), ..SAME };
        assert_eq!(
            told("44 Feed.(load in _01)() (in My App (Beta)) + 112 (Store.m:2092) [0x102f48b74]", of_a_beta),
            None
        );
    }

    #[test]
    fn other_forms_contradict_nothing() {
        for raw in ["", "UIKitCore 0x18 run + 4", "]", " [0x]", "44 x [0xzz]", "[0x1]"] {
            assert_eq!(told(raw, SAME), None, "{raw}");
        }
    }
}
