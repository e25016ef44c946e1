//! Writes are rehearsed, checked, refused and kept as on a real server.

use jamie_sim::{Estate, Options, Scenario};
use serde_json::{Value, json};

use crate::wire::Http;

const YARD: &str = r#"
title: A yard with rules
category: healthy
healthy: true
manifests: |
  apiVersion: v1
  kind: Namespace
  metadata: {name: strict, labels: {pod-security.kubernetes.io/enforce: restricted}}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: crane, namespace: yard, labels: {app: crane}}
  spec:
    replicas: 2
    selector: {matchLabels: {app: crane}}
    template:
      metadata: {labels: {app: crane}}
      spec: {containers: [{name: crane, image: "ghcr.io/yard/crane:1.0.0", ports: [{containerPort: 8080}]}]}
  ---
  apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata: {name: crane, namespace: yard}
  spec: {minAvailable: 2, selector: {matchLabels: {app: crane}}}
  ---
  apiVersion: v1
  kind: ResourceQuota
  metadata: {name: few, namespace: yard}
  spec: {hard: {services: "1", requests.storage: 30Gi, count/configmaps: "5"}}
  ---
  apiVersion: v1
  kind: LimitRange
  metadata: {name: bounds, namespace: yard}
  spec: {limits: [{type: Container, max: {memory: 1Gi}, default: {memory: 256Mi}}, {type: PersistentVolumeClaim, max: {storage: 20Gi}}]}
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: crane, namespace: yard}
  spec: {selector: {app: crane}, ports: [{port: 80, targetPort: 8080}]}
  ---
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: fixed, namespace: yard}
  immutable: true
  data: {k: v}
  ---
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: elastic}
  provisioner: ebs.csi.aws.com
  volumeBindingMode: Immediate
  allowVolumeExpansion: true
  ---
  apiVersion: storage.k8s.io/v1
  kind: StorageClass
  metadata: {name: rigid}
  provisioner: rancher.io/local-path
  volumeBindingMode: Immediate
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: grows, namespace: yard}
  spec: {accessModes: [ReadWriteOnce], storageClassName: elastic, resources: {requests: {storage: 5Gi}}}
  ---
  apiVersion: v1
  kind: PersistentVolumeClaim
  metadata: {name: stays, namespace: yard}
  spec: {accessModes: [ReadWriteOnce], storageClassName: rigid, resources: {requests: {storage: 5Gi}}}
  ---
  apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingWebhookConfiguration
  metadata: {name: ingress-check}
  webhooks:
    - name: check.ingress.example
      clientConfig: {service: {name: ingress-check, namespace: yard, path: /check}}
      rules: [{apiGroups: [networking.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [ingresses]}]
refusals:
  - {webhook: owners.example, kinds: [Secret], namespaces: [yard], operations: [CREATE, DELETE], message: "secrets come from the vault"}
"#;

async fn yard() -> (Estate, Http) {
    let scenario = Scenario::parse("yard", "yard.yaml", YARD).unwrap();
    let estate = Estate::start(scenario, Options::default().without_controllers())
        .await
        .unwrap();
    let http = Http::to(&estate);
    (estate, http)
}

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/yard/deployments";
const CRANE: &str = "/apis/apps/v1/namespaces/yard/deployments/crane";
const MAPS: &str = "/api/v1/namespaces/yard/configmaps";
const CLAIMS: &str = "/api/v1/namespaces/yard/persistentvolumeclaims";

fn hoist() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "hoist"}, "spec": {
        "selector": {"matchLabels": {"app": "hoist"}},
        "template": {"metadata": {"labels": {"app": "hoist"}},
            "spec": {"containers": [{"name": "hoist", "image": "ghcr.io/yard/hoist:1"}]}}}})
}

fn with(mut object: Value, path: &str, value: Value) -> Value {
    let (parent, field) = path.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent).unwrap();
    if value.is_null() {
        parent.as_object_mut().unwrap().remove(field);
    } else {
        parent[field] = value;
    }
    object
}

