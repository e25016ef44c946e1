//! The whole library of scenarios against a real (simulated) API server: causes found, no false alarms.

use std::{path::PathBuf, sync::Arc};

use jamie_core::ObjectRef;
use jamie_sim::{Estate, Options, Question, Scenario};
use jamie_tools::{
    cluster::{Cluster, ClusterOptions, Freshness},
    diagnosis::{self, Diagnosis, Scope},
};

/// A cluster connected to a running estate.
pub(crate) async fn connect(estate: &Estate, namespaces: &[&str]) -> Arc<Cluster> {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("kubeconfig");
    std::fs::write(&file, estate.kubeconfig()).unwrap();
    let options = ClusterOptions {
        kubeconfig: Some(file),
        namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        ..ClusterOptions::default()
    };
    Arc::new(Cluster::connect(options).await.unwrap())
}

/// Everything that a diagnosis says.
pub(crate) fn words(found: &Diagnosis) -> String {
    let mut text = String::new();
    for finding in &found.incidents {
        text.push_str(&format!(
            "{:?} {:?} [{}] {}: {}\n    {}\n",
            finding.severity, finding.verdict, finding.check, finding.object, finding.title, finding.cause
        ));
        for piece in &finding.evidence {
            text.push_str(&format!("    e {}: {}\n", piece.source, piece.quote.as_str()));
        }
        for symptom in &finding.symptoms {
            text.push_str(&format!(
                "    s {} | {} | {}\n",
                symptom.object, symptom.title, symptom.via
            ));
        }
        for step in [&finding.remedy, &finding.next_check].into_iter().flatten() {
            text.push_str(&format!(
                "    r {} {}\n",
                step.label,
                step.command.clone().unwrap_or_default()
            ));
        }
    }
    for fact in &found.facts {
        text.push_str(&format!("    f {fact}\n"));
    }
    for note in &found.notes {
        text.push_str(&format!("    n {note}\n"));
    }
    text
}

/// The object that a question names, for as much as a test can tell: the longest name in any wording.
fn target(names: &jamie_core::Names, question: &Question) -> Option<ObjectRef> {
    let text = question.ask.join(" ").to_lowercase();
    let is_word = |name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
            let part = |c: char| c.is_alphanumeric() || c == '-';
            !before.is_some_and(part) && !after.is_some_and(part)
        })
    };
    let rank = |kind: &str| match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" => 3,
        "Job" | "Ingress" | "Node" | "PersistentVolumeClaim" | "HorizontalPodAutoscaler" => 2,
        "Service" | "Pod" => 1,
        _ => 0,
    };
    names
        .all
        .iter()
        .filter(|name| {
            question.namespace.is_none()
                || name.object.namespace.is_none()
                || name.object.namespace == question.namespace
        })
        .filter(|name| rank(&name.object.kind) > 0)
        .filter(|name| {
            is_word(&name.object.name)
                || name
                    .aliases
                    .iter()
                    .any(|alias| alias.contains('.') && is_word(alias))
        })
        .max_by_key(|name| (name.object.name.len(), rank(&name.object.kind)))
        .map(|name| name.object.clone())
}

fn judge(question: &Question, found: &Diagnosis, whole: bool) -> Vec<String> {
    let mut text = words(found);
    if found.incidents.is_empty() {
        // As the tool's headline does.
        text.push_str(&format!("I find nothing wrong with {}", question.ask.join(" ")));
    }
    let mut misses: Vec<String> = question
        .expect
        .all
        .iter()
        .filter(|phrase| !phrase.is_in(&text))
        .map(|phrase| format!("lacks {phrase}"))
        .collect();
    misses.extend(
        question
            .expect
            .none
            .iter()
            .filter(|phrase| !whole && phrase.is_in(&text))
            .map(|phrase| format!("must not say {phrase}")),
    );
    if let Some(cause) = &question.expect.cause {
        let is_it = |object: &ObjectRef| object.kind == cause.kind && object.name == cause.name;
        let right = if whole {
            found.incidents.iter().any(|finding| is_it(&finding.object))
        } else {
            found
                .incidents
                .first()
                .is_some_and(|finding| is_it(&finding.object))
        };
        if !right {
            misses.push(format!("blames not {} {}", cause.kind, cause.name));
        }
    }
    if let Some(count) = question.expect.findings
        && !whole
        && found.incidents.len() != count
    {
        misses.push(format!("{} findings instead of {count}", found.incidents.len()));
    }
    misses
}

