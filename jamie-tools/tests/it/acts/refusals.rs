//! What must not be done, cannot be done, or is not said clearly enough.

use jamie_core::{Directory as _, ErrorKind};
use jamie_tools::cluster::{ClusterOptions, Impersonation};

use super::*;

#[tokio::test]
async fn what_is_not_said_is_asked_for() {
    let site = Site::town().await;
    let bakery = object("Deployment", "bakery");
    for (tool, args, kind, wanted) in [
        (
            "scale",
            json!({"target": bakery}),
            ErrorKind::InvalidInput,
            "to how many",
        ),
        (
            "scale",
            json!({"target": bakery, "replicas": 2}),
            ErrorKind::InvalidInput,
            "2 replicas already",
        ),
        (
            "scale",
            json!({"target": bakery, "by": -3}),
            ErrorKind::InvalidInput,
            "only 2 replicas",
        ),
        (
            "scale",
            json!({"target": bakery, "replicas": 900_000}),
            ErrorKind::InvalidInput,
            "any cluster",
        ),
        (
            "set_image",
            json!({"target": bakery}),
            ErrorKind::InvalidInput,
            "which image",
        ),
        (
            "set_image",
            json!({"target": object("Deployment", "mill"), "container": "x", "tag": "1"}),
            ErrorKind::NotFound,
            "`gauge`",
        ),
        (
            "set_resources",
            json!({"target": bakery}),
            ErrorKind::InvalidInput,
            "how much",
        ),
        (
            "set_resources",
            json!({"target": bakery, "memory_limit": "lots"}),
            ErrorKind::InvalidInput,
            "no amount",
        ),
        (
            "rollback",
            json!({"target": bakery}),
            ErrorKind::NotFound,
            "no earlier revision",
        ),
        (
            "rollback",
            json!({"target": bakery, "revision": 7}),
            ErrorKind::NotFound,
            "no revision 7",
        ),
        (
            "restart",
            json!({"target": object("CronJob", "newspaper")}),
            ErrorKind::InvalidInput,
            "cannot be restarted",
        ),
        (
            "restart",
            json!({"target": object("Deployment", "moon")}),
            ErrorKind::NotFound,
            "no Deployment",
        ),
    ] {
        let error = site
            .plan(tool, args.clone())
            .await
            .err()
            .unwrap_or_else(|| panic!("{tool} {args} is planned"));
        assert_eq!(error.kind(), kind, "{tool} {args}: {error}");
        has(&error.to_string(), &[wanted]);
        assert!(
            error.hint().is_some() || kind == ErrorKind::NotFound,
            "{tool} {args}: {error}"
        );
    }
}

#[tokio::test]
async fn what_changed_since_it_was_planned_is_left_alone() {
    let site = Site::town().await;
    let bakery = object("Deployment", "bakery");
    let five = site
        .planned("scale", json!({"target": bakery, "replicas": 5}))
        .await;
    // Somebody else is faster.
    site.done("scale", json!({"target": bakery, "replicas": 3})).await;
    let error = site.run("scale", &five).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    has(&error.to_string(), &["changed since it was planned"]);
    // That only the status moved is no reason.
    let again = site
        .planned("set_image", json!({"target": bakery, "tag": "2"}))
        .await;
    let pods = site
        .read("/api/v1/namespaces/town/pods?labelSelector=app%3Dbakery")
        .await
        .unwrap();
    let pod = pods["items"][0]["metadata"]["name"].as_str().unwrap();
    site.done("restart", json!({"target": object("Pod", pod)})).await;
    site.run("set_image", &again).await.unwrap();
    assert!(site.watch("set_image", &again).await.worked);
}

#[tokio::test]
async fn an_effect_that_does_not_come_is_told_with_the_reason() {
    let scenario = TOWN.replace(
        "behaviours: []",
        "behaviours:\n  - {workload: deployment/bakery, revision: 2, does: crash, exit: 3}",
    );
    let mut site = Site::of(Scenario::parse("town", "town.yaml", &scenario).unwrap()).await;
    let patience = Patience {
        settle: Duration::from_secs(10),
        ..PATIENCE
    };
    site.tools = toolbox_within(site.cluster.clone(), patience);
    let bakery = object("Deployment", "bakery");
    let plan = site
        .planned("set_image", json!({"target": bakery, "tag": "2"}))
        .await;
    site.run("set_image", &plan).await.unwrap();
    let report = site.watch("set_image", &plan).await;
    assert!(!report.worked);
    has(&format!("{report:?}"), &["bakery", "3"]);
}

