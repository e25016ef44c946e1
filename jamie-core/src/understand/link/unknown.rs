//! A word where a name should stand and nothing is called so in; that word, and the names that are like it, out.

use super::Linker;
use crate::{
    ObjectRef,
    understand::{kinds, lexicon, position::Freedom},
};

impl Linker<'_, '_> {
    /// A word where a name should stand, and nothing is called so.
    pub(super) fn unknown(&mut self) {
        if self.linked.unknown.is_some() {
            return;
        }
        for at in 0..self.places.tokens.len() {
            let Some(token) = self.places.tokens.get(at) else {
                continue;
            };
            if !self.is_free(at) || token.quoted || token.raw.len() < 3 {
                continue;
            }
            let shaped = token.raw.contains('-') && !token.raw.starts_with('-')
                || (token.raw.bytes().any(|b| b.is_ascii_digit())
                    && token.raw.bytes().any(|b| b.is_ascii_alphabetic()));
            let before_kind =
                self.places.tokens.get(at + 1).is_some_and(|next| {
                    next.word.ends_with('s') && self.places.index.kind(&next.word).is_some()
                });
            let known = before_kind
                || self.places.intents.knows(&token.word)
                || lexicon::is_generic_noun(&token.word);
            let english = token
                .raw
                .split('-')
                .all(|part| lexicon::english(part) != lexicon::English::No);
            let is_amount = token.raw.starts_with(|c: char| c.is_ascii_digit());
            if known || is_amount || !token.raw.bytes().all(|b| b.is_ascii()) {
                continue;
            }
            let likely = self.is_likely(at, at);
            let strongly = at > 0
                && (matches!(self.places.word(at - 1), "of" | "from")
                    || matches!(
                        self.places.word(at - 1),
                        "restart" | "describe" | "scale" | "diagnose" | "logs"
                    ))
                && at + 1 == self.places.tokens.len()
                && self.linked.place.is_empty();
            let brief = self.places.tokens.len() <= 5;
            let suspicious = if shaped && !english {
                true
            } else if self.places.freedom(at) == Freedom::Free
                || (self.places.freedom(at) == Freedom::Rare && brief)
            {
                likely
            } else {
                strongly && self.places.freedom(at) >= Freedom::Common
            };
            if suspicious {
                let raw = token.raw.clone();
                self.is_unknown(at, &raw);
                self.linked.surely_unknown = shaped && !english;
                return;
            }
        }
    }

    pub(super) fn is_unknown(&mut self, at: usize, raw: &str) {
        self.take(at, 1);
        if self.linked.unknown.is_some() {
            return;
        }
        let index = self.places.index;
        let mut near: Vec<ObjectRef> = index
            .alike(raw, 3, |name| {
                kinds::weight(&name.object.kind) > 2.5 && name.owner.is_none()
            })
            .into_iter()
            .filter_map(|at| index.get(at))
            .map(|name| name.object.clone())
            .collect();
        near.truncate(3);
        self.linked.surely_unknown = true;
        self.linked.unknown = Some((raw.to_owned(), near));
    }
}
