//! The products of one body, told apart: an App Clip beside its app, logs of a widget beside those of the app that it comes with.
//!
//! Apple documents no form of a second product. So whatever an entry of `productData` says beside its platform is taken for what tells
//! it from the others; and where two of one platform say nothing and have other values, they are two all the same.

use crate::spans;
use perfpower_model::{
    CallTree, DiagnosticLog, Document, Metric, MetricTable, NameId, Names, Problem, Severity, ThreadStack,
};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Products of one body that are told apart; where there are more, none is. Arbitrary: an app has a handful, and each copies texts.
const MOST_PRODUCTS: usize = 64;

/// What a product is called in its body; `None` throughout = it is the app's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Mark {
    pub(crate) bundle_id: Option<NameId>,
    pub(crate) apple_id: Option<NameId>,
    /// Such as `AppClip`.
    pub(crate) label: Option<NameId>,
}

/// An entry of `productData` with values.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub(crate) mark: Mark,
    pub(crate) platform: Option<NameId>,
    /// In [`MetricTable::datasets`].
    pub(crate) datasets: Range<usize>,
}

/// What the fields of a product that are not Apple's say of whose it is.
pub(crate) fn mark(text: &str, names: &mut Names) -> Mark {
    let mut mark = Mark::default();
    for (key, range) in spans::fields(text).unwrap_or_default() {
        let written = &text[range];
        let value = spans::string(written);
        let is_text = value.is_some();
        let value = value.unwrap_or(written.into());
        let value = value.trim();
        let slot = match folded(&key).as_str() {
            "bundleid" | "bundleidentifier" | "bundle" | "appbundleid" if is_text && value.contains('.') => {
                &mut mark.bundle_id
            }
            "appid" | "appleid" | "adamid" | "itemid" if is_number(value) => &mut mark.apple_id,
            "apptype" | "producttype" | "type" | "kind" | "product" | "productname" | "appname" | "name" | "target"
            | "component" | "variant" | "displayname"
                if is_text =>
            {
                &mut mark.label
            }
            key @ ("isappclip" | "appclip" | "isclip" | "isextension" | "iswidget") if value == "true" => {
                let label = if key.contains("clip") { "AppClip" } else { "Extension" };
                mark.label = Some(names.intern(label));
                continue;
            }
            _ => continue,
        };
        if slot.is_none() && !value.is_empty() && !is_main(value) {
            *slot = Some(names.intern(value));
        }
    }
    mark
}

/// A product's word for being the app itself.
fn is_main(label: &str) -> bool {
    matches!(
        folded(label).as_str(),
        "app" | "application" | "iosapp" | "mainapp" | "main" | "fullapp" | "full" | "standard"
    )
}

/// Whether a label says by itself that it is of something beside an app. A name says that only where there is another one.
fn is_beside(label: &str) -> bool {
    let label = folded(label);
    ["clip", "extension", "widget", "watchkit"].iter().any(|word| label.contains(word))
}