#[tokio::test]
async fn a_rehearsal_shows_what_would_be_and_keeps_nothing() {
    let (estate, http) = yard().await;
    let pods = http
        .get("/api/v1/namespaces/yard/pods?labelSelector=app=crane")
        .await;
    let pod = pods.body["items"][0]["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let version = estate.store().resource_version();
    let dry = |path: &str| format!("{path}?dryRun=All");

    let made = http.post(&dry(DEPLOYMENTS), &hoist()).await;
    assert_eq!((made.code, &made.body["spec"]["replicas"]), (201, &json!(1)));
    assert!(made.body["metadata"]["uid"].is_string() && made.body["metadata"]["resourceVersion"].is_null());
    let bare = json!({"metadata": {"name": "bare"}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}});
    let made = http.post(&dry("/api/v1/namespaces/yard/pods"), &bare).await;
    assert_eq!(made.body["spec"]["serviceAccountName"], "default");
    assert_eq!(
        made.body["spec"]["containers"][0]["resources"]["limits"]["memory"],
        "256Mi"
    );

    let live = http.get(CRANE).await.body;
    for (language, patch) in [
        ("merge", json!({"spec": {"replicas": 4}})),
        ("strategic", json!({"spec": {"replicas": 4}})),
        (
            "json",
            json!([{"op": "replace", "path": "/spec/replicas", "value": 4}]),
        ),
        (
            "apply",
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "crane"}, "spec": {"replicas": 4}}),
        ),
    ] {
        let path = format!("{CRANE}?dryRun=All&fieldManager=me");
        let would = http.patch(language, &path, &patch).await;
        assert_eq!(would.code, 200, "{language}: {}", would.message());
        assert_eq!(would.body["spec"]["replicas"], 4, "{language}");
        assert_eq!(
            would.body["metadata"]["generation"].as_u64(),
            live["metadata"]["generation"]
                .as_u64()
                .map(|generation| generation + 1)
        );
        assert_eq!(
            would.body["metadata"]["resourceVersion"],
            live["metadata"]["resourceVersion"]
        );
    }
    let would = http
        .put(&dry(CRANE), &with(live.clone(), "/spec/replicas", json!(7)))
        .await;
    assert_eq!(would.body["spec"]["replicas"], 7);
    let would = http
        .patch(
            "merge",
            &dry(&format!("{CRANE}/scale")),
            &json!({"spec": {"replicas": 9}}),
        )
        .await;
    assert_eq!(would.body["spec"]["replicas"], 9);

    let path = format!("/api/v1/namespaces/yard/pods/{pod}");
    let would = http.delete(&dry(&path), &json!({})).await;
    assert!(would.body["metadata"]["deletionTimestamp"].is_string());
    let would = http
        .delete(&format!("{MAPS}/fixed"), &json!({"dryRun": ["All"]}))
        .await;
    assert_eq!((would.code, &would.body["status"]), (200, &json!("Success")));
    let would = http.delete(&dry("/api/v1/namespaces/yard"), &json!({})).await;
    assert_eq!(would.body["status"]["phase"], "Terminating");

    assert_eq!(estate.store().resource_version(), version, "nothing was written");
    estate.stop().await;
}

