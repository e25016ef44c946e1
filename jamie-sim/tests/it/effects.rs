//! What a person does to the cluster has the effects that it has on a real one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use jamie_sim::{Estate, Options, Scenario};
use k8s_openapi::{
    api::{
        apps::v1::{Deployment, ReplicaSet},
        core::v1::{ConfigMap, Event, Node, Pod},
        discovery::v1::EndpointSlice,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, Client, Config, ResourceExt as _,
    api::{DeleteParams, EvictParams, ListParams, LogParams, Patch, PatchParams, PostParams},
};
use serde_json::json;

const SHOP: &str = r#"
title: A small shop
category: healthy
healthy: true
age: 2d
manifests: |
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: api, namespace: shop, labels: {app: api}}
  spec:
    replicas: 3
    selector: {matchLabels: {app: api}}
    template:
      metadata: {labels: {app: api}}
      spec:
        containers:
          - name: api
            image: ghcr.io/corner-shop/api:1.0.0
            ports: [{name: http, containerPort: 8080}]
            resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
            readinessProbe: {httpGet: {path: /, port: http}}
  ---
  apiVersion: v1
  kind: Service
  metadata: {name: api, namespace: shop}
  spec: {selector: {app: api}, ports: [{port: 80, targetPort: http}]}
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: worker, namespace: shop}
  spec:
    selector: {matchLabels: {app: worker}}
    template:
      metadata: {labels: {app: worker}}
      spec:
        containers:
          - name: worker
            image: ghcr.io/corner-shop/worker:1.0.0
            envFrom: [{configMapRef: {name: worker-settings}}]
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: cache, namespace: shop}
  spec:
    selector: {matchLabels: {app: cache}}
    template:
      metadata: {labels: {app: cache}}
      spec:
        containers:
          - name: redis
            image: redis:7.4.1
            resources: {limits: {memory: 64Mi}}
behaviours:
  - workload: deployment/cache
    does: oom
    restarts: 6
    since: 1h
    logs: |
      Ready to accept connections tcp
    fixed_by: {memory: 256Mi}
  - workload: deployment/api
    revision: 3
    does: crash
"#;

struct Shop {
    estate: Estate,
    client: Client,
}

impl Shop {
    async fn open() -> Self {
        let scenario = Scenario::parse("small-shop", "small-shop.yaml", SHOP).unwrap();
        let estate = Estate::start(scenario, Options::default()).await.unwrap();
        let client = Client::try_from(Config::new(estate.url().parse().unwrap())).unwrap();
        Self { estate, client }
    }

    fn of<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), "shop")
    }

    async fn pods(&self, app: &str) -> Vec<Pod> {
        self.of::<Pod>()
            .list(&ListParams::default().labels(&format!("app={app}")))
            .await
            .unwrap()
            .items
    }

    async fn ready(&self, app: &str) -> usize {
        self.pods(app).await.iter().filter(|pod| is_ready(pod)).count()
    }

    async fn close(self) {
        self.estate.stop().await;
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    pod.metadata.deletion_timestamp.is_none()
        && conditions.is_some_and(|all| all.iter().any(|one| one.type_ == "Ready" && one.status == "True"))
}

fn waiting_reason(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?.container_statuses.as_ref()?.first()?;
    status.state.as_ref()?.waiting.as_ref()?.reason.clone()
}

/// Waits for a condition; what it waits for is said when it never comes.
async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let patience = tokio::time::timeout(Duration::from_secs(60), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(patience.await.is_ok(), "waited in vain: {what}");
}

#[tokio::test]
async fn the_past_is_there_at_once() {
    let shop = Shop::open().await;
    assert_eq!(shop.ready("api").await, 3);
    let deployment = shop.of::<Deployment>().get("api").await.unwrap();
    let conditions = deployment.status.unwrap().conditions.unwrap();
    assert!(
        conditions
            .iter()
            .any(|one| one.type_.as_deref() == Some("Available") && one.status.as_deref() == Some("True"))
    );
    let cache = shop.pods("cache").await.remove(0);
    let status = cache
        .status
        .as_ref()
        .unwrap()
        .container_statuses
        .as_ref()
        .unwrap()[0]
        .clone();
    assert_eq!(status.restart_count, 6);
    let last = status.last_state.unwrap().terminated.unwrap();
    assert_eq!((last.reason.as_deref(), last.exit_code), (Some("OOMKilled"), 137));
    assert_eq!(waiting_reason(&cache).as_deref(), Some("CrashLoopBackOff"));
    let events = shop
        .of::<Event>()
        .list(&ListParams::default().fields("reason=BackOff"))
        .await
        .unwrap();
    let event = &events.items[0];
    assert_eq!(
        event.involved_object.field_path.as_deref(),
        Some("spec.containers{redis}")
    );
    assert!(
        event
            .message
            .as_ref()
            .unwrap()
            .starts_with("Back-off restarting failed container redis in pod cache-")
    );
    let worker = shop.pods("worker").await.remove(0);
    assert_eq!(
        waiting_reason(&worker).as_deref(),
        Some("CreateContainerConfigError")
    );
    let slices = shop
        .of::<EndpointSlice>()
        .list(&ListParams::default())
        .await
        .unwrap();
    assert_eq!(
        slices
            .items
            .iter()
            .map(|slice| slice.endpoints.as_ref().map_or(0, Vec::len))
            .sum::<usize>(),
        3
    );
    shop.close().await;
}

