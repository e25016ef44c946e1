//! A sentence in, how long it wants answers out, however it puts it: by words for length, and by speaking of answers.

use super::Said;

const SHORT: &[&str] = &[
    "short",
    "shorter",
    "brief",
    "briefly",
    "briefer",
    "concise",
    "terse",
    "succinct",
    "crisp",
    "snappy",
    "tldr",
    "tl;dr",
    "tl",
    "one-liner",
    "one-liners",
    "oneliner",
    "oneliners",
    "gist",
];
const LONG: &[&str] = &[
    "long",
    "longer",
    "full",
    "detailed",
    "detail",
    "details",
    "verbose",
    "thorough",
    "complete",
    "elaborate",
    "lengthy",
    "wordy",
    "chatty",
    "essay",
    "essays",
    "novel",
    "novels",
    "waffle",
    "rambling",
    "everything",
    "whole",
];
/// Words of [`LONG`] that nobody wants.
const SCORNED: &[&str] = &[
    "lengthy", "wordy", "chatty", "essay", "essays", "novel", "novels", "waffle", "rambling",
];
const ANSWERS: &[&str] = &[
    "answer",
    "answers",
    "reply",
    "replies",
    "style",
    "version",
    "explanation",
    "explanations",
    "essay",
    "essays",
    "one-liner",
    "one-liners",
];
const LASTING: &[&str] = &["always", "every", "each", "generally", "usually", "future"];
/// What stands in a request about the estate.
const ASKS: &[&str] = &["why", "how", "where", "who", "which", "log", "logs", "list"];

/// "short" or "full".
pub(super) fn read(said: &Said<'_>) -> Option<&'static str> {
    let words: Vec<&str> = said.body().split(' ').collect();
    let any = |of: &[&str]| words.iter().any(|word| of.contains(word));
    let personal = said.is_own()
        || any(&["i", "me", "my", "you", "your"])
        || words.first().is_some_and(|first| {
            matches!(
                *first,
                "keep" | "make" | "be" | "give" | "use" | "no" | "only" | "less"
            )
        });
    let lasting = said.is_lasting() || any(LASTING);
    let replies = any(ANSWERS) || (any(&["reply", "answer", "talk", "write"]) && any(&["you"]));
    // "Give me the full answer" is for this once, "I like full answers" is for ever.
    let plural = any(&["answers", "replies", "explanations", "essays", "one-liners"]);
    let likes =
        any(&["like", "prefer", "love", "want", "fine", "enough", "need", "hate"]) && any(&["i", "me"]);
    let scorned = any(SCORNED);
    let goes_on = words
        .windows(2)
        .any(|pair| matches!(pair, ["and", "i" | "my" | "we" | "our"]));
    if goes_on || words.len() > 14 || any(ASKS) || !personal && !lasting || !replies && !lasting {
        return None;
    }
    if !lasting && !plural && !likes && !scorned && !any(&["too", "so", "your"]) {
        return None;
    }
    // "One line answers", "two sentences at most".
    let few = words.windows(2).any(|pair| {
        matches!(
            pair,
            [
                "one" | "1" | "two" | "2" | "few" | "couple" | "of" | "three",
                "line" | "lines" | "sentence" | "sentences" | "liner" | "liners",
            ]
        )
    });
    let mut wants = few.then_some(true);
    for (at, word) in words.iter().enumerate() {
        let denied = words
            .get(at.saturating_sub(3)..at)
            .unwrap_or_default()
            .iter()
            .any(|before| {
                matches!(
                    *before,
                    "not" | "no" | "less" | "without" | "too" | "never" | "stop" | "hate"
                )
            });
        let short = if SHORT.contains(word) {
            !denied
        } else if SCORNED.contains(word) {
            true
        } else if LONG.contains(word) {
            denied
        } else {
            continue;
        };
        match wants {
            // "Short or long?"
            Some(before) if before != short => return None,
            _ => wants = Some(short),
        }
    }
    wants.map(|short| if short { "short" } else { "full" })
}
