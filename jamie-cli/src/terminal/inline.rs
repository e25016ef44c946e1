//! Inline marks (`code`, **bold**) in, painted text out.

use super::Palette;

/// Paints a string's `code` and **bold**; the marks themselves go.
pub(crate) fn paint(text: &str, palette: Palette) -> String {
    let mut painted = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let code = rest.find('`');
        let bold = rest.find("**");
        let (at, mark): (usize, &str) = match (code, bold) {
            (Some(code), Some(bold)) if bold < code => (bold, "**"),
            (Some(code), _) => (code, "`"),
            (None, Some(bold)) => (bold, "**"),
            (None, None) => break,
        };
        let (before, marked) = rest.split_at(at);
        let inner = &marked[mark.len()..];
        let Some(end) = inner.find(mark) else { break };
        painted.push_str(before);
        let (inside, after) = inner.split_at(end);
        painted.push_str(&if mark == "`" {
            palette.code(inside)
        } else {
            palette.bold(inside)
        });
        rest = &after[mark.len()..];
    }
    painted.push_str(rest);
    painted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_lone_marks_stay() {
        assert_eq!(paint("a `b` and **c**", Palette::Plain), "a b and c");
        assert_eq!(paint("2 ** 3 and ` é", Palette::Plain), "2 ** 3 and ` é");
        assert_eq!(paint("`x`", Palette::Colour), "\u{1b}[36mx\u{1b}[0m");
    }
}
