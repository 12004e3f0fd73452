//! The tables of a shard to its documents, as they were read the first time.

use super::columns::Fault;
use super::tables::{Rows, Tables};
use super::write::role_word;
use perfpower_model::{
    AppleInsight, BodyIdentity, BreakdownShare, CallTree, Dataset, DiagnosticAdvice, DiagnosticLog, Document, Drift,
    Frame, GoalBound, InsightList, InsightPopulation, Kind, LogMetadata, Metric, MetricTable, NameId, Names,
    PointColumns, Problem, RecommendedGoal, ReferenceValue, Severity, Signature, SignatureTrend, TextPlace, ThreadRole,
    ThreadStack,
};
use perfpower_parse::{Envelope, Layer, Parsed};
use std::collections::BTreeSet;
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A shard in memory.
#[derive(Debug)]
pub(super) struct Shard {
    tables: Tables,
    names: Names,
    rows: ShardRows,
    /// By number of the file.
    files: Rows,
}

macro_rules! shard_rows {
    ($($table:ident)*) => {
        /// Where the rows of each document begin and end, by table.
        #[derive(Debug)]
        #[expect(non_snake_case, reason = "each table once, by the name of its type")]
        struct ShardRows {
            $($table: Rows,)*
        }

        impl ShardRows {
            fn of(tables: &Tables) -> Result<Self, Fault> {
                let documents = tables.Documents.file.len();
                Ok(Self { $($table: Rows::of(&tables.$table.document, documents)?,)* })
            }
        }
    };
}

shard_rows! {
    DocumentTexts Layers Problems Fields Payloads Metrics GoalBounds Datasets Points Breakdown Insights InsightReferences InsightPopulations
    Signatures SignatureReferences Logs Frames Nodes Threads Advice
}

impl Shard {
    /// Of tables that hold the documents of so many files.
    pub(super) fn new(tables: Tables, names: Names, files: usize) -> Result<Self, Fault> {
        let rows = ShardRows::of(&tables)?;
        let files = Rows::of(&tables.Documents.file, files)?;
        Ok(Self { tables, names, rows, files })
    }

    /// The documents of a file, each with its position in it; with the counts of known fields where these are asked for.
    pub(super) fn documents(&self, file: u32, counts_known: bool) -> Result<Vec<(u32, Parsed)>, Fault> {
        let documents = self.files.of_document(file as usize);
        documents.map(|at| Ok((self.tables.Documents.position[at], self.document(at, counts_known)?))).collect()
    }

    fn document(&self, at: usize, counts_known: bool) -> Result<Parsed, Fault> {
        let mut names = Names::new();
        let texts = &self.tables.DocumentTexts.text[self.rows.DocumentTexts.of_document(at)];
        let mut own: Vec<(NameId, NameId)> = Vec::with_capacity(texts.len());
        for id in texts {
            let id = id.ok_or_else(|| Fault("a text that is none".to_owned()))?;
            own.push((id, names.intern(self.names.text(id))));
        }
        own.sort_unstable();
        let reader = DocumentReader { shard: self, at, counts_known, own: Own::of(own) };
        reader.read(names)
    }
}

/// What the texts of a shard are in one document.
struct Own {
    /// Sorted by the handle of the shard.
    pairs: Vec<(NameId, NameId)>,
    /// By position in the shard's names, where these are few enough to be worth it.
    by_position: Vec<Option<NameId>>,
}

impl Own {
    fn of(pairs: Vec<(NameId, NameId)>) -> Self {
        /// A table that is this many times as long as what is in it costs more to make than searching does.
        const MOST: usize = 64;
        let length = pairs.last().map_or(0, |(last, _)| last.index() + 1);
        let mut by_position = Vec::new();
        if length <= MOST * pairs.len() {
            by_position.resize(length, None);
            for &(shard, own) in &pairs {
                by_position[shard.index()] = Some(own);
            }
        }
        Self { pairs, by_position }
    }

