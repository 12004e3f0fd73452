//! The tables of a shard: every document in columns, so that nothing of it is lost and anybody can read it.
//!
//! `document` is the row of [`Documents`] that a row belongs to; rows stand in the order of the documents, and within one as the document
//! has them. Where a row is of a part of its document (a dataset, an insight), it says which one, counted from 0 within the document.

use super::columns::{Column, Fault};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use perfpower_model::{Day, NameId, Names};
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// A table of a shard.
pub(super) trait Table: Default {
    /// The name of its file, less the ending.
    const NAME: &'static str;

    /// What it is, for those who read it without this program.
    fn meaning() -> TableMeaning;

    /// Its rows.
    fn batch(&self, names: &Names) -> Result<RecordBatch, Fault>;

    /// Adds rows.
    fn read(&mut self, batch: &RecordBatch, names: &mut Names) -> Result<(), Fault>;
}

type Texts = Vec<Option<NameId>>;

/// What a table is, as `schema.json` says it.
#[derive(Debug, Serialize)]
pub(super) struct TableMeaning {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) columns: Vec<ColumnMeaning>,
}

/// What a column is.
#[derive(Debug, Serialize)]
pub(super) struct ColumnMeaning {
    name: String,
    /// `text`, `number`, `count`, `flag` or `day`.
    r#type: &'static str,
    /// Whether a row may have none.
    nullable: bool,
    meaning: &'static str,
}

impl ColumnMeaning {
    fn new(field: &Field, meaning: &'static str) -> Self {
        let r#type = match field.data_type() {
            DataType::Float64 => "number",
            DataType::UInt32 | DataType::UInt64 => "count",
            DataType::Boolean => "flag",
            DataType::Date32 => "day",
            _ => "text",
        };
        Self { name: field.name().clone(), r#type, nullable: field.is_nullable(), meaning }
    }
}

