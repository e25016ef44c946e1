//! A word in, its part in a sentence out: filler, a determiner, a pronoun, a preposition, an auxiliary.

/// Words that hold a sentence together and say nothing by themselves.
pub(in crate::understand) fn is_filler(word: &str) -> bool {
    is_determiner(word)
        || is_pronoun(word)
        || is_preposition(word)
        || is_auxiliary(word)
        || is_question_word(word)
        || matches!(
            word,
            "and"
                | "or"
                | "but"
                | "so"
                | "then"
                | "than"
                | "if"
                | "whether"
                | "because"
                | "as"
                | "not"
                | "no"
                | "yes"
                | "please"
                | "just"
                | "really"
                | "very"
                | "quite"
                | "pretty"
                | "now"
                | "also"
                | "too"
                | "again"
                | "still"
                | "yet"
                | "ever"
                | "even"
                | "only"
                | "there"
                | "here"
                | "i"
                | "me"
                | "you"
                | "we"
                | "us"
                | "he"
                | "she"
                | "ok"
                | "okay"
                | "oh"
                | "um"
                | "well"
                | "like"
                | "thing"
                | "things"
                | "stuff"
                | "actually"
                | "maybe"
                | "perhaps"
                | "though"
                | "plus"
                | "let"
                | "go"
                | "going"
                | "gone"
                | "goes"
                | "get"
                | "gets"
                | "got"
                | "getting"
                | "give"
                | "want"
                | "need"
                | "know"
                | "think"
                | "tell"
                | "see"
                | "look"
                | "looks"
                | "looking"
                | "say"
                | "says"
                | "said"
                | "seem"
                | "seems"
                | "some"
                | "any"
                | "more"
                | "most"
                | "much"
                | "many"
                | "other"
                | "another"
                | "same"
                | "kind"
                | "sort"
                | "bit"
                | "lot"
                | "hell"
                | "heck"
                | "earth"
                | "wrong"
                | "up"
                | "down"
                | "keep"
                | "keeps"
                | "make"
                | "makes"
                | "made"
                | "right"
                | "day"
                | "time"
        )
}

/// Words before a noun.
pub(in crate::understand) fn is_determiner(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "my"
            | "our"
            | "your"
            | "their"
            | "his"
            | "her"
            | "every"
            | "each"
            | "all"
            | "both"
    )
}

/// Words that stand for what was spoken of.
pub(in crate::understand) fn is_pronoun(word: &str) -> bool {
    matches!(
        word,
        "it" | "its"
            | "this"
            | "that"
            | "they"
            | "them"
            | "these"
            | "those"
            | "their"
            | "theirs"
            | "itself"
            | "themselves"
    )
}

/// Words before a name or a place.
pub(in crate::understand) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "from"
            | "in"
            | "on"
            | "with"
            | "without"
            | "to"
            | "about"
            | "by"
            | "against"
            | "at"
            | "around"
            | "inside"
            | "into"
            | "via"
            | "between"
            | "within"
            | "across"
            | "over"
            | "under"
            | "behind"
            | "through"
            | "near"
            | "out"
            | "off"
            | "during"
            | "after"
            | "before"
            | "since"
            | "until"
            | "till"
    )
}

/// Auxiliary verbs, which stand before or after a subject.
pub(in crate::understand) fn is_auxiliary(word: &str) -> bool {
    matches!(
        word,
        "is" | "are"
            | "was"
            | "were"
            | "am"
            | "be"
            | "been"
            | "being"
            | "do"
            | "does"
            | "did"
            | "has"
            | "have"
            | "had"
            | "can"
            | "could"
            | "will"
            | "would"
            | "should"
            | "shall"
            | "may"
            | "might"
            | "must"
    )
}

/// Question words.
pub(in crate::understand) fn is_question_word(word: &str) -> bool {
    matches!(
        word,
        "what" | "why" | "how" | "who" | "whom" | "whose" | "where" | "when" | "which"
    )
}