#[tokio::test]
async fn fields_that_nobody_knows_are_refused_warned_of_or_dropped() {
    let (estate, http) = yard().await;
    let odd = with(hoist(), "/spec/colour", json!("red"));
    let strict = format!("{DEPLOYMENTS}?fieldValidation=Strict");
    let refused = http.post(&strict, &odd).await;
    assert_eq!(
        (refused.code, refused.message()),
        (
            400,
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \
             \"spec.colour\""
        )
    );
    let twice = odd
        .to_string()
        .replacen("\"colour\":\"red\"", "\"replicas\":1,\"replicas\":2", 1);
    let refused = http.send("POST", &strict, "application/json", &twice).await;
    assert!(
        refused.message().ends_with("duplicate field \"spec.replicas\""),
        "{}",
        refused.message()
    );
    let warned = http
        .post(&format!("{DEPLOYMENTS}?fieldValidation=Warn"), &odd)
        .await;
    assert_eq!(warned.code, 201);
    assert_eq!(warned.warnings, [r#"299 - "unknown field \"spec.colour\"""#]);
    assert!(warned.body["spec"]["colour"].is_null());

    let wrong = with(hoist(), "/spec/replicas", json!("many"));
    let refused = http.post(DEPLOYMENTS, &wrong).await;
    assert_eq!(
        refused.message(),
        "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct \
         field DeploymentSpec.spec.replicas of type int32"
    );
    let lots = json!({"limits": {"memory": "lots"}});
    let wrong = with(
        hoist(),
        "/spec/template/spec/containers/0/resources",
        lots.clone(),
    );
    let refused = http.post(DEPLOYMENTS, &wrong).await;
    assert_eq!(refused.code, 400);
    assert!(
        refused
            .message()
            .contains("quantities must match the regular expression")
    );
    let patch =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "crane", "resources": lots}]}}}});
    let refused = http.patch("strategic", CRANE, &patch).await;
    assert_eq!((refused.code, refused.fields()), (422, vec!["patch"]));
    let unknown = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"colour": "red"}});
    let refused = http
        .patch("apply", &format!("{CRANE}?fieldManager=me"), &unknown)
        .await;
    assert!(
        refused
            .message()
            .ends_with(".spec.colour: field not declared in schema"),
        "{}",
        refused.message()
    );
    estate.stop().await;
}

#[tokio::test]
async fn values_that_cannot_be_are_invalid_field_by_field() {
    let (estate, http) = yard().await;
    let container = "/spec/template/spec/containers/0/resources";
    for (object, field) in [
        (with(hoist(), "/spec/replicas", json!(-1)), "spec.replicas"),
        (with(hoist(), "/spec/selector", Value::Null), "spec.selector"),
        (
            with(hoist(), "/spec/template/metadata/labels", json!({"app": "other"})),
            "spec.template.metadata.labels",
        ),
        (
            with(hoist(), "/metadata/name", json!("Not_a_name")),
            "metadata.name",
        ),
        (
            with(
                hoist(),
                container,
                json!({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
            ),
            "spec.template.spec.containers[0].resources.requests",
        ),
        (
            with(hoist(), container, json!({"requests": {"memory": "-1Gi"}})),
            "spec.template.spec.containers[0].resources.requests[memory]",
        ),
    ] {
        let refused = http.post(DEPLOYMENTS, &object).await;
        assert_eq!(
            (refused.code, refused.fields()),
            (422, vec![field]),
            "{}",
            refused.message()
        );
    }
    let selector = json!({"spec": {"selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": {"app": "x"}}}}});
    let refused = http.patch("merge", CRANE, &selector).await;
    assert_eq!((refused.code, refused.fields()), (422, vec!["spec.selector"]));
    let refused = http
        .patch(
            "merge",
            &format!("{CRANE}/scale"),
            &json!({"spec": {"replicas": -2}}),
        )
        .await;
    assert_eq!((refused.code, refused.fields()), (422, vec!["spec.replicas"]));
    let storage = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
    let refused = http
        .patch("merge", &format!("{CLAIMS}/grows"), &storage("1Gi"))
        .await;
    assert_eq!(
        (refused.code, refused.fields()),
        (422, vec!["spec.resources.requests.storage"]),
        "{}",
        refused.message()
    );
    let refused = http
        .patch("merge", &format!("{MAPS}/fixed"), &json!({"data": {"k": "w"}}))
        .await;
    assert_eq!((refused.code, refused.fields()), (422, vec!["data"]));
    estate.stop().await;
}

