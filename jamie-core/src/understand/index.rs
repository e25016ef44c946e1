//! Names in, candidates for a word out: the directory's names, arranged so that a word finds them fast.

use std::{collections::HashSet, ops::Range, sync::Arc};

use super::{kinds, spelling};
use crate::{Link, Name, Names};

/// The names that exist, arranged for looking words up; built once per directory snapshot.
#[derive(Debug, Clone)]
pub struct NameIndex {
    names: Arc<Names>,
    /// Every way in which a name can be said, sorted by hash.
    entries: Vec<Entry>,
    /// All names in alphabetical order, for looking up beginnings.
    by_name: Vec<u32>,
    /// One entry per distinct term, for mending typos; those of pods that have an owner are left out.
    terms: Vec<Term>,
    /// The kinds that exist, lower case, for kinds that are not built in.
    kinds: HashSet<String>,
    namespaces: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    name: u32,
    form: Form,
}

/// What an entry stands for, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Name,
    /// An alias, by its place among the name's aliases.
    Alias(u16),
    /// Part of a name or of an alias.
    Part(u16, u16),
}

#[derive(Debug, Clone, Copy)]
struct Term {
    letters: u64,
    length: u16,
    entry: u32,
}

/// One object that a word may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Its place in [`Names::all`].
    pub(super) name: u32,
    /// How the word was linked to it.
    pub(super) link: Link,
}

/// The most candidates that are weighed for one word.
const MAX_CANDIDATES: usize = 400;

impl NameIndex {
    /// Arranges the names.
    pub fn new(names: Arc<Names>) -> Self {
        let mut entries = Vec::with_capacity(names.all.len() * 4);
        let mut kinds = HashSet::new();
        let mut namespaces = Vec::new();
        for (at, name) in names.all.iter().enumerate() {
            let at = at as u32;
            if !kinds.contains(name.object.kind.as_str()) {
                kinds.insert(name.object.kind.clone());
            }
            if name.object.kind == "Namespace" {
                namespaces.push(at);
            }
            entries.push(Entry {
                hash: squash_hash(&name.object.name),
                name: at,
                form: Form::Name,
            });
            push_parts(&mut entries, at, &name.object.name, own_parts(&names, name));
            for (place, alias) in name.aliases.iter().enumerate().take(64) {
                if alias != &name.object.name {
                    entries.push(Entry {
                        hash: squash_hash(alias),
                        name: at,
                        form: Form::Alias(place as u16),
                    });
                }
            }
        }
        entries.sort_unstable_by_key(|entry| entry.hash);
        let mut by_name: Vec<u32> = (0..names.all.len() as u32).collect();
        by_name.sort_unstable_by(|a, b| text_of(&names, *a).cmp(text_of(&names, *b)));
        let mut index = Self {
            names,
            entries,
            by_name,
            terms: Vec::new(),
            kinds,
            namespaces,
        };
        index.terms = index.collect_terms();
        index
    }

    /// The names it was built from.
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    pub(super) fn get(&self, name: u32) -> Option<&Name> {
        self.names.all.get(name as usize)
    }

    pub(super) fn namespaces(&self) -> impl Iterator<Item = &Name> {
        self.namespaces.iter().filter_map(|at| self.get(*at))
    }

    /// Whether there is such a namespace, or something in it.
    pub(crate) fn has_namespace(&self, namespace: &str) -> bool {
        self.namespaces().any(|name| name.object.name == namespace)
            || self
                .names
                .all
                .iter()
                .any(|name| name.object.namespace.as_deref() == Some(namespace))
    }

    /// The kind that a word means: a built-in one, or one that exists in the cluster.
    pub(super) fn kind(&self, word: &str) -> Option<String> {
        if let Some(kind) = kinds::kind(word) {
            return Some(kind.to_owned());
        }
        let base = word.strip_suffix('s').unwrap_or(word);
        self.kinds
            .iter()
            .find(|kind| {
                kind.len() > 3 && (kind.eq_ignore_ascii_case(word) || kind.eq_ignore_ascii_case(base))
            })
            .cloned()
    }

