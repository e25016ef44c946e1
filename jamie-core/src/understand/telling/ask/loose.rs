//! A question about what is remembered in any words, what it asks for out: told by the words for it and by whom it speaks
//! of ("with whom do you believe you are speaking?"), where none of the patterns fits.

use super::Asked;
use crate::understand::{lexicon, words::Token};

/// The most words that such a question has.
const LONGEST: usize = 18;

/// What the words ask for.
pub(super) fn read(tokens: &[Token]) -> Option<Asked> {
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    let any = |of: &[&str]| words.iter().any(|word| of.contains(word));
    let run = |run: &[&str]| words.windows(run.len()).any(|window| window == run);
    let opening = words
        .iter()
        .find(|word| !lexicon::is_preposition(word) && !OPENINGS.contains(word))
        .copied()
        .unwrap_or_default();
    let asks = tokens.iter().any(|token| token.asked)
        || lexicon::is_question_word(opening)
        || run(&["tell", "me"])
        || run(&["show", "me"])
        || matches!(
            opening,
            "tell" | "show" | "list" | "remind" | "do" | "everything" | "all"
        );
    let several = tokens.iter().skip(1).any(|token| token.word == "and");
    if !asks || several || words.len() > LONGEST || words.iter().any(|word| is_of_the_estate(word)) {
        return None;
    }
    let jamie = any(&["you", "your", "yourself"]);
    if any(&["rules"]) && any(&["we", "our", "us", "team", "else"]) {
        return Some(Asked::Rules(None));
    }
    let from = any(&["who", "whom", "whose", "colleague"]) || run(&["where", "from"]);
    if from && any(TOLD) && any(FACT) && !any(&["my", "mine"]) && (jamie || any(COMES)) {
        return Some(Asked::Source(None));
    }
    if run(&["you", "to", "remember"]) {
        return Some(Asked::Me);
    }
    let of_me = any(&["me"]) && jamie
        || run(&["i", "like"])
        || run(&["you", "are", "speaking"])
        || run(&["you", "are", "talking"]);
    if any(NAMED) && any(&["who", "whom", "what", "how"]) && of_me {
        return Some(Asked::Mine("name".to_owned()));
    }
    if !any(&["i", "me", "my", "mine", "myself"]) {
        return None;
    }
    let which = any(&["which", "what", "where"]);
    let about = if any(&["timezone", "tz", "clock"]) || run(&["time", "zone"]) {
        "time_zone"
    } else if any(&["team", "squad", "crew"]) && which {
        "team"
    } else if any(&["answers", "replies", "reply", "explained", "explanations"])
        && (which || any(&["how", "long", "short", "length", "style"]))
    {
        "verbosity"
    } else if any(&["namespace", "namespaces"]) && which && any(&["mine", "my", "own"]) {
        "namespace"
    } else if which
        && (run(&["do", "i", "own"]) || any(&["apps", "app", "stuff", "things"]) && any(&["mine", "own"]))
    {
        "app"
    } else if run(&["my", "name"]) && jamie {
        "name"
    } else if any(&["me"]) && jamie && any(REMEMBERED) && any(&["all", "everything", "what", "anything"]) {
        return Some(Asked::Me);
    } else {
        return None;
    };
    Some(Asked::Mine(about.to_owned()))
}

const OPENINGS: &[&str] = &[
    "and", "so", "but", "ok", "then", "right", "please", "the", "hello", "hi", "again", "lol", "hm",
    "random", "well",
];
const TOLD: &[&str] = &[
    "told", "tell", "taught", "teach", "said", "gave", "give", "heard", "hear", "got", "have", "learned",
    "learnt", "comes", "come", "came", "made", "wrote",
];
const FACT: &[&str] = &[
    "that",
    "this",
    "it",
    "expression",
    "word",
    "rule",
    "note",
    "fact",
    "nickname",
    "one",
];
const COMES: &[&str] = &["from", "comes", "come", "came"];
const REMEMBERED: &[&str] = &[
    "know",
    "knows",
    "have",
    "got",
    "stored",
    "saved",
    "noted",
    "kept",
    "remember",
    "remembered",
    "hold",
    "collected",
];
const NAMED: &[&str] = &[
    "call",
    "called",
    "address",
    "addressed",
    "speaking",
    "talking",
    "name",
    "named",
];

/// Words of a question about the estate.
fn is_of_the_estate(word: &str) -> bool {
    lexicon::is_trouble(word)
        || crate::understand::kind_of(word).is_some_and(|kind| kind != "Namespace")
        || matches!(
            word,
            "logs"
                | "log"
                | "deploy"
                | "restart"
                | "scale"
                | "cluster"
                | "image"
                | "status"
                | "running"
                | "memory"
                | "cpu"
                | "up"
                | "healthy"
                | "ok"
                | "fine"
                | "doing"
                | "why"
                | "events"
                | "permission"
                | "permissions"
                | "access"
                | "delete"
                | "create"
                | "changed"
                | "changes"
        )
}
