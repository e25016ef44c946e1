//! The roles in `deploy` are what the tools say they need, no more and no less.

use std::collections::BTreeSet;

use jamie_tools::tools::{Permission, required_access, required_access_to_act};

use super::*;

fn granted(yaml: &str, role: &str) -> BTreeSet<(String, String, String)> {
    let texts = |value: &Value| -> Vec<String> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap().to_owned())
            .collect()
    };
    let mut all = BTreeSet::new();
    for part in yaml.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(part).unwrap();
        if object["metadata"]["name"] != role {
            continue;
        }
        for rule in object["rules"].as_array().unwrap() {
            for group in texts(&rule["apiGroups"]) {
                for resource in texts(&rule["resources"]) {
                    for verb in texts(&rule["verbs"]) {
                        all.insert((group.clone(), resource.clone(), verb));
                    }
                }
            }
        }
    }
    all
}

fn named(permissions: Vec<Permission>) -> BTreeSet<(String, String, String)> {
    permissions
        .into_iter()
        .map(|one| (one.group.to_owned(), one.resource.to_owned(), one.verb.to_owned()))
        .collect()
}

#[test]
fn the_role_to_act_is_what_the_tools_need() {
    let yaml = include_str!("../../../../deploy/clusterrole-actions.yaml");
    assert_eq!(granted(yaml, "jamie-actor"), named(required_access_to_act()));
    // Reading takes no right that changes anything.
    let reader = granted(
        include_str!("../../../../deploy/clusterrole.yaml"),
        "jamie-reader",
    );
    assert!(
        reader
            .iter()
            .all(|(_, _, verb)| matches!(verb.as_str(), "get" | "list" | "watch")),
        "{reader:?}"
    );
    let missing: Vec<_> = named(required_access())
        .into_iter()
        .filter(|one| one.0 != "authorization.k8s.io" && !reader.contains(one))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn these_rights_are_enough_to_act() {
    let rules: String = [
        include_str!("../../../../deploy/clusterrole.yaml"),
        include_str!("../../../../deploy/clusterrole-actions.yaml"),
    ]
    .join("\n---\n")
    .split("\n---\n")
    .chain(["jamie-reader", "jamie-actor"].map(|role| match role {
        "jamie-reader" => {
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: looks}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: jamie-reader}\nsubjects: [{kind: User, name: jamie, apiGroup: rbac.authorization.k8s.io}]"
        }
        _ => {
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: acts}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: jamie-actor}\nsubjects: [{kind: User, name: jamie, apiGroup: rbac.authorization.k8s.io}]"
        }
    }))
    .map(|part| {
        let lines: String = part.lines().map(|line| format!("  {line}\n")).collect();
        format!("  ---\n{lines}")
    })
    .collect();
    let text = TOWN.replace("nodes:\n", &format!("{rules}rbac:\n  user: jamie\nnodes:\n"));
    let site = Site::of(Scenario::parse("town", "town.yaml", &text).unwrap()).await;
    let bakery = object("Deployment", "bakery");
    for (tool, args) in [
        ("restart", json!({"target": bakery})),
        ("scale", json!({"target": bakery, "replicas": 3})),
        (
            "set_image",
            json!({"target": object("StatefulSet", "library"), "tag": "9"}),
        ),
        ("rollback", json!({"target": object("StatefulSet", "library")})),
        ("pause", json!({"target": object("CronJob", "newspaper")})),
        (
            "trigger_cron_job",
            json!({"target": object("CronJob", "newspaper")}),
        ),
        ("cordon", json!({"target": ObjectRef::cluster("Node", "hill")})),
        ("create_namespace", json!({"name": "suburb"})),
        (
            "create_config_map",
            json!({"name": "x", "namespace": "town", "data": {"A": "b"}}),
        ),
        (
            "grant_permission",
            json!({"subject": {"kind": "ServiceAccount", "name": "clerk"}, "verbs": ["list"],
            "resources": ["pods"], "namespace": "town"}),
        ),
        (
            "create_network_policy",
            json!({"deny_all": true, "namespace": "harbour"}),
        ),
        ("create_autoscaler", json!({"target": bakery, "min": 2, "max": 4})),
        (
            "resize_claim",
            json!({"target": object("PersistentVolumeClaim", "archive"), "size": "2Gi"}),
        ),
    ] {
        site.done(tool, args).await;
    }
}
