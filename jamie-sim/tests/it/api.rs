//! The wire protocol itself: discovery, selectors, paging, watches, versions, permissions, faults.

use std::time::Duration;

use futures::{AsyncBufReadExt, TryStreamExt};
use jamie_sim::server::{Fault, FaultKind};
use jamie_sim::{Estate, Options, Scenario};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{Api, ListParams, LogParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams};
use kube::{Client, Config};
use serde_json::{Value, json};

use crate::shop;

/// Far more than anything takes; a hang fails the test instead of blocking it.
const PATIENCE: Duration = Duration::from_secs(30);

fn client(estate: &Estate) -> Client {
    let mut config = Config::new(estate.url().parse().expect("a URL"));
    config.read_timeout = Some(PATIENCE);
    Client::try_from(config).expect("a client")
}

async fn ask(
    client: &Client,
    method: &str,
    path: &str,
    kind: &str,
    body: &str,
) -> Result<Value, kube::core::Status> {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", kind);
    let request = request.body(body.as_bytes().to_vec()).expect("a request");
    match client.request_text(request).await {
        Ok(text) => Ok(serde_json::from_str(&text).unwrap_or(Value::String(text))),
        Err(kube::Error::Api(status)) => Err(*status),
        Err(other) => panic!("{method} {path}: {other}"),
    }
}

async fn get(client: &Client, path: &str) -> Result<Value, kube::core::Status> {
    ask(client, "GET", path, "application/json", "").await
}

#[tokio::test]
async fn discovery_tells_the_version_and_what_is_served() {
    let estate = shop::open(Options::default()).await;
    let client = client(&estate);
    assert_eq!(client.apiserver_version().await.unwrap().minor, "32");
    let groups = get(&client, "/apis").await.unwrap();
    assert!(
        groups["groups"]
            .as_array()
            .unwrap()
            .iter()
            .any(|group| group["name"] == "metrics.k8s.io")
    );
    let core = get(&client, "/api/v1").await.unwrap();
    assert!(
        core["resources"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["name"] == "pods/log")
    );
    assert_eq!(get(&client, "/apis/nonsense/v1").await.unwrap_err().code, 404);
    assert_eq!(
        get(&client, "/api/v1/namespaces/shop/nodes")
            .await
            .unwrap_err()
            .code,
        404
    );
    estate.stop().await;
}

#[tokio::test]
async fn a_server_can_be_old_and_lack_things() {
    let mut scenario = shop::scenario();
    "1.21".clone_into(&mut scenario.server.version);
    scenario.server.without = vec!["metrics".to_owned(), "endpointslices".to_owned()];
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let client = client(&estate);
    assert_eq!(client.apiserver_version().await.unwrap().minor, "21");
    for path in [
        "/apis/metrics.k8s.io/v1beta1/nodes",
        "/apis/discovery.k8s.io/v1/endpointslices",
    ] {
        assert_eq!(get(&client, path).await.unwrap_err().code, 404, "{path}");
    }
    let scaler = json!({"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 4,
            "targetCPUUtilizationPercentage": 60}});
    let path = "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers";
    ask(&client, "POST", path, "application/json", &scaler.to_string())
        .await
        .unwrap();
    let kept = get(&client, &format!("{path}/web")).await.unwrap();
    assert_eq!(kept["spec"]["targetCPUUtilizationPercentage"], 60);
    assert_eq!(
        get(&client, &path.replace("v1", "v2")).await.unwrap_err().code,
        404
    );
    estate.stop().await;
}

#[tokio::test]
async fn lists_are_selected_paged_and_expire() {
    let estate = shop::open(Options::default()).await;
    let pods: Api<Pod> = Api::namespaced(client(&estate), "shop");
    assert_eq!(
        pods.list(&ListParams::default().labels("app in (web),!gone,app!=x"))
            .await
            .unwrap()
            .items
            .len(),
        3
    );
    let wrong = pods
        .list(&ListParams::default().fields("spec.colour=red"))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        wrong.contains("field label not supported: spec.colour"),
        "{wrong}"
    );
    let first = pods.list(&ListParams::default().limit(3)).await.unwrap();
    assert_eq!(
        (first.items.len(), first.metadata.remaining_item_count),
        (3, Some(1))
    );
    let token = first.metadata.continue_.unwrap();
    let second = pods
        .list(&ListParams::default().limit(3).continue_token(&token))
        .await
        .unwrap();
    assert_eq!(
        (second.items.len(), second.metadata.continue_.is_none()),
        (1, true)
    );
    let anything =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "shop"}});
    estate
        .store()
        .create(estate.store().key_for(&anything).unwrap(), anything)
        .unwrap();
    estate.store().compact();
    let expired = pods
        .list(&ListParams::default().limit(3).continue_token(&token))
        .await
        .unwrap_err();
    assert!(matches!(expired, kube::Error::Api(status) if status.code == 410 && status.reason == "Expired"));
    estate.stop().await;
}