fn folded(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_number(text: &str) -> bool {
    (8..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Splits a document that holds several products. The app's own comes first, with all that is of no product in particular.
pub(crate) fn split(mut document: Document, mut products: Vec<Product>) -> Vec<Document> {
    number_equals(&mut document, &mut products);
    let of_log = |log: &DiagnosticLog| Mark { bundle_id: log.metadata.bundle_id, ..Mark::default() };
    let mut marks: Vec<Mark> = Vec::new();
    for mark in products.iter().map(|product| product.mark).chain(document.logs.iter().map(of_log)) {
        if !marks.contains(&mark) {
            marks.push(mark);
        }
        if marks.len() > MOST_PRODUCTS {
            let message = format!("more than {MOST_PRODUCTS} products in one body: they are not told apart");
            let hint = "save what is of each bundle into a file of its own";
            document.problems.push(Problem::new(Severity::Warning, "too-many-products", message).with_hint(hint));
            return vec![document];
        }
    }
    let Some(main) = main_of(&marks, &document) else { return vec![document] };
    if marks.len() == 1 {
        if document.names.get(main.label).is_some_and(is_beside) || main.bundle_id.is_some() || main.apple_id.is_some()
        {
            name(&mut document, main, None);
        }
        return vec![document];
    }
    let mut mark_of_dataset = vec![main; document.metrics.datasets.len()];
    for product in &products {
        mark_of_dataset[product.datasets.clone()].fill(product.mark);
    }
    let part = |mark: Mark, mut into: Document| {
        into.metrics = metrics_of(&document.metrics, |at| mark_of_dataset[at] == mark);
        logs_of(&document, |log| of_log(log) == mark, mark == main, &mut into);
        into
    };
    let mut parts: Vec<Document> = Vec::with_capacity(marks.len());
    for &mark in marks.iter().filter(|mark| **mark != main) {
        let mut other = part(mark, Document { day: document.day, ..Document::new(document.kind) });
        other.names = document.names.clone();
        other.identity.platform = document.identity.platform;
        name(&mut other, mark, mark.apple_id);
        parts.push(other);
    }
    let own = part(main, Document::new(document.kind));
    document =
        Document { metrics: own.metrics, logs: own.logs, call_tree: own.call_tree, advice: own.advice, ..document };
    document.identity.bundle_id = None;
    name(&mut document, Mark { label: None, ..main }, None);
    parts.insert(0, document);
    parts
}

/// Says whose a document is; `other` is what it is called where it is not the app's own and has no label.
fn name(document: &mut Document, mark: Mark, other: Option<NameId>) {
    let identity = &mut document.identity;
    if mark.bundle_id.is_some() {
        identity.bundle_id = mark.bundle_id;
    }
    if mark.apple_id.is_some() {
        identity.apple_id = mark.apple_id;
    }
    if mark.bundle_id.is_none() {
        identity.product = mark.label.or(other);
    }
}

/// The product that is the app itself: the one without a mark, else the bundle of which all others are parts, else the first that does
/// not say to be something beside an app.
fn main_of(marks: &[Mark], document: &Document) -> Option<Mark> {
    let names = &document.names;
    let is_whole = |mark: &&Mark| {
        let Some(bundle) = names.get(mark.bundle_id) else { return false };
        let is_part = |other: &str| other.strip_prefix(bundle).is_some_and(|rest| rest.starts_with('.'));
        marks.iter().all(|other| other == *mark || names.get(other.bundle_id).is_some_and(is_part))
    };
    let is_app = |mark: &&Mark| !names.get(mark.label).is_some_and(is_beside);
    let unmarked = marks.iter().find(|mark| **mark == Mark::default());
    unmarked
        .or_else(|| marks.iter().find(is_whole))
        .or_else(|| marks.iter().find(is_app))
        .or_else(|| marks.first())
        .copied()
}

/// Category, metric, device, percentile.
type Population = (Option<NameId>, NameId, Option<NameId>, Option<NameId>);

/// Gives numbers to products that say nothing of themselves and have other values for the same populations of one platform.
fn number_equals(document: &mut Document, products: &mut [Product]) {
    let mut said = HashSet::new();
    let are_first: Vec<bool> = products.iter().map(|product| said.insert((product.mark, product.platform))).collect();
    if are_first.iter().all(|is_first| *is_first) {
        return;
    }
    let MetricTable { metrics, datasets, points, .. } = &document.metrics;
    let mut known: HashMap<(Mark, Option<NameId>, Population, NameId), u64> = HashMap::new();
    let mut again: Vec<usize> = Vec::new();
    for (at, (product, is_first)) in products.iter().zip(are_first).enumerate() {
        let mut is_other = false;
        for dataset in &datasets[product.datasets.clone()] {
            let metric = &metrics[dataset.metric as usize];
            let population = (metric.category, metric.identifier, dataset.device, dataset.percentile);
            for point in dataset.points.start as usize..dataset.points.end as usize {
                let key = (product.mark, product.platform, population, points.version[point]);
                let value = points.value[point].to_bits();
                // Within one product the first of two values holds, as everywhere.
                is_other |= *known.entry(key).or_insert(value) != value && !is_first;
            }
        }
        if is_other {
            again.push(at);
        }
    }
    if again.is_empty() {
        return;
    }
    for (number, &at) in (2..).zip(&again) {
        products[at].mark.label = Some(document.names.intern(&format!("product {number}")));
    }
    let message = format!(
        "{} entries of productData are of one platform, say nothing that tells them apart, and have other values for the same versions: \
         each is kept apart",
        again.len() + 1
    );
    let hint = "if they are several apps, save the body of each into a file of its own; if a script joined two downloads, save them apart";
    document.problems.push(Problem::new(Severity::Warning, "unnamed-products", message).with_hint(hint));
}

/// The part of a table that some datasets make up.
fn metrics_of(table: &MetricTable, is_wanted: impl Fn(usize) -> bool) -> MetricTable {
    let mut part = MetricTable::default();
    let mut metrics: HashMap<u32, u32> = HashMap::new();
    for (_, dataset) in table.datasets.iter().enumerate().filter(|(at, _)| is_wanted(*at)) {
        let metric = *metrics.entry(dataset.metric).or_insert_with(|| {
            let metric = &table.metrics[dataset.metric as usize];
            let bounds = part.goal_bounds.len() as u32;
            let own = metric.goal_bounds.start as usize..metric.goal_bounds.end as usize;
            part.goal_bounds.extend_from_slice(&table.goal_bounds[own]);
            part.metrics.push(Metric { goal_bounds: bounds..part.goal_bounds.len() as u32, ..metric.clone() });
            part.metrics.len() as u32 - 1
        });
        let first = part.points.len() as u32;
        let (start, end) = (dataset.points.start as usize, dataset.points.end as usize);
        part.points.version.extend_from_slice(&table.points.version[start..end]);
        part.points.value.extend_from_slice(&table.points.value[start..end]);
        part.points.margin.extend_from_slice(&table.points.margin[start..end]);
        part.points.goal.extend_from_slice(&table.points.goal[start..end]);
        let shares = &table.points.breakdown;
        let shares = &shares[shares.partition_point(|share| (share.point as usize) < start)..];
        let shares = shares.iter().take_while(|share| (share.point as usize) < end).copied();
        part.points.breakdown.extend(shares.map(|mut share| {
            share.point = share.point - start as u32 + first;
            share
        }));
        let points = first..part.points.len() as u32;
        part.datasets.push(perfpower_model::Dataset { metric, points, ..dataset.clone() });
    }
    part
}

/// Moves some of the logs into a document of their own, with their stacks and the advice on their signatures. Advice on a signature
/// without a log here goes to the app's own.
fn logs_of(whole: &Document, is_wanted: impl Fn(&DiagnosticLog) -> bool, is_main: bool, into: &mut Document) {
    let (from, tree) = (&whole.call_tree, &mut into.call_tree);
    tree.frames.clone_from(&from.frames);
    for log in whole.logs.iter().filter(|log| is_wanted(log)) {
        let (start, end) = (log.nodes.start as usize, log.nodes.end as usize);
        let first = tree.len() as u32;
        let moved = |node: u32| node - log.nodes.start + first;
        let parents = from.parent[start..end].iter();
        tree.parent.extend(parents.map(|&parent| if parent == CallTree::ROOT { parent } else { moved(parent) }));
        tree.frame.extend_from_slice(&from.frame[start..end]);
        tree.samples.extend_from_slice(&from.samples[start..end]);
        tree.address.extend_from_slice(&from.address[start..end]);
        tree.threads.extend(from.threads_of(&log.nodes).iter().map(|thread| ThreadStack {
            nodes: moved(thread.nodes.start)..moved(thread.nodes.end),
            role: thread.role,
        }));
        into.logs.push(DiagnosticLog { nodes: first..tree.len() as u32, ..log.clone() });
    }
    let signatures = |logs: &[DiagnosticLog]| logs.iter().map(|log| log.signature).collect::<HashSet<_>>();
    let (here, anywhere) = (signatures(&into.logs), signatures(&whole.logs));
    let is_ours = |signature| here.contains(signature) || is_main && !anywhere.contains(signature);
    let advice = whole.advice.iter().filter(|advice| is_ours(&advice.signature));
    into.advice = advice.copied().collect();
}

#[cfg(test)]
mod tests {
    use crate::{ParseOptions, parse_all};
    use perfpower_model::Document;

    fn documents(text: &str) -> Vec<Document> {
        parse_all(text.as_bytes(), &ParseOptions::default()).into_iter().map(|parsed| parsed.document).collect()
    }

    /// An entry of `productData` with one metric of one population.
    fn product(fields: &str, category: &str, values: [f64; 2]) -> String {
        let [one, other] = values;
        format!(
            r#"{{"platform":"iOS",{fields}"metricCategories":[{{"identifier":"{category}","metrics":[{{"identifier":"m","goalKeys":[{{"goalKey":"good","upperBound":{one}}}],"datasets":[{{"filterCriteria":{{"percentile":"percentile.fifty","device":"all_iphones"}},"points":[{{"version":"1.0","value":{one},"percentageBreakdown":[{{"value":9,"subSystemLabel":"x"}}]}},{{"version":"1.1","value":{other}}}]}}]}}]}}]}}"#
        )
    }

    fn body(products: &[String]) -> String {
        format!(r#"{{"version":"1.0.0","productData":[{}]}}"#, products.join(","))
    }

    /// Bundle id, product, and values of each document.
    fn told(documents: &[Document]) -> Vec<(&str, &str, Vec<f64>)> {
        documents
            .iter()
            .map(|document| {
                let text = |id| document.names.get(id).unwrap_or_default();
                (
                    text(document.identity.bundle_id),
                    text(document.identity.product),
                    document.metrics.points.value.clone(),
                )
            })
            .collect()
    }

    #[test]
    fn products_that_say_who_they_are_are_documents_of_their_own() {
        let app = product("", "LAUNCH", [1.0, 2.0]);
        let clip = r#""bundleId":"com.acme.tp.Clip","appType":"AppClip","#;
        for (fields, bundle, label) in [
            (clip, "com.acme.tp.Clip", ""),
            (r#""bundleIdentifier":"com.acme.tp.Clip","#, "com.acme.tp.Clip", ""),
            (r#""appType":"AppClip","#, "", "AppClip"),
            (r#""productType":"app_clip","#, "", "app_clip"),
            (r#""isAppClip":true,"#, "", "AppClip"),
            (r#""name":"Acorn Clip","#, "", "Acorn Clip"),
            ("", "", "product 2"),
        ] {
            let found = documents(&body(&[app.clone(), product(fields, "LAUNCH", [8.0, 9.0])]));
            assert_eq!(told(&found), [("", "", vec![1.0, 2.0]), (bundle, label, vec![8.0, 9.0])], "{fields}");
            for document in &found {
                let table = &document.metrics;
                assert_eq!(table.metrics[0].goal_bounds, 0..1);
                assert_eq!(table.goal_bounds[0].upper, Some(table.points.value[0]));
                assert_eq!(table.points.breakdown.iter().map(|share| share.point).collect::<Vec<_>>(), [0]);
            }
            assert_eq!(found[0].problems.len(), usize::from(fields.is_empty()));
        }
        // Whichever comes first, the app's own is the one of which the other is a part.
        let named = product(r#""bundleId":"com.acme.tp","#, "LAUNCH", [1.0, 2.0]);
        let found = documents(&body(&[product(clip, "LAUNCH", [8.0, 9.0]), named]));
        assert_eq!(found[0].names.get(found[0].identity.bundle_id), Some("com.acme.tp"));
        assert_eq!(told(&found)[1], ("com.acme.tp.Clip", "", vec![8.0, 9.0]));
    }

    #[test]
    fn pieces_of_one_product_stay_one_document() {
        let launch = product("", "LAUNCH", [1.0, 2.0]);
        for other in [
            product("", "HANG", [8.0, 9.0]),
            product("", "LAUNCH", [1.0, 2.0]),
            product(r#""appType":"App","#, "HANG", [8.0, 9.0]),
            product(r#""region":"EU","#, "HANG", [8.0, 9.0]),
            product("", "LAUNCH", [8.0, 9.0]).replace("iOS", "visionOS"),
        ] {
            let found = documents(&body(&[launch.clone(), other.clone()]));
            assert_eq!((found.len(), found[0].problems.len()), (1, 0), "{other}");
        }
        let clip = documents(&body(&[product(r#""appType":"AppClip","#, "LAUNCH", [1.0, 2.0])]));
        assert_eq!(told(&clip), [("", "AppClip", vec![1.0, 2.0])]);
        let app = documents(&body(&[product(r#""name":"Acorn","#, "LAUNCH", [1.0, 2.0])]));
        assert_eq!(told(&app), [("", "", vec![1.0, 2.0])]);
    }

    #[test]
    fn logs_go_with_their_bundle_and_take_their_stacks_along() {
        let log = |bundle: &str, symbol: &str| {
            let bundle = if bundle.is_empty() { String::new() } else { format!(r#""bundleId":"{bundle}","#) };
            format!(
                r#"{{"diagnosticMetaData":{{{bundle}"event":"hang","appVersion":"1.0"}},"callStackTree":[{{"callStackPerThread":true,"callStacks":[{{"threadAttributed":true,"callStackRootFrames":[{{"symbolName":"main","sampleCount":3,"subFrames":[{{"symbolName":"{symbol}","sampleCount":3}}]}}]}}]}}]}}"#
            )
        };
        let logs = [
            log("com.acme.app.Widget", "widget()"),
            log("com.acme.app", "app()"),
            log("", "nobody()"),
            log("com.acme.app.Widget", "widget()"),
        ];
        let text = format!(
            r#"{{"version":"1.0.0","productData":[{{"signatureId":"S","diagnosticInsights":[{{"insightsCategory":"c"}}],"diagnosticLogs":[{}]}}]}}"#,
            logs.join(",")
        );
        let found = documents(&text);
        let symbols: Vec<(&str, Vec<&str>)> = found
            .iter()
            .map(|document| {
                let (tree, text) = (&document.call_tree, |id| document.names.get(id).unwrap_or_default());
                assert_eq!(tree.len(), 2 * document.logs.len());
                assert_eq!(tree.threads.len(), document.logs.len());
                let of_log = |log: &perfpower_model::DiagnosticLog| {
                    let leaf = log.nodes.end as usize - 1;
                    assert_eq!(tree.parent[leaf], log.nodes.start);
                    assert_eq!(tree.charged(&log.nodes), std::slice::from_ref(&log.nodes));
                    text(tree.frames[tree.frame[leaf] as usize].symbol)
                };
                (text(document.identity.bundle_id), document.logs.iter().map(of_log).collect())
            })
            .collect();
        assert_eq!(
            symbols,
            [
                ("", vec!["nobody()"]),
                ("com.acme.app.Widget", vec!["widget()", "widget()"]),
                ("com.acme.app", vec!["app()"])
            ]
        );
        assert!(found.iter().all(|document| document.advice.len() == 1));
    }

    #[test]
    fn a_body_of_countless_bundles_is_not_copied_for_each() {
        let logs: Vec<String> = (0..100)
            .map(|at| format!(r#"{{"diagnosticMetaData":{{"bundleId":"com.acme.b{at}","event":"hang"}}}}"#))
            .collect();
        let found =
            documents(&format!(r#"{{"productData":[{{"signatureId":"S","diagnosticLogs":[{}]}}]}}"#, logs.join(",")));
        assert_eq!((found.len(), found[0].logs.len()), (1, 100));
        assert_eq!(found[0].problems[0].code, "too-many-products");
    }
}
