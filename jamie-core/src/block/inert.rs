//! A text for a person in, the same with every address as code out: so no frontend makes a link or an image of what a
//! stranger wrote.

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:https?|ftp|wss?)://[^\s<>"'`)\]]+|\b(?:data|javascript):[^\s<>"'`)\]]{4,}|\bwww\.[^\s<>"'`)\]]+"#)
        .expect("a valid pattern")
});

/// The text, its addresses between backticks; a backtick that opens and never closes becomes a quotation mark.
pub(crate) fn inert(text: String) -> String {
    if !text.contains('`') && !ADDRESS.is_match(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        out.push_str(&ADDRESS.replace_all(before, "`$0`"));
        let run = from.len() - from.trim_start_matches('`').len();
        let inner = from.get(run..).unwrap_or_default();
        let Some(length) = closing(inner, run) else {
            out.push_str(&"'".repeat(run));
            rest = inner;
            continue;
        };
        out.push_str(from.get(..run + length).unwrap_or_default());
        rest = inner.get(length..).unwrap_or_default();
    }
    out.push_str(&ADDRESS.replace_all(rest, "`$0`"));
    out
}

/// How much there is up to and with a run of exactly as many backticks.
fn closing(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('`') {
        let start = at + found;
        let ticks = text
            .get(start..)?
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        if ticks == run {
            return Some(start + ticks);
        }
        at = start + ticks;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn addresses_become_code() {
        for (text, expected) in [
            ("nothing here", "nothing here"),
            ("`a` and `b`", "`a` and `b`"),
            ("see https://x.example/a?b=c.", "see `https://x.example/a?b=c.`"),
            ("![x](https://x.example/d)", "![x](`https://x.example/d`)"),
            ("`it says https://x.example`", "`it says https://x.example`"),
            ("a ` b https://x.example", "a ' b `https://x.example`"),
            ("``a ` https://x.example`` b", "``a ` https://x.example`` b"),
        ] {
            assert_eq!(inert(text.to_owned()), expected);
            assert_eq!(inert(expected.to_owned()), expected, "twice");
        }
    }
}
