//! The words of a clause in, whether they hold back what they speak of out: by a denial, a condition, a later time.

use super::{is_be, is_bidden};
use crate::understand::{
    lexicon,
    words::{Break, Token},
};

pub(super) fn is_denied(tokens: &[Token], words: &[&str]) -> bool {
    let at = |place: usize| words.get(place).copied().unwrap_or("");
    (0..words.len()).any(|place| {
        let bidden = is_bidden(tokens, words, place);
        match (at(place), at(place + 1), at(place + 2)) {
            ("do", "not", next) => {
                // "Don't forget to …" and "don't hesitate to …" ask for it all the more.
                bidden && !matches!(next, "forget" | "hesitate" | "worry" | "wait")
                    || (place > 0
                        && matches!(at(place - 1), "i" | "we")
                        && matches!(next, "want" | "need" | "think" | "wish" | "like"))
            }
            ("must" | "should" | "shall" | "may" | "can" | "could", "not", next) => {
                place > 0
                    && (next == "be" || matches!(at(place - 1), "you" | "we" | "i" | "anyone" | "nobody"))
            }
            ("never", next, _) => bidden && next != "mind",
            ("no", "need", "to" | "for") | ("leave", _, "alone" | "be") => true,
            ("leave", _, _) if bidden => words.iter().any(|word| matches!(*word, "alone" | "untouched")),
            ("hands", "off", _) | ("rather", "not", _) => true,
            ("avoid" | "refrain", ..) => bidden,
            ("not", verb, _) => {
                bidden && !matches!(verb, "yet" | "now" | "sure" | "a" | "the" | "that" | "only")
            }
            ("nobody" | "noone", "may" | "should" | "must" | "is", _) if place == 0 => true,
            _ => false,
        }
    })
}

pub(super) fn is_conditional(tokens: &[Token], words: &[&str]) -> bool {
    let at = |place: usize| words.get(place).copied().unwrap_or("");
    let polite = |place: usize| {
        matches!(
            at(place),
            "possible" | "necessary" | "not" | "needed" | "so" | "any" | "only" | "need"
        ) || (at(place) == "you"
            && matches!(
                at(place + 1),
                "can"
                    | "could"
                    | "would"
                    | "will"
                    | "do"
                    | "like"
                    | "please"
                    | "may"
                    | "have"
                    | "get"
                    | "are"
                    | "find"
                    | "want"
                    | "feel"
                    | "think"
            ))
            || (matches!(at(place), "it" | "that" | "this")
                && words.iter().skip(place + 1).take(4).any(|word| {
                    matches!(
                        *word,
                        "ok" | "okay" | "alright" | "trouble" | "possible" | "fine" | "bother"
                    )
                }))
    };
    (0..words.len()).any(|place| match at(place) {
        "if" => {
            // "As if", "see if", "check if": no condition.
            let asks = place.checked_sub(1).is_some_and(|at| {
                matches!(
                    words.get(at).copied(),
                    Some("as" | "see" | "check" | "know" | "wonder" | "ask" | "tell" | "me")
                )
            });
            !asks && !polite(place + 1)
        }
        "unless" | "whenever" => !polite(place + 1),
        // "Run it once": no condition.
        "once"
            if !words.iter().skip(place + 1).take(8).any(|word| {
                is_be(word)
                    || matches!(
                        *word,
                        "gets"
                            | "comes"
                            | "finishes"
                            | "finished"
                            | "completes"
                            | "done"
                            | "starts"
                            | "recovers"
                            | "passes"
                            | "looks"
                            | "goes"
                    )
            }) =>
        {
            false
        }
        "when" | "once" => {
            let follows = place > 0 || tokens.iter().skip(1).any(|token| token.before == Break::Comma);
            // "Once more", "at once", "when is it up": no condition.
            let idiom = matches!(at(place + 1), "more" | "again" | "only" | "")
                || (place > 0 && matches!(at(place - 1), "at" | "all" | "for"))
                || polite(place + 1)
                || (at(place) == "when" && place == 0 && lexicon::is_auxiliary(at(1)));
            follows && !idiom
        }
        "case" => place > 0 && at(place - 1) == "in" && !matches!(at(place + 1), "" | "you"),
        "soon" => place > 0 && at(place - 1) == "as" && !matches!(at(place + 2), "possible" | "you"),
        "provided" | "assuming" | "supposing" => is_bidden(tokens, words, place),
        "depending" => at(place + 1) == "on",
        // "Should it crash, restart it."
        "should" => {
            place == 0
                && tokens.iter().skip(1).any(|token| token.before == Break::Comma)
                && !matches!(at(1), "i" | "we" | "you")
        }
        _ => false,
    })
}

pub(super) fn is_later(words: &[&str]) -> bool {
    let at = |place: usize| words.get(place).copied().unwrap_or("");
    let unit = |word: &str| {
        matches!(
            word,
            "minute"
                | "minutes"
                | "min"
                | "mins"
                | "hour"
                | "hours"
                | "day"
                | "days"
                | "week"
                | "weeks"
                | "bit"
                | "while"
        )
    };
    (0..words.len()).any(|place| match at(place) {
        "later" => !(place > 0 && matches!(at(place - 1), "or" | "no")),
        "tomorrow" | "eventually" | "afterwards" => {
            place == 0 || !matches!(at(place - 1), "for" | "until" | "till" | "by")
        }
        "tonight" => place > 0 && !matches!(at(place - 1), "for" | "until" | "till" | "needs" | "need"),
        "next" => {
            matches!(
                at(place + 1),
                "week"
                    | "month"
                    | "monday"
                    | "tuesday"
                    | "wednesday"
                    | "thursday"
                    | "friday"
                    | "weekend"
                    | "sprint"
            ) && !(place > 0 && matches!(at(place - 1), "for" | "until" | "till"))
        }
        "in" => {
            unit(at(place + 2)) && !matches!(at(place + 1), "last" | "past" | "the")
                || (at(place + 1) == "half" && matches!(at(place + 3), "hour"))
                || unit(at(place + 3)) && at(place + 1) == "a"
        }
        "after" => {
            matches!(at(place + 1), "lunch" | "work" | "hours" | "midnight" | "dinner")
                || at(place + 2) == "release"
        }
        "some" | "another" => matches!(at(place + 1), "day" | "time") && at(place + 2) != "limit",
        _ => false,
    })
}
