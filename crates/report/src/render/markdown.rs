//! A page for pull requests and job summaries, in Markdown of GitHub's kind: what matters most unfolded, long lists folded away.

use super::text::drawn;
use crate::command_line::CommandLine;
use crate::page::{Align, Block, Entry, Item, Line, Page, Section, Span, Table};
use crate::safe::{self, visible, visible_cut};
use std::io::{self, Write};

/// Longest line of a code block: what GitHub shows without scrolling.
const COLUMNS: usize = 120;
/// Entries with a rank that stand unfolded in a section.
const UNFOLDED: usize = 5;

/// Writes the page. Blocks end with an empty line.
pub(super) fn write(page: &Page, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## {}\n", inline(&page.title))?;
    for line in &page.lead {
        writeln!(out, "{}\n", paragraph(line))?;
    }
    for section in &page.sections {
        write_section(section, out)?;
    }
    if let Some(command) = &page.next {
        write!(out, "Next:\n\n{}", command_block(command, ""))?;
    }
    Ok(())
}

fn write_section(section: &Section, out: &mut impl Write) -> io::Result<()> {
    match &section.heading {
        Some(heading) if section.is_folded => write_fold(heading, out)?,
        Some(heading) => writeln!(out, "### {}\n", inline(heading))?,
        None => {}
    }
    let ranked = section.blocks.iter().filter(|block| is_ranked(block)).count();
    let mut unfolded = 0;
    let mut in_list = false;
    for block in &section.blocks {
        let is_point = matches!(block, Block::Entry(entry) if entry.rank.is_none());
        // A list goes on into whatever follows without an empty line.
        if in_list && !is_point {
            writeln!(out)?;
        }
        in_list = is_point;
        if is_ranked(block) {
            if unfolded == UNFOLDED && !section.is_folded {
                write_fold(&format!("{} more", ranked - UNFOLDED).into(), out)?;
            }
            unfolded += 1;
        }
        write_block(block, out)?;
    }
    if in_list {
        writeln!(out)?;
    }
    let has_fold = section.is_folded && section.heading.is_some() || unfolded > UNFOLDED;
    if has_fold { writeln!(out, "</details>\n") } else { Ok(()) }
}

fn is_ranked(block: &Block) -> bool {
    matches!(block, Block::Entry(Entry { rank: Some(_), .. }))
}

/// The beginning of what is folded away. The line is HTML and no Markdown.
fn write_fold(heading: &Line, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<details><summary>{}</summary>\n", safe::markdown_summary(&heading.plain()))
}

fn write_block(block: &Block, out: &mut impl Write) -> io::Result<()> {
    match block {
        Block::Paragraph(line) | Block::Rest(line) => writeln!(out, "{}\n", paragraph(line)),
        Block::Part(line) => writeln!(out, "**{}**\n", inline(line)),
        Block::List(items) => {
            for Item { line, remarks } in items {
                writeln!(out, "- {}", paragraph(line))?;
                remarks.iter().try_for_each(|remark| writeln!(out, "  - {}", paragraph(remark)))?;
            }
            writeln!(out)
        }
        Block::Table(table) => writeln!(out, "{}", in_pipes(table)),
        Block::Entry(entry) if entry.rank.is_some() => write_ranked(entry, out),
        Block::Entry(entry) => write_point(entry, out),
        Block::Fixed(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| visible_cut(line, COLUMNS)).collect();
            write!(out, "{}", fenced("text", &lines.join("\n"), ""))
        }
        Block::Chart(chart) => write!(out, "{}", fenced("text", &drawn(chart, COLUMNS), "")),
    }
}

/// What the page is about has a heading of its own.
fn write_ranked(entry: &Entry, out: &mut impl Write) -> io::Result<()> {
    let figure = if entry.figure.is_empty() { String::new() } else { format!(" · {}", safe::markdown(&entry.figure)) };
    let rank = entry.rank.map_or_else(String::new, |rank| format!("{rank}. "));
    writeln!(out, "#### {rank}{}{figure}\n", inline(&entry.title))?;
    let mut lines = entry.lines.iter();
    if let Some(first) = lines.next() {
        writeln!(out, "{}\n", paragraph(first))?;
    }
    if let Some(course) = &entry.course {
        writeln!(out, "{}\n", paragraph(course))?;
    }
    if entry.lines.len() > 1 {
        lines.try_for_each(|line| writeln!(out, "- {}", paragraph(line)))?;
        writeln!(out)?;
    }
    entry.explain.iter().try_for_each(|command| write!(out, "{}", command_block(command, "")))
}

/// One point of a list of its kind.
fn write_point(entry: &Entry, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "- **{}** {}", inline(&entry.title), safe::markdown(&entry.figure))?;
    for line in entry.lines.iter().chain(&entry.course) {
        writeln!(out, "  - {}", paragraph(line))?;
    }
    entry.explain.iter().try_for_each(|command| write!(out, "\n{}", command_block(command, "  ")))
}

