//! The broken shop of the demo, asked through every tool.

use super::*;

#[tokio::test]
async fn overview_says_what_is_wrong_first() {
    let bench = Bench::demo().await;
    let output = bench.ask("overview", json!({})).await;
    assert_eq!(output.good, Some(false));
    assert!(output.findings.len() >= 3);
    has(&output.headline, &["things are wrong", "orders-db"]);
    has(&words(&output), &["3 of 3 nodes ready"]);
    let error = bench
        .call("overview", json!({"namespace": "shopp"}))
        .await
        .unwrap_err();
    has(&format!("{error:?}"), &["no namespace `shopp`", "shop"]);
}

#[tokio::test]
async fn diagnose_leads_with_the_cause_behind_the_target() {
    let bench = Bench::demo().await;
    let text = bench
        .words("diagnose", json!({"targets": [object("Deployment", "web")]}))
        .await;
    has(&text, &["orders-db", "256Mi", "OOMKilled", "`shop/web`"]);
    let well = bench
        .ask("diagnose", json!({"targets": [object("Deployment", "cache")]}))
        .await;
    assert_eq!(well.good, Some(true), "{}", words(&well));
    has(&well.headline, &["nothing wrong", "shop/cache"]);
}

#[tokio::test]
async fn logs_are_merged_sieved_summed_up_and_followed() {
    let bench = Bench::demo().await;
    let api = || object("Deployment", "api");
    let text = bench.words("logs", json!({"target": api()})).await;
    has(
        &text,
        &["2 containers", "connection refused", "api 2.7.1 starting"],
    );
    let errors = bench.ask("logs", json!({"target": api(), "errors": true})).await;
    assert!(
        errors
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Table { .. }))
    );
    let text = bench
        .words(
            "logs",
            json!({"target": api(), "include": "refused", "around": 1}),
        )
        .await;
    has(&text, &["2 lines of 10", "attempt 5"]);
    assert!(!text.contains("starting"));
    let text = bench
        .words(
            "logs",
            json!({"target": object("StatefulSet", "orders-db"), "previous": true}),
        )
        .await;
    has(
        &text,
        &[
            "before the last restart",
            "OOMKilled",
            "ready to accept connections",
        ],
    );
    let text = bench
        .words("logs", json!({"target": api(), "follow": true, "seconds": 1}))
        .await;
    has(&text, &["followed"]);
    has(&bench.emitted.lock().unwrap().join("\n"), &["api 2.7.1 starting"]);
    let text = bench
        .words(
            "logs",
            json!({"target": object("Deployment", "payments"), "container": "payments"}),
        )
        .await;
    has(&text, &["shop/payments"]);
    // What is broken is told all the same, and what was wrong with the question beside it.
    let text = bench
        .words("logs", json!({"target": api(), "container": "nope"}))
        .await;
    has(&text, &["orders-db", "no container `nope`", "`api`"]);
}

#[tokio::test]
async fn list_and_count_filter() {
    let bench = Bench::demo().await;
    let unwell = bench
        .ask("list", json!({"kind": "Pod", "standing": "unwell"}))
        .await;
    assert!(words(&unwell).contains("CrashLoopBackOff") && !words(&unwell).contains("cache-"));
    let restarted = bench
        .ask("list", json!({"kind": "Pod", "min_restarts": 10}))
        .await;
    has(&restarted.headline, &["1 pod", "orders-db-0"]);
    let image = bench
        .words("list", json!({"kind": "Workload", "image": "redis"}))
        .await;
    has(&image, &["`shop/cache`"]);
    let count = bench.words("count", json!({"kind": "Node"})).await;
    has(&count, &["There are 3 nodes"]);
    let none = bench
        .words("list", json!({"kind": "Pod", "state": "Evicted"}))
        .await;
    has(&none, &["no pods", "Evicted"]);
    let classes = bench.words("list", json!({"kind": "storageclasses"})).await;
    has(&classes, &["standard"]);
    let error = bench.call("list", json!({"kind": "unicorns"})).await.unwrap_err();
    has(&format!("{error:?}"), &["no kind `unicorns`"]);
}

#[tokio::test]
async fn one_object_is_described_and_no_secret_value_shows() {
    let bench = Bench::demo().await;
    has(
        &bench
            .words("describe", json!({"target": object("Deployment", "api")}))
            .await,
        &[
            "0 of 2 replicas",
            "limits memory 384Mi",
            "readiness probe",
            "DATABASE_HOST=orders-db",
            "exit code 1",
        ],
    );
    let secret = json!({"target": object("Secret", "orders-db")});
    for tool in ["describe", "manifest", "who_uses"] {
        let output = bench.ask(tool, secret.clone()).await;
        let all = format!("{}{}", words(&output), output.facts);
        assert!(!all.contains("not-a-real-one"), "{tool}: {all}");
        has(&all, &["orders-db"]);
    }
    has(
        &bench
            .words("manifest", json!({"target": object("Ingress", "shop")}))
            .await,
        &["shop.example.com", "kind: Ingress"],
    );
    let error = bench
        .call("describe", json!({"target": object("Deployment", "nope")}))
        .await
        .unwrap_err();
    has(&format!("{error:?}"), &["There is no Deployment `shop/nope`"]);
}

