//! Every check on manifests: the faulty cluster is told, its healthy twin is left alone.

mod deletions;
mod dependencies;
mod ingresses;
mod jobs;
mod network;
mod nodes;
mod pods;
mod references;
mod refusals;
mod scaling;
mod services;
mod storage;

use jamie_tools::{Fault, Snapshot, checks};
use jiff::Timestamp;

/// The moment at which all of these snapshots are taken.
pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";

/// The faults in a cluster that consists of these manifests.
pub(crate) fn faults(yaml: &str) -> Vec<Fault> {
    let now: Timestamp = NOW.parse().unwrap();
    checks::run(&Snapshot::from_yaml(yaml, now).unwrap())
}

/// The one fault of this check; anything else fails the test.
#[track_caller]
pub(crate) fn only<'a>(faults: &'a [Fault], check: &str) -> &'a Fault {
    let found: Vec<&Fault> = faults.iter().filter(|fault| fault.check == check).collect();
    match found.as_slice() {
        [one] => one,
        other => panic!("{} of {check} among {:#?}", other.len(), summary(faults)),
    }
}

/// Fails unless none of the checks whose names start with one of these says more than a note.
#[track_caller]
pub(crate) fn silent(faults: &[Fault], prefixes: &[&str]) {
    let loud: Vec<&Fault> = faults
        .iter()
        .filter(|fault| {
            fault.severity > jamie_core::Severity::Info
                && prefixes.iter().any(|prefix| fault.check.starts_with(prefix))
        })
        .collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

/// Fails unless nothing at all would be shown in a health overview.
#[track_caller]
pub(crate) fn quiet(faults: &[Fault]) {
    let loud: Vec<_> = faults
        .iter()
        .filter(|fault| fault.severity > jamie_core::Severity::Info)
        .cloned()
        .collect();
    assert!(loud.is_empty(), "{:#?}", summary(&loud));
}

/// Everything that a fault says, for looking for words in it.
pub(crate) fn words(fault: &Fault) -> String {
    let evidence: Vec<&str> = fault
        .evidence
        .iter()
        .map(|evidence| evidence.quote.as_str())
        .collect();
    let steps = [&fault.remedy, &fault.next_check].into_iter().flatten();
    let steps: Vec<String> = steps
        .map(|step| format!("{} {}", step.label, step.command.clone().unwrap_or_default()))
        .collect();
    format!(
        "{}\n{}\n{}\n{}",
        fault.title,
        fault.cause,
        evidence.join("\n"),
        steps.join("\n")
    )
}

/// Fails unless the fault says all of these.
#[track_caller]
pub(crate) fn says(fault: &Fault, expected: &[&str]) {
    let words = words(fault);
    for word in expected {
        assert!(words.contains(word), "{word:?} is not in:\n{words}");
    }
}

fn summary(faults: &[Fault]) -> Vec<String> {
    faults
        .iter()
        .map(|fault| {
            format!(
                "{} {:?}: {} | {}",
                fault.check, fault.severity, fault.title, fault.cause
            )
        })
        .collect()
}
