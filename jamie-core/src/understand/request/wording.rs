//! The words of a clause in, how it is put out: as an order, a question, a denial, the last request again, in brief.

use crate::understand::{
    Intents, amount,
    intent::Signals,
    lexicon,
    words::{Break, Token},
};

/// "There", where a place is meant: not "is there", nor first.
pub(super) fn says_there(tokens: &[Token], taken: &[bool]) -> bool {
    tokens
        .iter()
        .zip(taken)
        .any(|(token, taken)| !taken && token.word == "there" && token.before == Break::None)
        && !tokens
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if lexicon::is_auxiliary(&a.word) && b.word == "there"))
        && tokens.first().is_none_or(|token| token.word != "there")
}

/// Whether "why?" is all that the words ask.
pub(super) fn only_asks_why(words: &[String]) -> bool {
    words.iter().any(|word| word == "why")
        && words.iter().all(|word| {
            matches!(
                word.as_str(),
                "why" | "is" | "that" | "so" | "though" | "and" | "but"
            )
        })
}

/// What stands in quotation marks and is not taken yet; it is taken now.
pub(super) fn quotations(tokens: &[Token], taken: &mut [bool]) -> Vec<String> {
    let mut quoted = Vec::new();
    for (token, taken) in tokens.iter().zip(taken.iter_mut()) {
        if token.quoted && !*taken {
            quoted.push(token.raw.clone());
            *taken = true;
        }
    }
    quoted
}

/// "since the deploy", "after our last release": when something began, not what is asked about.
pub(super) fn is_occasion(tokens: &[Token], at: usize) -> bool {
    let is_event = tokens.get(at).is_some_and(|token| {
        matches!(
            lexicon::stem(&token.word).as_str(),
            "deploy"
                | "deployment"
                | "releas"
                | "ship"
                | "launch"
                | "migrat"
                | "rollout"
                | "updat"
                | "upgrad"
                | "restart"
                | "reboot"
                | "chang"
                | "migration"
                | "merg"
                | "push"
                | "patch"
                | "reconfig"
                | "maintenanc"
                | "failover"
        )
    });
    if !is_event {
        return false;
    }
    for back in 1..=5 {
        let Some(before) = at.checked_sub(back).and_then(|at| tokens.get(at)) else {
            return false;
        };
        match before.word.as_str() {
            "since" | "after" | "following" => return true,
            "what" | "who" | "which" | "why" | "and" | "but" | "not" => return false,
            _ if before.quoted
                || tokens
                    .get(at - back + 1)
                    .is_some_and(|next| next.before != Break::None) =>
            {
                return false;
            }
            _ => {}
        }
    }
    false
}

/// Words that stand like an order: first, or behind "please", "can you", "to", "a".
pub(super) fn orders(tokens: &[Token]) -> Vec<String> {
    let wished = tokens.iter().any(|token| {
        matches!(
            token.word.as_str(),
            "like" | "want" | "need" | "get" | "have" | "wish"
        )
    }) && tokens.first().is_some_and(|token| {
        matches!(
            token.word.as_str(),
            "i" | "we" | "can" | "could" | "please" | "would" | "get" | "have" | "lets"
        )
    });
    let standing = tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| {
            let before = at
                .checked_sub(1)
                .and_then(|at| tokens.get(at))
                .map_or("", |token| token.word.as_str());
            !token.quoted
                && (*at == 0
                    || token.before != Break::None
                    || matches!(
                        before,
                        "please"
                            | "you"
                            | "to"
                            | "and"
                            | "then"
                            | "just"
                            | "now"
                            | "also"
                            | "a"
                            | "us"
                            | "should"
                            | "must"
                            | "ok"
                            | "so"
                            | "quickly"
                            | "kindly"
                            | "needs"
                            | "need"
                            | "wants"
                            | "want"
                            | "lets"
                            | "we"
                    ))
        })
        .map(|(_, token)| token.word.clone());
    // "Would you mind restarting it", "I'd like it restarted".
    let forms = tokens.windows(2).filter_map(|pair| {
        let [before, token] = pair else { return None };
        let form = (before.word == "mind" && token.word.ends_with("ing"))
            || (wished && token.word.ends_with("ed") && token.word.len() > 5);
        form.then(|| lexicon::stem(&token.word))
    });
    standing.chain(forms).collect()
}

/// Words that say that something is not so.
pub(super) fn denies(word: &str) -> bool {
    matches!(
        word,
        "not" | "no" | "nothing" | "nobody" | "none" | "neither" | "zero" | "without"
    )
}

/// "In two lines", "a few words on": how long the answer may be; it is a summary that is wanted.
pub(super) fn said_briefly(tokens: &[Token], words: &mut Vec<String>) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let measures = |word: &str| {
        matches!(
            word,
            "line" | "lines" | "sentence" | "sentences" | "word" | "words" | "nutshell" | "bullets"
        )
    };
    let brief = (1..tokens.len()).any(|at| {
        let few = matches!(
            word(at - 1),
            "a" | "few" | "couple" | "one" | "quick" | "some" | "short"
        ) || amount::number(word(at - 1)).is_some();
        let inside = (2..=4).any(|back| at.checked_sub(back).is_some_and(|at| word(at) == "in"))
            && !matches!(word(at + 1), "of" | "from");
        measures(word(at)) && few && (inside || matches!(word(at + 1), "on" | "about" | "for"))
    });
    if brief {
        words.retain(|word| !measures(word) && !matches!(word.as_str(), "few" | "couple"));
        words.push("summary".to_owned());
    }
    brief
}

/// Whether it begins like a question; an order may be wrapped in one: "can you restart …".
pub(super) fn asks(tokens: &[Token]) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let wrapped = matches!(word(0), "can" | "could" | "would" | "will")
        && matches!(
            word(1),
            "you" | "we" | "i" | "someone" | "somebody" | "anyone" | "anybody" | "u" | "ya"
        );
    (lexicon::is_question_word(word(0)) || lexicon::is_auxiliary(word(0))) && !wrapped
}

/// "and web?", "what about staging?", "same for the db": nothing asked that was not asked before.
pub(super) fn is_repeat(tokens: &[Token], signals: &Signals, intents: &Intents) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    let cue = matches!(
        (word(0), word(1)),
        ("what" | "how", "about")
            | (
                "and" | "or" | "also" | "plus" | "now" | "same" | "but" | "then",
                _
            )
            | ("do" | "try", "the")
    );
    let again = signals
        .words
        .iter()
        .any(|word| matches!(word.as_str(), "again" | "retry" | "refresh" | "same"));
    let says_little = signals.words.iter().all(|word| {
        lexicon::is_filler(word) && !matches!(word.as_str(), "why" | "when" | "who" | "wrong" | "down")
            || !intents.uses(word)
    });
    (cue || again) && says_little
}
