//! Faults in, incidents out: each a cause with all that it drags along, as a finding.

use std::collections::HashMap;

use jamie_core::{Finding, Fingerprint, ObjectRef, Severity, Symptom, Verdict};
use sha2::{Digest, Sha256};

use super::{
    explain::Field,
    links::{Links, canonical},
};
use crate::{fault::Fault, snapshot::Snapshot};

/// One cause and its consequences.
#[derive(Debug)]
pub(crate) struct Incident {
    /// The fault at the bottom.
    pub(crate) root: Fault,
    /// What it explains, nearest first, with how it gets there and how many steps away.
    pub(crate) followers: Vec<Follower>,
}

/// Something that a cause drags along.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) fault: Fault,
    pub(crate) via: String,
    pub(crate) steps: usize,
}

/// No finding lists more symptoms than this.
const MOST_SYMPTOMS: usize = 12;
/// No chain is longer; a longer one is a knot.
const MOST_STEPS: usize = 12;

/// Sorts causes from symptoms: one incident per cause, worst first.
pub(crate) fn incidents(links: &Links<'_>, faults: Vec<Fault>) -> Vec<Incident> {
    let parents = parents(links, &faults);
    let mut followers: HashMap<usize, Vec<(usize, String, usize)>> = HashMap::new();
    for start in 0..faults.len() {
        for (root, steps) in roots(&parents, start) {
            if root != start {
                let via = parents
                    .get(start)
                    .and_then(|reasons| reasons.first())
                    .map(|(_, via)| via.clone())
                    .unwrap_or_default();
                followers.entry(root).or_default().push((start, via, steps));
            }
        }
    }
    let mut found: Vec<Incident> = Vec::new();
    for (position, fault) in faults.iter().enumerate() {
        if parents.get(position).is_some_and(|reasons| !reasons.is_empty()) {
            continue;
        }
        let mut drags: Vec<Follower> = followers
            .remove(&position)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(follower, via, steps)| {
                Some(Follower {
                    fault: faults.get(follower)?.clone(),
                    via,
                    steps,
                })
            })
            .collect();
        drags.sort_by_key(|follower| follower.steps);
        found.push(Incident {
            root: fault.clone(),
            followers: drags,
        });
    }
    found.sort_by(|a, b| {
        let weight = |incident: &Incident| (incident.severity(), incident.followers.len());
        weight(b)
            .cmp(&weight(a))
            .then_with(|| a.root.object.cmp(&b.root.object))
    });
    found
}

/// For each fault the faults that explain it: the best, or several that explain it equally well.
fn parents(links: &Links<'_>, faults: &[Fault]) -> Vec<Vec<(usize, String)>> {
    let field = Field::new(links, faults);
    let mut parents: Vec<Vec<(usize, String)>> = Vec::with_capacity(faults.len());
    for position in 0..faults.len() {
        let reasons = field.reasons(position);
        let best = reasons.first().map(|reason| reason.weight);
        let mut chosen: Vec<(usize, String)> = Vec::new();
        let mut places: Vec<ObjectRef> = Vec::new();
        for reason in reasons {
            if Some(reason.weight) != best || chosen.len() >= 3 {
                break;
            }
            // Several faults of one object explain as one.
            let Some(place) = field.place(reason.cause) else {
                continue;
            };
            if places.iter().any(|other| other == place)
                || chosen.iter().any(|(cause, _)| *cause == reason.cause)
            {
                continue;
            }
            places.push(place.clone());
            chosen.push((reason.cause, reason.via));
        }
        parents.push(chosen);
    }
    untangle(faults, &mut parents);
    parents
}

/// Breaks circles of explanations at their deepest fault.
fn untangle(faults: &[Fault], parents: &mut [Vec<(usize, String)>]) {
    for start in 0..parents.len() {
        while let Some(circle) = circle(parents, start) {
            let Some(bottom) = circle.iter().copied().max_by_key(|position| {
                faults
                    .get(*position)
                    .map(|fault| (fault.depth, fault.severity, std::cmp::Reverse(*position)))
            }) else {
                break;
            };
            if let Some(reasons) = parents.get_mut(bottom) {
                reasons.retain(|(cause, _)| !circle.contains(cause));
            }
        }
    }
}

/// A circle on the way from a fault along first and further parents.
fn circle(parents: &[Vec<(usize, String)>], start: usize) -> Option<Vec<usize>> {
    let mut path = vec![start];
    walk(parents, &mut path)
}

