//! A sentence in, whether it is nothing but what a stranger wrote out: a model that is told what to say says it so.
//!
//! Quoting is welcome; passing a stranger's sentence off as an answer is not.

use super::{Ledger, flat};

/// Fewer words are a turn of phrase.
const FEWEST: usize = 3;

/// Why the sentence may not be said, if all of it stands in a text of the estate or in the instructions.
pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Option<String> {
    if sentence.trim_start().starts_with(['"', '“', '`', '>']) {
        return None;
    }
    let words = flat(sentence);
    let words = words.trim_matches(|c: char| !c.is_alphanumeric());
    if words.split(' ').count() < FEWEST {
        return None;
    }
    let repeats = ledger.strange.iter().any(|text| text.contains(words));
    repeats.then(|| "it passes off somebody else's words as an answer".to_owned())
}

/// Every quotation in a text: JSON strings, spans of code, cells of tables.
pub(super) fn quotations(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with('|') {
            found.extend(line.split(" | ").map(str::to_owned));
        }
        let mut rest = line;
        while let Some(start) = rest.find(['"', '`']) {
            let part = rest.get(start..).unwrap_or_default();
            if let Some(code) = part.strip_prefix('`') {
                let end = code.find('`').unwrap_or(code.len());
                found.push(code.get(..end).unwrap_or_default().to_owned());
                rest = code.get(end + 1..).unwrap_or_default();
                continue;
            }
            let mut strings = serde_json::Deserializer::from_str(part).into_iter::<String>();
            if let Some(Ok(string)) = strings.next() {
                rest = part.get(strings.byte_offset()..).unwrap_or_default();
                found.push(string);
            } else {
                rest = part.get(1..).unwrap_or_default();
            }
        }
    }
    found.retain(|text| text.split_whitespace().nth(FEWEST - 1).is_some());
    found
}
