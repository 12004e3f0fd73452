//! Logs and signatures to answers: which call paths cost most, what is new or grown, which frame is to blame.
//!
//! | module | turns | into |
//! |---|---|---|
//! | `stacks` | documents with logs | one arena of distinct call paths, and a row per log: [`StackTable`] |
//! | `tree` | some of those logs | a merged call tree in a fixed order: [`StackTree`] |
//! | `blame` | some of those logs | functions by self and inclusive cost: [`Ranking`] |
//! | `difference` | two choices of logs | paths that moved, and whether the logs can tell: [`Difference`] |
//! | `follow` | pages of signatures | each signature over versions, with Apple's trend: [`Followed`] |
//! | `link` | a finding of a metric | signatures and paths that grew with it, or why there are none: [`Link`] |
//! | `axis` | a log | what it can be grouped by: [`Axis`] |
//! | `quantity` | `1073.76 MB`, `20秒` | bytes and seconds: [`Quantity`] |
//! | `spread` | the amounts of some logs | percentiles per version, device, system: [`Spread`] |
//! | `owner` | a frame | the team it belongs to: [`Owners`] |
//! | `symbol` | a linker name | a readable name, and one that is stable over builds |
//! | `view` | a choice of logs and signatures | every question asked of it once: [`StacksView`] |
//!
//! Nothing here recurses over its input: a stack may be as deep as the parser lets it be.

mod axis;
mod blame;
mod column;
mod difference;
mod follow;
mod link;
#[cfg(test)]
mod merge_tests;
mod owner;
mod quantity;
#[cfg(test)]
mod sample_logs;
mod spread;
mod stacks;
mod symbol;
mod tree;
mod view;

pub use axis::{Axis, DiagnosticType};
pub use blame::{FoundAdvice, Place, Ranked, RankedFrame, Ranking};
pub use difference::{Difference, DifferenceOptions, Evidence, MIN_LOGS_A_SIDE, MovedPath, Movement, Side};
pub use follow::{
    FollowOptions, Followed, FollowedSignature, Release, ReleaseName, Sighting, SignatureBook, WeightSum,
    redacted_pattern,
};
pub use link::{Link, LinkQuery, Silence, blame_frame, link};
pub use owner::{OwnerCost, OwnerField, OwnerRule, Owners};
pub use quantity::{Dimension, Quantity};
pub use spread::{CONFIDENCE, Spread, UnreadAmount};
pub use stacks::{MAX_FRAME_SAMPLES, StackLog, StackLosses, StackTable};
pub use symbol::{demangled, identity as symbol_identity};
pub use tree::{BLANK, FrameKey, PairedTree, StackFrame, StackTree};
pub use view::{Amounts, StacksApp, StacksGroup, StacksQuery, StacksView, signature_name};
