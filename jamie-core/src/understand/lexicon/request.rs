//! A word in, what it does in a request out: it begins one, pleads, orders, or says that something ails.

use super::{SYMPTOMS, TROUBLE, is_filler, is_question_word, stem};

/// Words that begin a request, apart from the verbs that tools' phrases begin with.
pub(in crate::understand) fn begins_request(word: &str) -> bool {
    is_question_word(word)
        || matches!(
            word,
            "is" | "are"
                | "was"
                | "were"
                | "do"
                | "does"
                | "did"
                | "has"
                | "have"
                | "can"
                | "could"
                | "will"
                | "would"
                | "should"
                | "show"
                | "tell"
                | "give"
                | "list"
                | "check"
                | "get"
                | "find"
                | "explain"
                | "describe"
                | "count"
                | "look"
                | "see"
                | "let"
                | "please"
                | "compare"
                | "help"
                | "restart"
                | "scale"
                | "delete"
                | "fetch"
                | "grab"
                | "display"
                | "print"
                | "pull"
                | "any"
                | "anything"
                | "then"
                | "also"
                | "diagnose"
                | "investigate"
                | "debug"
        )
}

/// Words whose next word, if it has an article, makes them verbs: "monitor the api".
pub(in crate::understand) fn is_verb_like(word: &str) -> bool {
    matches!(
        word,
        "test"
            | "monitor"
            | "watch"
            | "check"
            | "search"
            | "report"
            | "store"
            | "sync"
            | "proxy"
            | "backup"
            | "run"
            | "start"
            | "stop"
            | "scale"
            | "log"
            | "mail"
            | "query"
            | "track"
            | "trace"
            | "build"
            | "deploy"
            | "release"
            | "order"
            | "pay"
            | "ship"
            | "cache"
            | "queue"
            | "schedule"
            | "notify"
            | "import"
            | "export"
            | "load"
    )
}

/// Words of a plea for help that name no trouble: "any idea?", "please have a look".
pub(in crate::understand) fn is_plea(word: &str) -> bool {
    matches!(
        word,
        "check"
            | "look"
            | "help"
            | "investigate"
            | "fix"
            | "debug"
            | "diagnose"
            | "sort"
            | "idea"
            | "ideas"
            | "clue"
            | "chance"
            | "problem"
            | "problems"
            | "issue"
            | "issues"
            | "wrong"
            | "happen"
            | "happening"
            | "happened"
            | "happens"
            | "explain"
            | "take"
            | "spare"
            | "able"
            | "kindly"
            | "appreciate"
            | "grateful"
            | "try"
            | "broken"
            | "urgent"
            | "urgently"
            | "asap"
            | "advise"
            | "assist"
            | "reason"
            | "cause"
            | "matter"
            | "thoughts"
            | "quick"
            | "quickly"
            | "favour"
            | "sec"
            | "second"
            | "minute"
            | "moment"
            | "question"
            | "mate"
            | "find"
            | "show"
            | "possible"
            | "figure"
            | "understand"
            | "clueless"
            | "lost"
            | "stuck"
            | "anyone"
            | "someone"
            | "somebody"
    ) || is_filler(word)
}

/// Words that hold questions together, for mending typos in them.
pub(in crate::understand) static SENTENCE_WORDS: &[&str] = &[
    "the",
    "what",
    "why",
    "how",
    "who",
    "where",
    "when",
    "which",
    "this",
    "that",
    "with",
    "from",
    "since",
    "about",
    "please",
    "and",
    "are",
    "have",
    "does",
    "not",
    "can",
    "could",
    "would",
    "should",
    "show",
    "tell",
    "give",
    "list",
    "many",
    "much",
    "there",
    "they",
    "them",
    "anything",
    "something",
    "everything",
    "happened",
    "happening",
    "yesterday",
    "today",
    "morning",
    "night",
    "hour",
    "hours",
    "minutes",
    "minute",
    "days",
    "week",
    "last",
    "past",
    "between",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "cluster",
    "namespace",
    "namespaces",
    "running",
    "working",
    "healthy",
    "wrong",
    "look",
    "check",
    "keeps",
    "still",
    "again",
    "because",
    "application",
    "thanks",
    "hello",
    "production",
    "staging",
    "double",
    "percent",
    "also",
    "then",
    "all",
];

/// Whether a word, in any form, speaks of trouble.
pub(in crate::understand) fn is_trouble(word: &str) -> bool {
    let stem = stem(word);
    TROUBLE
        .iter()
        .chain(SYMPTOMS)
        .any(|trouble| *trouble == word || super::stem(trouble) == stem)
}
