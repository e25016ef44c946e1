//! What goes wrong on the way: it changed meanwhile, it fails, it makes things worse, the process dies.

use std::sync::{Arc, atomic::Ordering};

use super::estate::{Estate, Scene, approve, person};
use crate::{
    ActionStore, Decision, ErrorKind, Event,
    action::{ActionState, AuditStep, Choice, InMemoryActions},
};

#[tokio::test]
async fn what_changed_since_it_was_shown_is_not_run_but_shown_again() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    scene.estate.set("shop/web", 7);
    let events = scene.events(approve(&action, "ann")).await;
    let offered = events.iter().find_map(|event| match event {
        Event::Approval {
            action,
            digest,
            may_approve,
            ..
        } => Some((action.clone(), digest.clone(), *may_approve)),
        _ => None,
    });
    let (fresh, digest, may_approve) = offered.expect("a new action is offered");
    assert!(may_approve);
    assert_eq!(fresh.plan.title, "Scale Deployment shop/web from 7 to 4 replicas");
    assert_eq!(fresh.plan.reasons, action.plan.reasons);
    assert_eq!(scene.get(&action.id).await.state, ActionState::Stale);
    assert_eq!((scene.estate.writes(), scene.estate.replicas("shop/web")), (0, 7));
    // The old digest is worth nothing for the new action.
    let error = scene
        .decide(Decision {
            digest: Some(action.digest()),
            ..approve(&fresh, "ann")
        })
        .await
        .unwrap_err();
    assert!(error.message().ends_with("is not what you were shown"), "{error}");
    scene
        .decide(Decision {
            digest: Some(digest),
            ..approve(&fresh, "ann")
        })
        .await
        .unwrap();
    assert_eq!((scene.estate.writes(), scene.estate.replicas("shop/web")), (1, 4));
}

#[tokio::test]
async fn a_new_resource_version_alone_is_no_reason_not_to_run() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    scene.estate.touch("shop/web");
    let answer = scene.decide(approve(&action, "ann")).await.unwrap();
    assert!(answer.text.starts_with("Done:"), "{}", answer.text);
}

#[tokio::test]
async fn what_is_gone_is_stale_and_what_is_out_of_reach_may_be_tried_again() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    scene.estate.away.store(true, Ordering::SeqCst);
    let error = scene.decide(approve(&action, "ann")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert_eq!(scene.get(&action.id).await.state, ActionState::Parked);
    scene.estate.away.store(false, Ordering::SeqCst);
    scene.estate.remove("shop/web");
    let answer = scene.decide(approve(&action, "ann")).await.unwrap();
    assert!(answer.text.contains("there is no shop/web"), "{}", answer.text);
    assert_eq!(scene.get(&action.id).await.state, ActionState::Stale);
    assert_eq!(scene.estate.writes(), 0);
}

#[tokio::test]
async fn a_write_that_failed_says_what_was_written_and_is_not_tried_again() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    scene.estate.refuses.store(true, Ordering::SeqCst);
    let answer = scene.decide(approve(&action, "ann")).await.unwrap();
    assert!(answer.text.starts_with("**Not carried out:**"), "{}", answer.text);
    assert!(
        answer.text.contains("the first, a label, was written"),
        "{}",
        answer.text
    );
    assert_eq!(
        scene.steps(&action.id).await,
        [
            AuditStep::Parked,
            AuditStep::Approved,
            AuditStep::Started,
            AuditStep::WriteFailed,
            AuditStep::Failed
        ]
    );
    scene.estate.refuses.store(false, Ordering::SeqCst);
    assert!(scene.decide(approve(&action, "ann")).await.is_err());
    assert_eq!(scene.estate.writes(), 0);
}

#[tokio::test]
async fn what_made_it_worse_can_be_taken_back() {
    let scene = Scene::new(None);
    let action = scene.parked("ann").await;
    scene.estate.falls_over.store(true, Ordering::SeqCst);
    let answer = scene.decide(approve(&action, "ann")).await.unwrap();
    assert!(
        answer.text.starts_with("**Carried out, but it has not worked:**"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("**I can take it back.**"), "{}", answer.text);
    assert_eq!(answer.actions[0].proposal, action.plan.inverse);
    assert_eq!(scene.get(&action.id).await.state, ActionState::Failed);
}

#[tokio::test]
async fn a_listener_that_leaves_stops_nothing() {
    let scene = Scene::new(None);
    let estate = Arc::clone(&scene.estate);
    estate.after_write.forget_permits(usize::MAX);
    let action = scene.parked("ann").await;
    let chat = scene.jamie.decide(approve(&action, "ann"));
    estate.written.acquire().await.unwrap().forget();
    drop(chat);
    assert!(
        scene.jamie.recover().await.unwrap().is_empty(),
        "it is still running"
    );
    estate.after_write.add_permits(1);
    // Whoever holds the lease settles the action before giving it back.
    while scene.store.lease(&action.id).await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.get(&action.id).await.state, ActionState::Succeeded);
}

#[test]
fn a_run_that_a_crash_cut_short_is_looked_up_and_never_run_again() {
    let estate = Estate::new();
    let store: Arc<dyn ActionStore> = Arc::new(InMemoryActions::default());
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let dying = runtime();
    let action = dying.block_on(async {
        let scene = Scene::on(Arc::clone(&estate), Arc::clone(&store), None);
        estate.after_write.forget_permits(usize::MAX);
        let action = scene.parked("ann").await;
        let _chat = scene.jamie.decide(approve(&action, "ann"));
        estate.written.acquire().await.unwrap().forget();
        action
    });
    // Everything that runs is dropped where it stands.
    drop(dying);
    estate.after_write.add_permits(1);
    runtime().block_on(async {
        let scene = Scene::on(Arc::clone(&estate), store, None);
        assert_eq!(scene.get(&action.id).await.state, ActionState::Running);
        let error = scene.decide(approve(&action, "ann")).await.unwrap_err();
        assert!(
            error.message().contains("is being carried out already"),
            "{error}"
        );
        let settled = scene.jamie.recover().await.unwrap();
        assert_eq!(settled.len(), 1);
        assert_eq!(settled[0].state, ActionState::Interrupted);
        assert_eq!(
            settled[0].result.as_deref(),
            Some("Cut short while it ran; its effect is there. 4 of 4 replicas are ready.")
        );
        assert!(scene.jamie.recover().await.unwrap().is_empty());
        assert!(scene.decide(approve(&action, "ann")).await.is_err());
        assert_eq!(estate.writes(), 1);
    });
}

#[tokio::test]
async fn an_approval_that_a_freeze_overtakes_does_not_run() {
    let scene = Scene::new(Some(super::estate::rules(
        "[[freeze]]\nfrom = \"2026-11-25T12:05:00Z\"\nuntil = \"2026-11-25T14:00:00Z\"\n",
    )));
    let action = scene.parked("ann").await;
    scene.clock.forward(6);
    let error = scene
        .decide(Decision {
            action: action.id.clone(),
            digest: None,
            person: person("ann"),
            choice: Choice::Approve,
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(error.hint(), Some("the freeze ends today at 14:00"));
    assert_eq!(scene.estate.writes(), 0);
}