    /// Names and aliases that are this word, whatever stands between their parts.
    pub(super) fn exact(&self, word: &str) -> Vec<Candidate> {
        let mut found = Vec::new();
        for entry in self.entries_of(squash_hash(word)) {
            let text = self.text(entry);
            match entry.form {
                Form::Name if text == word => found.push(Candidate {
                    name: entry.name,
                    link: Link::Exact,
                }),
                Form::Name | Form::Alias(_) if same_squashed(text, word) => {
                    found.push(Candidate {
                        name: entry.name,
                        link: Link::Alias,
                    });
                }
                _ => {}
            }
            if found.len() >= MAX_CANDIDATES {
                break;
            }
        }
        found
    }

    /// Whether the word is a name or an alias.
    pub(super) fn is_exact(&self, word: &str) -> bool {
        self.entries_of(squash_hash(word))
            .iter()
            .any(|entry| !matches!(entry.form, Form::Part(..)) && same_squashed(self.text(entry), word))
    }

    /// Whether the word is a name, an alias, or a part of one.
    pub(crate) fn names_something(&self, word: &str) -> bool {
        self.entries_of(squash_hash(word))
            .iter()
            .any(|entry| same_squashed(self.text(entry), word))
    }

    /// Names of which the word is one part, or several parts in a row.
    pub(super) fn parts(&self, word: &str) -> Vec<Candidate> {
        self.entries_of(squash_hash(word))
            .iter()
            .filter(|entry| matches!(entry.form, Form::Part(..)) && same_squashed(self.text(entry), word))
            .map(|entry| Candidate {
                name: entry.name,
                link: Link::Part,
            })
            .take(MAX_CANDIDATES)
            .collect()
    }

    /// Names that begin with the word.
    pub(super) fn beginnings(&self, word: &str) -> Vec<Candidate> {
        let from = self
            .by_name
            .partition_point(|at| text_of(&self.names, *at) < word);
        self.by_name
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|at| text_of(&self.names, **at).starts_with(word))
            .filter(|at| text_of(&self.names, **at).len() > word.len())
            .take(MAX_CANDIDATES)
            .map(|at| Candidate {
                name: *at,
                link: Link::Prefix,
            })
            .collect()
    }

    /// Names that end in the word without a seam: "dns" of `coredns`.
    pub(super) fn endings(&self, word: &str) -> Vec<Candidate> {
        self.terms
            .iter()
            .filter_map(|term| self.entries.get(term.entry as usize))
            .filter(|entry| {
                let text = self.text(entry);
                text.len() > word.len() && text.ends_with(word)
            })
            .flat_map(|entry| self.entries_of(entry.hash))
            .map(|entry| Candidate {
                name: entry.name,
                link: Link::Part,
            })
            .take(MAX_CANDIDATES)
            .collect()
    }

    /// Names, aliases or parts within `most` small slips of the word, nearest first, with the distance.
    pub(super) fn near(&self, word: &str, most: usize) -> Vec<(usize, Candidate)> {
        let (letters, length) = (spelling::letters(word), word.chars().count());
        let mut found: Vec<(usize, Form, u64)> = Vec::new();
        for term in &self.terms {
            if usize::from(term.length).abs_diff(length) > most
                || (term.letters ^ letters).count_ones() as usize > 2 * most
            {
                continue;
            }
            let Some(entry) = self.entries.get(term.entry as usize) else {
                continue;
            };
            let distance = spelling::distance(word, self.text(entry), most);
            if distance <= most {
                found.push((distance, entry.form, entry.hash));
            }
        }
        found.sort_unstable();
        let nearest = found.first().map_or(0, |(distance, ..)| *distance);
        found.retain(|(distance, ..)| *distance == nearest);
        let entries = || found.iter().flat_map(|(_, _, hash)| self.entries_of(*hash));
        // A name in full is meant before a part of another.
        let in_full = entries().any(|entry| !matches!(entry.form, Form::Part(..)));
        entries()
            .filter(|entry| !in_full || !matches!(entry.form, Form::Part(..)))
            .map(|entry| {
                (
                    nearest,
                    Candidate {
                        name: entry.name,
                        link: Link::Typo,
                    },
                )
            })
            .take(MAX_CANDIDATES)
            .collect()
    }

    /// Up to `count` names that look most like the word, for "did you mean".
    pub(super) fn alike(&self, word: &str, count: usize, wanted: impl Fn(&Name) -> bool) -> Vec<u32> {
        let mut scored: Vec<(f64, u32)> = Vec::new();
        for term in &self.terms {
            let Some(entry) = self.entries.get(term.entry as usize) else {
                continue;
            };
            let text = self.text(entry);
            let mut score = strsim::jaro_winkler(word, text);
            if matches!(entry.form, Form::Part(..)) {
                score *= 0.96;
            }
            if text.len() >= 3 && (word.contains(text) || text.contains(word)) {
                score = score.max(0.84);
            }
            if score < 0.74 {
                continue;
            }
            for entry in self.entries_of(entry.hash) {
                if let Some(name) = self.get(entry.name)
                    && wanted(name)
                {
                    scored.push((score + kinds::weight(&name.object.kind) * 0.01, entry.name));
                }
            }
        }
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut near: Vec<u32> = Vec::new();
        for (_, at) in scored {
            let is_new = self.get(at).is_some_and(|name| {
                !near.iter().filter_map(|seen| self.get(*seen)).any(|seen| {
                    seen.object.name == name.object.name && seen.object.namespace == name.object.namespace
                })
            });
            if is_new {
                near.push(at);
            }
            if near.len() == count {
                break;
            }
        }
        near
    }

    fn entries_of(&self, hash: u64) -> &[Entry] {
        let from = self.entries.partition_point(|entry| entry.hash < hash);
        let length = self
            .entries
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|entry| entry.hash == hash)
            .count();
        self.entries.get(from..from + length).unwrap_or_default()
    }

    fn text(&self, entry: &Entry) -> &str {
        let Some(name) = self.get(entry.name) else {
            return "";
        };
        match entry.form {
            Form::Name => &name.object.name,
            Form::Alias(place) => name.aliases.get(usize::from(place)).map_or("", String::as_str),
            Form::Part(from, to) => name
                .object
                .name
                .get(usize::from(from)..usize::from(to))
                .unwrap_or(""),
        }
    }

    fn collect_terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        let mut last = None;
        for (at, entry) in self.entries.iter().enumerate() {
            let owned = self.get(entry.name).is_some_and(|name| name.owner.is_some());
            if owned || last == Some(entry.hash) {
                continue;
            }
            last = Some(entry.hash);
            let text = self.text(entry);
            if text.len() >= 3 && text.len() < 254 {
                terms.push(Term {
                    letters: spelling::letters(text),
                    length: text.len() as u16,
                    entry: at as u32,
                });
            }
        }
        terms
    }
}

