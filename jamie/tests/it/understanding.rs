//! Ways to ask, over ten estates, with the tools that come with Jamie: which tool, about what.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use jamie_core::{
    Name, Names, ObjectRef, Scope, Toolbox,
    understand::{Context, Focus, Heed, Intents, NameIndex, PlannedCall, understand},
};
use jamie_tools::cluster::{Cluster, ClusterOptions};
use jiff::tz::TimeZone;
use serde_json::Value;

static ESTATES: &str = include_str!("utterances/estates.txt");
static SAID: &str = include_str!("utterances/said.tsv");

/// The tools that come with Jamie, for a cluster that nobody ever calls.
async fn toolbox() -> Toolbox {
    let kubeconfig = tempfile::NamedTempFile::new().unwrap();
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: none\n\
        contexts: [{name: none, context: {cluster: none, user: none}}]\n\
        clusters: [{name: none, cluster: {server: 'http://127.0.0.1:9'}}]\n\
        users: [{name: none, user: {token: none}}]\n";
    std::fs::write(kubeconfig.path(), text).unwrap();
    let options = ClusterOptions {
        kubeconfig: Some(kubeconfig.path().to_owned()),
        ..ClusterOptions::default()
    };
    jamie_tools::tools::toolbox(Arc::new(Cluster::connect(options).await.unwrap()))
}

fn estates() -> BTreeMap<&'static str, NameIndex> {
    let mut estates: BTreeMap<&str, Names> = BTreeMap::new();
    let mut estate = "";
    for line in ESTATES.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('@') {
            estate = name;
            continue;
        }
        let names = estates.entry(estate).or_default();
        let (namespace, objects) = line.split_once(':').unwrap();
        if !namespace.is_empty() {
            add(names, ObjectRef::cluster("Namespace", namespace), None);
        }
        for object in objects.split(',') {
            let (kind, name) = object.trim().split_once(' ').unwrap();
            if namespace.is_empty() {
                add(names, ObjectRef::cluster(kind, name), None);
                continue;
            }
            let at = add(names, ObjectRef::namespaced(kind, namespace, name), None);
            if matches!(kind, "Deployment" | "StatefulSet") {
                add(names, ObjectRef::namespaced("Service", namespace, name), None);
            }
            let pod = match kind {
                "Deployment" => format!("{name}-7d9c5b8f6-x2k4q"),
                "StatefulSet" => format!("{name}-0"),
                "DaemonSet" => format!("{name}-p8s6z"),
                _ => continue,
            };
            add(names, ObjectRef::namespaced("Pod", namespace, pod), Some(at));
        }
    }
    estates
        .into_iter()
        .map(|(estate, mut names)| {
            for system in ["default", "kube-system"] {
                add(&mut names, ObjectRef::cluster("Namespace", system), None);
            }
            add(
                &mut names,
                ObjectRef::namespaced("Deployment", "kube-system", "coredns"),
                None,
            );
            (estate, NameIndex::new(Arc::new(names)))
        })
        .collect()
}

fn add(names: &mut Names, object: ObjectRef, owner: Option<usize>) -> usize {
    names.all.push(Name {
        object,
        aliases: Vec::new(),
        owner,
    });
    names.all.len() - 1
}

/// A call in the notation of the table: "logs shop/api", "look shop".
fn told(call: &PlannedCall) -> String {
    let path = |target: &Value| {
        let name = target["name"].as_str().unwrap();
        match target["namespace"].as_str() {
            Some(namespace) => format!("{namespace}/{name}"),
            None if target["kind"] == "Namespace" => format!("ns={name}"),
            None => name.to_owned(),
        }
    };
    let args = call.args.as_object().unwrap();
    let mut targets = Vec::new();
    for value in args.values() {
        match value {
            Value::Object(object) if object.contains_key("name") => targets.push(path(value)),
            Value::Array(list) => {
                targets.extend(list.iter().filter(|item| item["name"].is_string()).map(path));
            }
            _ => {}
        }
    }
    let namespace = args.get("namespace").and_then(Value::as_str);
    if targets.is_empty() {
        targets.extend(namespace.map(|namespace| format!("ns={namespace}")));
    }
    let looks = matches!(call.tool.as_str(), "overview" | "diagnose");
    match targets.as_slice() {
        [] if looks => "look *".to_owned(),
        [one] if looks && one.starts_with("ns=") => format!("look {}", one.trim_start_matches("ns=")),
        targets => {
            let mut told = call.tool.clone();
            for target in targets {
                write!(told, " {}", target.trim_start_matches("ns=")).unwrap();
            }
            if targets.is_empty()
                && let Some(kind) = args.get("kind").and_then(Value::as_str)
            {
                write!(told, " {kind}").unwrap();
            }
            told
        }
    }
}

#[tokio::test]
async fn what_people_say_reaches_the_right_tool() {
    let intents = Intents::new(&toolbox().await);
    let estates = estates();
    let (scope, focus, aliases) = (Scope::default(), Focus::default(), BTreeMap::new());
    let context = Context {
        now: "2026-11-22T14:30:00Z".parse().unwrap(),
        zone: &TimeZone::UTC,
        scope: &scope,
        focus: &focus,
        aliases: &aliases,
        heeds: Heed::Nothing,
    };
    let (mut all, mut misses, mut estate) = (0, Vec::new(), "");
    for line in SAID.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('@') {
            estate = name;
            continue;
        }
        let (wanted, said) = line.split_once('\t').expect(line);
        let understood = understand(said, &estates[estate], &intents, &context);
        let mut calls: Vec<String> = understood
            .requests
            .iter()
            .flat_map(|request| &request.calls)
            .map(told)
            .collect();
        if let Some(clarify) = &understood.clarify {
            calls.push(format!("ask: {}", clarify.question));
        }
        all += 1;
        let told = calls.join("; ");
        if !wanted.split(" | ").any(|wanted| wanted == told) {
            misses.push(format!(
                "{estate}: {said:?}\n    wanted {wanted}\n    got    {told}"
            ));
        }
    }
    let missed = misses.len();
    assert!(
        missed * 100 <= all * 10,
        "{missed} of {all} missed:\n{}",
        misses.join("\n")
    );
}
