//! The tables of a shard: every document in columns, so that nothing of it is lost and anybody can read it.
//!
//! `document` is the row of [`Documents`] that a row belongs to; rows stand in the order of the documents, and within one as the document
//! has them. Where a row is of a part of its document (a dataset, an insight), it says which one, counted from 0 within the document.

use super::columns::{Column, Fault};
use arrow_array::RecordBatch;
use arrow_schema::Schema;
use perfpower_model::{Day, NameId, Names};
use std::ops::Range;
use std::sync::Arc;

/// A table of a shard.
pub(super) trait Table: Default {
    /// The name of its file, less the ending.
    const NAME: &'static str;

    /// Its rows.
    fn batch(&self, names: &Names) -> Result<RecordBatch, Fault>;

    /// Adds rows.
    fn read(&mut self, batch: &RecordBatch, names: &mut Names) -> Result<(), Fault>;
}

type Texts = Vec<Option<NameId>>;

macro_rules! table {
    ($(#[$doc:meta])* $table:ident $name:literal { $($(#[$meaning:meta])* $column:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $table {
            $($(#[$meaning])* pub(super) $column: $type,)*
        }

        impl Table for $table {
            const NAME: &'static str = $name;

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
    ($($(#[$doc:meta])* $table:ident $name:literal { $($(#[$meaning:meta])* $column:ident: $type:ty,)* })*) => {
        $(table! { $(#[$doc])* $table $name { $($(#[$meaning])* $column: $type,)* } })*

        /// All tables of a shard.
        #[derive(Debug, Default)]
        #[expect(non_snake_case, reason = "each table once, by the name of its type")]
        pub(super) struct Tables {
            $(pub(super) $table: $table,)*
        }

        impl Tables {
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
            pub(super) fn read_each(
                names: &mut Names,
                mut batches: impl FnMut(&'static str) -> Result<Vec<RecordBatch>, Fault>,
            ) -> Result<Self, Fault> {
                let mut tables = Self::default();
                $(
                    for batch in batches($table::NAME)? {
                        tables.$table.read(&batch, names)?;
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
        size: Vec<Option<u64>>,
        /// When it was last written: the day, and the second of that day.
        modified_day: Vec<Option<Day>>,
        modified_second: Vec<Option<u32>>,
        /// The steps that lead to what was given, and those from there down, as JSON: names, each with whether it is a container.
        above: Texts,
        below: Texts,
        file_name: Texts,
        is_lone: Vec<bool>,
        /// Whether it is a file as it is, not packed in any way.
        is_plain: Vec<bool>,
        /// Of its bytes, unpacked: 128 bits of xxHash 3, in hexadecimal digits.
        hash: Texts,
        /// Unpacked.
        bytes: Vec<Option<u64>>,
        /// Where its documents are: the directory, and the number of the file in `documents`.
        shard: Texts,
        file: Vec<Option<u32>>,
        documents: Vec<Option<u32>>,
        /// What its first document is.
        kind: Texts,
        /// Whose it is and of which day, by its path alone; what the bodies say is decided anew whenever the store is read.
        app: Texts,
        snapshot: Vec<Option<Day>>,
        /// Why it could not be unpacked, or what is wrong.
        severity: Texts,
        code: Texts,
        message: Texts,
        hint: Texts,
        /// Whether a skipped file may have been meant as a download.
        may_be_download: Vec<bool>,
    }
}

tables! {
    /// One row for each document.
    Documents "documents" {
        /// The file that it is of: the row of the ledger with this shard and this number.
        file: Vec<u32>,
        /// Its position in the file: an envelope may hold several, and a body several products.
        position: Vec<u32>,
        /// What it is, such as `xcodeMetrics`.
        kind: Texts,
        /// What was asked for, where that shows in a body that holds nothing.
        asked_for: Texts,
        bundle_id: Texts,
        apple_id: Texts,
        platform: Texts,
        build_id: Texts,
        latest_version: Texts,
        product: Texts,
        /// The day that the body itself says it is of.
        day: Vec<Option<Day>>,
        next_page: Texts,
        signatures_in_all: Vec<Option<u64>>,
        /// The address that it was got from, where its envelope tells.
        url: Texts,
        /// The day that its envelope tells.
        received: Vec<Option<Day>>,
    }
    /// The distinct texts of each document, in their order of first appearance.
    DocumentTexts "texts" {
        document: Vec<u32>,
        text: Texts,
    }
    /// What was round a body, outermost first.
    Layers "layers" {
        document: Vec<u32>,
        layer: Texts,
        field: Texts,
        index: Vec<Option<u64>>,
        count: Vec<Option<u64>>,
    }
    /// What could not be read of a document.
    Problems "problems" {
        document: Vec<u32>,
        severity: Texts,
        code: Texts,
        at: Texts,
        line: Vec<Option<u32>>,
        column: Vec<Option<u32>>,
        message: Texts,
        hint: Texts,
    }
    /// How often a document has a field that the known schema has not (`is_known` = false), or has.
    Fields "fields" {
        document: Vec<u32>,
        path: Texts,
        is_known: Vec<bool>,
        seen: Vec<u64>,
    }
    /// What a MetricKit document holds, by Apple's names.
    Payloads "payloads" {
        document: Vec<u32>,
        payload: Texts,
        count: Vec<u64>,
    }
    Metrics "metrics" {
        document: Vec<u32>,
        category: Texts,
        metric: Texts,
        unit: Texts,
        unit_label: Texts,
        /// Its goal bounds: rows of the document in `goal_bounds`, from the first to one past the last.
        goal_bounds_start: Vec<u32>,
        goal_bounds_end: Vec<u32>,
    }
    GoalBounds "goal_bounds" {
        document: Vec<u32>,
        goal: Texts,
        lower: Vec<Option<f64>>,
        upper: Vec<Option<f64>>,
    }
    /// One population of one metric.
    Datasets "datasets" {
        document: Vec<u32>,
        /// Which of the document's metrics.
        metric: Vec<u32>,
        platform: Texts,
        device: Texts,
        device_label: Texts,
        percentile: Texts,
        recommended: Vec<Option<f64>>,
        recommended_detail: Texts,
        /// Its points: rows of the document in `points`, from the first to one past the last.
        points_start: Vec<u32>,
        points_end: Vec<u32>,
    }
    Points "points" {
        document: Vec<u32>,
        version: Texts,
        value: Vec<f64>,
        /// Half width of Apple's margin; null = none, which means plenty of data.
        margin: Vec<Option<f64>>,
        goal: Texts,
    }
    Breakdown "breakdown" {
        document: Vec<u32>,
        /// Which of the document's points.
        point: Vec<u32>,
        subsystem: Texts,
        percent: Vec<f64>,
    }
    Insights "insights" {
        document: Vec<u32>,
        /// `regressions` or `trendingUp`.
        list: Texts,
        category: Texts,
        metric: Texts,
        latest_version: Texts,
        max_latest_value: Vec<Option<f64>>,
        subsystem: Texts,
        high_impact: Vec<Option<bool>>,
        summary: Texts,
    }
    InsightReferences "insight_references" {
        document: Vec<u32>,
        /// Which of the document's insights.
        insight: Vec<u32>,
        version: Texts,
    }
    InsightPopulations "insight_populations" {
        document: Vec<u32>,
        /// Which of the document's insights.
        insight: Vec<u32>,
        device: Texts,
        percentile: Texts,
        reference_average: Vec<Option<f64>>,
        latest: Vec<Option<f64>>,
        delta_percent: Vec<Option<f64>>,
        summary: Texts,
    }
    Signatures "signatures" {
        document: Vec<u32>,
        id: Texts,
        diagnostic_type: Texts,
        text: Texts,
        weight: Vec<Option<f64>>,
        /// Whether Apple gives a trend at all.
        has_trend: Vec<bool>,
        direction: Texts,
        count: Vec<Option<u64>>,
        file: Texts,
        line: Vec<Option<u32>>,
    }
    SignatureReferences "signature_references" {
        document: Vec<u32>,
        /// Which of the document's signatures.
        signature: Vec<u32>,
        version: Texts,
        value: Vec<f64>,
    }
    Logs "logs" {
        document: Vec<u32>,
        signature: Texts,
        bundle_id: Texts,
        app_version: Texts,
        build_version: Texts,
        os_version: Texts,
        device: Texts,
        architecture: Texts,
        event: Texts,
        event_detail: Texts,
        writes_caused: Texts,
        per_thread: Vec<Option<bool>>,
        /// Its call stacks: rows of the document in `nodes`, from the first to one past the last.
        nodes_start: Vec<u32>,
        nodes_end: Vec<u32>,
    }
    /// The distinct frames of a document.
    Frames "frames" {
        document: Vec<u32>,
        symbol: Texts,
        binary: Texts,
        binary_uuid: Texts,
        file: Texts,
        line: Vec<Option<u32>>,
        text_offset: Vec<Option<u64>>,
        advice_category: Texts,
        is_blame: Vec<bool>,
    }
    /// The call trees, a parent before its children.
    Nodes "nodes" {
        document: Vec<u32>,
        /// Which of the document's frames.
        frame: Vec<u32>,
        /// Which of the document's nodes; null = a root.
        parent: Vec<Option<u32>>,
        /// Those of its children included.
        samples: Vec<u64>,
        address: Vec<Option<u64>>,
    }
    Threads "threads" {
        document: Vec<u32>,
        nodes_start: Vec<u32>,
        nodes_end: Vec<u32>,
        /// `attributed`, `beside` or `idle`.
        role: Texts,
    }
    Advice "advice" {
        document: Vec<u32>,
        signature: Texts,
        category: Texts,
        text: Texts,
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