fn walk(parents: &[Vec<(usize, String)>], path: &mut Vec<usize>) -> Option<Vec<usize>> {
    if path.len() > MOST_STEPS {
        return None;
    }
    let last = *path.last()?;
    for (next, _) in parents.get(last)? {
        if let Some(from) = path.iter().position(|seen| seen == next) {
            return path.get(from..).map(<[usize]>::to_vec);
        }
        path.push(*next);
        if let Some(found) = walk(parents, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}

/// The bottoms under a fault, with the number of steps there.
fn roots(parents: &[Vec<(usize, String)>], start: usize) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut open = vec![(start, 0_usize)];
    let mut seen = vec![start];
    while let Some((position, steps)) = open.pop() {
        let reasons = parents.get(position).map(Vec::as_slice).unwrap_or_default();
        if reasons.is_empty() || steps >= MOST_STEPS {
            found.push((position, steps));
        } else {
            for (next, _) in reasons {
                if !seen.contains(next) {
                    seen.push(*next);
                    open.push((*next, steps + 1));
                }
            }
        }
    }
    found
}

impl Incident {
    /// As bad as the worst of it; what is merely worth knowing becomes bad by what it explains.
    pub(crate) fn severity(&self) -> Severity {
        self.followers
            .iter()
            .map(|follower| follower.fault.severity)
            .fold(self.root.severity, Severity::max)
    }

    /// All faults of it.
    pub(crate) fn faults(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&self.root).chain(self.followers.iter().map(|follower| &follower.fault))
    }

    /// Whether it shows on an object.
    pub(crate) fn touches(&self, snapshot: &Snapshot, object: &ObjectRef) -> bool {
        self.faults()
            .any(|fault| canonical(snapshot, &fault.object).is_same(object))
    }

    /// The finding that people see.
    pub(crate) fn finding(&self, snapshot: &Snapshot) -> Finding {
        let root = &self.root;
        let mut symptoms: Vec<Symptom> = Vec::new();
        for follower in &self.followers {
            let fault = &follower.fault;
            let known = symptoms
                .iter()
                .any(|symptom| symptom.object.is_same(&fault.object) && symptom.title == fault.title);
            if known || symptoms.len() >= MOST_SYMPTOMS {
                continue;
            }
            symptoms.push(Symptom {
                object: fault.object.clone(),
                title: fault.title.clone(),
                via: follower.via.clone(),
            });
        }
        // What the same object shows besides is evidence rather than news.
        let own = |symptom: &Symptom| symptom.object.is_same(&root.object);
        let mut evidence = root.evidence.clone();
        for follower in self
            .followers
            .iter()
            .filter(|follower| follower.fault.object.is_same(&root.object))
        {
            for piece in &follower.fault.evidence {
                if evidence.len() < 8 && !evidence.iter().any(|other| other.quote == piece.quote) {
                    evidence.push(piece.clone());
                }
            }
        }
        for follower in self
            .followers
            .iter()
            .filter(|follower| !follower.fault.object.is_same(&root.object))
        {
            if let Some(piece) = follower.fault.evidence.first()
                && evidence.len() < 10
                && !evidence.iter().any(|other| other.quote == piece.quote)
            {
                evidence.push(piece.clone());
            }
        }
        symptoms.sort_by_key(|symptom| !own(symptom));
        let verdict = if root.depth == crate::fault::Depth::Symptom && root.verdict == Verdict::Confirmed {
            Verdict::Inconclusive
        } else {
            root.verdict
        };
        let next_check = root
            .next_check
            .clone()
            .filter(|_| verdict != Verdict::Confirmed || root.remedy.is_none());
        Finding {
            check: root.check.to_owned(),
            severity: self.severity(),
            object: root.object.clone(),
            title: root.title.clone(),
            cause: root.cause.clone(),
            verdict,
            evidence,
            symptoms,
            remedy: root.remedy.clone(),
            next_check,
            since: self.faults().filter_map(|fault| fault.since).min(),
            fingerprint: fingerprint(&snapshot.cluster, root),
        }
    }
}

fn fingerprint(cluster: &str, root: &Fault) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [
        cluster,
        &root.object.kind,
        &root.object.path(),
        root.check,
        &root.key,
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut text = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        text.push_str(&format!("{byte:02x}"));
    }
    Fingerprint(text)
}