/// Prints what is missed; run with `--nocapture` and, for one scenario, `SCENARIO=name`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_library_is_understood() {
    let only = std::env::var("SCENARIO").ok();
    let mut alarms = 0;
    let mut asked = 0;
    let mut missed = 0;
    let mut report = String::new();
    for scenario in Scenario::library().unwrap() {
        if only.as_ref().is_some_and(|only| *only != scenario.name) {
            continue;
        }
        let questions = scenario.questions.clone();
        let (name, healthy, category) = (scenario.name.clone(), scenario.healthy, scenario.category.clone());
        let namespaces: Vec<String> = questions
            .iter()
            .filter_map(|question| question.namespace.clone())
            .collect();
        let estate = Estate::start(scenario, Options::default()).await.unwrap();
        let namespaces: Vec<&str> = namespaces.iter().map(String::as_str).collect();
        let cluster = connect(&estate, &namespaces).await;
        let whole = match diagnosis::diagnose(&cluster, &Scope::Cluster, Freshness::Recent).await {
            Ok(whole) => whole,
            Err(error) => {
                report.push_str(&format!("{category}/{name}: {error}\n"));
                missed += 1;
                continue;
            }
        };
        if only.is_some() {
            let snapshot = cluster.snapshot(Freshness::Recent).await.unwrap();
            for pod in &snapshot.pods {
                let status = pod.status.clone().unwrap_or_default();
                report.push_str(&format!(
                    "pod {} {:?} {:?} {:?}\n",
                    pod.metadata.name.clone().unwrap_or_default(),
                    status.phase,
                    status.reason,
                    pod.metadata.owner_references.as_ref().map(|owners| owners.len())
                ));
            }
            report.push_str(&format!("== {name}, whole\n{}", words(&whole)));
        }
        if healthy && !whole.incidents.is_empty() {
            alarms += whole.incidents.len();
            report.push_str(&format!("{category}/{name}: FALSE ALARM\n{}", words(&whole)));
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await.unwrap();
        let names = snapshot.names();
        for question in &questions {
            asked += 1;
            let object = target(&names, question);
            let (scope, is_whole) = match (&object, &question.namespace) {
                (Some(object), _) => (Scope::Object(object.clone()), false),
                (None, Some(namespace)) => (Scope::Namespace(namespace.clone()), true),
                (None, None) => (Scope::Cluster, true),
            };
            let found = diagnosis::diagnose(&cluster, &scope, Freshness::Recent)
                .await
                .unwrap();
            let misses = judge(question, &found, is_whole);
            let by_whole = judge(question, &whole, true);
            if only.is_some() {
                report.push_str(&format!(
                    "== {:?} {scope:?}\n{}",
                    question.ask.first(),
                    words(&found)
                ));
            }
            if !misses.is_empty() {
                missed += 1;
                report.push_str(&format!(
                    "{category}/{name}: {:?} about {}: {}{}\n{}",
                    question.ask.first().cloned().unwrap_or_default(),
                    object.map_or("all".to_owned(), |object| object.to_string()),
                    misses.join("; "),
                    if by_whole.is_empty() {
                        " (the whole says it)"
                    } else {
                        ""
                    },
                    found
                        .incidents
                        .iter()
                        .map(|finding| format!("      {} {}\n", finding.check, finding.title))
                        .collect::<String>(),
                ));
            }
        }
        estate.stop().await;
    }
    println!("{report}\n{missed} of {asked} missed, {alarms} false alarms");
    assert_eq!(alarms, 0, "false alarms");
}