#[tokio::test]
async fn a_watch_tells_changes_from_a_version_and_is_told_when_it_is_too_old() {
    let estate = shop::open(Options::default().without_controllers()).await;
    let maps: Api<ConfigMap> = Api::namespaced(client(&estate), "shop");
    let version = maps
        .list(&ListParams::default())
        .await
        .unwrap()
        .metadata
        .resource_version
        .unwrap();
    let map = |name: &str, colour: &str| -> ConfigMap {
        serde_json::from_value(json!({"metadata": {"name": name, "labels": {"colour": colour}}})).unwrap()
    };
    let red = WatchParams::default().labels("colour=red");
    let mut changes = Box::pin(maps.watch(&red, &version).await.unwrap());
    maps.create(&PostParams::default(), &map("a", "red"))
        .await
        .unwrap();
    maps.create(&PostParams::default(), &map("b", "blue"))
        .await
        .unwrap();
    let patch = |colour: &str| Patch::Merge(json!({"metadata": {"labels": {"colour": colour}}}));
    maps.patch("b", &PatchParams::default(), &patch("red"))
        .await
        .unwrap();
    maps.patch("a", &PatchParams::default(), &patch("blue"))
        .await
        .unwrap();
    let mut told = Vec::new();
    while told.len() < 3 {
        match changes.try_next().await.unwrap().unwrap() {
            WatchEvent::Added(map) => told.push(format!("+{}", map.metadata.name.unwrap())),
            WatchEvent::Modified(map) => told.push(format!("~{}", map.metadata.name.unwrap())),
            WatchEvent::Deleted(map) => told.push(format!("-{}", map.metadata.name.unwrap())),
            _ => {}
        }
    }
    assert_eq!(told, ["+a", "+b", "-a"]);
    estate.store().compact();
    let mut late = Box::pin(maps.watch(&red, &version).await.unwrap());
    let event = late.try_next().await.unwrap().unwrap();
    assert!(
        matches!(&event, WatchEvent::Error(status) if status.code == 410),
        "{event:?}"
    );
    estate.stop().await;
}

#[tokio::test]
async fn a_streaming_list_ends_with_a_bookmark() {
    let estate = shop::open(Options::default()).await;
    let path = "/api/v1/namespaces/shop/pods?watch=true&sendInitialEvents=true&allowWatchBookmarks=true\
                &resourceVersionMatch=NotOlderThan&timeoutSeconds=1";
    let request = http::Request::get(path).body(Vec::new()).unwrap();
    let mut lines = client(&estate).request_stream(request).await.unwrap().lines();
    let mut added = 0;
    let marked = loop {
        let line: Value = serde_json::from_str(&lines.try_next().await.unwrap().unwrap()).unwrap();
        match line["type"].as_str() {
            Some("ADDED") => added += 1,
            Some("BOOKMARK") => break line,
            _ => {}
        }
    };
    assert_eq!(added, 4);
    assert_eq!(
        marked["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"],
        "true"
    );
    estate.stop().await;
}

