//! A clause in, the namespace or environment that it restricts itself to out.

use super::{Context, NameIndex, lexicon, position::Places, spelling, words::Break};

/// Where a clause says to look.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Place {
    /// The namespaces that fit what was said: one, or several for an environment word.
    namespaces: Vec<String>,
    /// The words for it.
    pub(super) said: String,
    /// Whether everything is meant.
    pub(super) everywhere: bool,
    /// A namespace that is not there, with near ones.
    pub(super) unknown: Option<(String, Vec<String>)>,
    /// Whether it stood like a place ("in shop") rather than like a thing ("is prod ok").
    pub(super) inside: bool,
}

impl Place {
    pub(super) fn is_empty(&self) -> bool {
        self.namespaces.is_empty()
    }

    pub(super) fn is_given(&self) -> bool {
        self.everywhere || !self.namespaces.is_empty()
    }

    pub(super) fn namespaces(&self) -> Vec<String> {
        self.namespaces.clone()
    }

    pub(super) fn set(&mut self, namespace: String) {
        self.namespaces = vec![namespace];
    }

    /// The one namespace, if it is one.
    pub(super) fn one(&self) -> Option<&String> {
        match self.namespaces.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// The namespace of that name.
pub(super) fn namespace_named(index: &NameIndex, word: &str) -> Option<String> {
    index
        .namespaces()
        .find(|name| name.object.name == word)
        .map(|name| name.object.name.clone())
}

/// Reads where to look. The words for it are marked as taken.
pub(super) fn read(places: &Places<'_>, taken: &mut [bool], context: &Context<'_>) -> Place {
    let mut place = Place::default();
    for at in 0..places.tokens.len() {
        let Some(token) = places.tokens.get(at) else {
            continue;
        };
        if taken.get(at).copied().unwrap_or(true) {
            continue;
        }
        if lexicon::is_everywhere(&token.word)
            || (token.word == "all" && places.word(at + 1).starts_with("namespace"))
            || (matches!(token.word.as_str(), "-a" | "--all-namespaces"))
        {
            place.everywhere = true;
        }
        if let Some(used) = flag(places, at, &mut place).or_else(|| noun(places, at, &mut place)) {
            for flag in taken.iter_mut().skip(used.0).take(used.1) {
                *flag = true;
            }
        } else if place.is_empty()
            && let Some(used) = bare(places, at, &mut place, context)
        {
            for flag in taken.iter_mut().skip(used.0).take(used.1) {
                *flag = true;
            }
        }
    }
    place
}

type Used = (usize, usize);

/// "-n shop", "--namespace=shop".
fn flag(places: &Places<'_>, at: usize, place: &mut Place) -> Option<Used> {
    let word = places.word(at);
    if let Some(value) = word
        .strip_prefix("--namespace=")
        .or_else(|| word.strip_prefix("-n="))
    {
        named(places.index, value, place);
        return Some((at, 1));
    }
    if !matches!(word, "-n" | "--namespace") {
        return None;
    }
    let value = places.tokens.get(at + 1)?;
    named(places.index, &value.raw, place);
    Some((at, 2))
}

/// "the shop namespace", "namespace shop", "ns shop", "the staging environment".
fn noun(places: &Places<'_>, at: usize, place: &mut Place) -> Option<Used> {
    let word = places.word(at);
    let is_namespace = matches!(word, "namespace" | "ns");
    let is_environment = matches!(word, "environment" | "env");
    if !is_namespace && !is_environment {
        return None;
    }
    let joined = |at: usize| {
        places
            .tokens
            .get(at)
            .is_some_and(|token| token.before == Break::None)
    };
    let usable = |at: usize| {
        let raw = places.tokens.get(at).map_or("", |token| token.raw.as_str());
        raw.len() > 1
            && (!lexicon::is_filler(raw) || places.tokens.get(at).is_some_and(|token| token.named))
            && !matches!(raw, "called" | "named" | "namespace" | "every" | "which")
    };
    let before = at.checked_sub(1).filter(|before| joined(at) && usable(*before));
    let skip = usize::from(matches!(places.word(at + 1), "called" | "named"));
    let after = Some(at + 1 + skip).filter(|after| joined(*after) && usable(*after));
    for (found, exactly) in [(before, true), (after, true), (before, false), (after, false)] {
        let Some(found) = found else { continue };
        let Some(token) = places.tokens.get(found) else {
            continue;
        };
        let raw = token.raw.as_str();
        if exactly {
            if let Some(namespace) = namespace_named(places.index, raw) {
                place.said.clone_from(&token.raw);
                place.set(namespace);
                place.inside = true;
                return Some((found.min(at), found.abs_diff(at) + 1));
            }
            continue;
        }
        if places.intents.uses(&token.word) || places.index.kind(&token.word).is_some() {
            continue;
        }
        if is_environment && lexicon::environment(&token.word).is_none() {
            continue;
        }
        place.inside = true;
        named(places.index, raw, place);
        place.said.clone_from(&token.raw);
        return Some((found.min(at), found.abs_diff(at) + 1));
    }
    None
}

/// "in shop", "on prod", "the staging api", "is prod ok".
fn bare(places: &Places<'_>, at: usize, place: &mut Place, context: &Context<'_>) -> Option<Used> {
    let token = places.tokens.get(at)?;
    if token.quoted {
        return None;
    }
    let mut from = at;
    while from > 0 && lexicon::is_determiner(places.word(from - 1)) {
        from -= 1;
    }
    let previous = from.checked_sub(1).map_or("", |before| places.word(before));
    let inside = matches!(
        previous,
        "in" | "within" | "inside" | "across" | "from" | "on" | "over" | "under"
    );
    let raw = token.raw.as_str();
    let next_is_noun = places.index.kind(places.word(at + 1)).is_some()
        && places.tokens.get(at + 1).is_some_and(|t| t.before == Break::None);
    if inside
        && !next_is_noun
        && let Some(namespace) = namespace_named(places.index, raw)
    {
        place.said.clone_from(&token.raw);
        place.set(namespace);
        place.inside = true;
        return Some((at, 1));
    }
    let words = lexicon::environment(&token.word)?;
    let ordinary = matches!(
        token.word.as_str(),
        "test" | "testing" | "live" | "demo" | "stage"
    );
    let about = inside || matches!(previous, "for" | "of" | "about" | "is" | "with" | "and") || from < at;
    if ordinary && !(inside || previous == "about") {
        return None;
    }
    if !ordinary && !about && !places.is_likely(at, at) && from == 0 && places.tokens.len() > 3 && at > 0 {
        return None;
    }
    // A workload that is called so is asked about by its name.
    let exact = namespace_named(places.index, raw);
    let namespaces = exact.map_or_else(|| of_environment(places.index, words), |one| vec![one]);
    if namespaces.is_empty() {
        return None;
    }
    place.said.clone_from(&token.raw);
    place.inside = inside;
    let preferred = [context.scope.namespace.as_ref(), context.focus.namespace.as_ref()]
        .into_iter()
        .flatten()
        .find(|namespace| namespaces.contains(namespace));
    place.namespaces = preferred.map_or(namespaces.clone(), |one| vec![one.clone()]);
    Some((at, 1))
}

/// The namespaces whose name or label has one of the words as a part.
fn of_environment(index: &NameIndex, words: &[&str]) -> Vec<String> {
    let fits = |text: &str| {
        text.split(['-', '.', '_', '=', ':'])
            .any(|part| words.contains(&part))
    };
    index
        .namespaces()
        .filter(|name| fits(&name.object.name) || name.aliases.iter().any(|alias| fits(alias)))
        .map(|name| name.object.name.clone())
        .take(20)
        .collect()
}

/// A namespace by name; failing that by a part or a typo; failing that it is unknown.
fn named(index: &NameIndex, raw: &str, place: &mut Place) {
    place.said = raw.to_owned();
    place.inside = true;
    if let Some(namespace) = namespace_named(index, raw) {
        place.set(namespace);
        return;
    }
    let squashed = |text: &str| text.replace(['-', '_'], "");
    let all = || index.namespaces().map(|name| name.object.name.clone());
    let by_environment = lexicon::environment(raw)
        .map(|words| of_environment(index, words))
        .unwrap_or_default();
    let by_part: Vec<String> = all()
        .filter(|name| squashed(name) == squashed(raw) || name.split('-').any(|part| part == raw))
        .collect();
    let by_typo: Vec<String> = all()
        .filter(|name| raw.len() > 2 && spelling::distance(raw, name, 2) <= spelling::tolerance(raw))
        .collect();
    for found in [by_environment, by_part, by_typo] {
        if !found.is_empty() {
            place.namespaces = found;
            return;
        }
    }
    let mut near: Vec<(f64, String)> = all()
        .map(|name| (strsim::jaro_winkler(raw, &name), name))
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near = near
        .into_iter()
        .filter(|(score, _)| *score > 0.7)
        .map(|(_, name)| name)
        .take(3)
        .collect();
    place.unknown = Some((raw.to_owned(), near));
}
