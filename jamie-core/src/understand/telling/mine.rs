//! A sentence in, which of the person's own facts it is about out, where it says nothing else: "which team do you have me
//! in?", "forget what time zone I am in".
//!
//! Such a sentence is made of words without content, one word for a fact, and one for the person; so it is told by what
//! it does not say rather than by its form.

use super::ask::about;

/// Words that add nothing to which fact is meant.
const EMPTY: &[&str] = &[
    "what",
    "which",
    "who",
    "do",
    "does",
    "did",
    "you",
    "have",
    "has",
    "had",
    "got",
    "think",
    "know",
    "remember",
    "remembered",
    "noted",
    "saved",
    "stored",
    "kept",
    "set",
    "use",
    "used",
    "using",
    "me",
    "my",
    "mine",
    "i",
    "am",
    "is",
    "are",
    "was",
    "in",
    "on",
    "for",
    "to",
    "at",
    "of",
    "with",
    "under",
    "down",
    "as",
    "belong",
    "own",
    "default",
    "main",
    "again",
    "the",
    "a",
    "currently",
    "now",
    "still",
    "that",
    "it",
    "called",
    "work",
    "part",
    "told",
    "tell",
    "say",
    "said",
    "or",
    "please",
    "short",
    "long",
    "full",
    "brief",
    "detailed",
    "supposed",
    "meant",
    "pitch",
    "should",
    "your",
    "about",
    "how",
    "like",
    "prefer",
    "want",
    "stick",
    "stuck",
    "right",
    "correct",
    "still",
    "according",
    "be",
];

/// The name of [`crate::memory::About`] that the words ask about or speak of, without the verb that says what to do.
pub(super) fn fact(words: &str) -> Option<&'static str> {
    let mut found = None;
    let mut own = false;
    let mut rest = words.split(' ').peekable();
    while let Some(word) = rest.next() {
        own |= matches!(word, "me" | "my" | "mine" | "i");
        let named = match (word, rest.peek()) {
            ("time", Some(&"zone")) => {
                rest.next();
                Some("time_zone")
            }
            ("answers" | "replies" | "answer" | "reply", _) => Some("verbosity"),
            _ => about(word),
        };
        match named {
            // Two of them are two questions.
            Some(name) if found.is_some_and(|found| found != name) => return None,
            Some(name) => found = Some(name),
            None if EMPTY.contains(&word) => {}
            None => return None,
        }
    }
    found.filter(|_| own)
}
