//! Documents to the tables of a shard.

use super::tables::Tables;
use perfpower_model::{
    CallTree, Document, InsightList, LogMetadata, NameId, Names, Problem, RecommendedGoal, ThreadRole,
};
use perfpower_parse::{Envelope, Layer, Parsed};

/// A shard on its way into files.
#[derive(Default)]
pub(super) struct ShardWriter {
    pub(super) tables: Tables,
    pub(super) names: Names,
    documents: u32,
}

/// An optional number; what is not a number is absent.
fn finite(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

impl ShardWriter {
    /// Adds the documents of one file, each with its position in it.
    pub(super) fn add(&mut self, file: u32, documents: &[(u32, Parsed)]) {
        for (position, Parsed { document, envelope }) in documents {
            let own = self.names.absorb(&document.names);
            let at = self.documents;
            self.documents += 1;
            DocumentWriter { at, own, shard: self }.write(file, *position, document, envelope);
        }
    }
}

/// One document on its way into the tables.
struct DocumentWriter<'a> {
    /// Its row.
    at: u32,
    /// What each of its handles is in the shard.
    own: Vec<NameId>,
    shard: &'a mut ShardWriter,
}

impl DocumentWriter<'_> {
    fn id(&self, id: NameId) -> Option<NameId> {
        self.own.get(id.index()).copied()
    }

    fn some(&self, id: Option<NameId>) -> Option<NameId> {
        self.id(id?)
    }

    /// A text that is no name of a document.
    fn word<'t>(&mut self, text: impl Into<Option<&'t str>>) -> Option<NameId> {
        Some(self.shard.names.intern(text.into()?))
    }

    fn write(&mut self, file: u32, position: u32, document: &Document, envelope: &Envelope) {
        let kind = self.word(document.kind.as_str());
        let asked_for = self.word(document.asked_for.map(perfpower_model::Kind::as_str));
        let url = self.word(envelope.url.as_deref());
        let identity = document.identity;
        let ids = [
            identity.bundle_id,
            identity.apple_id,
            identity.platform,
            identity.build_id,
            identity.latest_version,
            identity.product,
            document.next_page,
        ];
        let [bundle_id, apple_id, platform, build_id, latest_version, product, next_page] = ids.map(|id| self.some(id));
        let table = &mut self.shard.tables.Documents;
        table.document.push(self.at);
        table.file.push(file);
        table.position.push(position);
        table.kind.push(kind);
        table.asked_for.push(asked_for);
        table.bundle_id.push(bundle_id);
        table.apple_id.push(apple_id);
        table.platform.push(platform);
        table.build_id.push(build_id);
        table.latest_version.push(latest_version);
        table.product.push(product);
        table.day.push(document.day);
        table.next_page.push(next_page);
        table.signatures_in_all.push(document.signatures_in_all);
        table.url.push(url);
        table.received.push(envelope.day);
        let texts = &mut self.shard.tables.DocumentTexts;
        texts.document.extend(self.own.iter().map(|_| self.at));
        texts.text.extend(self.own.iter().map(|id| Some(*id)));
        self.write_layers(envelope);
        for problem in &document.problems {
            self.write_problem(problem);
        }
        let unknown = document.drift.unknown.iter().map(|(path, seen)| (path.as_str(), false, *seen));
        let known = document.drift.known.iter().map(|(path, seen)| (*path, true, *seen));
        for (path, is_known, seen) in unknown.chain(known) {
            let path = self.word(path);
            let table = &mut self.shard.tables.Fields;
            table.document.push(self.at);
            table.path.push(path);
            table.is_known.push(is_known);
            table.seen.push(seen);
        }
        for (payload, count) in &document.payloads {
            let payload = self.word(*payload);
            let table = &mut self.shard.tables.Payloads;
            table.document.push(self.at);
            table.payload.push(payload);
            table.count.push(*count);
        }
        self.write_metrics(document);
        self.write_insights(document);
        self.write_signatures(document);
        self.write_logs(document);
        self.write_tree(&document.call_tree);
    }

    fn write_layers(&mut self, envelope: &Envelope) {
        for layer in &envelope.layers {
            let (field, index, count) = match layer {
                Layer::Field(key) => (Some(key.as_str()), None, None),
                Layer::Element { index, count } => (None, Some(*index as u64), Some(*count as u64)),
                Layer::Row { index } | Layer::HarEntry { index } => (None, Some(*index as u64), None),
                _ => (None, None, None),
            };
            let (layer, field) = (self.word(layer.word()), self.word(field));
            let table = &mut self.shard.tables.Layers;
            table.document.push(self.at);
            table.layer.push(layer);
            table.field.push(field);
            table.index.push(index);
            table.count.push(count);
        }
    }

    fn write_problem(&mut self, problem: &Problem) {
        let severity = self.word(problem.severity.as_str());
        let (code, at, message) =
            (self.word(problem.code), self.word(problem.at.as_str()), self.word(problem.message.as_str()));
        let hint = self.word(problem.hint.as_deref());
        let table = &mut self.shard.tables.Problems;
        table.document.push(self.at);
        table.severity.push(severity);
        table.code.push(code);
        table.at.push(at);
        table.line.push(problem.place.map(|place| place.line));
        table.column.push(problem.place.map(|place| place.column));
        table.message.push(message);
        table.hint.push(hint);
    }

    fn write_metrics(&mut self, document: &Document) {
        let metrics = &document.metrics;
        for (metric, at) in metrics.metrics.iter().zip(0..) {
            let ids = [metric.category, Some(metric.identifier), metric.unit, metric.unit_label];
            let [category, identifier, unit, unit_label] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Metrics;
            table.document.push(self.at);
            table.at.push(at);
            table.category.push(category);
            table.metric.push(identifier);
            table.unit.push(unit);
            table.unit_label.push(unit_label);
            table.goal_bounds_start.push(metric.goal_bounds.start);
            table.goal_bounds_end.push(metric.goal_bounds.end);
        }
        for bound in &metrics.goal_bounds {
            let goal = self.id(bound.goal);
            let table = &mut self.shard.tables.GoalBounds;
            table.document.push(self.at);
            table.goal.push(goal);
            table.lower.push(bound.lower);
            table.upper.push(bound.upper);
        }
        let mut dataset_of: Vec<Option<u32>> = vec![None; metrics.points.len()];
        for (dataset, at) in metrics.datasets.iter().zip(0..) {
            if let Some(own) = dataset_of.get_mut(dataset.points.start as usize..dataset.points.end as usize) {
                own.fill(Some(at));
            }
            let detail = dataset.recommended.and_then(|goal| goal.detail);
            let ids = [dataset.platform, dataset.device, dataset.device_label, dataset.percentile, detail];
            let [platform, device, device_label, percentile, detail] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Datasets;
            table.document.push(self.at);
            table.at.push(at);
            table.metric.push(dataset.metric);
            table.platform.push(platform);
            table.device.push(device);
            table.device_label.push(device_label);
            table.percentile.push(percentile);
            table.recommended.push(dataset.recommended.map(|RecommendedGoal { value, .. }| value));
            table.recommended_detail.push(detail);
            table.points_start.push(dataset.points.start);
            table.points_end.push(dataset.points.end);
        }
        let (points, own) = (&metrics.points, &self.own);
        let table = &mut self.shard.tables.Points;
        table.document.extend(points.value.iter().map(|_| self.at));
        table.dataset.append(&mut dataset_of);
        table.version.extend(points.version.iter().map(|id| own.get(id.index()).copied()));
        table.value.extend_from_slice(&points.value);
        table.margin.extend(points.margin.iter().map(|margin| finite(*margin)));
        table.goal.extend(points.goal.iter().map(|id| own.get((*id)?.index()).copied()));
        for share in &points.breakdown {
            let subsystem = self.id(share.subsystem);
            let table = &mut self.shard.tables.Breakdown;
            table.document.push(self.at);
            table.point.push(share.point);
            table.subsystem.push(subsystem);
            table.percent.push(share.percent);
        }
    }

    fn write_insights(&mut self, document: &Document) {
        for (insight, at) in document.insights.iter().zip(0..) {
            let list = self.word(InsightList::as_str(insight.list));
            let ids =
                [insight.category, Some(insight.metric), insight.latest_version, insight.subsystem, insight.summary];
            let [category, metric, latest_version, subsystem, summary] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Insights;
            table.document.push(self.at);
            table.at.push(at);
            table.list.push(list);
            table.category.push(category);
            table.metric.push(metric);
            table.latest_version.push(latest_version);
            table.max_latest_value.push(insight.max_latest_value);
            table.subsystem.push(subsystem);
            table.high_impact.push(insight.high_impact);
            table.summary.push(summary);
            for version in &insight.reference_versions {
                let version = self.id(*version);
                let table = &mut self.shard.tables.InsightReferences;
                table.document.push(self.at);
                table.insight.push(at);
                table.version.push(version);
            }
            for population in &insight.populations {
                let ids = [population.device, population.percentile, population.summary];
                let [device, percentile, summary] = ids.map(|id| self.some(id));
                let table = &mut self.shard.tables.InsightPopulations;
                table.document.push(self.at);
                table.insight.push(at);
                table.device.push(device);
                table.percentile.push(percentile);
                table.reference_average.push(population.reference_average);
                table.latest.push(population.latest);
                table.delta_percent.push(population.delta_percent);
                table.summary.push(summary);
            }
        }
    }

    fn write_signatures(&mut self, document: &Document) {
        for (signature, at) in document.signatures.iter().zip(0..) {
            let direction = signature.trend.as_ref().and_then(|trend| trend.direction);
            let ids = [signature.id, signature.diagnostic_type, signature.text, direction, signature.file];
            let [id, diagnostic_type, text, direction, file] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Signatures;
            table.document.push(self.at);
            table.at.push(at);
            table.id.push(id);
            table.diagnostic_type.push(diagnostic_type);
            table.text.push(text);
            table.weight.push(signature.weight);
            table.has_trend.push(signature.trend.is_some());
            table.direction.push(direction);
            table.count.push(signature.count);
            table.file.push(file);
            table.line.push(signature.line.map(Into::into));
            for reference in signature.trend.iter().flat_map(|trend| &trend.references) {
                let version = self.id(reference.version);
                let table = &mut self.shard.tables.SignatureReferences;
                table.document.push(self.at);
                table.signature.push(at);
                table.version.push(version);
                table.value.push(reference.value);
            }
        }
    }

    fn write_logs(&mut self, document: &Document) {
        for log in &document.logs {
            let LogMetadata {
                bundle_id,
                app_version,
                build_version,
                os_version,
                device,
                architecture,
                event,
                event_detail,
                writes_caused,
            } = log.metadata;
            let ids = [log.signature, bundle_id, app_version, build_version, os_version];
            let [signature, bundle_id, app_version, build_version, os_version] = ids.map(|id| self.some(id));
            let ids = [device, architecture, event, event_detail, writes_caused];
            let [device, architecture, event, event_detail, writes_caused] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Logs;
            table.document.push(self.at);
            table.signature.push(signature);
            table.bundle_id.push(bundle_id);
            table.app_version.push(app_version);
            table.build_version.push(build_version);
            table.os_version.push(os_version);
            table.device.push(device);
            table.architecture.push(architecture);
            table.event.push(event);
            table.event_detail.push(event_detail);
            table.writes_caused.push(writes_caused);
            table.per_thread.push(log.per_thread);
            table.nodes_start.push(log.nodes.start);
            table.nodes_end.push(log.nodes.end);
        }
        for advice in &document.advice {
            let ids = [advice.signature, advice.category, advice.text, advice.url];
            let [signature, category, text, url] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Advice;
            table.document.push(self.at);
            table.signature.push(signature);
            table.category.push(category);
            table.text.push(text);
            table.url.push(url);
        }
    }

    fn write_tree(&mut self, tree: &CallTree) {
        for (frame, at) in tree.frames.iter().zip(0..) {
            let ids = [frame.symbol, frame.binary, frame.binary_uuid, frame.file, frame.advice_category];
            let [symbol, binary, binary_uuid, file, advice_category] = ids.map(|id| self.some(id));
            let table = &mut self.shard.tables.Frames;
            table.document.push(self.at);
            table.at.push(at);
            table.symbol.push(symbol);
            table.binary.push(binary);
            table.binary_uuid.push(binary_uuid);
            table.file.push(file);
            table.line.push(frame.line.map(Into::into));
            table.text_offset.push(frame.text_offset.map(Into::into));
            table.advice_category.push(advice_category);
            table.is_blame.push(frame.is_blame);
        }
        let table = &mut self.shard.tables.Nodes;
        table.document.extend(tree.frame.iter().map(|_| self.at));
        table.at.extend(0..tree.frame.len() as u32);
        table.frame.extend_from_slice(&tree.frame);
        table.parent.extend(tree.parent.iter().map(|parent| (*parent != CallTree::ROOT).then_some(*parent)));
        table.samples.extend_from_slice(&tree.samples);
        table.address.extend(tree.address.iter().map(|address| (*address != 0).then_some(*address)));
        for thread in &tree.threads {
            let role = self.word(role_word(thread.role));
            let table = &mut self.shard.tables.Threads;
            table.document.push(self.at);
            table.nodes_start.push(thread.nodes.start);
            table.nodes_end.push(thread.nodes.end);
            table.role.push(role);
        }
    }
}

/// The word for what a thread is to its event.
pub(super) fn role_word(role: ThreadRole) -> &'static str {
    match role {
        ThreadRole::Attributed => "attributed",
        ThreadRole::Beside => "beside",
        ThreadRole::Idle => "idle",
    }
}
