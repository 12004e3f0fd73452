//! speedscope: JSON with a table of frames, and one weighted sample per stack.

use super::ProfileError;
use super::stacks::{check_cells, for_each_stack};
use crate::json::inert::write_compact;
use perfpower_stacks::StackTree;
use serde::Serialize;
use std::io::{self, Write};
use std::num::NonZeroU32;

/// The format's name for itself; readers recognise it by this.
const SCHEMA: &str = "https://www.speedscope.app/file-format-schema.json";

/// Highest count that JavaScript holds exactly.
const MAX_EXACT: u64 = 1 << 53;

#[derive(Serialize)]
struct Frame<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    line: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(line: &u32) -> bool {
    *line == 0
}

fn json(value: &(impl Serialize + ?Sized)) -> Result<String, ProfileError> {
    let mut text = Vec::new();
    write_compact(value, &mut text).map_err(|error| ProfileError::Io(error.into()))?;
    String::from_utf8(text).map_err(|error| ProfileError::Io(io::Error::other(error)))
}

/// Writes a tree as a speedscope file with one sampled profile. Where no source file is known, the binary stands for it.
///
/// The samples are streamed: a stack is written and forgotten.
pub fn write_speedscope(tree: &StackTree, name: &str, mut out: impl Write) -> Result<(), ProfileError> {
    check_cells(tree)?;
    let total = tree.total();
    if total > MAX_EXACT {
        return Err(ProfileError::CountTooLarge { samples: total });
    }
    let frames: Vec<Frame<'_>> = tree
        .frames
        .iter()
        .map(|frame| Frame {
            name: &frame.name,
            file: frame.file.as_deref().or(frame.binary.as_deref()).unwrap_or_default(),
            line: frame.line.map_or(0, NonZeroU32::get),
        })
        .collect();
    write!(out, "{{\"$schema\":\"{SCHEMA}\",\"exporter\":\"perfpower\",\"name\":{},", json(&name)?)?;
    write!(out, "\"activeProfileIndex\":0,\"shared\":{{\"frames\":{}}},", json(&frames)?)?;
    write!(out, "\"profiles\":[{{\"type\":\"sampled\",\"name\":{},\"unit\":\"none\",", json(&name)?)?;
    write!(out, "\"startValue\":0,\"endValue\":{total},\"samples\":[")?;
    let mut separator = "";
    let mut line = String::new();
    for_each_stack(tree, |path, _| {
        use std::fmt::Write as _;
        line.clear();
        for (at, &node) in path.iter().enumerate() {
            // Writing into a string cannot fail.
            let _ = write!(line, "{}{}", if at == 0 { "" } else { "," }, tree.frame[node as usize]);
        }
        write!(out, "{separator}[{line}]")?;
        separator = ",";
        Ok::<(), ProfileError>(())
    })?;
    out.write_all(b"],\"weights\":[")?;
    separator = "";
    for_each_stack(tree, |_, samples| {
        write!(out, "{separator}{samples}")?;
        separator = ",";
        Ok::<(), ProfileError>(())
    })?;
    out.write_all(b"]}]}\n")?;
    Ok(())
}
