//! Candidates for a name in, the object that was meant out, with its rivals.

use super::{Context, NameIndex, index::Candidate, kinds, lexicon};
use crate::{Link, Name, ObjectRef};

/// What stands beside a name and says which of its bearers is meant.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// A kind: "the api deployment".
    pub(super) kind: Option<String>,
    /// Namespaces that were named; empty when none was.
    pub(super) namespaces: Vec<String>,
    /// Whether everything in the cluster is asked about, whatever the scope.
    pub(super) everywhere: bool,
}

/// What a name means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meant {
    pub(super) object: ObjectRef,
    pub(super) link: Link,
    /// Others it may as well mean.
    pub(super) rivals: Vec<ObjectRef>,
}

/// Two candidates closer than this are as likely.
const AS_LIKELY: f64 = 1.0;
/// The same for names that were not said in full.
const AS_LIKELY_WHEN_WEAK: f64 = 26.0;

/// Picks the likeliest of the candidates.
pub(super) fn pick(
    candidates: &[Candidate],
    hints: &Hints,
    index: &NameIndex,
    context: &Context<'_>,
) -> Option<Meant> {
    let mut scored: Vec<(f64, &Name, Candidate)> = candidates
        .iter()
        .filter_map(|candidate| {
            let name = index.get(candidate.name)?;
            Some((score(name, candidate.link, hints, context), name, *candidate))
        })
        .collect();
    if !hints.namespaces.is_empty()
        && scored
            .iter()
            .any(|(_, name, _)| is_inside(name, &hints.namespaces))
    {
        scored.retain(|(_, name, _)| is_inside(name, &hints.namespaces));
    }
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| a.1.object.name.len().cmp(&b.1.object.name.len()))
            .then_with(|| a.1.object.cmp(&b.1.object))
    });
    let (best_score, best, candidate) = *scored.first()?;
    let margin = if candidate.link >= Link::Alias {
        AS_LIKELY
    } else {
        AS_LIKELY_WHEN_WEAK
    };
    let mut close: Vec<&Name> = Vec::new();
    for (score, name, _) in &scored {
        if best_score - score >= margin {
            break;
        }
        let is_namesake = |other: &&Name| {
            other.object.name == name.object.name
                && (other.object.namespace == name.object.namespace || name.object.kind == "Namespace")
        };
        if !close.iter().any(is_namesake) {
            close.push(name);
        }
    }
    // "payrol" is `payroll` before it is `payroll-db`.
    if candidate.link < Link::Alias
        && let Some(stem) = close.iter().find(|name| {
            close.iter().all(|other| {
                let rest = other.object.name.strip_prefix(name.object.name.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        })
        && close
            .iter()
            .filter(|name| name.object.name == stem.object.name)
            .count()
            == 1
    {
        return Some(Meant {
            object: stem.object.clone(),
            link: candidate.link,
            rivals: Vec::new(),
        });
    }
    // Several pods of one workload: the workload is meant.
    if close.len() > 1
        && let Some(owner) = common_owner(&close, index)
    {
        return Some(Meant {
            object: owner.object.clone(),
            link: candidate.link,
            rivals: Vec::new(),
        });
    }
    // A pod or a replica set beside its own workload is no rival.
    let rivals = close
        .iter()
        .skip(1)
        .filter(|name| !is_below(name, best, index) && !is_below(best, name, index))
        .map(|name| name.object.clone())
        .take(8)
        .collect();
    Some(Meant {
        object: best.object.clone(),
        link: candidate.link,
        rivals,
    })
}

fn score(name: &Name, link: Link, hints: &Hints, context: &Context<'_>) -> f64 {
    let object = &name.object;
    let mut score = match link {
        Link::Exact => 100.0,
        Link::Alias => 80.0,
        Link::Prefix => 60.0,
        Link::Part => 50.0,
        Link::Typo => 30.0,
        Link::Focus => 0.0,
    };
    if let Some(kind) = &hints.kind
        && kind == &object.kind
    {
        score += 1000.0;
    } else if kinds::weight(&object.kind) <= 2.5 {
        score -= 45.0;
    }
    if is_inside(name, &hints.namespaces) {
        score += 500.0;
    }
    let scope = context
        .scope
        .namespace
        .as_deref()
        .filter(|_| !hints.everywhere && hints.namespaces.is_empty());
    let is_scope = object.kind == "Namespace" && Some(object.name.as_str()) == scope;
    let is_cluster_wide = object.namespace.is_none() && link == Link::Exact;
    if scope.is_some() && (scope == object.namespace.as_deref() || is_scope || is_cluster_wide) {
        score += 200.0;
    }
    score += kinds::weight(&object.kind) * 2.0;
    if object.namespace.is_some() && in_focus(object, context) {
        score += 4.0;
    }
    if object
        .namespace
        .as_deref()
        .is_some_and(lexicon::is_system_namespace)
    {
        score -= 2.0;
    }
    // An object that belongs to another is rarely meant when the other may be.
    if name.owner.is_some() {
        score -= 1.0;
    }
    score
}

fn is_inside(name: &Name, namespaces: &[String]) -> bool {
    let object = &name.object;
    object
        .namespace
        .as_ref()
        .is_some_and(|namespace| namespaces.contains(namespace))
}

fn in_focus(object: &ObjectRef, context: &Context<'_>) -> bool {
    let focus = context.focus;
    focus.namespace.is_some() && focus.namespace == object.namespace
        || focus
            .objects
            .first()
            .is_some_and(|first| first.namespace == object.namespace)
}

fn common_owner<'a>(names: &[&Name], index: &'a NameIndex) -> Option<&'a Name> {
    let owner = names.first()?.owner?;
    names
        .iter()
        .all(|name| name.owner == Some(owner))
        .then(|| index.names().all.get(owner))?
}

fn is_below(name: &Name, above: &Name, index: &NameIndex) -> bool {
    let mut at = name.owner;
    for _ in 0..4 {
        let Some(owner) = at.and_then(|at| index.names().all.get(at)) else {
            return false;
        };
        if owner.object.is_same(&above.object) {
            return true;
        }
        at = owner.owner;
    }
    false
}
