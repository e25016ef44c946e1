//! A clause in, the objects, the kind and the namespace that its words name out.

mod kind;
mod look_up;
mod resolve;
mod said;
mod unknown;
mod written;

use super::{
    Context, Intents, NameIndex,
    index::Candidate,
    place::{self, Place},
    position::Places,
    words::{Break, Token},
};
use crate::{ObjectRef, Target};

/// What a clause names.
#[derive(Debug, Clone, Default)]
pub(super) struct Linked {
    pub(super) targets: Vec<Target>,
    /// What else the first ambiguous name may mean, and which target that is.
    pub(super) rivals: Vec<ObjectRef>,
    pub(super) ambiguous: Option<usize>,
    pub(super) unknown: Option<(String, Vec<ObjectRef>)>,
    /// Whether that word cannot be anything but a name.
    pub(super) surely_unknown: bool,
    pub(super) kind: Option<String>,
    pub(super) place: Place,
    /// For each target, the first of its words.
    pub(super) at: Vec<usize>,
}

/// A name in the clause.
#[derive(Debug, Clone)]
struct Mention {
    first: usize,
    last: usize,
    said: String,
    candidates: Vec<Candidate>,
    kind: Option<String>,
    /// A namespace that was written to the name: "shop/api".
    namespace: Option<String>,
}

/// Finds the names. Words that name something are marked in `taken`.
pub(super) fn link(
    tokens: &[Token],
    taken: &mut [bool],
    index: &NameIndex,
    intents: &Intents,
    context: &Context<'_>,
) -> Linked {
    let places = Places {
        tokens,
        index,
        intents,
    };
    let mut linker = Linker {
        places,
        context,
        taken,
        mentions: Vec::new(),
        linked: Linked::default(),
    };
    linker.linked.place = place::read(&places, linker.taken, context);
    linker.written();
    linker.said();
    linker.kinds();
    if linker.mentions.is_empty() && linker.linked.place.is_empty() {
        linker.last_resort();
    }
    linker.resolve();
    if linker.linked.targets.is_empty() {
        linker.unknown();
    }
    linker.linked
}

struct Linker<'a, 'c> {
    places: Places<'a>,
    context: &'a Context<'c>,
    taken: &'a mut [bool],
    mentions: Vec<Mention>,
    linked: Linked,
}

impl Linker<'_, '_> {
    fn is_free(&self, at: usize) -> bool {
        self.taken.get(at).is_some_and(|taken| !taken)
    }

    fn mention(&mut self, mention: Mention) {
        for flag in self.taken.iter_mut().take(mention.last + 1).skip(mention.first) {
            *flag = true;
        }
        self.mentions.push(mention);
    }

    /// A place where a name is likely, also because the one before it in a list was one.
    fn is_likely(&self, first: usize, last: usize) -> bool {
        let after_name = first >= 2
            && matches!(self.places.word(first - 1), "and" | "or" | "to" | "with")
            && self.mentions.iter().any(|mention| mention.last + 2 == first);
        let after_comma = self
            .places
            .tokens
            .get(first)
            .is_some_and(|token| token.before == Break::Comma)
            && self.mentions.iter().any(|mention| mention.last + 1 == first);
        after_name || after_comma || self.places.is_likely(first, last)
    }

    fn take(&mut self, at: usize, length: usize) {
        for flag in self.taken.iter_mut().skip(at).take(length) {
            *flag = true;
        }
    }
}
