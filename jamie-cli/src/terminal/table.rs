//! A table in, aligned columns out: narrowed to the terminal, or turned on its side where that is too tight.

use textwrap::core::display_width;

use super::{Palette, inline};

/// Between two columns.
const GAP: usize = 2;
/// A column is never narrowed below this.
const MIN_COLUMN: usize = 8;

/// Lays a table out in `width` columns, each line indented by nothing.
pub(crate) fn render(headers: &[String], rows: &[Vec<String>], width: usize, palette: Palette) -> String {
    let cell = |row: &Vec<String>, i: usize| {
        row.get(i)
            .map(|cell| inline::paint(cell, Palette::Plain))
            .unwrap_or_default()
    };
    let natural: Vec<usize> = headers
        .iter()
        .enumerate()
        .map(|(i, header)| {
            rows.iter()
                .map(|row| display_width(&cell(row, i)))
                .chain([display_width(header)])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let Some(columns) = fit(&natural, width) else {
        return sideways(headers, rows, width, palette);
    };
    let mut out = String::new();
    let head: Vec<String> = headers.iter().map(|header| header.to_uppercase()).collect();
    push_row(&mut out, &head, &columns, |text| palette.dim(text));
    for row in rows {
        let cells: Vec<String> = (0..headers.len()).map(|i| cell(row, i)).collect();
        push_row(&mut out, &cells, &columns, str::to_owned);
    }
    out
}

/// The widths that fit, the widest columns giving way first; `None` where it cannot be done.
fn fit(natural: &[usize], width: usize) -> Option<Vec<usize>> {
    let mut columns = natural.to_vec();
    let room = width.checked_sub(GAP * columns.len().saturating_sub(1))?;
    while columns.iter().sum::<usize>() > room {
        let widest = columns.iter_mut().max()?;
        if *widest <= MIN_COLUMN {
            return None;
        }
        *widest -= 1;
    }
    Some(columns)
}

/// One row, over several lines where a cell is wrapped.
fn push_row(out: &mut String, cells: &[String], columns: &[usize], paint: impl Fn(&str) -> String) {
    let wrapped: Vec<Vec<String>> = cells
        .iter()
        .zip(columns)
        .map(|(cell, width)| {
            textwrap::wrap(cell, (*width).max(1))
                .into_iter()
                .map(String::from)
                .collect()
        })
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let mut text = String::new();
        for (i, (lines, width)) in wrapped.iter().zip(columns).enumerate() {
            let part = lines.get(line).map_or("", String::as_str);
            text.push_str(part);
            if i + 1 < columns.len() {
                text.push_str(&" ".repeat(width.saturating_sub(display_width(part)) + GAP));
            }
        }
        out.push_str(&paint(text.trim_end()));
        out.push('\n');
    }
}

/// Each row as a small block of `header: cell` lines.
fn sideways(headers: &[String], rows: &[Vec<String>], width: usize, palette: Palette) -> String {
    let mut out = String::new();
    for (n, row) in rows.iter().enumerate() {
        if n > 0 {
            out.push('\n');
        }
        for (header, cell) in headers.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            let text = format!(
                "{} {}",
                palette.dim(&format!("{header}:")),
                inline::paint(cell, palette)
            );
            out.push_str(&textwrap::fill(
                &text,
                textwrap::Options::new(width).subsequent_indent("  "),
            ));
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> (Vec<String>, Vec<Vec<String>>) {
        let headers = ["pod", "status", "note"].map(String::from).to_vec();
        let rows = vec![
            vec![
                "`api-6d5f7c9b8d-x2x9q`".into(),
                "CrashLoopBackOff".into(),
                "restarted 14 times in the last hour".into(),
            ],
            vec!["web".into(), "Running".into(), String::new()],
        ];
        (headers, rows)
    }

    #[test]
    fn every_line_fits_at_any_width() {
        let (headers, rows) = table();
        for width in 20..120 {
            let text = render(&headers, &rows, width, Palette::Plain);
            assert!(
                text.lines().all(|line| display_width(line) <= width),
                "{width}\n{text}"
            );
            assert!(text.contains("web") && text.contains("Running"));
        }
    }

    #[test]
    fn columns_line_up() {
        let (headers, rows) = table();
        insta::assert_snapshot!(render(&headers, &rows, 60, Palette::Plain));
    }
}
