//! An answer's blocks in, lines for a terminal out.

use jamie::Block;

use super::{Terminal, finding, inline, table};

/// Lays blocks out, a blank line between them.
pub(crate) fn render<'a>(blocks: impl IntoIterator<Item = &'a Block>, terminal: &Terminal) -> String {
    let mut out = String::new();
    for block in blocks {
        let text = one(block, terminal);
        if text.trim().is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn one(block: &Block, terminal: &Terminal) -> String {
    let Terminal { width, palette, .. } = *terminal;
    match block {
        Block::Para { text } => textwrap::fill(&inline::paint(text, palette), width),
        Block::Heading { text } => palette.bold(&inline::paint(text, super::Palette::Plain)),
        Block::List { items } => items
            .iter()
            .map(|item| bullet("• ", &inline::paint(item, palette), width))
            .collect::<Vec<_>>()
            .join("\n"),
        Block::Table { headers, rows } => table::render(headers, rows, width, palette),
        Block::Code { language, text } => code(language, text.as_str(), terminal),
        Block::Quote { source, text } => {
            let quoted: Vec<String> = text.as_str().lines().map(|line| format!("  │ {line}")).collect();
            format!("{}\n{}", palette.dim(source), quoted.join("\n"))
        }
        Block::Finding { finding } => finding::card(finding, terminal),
        // A kind of block from a newer core: nothing is lost, it is in the Markdown.
        _ => String::new(),
    }
}

/// A wrapped list entry.
pub(crate) fn bullet(mark: &str, text: &str, width: usize) -> String {
    let indent = " ".repeat(textwrap::core::display_width(mark));
    textwrap::fill(
        text,
        textwrap::Options::new(width)
            .initial_indent(mark)
            .subsequent_indent(&indent),
    )
}

/// Text that must stay as it is: commands get a prompt, diffs their colours.
fn code(language: &str, text: &str, terminal: &Terminal) -> String {
    let palette = terminal.palette;
    text.lines()
        .map(|line| match (language, line.chars().next()) {
            ("sh", _) => format!("  {} {}", palette.dim("$"), palette.code(line)),
            ("diff", Some('+')) => format!("  {}", palette.good(line)),
            ("diff", Some('-')) => format!("  {}", palette.error(line)),
            _ => format!("  {line}"),
        })
        .collect::<Vec<_>>()
        .join("\n")
}
