//! A clause in, the names as people say them out: in one word or in several, and everyday words as a last resort.

use super::{Linker, Mention};
use crate::understand::{
    index::Candidate,
    kinds, lexicon,
    position::Freedom,
    words::{Break, Token},
};

impl Linker<'_, '_> {
    /// Names as people say them.
    pub(super) fn said(&mut self) {
        let count = self.places.tokens.len();
        let mut at = 0;
        while at < count {
            let found = (1..=4).rev().find_map(|length| self.said_at(at, length));
            if let Some(mention) = found {
                at = mention.last + 1;
                self.mention(mention);
            } else {
                at += 1;
            }
        }
    }

    fn said_at(&self, first: usize, length: usize) -> Option<Mention> {
        let last = first + length - 1;
        let run = self.places.tokens.get(first..=last)?;
        if (first..=last).any(|at| !self.is_free(at))
            || run.iter().skip(1).any(|token| token.before != Break::None)
        {
            return None;
        }
        let index = self.places.index;
        if length > 1 {
            let spoken = run.iter().all(|token| !token.quoted && !token.raw.is_empty())
                && !run.iter().any(|token| is_joint(&token.raw));
            if !spoken {
                return None;
            }
            let said: Vec<&str> = run.iter().map(|token| token.raw.as_str()).collect();
            let said_whole = said.concat();
            let candidates = index.exact(&said_whole);
            // "The soil probes" of soil-probe.
            let candidates = match said_whole.strip_suffix('s') {
                Some(singular) if candidates.is_empty() && singular.len() > 4 => index.exact(singular),
                _ => candidates,
            };
            // The beginning of a name, in several words: "orders data" of orders-database-0.
            let candidates = if candidates.is_empty() && length == 2 && self.frees(first, last) {
                index.parts(&said.concat())
            } else {
                candidates
            };
            return (!candidates.is_empty()).then(|| Mention {
                first,
                last,
                said: said.join(" "),
                candidates,
                kind: None,
                namespace: None,
            });
        }
        let token = run.first()?;
        if token.quoted && token.raw.contains(' ') || token.raw.chars().count() < 2 {
            return None;
        }
        if token.quoted && is_pattern(self.places.tokens, first) {
            return None;
        }
        let own = token.named;
        let freedom = match self.places.freedom(first) {
            _ if token.quoted => Freedom::Free,
            // The person's own word for something, also where it is an English word otherwise.
            Freedom::Bound if own => Freedom::Rare,
            _ if own => Freedom::Free,
            freedom => freedom,
        };
        let likely = self.is_likely(first, last);
        let candidates = match freedom {
            Freedom::Bound if self.places.is_certain(first, last) => index.exact(&token.raw),
            Freedom::Bound => Vec::new(),
            Freedom::Common if likely => self.look_up(&token.raw, false),
            Freedom::Common => Vec::new(),
            Freedom::Rare if likely => self.look_up(&token.raw, true),
            Freedom::Rare => index.exact(&token.raw),
            Freedom::Free => self.look_up(&token.raw, true),
        };
        (!candidates.is_empty()).then(|| Mention {
            first,
            last,
            said: token.raw.clone(),
            candidates,
            kind: None,
            namespace: None,
        })
    }

    fn frees(&self, first: usize, last: usize) -> bool {
        (first..=last).all(|at| self.places.freedom(at) >= Freedom::Common)
    }

    /// No name so far: a name in full that is an everyday word counts now, except as a verb or an adjective.
    pub(super) fn last_resort(&mut self) {
        for at in 0..self.places.tokens.len() {
            let Some(token) = self.places.tokens.get(at) else {
                continue;
            };
            if !self.is_free(at) || token.raw.len() < 2 {
                continue;
            }
            let fits = match self.places.freedom(at) {
                Freedom::Bound => {
                    !lexicon::is_filler(&token.word)
                        && self.places.index.kind(&token.word).is_none()
                        && self.is_likely(at, at)
                        && at > 0
                        && (lexicon::is_auxiliary(self.places.word(at - 1))
                            || lexicon::is_preposition(self.places.word(at - 1)))
                }
                Freedom::Common => {
                    let to = at > 0
                        && matches!(
                            self.places.word(at - 1),
                            "to" | "i" | "we" | "you" | "they" | "please"
                        );
                    let article = lexicon::is_determiner(self.places.word(at + 1));
                    !(to || article || at == 0 && lexicon::is_verb_like(&token.word))
                }
                _ => true,
            };
            if !fits {
                continue;
            }
            let candidates: Vec<Candidate> = self
                .places
                .index
                .exact(&token.raw)
                .into_iter()
                .filter(|candidate| {
                    self.places.index.get(candidate.name).is_some_and(|name| {
                        kinds::is_workload(&name.object.kind)
                            || matches!(name.object.kind.as_str(), "Service" | "Pod")
                    })
                })
                .collect();
            if !candidates.is_empty() {
                self.mention(Mention {
                    first: at,
                    last: at,
                    said: token.raw.clone(),
                    candidates,
                    kind: None,
                    namespace: None,
                });
                return;
            }
        }
    }
}

/// Words that cannot be inside a name that is said in several words.
fn is_joint(word: &str) -> bool {
    lexicon::is_determiner(word)
        || lexicon::is_auxiliary(word)
        || lexicon::is_question_word(word)
        || matches!(
            word,
            "and"
                | "or"
                | "of"
                | "for"
                | "in"
                | "with"
                | "to"
                | "from"
                | "i"
                | "me"
                | "you"
                | "we"
                | "it"
                | "not"
                | "on"
        )
}

/// Whether the quotation is something to look for in a text.
fn is_pattern(tokens: &[Token], at: usize) -> bool {
    (1..=2).any(|back| {
        at.checked_sub(back)
            .and_then(|at| tokens.get(at))
            .is_some_and(|token| {
                matches!(
                    token.word.as_str(),
                    "containing"
                        | "contain"
                        | "contains"
                        | "matching"
                        | "match"
                        | "grep"
                        | "mentioning"
                        | "mention"
                        | "including"
                        | "include"
                        | "saying"
                        | "says"
                        | "message"
                        | "text"
                        | "pattern"
                        | "string"
                        | "error"
                        | "word"
                        | "without"
                        | "excluding"
                )
            })
    })
}
