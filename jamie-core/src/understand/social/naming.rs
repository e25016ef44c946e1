//! Words in, what the person wants to be called out.

use super::phrases::{VOCATIVES, is_softener, prefix_of, starts};
use crate::understand::{NameIndex, lexicon, words::Token};

/// "call me Bruno", "my name is Bruno".
pub(super) fn introduced(text: &str, tokens: &[Token], index: &NameIndex) -> Option<String> {
    const OPENINGS: &[&[&str]] = &[
        &["call", "me"],
        &["you", "can", "just", "call", "me"],
        &["name", "is"],
        &["everybody", "calls", "me"],
        &["i", "am", "named"],
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
        &["address", "me", "as"],
        &["please", "address", "me", "as"],
        &["everybody", "says"],
        &["everyone", "says"],
        &["everyone", "just", "says"],
        &["so", "you", "can", "call", "me"],
        &["so", "just", "call", "me"],
        &["so", "call", "me"],
    ];
    // "Actually, please call me Billie", "me, I am called Dmitri".
    let opening = tokens
        .iter()
        .take_while(|token| {
            matches!(
                token.word.as_str(),
                "actually" | "please" | "kindly" | "oh" | "well" | "and" | "so" | "but" | "no" | "me"
            )
        })
        .count();
    let tokens = tokens.get(opening..)?;
    let before = gone_by(tokens);
    let tokens = before.unwrap_or(tokens);
    let (used, sure) = match prefix_of(tokens, OPENINGS) {
        _ if before.is_some() => (0, true),
        Some(used) => (used, true),
        // "People have trouble with it, so you can call me Jaga instead".
        None if offered(tokens).is_some() => (offered(tokens)?, true),
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
                "please"
                    | "thanks"
                    | "ok"
                    | "okay"
                    | "now"
                    | "only"
                    | "instead"
                    | "on"
                    | "from"
                    | "way"
                    | "the"
                    | "by"
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

/// What comes before "is what I go by".
fn gone_by(tokens: &[Token]) -> Option<&[Token]> {
    const BEHIND: &[&[&str]] = &[
        &["is", "what", "i", "go", "by"],
        &["is", "what", "everyone", "calls", "me"],
        &["is", "what", "everybody", "calls", "me"],
        &["is", "what", "people", "call", "me"],
        &["is", "what", "they", "call", "me"],
    ];
    BEHIND.iter().find_map(|behind| {
        let (name, rest) = tokens.split_at(tokens.len().checked_sub(behind.len())?);
        let name = name.get(name.len().saturating_sub(1)..)?;
        starts(rest, behind).then_some(name)
    })
}

/// Where the name begins behind "you can call me", wherever that stands.
fn offered(tokens: &[Token]) -> Option<usize> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    (1..tokens.len())
        .find(|at| {
            word(*at) == "call"
                && word(at + 1) == "me"
                && matches!(
                    word(at - 1),
                    "can" | "may" | "just" | "please" | "should" | "could" | "also" | "kindly"
                )
        })
        .map(|at| at + 2)
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
