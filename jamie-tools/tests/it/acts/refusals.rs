//! What must not be done, cannot be done, or is not said clearly enough.

use jamie_core::ErrorKind;

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
    let site = Site::of(Scenario::parse("town", "town.yaml", &scenario).unwrap()).await;
    let bakery = object("Deployment", "bakery");
    let plan = site
        .planned("set_image", json!({"target": bakery, "tag": "2"}))
        .await;
    site.run("set_image", &plan).await.unwrap();
    let report = site.watch("set_image", &plan).await;
    assert!(!report.worked);
    has(&format!("{report:?}"), &["CrashLoopBackOff", "bakery"]);
    site.undone(&plan).await;
}
