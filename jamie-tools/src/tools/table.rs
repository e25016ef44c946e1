//! Rows in, a table block that says what it leaves out.

use jamie_core::Block;

use crate::wording;

/// At most so many rows are shown.
pub(super) const MAX_ROWS: usize = 20;

/// A table of at most [`MAX_ROWS`] rows, and a sentence when there are more; columns that are empty in every
/// row are left out.
pub(super) fn table(headers: &[&str], rows: Vec<Vec<String>>, noun: &str) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let total = rows.len();
    let shown: Vec<Vec<String>> = rows.into_iter().take(MAX_ROWS).collect();
    let used: Vec<bool> = (0..headers.len())
        .map(|column| {
            shown.iter().any(|row| {
                row.get(column)
                    .is_some_and(|cell| !cell.is_empty() && cell != "-")
            })
        })
        .collect();
    let keep = |cells: Vec<String>| -> Vec<String> {
        cells
            .into_iter()
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(cell, _)| cell)
            .collect()
    };
    let mut blocks = vec![Block::Table {
        headers: keep(headers.iter().map(|header| (*header).to_owned()).collect()),
        rows: shown
            .into_iter()
            .map(|mut row| {
                row.resize(headers.len(), String::new());
                keep(row)
            })
            .collect(),
    }];
    if total > MAX_ROWS {
        blocks.push(Block::para(format!(
            "That is the first {MAX_ROWS} of {}.",
            wording::count(total, noun)
        )));
    }
    blocks
}