const RIGHTS: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: viewer}
rules:
  - {apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: viewers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: viewer}
subjects: [{kind: Group, name: "people:town", apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: baker, namespace: town}
rules:
  - {apiGroups: [apps], resources: [deployments], verbs: [patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: bakers, namespace: town}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: baker}
subjects: [{kind: User, name: "person:bea", apiGroup: rbac.authorization.k8s.io}]
"#;

#[tokio::test]
async fn calls_run_as_the_person_where_that_is_wished() {
    let rights: String = RIGHTS.lines().map(|line| format!("  {line}\n")).collect();
    let scenario = TOWN.replace("nodes:\n", &format!("  ---\n{rights}nodes:\n"));
    let estate = Estate::start(
        Scenario::parse("town", "town.yaml", &scenario).unwrap(),
        Options::default(),
    )
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kubeconfig");
    std::fs::write(&file, estate.admin_kubeconfig()).unwrap();
    let cluster = Cluster::connect(ClusterOptions {
        kubeconfig: Some(file),
        impersonate: Impersonation::AsPerson {
            user_prefix: "person:".to_owned(),
            group_prefix: "people:".to_owned(),
        },
        ..ClusterOptions::default()
    })
    .await
    .unwrap();
    let mut site = Site::with(estate, Arc::new(cluster));
    let bakery = object("Deployment", "bakery");
    // Ann may look, and nothing else: the cluster itself says so, already when it rehearses.
    site.context = context("ann", &["town"], |_| {});
    let error = site
        .plan("scale", json!({"target": bakery, "replicas": 3}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    has(
        &format!("{error} {}", error.hint().unwrap()),
        &["person:ann", "`patch` on `deployments`"],
    );
    // Bea may.
    site.context = context("bea", &["town"], |_| {});
    let plan = site.done("scale", json!({"target": bakery, "replicas": 3})).await;
    // What Bea planned, Ann cannot run.
    site.context = context("ann", &["town"], |_| {});
    assert_eq!(
        site.run("scale", &plan).await.unwrap_err().kind(),
        ErrorKind::Forbidden
    );
    // Who may not even look gets nobody else's snapshot.
    let list = site.tools.get("list").unwrap();
    assert!(list.call(&site.context, json!({"kind": "Pod"})).await.is_ok());
    for (person, kind) in [
        ("cid", ErrorKind::Forbidden),
        ("system:admin", ErrorKind::Forbidden),
        ("", ErrorKind::Unauthorized),
    ] {
        let stranger = context(person, &[], |_| {});
        let error = list.call(&stranger, json!({"kind": "Pod"})).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{person}: {error}");
        let error = site
            .cluster
            .names(&stranger.person, &stranger.scope)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{person} learns no names: {error}");
    }
}

#[tokio::test]
async fn quotas_are_told_before_and_budgets_are_not_passed_by() {
    let site = Site::town().await;
    let plan = site
        .plan(
            "create_deployment",
            json!({"name": "crane", "namespace": "harbour", "image": "x:1", "replicas": 1}),
        )
        .await
        .unwrap();
    site.run("create_deployment", &plan).await.unwrap();
    let crane = json!(ObjectRef::namespaced("Deployment", "harbour", "crane"));
    let plan = site
        .plan("scale", json!({"target": crane, "replicas": 4}))
        .await
        .unwrap();
    has(&all(&plan), &["ResourceQuota `harbour/harbour` has not room"]);
    // A pod whose budget has nothing to spare is deleted only with a word on it.
    let plan = site
        .plan("delete_pod", json!({"target": object("Pod", "library-0")}))
        .await
        .unwrap();
    has(&all(&plan), &["does not ask disruption budgets", "town/library"]);
    // An autoscaler would fight.
    let plan = site
        .plan(
            "scale",
            json!({"target": object("Deployment", "mill"), "replicas": 3}),
        )
        .await
        .unwrap();
    has(
        &all(&plan),
        &["HorizontalPodAutoscaler `town/mill` keeps", "between 1 and 4"],
    );
    let plan = site
        .plan(
            "scale",
            json!({"target": object("Deployment", "bakery"), "replicas": 500}),
        )
        .await
        .unwrap();
    has(
        &all(&plan),
        &["more than 10 times", "fit on the nodes as they are"],
    );
}
