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

#[tokio::test]
async fn rollouts_schedules_nodes_claims_and_services() {
    let site = Site::town().await;
    let newspaper = object("CronJob", "newspaper");
    let cron = "/apis/batch/v1/namespaces/town/cronjobs/newspaper";
    let node = json!(ObjectRef::cluster("Node", "hill"));
    let tram = object("Service", "tram");
    let service = "/api/v1/namespaces/town/services/tram";
    walk(
        &site,
        vec![
            case(
                "pause",
                json!({"target": object("Deployment", "bakery")}),
                BAKERY,
                "/spec/paused",
                json!(true),
                &["wait until its rollout is resumed"],
            ),
            case(
                "pause",
                json!({"target": newspaper}),
                cron,
                "/spec/suspend",
                json!(true),
                &["starts nothing until it is resumed"],
            ),
            case(
                "cordon",
                json!({"target": node}),
                "/api/v1/nodes/hill",
                "/spec/unschedulable",
                json!(true),
                &["No new pods are placed on Node hill"],
            ),
            case(
                "switch_service",
                json!({"target": tram, "version": "green"}),
                service,
                "/spec/selector",
                json!({"app": "tram", "colour": "green"}),
                &["colour=red", "colour=green", "moves at once"],
            ),
            case(
                "switch_service",
                json!({"target": tram, "to": object("Deployment", "tram-green")}),
                service,
                "/spec/selector/colour",
                json!("green"),
                &[],
            ),
            case(
                "resize_claim",
                json!({"target": object("PersistentVolumeClaim", "archive"), "times": 2.0}),
                "/api/v1/namespaces/town/persistentvolumeclaims/archive",
                "/spec/resources/requests/storage",
                json!("2Gi"),
                &["from 1Gi to 2Gi", "cannot be made smaller"],
            ),
            case(
                "patch",
                json!({"target": object("Deployment", "bakery"), "labels": {"street": "high"}}),
                BAKERY,
                "/metadata/labels/street",
                json!("high"),
                &["label `street` to `high`", "+    street: high"],
            ),
            case(
                "patch",
                json!({"target": tram, "steps": [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 9000},
                    {"op": "replace", "path": "/spec/ports/0/port", "value": 81}]}),
                service,
                "/spec/ports/0/port",
                json!(81),
                &["+  - port: 81"],
            ),
        ],
    )
    .await;
    let plan = site.done("trigger_cron_job", json!({"target": newspaper})).await;
    let job = plan.targets[0].clone();
    assert_eq!(job.kind, "Job");
    let path = format!("/apis/batch/v1/namespaces/town/jobs/{}", job.name);
    assert_eq!(
        site.at(&path, "/metadata/ownerReferences/0/name").await,
        json!("newspaper")
    );
    site.undone(&plan).await;
    assert!(site.read(&path).await.is_err());
}