#[tokio::test]
async fn whoever_means_another_object_or_version_conflicts() {
    let (estate, http) = yard().await;
    let live = http.get(CRANE).await.body;
    let old = live["metadata"]["resourceVersion"].clone();
    let done = http
        .patch("merge", CRANE, &json!({"spec": {"replicas": 3}}))
        .await;
    assert_eq!(done.code, 200, "{}", done.message());
    for (language, path, patch) in [
        (
            "merge",
            CRANE.to_owned(),
            json!({"metadata": {"resourceVersion": old}, "spec": {"replicas": 5}}),
        ),
        (
            "strategic",
            CRANE.to_owned(),
            json!({"metadata": {"resourceVersion": old}, "spec": {"replicas": 5}}),
        ),
        (
            "json",
            CRANE.to_owned(),
            json!([{"op": "replace", "path": "/metadata/resourceVersion", "value": old}]),
        ),
        (
            "merge",
            format!("{CRANE}/scale"),
            json!({"metadata": {"resourceVersion": old}, "spec": {"replicas": 5}}),
        ),
        ("merge", CRANE.to_owned(), json!({"metadata": {"uid": "another"}})),
    ] {
        let refused = http.patch(language, &path, &patch).await;
        assert_eq!(
            (refused.code, &refused.body["reason"]),
            (409, &json!("Conflict")),
            "{language} {path}"
        );
    }
    let now = done.body["metadata"]["resourceVersion"].clone();
    let pinned = json!({"metadata": {"resourceVersion": now}, "spec": {"replicas": 6}});
    assert_eq!(http.patch("merge", CRANE, &pinned).await.code, 200);
    for wrong in [json!({"uid": "another"}), json!({"resourceVersion": "1"})] {
        let refused = http.delete(CRANE, &json!({"preconditions": wrong})).await;
        assert_eq!(refused.code, 409);
        assert!(
            refused.message().contains("in the precondition"),
            "{}",
            refused.message()
        );
    }
    assert_eq!(
        http.post(DEPLOYMENTS, &with(hoist(), "/metadata/name", json!("crane")))
            .await
            .body["reason"],
        "AlreadyExists"
    );
    estate.stop().await;
}

#[tokio::test]
async fn what_valid_writes_may_not_do_is_refused_in_the_servers_words() {
    let (estate, http) = yard().await;
    let service = json!({"metadata": {"name": "b"}, "spec": {"ports": [{"port": 80}]}});
    let storage = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
    let claim = json!({"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "25Gi"}}}});
    let big = json!({"metadata": {"name": "big"}, "spec": {"containers": [{"name": "c", "image": "x:1",
        "resources": {"limits": {"memory": "4Gi"}}}]}});
    let plain = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}});
    let ingress = json!({"metadata": {"name": "i"}, "spec": {"rules": []}});
    let pods = "/api/v1/namespaces/yard/pods";
    for (answer, code, words) in [
        (
            http.post("/api/v1/namespaces/yard/services", &service).await,
            403,
            "services \"b\" is forbidden: exceeded quota: few, requested: services=1, used: services=1, limited: services=1",
        ),
        (
            http.post(CLAIMS, &claim).await,
            403,
            "persistentvolumeclaims \"c\" is forbidden: maximum storage usage per PersistentVolumeClaim is 20Gi, but \
             request is 25Gi",
        ),
        (
            http.patch("merge", &format!("{CLAIMS}/stays"), &storage("9Gi"))
                .await,
            403,
            "persistentvolumeclaims \"stays\" is forbidden: only dynamically provisioned pvc can be resized and the \
             storageclass that provisions the pvc must support resize",
        ),
        (
            http.post(pods, &big).await,
            403,
            "pods \"big\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 4Gi",
        ),
        (
            http.post("/api/v1/namespaces/strict/pods", &plain).await,
            403,
            "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
        ),
        (
            http.post("/apis/networking.k8s.io/v1/namespaces/yard/ingresses", &ingress)
                .await,
            500,
            "Internal error occurred: failed calling webhook \"check.ingress.example\": failed to call webhook: Post \
             \"https://ingress-check.yard.svc:443/check?timeout=10s\": service \"ingress-check\" not found",
        ),
        (
            http.post(
                "/api/v1/namespaces/yard/secrets",
                &json!({"metadata": {"name": "s"}}),
            )
            .await,
            403,
            "admission webhook \"owners.example\" denied the request: secrets come from the vault",
        ),
        (
            http.delete("/api/v1/namespaces/kube-system", &json!({})).await,
            403,
            "namespaces \"kube-system\" is forbidden: this namespace may not be deleted",
        ),
    ] {
        assert_eq!(answer.code, code, "{}", answer.message());
        assert!(answer.message().starts_with(words), "{}", answer.message());
    }
    estate.stop().await;
}

