use super::*;

#[tokio::test]
async fn every_tool_says_what_it_is_in_a_way_that_can_be_found() {
    let bench = Bench::of(Scenario::builtin("jobs-all-done").unwrap()).await;
    let specs: Vec<_> = bench.tools.iter().map(|tool| tool.spec().clone()).collect();
    assert!(specs.len() >= 20, "{} tools", specs.len());
    for spec in &specs {
        assert!((8..=40).contains(&spec.phrases.len()), "{} has {} phrases", spec.name, spec.phrases.len());
        assert!(!spec.description.is_empty() && !spec.example.is_empty(), "{}", spec.name);
        assert_eq!(spec.schema.get("type"), Some(&json!("object")), "{}: {}", spec.name, spec.schema);
        for phrase in &spec.phrases {
            assert!(phrase.args.is_null() || phrase.args.is_object(), "{}: {}", spec.name, phrase.text);
            let twin = specs.iter().find(|other| {
                other.name != spec.name && other.phrases.iter().any(|one| one.text == phrase.text)
            });
            assert!(twin.is_none(), "{} and {} both say `{}`", spec.name, twin.unwrap().name, phrase.text);
        }
    }
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_refused_with_a_sentence() {
    let bench = Bench::of(Scenario::builtin("jobs-all-done").unwrap()).await;
    for tool in bench.tools.iter() {
        let wrong = json!({"target": 5, "namespace": 5, "targets": 5, "kind": 5, "from": 5});
        let Err(error) = tool.call(&bench.context, wrong).await else {
            assert_eq!(tool.spec().name, "cluster_info");
            continue;
        };
        assert_eq!(error.kind(), jamie_core::ErrorKind::InvalidInput, "{}: {error}", tool.spec().name);
    }
}
