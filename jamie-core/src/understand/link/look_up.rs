//! A word in, every name that it may mean out: in full, by its beginning or a part, or with a slip of the fingers.

use super::Linker;
use crate::{
    ObjectRef,
    understand::{index::Candidate, kinds, spelling},
};

impl Linker<'_, '_> {
    /// Everything a word may mean: a name in full, then its beginning or a part, then a typo.
    pub(super) fn look_up(&self, raw: &str, bold: bool) -> Vec<Candidate> {
        let index = self.places.index;
        let exact = index.exact(raw);
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
        // A number with a slip is another number.
        let bold = bold && raw.contains(char::is_alphabetic);
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
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "candidates are handed on by reference everywhere"
    )]
    fn continues(&self, candidate: &Candidate, raw: &str, bold: bool) -> bool {
        let Some(name) = self.places.index.get(candidate.name) else {
            return false;
        };
        let rest = name.object.name.get(raw.len()..).unwrap_or("");
        let at_part = rest.starts_with(['-', '.', '_']) || raw.ends_with(['-', '.', '_']);
        at_part || raw.contains('-') || (bold && raw.len() >= 4)
    }
}
