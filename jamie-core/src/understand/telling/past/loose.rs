//! A question about what was in any words, what it asks out: told by the words in it that only speak of what is over
//! ("who gets the credit for curing ledger?"), where none of the patterns fits.

use super::PastKind;
use crate::understand::{lexicon, words::Token};

/// What was done to what was broken.
const MENDED: &[&str] = &[
    "fixed",
    "solved",
    "sorted",
    "resolved",
    "mended",
    "repaired",
    "cured",
    "healed",
    "rescued",
    "revived",
    "remedied",
    "unblocked",
    "unstuck",
    "untangled",
    "patched",
    "handled",
    "tackled",
    "recovered",
    "restored",
];
/// The same behind a "did".
const MEND: &[&str] = &[
    "fix", "solve", "sort", "resolve", "mend", "repair", "cure", "heal", "rescue", "revive", "remedy",
    "unblock", "patch", "handle", "tackle", "recover", "restore",
];
/// Runs of words that say that somebody or something helped.
const HELPED: &[&[&str]] = &[
    &["the", "trick"],
    &["the", "credit"],
    &["on", "its", "feet"],
    &["on", "their", "feet"],
    &["whose", "fix"],
    &["whose", "idea"],
    &["for", "fixing"],
    &["for", "repairing"],
    &["for", "solving"],
    &["for", "sorting"],
    &["for", "mending"],
    &["who", "did", "it"],
    &["who", "did", "that"],
    &["who", "was", "that"],
    &["did", "help"],
    &["found", "it"],
    &["out", "of", "it"],
    &["out", "of", "that"],
    &["did", "they", "fix"],
    &["jumped", "on"],
    &["took", "care"],
    &["dealt", "with"],
    &["got", "it", "going"],
    &["got", "it", "working"],
    &["got", "it", "back"],
    &["saved", "the", "day"],
    &["had", "to", "correct"],
    &["had", "to", "change"],
    &["had", "to", "fix"],
    &["stepped", "in"],
];
/// Runs of words that ask whether and when it was so before.
const BEFORE: &[&[&str]] = &[
    &["a", "repeat"],
    &["how", "many", "times", "did"],
    &["how", "often", "did"],
    &["when", "was", "that"],
    &["what", "day", "was", "that"],
    &["which", "day", "was", "that"],
    &["previous", "outage"],
    &["last", "outage"],
    &["previous", "incident"],
    &["last", "incident"],
    &["previous", "crash"],
    &["this", "stunt"],
    &["the", "previous", "time"],
    &["over", "on", "us"],
    &["many", "times", "total"],
    &["how", "many", "days", "ago"],
    &["that", "stunt"],
    &["some", "bother"],
    &["the", "tally"],
    &["actual", "tally"],
];
/// Runs of words about what was done, whether it helped or not.
const DONE: &[&[&str]] = &[
    &["did", "that", "do", "anything"],
    &["did", "that", "help"],
    &["did", "that", "work"],
    &["did", "it", "help"],
    &["waste", "of", "time"],
    &["did", "they", "do"],
    &["did", "he", "do"],
    &["did", "she", "do"],
    &["did", "somebody", "try"],
    &["did", "anybody", "try"],
    &["did", "anyone", "try"],
    &["was", "tried"],
    &["who", "tried"],
    &["attempt", "was"],
    &["did", "not", "help"],
];
/// Words of a question about what is to be done, or of an order.
const AHEAD: &[&str] = &[
    "can", "could", "should", "would", "will", "shall", "needs", "must",
];

