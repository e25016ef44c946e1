//! A message in, the words of it that may be namespaces out, without knowing which there are.

use super::{
    Intents, kinds, lexicon,
    words::{self, Break},
};

/// The most words that are looked at.
const MOST_WORDS: usize = 60;

/// A word that may be a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentioned {
    /// The word.
    pub namespace: String,
    /// Whether it stands where only a place does: "in shop", "the shop namespace".
    pub surely: bool,
}

/// Those that surely are first, the others in the order in which they are said.
pub(super) fn namespaces(text: &str, intents: &Intents) -> Vec<Mentioned> {
    let tokens = words::split(text);
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let joined = |at: usize| tokens.get(at).is_some_and(|token| token.before == Break::None);
    let mut found: Vec<Mentioned> = Vec::new();
    for (at, token) in tokens.iter().enumerate().take(MOST_WORDS) {
        let (raw, written) = match token.raw.split_once('/') {
            Some((namespace, _)) if kinds::kind(namespace).is_none() => (namespace, true),
            Some(_) => continue,
            None => (
                token.raw.trim_start_matches("--namespace="),
                token.raw.starts_with("--namespace="),
            ),
        };
        if !is_label(raw) || lexicon::is_filler(raw) || kinds::kind(raw).is_some() {
            continue;
        }
        let mut from = at;
        while from > 0 && lexicon::is_determiner(word(from - 1)) {
            from -= 1;
        }
        let before = from.checked_sub(1).map_or("", word);
        let flagged = matches!(before, "-n" | "--namespace" | "namespace" | "ns");
        let placed = (matches!(before, "in" | "within" | "inside" | "across") && joined(at))
            || (matches!(word(at + 1), "namespace" | "ns" | "environment") && joined(at + 1));
        let everyday = lexicon::english(raw) >= lexicon::English::Common || intents.uses(raw);
        let surely = written || flagged || (placed && !intents.uses(raw) && !lexicon::is_generic_noun(raw));
        if !surely && everyday {
            continue;
        }
        let namespace = raw.to_owned();
        if !found.iter().any(|seen| seen.namespace == namespace) {
            found.push(Mentioned { namespace, surely });
        }
    }
    found.sort_by_key(|mentioned| !mentioned.surely);
    found
}

/// Whether a namespace can be called so.
fn is_label(word: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=63).contains(&word.len())
        && word.bytes().all(inner)
        && !word.starts_with('-')
        && !word.ends_with('-')
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Mentioned, namespaces};
    use crate::{Toolbox, understand::Intents};

    #[test]
    fn places_come_first() {
        let intents = Intents::new(&Toolbox::new());
        let found = |text: &str| -> Vec<(String, bool)> {
            let found = namespaces(text, &intents);
            found
                .into_iter()
                .map(|Mentioned { namespace, surely }| (namespace, surely))
                .collect()
        };
        let is = |namespace: &str, surely: bool| (namespace.to_owned(), surely);
        assert_eq!(found("anything wrong in leases?"), [is("leases", true)]);
        assert_eq!(found("why does rent-roll in leases crash")[0], is("leases", true));
        assert_eq!(found("logs of shopfront/api"), [is("shopfront", true)]);
        assert_eq!(found("get pods -n lettings")[0], is("lettings", true));
        assert_eq!(found("how is kelpworks doing"), [is("kelpworks", false)]);
        assert!(found("how is everything?").is_empty());
        assert!(found("🔥 ../.. -- '").is_empty());
    }
}
