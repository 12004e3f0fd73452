//! Apple's diagnostic signatures: recurring call patterns, weighted.

use crate::NameId;
use std::num::NonZeroU32;

/// One signature of a `diagnosticSignatures` page or of an overview.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    /// Apple's id; the same id may or may not come back in the next build.
    pub id: Option<NameId>,
    /// `DISK_WRITES`, `HANGS`, `LAUNCHES`, or one never seen.
    pub diagnostic_type: Option<NameId>,
    /// The call pattern, such as `ExampleApp: -[TemporaryFile appendData:] + 100`.
    pub text: Option<NameId>,
    /// Share of all writes, hang time or launch time of the build, 0..=1; absent where Apple gives none.
    pub weight: Option<f64>,
    /// Apple's trend over versions.
    pub trend: Option<SignatureTrend>,
    /// How often it was seen; overviews only.
    pub count: Option<u64>,
    /// Source file; overviews only.
    pub file: Option<NameId>,
    /// 1-based line; overviews only.
    pub line: Option<NonZeroU32>,
}

/// Apple's own view of how a signature moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignatureTrend {
    /// `UP`, `DOWN`, `UNDEFINED`, or one never seen.
    pub direction: Option<NameId>,
    /// The versions and values behind it.
    pub references: Vec<ReferenceValue>,
}

/// A value of an earlier version, as Apple gives it beside a trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceValue {
    /// App version.
    pub version: NameId,
    /// Unit not documented.
    pub value: f64,
}
