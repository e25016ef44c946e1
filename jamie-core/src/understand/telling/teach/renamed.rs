//! A sentence that says one thing to be another in, the word and what it stands for from now on out, where it can be no
//! news of the estate: "in my head the cache is 'old faithful'", "bluebird is cache from now on".

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    Said,
    alias::{joined, trimmed},
    own,
};
use crate::understand::{
    lexicon,
    telling::said::{Pattern, pattern},
    words::Token,
};

static NAMES: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?P<one>\S+(?: \S+){0,2}?) (?:is|equals)(?P<now> now| actually| really)?(?: the| our)? (?P<other>\S+(?: \S+)??)(?P<changed> (?:from now on|now|instead|from here on|these days))?$",
    )
});

/// The word and the thing of an equation: the word comes first, unless only the other is quoted, or only the first can
/// be the name of an object ("orders-db = chonk").
pub(super) fn in_order<'a>(one: &'a [Token], other: &'a [Token]) -> (&'a [Token], &'a [Token]) {
    let quoted = |side: &[Token]| side.iter().any(|token| token.quoted);
    let object = |side: &[Token]| {
        side.iter()
            .any(|token| !token.quoted && (token.raw.contains(['-', '/']) || own::is_app_word(&token.word)))
    };
    let turned = if quoted(one) == quoted(other) {
        object(one) && !object(other)
    } else {
        quoted(other)
    };
    if turned { (other, one) } else { (one, other) }
}

/// What a sentence of the form "one is the other" names, where it can be no news of the estate: one side is quoted, it
/// is somebody's own way of speaking, or the word is one already and stands for something else from now on.
pub(super) fn read<'a>(
    said: &Said<'a>,
    aliases: &BTreeMap<String, String>,
) -> Option<(&'a [Token], &'a [Token])> {
    let captures = said.fits(&NAMES)?;
    let (one, other) = (
        trimmed(said.tokens(captures.name("one")?)),
        trimmed(said.tokens(captures.name("other")?)),
    );
    let news = other
        .iter()
        .any(|token| !token.quoted && (lexicon::is_preposition(&token.word) || is_state(&token.word)));
    let quoted = |side: &[Token]| side.iter().all(|token| token.quoted);
    let meant = said.is_own() || said.is_explicit() || said.is_for_team();
    if meant && quoted(one) != quoted(other) {
        return Some(in_order(one, other));
    }
    let changes = said.is_lasting()
        || ["now", "changed"]
            .iter()
            .any(|group| captures.name(group).is_some());
    let known = aliases.contains_key(&joined(one));
    let (one, other) = if meant && is_app(one) && !is_app(other) {
        (other, one)
    } else {
        (one, other)
    };
    (!news && (said.is_own() || known && changes || known && other.len() == 1)).then_some((one, other))
}

/// Whether something has the name of an app: "for me the cache is pickle".
fn is_app(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| {
        own::is_app_like(&token.word)
            || token.raw.contains(['-', '/'])
            || crate::understand::kind_of(&token.word).is_some()
    })
}

/// Whether a word says how something is rather than what it is.
pub(super) fn is_state(word: &str) -> bool {
    lexicon::is_trouble(word) || STATES.contains(&word) || word.ends_with("ing") || word.ends_with("ed")
}

/// What something is said to be, and is not called.
const STATES: &[&str] = &[
    "up",
    "fine",
    "ok",
    "okay",
    "good",
    "great",
    "bad",
    "back",
    "ready",
    "healthy",
    "slow",
    "fast",
    "here",
    "there",
    "mine",
    "ours",
    "yours",
    "new",
    "old",
    "better",
    "worse",
    "important",
    "critical",
    "happy",
    "alive",
    "well",
    "green",
    "red",
    "yellow",
    "live",
    "online",
    "offline",
    "free",
    "busy",
    "full",
    "empty",
    "late",
    "early",
    "done",
    "it",
    "that",
    "this",
    "not",
    "enough",
    "too",
    "very",
    "so",
    "no",
    "right",
    "true",
    "quiet",
    "noisy",
    "boring",
    "weird",
    "odd",
    "annoying",
    "hard",
    "easy",
    "next",
    "last",
];