macro_rules! table {
    ($(#[doc = $doc:literal])* $table:ident $name:literal { $($(#[doc = $meaning:literal])* $column:ident: $type:ty,)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Default)]
        pub(super) struct $table {
            $($(#[doc = $meaning])* pub(super) $column: $type,)*
        }

        impl Table for $table {
            const NAME: &'static str = $name;

            fn meaning() -> TableMeaning {
                TableMeaning {
                    name: $name,
                    meaning: concat!($($doc),*).trim(),
                    columns: vec![$(ColumnMeaning::new(
                        &<$type as Column>::field(stringify!($column)),
                        concat!($($meaning),*).trim(),
                    )),*],
                }
            }

            fn batch(&self, names: &Names) -> Result<RecordBatch, Fault> {
                let fields = vec![$(<$type as Column>::field(stringify!($column))),*];
                Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![$(self.$column.array(names)),*])?)
            }

            fn read(&mut self, batch: &RecordBatch, names: &mut Names) -> Result<(), Fault> {
                $(
                    let column = batch.column_by_name(stringify!($column));
                    let column = column.ok_or_else(|| Fault(format!("no column {}", stringify!($column))))?;
                    self.$column.read(column, names)?;
                )*
                Ok(())
            }
        }
    };
}

macro_rules! tables {
    ($($(#[doc = $doc:literal])* $table:ident $name:literal { $($(#[doc = $meaning:literal])* $column:ident: $type:ty,)* })*) => {
        $(table! { $(#[doc = $doc])* $table $name { $($(#[doc = $meaning])* $column: $type,)* } })*

        /// All tables of a shard.
        #[derive(Debug, Default)]
        #[expect(non_snake_case, reason = "each table once, by the name of its type")]
        pub(super) struct Tables {
            $(pub(super) $table: $table,)*
        }

        impl Tables {
            /// What each is.
            pub(super) fn meanings() -> Vec<TableMeaning> {
                vec![$($table::meaning()),*]
            }

            /// Gives each table to be written, with its name.
            pub(super) fn write_each(
                &self,
                names: &Names,
                mut write: impl FnMut(&'static str, &RecordBatch) -> Result<(), Fault>,
            ) -> Result<(), Fault> {
                $(write($table::NAME, &self.$table.batch(names)?)?;)*
                Ok(())
            }

            /// Reads each table, whose batches are asked for by its name.
            pub(super) fn read_each<B: Iterator<Item = Result<RecordBatch, Fault>>>(
                names: &mut Names,
                mut batches: impl FnMut(&'static str) -> Result<B, Fault>,
            ) -> Result<Self, Fault> {
                let mut tables = Self::default();
                $(
                    for batch in batches($table::NAME)? {
                        tables.$table.read(&batch?, names)?;
                    }
                )*
                Ok(tables)
            }
        }
    };
}

table! {
    /// Every document that was packed, and what a reader of the archive must know beside: the one table that says what the store holds.
    LedgerTable "ledger" {
        /// What the row is: `document`, which is a file or a member of a container; `problem`, what could not be listed; `skipped`, a file that is no
        /// document; `empty`, a directory in which nothing lies; `root`, what was given.
        row: Texts,
        /// As it was given and found.
        path: Texts,
        /// Bytes as stored.
        size: Vec<Option<u64>>,
        /// When it was last written: the day, and the second of that day.
        modified_day: Vec<Option<Day>>,
        /// See the column before.
        modified_second: Vec<Option<u32>>,
        /// The steps that lead to what was given, and those from there down, as JSON: names, each with whether it is a container.
        above: Texts,
        /// See the column before.
        below: Texts,
        /// The name of the file.
        file_name: Texts,
        /// Whether it was given by its own path.
        is_lone: Vec<bool>,
        /// Whether it is a file as it is, not packed in any way.
        is_plain: Vec<bool>,
        /// Of its bytes, unpacked: 128 bits of xxHash 3, in hexadecimal digits.
        hash: Texts,
        /// Unpacked.
        bytes: Vec<Option<u64>>,
        /// Where its documents are: the directory, and the number of the file in `documents`.
        shard: Texts,
        /// See the column before.
        file: Vec<Option<u32>>,
        /// How many documents it holds.
        documents: Vec<Option<u32>>,
        /// What its first document is.
        kind: Texts,
        /// Whose it is and of which day, by its path alone; what the bodies say is decided anew whenever the store is read.
        app: Texts,
        /// See the column before.
        snapshot: Vec<Option<Day>>,
        /// Why it could not be unpacked, or what is wrong.
        severity: Texts,
        /// Stable word for programs.
        code: Texts,
        /// What was found, and what was expected.
        message: Texts,
        /// What usually cures it.
        hint: Texts,
        /// Whether a skipped file may have been meant as a download.
        may_be_download: Vec<bool>,
    }
}

tables! {
    /// One row for each document.
    Documents "documents" {
        /// Its row, counted from 0: what other tables call it by.
        document: Vec<u32>,
        /// The file that it is of: the row of the ledger with this shard and this number.
        file: Vec<u32>,
        /// Its position in the file: an envelope may hold several, and a body several products.
        position: Vec<u32>,
        /// What it is, such as `xcodeMetrics`.
        kind: Texts,
        /// What was asked for, where that shows in a body that holds nothing.
        asked_for: Texts,
        /// What the body says of its own app: the bundle id,
        bundle_id: Texts,
        /// Apple's number of it,
        apple_id: Texts,
        /// the platform,
        platform: Texts,
        /// Apple's id of the build,
        build_id: Texts,
        /// the version that an overview calls the latest,
        latest_version: Texts,
        /// and what a product is called that is not the app itself.
        product: Texts,
        /// The day that the body itself says it is of.
        day: Vec<Option<Day>>,
        /// Address of the next page of signatures; null = this is the last.
        next_page: Texts,
        /// How many signatures all pages together have, as this one says.
        signatures_in_all: Vec<Option<u64>>,
        /// The address that it was got from, where its envelope tells.
        url: Texts,
        /// The day that its envelope tells.
        received: Vec<Option<Day>>,
    }
    /// The distinct texts of each document, in their order of first appearance.
    DocumentTexts "texts" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// The text.
        text: Texts,
    }
    /// What was round a body, outermost first.
    Layers "layers" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Such as `gzip`, `http_headers` or `field`.
        layer: Texts,
        /// The name of the field, where it is one.
        field: Texts,
        /// Which of several it is, counted from 0.
        index: Vec<Option<u64>>,
        /// How many there are of it.
        count: Vec<Option<u64>>,
    }
    /// What could not be read of a document.
    Problems "problems" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// `error`, `warning` or `note`.
        severity: Texts,
        /// Stable word for programs.
        code: Texts,
        /// JSON path; empty = the whole document.
        at: Texts,
        /// 1-based.
        line: Vec<Option<u32>>,
        /// 1-based.
        column: Vec<Option<u32>>,
        /// What was found, and what was expected.
        message: Texts,
        /// What usually cures it.
        hint: Texts,
    }
    /// How often a document has a field that the known schema has not (`is_known` = false), or has.
    Fields "fields" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Such as `productData[].platform`.
        path: Texts,
        /// Whether the schema knows it.
        is_known: Vec<bool>,
        /// How often.
        seen: Vec<u64>,
    }
    /// What a document of `MetricKit` holds, by Apple's names.
    Payloads "payloads" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Such as `hangDiagnostics`.
        payload: Texts,
        /// How many there are of it.
        count: Vec<u64>,
    }
    /// What was measured.
    Metrics "metrics" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's it is, counted from 0: what other tables call it by.
        at: Vec<u32>,
        /// Such as `LAUNCH`.
        category: Texts,
        /// Such as `launchTime`.
        metric: Texts,
        /// Unit for programs.
        unit: Texts,
        /// Unit for eyes.
        unit_label: Texts,
        /// Its goal bounds: rows of the document in `goal_bounds`, from the first to one past the last.
        goal_bounds_start: Vec<u32>,
        /// See the column before.
        goal_bounds_end: Vec<u32>,
    }
    /// The range of values that carries one goal label.
    GoalBounds "goal_bounds" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Apple's goal label.
        goal: Texts,
        /// Inclusive; null = open.
        lower: Vec<Option<f64>>,
        /// Exclusive; null = open.
        upper: Vec<Option<f64>>,
    }
    /// One population of one metric.
    Datasets "datasets" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's it is, counted from 0: what other tables call it by.
        at: Vec<u32>,
        /// Which of the document's metrics.
        metric: Vec<u32>,
        /// Such as `iOS`.
        platform: Texts,
        /// Such as `all_iphones` or `iPhone12,1`.
        device: Texts,
        /// Such as `iPhone 11`.
        device_label: Texts,
        /// Apple's label, such as `percentile.fifty`.
        percentile: Texts,
        /// Apple's recommended goal, in the metric's unit.
        recommended: Vec<Option<f64>>,
        /// Apple's words for it.
        recommended_detail: Texts,
        /// Its points: rows of the document in `points`, from the first to one past the last.
        points_start: Vec<u32>,
        /// See the column before.
        points_end: Vec<u32>,
    }
    /// The values of versions, in the order of their datasets.
    Points "points" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's datasets it is of; null = of none.
        dataset: Vec<Option<u32>>,
        /// App version.
        version: Texts,
        /// In the metric's unit.
        value: Vec<f64>,
        /// Half width of Apple's margin; null = none, which means plenty of data.
        margin: Vec<Option<f64>>,
        /// Apple's goal label.
        goal: Texts,
    }
    /// What part of a point one sub-system contributes.
    Breakdown "breakdown" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's points.
        point: Vec<u32>,
        /// Such as `networking`.
        subsystem: Texts,
        /// Of the point's value.
        percent: Vec<f64>,
    }
    /// Apple's insights.
    Insights "insights" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's it is, counted from 0: what other tables call it by.
        at: Vec<u32>,
        /// `regressions` or `trendingUp`.
        list: Texts,
        /// Such as `LAUNCH`.
        category: Texts,
        /// Such as `launchTime`.
        metric: Texts,
        /// The version that Apple speaks of.
        latest_version: Texts,
        /// Highest latest value over the populations.
        max_latest_value: Vec<Option<f64>>,
        /// Such as `networking`.
        subsystem: Texts,
        /// Apple's flag.
        high_impact: Vec<Option<bool>>,
        /// Apple's sentence.
        summary: Texts,
    }
    /// The versions that an insight compares with.
    InsightReferences "insight_references" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's insights.
        insight: Vec<u32>,
        /// App version.
        version: Texts,
    }
    /// The populations that an insight holds for.
    InsightPopulations "insight_populations" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's insights.
        insight: Vec<u32>,
        /// Such as `all_iphones` or `iPhone12,1`.
        device: Texts,
        /// Apple's label, such as `percentile.fifty`.
        percentile: Texts,
        /// Mean of the reference versions.
        reference_average: Vec<Option<f64>>,
        /// Value of the latest version.
        latest: Vec<Option<f64>>,
        /// Percent over the reference average.
        delta_percent: Vec<Option<f64>>,
        /// Apple's sentence.
        summary: Texts,
    }
    /// Apple's diagnostic signatures.
    Signatures "signatures" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's it is, counted from 0: what other tables call it by.
        at: Vec<u32>,
        /// Apple's id.
        id: Texts,
        /// Such as `DISK_WRITES`.
        diagnostic_type: Texts,
        /// The text.
        text: Texts,
        /// Share of its type, 0 to 1.
        weight: Vec<Option<f64>>,
        /// Whether Apple gives a trend at all.
        has_trend: Vec<bool>,
        /// Apple's trend.
        direction: Texts,
        /// How many there are of it.
        count: Vec<Option<u64>>,
        /// Source file.
        file: Texts,
        /// 1-based.
        line: Vec<Option<u32>>,
    }
    /// Values of earlier versions, as Apple gives them beside a trend.
    SignatureReferences "signature_references" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's signatures.
        signature: Vec<u32>,
        /// App version.
        version: Texts,
        /// In the metric's unit.
        value: Vec<f64>,
    }
    /// Diagnostic logs: what a device says of an event.
    Logs "logs" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// The signature that it belongs to.
        signature: Texts,
        /// Bundle id of the app.
        bundle_id: Texts,
        /// App version.
        app_version: Texts,
        /// Build number.
        build_version: Texts,
        /// Such as `iPhone OS 18.1 (22B83)`.
        os_version: Texts,
        /// Such as `all_iphones` or `iPhone12,1`.
        device: Texts,
        /// Such as `arm64`.
        architecture: Texts,
        /// Such as `disk writes`.
        event: Texts,
        /// Such as `Total of 1073.76 MB of disk writes`.
        event_detail: Texts,
        /// Such as `1073.76 MB`.
        writes_caused: Texts,
        /// Whether each root is the stack of one thread.
        per_thread: Vec<Option<bool>>,
        /// Its call stacks: rows of the document in `nodes`, from the first to one past the last.
        nodes_start: Vec<u32>,
        /// See the column before.
        nodes_end: Vec<u32>,
    }
    /// The distinct frames of a document.
    Frames "frames" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's it is, counted from 0: what other tables call it by.
        at: Vec<u32>,
        /// Function; null = not symbolicated.
        symbol: Texts,
        /// Such as `UIKitCore`.
        binary: Texts,
        /// Build id of the binary, where there is no symbol.
        binary_uuid: Texts,
        /// Source file.
        file: Texts,
        /// 1-based.
        line: Vec<Option<u32>>,
        /// Offset into the binary's text segment, where there is no symbol.
        text_offset: Vec<Option<u64>>,
        /// Apple's category of a culprit frame.
        advice_category: Texts,
        /// Whether Apple holds the app responsible for it.
        is_blame: Vec<bool>,
    }
    /// The call trees, a parent before its children.
    Nodes "nodes" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Which of the document's it is, counted from 0: what other tables call it by.
        at: Vec<u32>,
        /// Which of the document's frames.
        frame: Vec<u32>,
        /// Which of the document's nodes; null = a root.
        parent: Vec<Option<u32>>,
        /// Those of its children included.
        samples: Vec<u64>,
        /// Load address.
        address: Vec<Option<u64>>,
    }
    /// The threads of logs that tell one from another.
    Threads "threads" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// Its rows of the document in `nodes`, from the first to one past the last.
        nodes_start: Vec<u32>,
        /// See the column before.
        nodes_end: Vec<u32>,
        /// `attributed`, `beside` or `idle`.
        role: Texts,
    }
    /// Apple's advice for signatures.
    Advice "advice" {
        /// The row of `documents` that it belongs to, counted from 0.
        document: Vec<u32>,
        /// The signature that it belongs to.
        signature: Texts,
        /// Such as `LAUNCH`.
        category: Texts,
        /// The text.
        text: Texts,
        /// Where Apple explains it.
        url: Texts,
    }
}

/// Where the rows of each document begin and end.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<u32>);

impl Rows {
    /// Of a column that says the document of each row. Refused where the rows are not in the order of the documents, or are of more than there are.
    pub(super) fn of(document: &[u32], documents: usize) -> Result<Self, Fault> {
        if !document.is_sorted() || document.last().is_some_and(|last| *last as usize >= documents) {
            return Err(Fault("rows that are of no document, or not in the order of the documents".to_owned()));
        }
        let mut starts = Vec::with_capacity(documents + 1);
        let mut row = 0;
        for own in 0..=documents as u32 {
            while document.get(row).is_some_and(|of| *of < own) {
                row += 1;
            }
            starts.push(row as u32);
        }
        Ok(Self(starts))
    }

    pub(super) fn of_document(&self, document: usize) -> Range<usize> {
        self.0[document] as usize..self.0[document + 1] as usize
    }
}
