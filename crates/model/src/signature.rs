//! Apple's diagnostic signatures: recurring call patterns, weighted.

use crate::NameId;

/// One signature of a `diagnosticSignatures` page or of an overview.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Apple's id; the same id may or may not come back in the next build.
    pub id: NameId,
    /// `DISK_WRITES`, `HANGS`, `LAUNCHES`, or one never seen.
    pub diagnostic_type: NameId,
    /// The call pattern, such as `ExampleApp: -[TemporaryFile appendData:] + 100`.
    pub text: NameId,
    /// Share of all writes, hang time or launch time of the build, 0..=1; absent where Apple gives none.
    pub weight: Option<f64>,
    /// Apple's trend over versions.
    pub trend: Option<SignatureTrend>,
    /// How often it was seen; overviews only.
    pub count: Option<u64>,
    /// Source file; overviews only.
    pub file: NameId,
    /// 1-based line; overviews only.
    pub line: Option<u32>,
}

/// Apple's own view of how a signature moved.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureTrend {
    /// `UP`, `DOWN`, `UNDEFINED`, or one never seen.
    pub direction: NameId,
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
