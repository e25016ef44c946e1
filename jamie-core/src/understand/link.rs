//! A clause in, the objects, the kind and the namespace that its words name out.

use super::{
    Context, Intents, NameIndex,
    index::Candidate,
    kinds, lexicon,
    place::{self, Place},
    position::{Freedom, Places},
    rank::{self, Hints},
    spelling,
    words::{Break, Token},
};
use crate::{Link, ObjectRef, Target};

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

    /// Names in the notation of commands: "deployment/api", "shop/api", "api.shop.svc", a URL.
    fn written(&mut self) {
        for at in 0..self.places.tokens.len() {
            let Some(token) = self.places.tokens.get(at) else {
                continue;
            };
            if !self.is_free(at) || token.quoted && token.raw.contains(' ') {
                continue;
            }
            let raw = token.raw.clone();
            let bare = raw.split_once("://").map_or(raw.as_str(), |(_, rest)| rest);
            let index = self.places.index;
            let (mut kind, mut namespace) = (None, None);
            let mut rest;
            let host = bare.split('/').next().unwrap_or(bare);
            let is_url = raw.contains("://")
                || (bare.contains('/')
                    && host.contains('.')
                    && index.kind(host.split('.').next().unwrap_or(host)).is_none());
            let bare = if is_url { host } else { bare };
            if bare.contains('/') {
                let mut pieces = bare.split('/').filter(|piece| !piece.is_empty()).peekable();
                let mut last = "";
                while let Some(piece) = pieces.next() {
                    last = piece;
                    if pieces.peek().is_none() {
                        break;
                    }
                    if let Some(found) = index.kind(piece.split('.').next().unwrap_or(piece)) {
                        kind = Some(found);
                    } else if let Some(found) = place::namespace_named(index, piece) {
                        namespace = Some(found);
                    }
                }
                if kind.is_none() && namespace.is_none() {
                    continue;
                }
                rest = last;
            } else if bare.contains('.') {
                rest = strip_port(bare);
                if index.exact(rest).is_empty() {
                    let mut pieces = rest.split('.');
                    let (Some(service), Some(second)) = (pieces.next(), pieces.next()) else {
                        continue;
                    };
                    let Some(found) = place::namespace_named(index, second) else {
                        continue;
                    };
                    namespace = Some(found);
                    if pieces.next() == Some("svc") {
                        kind = Some("Service".to_owned());
                    }
                    rest = service;
                }
            } else if bare.contains(':') {
                rest = strip_port(bare);
            } else {
                continue;
            }
            let rest = rest.to_owned();
            let candidates = self.look_up(&rest, true);
            let wanted: Vec<Candidate> = candidates
                .into_iter()
                .filter(|candidate| {
                    index.get(candidate.name).is_some_and(|name| {
                        (namespace.is_none() || name.object.namespace == namespace)
                            && (kind.is_none()
                                || kind.as_ref() == Some(&name.object.kind)
                                || candidate.link != Link::Typo)
                    })
                })
                .collect();
            if wanted.is_empty() {
                if kind.is_some() || namespace.is_some() {
                    self.is_unknown(at, &rest);
                }
                continue;
            }
            self.mention(Mention {
                first: at,
                last: at,
                said: token.raw.clone(),
                candidates: wanted,
                kind,
                namespace,
            });
        }
    }

    /// Names as people say them.
    fn said(&mut self) {
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
        let own = self
            .context
            .aliases
            .keys()
            .any(|said| said.eq_ignore_ascii_case(&token.raw));
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

    fn frees(&self, first: usize, last: usize) -> bool {
        (first..=last).all(|at| self.places.freedom(at) >= Freedom::Common)
    }

    /// Everything a word may mean: a name in full, then its beginning or a part, then a typo.
    fn look_up(&self, raw: &str, bold: bool) -> Vec<Candidate> {
        let index = self.places.index;
        let own = self
            .context
            .aliases
            .iter()
            .find(|(said, _)| said.eq_ignore_ascii_case(raw))
            .map(|(_, means)| means.as_str());
        let exact = index.exact(own.unwrap_or(raw));
        let anywhere = |name: &ObjectRef| {
            self.context.scope.namespace.is_none()
                || name.namespace == self.context.scope.namespace
                || self.linked.place.is_given()
        };
        let full = exact.iter().any(|candidate| {
            index
                .get(candidate.name)
                .is_some_and(|name| anywhere(&name.object) && kinds::weight(&name.object.kind) > 2.5)
        });
        if full || raw.len() < 2 {
            return exact;
        }
        let mut found = exact;
        // Not what belongs to something else that has the part too, such as the pods of a workload.
        let top = |candidate: &Candidate| {
            index
                .get(candidate.name)
                .is_some_and(|name| kinds::weight(&name.object.kind) > 2.5)
        };
        found.extend(index.parts(raw).into_iter().filter(top));
        if raw.len() >= if bold { 3 } else { 4 } {
            found.extend(
                index
                    .beginnings(raw)
                    .into_iter()
                    .filter(|candidate| top(candidate) && self.continues(candidate, raw, bold)),
            );
        }
        if found.is_empty()
            && let Some(singular) = raw.strip_suffix('s').filter(|singular| singular.len() > 2)
        {
            found.extend(index.exact(singular));
            found.extend(index.parts(singular).into_iter().filter(top));
        }
        if found.is_empty() && raw.len() > 2 {
            found.extend(index.exact(&format!("{raw}s")));
        }
        if found.is_empty() && bold && raw.len() >= 3 {
            found.extend(index.endings(raw).into_iter().filter(top));
        }
        if found.is_empty() && bold && raw.len() == 3 {
            // One letter was dropped.
            let longer = |candidate: &Candidate| {
                index.get(candidate.name).is_some_and(|name| {
                    name.object.name.len() == 4
                        && name.object.name.as_bytes().first() == raw.as_bytes().first()
                })
            };
            found.extend(
                index
                    .near(raw, 1)
                    .into_iter()
                    .map(|(_, candidate)| candidate)
                    .filter(longer),
            );
        }
        if found.is_empty() && bold && raw.len() >= 4 {
            found.extend(
                index
                    .near(raw, spelling::tolerance(raw))
                    .into_iter()
                    .map(|(_, candidate)| candidate),
            );
        }
        if found.is_empty() && bold && (6..=7).contains(&raw.len()) {
            found.extend(self.only_one_near(raw));
        }
        found
    }

    /// Two slips in a short word are forgiven where a single name in full is that near.
    fn only_one_near(&self, raw: &str) -> Vec<Candidate> {
        let index = self.places.index;
        let named = |candidate: &Candidate| {
            index
                .get(candidate.name)
                .filter(|name| kinds::weight(&name.object.kind) > 2.5)
                .map(|name| name.object.name.as_str())
                .filter(|name| spelling::distance(raw, name, 2) <= 2)
        };
        let mut near: Vec<Candidate> = index
            .near(raw, 2)
            .into_iter()
            .map(|(_, candidate)| candidate)
            .collect();
        near.retain(|candidate| named(candidate).is_some());
        let first = near.first().and_then(named).map(str::to_owned);
        let alone = near.iter().all(|candidate| named(candidate) == first.as_deref());
        if alone { near } else { Vec::new() }
    }

    /// The beginning of a name counts up to the end of one of its parts, or if it is most of it.
    fn continues(&self, candidate: &Candidate, raw: &str, bold: bool) -> bool {
        let Some(name) = self.places.index.get(candidate.name) else {
            return false;
        };
        let rest = name.object.name.get(raw.len()..).unwrap_or("");
        let at_part = rest.starts_with(['-', '.', '_']) || raw.ends_with(['-', '.', '_']);
        at_part || raw.contains('-') || (bold && raw.len() >= 4)
    }

    /// Kinds: beside a name they say which object, without one they are asked about themselves.
    fn kinds(&mut self) {
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
                .is_some_and(|token| token.before == Break::None && !token.quoted || token.quoted)
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

    fn take(&mut self, at: usize, length: usize) {
        for flag in self.taken.iter_mut().skip(at).take(length) {
            *flag = true;
        }
    }

    /// No name so far: a name in full that is an everyday word counts now, except as a verb or an adjective.
    fn last_resort(&mut self) {
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
                    !to && !article && !(at == 0 && lexicon::is_verb_like(&token.word))
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

    /// Decides what each name means.
    fn resolve(&mut self) {
        self.mentions.sort_by_key(|mention| mention.first);
        let mentions = self.narrowed();
        for mention in &mentions {
            let mut hints = Hints {
                kind: mention.kind.clone(),
                namespaces: self.linked.place.namespaces(),
                everywhere: self.linked.place.everywhere,
            };
            if let Some(namespace) = &mention.namespace {
                hints.namespaces = vec![namespace.clone()];
            }
            let Some(meant) = rank::pick(&mention.candidates, &hints, self.places.index, self.context) else {
                continue;
            };
            let meant = self.owner_if_named(meant, mention);
            if meant.object.kind != "Pod" && mention.kind.as_deref() == Some("Pod") {
                self.linked.kind.get_or_insert("Pod".to_owned());
            }
            if self
                .linked
                .targets
                .iter()
                .any(|target| target.object.is_same(&meant.object))
            {
                continue;
            }
            if !meant.rivals.is_empty() && self.linked.ambiguous.is_none() {
                self.linked.ambiguous = Some(self.linked.targets.len());
                self.linked.rivals = meant.rivals;
            }
            self.linked.at.push(mention.first);
            self.linked.targets.push(Target {
                object: meant.object,
                said: mention.said.clone(),
                link: meant.link,
            });
        }
        self.settle_places(&mentions);
    }

    /// Of what has the word as a part, what also has the word beside it: "the tank sensors".
    fn narrow_by_neighbours(&self, mention: &mut Mention) {
        let beside = [mention.first.checked_sub(1), Some(mention.last + 1)];
        for token in beside
            .into_iter()
            .flatten()
            .filter_map(|at| self.places.tokens.get(at))
        {
            if token.raw.len() < 3 || lexicon::is_filler(&token.raw) {
                continue;
            }
            let has_both: Vec<Candidate> = mention
                .candidates
                .iter()
                .filter(|candidate| {
                    self.places.index.get(candidate.name).is_some_and(|name| {
                        name.object
                            .name
                            .split(['-', '.', '_'])
                            .any(|part| part == token.raw || part.strip_suffix('s') == Some(&token.raw))
                    })
                })
                .copied()
                .collect();
            if !has_both.is_empty() {
                mention.candidates = has_both;
                return;
            }
        }
    }

    /// "The checkout pod" is one of the workload of that name.
    fn owner_if_named(&self, mut meant: rank::Meant, mention: &Mention) -> rank::Meant {
        let index = self.places.index;
        let owner = mention
            .candidates
            .iter()
            .filter(|_| meant.object.kind == "Pod")
            .filter_map(|candidate| index.get(candidate.name))
            .find(|name| name.object.is_same(&meant.object))
            .and_then(|name| name.owner)
            .and_then(|owner| index.names().all.get(owner));
        if let Some(owner) = owner
            && index
                .exact(&mention.said.replace(' ', ""))
                .iter()
                .any(|candidate| {
                    candidate.link >= Link::Alias
                        && index
                            .get(candidate.name)
                            .is_some_and(|name| name.object.is_same(&owner.object))
                })
        {
            meant.object = owner.object.clone();
        }
        meant
    }

    /// Names that several words hint at: "the worker for orders" is what has both parts, and a word that is only
    /// part of something named in full means that.
    fn narrowed(&mut self) -> Vec<Mention> {
        let mut mentions = std::mem::take(&mut self.mentions);
        let is_weak = |mention: &Mention| {
            mention
                .candidates
                .iter()
                .all(|candidate| candidate.link <= Link::Prefix)
        };
        let full: Vec<u32> = mentions
            .iter()
            .filter(|mention| !is_weak(mention))
            .flat_map(|mention| {
                mention
                    .candidates
                    .iter()
                    .filter(|c| c.link >= Link::Alias)
                    .map(|c| c.name)
            })
            .collect();
        for mention in &mut mentions {
            if mention.candidates.len() > 1
                && mention
                    .candidates
                    .iter()
                    .all(|candidate| candidate.link <= Link::Prefix)
            {
                self.narrow_by_neighbours(mention);
            }
        }
        let mut at = 0;
        while at < mentions.len() {
            let Some(mention) = mentions.get(at) else { break };
            if !is_weak(mention) {
                at += 1;
                continue;
            }
            if mention
                .candidates
                .iter()
                .any(|candidate| full.contains(&candidate.name))
            {
                mentions.remove(at);
                continue;
            }
            let shared = mentions
                .iter()
                .enumerate()
                .skip(at + 1)
                .find_map(|(other, second)| {
                    let both: Vec<Candidate> = mention
                        .candidates
                        .iter()
                        .filter(|candidate| {
                            is_weak(second) && second.candidates.iter().any(|c| c.name == candidate.name)
                        })
                        .copied()
                        .collect();
                    (!both.is_empty() && both.len() < mention.candidates.len().max(second.candidates.len()))
                        .then_some((other, both))
                });
            if let Some((other, both)) = shared {
                mentions.remove(other);
                if let Some(mention) = mentions.get_mut(at) {
                    mention.candidates = both;
                }
            }
            at += 1;
        }
        mentions
    }

    /// A namespace that was named beside something else only says where to look.
    fn settle_places(&mut self, mentions: &[Mention]) {
        let others = self
            .linked
            .targets
            .iter()
            .any(|target| target.object.kind != "Namespace");
        let restricts = others
            || self
                .linked
                .kind
                .as_deref()
                .is_some_and(|kind| kind != "Namespace");
        let named: Vec<String> = self
            .linked
            .targets
            .iter()
            .filter(|target| target.object.kind == "Namespace")
            .map(|target| target.object.name.clone())
            .collect();
        if let [namespace] = named.as_slice() {
            self.linked.place.set(namespace.clone());
        }
        if !restricts || named.is_empty() {
            return;
        }
        let keep: Vec<bool> = self
            .linked
            .targets
            .iter()
            .map(|target| target.object.kind != "Namespace")
            .collect();
        // The name beside the namespace is looked up again, inside it.
        if let [namespace] = named.as_slice() {
            for (target, at) in self.linked.targets.iter_mut().zip(&self.linked.at) {
                if target.object.kind == "Namespace" || target.object.namespace.as_ref() == Some(namespace) {
                    continue;
                }
                let Some(mention) = mentions.iter().find(|mention| mention.first == *at) else {
                    continue;
                };
                let hints = Hints {
                    kind: mention.kind.clone(),
                    namespaces: vec![namespace.clone()],
                    everywhere: false,
                };
                if let Some(meant) = rank::pick(&mention.candidates, &hints, self.places.index, self.context)
                {
                    target.object = meant.object;
                    self.linked.rivals = meant.rivals;
                }
            }
            if self.linked.rivals.is_empty() {
                self.linked.ambiguous = None;
            }
        }
        let mut flags = keep.iter();
        self.linked
            .targets
            .retain(|_| flags.next().copied().unwrap_or(true));
        let mut flags = keep.iter();
        self.linked.at.retain(|_| flags.next().copied().unwrap_or(true));
        self.linked.ambiguous = self
            .linked
            .ambiguous
            .map(|at| at - keep.iter().take(at).filter(|keep| !**keep).count().min(at))
            .filter(|at| *at < self.linked.targets.len());
    }

    /// A word where a name should stand, and nothing is called so.
    fn unknown(&mut self) {
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

    fn is_unknown(&mut self, at: usize, raw: &str) {
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

fn strip_port(host: &str) -> &str {
    let host = host.split('/').next().unwrap_or(host);
    host.split_once(':').map_or(host, |(host, _)| host)
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