fn text_of(names: &Names, at: u32) -> &str {
    names
        .all
        .get(at as usize)
        .map_or("", |name| name.object.name.as_str())
}

/// From where on a name's parts are its own: those a pod has from its workload find the workload.
fn own_parts(names: &Names, name: &Name) -> usize {
    let owner = name.owner.and_then(|owner| names.all.get(owner));
    match owner {
        Some(owner) if name.object.name.starts_with(&owner.object.name) => owner.object.name.len(),
        _ => 0,
    }
}

/// Single parts, and runs of parts that are not the whole.
fn push_parts(entries: &mut Vec<Entry>, at: u32, name: &str, own: usize) {
    let mut bounds: Vec<Range<usize>> = Vec::with_capacity(6);
    let mut from = 0;
    for (place, byte) in name.bytes().enumerate() {
        if matches!(byte, b'-' | b'.' | b'_' | b':') {
            if place > from {
                bounds.push(from..place);
            }
            from = place + 1;
        }
    }
    if from < name.len() {
        bounds.push(from..name.len());
    }
    if bounds.len() < 2 || name.len() > usize::from(u16::MAX) {
        return;
    }
    let many = bounds.len().min(8);
    for first in 0..many {
        for last in first..many.min(first + 3) {
            if first == 0 && last + 1 == bounds.len() {
                continue;
            }
            let (Some(start), Some(end)) = (bounds.get(first), bounds.get(last)) else {
                continue;
            };
            if start.start < own || end.end - start.start < 2 {
                continue;
            }
            let Some(text) = name.get(start.start..end.end) else {
                continue;
            };
            entries.push(Entry {
                hash: squash_hash(text),
                name: at,
                form: Form::Part(start.start as u16, end.end as u16),
            });
        }
    }
}

fn squashed(text: &str) -> impl Iterator<Item = u8> {
    text.bytes()
        .filter(|byte| !matches!(byte, b'-' | b'_' | b' ' | b'.'))
        .map(|byte| byte.to_ascii_lowercase())
}

fn same_squashed(a: &str, b: &str) -> bool {
    squashed(a).eq(squashed(b))
}

/// FNV-1a over the text without what separates its parts.
fn squash_hash(text: &str) -> u64 {
    squashed(text).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
