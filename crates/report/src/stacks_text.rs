//! `diagnostics` for people: a terminal, and Markdown for pull requests. What is said stands in `stacks_page`.

use crate::facts::TextStyle;
use crate::safe;
use crate::stacks_page::{Block, next_command, sections, summary, unread};
use crate::text::Pen;
use perfpower_stacks::StacksView;
use std::io::{self, Write};

/// Longest line of a code block: what GitHub shows without scrolling.
const MARKDOWN_COLUMNS: usize = 120;

/// Writes the call stacks and signatures for a terminal.
pub fn write_stacks_text(view: &StacksView, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    pen.paragraph_at(&safe::visible(&summary(view)), "", out)?;
    if let Some(unread) = unread(view) {
        pen.paragraph_at(&unread, "", out)?;
    }
    for section in sections(view) {
        writeln!(out, "\n{}", pen.heading(&safe::visible_cut(&section.title, pen.width())))?;
        for block in section.blocks {
            match block {
                Block::Words(words) => pen.paragraph_at(&safe::visible(&words), " ", out)?,
                Block::Part(title) => writeln!(out, " {}", pen.bold(&safe::visible_cut(&title, pen.width() - 1)))?,
                Block::Table(table) => write!(out, "{}", table.text(pen.width() - 1))?,
                Block::Fixed(lines) => {
                    for line in lines {
                        writeln!(out, "{}", safe::visible_cut(&line, pen.width()))?;
                    }
                }
                Block::Item { left, right, words } => {
                    writeln!(out, "  {}", pen.item(&safe::visible(&left), &safe::visible(&right)))?;
                    for words in words {
                        pen.paragraph(&safe::visible(&words), out)?;
                    }
                }
            }
        }
    }
    writeln!(out, "\n{} {}", pen.bold("Next:"), safe::visible(&next_command(view)))
}

/// Writes the call stacks and signatures as Markdown.
pub fn write_stacks_markdown(view: &StacksView, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## Call stacks\n\n{}.", safe::markdown(&summary(view)))?;
    if let Some(unread) = unread(view) {
        writeln!(out, "\n{unread}")?;
    }
    for section in sections(view) {
        writeln!(out, "\n### {}\n", safe::markdown(&section.title))?;
        let mut in_list = false;
        for block in section.blocks {
            // A list goes on into whatever follows without an empty line.
            let is_item = matches!(block, Block::Item { .. });
            if in_list && !is_item {
                writeln!(out)?;
            }
            in_list = is_item;
            match block {
                Block::Words(words) => writeln!(out, "{}\n", safe::markdown(&words))?,
                Block::Part(title) => writeln!(out, "**{}**\n", safe::markdown(&title))?,
                Block::Table(table) => writeln!(out, "{}", table.markdown())?,
                Block::Fixed(lines) => {
                    // Lines begin with the columns of figures, so none can end the block.
                    writeln!(out, "```text")?;
                    for line in lines {
                        writeln!(out, "{}", safe::visible_cut(&line, MARKDOWN_COLUMNS))?;
                    }
                    writeln!(out, "```\n")?;
                }
                Block::Item { left, right, words } => {
                    writeln!(out, "- **{}** {}", safe::markdown(&left), safe::markdown(&right))?;
                    for words in words {
                        writeln!(out, "  - {}", safe::markdown(&words))?;
                    }
                }
            }
        }
    }
    Ok(())
}

impl Pen {
    /// One text at the left edge and one at the right of an indented line.
    fn item(self, left: &str, right: &str) -> String {
        let narrower = Self { style: TextStyle { width: self.width() - 2, ..self.style } };
        self.bold(&narrower.two_sides(left, right))
    }
}
