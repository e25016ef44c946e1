//! The life of an action as it should go: asked for, decided on, run once, told.

use serde_json::json;

use super::estate::{Scene, approve, person, refuse, rules};
use crate::{
    Decision, ErrorKind, Event,
    action::{ActionState, AuditStep, Choice, Proposed},
};

#[tokio::test]
async fn an_approved_action_runs_and_its_inverse_is_offered() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    assert_eq!(scene.estate.replicas("shop/web"), 2, "planning writes nothing");
    let events = scene.events(approve(&action, "ann")).await;
    let shape: Vec<&str> = events
        .iter()
        .map(|event| match event {
            Event::ToolStarted { .. } => "started",
            Event::ToolFinished { ok: true, .. } => "finished",
            Event::Text { .. } => "text",
            Event::Done { .. } => "done",
            _ => "other",
        })
        .collect();
    assert_eq!(shape, ["started", "finished", "text", "text", "text", "done"]);
    let Some(Event::Done { answer }) = events.last() else {
        panic!("{events:?}");
    };
    assert_eq!(
        answer.text,
        "Done: Scale Deployment shop/web from 2 to 4 replicas.\n\n\
         4 of 4 replicas are ready.\n\n\
         **Next:** Take it back: scale shop/web to 2 replicas again"
    );
    assert_eq!(answer.actions[0].proposal, action.plan.inverse);
    assert_eq!(scene.estate.replicas("shop/web"), 4);
    let after = scene.get(&action.id).await;
    assert_eq!(after.state, ActionState::Succeeded);
    assert_eq!(after.result.as_deref(), Some("4 of 4 replicas are ready."));
    assert_eq!(
        scene.steps(&action.id).await,
        [
            AuditStep::Parked,
            AuditStep::Approved,
            AuditStep::Started,
            AuditStep::Written,
            AuditStep::Succeeded
        ]
    );
}