#[tokio::test]
async fn an_eviction_that_a_budget_forbids_is_one_too_many_rehearsed_or_not() {
    let (estate, http) = yard().await;
    let pods = http
        .get("/api/v1/namespaces/yard/pods?labelSelector=app=crane")
        .await;
    let pod = pods.body["items"][0]["metadata"]["name"].as_str().unwrap();
    let path = format!("/api/v1/namespaces/yard/pods/{pod}/eviction");
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}});
    for query in ["", "?dryRun=All"] {
        let refused = http.post(&format!("{path}{query}"), &eviction).await;
        let cause = &refused.body["details"]["causes"][0];
        assert_eq!(
            (refused.code, &refused.body["reason"]),
            (429, &json!("TooManyRequests"))
        );
        assert_eq!(cause["reason"], "DisruptionBudget");
        assert_eq!(
            cause["message"],
            "The disruption budget crane needs 2 healthy pods and has 2 currently"
        );
    }
    let looser =
        json!({"spec": {"minAvailable": 1}, "status": {"disruptionsAllowed": 1, "desiredHealthy": 1}});
    let budget = "/apis/policy/v1/namespaces/yard/poddisruptionbudgets/crane/status";
    assert_eq!(http.patch("merge", budget, &looser).await.code, 200);
    let stranger = with(
        eviction.clone(),
        "/deleteOptions",
        json!({"preconditions": {"uid": "another"}}),
    );
    assert_eq!(http.post(&path, &stranger).await.code, 409);
    let version = estate.store().resource_version();
    assert_eq!(
        http.post(&format!("{path}?dryRun=All"), &eviction).await.code,
        201
    );
    assert_eq!(estate.store().resource_version(), version);
    assert_eq!(http.post(&path, &eviction).await.code, 201);
    assert_eq!(
        http.post(
            &path.replace(pod, pods.body["items"][1]["metadata"]["name"].as_str().unwrap()),
            &eviction
        )
        .await
        .code,
        429
    );
    estate.stop().await;
}

#[tokio::test]
async fn an_apply_over_what_somebody_else_wrote_conflicts_with_them_by_name() {
    let (estate, http) = yard().await;
    let path = |manager: &str| format!("{CRANE}?fieldManager={manager}");
    let scaled = http
        .patch("merge", &path("hand"), &json!({"spec": {"replicas": 3}}))
        .await;
    assert_eq!(scaled.code, 200);
    let wish = |replicas: u64, image: &str| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": replicas, "template": {"spec":
            {"containers": [{"name": "crane", "image": image}]}}}})
    };
    let image = "ghcr.io/yard/crane:1.0.0";
    let refused = http.patch("apply", &path("robot"), &wish(5, image)).await;
    assert_eq!((refused.code, refused.fields()), (409, vec![".spec.replicas"]));
    let words = "Apply failed with 1 conflict: conflict with \"hand\" using apps/v1 at ";
    assert!(refused.message().starts_with(words), "{}", refused.message());
    // The same value is no conflict: it is shared.
    assert_eq!(
        http.patch("apply", &path("robot"), &wish(3, image)).await.code,
        200
    );
    let refused = http
        .patch("apply", &path("other"), &wish(4, "ghcr.io/yard/crane:2"))
        .await;
    let causes = &refused.body["details"]["causes"];
    let told: Vec<_> = causes
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| {
            (
                cause["message"].as_str().unwrap().split(" using").next().unwrap(),
                cause["field"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("conflict with \"hand\"", ".spec.replicas"),
            ("conflict with \"robot\"", ".spec.replicas"),
            (
                "conflict with \"robot\"",
                ".spec.template.spec.containers[name=\"crane\"].image"
            ),
        ]
    );
    let forced = http
        .patch("apply", &format!("{}&force=true", path("other")), &wish(4, image))
        .await;
    assert_eq!(forced.body["spec"]["replicas"], 4);
    estate.stop().await;
}
