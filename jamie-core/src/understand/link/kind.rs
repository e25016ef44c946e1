//! The kinds that a clause speaks of in; out, which name each belongs to, or that it is asked about itself.

use super::Linker;
use crate::understand::{kinds, position::Freedom, words::Break};

impl Linker<'_, '_> {
    /// Kinds: beside a name they say which object, without one they are asked about themselves.
    pub(super) fn kinds(&mut self) {
        let count = self.places.tokens.len();
        let mut at = 0;
        while at < count {
            let word = self.places.word(at);
            let next = self.places.word(at + 1);
            let pair = kinds::spaced(word, next).filter(|_| self.is_free(at) && self.is_free(at + 1));
            let (kind, length) = match pair {
                Some(kind) => (Some(kind.to_owned()), 2),
                None if self.is_free(at) && !self.places.tokens.get(at).is_some_and(|token| token.quoted) => {
                    (self.places.index.kind(word), 1)
                }
                None => (None, 1),
            };
            let Some(kind) = kind else {
                at += 1;
                continue;
            };
            self.kind_at(at, length, kind);
            at += length;
        }
    }

    fn kind_at(&mut self, at: usize, length: usize, kind: String) {
        let word = self.places.word(at).to_owned();
        let plural = self.places.word(at + length - 1).ends_with('s')
            && !matches!(word.as_str(), "ingress" | "ns" | "ds" | "sts" | "rs");
        let after = at + length;
        let skip = usize::from(matches!(
            self.places.word(after),
            "called" | "named" | "for" | "of"
        ));
        let loose = matches!(word.as_str(), "deploy" | "dep" | "deps" | "deploys" | "depl");
        let follows = self
            .mentions
            .iter_mut()
            .find(|mention| mention.first == after || (skip == 1 && mention.first == after + 1 && !plural));
        if let Some(mention) = follows.filter(|_| !plural || skip == 0) {
            if plural && kind == "Pod" {
                self.linked.kind.get_or_insert(kind);
            } else {
                mention.kind.get_or_insert(kind);
                self.take(at, length);
            }
            return;
        }
        if let Some(mention) = self
            .mentions
            .iter_mut()
            .find(|mention| at > 0 && mention.last + 1 == at)
        {
            if plural {
                self.linked.kind.get_or_insert(kind);
            } else if !loose && mention.kind.is_none() {
                mention.kind = Some(kind);
                self.take(at, length);
            }
            return;
        }
        // A kind with a word behind it that is no name yet: "pod foo".
        let name_at = after + usize::from(matches!(self.places.word(after), "called" | "named"));
        if !plural
            && self.is_free(name_at)
            && self
                .places
                .tokens
                .get(name_at)
                .is_some_and(|token| token.quoted || token.before == Break::None)
            && (self.places.freedom(name_at) == Freedom::Free || name_at > after)
        {
            let raw = self
                .places
                .tokens
                .get(name_at)
                .map_or(String::new(), |token| token.raw.clone());
            self.take(at, length);
            self.is_unknown(name_at, &raw);
            return;
        }
        if !loose {
            self.linked.kind.get_or_insert(kind);
        }
    }
}
