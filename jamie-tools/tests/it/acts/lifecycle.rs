//! Plan, run, watch, and back again: the state is as wished after each.

use super::*;

const BAKERY: &str = "/apis/apps/v1/namespaces/town/deployments/bakery";
const MILL: &str = "/apis/apps/v1/namespaces/town/deployments/mill";

/// A change, where its effect is read, what is there then, and what the plan must say.
struct Case {
    tool: &'static str,
    args: Value,
    path: &'static str,
    pointer: &'static str,
    then: Value,
    says: &'static [&'static str],
}

fn case(
    tool: &'static str,
    args: Value,
    path: &'static str,
    pointer: &'static str,
    then: Value,
    says: &'static [&'static str],
) -> Case {
    Case {
        tool,
        args,
        path,
        pointer,
        then,
        says,
    }
}

async fn walk(site: &Site, cases: Vec<Case>) {
    for Case {
        tool,
        args,
        path,
        pointer,
        then,
        says,
    } in cases
    {
        let before = site.at(path, "/spec").await;
        let plan = site.done(tool, args.clone()).await;
        assert_eq!(site.at(path, pointer).await, then, "{tool} {args}");
        has(&all(&plan), says);
        if plan.inverse.is_some() {
            site.undone(&plan).await;
            assert_eq!(
                site.at(path, "/spec").await,
                before,
                "{tool} {args} is not taken back"
            );
        }
    }
}

#[tokio::test]
async fn workloads_are_scaled_changed_and_rolled_back() {
    let site = Site::town().await;
    let bakery = object("Deployment", "bakery");
    let image = "/spec/template/spec/containers/0/image";
    walk(
        &site,
        vec![
            case(
                "scale",
                json!({"target": bakery, "times": 2.0}),
                BAKERY,
                "/spec/replicas",
                json!(4),
                &["from 2 to 4 replicas", "-  replicas: 2", "+  replicas: 4"],
            ),
            case(
                "scale",
                json!({"target": bakery, "by": -2}),
                BAKERY,
                "/spec/replicas",
                json!(0),
                &["Service `town/bakery` is left without any pod"],
            ),
            case(
                "scale",
                json!({"target": object("StatefulSet", "library"), "replicas": 3}),
                "/apis/apps/v1/namespaces/town/statefulsets/library",
                "/spec/replicas",
                json!(3),
                &["from 2 to 3 replicas"],
            ),
            case(
                "set_image",
                json!({"target": bakery, "tag": "1.5.0"}),
                BAKERY,
                image,
                json!("town/bakery:1.5.0"),
                &["from `town/bakery:1.4.0` to `town/bakery:1.5.0`", "step by step"],
            ),
            case(
                "set_image",
                json!({"target": object("Deployment", "mill"), "image": "town/gauge:1.1"}),
                MILL,
                "/spec/template/spec/containers/1/image",
                json!("town/gauge:1.1"),
                &["`gauge`"],
            ),
            case(
                "set_resources",
                json!({"target": bakery, "memory_limit": "256Mi"}),
                BAKERY,
                "/spec/template/spec/containers/0/resources/limits/memory",
                json!("256Mi"),
                &["memory limit from 128Mi to 256Mi"],
            ),
            case(
                "set_resources",
                json!({"target": bakery, "memory_limit": "32Mi", "cpu_limit": "1"}),
                BAKERY,
                "/spec/template/spec/containers/0/resources",
                json!({"limits": {"memory": "32Mi", "cpu": "1"}, "requests": {"memory": "32Mi", "cpu": "50m"}}),
                &["memory request from 64Mi to 32Mi", "cpu limit from none to 1"],
            ),
            case(
                "set_resources",
                json!({"target": bakery, "memory_times": 1.5}),
                BAKERY,
                "/spec/template/spec/containers/0/resources/limits/memory",
                json!("192Mi"),
                &["memory request from 64Mi to 96Mi"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_restart_replaces_the_pods_and_changes_nothing_else() {
    let site = Site::town().await;
    let plan = site
        .done("restart", json!({"target": object("Deployment", "bakery")}))
        .await;
    has(
        &all(&plan),
        &["The 2 pods of Deployment town/bakery are replaced step by step"],
    );
    assert!(plan.inverse.is_none());
    assert!(
        site.heard
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.contains("of 2 replicas")),
        "progress is told"
    );
    let pods = site
        .read("/api/v1/namespaces/town/pods?labelSelector=app%3Dmill")
        .await
        .unwrap();
    let pod = pods["items"][0]["metadata"]["name"].as_str().unwrap();
    let plan = site.done("restart", json!({"target": object("Pod", pod)})).await;
    has(
        &all(&plan),
        &[
            "Deployment town/mill replaces one of its pods",
            "one replica only",
        ],
    );
    let gone = site.read(&format!("/api/v1/namespaces/town/pods/{pod}")).await;
    assert_eq!(gone.unwrap_err().kind(), jamie_core::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_rollback_brings_the_whole_template_back() {
    let site = Site::town().await;
    for (kind, name, path) in [
        ("Deployment", "bakery", BAKERY),
        (
            "StatefulSet",
            "library",
            "/apis/apps/v1/namespaces/town/statefulsets/library",
        ),
    ] {
        let target = object(kind, name);
        let first = site.at(path, "/spec/template/spec").await;
        site.done("set_image", json!({"target": target, "tag": "9"}))
            .await;
        site.done(
            "set_resources",
            json!({"target": target, "cpu_limit": "1", "memory_limit": "200Mi"}),
        )
        .await;
        let third = site.at(path, "/spec/template/spec").await;
        let revisions = site.plan("rollback", json!({"target": target})).await.unwrap();
        let previous = revisions.args["revision"].as_u64().unwrap();
        let plan = site
            .done("rollback", json!({"target": target, "revision": previous - 1}))
            .await;
        assert_eq!(site.at(path, "/spec/template/spec").await, first, "{kind}");
        has(&all(&plan), &["image"]);
        site.undone(&plan).await;
        assert_eq!(site.at(path, "/spec/template/spec").await, third, "{kind}");
    }
}
