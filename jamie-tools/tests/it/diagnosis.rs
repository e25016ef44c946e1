//! Whole diagnoses of clusters written down as manifests: one incident per cause, and how it gets about.

use jamie_core::{ObjectRef, Severity};
use jamie_tools::{
    Snapshot,
    diagnosis::{self, Diagnosis, Scope},
};

const NOW: &str = "2026-11-20T12:00:00Z";

fn snapshot(yaml: &str) -> Snapshot {
    Snapshot::from_yaml(yaml, NOW.parse().unwrap()).unwrap()
}

fn about(yaml: &str, kind: &str, namespace: &str, name: &str) -> Diagnosis {
    let scope = Scope::Object(ObjectRef::namespaced(kind, namespace, name));
    diagnosis::of_snapshot(&snapshot(yaml), &scope)
}

/// Title, cause, evidence, symptoms and remedies of all incidents, for looking for words in them.
fn words(found: &Diagnosis) -> String {
    let mut text = String::new();
    for finding in &found.incidents {
        text.push_str(&format!(
            "{:?} {}\n{}\n",
            finding.severity, finding.title, finding.cause
        ));
        for piece in &finding.evidence {
            text.push_str(&format!("  e {}: {}\n", piece.source, piece.quote.as_str()));
        }
        for symptom in &finding.symptoms {
            text.push_str(&format!(
                "  s {} | {} | {}\n",
                symptom.object, symptom.title, symptom.via
            ));
        }
        if let Some(remedy) = &finding.remedy {
            text.push_str(&format!(
                "  r {} {}\n",
                remedy.label,
                remedy.command.clone().unwrap_or_default()
            ));
        }
    }
    text
}

#[track_caller]
fn says(found: &Diagnosis, expected: &[&str]) {
    let words = words(found);
    for word in expected {
        assert!(words.contains(word), "{word:?} is not in:\n{words}");
    }
}

/// A web tier that is unready because its API crashes because its database was killed for memory.
const CHAIN: &str = include_str!("../fixtures/chain.yaml");

#[test]
fn a_chain_is_one_incident_whose_cause_is_the_deepest() {
    let found = diagnosis::of_snapshot(&snapshot(CHAIN), &Scope::Cluster);
    assert_eq!(found.incidents.len(), 1, "{}", words(&found));
    let finding = found.incidents.first().unwrap();
    assert_eq!(finding.object.name, "orders-db", "{}", words(&found));
    assert_eq!(finding.severity, Severity::Critical);
    says(&found, &["256Mi", "OOMKilled", "shop/web", "shop/api"]);
}

#[test]
fn asking_about_the_web_tier_leads_with_the_database() {
    let found = about(CHAIN, "Deployment", "shop", "web");
    let finding = found.incidents.first().unwrap();
    assert_eq!(finding.object.name, "orders-db", "{}", words(&found));
    assert!(
        finding
            .symptoms
            .iter()
            .any(|symptom| symptom.object.name == "web"),
        "{}",
        words(&found)
    );
    assert!(
        finding
            .symptoms
            .iter()
            .any(|symptom| symptom.via.contains("shop/api")),
        "{}",
        words(&found)
    );
}

#[test]
fn fingerprints_are_the_same_over_passes() {
    let first = diagnosis::of_snapshot(&snapshot(CHAIN), &Scope::Cluster);
    let second = diagnosis::of_snapshot(&snapshot(CHAIN), &Scope::Namespace("shop".to_owned()));
    assert_eq!(
        first.incidents.first().unwrap().fingerprint,
        second.incidents.first().unwrap().fingerprint
    );
}

#[test]
fn an_unrelated_fault_stays_its_own_and_out_of_the_answer() {
    let yaml = format!("{CHAIN}\n---\n{}", include_str!("../fixtures/image.yaml"));
    let found = diagnosis::of_snapshot(&snapshot(&yaml), &Scope::Cluster);
    assert_eq!(found.incidents.len(), 2, "{}", words(&found));
    let found = about(&yaml, "Deployment", "shop", "web");
    assert_eq!(found.incidents.len(), 1, "{}", words(&found));
    let found = about(&yaml, "Deployment", "shop", "labels");
    assert_eq!(found.incidents.len(), 1, "{}", words(&found));
    says(&found, &["ghcr.io/acme/labels:2.0.1", "does not exist"]);
}
