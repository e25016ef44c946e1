//! The text of a manifest of a Secret in, where its values stand out, whatever their keys are called.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static IS_SECRET: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"kind\\*["']?:\s*\\*["']?Secret\b\\*["']?\s*(?:[,}\n\r]|$)"#));
static JSON: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\\*"(?:data|stringData)\\*"\s*:\s*\{([^{}]*)\}?"#));
static PAIR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\\*"[^"\\]*\\*"\s*:\s*\\*"((?:[^"\\]|\\[^"\\])+)"#));
static BLOCK: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\s*(?:- )?)(?:data|stringData):\s*(\{.*)?$"));
static ENTRY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"^(\s*)["']?[A-Za-z0-9._-]+["']?:\s*(.*?)\s*$"#));

/// Where values of Secrets stand. Manifests are told apart by `---`.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for document in text.split("\n---") {
        if IS_SECRET.is_match(document) {
            of_json(document, at, &mut found);
            of_yaml(document, at, &mut found);
        }
        at += document.len() + "\n---".len();
    }
    found
}

fn of_json(text: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    for fields in JSON.captures_iter(text).filter_map(|all| all.get(1)) {
        for value in PAIR.captures_iter(fields.as_str()).filter_map(|all| all.get(1)) {
            let start = offset + fields.start() + value.start();
            found.push(start..start + value.len());
        }
    }
}

fn of_yaml(text: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let mut at = offset;
    // How far the keys of the values are indented at least, and how far the key is whose lines follow.
    let mut block: Option<usize> = None;
    let mut scalar: Option<usize> = None;
    for line in text.split('\n') {
        let start = at;
        at += line.len() + 1;
        if line.trim().is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if let Some(all) = BLOCK.captures(line) {
            block = None;
            match all.get(2) {
                Some(flow) => found.push(start + flow.start() + 1..start + flow.end()),
                None => block = all.get(1).map(|lead| lead.len() + 1),
            }
            scalar = None;
            continue;
        }
        if block.is_none_or(|least| indent < least) {
            block = None;
            scalar = None;
            continue;
        }
        if scalar.is_some_and(|key| indent > key) {
            found.push(start + indent..start + line.trim_end().len());
            continue;
        }
        scalar = None;
        match ENTRY.captures(line).and_then(|all| all.get(2)) {
            Some(value) if value.as_str().starts_with(['|', '>']) => scalar = Some(indent),
            Some(value) if value.is_empty() => scalar = Some(indent),
            Some(value) => {
                let inner = value.as_str().trim_matches(['"', '\'']);
                let lead = value.len() - value.as_str().trim_start_matches(['"', '\'']).len();
                if !inner.is_empty() {
                    found.push(start + value.start() + lead..start + value.start() + lead + inner.len());
                }
            }
            None => found.push(start + indent..start + line.trim_end().len()),
        }
    }
}
