//! The words of a clause in, how they stand to what they speak of out: an order for now, one that is held back
//! (denied, put off, bound to a condition), or none at all: a question, a tale, somebody else's words.

use serde::{Deserialize, Serialize};

use super::{
    lexicon,
    words::{Break, Token},
};

/// Why a change that is spoken of is not asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// "Don't restart it."
    Denied,
    /// "If it crashes again, restart it."
    Conditional,
    /// "Restart it tomorrow."
    Later,
}

/// How a clause stands to what it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stance {
    /// It may be an order.
    #[default]
    Open,
    /// It speaks of something that is not to be done now.
    Held(Held),
    /// It asks or tells: nothing is to be done for it.
    Told,
}

/// Words that may stand before an order without a subject.
const BEFORE_ORDER: [&str; 14] = [
    "please", "and", "but", "so", "just", "then", "ok", "now", "pls", "no", "also", "whatever", "you", "mate",
];

/// Reads a clause. `orders` tells whether an order begins with a word.
pub(super) fn read(tokens: &[Token], orders: &dyn Fn(&str) -> bool) -> Stance {
    let words: Vec<&str> = tokens.iter().map(plain).collect();
    if asks(&words) {
        return Stance::Told;
    }
    // "I restarted it an hour ago, restart it again": what counts is the part that gives the order.
    let mut first = Stance::Open;
    let mut from = 0;
    for at in 1..=tokens.len() {
        if tokens.get(at).is_some_and(|token| token.before == Break::None) {
            continue;
        }
        let (part, said) = (
            tokens.get(from..at).unwrap_or_default(),
            words.get(from..at).unwrap_or_default(),
        );
        let stance = part_stance(part, said);
        let begins = said
            .iter()
            .find(|word| {
                !BEFORE_ORDER.contains(word) && !matches!(**word, "can" | "could" | "would" | "will")
            })
            .is_some_and(|word| orders(word));
        if stance == Stance::Open && begins {
            return Stance::Open;
        }
        if first == Stance::Open {
            first = stance;
        }
        from = at;
    }
    first
}

/// Reads a whole sentence, whose clauses hang together: what is told of others' words, or waits for something.
pub(super) fn of_sentence(tokens: &[Token]) -> Stance {
    let words: Vec<&str> = tokens.iter().map(plain).collect();
    if reports(&words) {
        Stance::Told
    } else if is_conditional(tokens, &words) {
        Stance::Held(Held::Conditional)
    } else {
        Stance::Open
    }
}

fn part_stance(tokens: &[Token], words: &[&str]) -> Stance {
    if is_denied(tokens, words) {
        Stance::Held(Held::Denied)
    } else if is_later(words) {
        Stance::Held(Held::Later)
    } else if is_deed_of_others(words) {
        Stance::Told
    } else {
        Stance::Open
    }
}

fn plain(token: &Token) -> &str {
    if token.quoted { "" } else { token.word.as_str() }
}

/// What holds all of a message back, wherever it stands: "…, but don't do it yet", "not now".
pub(super) fn whole(tokens: &[Token]) -> Option<Held> {
    let words: Vec<&str> = tokens.iter().map(plain).collect();
    let at = |place: usize| words.get(place).copied().unwrap_or("");
    for place in 0..words.len() {
        let ends = |length: usize| {
            tokens
                .get(place + length)
                .is_none_or(|token| token.before != Break::None)
        };
        match (at(place), at(place + 1), at(place + 2), at(place + 3)) {
            ("not", "yet" | "now", ..) if place == 0 || !is_be(at(place - 1)) => {
                // "It is not ready, not yet" is about something else; "but not yet" is not.
                return Some(Held::Later);
            }
            ("not", "today" | "tonight", ..) => return Some(Held::Later),
            ("not", "right" | "just", "now" | "yet", _) => return Some(Held::Later),
            ("hold", "off" | "on" | "fire", ..) if is_bidden(tokens, &words, place) => {
                return Some(Held::Later);
            }
            ("do", "not", "do" | "touch" | "change" | "apply", _)
                if is_bidden(tokens, &words, place)
                    && matches!(
                        at(place + 3),
                        "it" | "that" | "this" | "so" | "anything" | "" | "yet" | "now" | "any"
                    ) =>
            {
                let later = words
                    .iter()
                    .skip(place)
                    .any(|word| matches!(*word, "yet" | "now"));
                return Some(if later { Held::Later } else { Held::Denied });
            }
            ("do", "not", ..) if is_bidden(tokens, &words, place) && ends(2) => return Some(Held::Denied),
            ("nothing" | "none", "yet", ..) => return Some(Held::Later),
            ("only" | "just", "kidding" | "joking", ..) => return Some(Held::Denied),
            ("never", "mind", ..) | ("forget", "it" | "that", ..) if place > 0 => return Some(Held::Denied),
            ("dry", "run", "only", _) => return Some(Held::Denied),
            _ => {}
        }
    }
    None
}

