//! The words of a clause in, how they stand to what they speak of out: an order for now, one that is held back
//! (denied, put off, bound to a condition), or none at all: a question, a tale, somebody else's words.

mod held;
mod told;

use serde::{Deserialize, Serialize};

use self::{
    held::{is_conditional, is_denied, is_later},
    told::{asks, is_deed_of_others, reports},
};
use super::words::{Break, Token};

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
