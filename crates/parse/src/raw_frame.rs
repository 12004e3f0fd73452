//! What `rawFrame` says beside the fields of a frame.
//!
//! ```text
//! 44 _dispatch_call_block_and_release (in libdispatch.dylib) + 32 (init.c:1466) [0x19f7cda84]
//! ^ samples                                                              ^ line   ^ address
//! ```
//!
//! In Apple's own sample the three differ from the fields, so the fields are taken and the rest is worth one note. Nothing is
//! read out of a text of another form.

use std::fmt;

/// The first field that a raw text contradicts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    what: &'static str,
    raw: u64,
    field: u64,
    is_hexadecimal: bool,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, raw, field, is_hexadecimal } = self;
        if *is_hexadecimal {
            write!(f, "{what} (0x{raw:x}, not 0x{field:x})")
        } else {
            write!(f, "{what} ({raw}, not {field})")
        }
    }
}

/// Compares a raw text with the fields; 0 = an absent line or address, which nothing contradicts.
#[inline]
pub(crate) fn contradiction(raw: &str, samples: u64, line: u32, address: u64) -> Option<Contradiction> {
    let rest = raw.strip_suffix(']')?;
    let (rest, hex) = rest.rsplit_once(" [0x")?;
    let raw_address = u64::from_str_radix(hex, 16).ok()?;
    let differs =
        |what, raw, field, is_hexadecimal| (raw != field).then_some(Contradiction { what, raw, field, is_hexadecimal });
    let count = raw.split(' ').next().and_then(|word| word.parse().ok());
    count
        .and_then(|raw| differs("samples", raw, samples, false))
        .or_else(|| {
            let place = rest.strip_suffix(')').filter(|_| line != 0)?;
            let raw_line = place.rsplit_once(':')?.1.parse().ok()?;
            differs("line", raw_line, u64::from(line), false)
        })
        .or_else(|| differs("address", raw_address, address, true).filter(|_| address != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: &str = "44 save (in ExampleApp) + 112 (Store.m:2092) [0x102f48b74]";

    fn told(samples: u64, line: u32, address: u64) -> Option<String> {
        contradiction(RAW, samples, line, address).map(|difference| difference.to_string())
    }

    #[test]
    fn the_first_difference_is_told_and_absent_fields_have_none() {
        assert_eq!(told(44, 2092, 0x1_02f4_8b74), None);
        assert_eq!(told(51, 2381, 0x1_02f4_8b78).as_deref(), Some("samples (44, not 51)"));
        assert_eq!(told(44, 2381, 0x1_02f4_8b78).as_deref(), Some("line (2092, not 2381)"));
        assert_eq!(told(44, 2092, 0x1_02f4_8b78).as_deref(), Some("address (0x102f48b74, not 0x102f48b78)"));
        assert_eq!(told(44, 0, 0), None);
    }

    #[test]
    fn other_forms_contradict_nothing() {
        for raw in ["", "UIKitCore 0x18 run + 4", "]", " [0x]", "44 x [0xzz]", "[0x1]"] {
            assert_eq!(contradiction(raw, 1, 2, 3), None, "{raw}");
        }
    }
}
