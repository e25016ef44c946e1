//! Words in; the greeting, thanks, farewell or form of address that they begin or end with out.

use crate::understand::words::Token;

pub(super) static GREETINGS: &[&[&str]] = &[
    &["good", "morning"],
    &["good", "afternoon"],
    &["good", "evening"],
    &["good", "day"],
    &["ey", "up"],
    &["eh", "up"],
    &["hi"],
    &["hello"],
    &["hey"],
    &["hiya"],
    &["heya"],
    &["heyy"],
    &["yo"],
    &["oi"],
    &["howdy"],
    &["hullo"],
    &["helo"],
    &["hallo"],
    &["ahoy"],
    &["wotcha"],
    &["greetings"],
    &["g'day"],
    &["gday"],
    &["morning"],
    &["mornin"],
    &["evening"],
    &["afternoon"],
];

pub(super) static THANKS: &[&[&str]] = &[
    &["thank", "you", "so", "much"],
    &["thank", "you", "very", "much"],
    &["thanks", "a", "lot"],
    &["thanks", "a", "bunch"],
    &["thanks", "a", "million"],
    &["thanks", "so", "much"],
    &["thanks", "in", "advance"],
    &["many", "thanks"],
    &["much", "appreciated"],
    &["much", "obliged"],
    &["appreciate", "it"],
    &["thank", "you"],
    &["thanks"],
    &["cheers"],
    &["ta"],
];

pub(super) static FAREWELLS: &[&[&str]] = &[
    &["good", "night"],
    &["night", "night"],
    &["bye", "bye"],
    &["see", "you", "later"],
    &["see", "you", "tomorrow"],
    &["see", "you", "soon"],
    &["see", "you"],
    &["catch", "you", "later"],
    &["talk", "to", "you", "later"],
    &["have", "a", "good", "one"],
    &["have", "a", "good", "weekend"],
    &["have", "a", "good", "evening"],
    &["have", "a", "nice", "day"],
    &["toodle", "pip"],
    &["bye"],
    &["goodbye"],
    &["cheerio"],
    &["laters"],
    &["ttyl"],
    &["cya"],
    &["ta-ra"],
    &["tara"],
];

pub(super) static VOCATIVES: &[&str] = &[
    "jamie", "mate", "pal", "buddy", "bud", "bro", "dude", "friend", "chap", "love", "team", "folks", "guys",
    "everyone", "man", "there", "sir", "duck", "matey", "bot", "fella", "all",
];

pub(super) fn without_vocatives(mut tokens: &[Token]) -> &[Token] {
    while tokens
        .first()
        .is_some_and(|token| VOCATIVES.contains(&token.word.as_str()))
    {
        tokens = tokens.get(1..).unwrap_or_default();
    }
    tokens
}

pub(super) fn trim_vocatives(tokens: &[Token]) -> &[Token] {
    let mut tokens = without_vocatives(tokens);
    while tokens.len() > 1
        && tokens
            .last()
            .is_some_and(|token| VOCATIVES.contains(&token.word.as_str()) && token.word != "all")
    {
        tokens = tokens.get(..tokens.len() - 1).unwrap_or_default();
    }
    tokens
}

pub(super) fn starts(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len()
        && tokens
            .iter()
            .zip(words)
            .all(|(token, word)| token.word == *word && !token.quoted)
}

pub(super) fn prefix_of(tokens: &[Token], list: &[&[&str]]) -> Option<usize> {
    list.iter()
        .find(|words| starts(tokens, words))
        .map(|words| words.len())
}

pub(super) fn suffix_of(tokens: &[Token], list: &[&[&str]]) -> Option<usize> {
    list.iter()
        .find(|words| {
            tokens
                .len()
                .checked_sub(words.len())
                .and_then(|from| tokens.get(from..))
                .is_some_and(|end| starts(end, words))
        })
        .map(|words| words.len())
}

pub(super) fn is_softener(word: &str) -> bool {
    matches!(
        word,
        "today"
            | "please"
            | "then"
            | "so"
            | "really"
            | "very"
            | "just"
            | "well"
            | "now"
            | "this"
            | "morning"
            | "evening"
            | "oh"
            | "actually"
            | "exactly"
            | "mate"
            | "jamie"
            | "bit"
            | "absolutely"
            | "again"
            | "quick"
            | "good-o"
            | "anyway"
            | "um"
            | "right"
            | "also"
            | "and"
            | "btw"
    ) && !matches!(word, "right" | "well" | "this")
}
