//! Firefox Profiler: JSON with a table of stacks that share their beginnings, so a deep tree costs its nodes.

use super::ProfileError;
use crate::json::inert::write_compact;
use fxprof_processed_profile::{
    CategoryColor, CategoryHandle, CpuDelta, Frame, FrameFlags, FrameInfo, Profile, ReferenceTimestamp,
    SamplingInterval, StackHandle, Timestamp, WeightType,
};
use perfpower_stacks::StackTree;
use std::io::Write;

/// The format's counts are 32 bits wide; a higher one becomes several samples of the same stack.
const MAX_WEIGHT: u64 = i32::MAX as u64;

/// How many samples one stack may become. A thousand are two million million counts.
const MAX_PIECES: u64 = 1000;

/// Writes a tree as a processed profile with one thread. Time has no meaning in it: samples stand a millisecond apart, from
/// the beginning of 1970. The frames that Apple blames have a category of their own.
pub fn write_firefox(tree: &StackTree, name: &str, out: impl Write) -> Result<(), ProfileError> {
    let start = ReferenceTimestamp::from_millis_since_unix_epoch(0.0);
    let mut profile = Profile::new(name, start, SamplingInterval::from_millis(1));
    let origin = Timestamp::from_millis_since_reference(0.0);
    let process = profile.add_process(name, 1, origin);
    let thread = profile.add_thread(process, 1, origin, true);
    profile.set_thread_name(thread, name);
    profile.set_thread_samples_weight_type(thread, WeightType::Samples);
    let blamed = profile.add_category("Blamed on the app", CategoryColor::Red).into();
    let other = CategoryHandle::OTHER.into();
    let frames: Vec<_> = tree
        .frames
        .iter()
        .map(|frame| {
            let mut label = frame.name.clone();
            if let Some(binary) = &frame.binary {
                label.push_str(" (in ");
                label.push_str(binary);
                label.push(')');
            }
            if let Some(file) = &frame.file {
                label.push_str(" (");
                label.push_str(file);
                if let Some(line) = frame.line {
                    label.push(':');
                    label.push_str(&line.to_string());
                }
                label.push(')');
            }
            let label = profile.intern_string(&label);
            profile.intern_frame(
                thread,
                FrameInfo {
                    frame: Frame::Label(label),
                    category_pair: if frame.is_blame { blamed } else { other },
                    flags: FrameFlags::empty(),
                },
            )
        })
        .collect();
    let mut stacks: Vec<StackHandle> = Vec::with_capacity(tree.len());
    let mut time_ms = 0u64;
    for node in 0..tree.len() {
        let above = tree.parent[node];
        let above = if above == StackTree::ROOT { None } else { Some(stacks[above as usize]) };
        let stack = profile.intern_stack(thread, above, frames[tree.frame[node] as usize]);
        stacks.push(stack);
        let mut left = tree.own[node];
        if left > MAX_WEIGHT * MAX_PIECES {
            return Err(ProfileError::CountTooLarge { samples: left });
        }
        while left > 0 {
            let piece = left.min(MAX_WEIGHT);
            let time = Timestamp::from_millis_since_reference(time_ms as f64);
            profile.add_sample(thread, time, Some(stack), CpuDelta::ZERO, piece as i32);
            time_ms += 1;
            left -= piece;
        }
    }
    write_compact(&profile, out).map_err(|error| ProfileError::Io(error.into()))
}