/// A command as a block that a page gives a button to copy it with.
fn command_block(command: &CommandLine, indent: &str) -> String {
    fenced("sh", &command.to_string(), indent)
}

/// Lines that are shown as they are. No run of backticks in them is as long as the fence.
fn fenced(language: &str, lines: &str, indent: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    let mut block = format!("{indent}{fence}{language}\n");
    for line in lines.lines() {
        block.push_str(&format!("{indent}{line}\n"));
    }
    block.push_str(&format!("{indent}{fence}\n\n"));
    block
}

/// As code inside a line.
fn code(text: &str) -> String {
    let text = visible(text);
    if text.trim().is_empty() {
        return text.into_owned(); // a blank is no code
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{edge}{text}{edge}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn inline(line: &Line) -> String {
    let span = |span: &Span| match span {
        Span::Plain(text) => safe::markdown(text),
        Span::Strong(text) if text.trim().is_empty() => safe::markdown(text),
        Span::Strong(text) => format!("**{}**", safe::markdown(text.trim())),
        Span::Code(text) => code(text),
    };
    line.spans.iter().map(span).collect()
}

/// A line that begins where a list, a heading or a code block could begin.
fn paragraph(line: &Line) -> String {
    let text = inline(line);
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text[digits..].chars().next() {
        Some('-' | '+' | '=') if digits == 0 => format!("\\{text}"),
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &text[..digits], &text[digits..]),
        _ => text.to_owned(),
    }
}

fn in_pipes(table: &Table) -> String {
    let mut text = String::new();
    let mut row = |cells: &mut dyn Iterator<Item = String>| {
        text.push('|');
        for cell in cells {
            text.push_str(&format!(" {cell} |"));
        }
        text.push('\n');
    };
    row(&mut table.columns.iter().map(|(name, _)| safe::markdown(name)));
    let line = |align: &Align| if *align == Align::Right { "---:" } else { "---" }.to_owned();
    row(&mut table.columns.iter().map(|(_, align)| line(align)));
    for line in &table.rows {
        row(&mut line.cells.iter().map(|cell| safe::markdown(cell)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::HOSTILE_WORDS;
    use crate::render::PageFormat;
    use crate::render::tests::{page_of, rendered};

    /// The code blocks as a reader of `CommonMark` finds them: up to a line of backticks that is no shorter than the first.
    fn blocks(markdown: &str) -> Vec<String> {
        let mut blocks = Vec::new();
        let mut lines = markdown.lines();
        while let Some(line) = lines.next() {
            let open = line.trim_start();
            let indent = line.len() - open.len();
            let fence = open.bytes().take_while(|byte| *byte == b'`').count();
            if fence < 3 || open[fence..].contains('`') {
                continue;
            }
            let is_end = |line: &&str| {
                let line = line.trim();
                line.len() < fence || line.bytes().any(|byte| byte != b'`')
            };
            let body: Vec<&str> =
                lines.by_ref().take_while(is_end).map(|line| &line[indent.min(line.len())..]).collect();
            blocks.push(body.join("\n"));
        }
        blocks
    }

    #[test]
    fn a_command_comes_out_of_its_block_as_it_went_in() {
        for word in HOSTILE_WORDS.into_iter().chain(["```\n", "``` ```` a", "`"]) {
            let page = page_of(word);
            let markdown = rendered(&page, PageFormat::Markdown);
            let command = page.next.unwrap().to_string();
            let commands: Vec<String> =
                blocks(&markdown).into_iter().filter(|block| block.starts_with("perfpower")).collect();
            assert_eq!(commands, vec![command; 5], "{markdown}");
        }
    }

    #[test]
    fn names_start_nothing() {
        for (name, expected) in [
            ("- point", "\\- point"),
            ("1. point", "1\\. point"),
            ("12) point", "12\\) point"),
            ("=== ", "\\=== "),
            ("    code", "code"),
            ("1.5 s", "1\\.5 s"),
        ] {
            assert_eq!(paragraph(&name.to_owned().into()), expected);
        }
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(fenced("sh", "a ```` b", "  "), "  `````sh\n  a ```` b\n  `````\n\n");
    }

    #[test]
    fn folds_are_closed_and_summaries_are_markup() {
        let markdown = rendered(&page_of("<b>&</details>"), PageFormat::Markdown);
        assert_eq!(markdown.matches("<details>").count(), 1);
        assert_eq!(markdown.matches("\n</details>\n").count(), 1);
        assert!(markdown.contains("<summary>&lt;b&gt;&amp;&lt;/details&gt;"), "{markdown}");
    }
}