#[tokio::test]
async fn a_drained_node_is_empty_and_budgets_are_respected() {
    let site = Site::town().await;
    let on_hill = || async {
        let pods = site
            .read("/api/v1/pods?fieldSelector=spec.nodeName%3Dhill")
            .await
            .unwrap();
        pods["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_none())
            .map(|pod| pod["metadata"]["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let node = json!(ObjectRef::cluster("Node", "hill"));
    let pods = on_hill().await;
    assert!(pods.len() > 1, "{pods:?}");
    if pods.iter().any(|pod| pod.starts_with("library")) {
        // Its budget wants both of its two pods.
        let error = site.plan("drain", json!({"target": node})).await.unwrap_err();
        has(
            &format!("{error} {:?}", error.hint()),
            &["disruption budget", "library"],
        );
        site.done(
            "scale",
            json!({"target": object("StatefulSet", "library"), "replicas": 3}),
        )
        .await;
    }
    let plan = site.done("drain", json!({"target": node})).await;
    assert_eq!(on_hill().await, Vec::<String>::new());
    assert_eq!(
        site.at("/api/v1/nodes/hill", "/spec/unschedulable").await,
        json!(true)
    );
    site.undone(&plan).await;
    assert_eq!(
        site.at("/api/v1/nodes/hill", "/spec/unschedulable").await,
        Value::Null
    );
}

#[tokio::test]
async fn what_a_sentence_asks_for_is_made_and_goes_again() {
    let site = Site::town().await;
    let bakery = object("Deployment", "bakery");
    let mill = object("Deployment", "mill");
    for (tool, args, path, pointer, then) in [
        (
            "create_config_map",
            json!({"name": "colours", "namespace": "town", "data": {"SKY": "blue", "SIZE": 3}}),
            "/api/v1/namespaces/town/configmaps/colours",
            "/data",
            json!({"SKY": "blue", "SIZE": "3"}),
        ),
        (
            "create_pod",
            json!({"name": "errand", "namespace": "town", "image": "busybox:1.36", "memory": "64Mi"}),
            "/api/v1/namespaces/town/pods/errand",
            "/spec/containers/0/resources/limits/memory",
            json!("64Mi"),
        ),
        (
            "create_deployment",
            json!({"name": "till", "namespace": "town", "image": "town/till:1.0", "replicas": 2, "port": 8080,
                "env": {"COLOUR": "red"}, "memory": "128Mi", "cpu": "100m"}),
            "/apis/apps/v1/namespaces/town/deployments/till",
            "/spec/template/spec/containers/0/env",
            json!([{"name": "COLOUR", "value": "red"}]),
        ),
        (
            "create_canary",
            json!({"target": bakery, "tag": "2.0", "percent": 50.0}),
            "/apis/apps/v1/namespaces/town/deployments/bakery-canary",
            "/spec/replicas",
            json!(2),
        ),
        (
            "create_service",
            json!({"target": object("Deployment", "tram-red"), "name": "tram-inside", "port": 80}),
            "/api/v1/namespaces/town/services/tram-inside",
            "/spec/ports/0/targetPort",
            json!(9000),
        ),
        (
            "create_autoscaler",
            json!({"target": bakery, "min": 2, "max": 6, "cpu_percent": 70}),
            "/apis/autoscaling/v2/namespaces/town/horizontalpodautoscalers/bakery",
            "/spec/maxReplicas",
            json!(6),
        ),
        (
            "create_network_policy",
            json!({"from": bakery, "to": mill, "port": 80}),
            "/apis/networking.k8s.io/v1/namespaces/town/networkpolicies/allow-bakery-to-mill",
            "/spec/ingress/0",
            json!({"from": [{"podSelector": {"matchLabels": {"app": "bakery"}}}], "ports": [{"port": 80, "protocol": "TCP"}]}),
        ),
        (
            "create_network_policy",
            json!({"deny_all": true, "namespace": "harbour"}),
            "/apis/networking.k8s.io/v1/namespaces/harbour/networkpolicies/deny-all",
            "/spec/policyTypes",
            json!(["Ingress"]),
        ),
        (
            "grant_permission",
            json!({"subject": {"kind": "ServiceAccount", "name": "clerk"}, "verbs": ["list", "get"],
                "resources": ["pods", "pods/log"], "namespace": "town"}),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/town/roles/clerk-get-list-pods-pods-log",
            "/rules",
            json!([{"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]}]),
        ),
        (
            "create_role",
            json!({"name": "reader", "verbs": ["get"], "resources": ["deployments"], "namespace": "town",
                "subject": {"kind": "User", "name": "ann"}}),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/town/rolebindings/reader",
            "/subjects/0/name",
            json!("ann"),
        ),
        (
            "apply_manifest",
            json!({"namespace": "harbour", "manifest":
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tides}\ndata: {high: noon}\n---\n\
                 apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: pilot}\n"}),
            "/api/v1/namespaces/harbour/configmaps/tides",
            "/data/high",
            json!("noon"),
        ),
    ] {
        assert!(site.read(path).await.is_err(), "{path} is there already");
        let plan = site.done(tool, args.clone()).await;
        assert_eq!(site.at(path, pointer).await, then, "{tool} {args}");
        has(&all(&plan), &["+apiVersion"]);
        site.undone(&plan).await;
        assert!(site.read(path).await.is_err(), "{path} is not taken back");
    }
    site.done("create_namespace", json!({"name": "suburb"})).await;
    let signs = json!({"manifest": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: signs, namespace: town}\ndata: {SKY: grey}\n"});
    let plan = site.done("apply_manifest", signs).await;
    has(&all(&plan), &["-  SKY: blue", "+  SKY: grey"]);
    assert_eq!(
        site.at("/api/v1/namespaces/town/configmaps/signs", "/data/SKY")
            .await,
        json!("grey")
    );
}

#[tokio::test]
async fn pods_that_are_over_are_cleaned_up_and_others_are_not() {
    let site = Site::of(Scenario::builtin("memory-pressure-evicts").unwrap()).await;
    let evicted = || async {
        let pods = site.read("/api/v1/pods").await.unwrap();
        let all = pods["items"].as_array().unwrap().clone();
        let gone = all
            .iter()
            .filter(|pod| pod["status"]["reason"] == "Evicted")
            .count();
        (gone, all.len() - gone)
    };
    let (over, others) = evicted().await;
    assert!(over > 0);
    let plan = site.done("clean_up_pods", json!({"which": ["evicted"]})).await;
    assert_eq!(plan.targets.len(), over);
    assert_eq!(plan.effect, jamie_core::Effect::Destroy);
    let (left, kept) = evicted().await;
    assert!(
        left < over && kept >= others,
        "{left} of {over}, {kept} of {others}"
    );
}
