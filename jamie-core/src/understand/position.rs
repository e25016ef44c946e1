//! Where a word stands in, whether an object's name can stand there out.

use super::{
    Intents, NameIndex, lexicon,
    words::{Break, Token},
};

/// The words of a clause, looked at one place at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    pub(super) tokens: &'a [Token],
    pub(super) index: &'a NameIndex,
    pub(super) intents: &'a Intents,
}

/// How freely a word may be taken for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Freedom {
    /// A word that tools are asked for with, a kind, filler: only where nothing but a name can stand.
    Bound,
    /// Everyday English: only where a name is likely to stand.
    Common,
    /// English, but rare: if it is a name in full, or where a name is likely to stand.
    Rare,
    /// No English: anywhere, in any form.
    Free,
}

impl Places<'_> {
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.word.as_str())
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    fn joined(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.before == Break::None)
    }

    /// Whether a namespace follows the preposition there.
    fn is_placed(&self, at: usize) -> bool {
        let mut at = at + 1;
        while lexicon::is_determiner(self.word(at)) {
            at += 1;
        }
        self.is_namespace(at) || lexicon::environment(self.word(at)).is_some()
    }

    fn is_namespace(&self, at: usize) -> bool {
        let raw = self.tokens.get(at).map_or("", |token| token.raw.as_str());
        self.index.namespaces().any(|name| name.object.name == raw)
    }

    pub(super) fn freedom(&self, at: usize) -> Freedom {
        let Some(token) = self.tokens.get(at) else {
            return Freedom::Bound;
        };
        let word = token.word.as_str();
        if token.raw.contains(['-', '/', '_', '.']) || token.raw.bytes().any(|b| b.is_ascii_digit()) {
            return if self.intents.uses(word) {
                Freedom::Bound
            } else {
                Freedom::Free
            };
        }
        if lexicon::is_filler(word) || self.intents.uses(word) || self.index.kind(word).is_some() {
            return Freedom::Bound;
        }
        match lexicon::english(word) {
            lexicon::English::Filler => Freedom::Bound,
            lexicon::English::Common => Freedom::Common,
            lexicon::English::Rare => Freedom::Rare,
            lexicon::English::No if self.intents.knows(word) => Freedom::Common,
            lexicon::English::No => Freedom::Free,
        }
    }

    /// Whether a kind or a noun like "app" stands beside it, which makes it a name.
    pub(super) fn beside_noun(&self, at: usize, last: usize) -> bool {
        let noun = |place: usize| {
            let word = self.word(place);
            self.index.kind(word).is_some() || lexicon::is_part_noun(word)
        };
        let next = self.joined(last + 1) && noun(last + 1);
        let previous = at > 0
            && self.joined(at)
            && self.index.kind(self.before(at)).is_some()
            && !self.before(at).ends_with('s');
        next || previous || matches!(self.before(at), "called" | "named")
    }

    /// Whether a name is likely to stand here.
    pub(super) fn is_likely(&self, at: usize, last: usize) -> bool {
        if self.beside_noun(at, last) {
            return true;
        }
        let next = if self.joined(last + 1) {
            self.word(last + 1)
        } else {
            ""
        };
        // "monitor the api", "status of web", "test whether": a verb or a head noun, no name.
        let given = self.before(at) == "give" && lexicon::is_determiner(next);
        if given {
            return true;
        }
        if lexicon::is_determiner(next) || matches!(next, "of" | "whether" | "if" | "that" | "me" | "us") {
            return false;
        }
        if at == 0 && lexicon::is_verb_like(self.word(at)) && !next.is_empty() && !lexicon::is_auxiliary(next)
        {
            return false;
        }
        let mut from = at;
        let mut article = false;
        // "the chess clock": the namespace goes before the name.
        if at > 0 && self.joined(at) && self.is_namespace(at - 1) {
            from -= 1;
        }
        while from > 0
            && self.joined(from)
            && (lexicon::is_determiner(self.before(from)) || self.before(from) == "this")
        {
            article = true;
            from -= 1;
        }
        let previous = if from > 0 && self.joined(from) {
            self.before(from)
        } else {
            ""
        };
        if matches!(previous, "to" | "i" | "we" | "you" | "they" | "please")
            && lexicon::is_verb_like(self.word(at))
        {
            return false;
        }
        let ends = next.is_empty()
            || lexicon::is_filler(next)
            || self.intents.knows(next)
            || next.ends_with("ing")
            || matches!(next, "namespace" | "environment" | "env");
        // "the default memory limit": an adjective.
        let describes = article && !ends;
        let adjective = article
            && !next.is_empty()
            && !lexicon::is_filler(next)
            && self.intents.uses(next)
            && !lexicon::TROUBLE.contains(&next)
            && !next.ends_with("ing");
        if describes || adjective {
            return self.tokens.get(last).is_some_and(|token| token.possessive);
        }
        let introduced = lexicon::is_preposition(previous)
            || lexicon::is_auxiliary(previous)
            || matches!(previous, "and" | "or" | "vs" | "versus" | "why" | "but" | "not")
            || (self.intents.is_order(previous) && !lexicon::is_question_word(previous))
            || matches!(
                previous,
                "check" | "restart" | "scale" | "describe" | "diagnose" | "inspect" | "reach"
            );
        let subject = lexicon::is_auxiliary(next)
            || matches!(
                next,
                "keeps"
                    | "keep"
                    | "cannot"
                    | "still"
                    | "just"
                    | "not"
                    | "seems"
                    | "looks"
                    | "again"
                    | "went"
                    | "got"
            )
            || lexicon::TROUBLE.contains(&next)
            || (previous.is_empty() && is_state(next))
            || (previous.is_empty()
                && from == at
                && (lexicon::environment(next).is_some() || self.is_namespace(last + 1)))
            || (previous.is_empty() && matches!(next, "at" | "in" | "on") && self.is_placed(last + 1));
        let alone = self.tokens.len() == last + 1 - at + usize::from(article);
        introduced && ends || subject || alone
    }

    /// Whether nothing but a name can stand here.
    pub(super) fn is_certain(&self, at: usize, last: usize) -> bool {
        let token = self.tokens.get(at);
        if token.is_some_and(|token| token.quoted) || matches!(self.before(at), "called" | "named") {
            return true;
        }
        let next = if self.joined(last + 1) {
            self.word(last + 1)
        } else {
            ""
        };
        // "Till broken": a preposition has nothing before a word for how something is.
        if at == 0
            && lexicon::is_preposition(self.word(at))
            && (lexicon::is_trouble(next) || is_state(next) || matches!(next, "is" | "has" | "keeps"))
        {
            return true;
        }
        matches!(
            next,
            "app"
                | "application"
                | "deployment"
                | "statefulset"
                | "daemonset"
                | "tier"
                | "cronjob"
                | "microservice"
        ) || (matches!(
            self.before(at),
            "app" | "deployment" | "statefulset" | "daemonset" | "cronjob"
        ) && next != "of")
    }
}

/// Words for how something is, said right behind its name: "web ok?".
fn is_state(word: &str) -> bool {
    matches!(
        word,
        "ok" | "okay"
            | "alright"
            | "fine"
            | "well"
            | "good"
            | "healthy"
            | "up"
            | "status"
            | "health"
            | "running"
            | "calm"
            | "safe"
            | "all"
            | "doing"
            | "happy"
            | "logs"
            | "events"
            | "again"
            | "ns"
            | "namespace"
            | "please"
    )
}
