//! Every scenario of the library reads, starts, and is worded as a scenario should be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jamie_sim::{Estate, Options, Scenario};

#[tokio::test]
async fn every_scenario_starts_and_stops() {
    for scenario in Scenario::library().unwrap() {
        let name = scenario.name.clone();
        let estate = Estate::start(scenario, Options::default())
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            estate.kubeconfig().contains(&name),
            "{name}: its context bears its name"
        );
        estate.stop().await;
    }
}

#[test]
fn every_question_has_three_wordings_and_facts_to_hold() {
    for scenario in Scenario::library().unwrap() {
        for question in &scenario.questions {
            assert!(
                question.ask.len() >= 3,
                "{}: {:?} has fewer than three wordings",
                scenario.name,
                question.ask
            );
            let facts = &question.expect;
            let judged = !facts.all.is_empty()
                || facts.cause.is_some()
                || facts.findings.is_some()
                || scenario.healthy;
            assert!(judged, "{}: {:?} expects nothing", scenario.name, question.ask);
        }
    }
}

#[test]
fn names_are_unique() {
    let mut names = Scenario::names();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
