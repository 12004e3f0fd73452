//! A page for a browser: one file that loads nothing and runs nothing. `report` has a page of its own design ([`crate::html`]),
//! which shows the same sections where it has nothing better.

use crate::chart::VersionChart;
use crate::figure::set_sentence;
use crate::html::{STYLE, policy};
use crate::markup::Element;
use crate::page::{Align, Block, Chart, Entry, Item, Line, Page, Section, Span, Table, Tone};
use crate::safe::shortened;
use std::io::{self, Write};

/// Characters of a word; longer ones are cut in the middle.
const LONGEST_WORD: usize = 300;

/// Writes the page.
pub(super) fn write(page: &Page, out: &mut impl Write) -> io::Result<()> {
    let title = page.title.plain();
    let head = [
        Element::new("meta").attr("charset", "utf-8"),
        Element::new("meta").attr("http-equiv", "Content-Security-Policy").attr("content", policy(STYLE, None)),
        Element::new("meta").attr("name", "viewport").attr("content", "width=device-width, initial-scale=1"),
        Element::new("meta").attr("name", "referrer").attr("content", "no-referrer"),
        Element::new("title").text(shortened(&title, LONGEST_WORD).0),
    ];
    let mut main = Element::new("main").child(
        Element::new("section")
            .child(running("h1", &page.title))
            .children(page.lead.iter().map(|line| running("p", line).attr("class", "lead"))),
    );
    main = main.children(page.sections.iter().enumerate().map(|(at, section)| of_section(section, at)));
    if let Some(command) = &page.next {
        main = main
            .child(Element::new("p").text("Next: ").child(Element::of("code", "command").text(command.to_string())));
    }
    let head: String = head.iter().map(Element::to_markup).collect();
    let brand = Element::of("header", "masthead").child(Element::of("p", "brand").text("perfpower"));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>{head}\n<style>{STYLE}</style>\n</head>\n<body>\n{}\n{}\n</body>\n</html>",
        brand.to_markup(),
        main.to_markup()
    )
}

/// A section with its heading; `at` makes its names unique in the page.
pub(crate) fn of_section(section: &Section, at: usize) -> Element {
    let blocks = section.blocks.iter().enumerate().map(|(of, block)| of_block(block, &format!("b{at}-{of}")));
    let body = Element::new("section");
    match &section.heading {
        Some(heading) if section.is_folded => {
            body.child(Element::new("details").child(running("summary", heading)).children(blocks))
        }
        Some(heading) => body.child(running("h2", heading)).children(blocks),
        None => body.children(blocks),
    }
}

fn of_block(block: &Block, id: &str) -> Element {
    match block {
        Block::Paragraph(line) => running("p", line),
        Block::Part(line) => running("h3", line),
        Block::List(items) => Element::new("ul").children(items.iter().map(|Item { line, remarks }| {
            running("li", line).children(remarks.iter().map(|remark| running("p", remark).attr("class", "fine")))
        })),
        Block::Table(table) => of_table(table),
        Block::Entry(entry) => of_entry(entry),
        Block::Fixed(lines) => Element::of("pre", "explain").attr("tabindex", "0").lines(&lines.join("\n")),
        Block::Chart(chart) => of_chart(chart, id),
        Block::Rest(line) => running("p", line).attr("class", "fine"),
    }
}

fn of_entry(entry: &Entry) -> Element {
    let tone = match entry.tone {
        Tone::Plain => "card",
        Tone::Worse => "card worse",
        Tone::Better => "card better",
        Tone::Quiet => "card unsure",
    };
    let mut header = Element::new("header").child(running("h3", &entry.title));
    if !entry.figure.is_empty() {
        let figure = Element::of("span", "change").text(set_sentence(&entry.figure));
        header = header.child(Element::of("p", "size").child(figure));
    }
    Element::of("article", tone)
        .child(header)
        .children(entry.course.iter().map(|course| running("p", course)))
        .children(entry.lines.iter().map(|line| running("p", line)))
        .children(entry.explain.iter().map(|command| {
            Element::new("p").text("explain: ").child(Element::of("code", "command").text(command.to_string()))
        }))
}

fn of_table(table: &Table) -> Element {
    let class = |align: Align| if align == Align::Right { "right" } else { "left" };
    let heads =
        table.columns.iter().map(|(name, align)| Element::of("th", class(*align)).attr("scope", "col").text(name));
    let rows = table.rows.iter().map(|row| {
        let line = match row.tone {
            Tone::Plain => Element::new("tr"),
            Tone::Worse => Element::of("tr", "worse"),
            Tone::Better => Element::of("tr", "better"),
            Tone::Quiet => Element::of("tr", "unsure"),
        };
        line.children(row.cells.iter().zip(&table.columns).map(|(text, (_, align))| {
            let text = shortened(text, LONGEST_WORD).0;
            let text = if *align == Align::Right { set_sentence(&text).into() } else { text };
            Element::of("td", class(*align)).child(Element::new("bdi").text(text))
        }))
    });
    Element::of("div", "scroll").attr("tabindex", "0").child(
        Element::new("table")
            .child(Element::new("thead").child(Element::new("tr").children(heads)))
            .child(Element::new("tbody").children(rows)),
    )
}

fn of_chart(chart: &Chart, id: &str) -> Element {
    if chart.points.is_empty() {
        return Element::of("p", "note").text("No point to draw.");
    }
    let drawing = VersionChart {
        id,
        title: &chart.title,
        unit: chart.unit_label.as_deref(),
        points: &chart.points,
        segments: &chart.segments,
        slope: None,
        guilty: chart.guilty.as_ref().map(|(version, _)| version.as_str()),
        credible: &[],
        bands: &[],
        apple: None,
    };
    Element::of("figure", "over-versions")
        .child(Element::of("p", "chart-title").text(&chart.title))
        .child(Element::of("div", "plot").child(drawing.draw()))
        .child(Element::new("figcaption").text(set_sentence(&drawing.axis().note(chart.unit_label.as_deref()))))
}

fn running(tag: &'static str, line: &Line) -> Element {
    line.spans.iter().fold(Element::new(tag), |element, span| match span {
        Span::Plain(text) => element.text(set_sentence(&words(text))),
        Span::Strong(text) => element.child(Element::new("strong").text(set_sentence(&words(text)))),
        Span::Code(text) => element.child(Element::new("code").text(words(text))),
    })
}

fn words(text: &str) -> String {
    let words: Vec<_> = text.split(' ').map(|word| shortened(word, LONGEST_WORD).0).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use crate::render::PageFormat;
    use crate::render::tests::{page_of, rendered};

    #[test]
    fn names_are_text_and_nothing_is_loaded() {
        let page = rendered(&page_of("</code><script src=//x>'\"\u{202e}"), PageFormat::Html);
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains('\u{202e}'));
        assert!(page.contains("default-src 'none'") || page.contains("default-src &#39;none&#39;"), "{page}");
        assert!(!page.contains("script-src"), "nothing runs, so nothing is allowed to");
        for tag in ["section", "article", "code", "table", "details", "p", "h2", "svg"] {
            let (open, close) = (page.matches(&format!("<{tag}")).count(), page.matches(&format!("</{tag}>")).count());
            assert!(open >= close && close > 0, "{tag}: {open} {close}");
        }
    }
}
