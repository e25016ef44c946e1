//! Words in; what the person wants to be called, or what they call something, out.

use super::{
    Social,
    phrases::{VOCATIVES, is_softener, prefix_of, starts},
};
use crate::understand::{NameIndex, lexicon, words::Token};

/// "call me Bruno", "my name is Bruno".
pub(super) fn introduced(text: &str, tokens: &[Token], index: &NameIndex) -> Option<String> {
    const OPENINGS: &[&[&str]] = &[
        &["call", "me"],
        &["you", "can", "call", "me"],
        &["you", "may", "call", "me"],
        &["just", "call", "me"],
        &["please", "call", "me"],
        &["my", "name", "is"],
        &["the", "name", "is"],
        &["my", "mates", "call", "me"],
        &["my", "friends", "call", "me"],
        &["people", "call", "me"],
        &["everyone", "calls", "me"],
        &["i", "am", "called"],
        &["i", "go", "by"],
    ];
    let (used, sure) = match prefix_of(tokens, OPENINGS) {
        Some(used) => (used, true),
        None if starts(tokens, &["i", "am"]) && tokens.len() == 3 => (2, false),
        None => return None,
    };
    let mut name = tokens.get(used..)?;
    // "Call me Bruno please".
    while let Some((last, rest)) = name.split_last()
        && (is_softener(&last.word)
            || VOCATIVES.contains(&last.word.as_str())
            || matches!(
                last.word.as_str(),
                "please" | "thanks" | "ok" | "okay" | "now" | "on" | "from"
            ))
        && !rest.is_empty()
    {
        name = rest;
    }
    if name.is_empty() || name.len() > 3 {
        return None;
    }
    let (first, last) = (name.first()?, name.last()?);
    let said = text
        .get(first.span.0..last.span.1)?
        .trim_matches(|c: char| !c.is_alphanumeric());
    let capital = said.chars().next().is_some_and(char::is_uppercase);
    if !sure
        && (!capital || lexicon::english(&first.word) != lexicon::English::No || index.is_exact(&first.raw))
    {
        return None;
    }
    if matches!(
        first.word.as_str(),
        "when" | "if" | "back" | "later" | "a" | "an" | "the" | "not" | "it" | "about"
    ) {
        return None;
    }
    let named: String = said.chars().filter(|c| !c.is_control()).take(40).collect();
    (!named.is_empty()).then(|| {
        if capital {
            named.clone()
        } else {
            capitalised(&named)
        }
    })
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// "we call the payments namespace till", "till means payments".
pub(super) fn nickname(text: &str, tokens: &[Token]) -> Option<Social> {
    let slice = |run: &[Token]| {
        let (first, last) = (run.first()?, run.last()?);
        let said = text.get(first.span.0..last.span.1)?;
        let said: String = said
            .trim_matches(|c: char| !c.is_alphanumeric())
            .chars()
            .take(80)
            .collect();
        (!said.is_empty()).then_some(said)
    };
    let skip_article = |run: &'_ [Token]| {
        usize::from(
            run.first()
                .is_some_and(|token| lexicon::is_determiner(&token.word)),
        )
    };
    let calls = (starts(tokens, &["we", "call"]) || starts(tokens, &["i", "call"])) && tokens.len() >= 4;
    if calls {
        let rest = tokens.get(2..)?;
        let rest = rest.get(skip_article(rest)..)?;
        let (word, means) = rest.split_last()?;
        let means: Vec<Token> = means
            .iter()
            .filter(|token| {
                !matches!(
                    token.word.as_str(),
                    "namespace" | "app" | "deployment" | "service" | "the" | "cluster" | "as"
                )
            })
            .cloned()
            .collect();
        return Some(Social::Nickname {
            word: slice(std::slice::from_ref(word))?.to_lowercase(),
            means: slice(&means)?.to_lowercase(),
        });
    }
    let at = tokens
        .iter()
        .position(|token| matches!(token.word.as_str(), "means" | "mean"))?;
    let by = starts(tokens, &["by"]);
    let (word, means) = (tokens.get(usize::from(by)..at)?, tokens.get(at + 1..)?);
    let word: Vec<Token> = word
        .iter()
        .filter(|token| !matches!(token.word.as_str(), "i" | "we"))
        .cloned()
        .collect();
    let means = means.get(skip_article(means)..)?;
    if word.len() != 1 || means.len() != 1 || lexicon::is_filler(&word.first()?.word) {
        return None;
    }
    Some(Social::Nickname {
        word: slice(&word)?.to_lowercase(),
        means: slice(means)?.to_lowercase(),
    })
}