    #[inline]
    fn get(&self, id: NameId) -> Option<NameId> {
        if !self.by_position.is_empty() {
            return self.by_position.get(id.index()).copied().flatten();
        }
        let at = self.pairs.binary_search_by_key(&id, |(shard, _)| *shard).ok()?;
        Some(self.pairs[at].1)
    }
}

struct DocumentReader<'a> {
    shard: &'a Shard,
    /// Its row.
    at: usize,
    counts_known: bool,
    own: Own,
}

fn missing(what: &str) -> Fault {
    Fault(format!("a row without {what}"))
}

fn range(start: u32, end: u32, rows: usize) -> Result<Range<u32>, Fault> {
    if start <= end && end as usize <= rows {
        return Ok(start..end);
    }
    Err(Fault(format!("rows {start} to {end} of {rows}")))
}

impl DocumentReader<'_> {
    fn some(&self, id: Option<NameId>) -> Option<NameId> {
        self.own.get(id?)
    }

    fn id(&self, id: Option<NameId>, what: &str) -> Result<NameId, Fault> {
        self.some(id).ok_or_else(|| missing(what))
    }

    fn text(&self, id: Option<NameId>) -> Option<&str> {
        self.shard.names.get(id)
    }

    fn read(self, names: Names) -> Result<Parsed, Fault> {
        let at = self.at;
        let table = &self.shard.tables.Documents;
        let kind = |id: Option<NameId>| Kind::ALL.into_iter().find(|kind| Some(kind.as_str()) == self.text(id));
        let document = Document {
            kind: kind(table.kind[at]).ok_or_else(|| missing("a kind"))?,
            asked_for: kind(table.asked_for[at]),
            identity: BodyIdentity {
                bundle_id: self.some(table.bundle_id[at]),
                apple_id: self.some(table.apple_id[at]),
                platform: self.some(table.platform[at]),
                build_id: self.some(table.build_id[at]),
                latest_version: self.some(table.latest_version[at]),
                product: self.some(table.product[at]),
            },
            day: table.day[at],
            metrics: self.metrics()?,
            insights: self.insights()?,
            signatures: self.signatures()?,
            next_page: self.some(table.next_page[at]),
            signatures_in_all: table.signatures_in_all[at],
            logs: self.logs()?,
            call_tree: self.tree()?,
            advice: self.advice(),
            payloads: self.payloads(),
            problems: self.problems()?,
            drift: self.drift(),
            names,
        };
        let envelope = Envelope {
            layers: self.layers()?,
            url: self.text(table.url[at]).map(str::to_owned),
            day: table.received[at],
        };
        Ok(Parsed { document, envelope })
    }

    fn layers(&self) -> Result<Vec<Layer>, Fault> {
        let table = &self.shard.tables.Layers;
        let layer = |row: usize| {
            let field = self.text(table.field[row]);
            Layer::of_word(self.text(table.layer[row])?, field, table.index[row], table.count[row])
        };
        let rows = self.shard.rows.Layers.of_document(self.at);
        rows.map(|row| layer(row).ok_or_else(|| missing("a known envelope"))).collect()
    }

    fn problems(&self) -> Result<Vec<Problem>, Fault> {
        let table = &self.shard.tables.Problems;
        let severity = |row: usize| {
            let all = [Severity::Error, Severity::Warning, Severity::Note];
            all.into_iter().find(|severity| Some(severity.as_str()) == self.text(table.severity[row]))
        };
        let rows = self.shard.rows.Problems.of_document(self.at);
        let problem = |row: usize| {
            Ok(Problem {
                severity: severity(row).ok_or_else(|| missing("a severity"))?,
                code: kept(self.text(table.code[row]).ok_or_else(|| missing("a code"))?),
                at: self.text(table.at[row]).unwrap_or_default().to_owned(),
                place: table.line[row].zip(table.column[row]).map(|(line, column)| TextPlace { line, column }),
                message: self.text(table.message[row]).ok_or_else(|| missing("a message"))?.to_owned(),
                hint: self.text(table.hint[row]).map(str::to_owned),
            })
        };
        rows.map(problem).collect()
    }

    fn drift(&self) -> Drift {
        let table = &self.shard.tables.Fields;
        let mut drift = Drift::default();
        for row in self.shard.rows.Fields.of_document(self.at) {
            let path = self.text(table.path[row]).unwrap_or_default();
            if !table.is_known[row] {
                drift.unknown.insert(path.to_owned(), table.seen[row]);
            } else if let Some(path) = perfpower_parse::known_field(path).filter(|_| self.counts_known) {
                drift.known.insert(path, table.seen[row]);
            }
        }
        drift
    }

    fn payloads(&self) -> Vec<(&'static str, u64)> {
        let table = &self.shard.tables.Payloads;
        let rows = self.shard.rows.Payloads.of_document(self.at);
        rows.map(|row| (kept(self.text(table.payload[row]).unwrap_or_default()), table.count[row])).collect()
    }

    fn metrics(&self) -> Result<MetricTable, Fault> {
        let (tables, rows) = (&self.shard.tables, &self.shard.rows);
        let [metric_rows, bound_rows, dataset_rows, point_rows, share_rows] =
            [&rows.Metrics, &rows.GoalBounds, &rows.Datasets, &rows.Points, &rows.Breakdown]
                .map(|rows| rows.of_document(self.at));
        let metrics = metric_rows.clone().map(|row| {
            let table = &tables.Metrics;
            Ok(Metric {
                category: self.some(table.category[row]),
                identifier: self.id(table.metric[row], "a metric")?,
                unit: self.some(table.unit[row]),
                unit_label: self.some(table.unit_label[row]),
                goal_bounds: range(table.goal_bounds_start[row], table.goal_bounds_end[row], bound_rows.len())?,
            })
        });
        let goal_bounds = bound_rows.clone().map(|row| {
            let table = &tables.GoalBounds;
            Ok(GoalBound {
                goal: self.id(table.goal[row], "a goal")?,
                lower: table.lower[row],
                upper: table.upper[row],
            })
        });
        let datasets = dataset_rows.map(|row| {
            let table = &tables.Datasets;
            if table.metric[row] as usize >= metric_rows.len() {
                return Err(missing("its metric"));
            }
            Ok(Dataset {
                metric: table.metric[row],
                platform: self.some(table.platform[row]),
                device: self.some(table.device[row]),
                device_label: self.some(table.device_label[row]),
                percentile: self.some(table.percentile[row]),
                points: range(table.points_start[row], table.points_end[row], point_rows.len())?,
                recommended: table.recommended[row]
                    .map(|value| RecommendedGoal { value, detail: self.some(table.recommended_detail[row]) }),
            })
        });
        let table = &tables.Points;
        let points = PointColumns {
            version: table.version[point_rows.clone()]
                .iter()
                .map(|id| self.id(*id, "a version"))
                .collect::<Result<_, _>>()?,
            value: table.value[point_rows.clone()].to_vec(),
            margin: table.margin[point_rows.clone()].iter().map(|margin| margin.unwrap_or(f64::NAN)).collect(),
            goal: table.goal[point_rows.clone()].iter().map(|goal| self.some(*goal)).collect(),
            breakdown: share_rows.map(|row| self.share(row, point_rows.len())).collect::<Result<_, _>>()?,
        };
        Ok(MetricTable {
            metrics: metrics.collect::<Result<_, Fault>>()?,
            goal_bounds: goal_bounds.collect::<Result<_, Fault>>()?,
            datasets: datasets.collect::<Result<_, Fault>>()?,
            points,
        })
    }

    fn share(&self, row: usize, points: usize) -> Result<BreakdownShare, Fault> {
        let table = &self.shard.tables.Breakdown;
        if table.point[row] as usize >= points {
            return Err(missing("its point"));
        }
        let subsystem = self.id(table.subsystem[row], "a sub-system")?;
        Ok(BreakdownShare { point: table.point[row], subsystem, percent: table.percent[row] })
    }

    fn insights(&self) -> Result<Vec<AppleInsight>, Fault> {
        let (tables, rows) = (&self.shard.tables, &self.shard.rows);
        let table = &tables.Insights;
        let list = |row: usize| {
            let all = [InsightList::Regressions, InsightList::TrendingUp];
            all.into_iter().find(|list| Some(list.as_str()) == self.text(table.list[row]))
        };
        let insight = |row: usize| {
            Ok(AppleInsight {
                list: list(row).ok_or_else(|| missing("a list"))?,
                category: self.some(table.category[row]),
                metric: self.id(table.metric[row], "a metric")?,
                latest_version: self.some(table.latest_version[row]),
                reference_versions: Vec::new(),
                max_latest_value: table.max_latest_value[row],
                subsystem: self.some(table.subsystem[row]),
                high_impact: table.high_impact[row],
                summary: self.some(table.summary[row]),
                populations: Vec::new(),
            })
        };
        let of_document = rows.Insights.of_document(self.at);
        let mut insights: Vec<AppleInsight> = of_document.map(insight).collect::<Result<_, Fault>>()?;
        for row in rows.InsightReferences.of_document(self.at) {
            let table = &tables.InsightReferences;
            let version = self.id(table.version[row], "a version")?;
            let of = insights.get_mut(table.insight[row] as usize).ok_or_else(|| missing("its insight"))?;
            of.reference_versions.push(version);
        }
        for row in rows.InsightPopulations.of_document(self.at) {
            let table = &tables.InsightPopulations;
            let of = insights.get_mut(table.insight[row] as usize).ok_or_else(|| missing("its insight"))?;
            of.populations.push(InsightPopulation {
                device: self.some(table.device[row]),
                percentile: self.some(table.percentile[row]),
                reference_average: table.reference_average[row],
                latest: table.latest[row],
                delta_percent: table.delta_percent[row],
                summary: self.some(table.summary[row]),
            });
        }
        Ok(insights)
    }

    fn signatures(&self) -> Result<Vec<Signature>, Fault> {
        let (tables, rows) = (&self.shard.tables, &self.shard.rows);
        let table = &tables.Signatures;
        let signature = |row: usize| Signature {
            id: self.some(table.id[row]),
            diagnostic_type: self.some(table.diagnostic_type[row]),
            text: self.some(table.text[row]),
            weight: table.weight[row],
            trend: table.has_trend[row]
                .then(|| SignatureTrend { direction: self.some(table.direction[row]), references: Vec::new() }),
            count: table.count[row],
            file: self.some(table.file[row]),
            line: table.line[row].and_then(NonZeroU32::new),
        };
        let mut signatures: Vec<Signature> = rows.Signatures.of_document(self.at).map(signature).collect();
        for row in rows.SignatureReferences.of_document(self.at) {
            let table = &tables.SignatureReferences;
            let version = self.id(table.version[row], "a version")?;
            let of = signatures.get_mut(table.signature[row] as usize).and_then(|own| own.trend.as_mut());
            let of = of.ok_or_else(|| missing("its signature"))?;
            of.references.push(ReferenceValue { version, value: table.value[row] });
        }
        Ok(signatures)
    }

    fn logs(&self) -> Result<Vec<DiagnosticLog>, Fault> {
        let table = &self.shard.tables.Logs;
        let nodes = self.shard.rows.Nodes.of_document(self.at).len();
        let log = |row: usize| {
            Ok(DiagnosticLog {
                signature: self.some(table.signature[row]),
                metadata: LogMetadata {
                    bundle_id: self.some(table.bundle_id[row]),
                    app_version: self.some(table.app_version[row]),
                    build_version: self.some(table.build_version[row]),
                    os_version: self.some(table.os_version[row]),
                    device: self.some(table.device[row]),
                    architecture: self.some(table.architecture[row]),
                    event: self.some(table.event[row]),
                    event_detail: self.some(table.event_detail[row]),
                    writes_caused: self.some(table.writes_caused[row]),
                },
                per_thread: table.per_thread[row],
                nodes: range(table.nodes_start[row], table.nodes_end[row], nodes)?,
            })
        };
        self.shard.rows.Logs.of_document(self.at).map(log).collect()
    }

    fn advice(&self) -> Vec<DiagnosticAdvice> {
        let table = &self.shard.tables.Advice;
        let advice = |row: usize| DiagnosticAdvice {
            signature: self.some(table.signature[row]),
            category: self.some(table.category[row]),
            text: self.some(table.text[row]),
            url: self.some(table.url[row]),
        };
        self.shard.rows.Advice.of_document(self.at).map(advice).collect()
    }

    fn tree(&self) -> Result<CallTree, Fault> {
        let (tables, rows) = (&self.shard.tables, &self.shard.rows);
        let table = &tables.Frames;
        let frame = |row: usize| Frame {
            symbol: self.some(table.symbol[row]),
            binary: self.some(table.binary[row]),
            binary_uuid: self.some(table.binary_uuid[row]),
            file: self.some(table.file[row]),
            line: table.line[row].and_then(NonZeroU32::new),
            text_offset: table.text_offset[row].and_then(NonZeroU64::new),
            advice_category: self.some(table.advice_category[row]),
            is_blame: table.is_blame[row],
        };
        let frames: Vec<Frame> = rows.Frames.of_document(self.at).map(frame).collect();
        let nodes = rows.Nodes.of_document(self.at);
        let table = &tables.Nodes;
        let parent = table.parent[nodes.clone()].iter().map(|parent| parent.unwrap_or(CallTree::ROOT));
        let parent: Vec<u32> = parent.collect();
        let is_before = |(at, parent): (usize, &u32)| *parent == CallTree::ROOT || (*parent as usize) < at;
        if !parent.iter().enumerate().all(is_before) {
            return Err(Fault("a node before its parent".to_owned()));
        }
        let frame = table.frame[nodes.clone()].to_vec();
        if frame.iter().any(|frame| *frame as usize >= frames.len()) {
            return Err(missing("its frame"));
        }
        let threads = rows.Threads.of_document(self.at).map(|row| {
            let table = &tables.Threads;
            let all = [ThreadRole::Attributed, ThreadRole::Beside, ThreadRole::Idle];
            let role = all.into_iter().find(|role| Some(role_word(*role)) == self.text(table.role[row]));
            let nodes = range(table.nodes_start[row], table.nodes_end[row], nodes.len())?;
            Ok(ThreadStack { nodes, role: role.ok_or_else(|| missing("a role"))? })
        });
        Ok(CallTree {
            frames,
            frame,
            parent,
            samples: table.samples[nodes.clone()].to_vec(),
            address: table.address[nodes.clone()].iter().map(|address| address.unwrap_or(0)).collect(),
            threads: threads.collect::<Result<_, Fault>>()?,
        })
    }
}

/// One of this program's own words, of which there are some hundred, kept for the life of the process. What a damaged store has in their place
/// is kept only as long as it looks like one, and up to a number of them.
pub(super) fn kept(word: &str) -> &'static str {
    const MOST: usize = 1_000;
    const LONGEST: usize = 64;
    static WORDS: LazyLock<Mutex<BTreeSet<&'static str>>> = LazyLock::new(Mutex::default);
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(word) {
        return known;
    }
    if words.len() >= MOST || word.len() > LONGEST {
        return "unknown";
    }
    let word: &'static str = Box::leak(word.to_owned().into_boxed_str());
    words.insert(word);
    word
}
