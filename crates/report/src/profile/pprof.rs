//! pprof: a gzipped protobuf, one message per profile.
//!
//! Field numbers are those of the public `profile.proto`. Each frame is one location, each binary one mapping; strings stand
//! once in a table whose first entry is empty.

use super::ProfileError;
use super::stacks::{check_cells, for_each_stack};
use libdeflater::{CompressionLvl, Compressor};
use perfpower_stacks::StackTree;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use std::collections::HashMap;
use std::io::{self, Write};

/// Everything of a profile but its samples, which are encoded one by one behind it: the order of fields is free.
#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    string_table: Vec<String>,
    #[prost(int64, repeated, tag = "13")]
    comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    default_sample_type: i64,
}

/// Both are positions in the string table.
#[derive(Clone, Copy, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

/// Leaf first.
#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Mapping {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "5")]
    filename: i64,
    #[prost(bool, tag = "7")]
    has_functions: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(uint64, tag = "2")]
    mapping_id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "3")]
    system_name: i64,
    #[prost(int64, tag = "4")]
    filename: i64,
}

/// The field of a profile that holds a sample.
const SAMPLE_TAG: u32 = 2;

/// Level of the compression: above it libdeflate takes twice the time for a few percent.
const GZIP_LEVEL: i32 = 6;

/// Writes a tree as a gzipped pprof profile; the sample type is `samples/count`.
pub fn write_pprof(tree: &StackTree, mut out: impl Write) -> Result<(), ProfileError> {
    check_cells(tree)?;
    let mut strings = Strings::default();
    strings.id("");
    let value_type = ValueType { kind: strings.id("samples"), unit: strings.id("count") };
    let mut profile =
        Profile { sample_type: vec![value_type], default_sample_type: value_type.kind, ..Profile::default() };
    let mut mappings: HashMap<&str, u64> = HashMap::new();
    for (frame, id) in tree.frames.iter().zip(1u64..) {
        let binary = frame.binary.as_deref().unwrap_or_default();
        let mapping_id = *mappings.entry(binary).or_insert_with(|| {
            let id = profile.mapping.len() as u64 + 1;
            profile.mapping.push(Mapping { id, filename: strings.id(binary), has_functions: true });
            id
        });
        let name = strings.id(&frame.name);
        profile.function.push(Function {
            id,
            name,
            system_name: name,
            filename: strings.id(frame.file.as_deref().unwrap_or_default()),
        });
        profile.location.push(Location {
            id,
            mapping_id,
            line: vec![Line { function_id: id, line: frame.line.map_or(0, |line| line.get().into()) }],
        });
    }
    profile.string_table = strings.texts;

    let mut bytes = profile.encode_to_vec();
    let mut sample = Sample::default();
    for_each_stack(tree, |path, samples| {
        let value = i64::try_from(samples).map_err(|_| ProfileError::CountTooLarge { samples })?;
        sample.location_id.clear();
        sample.location_id.extend(path.iter().rev().map(|&node| u64::from(tree.frame[node as usize]) + 1));
        sample.value.clear();
        sample.value.push(value);
        encode_key(SAMPLE_TAG, WireType::LengthDelimited, &mut bytes);
        encode_varint(sample.encoded_len() as u64, &mut bytes);
        sample.encode_raw(&mut bytes);
        Ok::<(), ProfileError>(())
    })?;

    let mut compressor = Compressor::new(CompressionLvl::new(GZIP_LEVEL).unwrap_or_default());
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    // The bound is the library's own, so there is always room.
    let length = compressor.gzip_compress(&bytes, &mut packed).map_err(io::Error::other)?;
    out.write_all(&packed[..length])?;
    Ok(())
}

/// The string table in the making.
#[derive(Default)]
struct Strings {
    texts: Vec<String>,
    ids: HashMap<String, i64>,
}

impl Strings {
    fn id(&mut self, text: &str) -> i64 {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = self.texts.len() as i64;
        self.texts.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a profile back by the same field numbers: folded stacks, root first, with their samples.
    pub(in crate::profile) fn unpacked(bytes: &[u8]) -> Vec<(Vec<String>, u64)> {
        let mut raw = vec![0; 64 << 20];
        let length = libdeflater::Decompressor::new().gzip_decompress(bytes, &mut raw).unwrap();
        let profile = Profile::decode(&raw[..length]).unwrap();
        assert_eq!(profile.string_table[0], "");
        let name = |id: u64| {
            let location = &profile.location[id as usize - 1];
            assert_eq!(location.id, id);
            let function = &profile.function[location.line[0].function_id as usize - 1];
            profile.string_table[function.name as usize].clone()
        };
        profile
            .sample
            .iter()
            .map(|sample| (sample.location_id.iter().rev().map(|&id| name(id)).collect(), sample.value[0] as u64))
            .collect()
    }
}
