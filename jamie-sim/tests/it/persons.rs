//! Requests in somebody's name: who may act as whom, and what nobody may give away.

use jamie_sim::{Estate, Options, Scenario};
use serde_json::json;

use crate::wire::Http;

const OFFICE: &str = r#"
title: An office in which a clerk may act as the people in it
category: healthy
healthy: true
manifests: |
  apiVersion: v1
  kind: ServiceAccount
  metadata: {name: robot, namespace: office}
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: reader, namespace: office}
  rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: readers, namespace: office}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers}]
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: role-writer, namespace: office}
  rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [get, create, update]}]
  ---
  apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: role-writers, namespace: office}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: role-writer}
  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: writers}]
rbac:
  user: clerk
  allow:
    - {verbs: [impersonate], resources: [users, groups], groups: [""]}
    - {verbs: [impersonate], resources: [uids], groups: [authentication.k8s.io]}
"#;

async fn office(text: &str) -> (Estate, Http) {
    let scenario = Scenario::parse("office", "office.yaml", text).unwrap();
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let http = Http::to(&estate);
    (estate, http)
}

const PODS: &str = "/api/v1/namespaces/office/pods";

#[tokio::test]
async fn a_call_in_a_persons_name_is_judged_as_that_persons() {
    let (estate, clerk) = office(OFFICE).await;
    assert_eq!(
        clerk.get(PODS).await.message(),
        "pods is forbidden: User \"clerk\" cannot list resource \"pods\" in API group \"\" in the namespace \"office\""
    );
    let ann = clerk
        .acting_as("ann", &["readers"])
        .with("impersonate-uid", "1234");
    assert_eq!(ann.get(PODS).await.code, 200);
    let refused = ann.delete(&format!("{PODS}/x"), &json!({})).await;
    assert_eq!(
        (refused.code, refused.message()),
        (
            403,
            "pods \"x\" is forbidden: User \"ann\" cannot delete resource \"pods\" in API group \"\" in the namespace \
             \"office\""
        )
    );
    let who = ann
        .post("/apis/authentication.k8s.io/v1/selfsubjectreviews", &json!({}))
        .await;
    let info = &who.body["status"]["userInfo"];
    assert_eq!((&info["username"], &info["uid"]), (&json!("ann"), &json!("1234")));
    assert_eq!(info["groups"], json!(["readers", "system:authenticated"]));

    let robot = clerk.acting_as("system:serviceaccount:office:robot", &[]);
    assert_eq!(
        robot.get(PODS).await.message(),
        "serviceaccounts \"robot\" is forbidden: User \"clerk\" cannot impersonate resource \"serviceaccounts\" in API \
         group \"\" in the namespace \"office\""
    );
    let headless = Http::to(&estate).with("impersonate-group", "readers");
    assert_eq!(headless.get(PODS).await.code, 500);
    estate.stop().await;
}

#[tokio::test]
async fn nobody_becomes_a_master_without_leave() {
    let narrow = OFFICE.replace(
        "resources: [users, groups], groups: [\"\"]",
        "resources: [users], groups: [\"\"]",
    );
    let (estate, clerk) = office(&narrow).await;
    let refused = clerk.acting_as("ann", &["system:masters"]).get(PODS).await;
    assert_eq!(
        (refused.code, refused.message()),
        (
            403,
            "groups \"system:masters\" is forbidden: User \"clerk\" cannot impersonate resource \"groups\" in API group \
             \"\" at the cluster scope"
        )
    );
    estate.stop().await;
}

#[tokio::test]
async fn nobody_gives_away_what_they_do_not_have() {
    let (estate, clerk) = office(OFFICE).await;
    let writer = clerk.acting_as("wes", &["writers", "readers"]);
    let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/office/roles";
    let role = |verbs: &[&str]| json!({"metadata": {"name": "more"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}]});
    let refused = writer.post(roles, &role(&["list", "watch", "delete"])).await;
    assert_eq!(
        (refused.code, refused.message()),
        (
            403,
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"wes\" (groups=[\"writers\" \"readers\" \
             \"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n\
             {APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"watch\"]}"
        )
    );
    assert_eq!(writer.post(roles, &role(&["list"])).await.code, 201);
    let bindings = roles.replace("roles", "rolebindings");
    let binding = |kind: &str, name: &str| {
        json!({"metadata": {"name": "all"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
            "subjects": [{"kind": "User", "name": "wes", "apiGroup": "rbac.authorization.k8s.io"}]})
    };
    let refused = writer
        .post(&bindings, &binding("ClusterRole", "cluster-admin"))
        .await;
    assert_eq!(refused.code, 403);
    assert!(
        refused.message().ends_with(
            "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}"
        ),
        "{}",
        refused.message()
    );
    assert_eq!(
        writer.post(&bindings, &binding("Role", "nowhere")).await.code,
        404
    );
    assert_eq!(writer.post(&bindings, &binding("Role", "more")).await.code, 201);
    estate.stop().await;
}