#[tokio::test]
async fn a_deleted_pod_comes_back() {
    let shop = Shop::open().await;
    let gone = shop.pods("api").await.remove(0).name_any();
    shop.of::<Pod>()
        .delete(&gone, &DeleteParams::default())
        .await
        .unwrap();
    until("three other ready pods", || async {
        let pods = shop.pods("api").await;
        pods.len() == 3 && pods.iter().all(|pod| pod.name_any() != gone && is_ready(pod))
    })
    .await;
    shop.close().await;
}

#[tokio::test]
async fn scaling_scales() {
    let shop = Shop::open().await;
    for replicas in [5, 1] {
        let patch = json!({"spec": {"replicas": replicas}});
        let deployments = shop.of::<Deployment>();
        deployments
            .patch_scale("api", &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
        until("as many ready pods as asked for", || async {
            shop.ready("api").await == replicas && shop.pods("api").await.len() == replicas
        })
        .await;
    }
    shop.close().await;
}

async fn set_image(shop: &Shop, image: &str) {
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "api", "image": image}]}}}});
    shop.of::<Deployment>()
        .patch("api", &PatchParams::default(), &Patch::Strategic(patch))
        .await
        .unwrap();
}

async fn images(shop: &Shop) -> Vec<String> {
    let pods = shop.pods("api").await;
    let mut images: Vec<String> = pods
        .iter()
        .filter(|pod| is_ready(pod))
        .map(|pod| pod.spec.as_ref().unwrap().containers[0].image.clone().unwrap())
        .collect();
    images.sort();
    images
}

#[tokio::test]
async fn a_rollout_rolls_sticks_and_is_undone() {
    let shop = Shop::open().await;
    set_image(&shop, "ghcr.io/corner-shop/api:2.0.0").await;
    until("all pods on the new image", || async {
        images(&shop).await == ["ghcr.io/corner-shop/api:2.0.0"; 3]
    })
    .await;

    set_image(&shop, "ghcr.io/corner-shop/api:3.0.0").await;
    until("a crashing pod of the third revision", || async {
        shop.pods("api")
            .await
            .iter()
            .any(|pod| waiting_reason(pod).as_deref() == Some("CrashLoopBackOff"))
    })
    .await;
    assert_eq!(
        images(&shop).await,
        ["ghcr.io/corner-shop/api:2.0.0"; 3],
        "the old pods serve on"
    );

    set_image(&shop, "ghcr.io/corner-shop/api:2.0.0").await;
    until("only the old image again", || async {
        images(&shop).await == ["ghcr.io/corner-shop/api:2.0.0"; 3] && shop.pods("api").await.len() == 3
    })
    .await;
    let sets = shop
        .of::<ReplicaSet>()
        .list(&ListParams::default().labels("app=api"))
        .await
        .unwrap();
    let mut revisions: Vec<String> = sets
        .iter()
        .map(|set| set.annotations()["deployment.kubernetes.io/revision"].clone())
        .collect();
    revisions.sort();
    assert_eq!(
        revisions,
        ["1", "3", "4"],
        "undoing makes a new revision of the old set"
    );
    shop.close().await;
}

#[tokio::test]
async fn what_was_missing_heals_when_it_comes() {
    let shop = Shop::open().await;
    let settings = ConfigMap {
        metadata: ObjectMeta {
            name: Some("worker-settings".to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    };
    shop.of::<ConfigMap>()
        .create(&PostParams::default(), &settings)
        .await
        .unwrap();
    until("the worker runs", || async { shop.ready("worker").await == 1 }).await;

    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "redis", "resources": {"limits": {"memory": "512Mi"}}}]}}}});
    shop.of::<Deployment>()
        .patch("cache", &PatchParams::default(), &Patch::Strategic(patch))
        .await
        .unwrap();
    until("the cache runs with more memory", || async {
        shop.ready("cache").await == 1
    })
    .await;
    shop.close().await;
}

#[tokio::test]
async fn a_drained_node_empties_and_a_cordoned_one_gets_nothing() {
    let shop = Shop::open().await;
    let nodes: Api<Node> = Api::all(shop.client.clone());
    nodes
        .patch(
            "node-1",
            &PatchParams::default(),
            &Patch::Merge(json!({"spec": {"unschedulable": true}})),
        )
        .await
        .unwrap();
    let here = ListParams::default().fields("spec.nodeName=node-1");
    for pod in shop.of::<Pod>().list(&here).await.unwrap() {
        shop.of::<Pod>()
            .evict(&pod.name_any(), &EvictParams::default())
            .await
            .unwrap();
    }
    until("an empty node and three ready pods elsewhere", || async {
        shop.of::<Pod>().list(&here).await.unwrap().items.is_empty() && shop.ready("api").await == 3
    })
    .await;
    shop.close().await;
}

#[tokio::test]
async fn logs_are_those_of_the_run() {
    let shop = Shop::open().await;
    let cache = shop.pods("cache").await.remove(0).name_any();
    for previous in [false, true] {
        let query = LogParams {
            previous,
            timestamps: true,
            ..LogParams::default()
        };
        let text = shop.of::<Pod>().logs(&cache, &query).await.unwrap();
        assert!(text.contains("Z Ready to accept connections tcp"), "{text}");
    }
    let worker = shop.pods("worker").await.remove(0).name_any();
    let refused = shop
        .of::<Pod>()
        .logs(&worker, &LogParams::default())
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("is waiting to start: CreateContainerConfigError"),
        "{refused}"
    );
    shop.close().await;
}
