//! Every request of the library can be judged: what must hold afterwards does not hold before, and does once somebody
//! has done by hand what was asked for.

use std::time::Duration;

use futures::StreamExt as _;
use jamie_sim::{Estate, Options, Outcome, Request, Scenario};
use serde_json::{Value, json};

use crate::wire::Http;

/// Far more than any effect takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A write: a method or patch language, a path, a body.
type Write = (&'static str, String, Value);

fn apps(place: &str) -> String {
    let (namespace, rest) = place.split_once('/').unwrap();
    format!("/apis/apps/v1/namespaces/{namespace}/{rest}")
}

fn core(place: &str) -> String {
    let (namespace, rest) = place.split_once('/').unwrap();
    format!("/api/v1/namespaces/{namespace}/{rest}")
}

fn scale(place: &str, replicas: u64) -> Vec<Write> {
    vec![(
        "merge",
        format!("{}/scale", apps(place)),
        json!({"spec": {"replicas": replicas}}),
    )]
}

fn container(place: &str, name: &str, change: Value) -> Vec<Write> {
    let mut change = change;
    change["name"] = json!(name);
    let body = json!({"spec": {"template": {"spec": {"containers": [change]}}}});
    vec![("strategic", apps(place), body)]
}

fn restart(place: &str) -> Vec<Write> {
    let stamp = json!({"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"});
    let body = json!({"spec": {"template": {"metadata": {"annotations": stamp}}}});
    vec![("strategic", apps(place), body)]
}

fn remove(path: String) -> Vec<Write> {
    vec![("delete", path, json!({}))]
}

fn access(namespace: &str, account: &str, resource: &str, verbs: &[&str]) -> Vec<Write> {
    let path = |kind: &str| format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/{kind}");
    let name = json!({"name": format!("{account}-reads")});
    vec![
        (
            "post",
            path("roles"),
            json!({"metadata": name, "rules": [{"apiGroups": [""], "resources": [resource], "verbs": verbs}]}),
        ),
        (
            "post",
            path("rolebindings"),
            json!({"metadata": name,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name["name"]},
                "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}]}),
        ),
    ]
}

fn deployment(name: &str, labels: &Value, image: &str, replicas: u64, more: Value) -> Value {
    let mut container =
        json!({"name": name, "image": image, "ports": [{"name": "http", "containerPort": 8080}]});
    container
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"metadata": {"name": name}, "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}}})
}

/// What a person would do by hand who was asked for this.
#[allow(clippy::too_many_lines, reason = "one table, read in one go")]
async fn by_hand(ask: &str, http: &Http) -> Vec<Write> {
    let node = |name: &str, off: bool| {
        vec![(
            "merge",
            format!("/api/v1/nodes/{name}"),
            json!({"spec": {"unschedulable": off}}),
        )]
    };
    match ask {
        "scale ovens to 5" => scale("bakery/deployments/ovens", 5),
        "add two more replicas to orders" => scale("bakery/deployments/orders", 4),
        "double storefront" => scale("bakery/deployments/storefront", 8),
        "scale storefront by 50%" => scale("bakery/deployments/storefront", 6),
        "scale ovens up by 100%" => scale("bakery/deployments/ovens", 6),
        "scale crumbs to zero" => scale("bakery/deployments/crumbs", 0),
        "scale crumbs back down to 2" => scale("bakery/deployments/crumbs", 2),
        "halve crumbs" => scale("bakery/deployments/crumbs", 3),
        "scale the ledger statefulset to 2" => scale("bakery/statefulsets/ledger", 2),
        "restart the player" => restart("music/deployments/player"),
        "restart the scrobbler daemonset" => restart("music/daemonsets/scrobbler"),
        "restart pod search-index-0" => remove(core("music/pods/search-index-0")),
        "roll back player" => container(
            "music/deployments/player",
            "player",
            json!({"image": "ghcr.io/tuneful/player:3.1.0"}),
        ),
        "roll back player to revision 1" => container(
            "music/deployments/player",
            "player",
            json!({"image": "ghcr.io/tuneful/player:3.0.0"}),
        ),
        "set the image of lyrics to ghcr.io/tuneful/lyrics:1.5.0" => container(
            "music/deployments/lyrics",
            "lyrics",
            json!({"image": "ghcr.io/tuneful/lyrics:1.5.0"}),
        ),
        "update lyrics to version 1.6.2" => container(
            "music/deployments/lyrics",
            "lyrics",
            json!({"image": "ghcr.io/tuneful/lyrics:1.6.2"}),
        ),
        "pause the rollout of player" => {
            vec![(
                "merge",
                apps("music/deployments/player"),
                json!({"spec": {"paused": true}}),
            )]
        }
        "resume the rollout of charts" => {
            vec![(
                "merge",
                apps("music/deployments/charts"),
                json!({"spec": {"paused": null}}),
            )]
        }
        "set the memory limit of routing to 512Mi" => container(
            "freight/deployments/routing",
            "routing",
            json!({"resources": {"limits": {"memory": "512Mi"}}}),
        ),
        "set cpu requests of routing to 250m" => container(
            "freight/deployments/routing",
            "routing",
            json!({"resources": {"requests": {"cpu": "0.25"}}}),
        ),
        "resize manifests-data to 20Gi" => vec![(
            "merge",
            core("freight/persistentvolumeclaims/manifests-data"),
            json!({"spec": {"resources": {"requests": {"storage": "20Gi"}}}}),
        )],
        "switch the kiosk service to green" => vec![(
            "merge",
            core("freight/services/kiosk"),
            json!({"spec": {"selector": {"colour": "green"}}}),
        )],
        "label deployment scans with tier=gold" => vec![(
            "merge",
            apps("freight/deployments/scans"),
            json!({"metadata": {"labels": {"tier": "gold"}}}),
        )],
        "suspend night-audit" => vec![(
            "merge",
            "/apis/batch/v1/namespaces/hotel/cronjobs/night-audit".to_owned(),
            json!({"spec": {"suspend": true}}),
        )],
        "resume minibar-report" => vec![(
            "merge",
            "/apis/batch/v1/namespaces/hotel/cronjobs/minibar-report".to_owned(),
            json!({"spec": {"suspend": false}}),
        )],
        "trigger rate-sync now" => {
            let cron = http
                .get("/apis/batch/v1/namespaces/hotel/cronjobs/rate-sync")
                .await
                .body;
            let owner = json!([{"apiVersion": "batch/v1", "kind": "CronJob", "name": "rate-sync", "controller": true,
                "uid": cron["metadata"]["uid"]}]);
            let job = json!({"metadata": {"name": "rate-sync-by-hand", "ownerReferences": owner,
                "annotations": {"cronjob.kubernetes.io/instantiate": "manual"}}, "spec": cron["spec"]["jobTemplate"]["spec"]});
            vec![("post", "/apis/batch/v1/namespaces/hotel/jobs".to_owned(), job)]
        }
        "cordon bay-2" => node("bay-2", true),
        "uncordon bay-4" => node("bay-4", false),
        "drain bay-1" => {
            let mut writes = node("bay-1", true);
            let here = core("parcels/pods?fieldSelector=spec.nodeName=bay-1");
            for pod in http.get(&here).await.body["items"].as_array().unwrap() {
                let name = pod["metadata"]["name"].as_str().unwrap();
                if !name.starts_with("belt-agent") {
                    let body = json!({"metadata": {"name": name}});
                    writes.push(("evict", core(&format!("parcels/pods/{name}/eviction")), body));
                }
            }
            writes
        }
        "delete pod weigh-db-1" => remove(core("parcels/pods/weigh-db-1")),
        "clean up the evicted pods in parcels" => {
            remove(core("parcels/pods?fieldSelector=status.phase=Failed"))
        }
        "create a namespace called radiology" => {
            vec![(
                "post",
                "/api/v1/namespaces".to_owned(),
                json!({"metadata": {"name": "radiology"}}),
            )]
        }
        "create a configmap theatre-flags in clinic with THEME=dark and BETA=true" => vec![(
            "post",
            core("clinic/configmaps"),
            json!({"metadata": {"name": "theatre-flags"}, "data": {"THEME": "dark", "BETA": "true"}}),
        )],
        "run a pod called toolbox with image busybox:1.36.1 in clinic" => vec![(
            "post",
            core("clinic/pods"),
            json!({"metadata": {"name": "toolbox"}, "spec": {"containers": [{"name": "toolbox", "image": "busybox:1.36.1"}]}}),
        )],
        "create a deployment triage in clinic with image ghcr.io/wellward/triage:2.3.1, 3 replicas, port 8080 and env MODE=fast" =>
        {
            let env = json!({"env": [{"name": "MODE", "value": "fast"}]});
            let labels = json!({"app": "triage"});
            let body = deployment("triage", &labels, "ghcr.io/wellward/triage:2.3.1", 3, env);
            vec![("post", apps("clinic/deployments"), body)]
        }
        "create a canary of appointments named appointments-canary with image ghcr.io/wellward/appointments:5.0.0" =>
        {
            let labels = json!({"app": "appointments", "track": "canary"});
            let image = "ghcr.io/wellward/appointments:5.0.0";
            let body = deployment("appointments-canary", &labels, image, 1, json!({}));
            vec![("post", apps("clinic/deployments"), body)]
        }
        "create a service for lab-results on port 80 to 8443" => vec![(
            "post",
            core("clinic/services"),
            json!({"metadata": {"name": "lab-results"},
                "spec": {"selector": {"app": "lab-results"}, "ports": [{"port": 80, "targetPort": 8443}]}}),
        )],
        "autoscale appointments between 4 and 9 at 70% cpu" => vec![(
            "post",
            "/apis/autoscaling/v2/namespaces/clinic/horizontalpodautoscalers".to_owned(),
            json!({"metadata": {"name": "appointments"}, "spec": {"minReplicas": 4, "maxReplicas": 9,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "appointments"},
                "metrics": [{"type": "Resource", "resource": {"name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": 70}}}]}}),
        )],
        "create a network policy so that only appointments may reach lab-results" => vec![(
            "post",
            "/apis/networking.k8s.io/v1/namespaces/clinic/networkpolicies".to_owned(),
            json!({"metadata": {"name": "lab-results"}, "spec": {"podSelector": {"matchLabels": {"app": "lab-results"}},
                "policyTypes": ["Ingress"],
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "appointments"}}}]}]}}),
        )],
        "create a role and binding so that the service account auditor may get and list pods in clinic" => {
            access("clinic", "auditor", "pods", &["get", "list"])
        }
        "let the service account sampler list configmaps in observatory" => {
            access("observatory", "sampler", "configmaps", &["list"])
        }
        "fix thumbnailer" => container(
            "gallery/deployments/thumbnailer",
            "thumbnailer",
            json!({"resources": {"limits": {"memory": "192Mi"}}}),
        ),
        "fix ticket-desk" => container(
            "cinema/deployments/ticket-desk",
            "ticket-desk",
            json!({"image": "ghcr.io/reelhouse/ticket-desk:1.9.4"}),
        ),
        "fix the gates service" => vec![(
            "merge",
            core("airport/services/gates"),
            json!({"spec": {"selector": {"app": "gates"}}}),
        )],
        "fix the scoreboard service" => vec![(
            "json",
            core("stadium/services/scoreboard"),
            json!([{"op": "replace", "path": "/spec/ports/0/targetPort", "value": "http"}]),
        )],
        "fix till" => container(
            "grocer/deployments/till",
            "till",
            json!({"readinessProbe": {"httpGet": {"port": "http"}}}),
        ),
        "restart fraud-check" => restart("payments/deployments/fraud-check"),
        "scale toy in sandbox to 3" => scale("sandbox/deployments/toy", 3),
        "scale barrels to 4" => scale("orchard/deployments/barrels", 4),
        applied if applied.contains("kind: ConfigMap") => vec![(
            "post",
            core("freight/configmaps"),
            json!({"metadata": {"name": "depots"}, "data": {"NORTH": "leeds", "SOUTH": "dover"}}),
        )],
        other => panic!("nobody knows how to do {other:?} by hand"),
    }
}