#[tokio::test]
async fn stale_wrong_and_repeated_writes_are_refused() {
    let estate = shop::open(Options::default()).await;
    let client = client(&estate);
    let path = "/api/v1/namespaces/shop/configmaps";
    let post = async |body: &str| ask(&client, "POST", path, "application/json", body).await;
    let made = post(r#"{"metadata": {"name": "a"}, "data": {"k": "1"}}"#)
        .await
        .unwrap();
    assert_eq!(
        post(r#"{"metadata": {"name": "a"}}"#).await.unwrap_err().reason,
        "AlreadyExists"
    );
    let rehearsal = format!("{path}?dryRun=All");
    let dry = ask(
        &client,
        "POST",
        &rehearsal,
        "application/json",
        r#"{"metadata": {"name": "b"}}"#,
    )
    .await
    .unwrap();
    assert!(dry["metadata"]["uid"].is_string());
    assert_eq!(get(&client, &format!("{path}/b")).await.unwrap_err().code, 404);
    let mut stale = made.clone();
    stale["data"]["k"] = json!("2");
    ask(
        &client,
        "PUT",
        &format!("{path}/a"),
        "application/json",
        &stale.to_string(),
    )
    .await
    .unwrap();
    let conflict = ask(
        &client,
        "PUT",
        &format!("{path}/a"),
        "application/json",
        &stale.to_string(),
    )
    .await;
    assert_eq!(conflict.unwrap_err().reason, "Conflict");
    for (body, code) in [
        ("", 400),
        ("[]", 400),
        ("{", 400),
        ("\u{0}\u{1}", 400),
        (r#"{"metadata": 3}"#, 400),
        (r#"{"metadata": {"name": "c"}, "data": 7}"#, 400),
        (r#"{"kind": "Pod", "metadata": {"name": "c"}}"#, 400),
        (r#"{"metadata": {"name": "c", "namespace": "other"}}"#, 400),
        (r#"{"metadata": {}}"#, 422),
        (r#"{"metadata": {"name": "Not A Name"}}"#, 422),
        (r#"{"metadata": {"name": "c"}, "data": {"a b": "x"}}"#, 422),
    ] {
        assert_eq!(post(body).await.unwrap_err().code, code, "{body}");
    }
    let elsewhere = ask(
        &client,
        "POST",
        "/api/v1/namespaces/nowhere/configmaps",
        "application/json",
        r#"{"metadata": {"name": "a"}}"#,
    );
    assert_eq!(
        elsewhere.await.unwrap_err().message,
        "namespaces \"nowhere\" not found"
    );
    for (kind, patch) in [
        (
            "application/json-patch+json",
            r#"[{"op": "remove", "path": "/none"}]"#,
        ),
        (
            "application/json-patch+json",
            r#"[{"op": "replace", "path": "", "value": 3}]"#,
        ),
        ("application/merge-patch+json", r#"{"metadata": null}"#),
        ("application/merge-patch+json", "3"),
        ("application/strategic-merge-patch+json", "[]"),
        (
            "application/apply-patch+yaml",
            r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": "x"}"#,
        ),
        ("text/plain", "{}"),
    ] {
        let path = format!("{path}/a?fieldManager=me");
        let refused = ask(&client, "PATCH", &path, kind, patch).await.unwrap_err();
        assert!(
            matches!(refused.code, 400 | 415 | 422),
            "{kind} {patch}: {refused:?}"
        );
    }
    estate.stop().await;
}

#[tokio::test]
async fn a_template_of_a_running_pod_may_not_change_but_its_image_may() {
    let estate = shop::open(Options::default()).await;
    let pods: Api<Pod> = Api::namespaced(client(&estate), "shop");
    let name = pods
        .list(&ListParams::default().labels("app=web"))
        .await
        .unwrap()
        .items
        .remove(0)
        .metadata
        .name
        .unwrap();
    let image = json!({"spec": {"containers": [{"name": "web", "image": "registry.example/web:2"}]}});
    pods.patch(&name, &PatchParams::default(), &Patch::Strategic(image))
        .await
        .unwrap();
    let host = Patch::Merge(json!({"spec": {"hostNetwork": true}}));
    let refused = pods
        .patch(&name, &PatchParams::default(), &host)
        .await
        .unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.code == 422));
    estate.stop().await;
}

#[tokio::test]
async fn a_custom_kind_is_served_once_it_is_defined() {
    let estate = shop::open(Options::default()).await;
    let client = client(&estate);
    let definition = json!({"metadata": {"name": "widgets.example.com"}, "spec": {
        "group": "example.com", "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [{"name": "v1", "served": true, "storage": true}]}});
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let widgets = "/apis/example.com/v1/namespaces/shop/widgets";
    assert_eq!(get(&client, widgets).await.unwrap_err().code, 404);
    ask(&client, "POST", path, "application/json", &definition.to_string())
        .await
        .unwrap();
    let widget = r#"{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3}}"#;
    ask(&client, "POST", widgets, "application/json", widget)
        .await
        .unwrap();
    assert_eq!(get(&client, widgets).await.unwrap()["items"][0]["kind"], "Widget");
    let discovered = get(&client, "/apis/example.com/v1").await.unwrap();
    assert_eq!(discovered["resources"][0]["name"], "widgets");
    estate.stop().await;
}

#[tokio::test]
async fn a_limited_user_sees_what_roles_allow_and_strangers_nothing() {
    let text = "title: A viewer\ncategory: rbac\nhealthy: true\nmanifests: |\n  apiVersion: v1\n  kind: ConfigMap\n  \
                metadata: {name: a, namespace: shop}\nrbac: {user: viewer, allow: [{verbs: [get, list], resources: \
                [configmaps], namespaces: [shop]}]}\n";
    let scenario = Scenario::parse("viewer", "viewer.yaml", text).unwrap();
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let client = client(&estate);
    assert!(get(&client, "/api/v1/namespaces/shop/configmaps").await.is_ok());
    let refused = get(&client, "/api/v1/namespaces/shop/secrets").await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), (403, "Forbidden"));
    assert!(
        refused
            .message
            .contains("User \"viewer\" cannot list resource \"secrets\""),
        "{}",
        refused.message
    );
    assert_eq!(get(&client, "/api/v1/configmaps").await.unwrap_err().code, 403);
    let review = |verb: &str| {
        json!({"spec": {"resourceAttributes": {"verb": verb, "resource": "configmaps", "namespace": "shop"}}})
            .to_string()
    };
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    for (verb, allowed) in [("list", true), ("delete", false)] {
        let answer = ask(&client, "POST", path, "application/json", &review(verb))
            .await
            .unwrap();
        assert_eq!(answer["status"]["allowed"], allowed);
    }
    let request = http::Request::get("/api/v1/nodes")
        .header("authorization", "Bearer wrong")
        .body(Vec::new())
        .unwrap();
    let refused = client.request_text(request).await.unwrap_err();
    assert!(matches!(refused, kube::Error::Api(status) if status.code == 401));
    estate.stop().await;
}

#[tokio::test]
async fn faults_strike_what_they_are_meant_for() {
    let estate = shop::open(Options::default()).await;
    let (client, faults) = (client(&estate), estate.faults());
    let pods = "/api/v1/namespaces/shop/pods";
    faults.add(
        Fault::new(FaultKind::Status {
            code: 500,
            message: None,
            retry_after: Some(7),
        })
        .on(pods)
        .times(1),
    );
    let refused = get(&client, pods).await.unwrap_err();
    assert_eq!(
        (refused.code, refused.details.unwrap().retry_after_seconds),
        (500, 7)
    );
    assert!(get(&client, pods).await.is_ok());

    let request = |path: &str| http::Request::get(path).body(Vec::new()).unwrap();
    for kind in [
        FaultKind::Cut { after: None },
        FaultKind::Cut { after: Some(100) },
    ] {
        faults.add(Fault::new(kind).on(pods));
        assert!(!matches!(
            client.request_text(request(pods)).await,
            Ok(_) | Err(kube::Error::Api(_))
        ));
        assert!(get(&client, "/api/v1/nodes").await.is_ok());
        faults.clear();
    }
    faults.add(Fault::new(FaultKind::HalfBody { bytes: 100 }).on(pods));
    assert_eq!(client.request_text(request(pods)).await.unwrap().len(), 100);
    faults.clear();

    faults.add(Fault::new(FaultKind::ExpiredWatch));
    let told = client
        .request_text(request(&format!("{pods}?watch=true")))
        .await
        .unwrap();
    assert!(told.contains("\"code\":410"), "{told}");
    faults.clear();

    faults.add(Fault::new(FaultKind::EndlessLine { bytes: 1_000_000 }));
    let api: Api<Pod> = Api::namespaced(client.clone(), "shop");
    let name = api
        .list(&ListParams::default())
        .await
        .unwrap()
        .items
        .remove(0)
        .metadata
        .name
        .unwrap();
    let log = api.logs(&name, &LogParams::default()).await.unwrap();
    assert_eq!((log.len(), log.contains('\n')), (1_000_000, false));
    faults.clear();

    faults.add(Fault::new(FaultKind::Hang).on(pods));
    let hung = client.request_text(request(pods));
    // Stopping the estate ends even requests that hang.
    let (hung, ()) = tokio::join!(hung, async {
        assert!(get(&client, "/version").await.is_ok());
        estate.stop().await;
    });
    assert!(hung.is_err());
}
