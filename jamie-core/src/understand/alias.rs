//! Words in, the same with a person's own words for things replaced by what they stand for out.

use std::collections::BTreeMap;

use super::words::Token;

/// Puts in what each alias means, so that all that follows reads it as if that had been said.
pub(super) fn expand(tokens: Vec<Token>, aliases: &BTreeMap<String, String>) -> Vec<Token> {
    if aliases.is_empty() {
        return tokens;
    }
    let known: Vec<(Vec<&str>, &str)> = aliases
        .iter()
        .map(|(said, means)| (said.split_whitespace().collect(), means.as_str()))
        .collect();
    let mut expanded = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        let longest = known
            .iter()
            .filter(|(said, _)| begins(rest, said))
            .max_by_key(|(said, _)| said.len());
        let Some((said, means)) = longest else {
            expanded.push(token.clone());
            at += 1;
            continue;
        };
        let last = rest.get(said.len() - 1).unwrap_or(token);
        let followed = rest.get(said.len()).map(|token| token.word.clone());
        let words: Vec<&str> = means.split_whitespace().collect();
        for (place, word) in words.iter().enumerate() {
            // "The till namespace", where till is the payments namespace.
            let repeated = place + 1 == words.len() && place > 0 && followed.as_deref() == Some(word);
            if repeated {
                continue;
            }
            expanded.push(Token {
                word: (*word).to_owned(),
                raw: (*word).to_owned(),
                quoted: false,
                named: super::kind_of(word).is_none() && !super::lexicon::is_determiner(word),
                possessive: last.possessive && place + 1 == words.len(),
                before: if place == 0 {
                    token.before
                } else {
                    super::words::Break::None
                },
                asked: last.asked && place + 1 == words.len(),
                span: (token.span.0, last.span.1),
            });
        }
        at += said.len();
    }
    expanded
}

fn begins(tokens: &[Token], said: &[&str]) -> bool {
    !said.is_empty()
        && tokens.len() >= said.len()
        && tokens.iter().zip(said).all(|(token, word)| {
            !token.quoted && (token.raw.eq_ignore_ascii_case(word) || token.word.eq_ignore_ascii_case(word))
        })
}