fn is_be(word: &str) -> bool {
    matches!(
        word,
        "is" | "are" | "was" | "were" | "am" | "be" | "been" | "has" | "have" | "does" | "did"
    )
}

/// Whether what stands there has no subject: it is said to the hearer.
fn is_bidden(tokens: &[Token], words: &[&str], at: usize) -> bool {
    at == 0
        || tokens.get(at).is_some_and(|token| token.before != Break::None)
        || at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .is_some_and(|before| BEFORE_ORDER.contains(before))
}

fn is_denied(tokens: &[Token], words: &[&str]) -> bool {
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

fn is_conditional(tokens: &[Token], words: &[&str]) -> bool {
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
            follows
                && !matches!(at(place + 1), "more" | "again" | "only" | "")
                && !(place > 0 && matches!(at(place - 1), "at" | "all" | "for"))
                && !polite(place + 1)
                && !(at(place) == "when" && place == 0 && lexicon::is_auxiliary(at(1)))
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

fn is_later(words: &[&str]) -> bool {
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

/// Whether it asks: about the thing, how it is done, whether it should be.
fn asks(words: &[&str]) -> bool {
    let at = |place: usize| words.get(place).copied().unwrap_or("");
    let mut first = 0;
    while matches!(
        at(first),
        "and"
            | "but"
            | "so"
            | "hey"
            | "ok"
            | "well"
            | "hi"
            | "mate"
            | "hmm"
            | "please"
            | "maybe"
            | "perhaps"
            | "also"
    ) {
        first += 1;
    }
    let wished = matches!(at(first + 2), "have" | "get" | "ask");
    let opens = match (at(first), at(first + 1)) {
        ("can" | "could" | "may", "i") => !wished,
        (
            "is" | "are" | "was" | "were" | "did" | "does" | "has" | "had" | "shall" | "may" | "might"
            | "must" | "suppose" | "imagine" | "wonder" | "wondering" | "what" | "why" | "who" | "where"
            | "which" | "how" | "worth" | "safe" | "better" | "best",
            _,
        )
        | ("should", "i" | "we" | "one" | "it" | "that")
        | ("would" | "will" | "could" | "can", "it" | "this" | "that" | "there" | "they" | "a")
        | ("do", "i" | "we" | "you" | "they")
        | ("have", "you" | "we" | "they" | "i" | "somebody" | "someone" | "anybody" | "anyone")
        | ("any" | "no", "point" | "idea" | "reason" | "use")
        | ("not", "sure")
        | ("say" | "assume", "i" | "we") => true,
        _ => false,
    };
    // "Drain of node-2 hangs" speaks of one; "I want to drain it but it is not finishing" tells of trouble with it.
    let noun = at(first + 1) == "of"
        && matches!(
            at(first),
            "drain" | "restart" | "rollback" | "rollout" | "delete" | "resize"
        );
    let tried = words.iter().position(|word| *word == "but").is_some_and(|but| {
        words
            .iter()
            .take(but)
            .any(|word| matches!(*word, "want" | "try" | "trying" | "tried" | "wanted"))
            && words.iter().skip(but).any(|word| {
                matches!(
                    *word,
                    "is" | "not" | "cannot" | "hangs" | "fails" | "stuck" | "blocked"
                )
            })
    });
    opens
        || noun
        || tried
        || (0..words.len()).any(|place| {
            let before = place.checked_sub(1).map_or("", at);
            match (at(place), at(place + 1)) {
                ("how", "to" | "do" | "would" | "can" | "one" | "i" | "we")
                | ("what", "if" | "happens" | "would")
                | ("command" | "commands" | "steps" | "instructions" | "way", "to" | "for" | "that")
                | ("thinking", "of" | "about" | "that" | "we" | "whether")
                | ("should", "i" | "we")
                | (
                    "wonder" | "wondering" | "wondered" | "considering" | "contemplating" | "pondering"
                    | "tempted",
                    _,
                ) => true,
                ("think", "about" | "we" | "i" | "it") => before != "i" || at(place + 1) != "we",
                _ => false,
            }
        })
}

/// Whether it gives somebody else's words: "bob says restart it".
fn reports(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(place, word)| {
        let before = place
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or("");
        let says = matches!(
            *word,
            "says"
                | "said"
                | "suggests"
                | "suggested"
                | "recommends"
                | "recommended"
                | "recommend"
                | "reckons"
                | "thinks"
                | "claims"
                | "claimed"
                | "advised"
                | "advises"
                | "insists"
                | "mentioned"
                | "thought"
                | "asks"
                | "tells"
                | "told"
                | "asked"
                | "wanted"
        );
        says && place > 0 && !matches!(before, "i" | "as" | "you")
    })
}

/// Whether it tells what somebody did, does or will do: "I restarted it", "we are going to scale it".
fn is_deed_of_others(words: &[&str]) -> bool {
    let at = |place: usize| words.get(place).copied().unwrap_or("");
    (0..words.len()).any(|place| {
        if !matches!(
            at(place),
            "i" | "we" | "they" | "he" | "she" | "somebody" | "someone" | "nobody" | "who"
        ) {
            return false;
        }
        let verb = at(place + 1);
        let wishes =
            verb == "will" && matches!(at(place + 2), "like" | "love" | "need" | "want" | "have" | "take");
        is_past(verb)
            || (matches!(
                verb,
                "will"
                    | "am"
                    | "was"
                    | "were"
                    | "did"
                    | "had"
                    | "could"
                    | "might"
                    | "may"
                    | "just"
                    | "already"
                    | "are"
            ) && !wishes
                && is_deed(at(place + 2), at(place + 3), at(place + 4)))
            || (matches!(verb, "have" | "has") && is_past(at(place + 2)))
            || matches!(verb, "usually" | "always" | "normally" | "often")
    })
}

/// "Restarted", "rolled back", "took down": something that was done.
fn is_past(word: &str) -> bool {
    (word.len() > 4
        && word.ends_with("ed")
        && !matches!(word, "need" | "indeed" | "speed" | "exceed" | "proceed"))
        || matches!(
            word,
            "took" | "did" | "gave" | "made" | "ran" | "went" | "brought" | "cut" | "undid"
        )
}

/// What somebody does or did themselves: "I was restarting", "I will restart", "I am about to".
fn is_deed(verb: &str, next: &str, further: &str) -> bool {
    let doing = |word: &str| word.ends_with("ing") || is_past(word);
    if matches!(verb, "going" | "about" | "gonna") {
        return true;
    }
    (doing(verb)
        || (!lexicon::is_filler(verb)
            && !matches!(verb, "sure" | "happy" | "afraid" | "glad" | "done" | "fed")))
        && !(verb == "hoping" || verb == "asking" || verb == "wishing")
        && !(matches!(verb, "need" | "want" | "like") || next == "like" || further == "like")
}