async fn write(http: &Http, (how, path, body): &Write) {
    let answer = match *how {
        "post" => http.post(path, body).await,
        "delete" => http.delete(path, body).await,
        "evict" => {
            // As kubectl does: again until the budget lets it.
            let again = async {
                loop {
                    let answer = http.post(path, body).await;
                    if answer.code != 429 {
                        return answer;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(PATIENCE, again)
                .await
                .expect("the budget lets it")
        }
        language => http.patch(language, path, body).await,
    };
    assert!(answer.code < 300, "{how} {path}: {}", answer.message());
}

/// Judges one request; what is wrong with it.
async fn one(scenario: Scenario, request: Request) -> Option<String> {
    let first = request.ask.first().cloned().unwrap_or_default();
    let about = format!("{}: {first:?}", scenario.name);
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let before = estate.capture();
    let untouched = request.check(&estate, &before);
    let verdict = if request.outcome == Outcome::Done {
        if untouched.is_ok() {
            Some(format!("{about} holds although nobody did anything"))
        } else {
            let http = Http::to(&estate);
            for step in by_hand(&first, &http).await {
                write(&http, &step).await;
            }
            let settled = request.settled(&estate, &before, PATIENCE).await;
            settled
                .err()
                .map(|misses| format!("{about}: {}", misses.join("; ")))
        }
    } else {
        untouched
            .err()
            .map(|misses| format!("{about}, untouched: {}", misses.join("; ")))
    };
    estate.stop().await;
    verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_can_be_judged() {
    let scenarios = Scenario::library().unwrap();
    let requests = scenarios.iter().flat_map(|scenario| {
        scenario
            .requests
            .iter()
            .map(move |request| (scenario.clone(), request.clone()))
    });
    let wrong: Vec<String> =
        futures::stream::iter(requests.map(|(scenario, request)| one(scenario, request)))
            .buffer_unordered(8)
            .filter_map(std::future::ready)
            .collect()
            .await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn requests_are_many_and_come_in_three_wordings() {
    let scenarios = Scenario::library().unwrap();
    let requests: Vec<&Request> = scenarios.iter().flat_map(|scenario| &scenario.requests).collect();
    let done = requests
        .iter()
        .filter(|request| request.outcome == Outcome::Done)
        .count();
    let kept = requests.len() - done;
    assert!(done >= 30 && kept >= 14, "{done} and {kept}");
    for request in requests {
        assert!(request.ask.len() >= 3, "{:?}", request.ask);
        assert!(
            !request.after.is_empty() || request.outcome != Outcome::Done,
            "{:?}",
            request.ask
        );
    }
}

#[tokio::test]
async fn what_nobody_asked_for_is_noticed() {
    let scenario = Scenario::builtin("scale-by-every-measure").unwrap();
    let request = scenario.requests.first().unwrap().clone();
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let before = estate.capture();
    let http = Http::to(&estate);
    for step in scale("bakery/deployments/ovens", 5) {
        write(&http, &step).await;
    }
    request.settled(&estate, &before, PATIENCE).await.unwrap();
    let map = json!({"metadata": {"name": "extra"}});
    for step in [
        scale("bakery/deployments/orders", 0),
        remove(core("bakery/services/ovens")),
        vec![("post", core("bakery/configmaps"), map)],
    ] {
        write(&http, step.first().unwrap()).await;
    }
    let mut misses = request.check(&estate, &before).unwrap_err();
    misses.sort();
    assert_eq!(
        misses,
        [
            "ConfigMap bakery/extra has been made",
            "Deployment bakery/orders has another spec",
            "Service bakery/ovens has gone",
        ]
    );
    estate.stop().await;
}

#[tokio::test]
async fn argo_cd_takes_back_what_was_changed_by_hand_and_autoscalers_what_is_out_of_bounds() {
    let mut scenario = Scenario::builtin("gitops-takes-it-back").unwrap();
    scenario.manifests.push(json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "barrels", "namespace": "orchard"},
        "spec": {"minReplicas": 2, "maxReplicas": 3,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "barrels"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]},
    }));
    // Bounds hold without metrics too.
    scenario.server.without = vec!["metrics".to_owned()];
    let estate = Estate::start(scenario, Options::default()).await.unwrap();
    let http = Http::to(&estate);
    let mut changes = estate.store().subscribe();
    for step in [
        scale("orchard/deployments/press", 6),
        scale("orchard/deployments/barrels", 9),
    ] {
        write(&http, step.first().unwrap()).await;
    }
    let replicas = async |name: &str| {
        let path = apps(&format!("orchard/deployments/{name}"));
        http.get(&path).await.body["spec"]["replicas"].as_u64()
    };
    let taken_back = async {
        while (replicas("press").await, replicas("barrels").await) != (Some(2), Some(3)) {
            changes.next().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, taken_back)
        .await
        .expect("both are taken back");
    estate.stop().await;
}
