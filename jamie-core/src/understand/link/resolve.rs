//! The names of a clause with all that they may mean in, the one object that each means out.

use super::{Linker, Mention};
use crate::{
    Link, Target,
    understand::{
        index::Candidate,
        lexicon,
        rank::{self, Hints},
    },
};

impl Linker<'_, '_> {
    /// Decides what each name means.
    pub(super) fn resolve(&mut self) {
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
}