#[tokio::test]
async fn events_of_pods_are_told_of_their_workload() {
    let bench = Bench::demo().await;
    has(
        &bench
            .words(
                "events",
                json!({"target": object("Deployment", "payments"), "warnings": true}),
            )
            .await,
        &["warning", "Failed", "1.9.0-rc7"],
    );
    has(
        &bench
            .words("events", json!({"namespace": "shop", "containing": "QUEUE_URL"}))
            .await,
        &["worker", "QUEUE_URL"],
    );
    has(
        &bench.words("events", json!({"namespace": "default"})).await,
        &["no events"],
    );
}

#[tokio::test]
async fn rollouts_and_changes_name_the_image_that_changed() {
    let bench = Bench::demo().await;
    let payments = || object("Deployment", "payments");
    has(
        &bench.words("rollout_status", json!({"target": payments()})).await,
        &["stuck", "ImagePullBackOff", "1 of 2"],
    );
    has(
        &bench
            .words("rollout_history", json!({"target": payments()}))
            .await,
        &["1.8.3", "1.9.0-rc7", "undo"],
    );
    has(
        &bench.words("changes", json!({"target": payments()})).await,
        &["1.8.3", "1.9.0-rc7", "right before"],
    );
    has(
        &bench.words("changes", json!({"namespace": "shop"})).await,
        &["payments", "orders-db", "OOMKilled"],
    );
    let text = bench
        .words("rollout_history", json!({"target": payments(), "revision": 9}))
        .await;
    has(&text, &["1.9.0-rc7", "no revision 9"]);
}

#[tokio::test]
async fn ways_and_their_first_failing_hop() {
    let bench = Bench::demo().await;
    let reach =
        |from: &str, to: &str| json!({"from": object("Deployment", from), "to": object("Deployment", to)});
    has(
        &bench.words("can_reach", reach("web", "api")).await,
        &["cannot reach", "no ready endpoint", "CrashLoopBackOff"],
    );
    has(
        &bench.words("can_reach", reach("web", "cache")).await,
        &["can reach", "6379"],
    );
    has(
        &bench
            .words(
                "can_reach",
                json!({"to": object("Deployment", "frontend"), "from_word": "internet"}),
            )
            .await,
        &["Ingress `shop/shop`"],
    );
    has(
        &bench
            .words("endpoints", json!({"target": object("Deployment", "api")}))
            .await,
        &["80 → `http`", "0 ready endpoints"],
    );
}

#[tokio::test]
async fn room_use_and_pending() {
    let bench = Bench::demo().await;
    has(
        &bench.words("why_pending", json!({})).await,
        &["invoices", "fast-nvme", "does not exist"],
    );
    has(
        &bench
            .words("why_pending", json!({"target": object("Deployment", "cache")}))
            .await,
        &["not pending"],
    );
    has(
        &bench
            .words(
                "capacity",
                json!({"target": object("Deployment", "web"), "count": 5}),
            )
            .await,
        &["Yes", "100m CPU"],
    );
    has(
        &bench
            .words(
                "capacity",
                json!({"target": object("Deployment", "web"), "count": 5000}),
            )
            .await,
        &["No: only"],
    );
    has(
        &bench.words("top", json!({"by": "cpu"})).await,
        &["CPU", "request"],
    );
    has(
        &bench.words("top", json!({"kind": "Node"})).await,
        &["node-1", "Memory"],
    );
    has(
        &bench.words("restarts", json!({})).await,
        &["orders-db", "OOMKilled (exit code 137)"],
    );
}

#[tokio::test]
async fn who_may_and_who_uses() {
    let bench = Bench::demo().await;
    has(
        &bench
            .words(
                "can_i",
                json!({"verb": "remove", "resource": "Pod", "namespace": "shop"}),
            )
            .await,
        &["You may delete `pods`"],
    );
    let account = json!({"verb": "list", "resource": "secrets", "namespace": "shop", "target": object("Deployment", "api")});
    has(
        &bench.words("can_i", account).await,
        &["system:serviceaccount:shop:default", "may not list"],
    );
    has(
        &bench
            .words(
                "can_i",
                json!({"verb": "delete", "resource": "pods", "who": true}),
            )
            .await,
        &["delete"],
    );
    has(
        &bench
            .words("who_uses", json!({"target": object("Service", "orders-db")}))
            .await,
        &["Deployment `api`", "DATABASE_HOST"],
    );
    has(
        &bench
            .words(
                "who_uses",
                json!({"target": object("ConfigMap", "worker-settings")}),
            )
            .await,
        &["worker", "QUEUE_URL"],
    );
    has(
        &bench
            .words("who_uses", json!({"target": object("ConfigMap", "absent")}))
            .await,
        &["nobody", "does not exist"],
    );
    has(
        &bench.words("images", json!({"namespace": "shop"})).await,
        &["1.8.3", "In more than one version"],
    );
    has(
        &bench.words("certificates", json!({})).await,
        &["no TLS certificates"],
    );
    has(
        &bench.words("cluster_info", json!({})).await,
        &["demo", "1.32", "3 of 3 nodes"],
    );
}
