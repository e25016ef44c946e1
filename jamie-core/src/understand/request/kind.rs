//! The words of a clause in, how it speaks of a kind out: as what is asked for, or as what should be well.

use crate::understand::{NameIndex, lexicon, words::Token};

/// Whether the kind is what is asked for, beside a name: "which pods run on node-1", "the api pods".
pub(super) fn asks_for_kind(tokens: &[Token], index: &NameIndex) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        index.kind(&token.word).is_some()
            && (at == 0
                || (1..=2).any(|back| {
                    at.checked_sub(back)
                        .and_then(|at| tokens.get(at))
                        .is_some_and(|before| {
                            matches!(
                                before.word.as_str(),
                                "which"
                                    | "what"
                                    | "list"
                                    | "show"
                                    | "all"
                                    | "any"
                                    | "howmany"
                                    | "count"
                                    | "get"
                                    | "every"
                                    | "each"
                                    | "number"
                            )
                        })
                })
                || (token.word.ends_with('s')
                    && at + 1 == tokens.len()
                    && tokens
                        .get(at - 1)
                        .is_some_and(|before| index.is_exact(&before.raw))))
    })
}

/// "Pods not ready in shop?", "are the nodes ok?": how they are is asked, not which there are.
pub(super) fn asks_health_of_kind(tokens: &[Token], index: &NameIndex) -> bool {
    let is_kind = |token: &Token| !token.quoted && index.kind(&token.word).is_some();
    let Some(at) = tokens.iter().position(is_kind) else {
        return false;
    };
    let (before, after) = (
        tokens.get(..at).unwrap_or_default(),
        tokens.get(at + 1..).unwrap_or_default(),
    );
    let lists = |token: &Token| {
        matches!(
            token.word.as_str(),
            "which"
                | "what"
                | "why"
                | "who"
                | "where"
                | "when"
                | "list"
                | "show"
                | "get"
                | "give"
                | "find"
                | "howmany"
                | "count"
                | "number"
                | "total"
                | "display"
                | "print"
                | "see"
                | "without"
                | "with"
                | "than"
                | "since"
        ) || token.quoted
    };
    let asked = tokens.last().is_some_and(|token| token.asked)
        || tokens
            .first()
            .is_some_and(|token| lexicon::is_auxiliary(&token.word) || token.word == "any")
        || tokens.len() <= 3;
    let standing = |token: &Token| {
        matches!(
            token.word.as_str(),
            "ok" | "okay"
                | "fine"
                | "well"
                | "alright"
                | "good"
                | "healthy"
                | "happy"
                | "up"
                | "running"
                | "ready"
                | "status"
                | "health"
                | "state"
                | "unready"
                | "unhealthy"
                | "broken"
                | "down"
                | "failing"
                | "crashing"
                | "unavailable"
        )
    };
    asked
        && !tokens.iter().any(lists)
        && !after.iter().any(is_kind)
        && after.iter().any(standing)
        && !before.iter().any(|token| lexicon::is_trouble(&token.word))
}