/// What the words ask, and about what.
pub(super) fn read(tokens: &[Token]) -> Option<(PastKind, Option<String>)> {
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    let has = |runs: &[&[&str]]| {
        runs.iter()
            .any(|run| words.windows(run.len()).any(|window| window == *run))
    };
    let asks = words.iter().any(|word| {
        matches!(
            *word,
            "who" | "what" | "how" | "which" | "whose" | "when" | "did" | "is" | "has" | "whom"
        )
    });
    let opening = words
        .iter()
        .position(|word| {
            matches!(
                *word,
                "who" | "what" | "how" | "which" | "whose" | "whom" | "when"
            )
        })
        .unwrap_or_default();
    // "Who fixed it, so that I can thank them?" asks about the past, "how can I fix it?" does not.
    let ahead = words.iter().take(opening + 4).any(|word| AHEAD.contains(word))
        || has(&[&["how", "do", "i"], &["how", "do", "we"], &["to", "be"]]);
    if !asks || ahead || words.len() > 24 {
        return None;
    }
    let asked = words
        .iter()
        .position(|word| matches!(*word, "who" | "what" | "how" | "which" | "whose" | "whom"))
        .or_else(|| (words.first() == Some(&"did")).then_some(0));
    let behind = asked.and_then(|at| words.get(at..)).unwrap_or_default();
    let did = behind.contains(&"did") || behind.contains(&"managed");
    let was = behind.iter().any(|word| matches!(*word, "was" | "were"));
    let mended = behind
        .iter()
        .any(|word| MENDED.contains(word) || did && MEND.contains(word))
        || was && has(&[&["to", "fix"], &["to", "sort"], &["to", "solve"], &["to", "mend"]]);
    // "Is it fixed?" and "which pods are fixed?" ask how it is.
    let now = behind.iter().any(|word| matches!(*word, "is" | "are" | "being"))
        && !behind
            .iter()
            .any(|word| matches!(*word, "was" | "were" | "did" | "has" | "had" | "got"));
    // How often something was restarted is counted in the estate.
    let counted = words.iter().any(|word| word.starts_with("restart"));
    // "Who was it that got payments running?"
    let got = did
        || was
        || behind
            .iter()
            .any(|word| matches!(*word, "got" | "brought" | "put"));
    let brought = behind
        .iter()
        .any(|word| matches!(*word, "got" | "get" | "brought"))
        && behind
            .iter()
            .any(|word| matches!(*word, "running" | "going" | "working" | "back" | "healthy"));
    let mended = mended || got && brought && behind.contains(&"who");
    let kind = if has(BEFORE) && !counted {
        PastKind::Before
    } else if has(HELPED) || mended && !now {
        PastKind::Helped
    } else if has(DONE) {
        PastKind::Done
    } else {
        return None;
    };
    Some((kind, subject(tokens)))
}

/// The words that say more than that something was broken and mended.
pub(super) fn subject(tokens: &[Token]) -> Option<String> {
    let said: Vec<&str> = tokens
        .iter()
        .map(|token| token.word.as_str())
        .filter(|word| tells(word))
        .collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn tells(word: &str) -> bool {
    !(lexicon::is_filler(word)
        || lexicon::is_trouble(word)
        || lexicon::is_pronoun(word)
        || lexicon::is_determiner(word)
        || lexicon::is_preposition(word)
        || lexicon::is_auxiliary(word)
        || lexicon::is_question_word(word)
        || MENDED.contains(&word)
        || MEND.contains(&word)
        || EMPTY.contains(&word))
}

const EMPTY: &[&str] = &[
    "thing",
    "things",
    "business",
    "outage",
    "incident",
    "problem",
    "issue",
    "mess",
    "saga",
    "drama",
    "affair",
    "trouble",
    "bother",
    "week",
    "month",
    "day",
    "time",
    "times",
    "other",
    "last",
    "previous",
    "recent",
    "most",
    "end",
    "back",
    "then",
    "actually",
    "really",
    "roughly",
    "trick",
    "credit",
    "feet",
    "gets",
    "get",
    "got",
    "going",
    "went",
    "go",
    "working",
    "people",
    "folks",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "team",
    "again",
    "ago",
    "long",
    "before",
    "past",
    "whose",
    "fix",
    "idea",
    "day",
    "many",
    "often",
    "tally",
    "repeat",
    "stunt",
    "pulled",
    "jumped",
    "stepped",
    "do",
    "did",
    "done",
    "try",
    "tried",
    "something",
    "anything",
    "waste",
    "help",
    "helped",
    "work",
    "worked",
    "correct",
    "change",
    "had",
    "two",
    "weeks",
    "months",
    "days",
    "year",
    "so",
    "if",
    "and",
    "or",
    "whenever",
    "postmortem",
    "retro",
    "whatever",
    "need",
    "buy",
    "coffee",
    "them",
    "its",
    "thank",
    "fixing",
    "repairing",
    "solving",
    "sorting",
    "mending",
    "running",
    "mentioned",
    "heard",
    "earlier",
    "knackered",
    "happened",
    "there",
    "changed",
    "brains",
    "pick",
    "looking",
    "dies",
    "constantly",
    "used",
    "run",
    "fall",
    "fell",
    "over",
    "differently",
    "ask",
    "attempt",
    "one",
    "ones",
    "us",
    "total",
    "found",
    "it",
    "lately",
    "recently",
    "feels",
    "like",
    "lot",
    "know",
    "remember",
    "that",
    "this",
    "by",
    "managed",
    "took",
    "care",
    "dealt",
    "saved",
    "cure",
    "deal",
];