#[tokio::test]
async fn an_approval_works_once() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    scene.decide(approve(&action, "ann")).await.unwrap();
    scene.estate.set("shop/web", 2);
    let error = scene.decide(approve(&action, "ann")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.message().contains("was carried out already"), "{error}");
    assert_eq!(scene.estate.writes(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_approve_at_once_run_it_once() {
    for _ in 0..20 {
        let one = Scene::new(Some(rules("default = \"ask\"")));
        // A second process on the same store and estate.
        let two = Scene::on(
            one.estate.clone(),
            one.store.clone(),
            Some(rules("default = \"ask\"")),
        );
        let action = one.parked("ann").await;
        let deciders = ["ann", "bob", "cat", "dan"];
        let chats = deciders
            .iter()
            .enumerate()
            .map(|(at, who)| [&one, &two][at % 2].decide(approve(&action, who)));
        let told = futures::future::join_all(chats).await;
        assert_eq!(one.estate.writes(), 1);
        let done = told
            .iter()
            .filter(|told| told.as_ref().is_ok_and(|answer| answer.text.starts_with("Done:")));
        assert_eq!(done.count(), 1, "{told:?}");
        assert_eq!(one.get(&action.id).await.state, ActionState::Succeeded);
        let steps = one.steps(&action.id).await;
        let count = |step| steps.iter().filter(|taken| **taken == step).count();
        assert_eq!((count(AuditStep::Started), count(AuditStep::Written)), (1, 1));
    }
}

#[tokio::test]
async fn two_different_people_are_two_different_people() {
    let scene = Scene::new(Some(rules(
        "[[rules]]\nthen = \"ask\"\napprovals = 2\nby = { groups = [\"sre\"], persons = [\"ann\"] }\n",
    )));
    let action = scene.parked("ann").await;
    assert_eq!(action.approvals_needed, 2);
    let first = scene.decide(approve(&action, "ann")).await.unwrap();
    assert_eq!(
        first.text,
        format!(
            "Approved by ann. It takes one more person before action `{}` runs: anybody in sre, or ann.",
            action.id
        )
    );
    assert_eq!(first.approvals.len(), 1);
    let again = scene.decide(approve(&action, "ann")).await.unwrap();
    assert!(
        again.text.contains("one more person"),
        "the same person counts once"
    );
    let error = scene.decide(approve(&action, "bob@dev")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(error.hint(), Some("anybody in sre, or ann may"));
    assert_eq!(scene.estate.writes(), 0);
    let last = scene.decide(approve(&action, "sam@sre")).await.unwrap();
    assert!(last.text.starts_with("Done:"), "{}", last.text);
    assert_eq!(scene.estate.writes(), 1);
}

#[tokio::test]
async fn a_refusal_is_the_end() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    let answer = scene
        .decide(refuse(&action, "bob", "not on a Friday"))
        .await
        .unwrap();
    assert!(answer.text.starts_with("Nothing is done."), "{}", answer.text);
    let error = scene.decide(approve(&action, "ann")).await.unwrap_err();
    assert!(error.message().ends_with("was refused"), "{error}");
    assert_eq!(error.hint(), Some("bob said no: not on a Friday."));
    assert_eq!(scene.estate.writes(), 0);
    assert_eq!(
        scene.steps(&action.id).await,
        [AuditStep::Parked, AuditStep::Refused]
    );
}

#[tokio::test]
async fn nobody_decides_in_time() {
    let scene = Scene::new(None);
    let (late, left) = (scene.parked("ann").await, scene.parked("bob").await);
    scene.clock.forward(14);
    assert!(scene.jamie.recover().await.unwrap().is_empty());
    scene.clock.forward(1);
    let error = scene.decide(approve(&late, "ann")).await.unwrap_err();
    assert!(error.message().contains("has expired"), "{error}");
    let settled = scene.jamie.recover().await.unwrap();
    assert_eq!(settled.len(), 1);
    assert_eq!(settled[0].id, left.id);
    for id in [&late.id, &left.id] {
        assert_eq!(scene.get(id).await.state, ActionState::Expired);
        assert_eq!(scene.steps(id).await, [AuditStep::Parked, AuditStep::Expired]);
    }
    assert_eq!(scene.estate.writes(), 0);
}

#[tokio::test]
async fn what_is_denied_is_not_parked_and_says_who_may() {
    let scene = Scene::new(Some(rules(
        "default = \"deny\"\n[[rules]]\ngroup = \"sre\"\nnamespace = \"shop\"\nthen = \"allow\"\n",
    )));
    let denied = scene
        .propose("ann@dev", json!({"app": "shop/web", "replicas": 4}))
        .await;
    let Proposed::Denied { reason, who, .. } = denied else {
        panic!("{denied:?}");
    };
    assert_eq!(reason, "The policy does not allow it.");
    assert_eq!(who.as_deref(), Some("anybody in sre may"));
    assert!(scene.store.list(10).await.unwrap().is_empty());
    let audit = scene.store.audit(None, 10).await.unwrap();
    assert_eq!(audit.len(), 1);
    assert_eq!(
        (audit[0].step, audit[0].person.as_str()),
        (AuditStep::Denied, "ann")
    );
    assert!(matches!(
        scene
            .propose("sam@sre", json!({"app": "shop/web", "replicas": 4}))
            .await,
        Proposed::Parked {
            may_approve: true,
            ..
        }
    ));
}

#[tokio::test]
async fn a_rate_limit_counts_what_ran() {
    let scene = Scene::new(Some(rules(
        "[[rate_limits]]\nmax = 1\nper = \"1h\"\ntool = \"scale\"\n",
    )));
    let (first, second) = (scene.parked("ann").await, scene.parked("ann").await);
    scene.decide(approve(&first, "ann")).await.unwrap();
    let error = scene.decide(approve(&second, "ann")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(error.hint(), Some("it may run again today at 13:00"));
    assert_eq!(scene.estate.writes(), 1);
}

#[tokio::test]
async fn an_id_that_is_not_there_is_answered_with_those_that_are() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    let typed = |id: &str| Decision {
        action: id.to_owned(),
        digest: None,
        person: person("ann"),
        choice: Choice::Approve,
    };
    let mut near = action.id.clone();
    near.pop();
    let error = scene.decide(typed(&near)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.hint(),
        Some(format!("did you mean {}?", action.id).as_str())
    );
    let error = scene.decide(typed("aaaaaaaaaaaa")).await.unwrap_err();
    assert!(error.hint().unwrap().ends_with(&action.id), "{:?}", error.hint());
    // Typed by hand, without the digest: what is parked counts.
    let shouted = format!(" {} ", action.id.to_uppercase());
    scene.decide(typed(&shouted)).await.unwrap();
    assert_eq!(scene.estate.writes(), 1);
}

#[tokio::test]
async fn ids_are_short_and_differ() {
    let scene = Scene::new(None);
    let other = Scene::on(scene.estate.clone(), scene.store.clone(), None);
    let mut ids = std::collections::BTreeSet::new();
    for at in 0..100 {
        // The same wish at the same moment, in two processes.
        let id = [&scene, &other][at / 10 % 2].parked("ann").await.id;
        assert!(
            id.len() == 6
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        );
        ids.insert(id);
    }
    assert_eq!(ids.len(), 100);
}
