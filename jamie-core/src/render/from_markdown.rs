//! A passage of Markdown in, parts of an answer out.

use crate::{Block, Quoted};

/// Markdown as parts of an answer: fenced code, lists, paragraphs.
pub fn markdown_blocks(text: &str) -> Vec<Block> {
    const LONGEST: usize = 6_000;
    let mut blocks = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut items: Vec<String> = Vec::new();
    let mut lines = text.lines();
    let flush = |paragraph: &mut Vec<&str>, items: &mut Vec<String>, blocks: &mut Vec<Block>| {
        if !paragraph.is_empty() {
            blocks.push(Block::para(std::mem::take(paragraph).join(" ")));
        }
        if !items.is_empty() {
            blocks.push(Block::List {
                items: std::mem::take(items),
            });
        }
    };
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if let Some(language) = trimmed.strip_prefix("```") {
            flush(&mut paragraph, &mut items, &mut blocks);
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.trim_start().starts_with("```"))
                .collect();
            blocks.push(Block::Code {
                language: language.trim().to_owned(),
                text: Quoted::passage(code.join("\n"), LONGEST),
            });
        } else if let Some(item) = list_item(trimmed) {
            if !paragraph.is_empty() {
                blocks.push(Block::para(std::mem::take(&mut paragraph).join(" ")));
            }
            items.push(item.to_owned());
        } else if trimmed.is_empty() {
            flush(&mut paragraph, &mut items, &mut blocks);
        } else if let Some(last) = items.last_mut() {
            last.push(' ');
            last.push_str(trimmed);
        } else {
            paragraph.push(trimmed.trim_start_matches('#').trim_start());
        }
    }
    flush(&mut paragraph, &mut items, &mut blocks);
    blocks
}

fn list_item(line: &str) -> Option<&str> {
    line.strip_prefix("- ")
        .or_else(|| line.strip_prefix("* "))
        .or_else(|| {
            let (number, rest) = line.split_once(". ")?;
            (!number.is_empty() && number.len() < 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
                .then_some(rest)
        })
}
