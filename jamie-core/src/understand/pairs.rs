//! Words in, words out: two or three words that are one ("roll back", "falling over") are joined.

use super::{
    lexicon::PAIRS,
    words::{Break, Token},
};

/// Joins what belongs together. The joined words stand where the first stood.
pub(super) fn join(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let Some((said, meant)) = matching(&tokens, at) else {
            joined.push(token.clone());
            at += 1;
            continue;
        };
        let last = tokens.get(at + said.len() - 1).unwrap_or(token);
        for (place, word) in meant.iter().enumerate() {
            joined.push(Token {
                word: (*word).to_owned(),
                raw: (*word).to_owned(),
                before: if place == 0 { token.before } else { Break::None },
                asked: place + 1 == meant.len() && last.asked,
                span: (token.span.0, last.span.1),
                possessive: false,
                quoted: false,
            });
        }
        at += said.len();
    }
    joined
}

fn matching(tokens: &[Token], at: usize) -> Option<(&'static [&'static str], &'static [&'static str])> {
    PAIRS
        .iter()
        .find(|(said, _)| {
            said.iter().enumerate().all(|(place, word)| {
                tokens.get(at + place).is_some_and(|token| {
                    token.word == *word && !token.quoted && (place == 0 || token.before == Break::None)
                })
            })
        })
        .copied()
}
