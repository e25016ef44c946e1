#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Does, Scenario, Span};

const WHOLE: &str = r#"
title: The API crashes
category: config
age: 1h30m
nodes:
  - {name: node-1, cpu: 8, memory: 32Gi, conditions: {MemoryPressure: "True"}}
server: {version: "1.27", without: [metrics]}
manifests: |
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: settings, namespace: shop}
  data: {mode: "0644"}
  ---
  # a comment is no document
  ---
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: api, namespace: shop}
behaviours:
  - workload: deployment/api
    does: crash
    exit: 2
    since: 40m
history:
  - at: -2d
    apply: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: api, namespace: shop}
questions:
  - ask: [why?, wtf, "what is up"]
    expect:
      all: [DATABASE_URL, [not set, 8080]]
"#;

#[test]
fn reads_every_part() {
    let scenario = Scenario::parse("api-crash", "api-crash.yaml", WHOLE).unwrap();
    assert_eq!(scenario.age, Span::from_secs(5_400));
    assert_eq!(scenario.nodes[0].cpu, "8");
    assert_eq!(scenario.server.minor(), 27);
    assert_eq!(scenario.manifests.len(), 2);
    assert_eq!(scenario.manifests[0]["data"]["mode"], "0644");
    assert_eq!(scenario.behaviours[0].does, Does::Crash);
    assert_eq!(
        scenario.history[0].at.duration(),
        Span::from_secs(172_800).duration()
    );
    let all = &scenario.questions[0].expect.all;
    assert!(all[1].is_in("port 8080"));
    assert!(!all[0].is_in("nothing here"));
}

#[test]
fn a_misspelt_field_is_an_error_with_its_line() {
    let text = "title: x\ncategory: config\nbehaviors: []\n";
    let error = Scenario::parse("x", "x.yaml", text).unwrap_err();
    assert_eq!(error.line, Some(3));
    assert!(error.to_string().starts_with("x.yaml:3: "), "{error}");
    assert!(error.to_string().contains("behaviors"), "{error}");
}

#[test]
fn a_mistake_in_a_manifest_points_into_the_file() {
    let text =
        "title: x\ncategory: config\nmanifests: |\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: [}\n";
    let error = Scenario::parse("x", "x.yaml", text).unwrap_err();
    assert_eq!(error.line, Some(6), "{error}");
}

#[test]
fn a_request_that_makes_no_sense_is_an_error_with_its_line() {
    for (written, line, complaint) in [
        ("outcome: maybe", 6, "maybe"),
        ("aproove: true", 6, "aproove"),
        (
            "after: [{object: Deployment/shop/api, path: /spec/replicas}]",
            6,
            "exactly one of",
        ),
        (
            "after: [{object: Deployment/shop/api, exists: true, absent: true}]",
            6,
            "exactly one of",
        ),
        (
            "after: [{object: Deployment/api, exists: true}]",
            6,
            "needs a namespace",
        ),
        ("after: [{object: api, exists: true}]", 6, "is no object"),
        (
            "after: [{object: Pod/shop/a, path: spec, exists: true}]",
            6,
            "begins with a slash",
        ),
        ("after: [{exists: true}]", 6, "give an object"),
        (
            "after:\n      - {object: Pod/shop/a, equals: 1}\n      - {object: Pod/shop/a, equals: x}",
            8,
            "number of objects",
        ),
    ] {
        let text = format!(
            "title: x\ncategory: actions\nrequests:\n  - ask: [a, b, c]\n    namespace: shop\n    {written}\n"
        );
        let error = Scenario::parse("x", "x.yaml", &text).unwrap_err();
        assert_eq!(error.line, Some(line), "{error}");
        assert!(error.to_string().contains(complaint), "{error}");
    }
}

#[test]
fn durations_are_strict() {
    for wrong in ["", "5", "m", "5 minutes", "1y", "99999999999999999999d"] {
        assert!(wrong.parse::<Span>().is_err(), "{wrong:?}");
    }
    assert_eq!("-1h30m".parse::<Span>().unwrap(), Span::from_secs(5_400));
}

#[test]
fn every_scenario_of_the_library_reads() {
    for scenario in Scenario::library().unwrap() {
        assert!(!scenario.title.is_empty(), "{}", scenario.name);
    }
}
