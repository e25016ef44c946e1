//! The words of a clause in, the objects they point to without a name of their own out: by a pronoun, by their place
//! in a list, in passing, by direction.

use crate::{
    Link, ObjectRef, Target,
    understand::{Focus, Intents, NameIndex, amount, kinds, lexicon, words::Token},
};

/// The one thing that goes by a word of the clause, whatever else the word may mean; with the word's place.
pub(super) fn in_passing(tokens: &[Token], index: &NameIndex, intents: &Intents) -> Vec<(usize, Target)> {
    let changing = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            (at == 0 || lexicon::is_filler(&token.word)) && intents.orders_change(&token.word)
        })
    };
    for (at, token) in tokens.iter().enumerate() {
        if token.quoted || changing(at) || lexicon::is_filler(&token.raw) {
            continue;
        }
        for word in [&token.raw, &token.word] {
            let mut objects: Vec<&ObjectRef> = index
                .exact(word)
                .into_iter()
                .filter_map(|candidate| index.get(candidate.name))
                .map(|name| &name.object)
                .filter(|object| object.name == *word && object.kind != "Namespace")
                .collect();
            objects.sort_by_key(|object| !kinds::is_workload(&object.kind));
            let Some(object) = objects.first() else { continue };
            // Namesakes of the same kind in several namespaces: it is not clear which is meant.
            let rival = objects
                .iter()
                .skip(1)
                .any(|other| other.kind == object.kind && other.namespace != object.namespace);
            if !rival {
                let target = Target {
                    object: (*object).clone(),
                    said: token.raw.clone(),
                    link: Link::Exact,
                };
                return vec![(at, target)];
            }
        }
    }
    Vec::new()
}

/// What was spoken of last.
pub(in crate::understand) fn first_in_focus(focus: &Focus) -> Vec<Target> {
    focus
        .objects
        .iter()
        .take(1)
        .map(|object| Target {
            object: object.clone(),
            said: String::new(),
            link: Link::Focus,
        })
        .collect()
}

/// What a pronoun or an ordinal stands for.
pub(super) fn said_before(
    tokens: &[Token],
    taken: &[bool],
    ordinal: Option<&Ordinal>,
    kind: Option<&str>,
    focus: &Focus,
) -> Vec<Target> {
    let target = |object: &ObjectRef, said: &str| Target {
        object: object.clone(),
        said: said.to_owned(),
        link: Link::Focus,
    };
    if let Some(Ordinal { place, said, .. }) = ordinal {
        let listed = if focus.listed.is_empty() {
            &focus.objects
        } else {
            &focus.listed
        };
        let object = if *place == usize::MAX {
            listed.last()
        } else {
            listed.get(*place)
        };
        if let Some(object) = object {
            return vec![target(object, said)];
        }
    }
    for (at, token) in tokens.iter().enumerate() {
        if taken.get(at).copied().unwrap_or(true) || token.quoted || !lexicon::is_pronoun(&token.word) {
            continue;
        }
        let next = tokens.get(at + 1).map_or("", |token| token.word.as_str());
        let previous = at
            .checked_sub(1)
            .and_then(|at| tokens.get(at))
            .map_or("", |token| token.word.as_str());
        // "pods that are pending", "tell me that …": no pronoun; "is it just me": nothing is meant.
        let relative = token.word == "that"
            && kinds::kind(next).is_none()
            && (kind.is_some() && at > 0 && !lexicon::is_filler(previous)
                || matches!(next, "the" | "are" | "have" | "has" | "is" if at > 0 && kind.is_some()));
        if relative
            || matches!(next, "just" | "possible" | "time") && token.word == "it"
            || matches!(previous, "so" | "like") && token.word == "that"
        {
            continue;
        }
        if matches!(token.word.as_str(), "this" | "these") && matches!(next, "cluster" | "namespace" | "week")
        {
            continue;
        }
        let many = matches!(
            token.word.as_str(),
            "they" | "them" | "these" | "those" | "their" | "theirs" | "themselves"
        );
        let wanted = kind.filter(|_| matches!(token.word.as_str(), "this" | "that" | "these" | "those"));
        let fits = |object: &&ObjectRef| {
            wanted
                .is_none_or(|kind| kind == object.kind || (kind == "Pod" && kinds::is_workload(&object.kind)))
        };
        let found: Vec<Target> = focus
            .objects
            .iter()
            .filter(fits)
            .take(if many { 5 } else { 1 })
            .map(|object| target(object, &token.word))
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// "The second one": which of what was listed.
pub(super) struct Ordinal {
    /// Its place, from 0; the last one is `usize::MAX`.
    place: usize,
    said: String,
    /// The words that say it.
    pub(super) at: usize,
    pub(super) words: usize,
}

/// "the second one", "number 2", "the last one": its place in what was listed.
pub(super) fn ordinal(tokens: &[Token], taken: &[bool]) -> Option<Ordinal> {
    for (at, token) in tokens.iter().enumerate() {
        if taken.get(at).copied().unwrap_or(true) {
            continue;
        }
        let next = tokens.get(at + 1).map_or("", |token| token.word.as_str());
        let alone = tokens
            .iter()
            .all(|token| lexicon::is_filler(&token.word) || ordinal_value(&token.word).is_some());
        let counted = matches!(
            next,
            "one" | "pod" | "app" | "finding" | "issue" | "problem" | "item" | "result"
        );
        if let Some(place) = ordinal_value(&token.word)
            && (counted || (next.is_empty() && alone))
        {
            return Some(Ordinal {
                place,
                said: token.word.clone(),
                at,
                words: 1 + usize::from(counted),
            });
        }
        if matches!(
            token.word.as_str(),
            "number" | "no" | "item" | "finding" | "option"
        ) && let Some(value) = amount::number(next)
            && (1.0..100.0).contains(&value)
        {
            return Some(Ordinal {
                place: value as usize - 1,
                said: next.to_owned(),
                at,
                words: 2,
            });
        }
    }
    None
}

fn ordinal_value(word: &str) -> Option<usize> {
    const ORDINALS: &[(&str, &str)] = &[
        ("first", "1st"),
        ("second", "2nd"),
        ("third", "3rd"),
        ("fourth", "4th"),
        ("fifth", "5th"),
        ("sixth", "6th"),
        ("seventh", "7th"),
        ("eighth", "8th"),
        ("ninth", "9th"),
        ("tenth", "10th"),
    ];
    if word == "last" {
        return Some(usize::MAX);
    }
    ORDINALS
        .iter()
        .position(|(long, short)| *long == word || *short == word)
}

/// "reached from A", "between B and A": the one it goes out from stands first.
pub(super) fn order_by_direction(tokens: &[Token], targets: &mut [Target]) {
    let [first, second] = targets else { return };
    let preposition = |target: &Target| {
        let said = target.said.split(' ').next().unwrap_or("");
        let at = tokens.iter().position(|token| token.raw == said)?;
        let mut at = at.checked_sub(1)?;
        while at > 0
            && tokens
                .get(at)
                .is_some_and(|token| lexicon::is_determiner(&token.word))
        {
            at -= 1;
        }
        tokens.get(at).map(|token| token.word.as_str())
    };
    if matches!(preposition(second), Some("from" | "by")) && !matches!(preposition(first), Some("from")) {
        std::mem::swap(first, second);
    }
}
