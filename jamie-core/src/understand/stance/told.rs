//! The words of a clause in, whether they ask or tell rather than order out.

use crate::understand::lexicon;

/// Whether it asks: about the thing, how it is done, whether it should be.
pub(super) fn asks(words: &[&str]) -> bool {
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
pub(super) fn reports(words: &[&str]) -> bool {
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
pub(super) fn is_deed_of_others(words: &[&str]) -> bool {
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
