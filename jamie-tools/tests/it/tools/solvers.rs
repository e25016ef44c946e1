//! The solvers on other estates: every scheduling and network scenario's deciding fact must be in the answer.

use super::*;

async fn on(scenario: &str, tool: &str, args: Value) -> String {
    Bench::of(Scenario::builtin(scenario).unwrap()).await.words(tool, args).await
}

#[tokio::test]
async fn what_stands_against_each_node() {
    for (scenario, wanted) in [
        ("taints-nobody-tolerates", "taint"),
        ("every-node-cordoned", "cordoned"),
        ("node-selector-matches-nothing", "label"),
        ("host-port-clash", "host port"),
        ("anti-affinity-deadlock", "anti-affinity"),
        ("volume-in-another-zone", "only available in"),
        ("too-many-pods", "no pod place"),
        ("not-enough-cpu-and-memory", "not enough"),
        ("held-by-a-gate", "scheduling gate"),
    ] {
        let text = on(scenario, "why_pending", json!({})).await;
        assert!(text.contains(wanted), "{scenario}: `{wanted}` is missing in:\n{text}");
    }
}

#[tokio::test]
async fn a_quiet_cluster_is_called_quiet() {
    for scenario in ["jobs-all-done", "locked-down-and-working", "suspended-on-purpose"] {
        let output = Bench::of(Scenario::builtin(scenario).unwrap()).await.ask("overview", json!({})).await;
        assert_eq!(output.good, Some(true), "{scenario}: {}", words(&output));
        has(&words(&output), &["all quiet", "I checked"]);
    }
}

#[tokio::test]
async fn a_server_without_the_newer_apis_is_read_all_the_same() {
    let bench = Bench::of(Scenario::builtin("old-server-few-apis").unwrap()).await;
    for tool in ["overview", "top", "list", "events", "changes", "cluster_info", "capacity", "restarts"] {
        let output = bench.ask(tool, json!({})).await;
        assert!(!output.headline.is_empty(), "{tool}");
    }
    has(&bench.words("top", json!({})).await, &["no metrics API", "request"]);
}

#[tokio::test]
async fn somebody_with_few_rights_gets_what_they_may_see() {
    let bench = Bench::of(Scenario::builtin("viewer-of-one-namespace").unwrap()).await;
    for tool in bench.tools.iter() {
        let needs = tool.spec().schema.get("required").is_some_and(|all| all.as_array().is_some_and(|all| !all.is_empty()));
        if needs {
            continue;
        }
        // An error is fine where nothing can be seen; it must be a sentence with a reason, and no panic.
        if let Err(error) = tool.call(&bench.context, json!({})).await {
            assert!(error.message().len() > 10, "{}: {error:?}", tool.spec().name);
        }
    }
}
