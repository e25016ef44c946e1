//! The suite for stores of actions. It parks under ids of its own, so it can run on a store in use.

use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Verdict, ensure};
use crate::{
    Action, ActionStore, Effect, ErrorKind, ObjectRef, Person, Plan, Proposal,
    action::{ActionState, Approval, AuditEntry, AuditStep, Difference},
    evidence::Quoted,
};

/// How many want to put their own in the place of the same action at once.
const RIVALS: usize = 32;
/// Times that a lease which was given back is tried.
const GIVEN_BACK: usize = 500;

/// Actions come back as they were, the newest first; of many who replace one, one does; the audit is complete and in
/// order; a lease is had by one.
pub async fn actions(store: &dyn ActionStore) -> Verdict {
    unknown(store).await?;
    comes_back(store).await?;
    in_order(store).await?;
    one_replaces(store).await?;
    audited(store).await?;
    leased(store).await
}

fn failed(error: crate::Error) -> String {
    format!("the store failed: {error:?}")
}

fn at(second: i64) -> Timestamp {
    // Later than whatever is there, so that these are the newest.
    Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_secs(32_000_000_000 + second))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn person() -> Person {
    Person {
        id: "conformance-anna".to_owned(),
        name: Some("Änna \"A.\"\n🫖".to_owned()),
        groups: vec!["sre".to_owned()],
    }
}

fn action(id: &str, second: i64) -> Action {
    let target = ObjectRef::namespaced("Deployment", "shop", "web").with_uid(Some("u-1".to_owned()));
    Action {
        id: id.to_owned(),
        version: 1,
        tool: "scale".to_owned(),
        plan: Plan {
            title: "Scale Deployment shop/web from 2 to 4 replicas".to_owned(),
            effect: Effect::Change,
            args: json!({"target": {"kind": "Deployment", "name": "web"}, "replicas": 4}),
            targets: vec![target.clone()],
            payload: json!([{"op": "replace", "value": 4, "nested": {"b": 1, "a": [null, 1.5]}}]),
            guard: json!({"resourceVersion": "7"}),
            differences: vec![Difference {
                object: target,
                diff: Quoted::new("-  replicas: 2\n+  replicas: 4\n"),
            }],
            impact: vec!["4 replicas".to_owned()],
            warnings: vec!["an autoscaler".to_owned()],
            reasons: vec!["too slow".to_owned()],
            inverse: Some(Proposal {
                tool: "scale".to_owned(),
                args: json!({"replicas": 2}),
                reasons: Vec::new(),
            }),
        },
        asked_by: person(),
        conversation: "conformance-talk".to_owned(),
        asked_at: at(second),
        expires_at: at(second + 900),
        approvals_needed: 2,
        approvals: vec![Approval {
            person: person(),
            at: at(second),
        }],
        state: ActionState::Parked,
        result: None,
    }
}

async fn park(store: &dyn ActionStore, id: &str, second: i64) -> Result<Action, String> {
    let action = action(id, second);
    store.park(action.clone()).await.map_err(failed)?;
    Ok(action)
}

async fn unknown(store: &dyn ActionStore) -> Verdict {
    for id in [
        "conformance-none",
        "",
        "../conformance",
        "a/b",
        "LPT1 \0",
        "audit.jsonl",
    ] {
        let found = store.get(id).await.map_err(failed)?;
        ensure(found.is_none(), || {
            format!("an unknown id {id:?} gives {found:?}")
        })?;
    }
    let replaced = store
        .replace(Action {
            version: 2,
            ..action("conformance-none", 0)
        })
        .await
        .map_err(failed)?;
    ensure(!replaced, || {
        "an action that was never parked can be replaced".to_owned()
    })
}

async fn comes_back(store: &dyn ActionStore) -> Verdict {
    let parked = park(store, "conformance-one", 1).await?;
    let found = store.get("conformance-one").await.map_err(failed)?;
    ensure(found.as_ref() == Some(&parked), || {
        format!("parked {parked:?}, found {found:?}")
    })?;
    ensure(
        found.is_some_and(|found| found.digest() == parked.digest()),
        || "the digest changes on the way".to_owned(),
    )?;
    match store.park(action("conformance-one", 2)).await {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        other => Err(format!("a taken id gives {other:?}")),
    }
}

async fn in_order(store: &dyn ActionStore) -> Verdict {
    for (id, second) in [
        ("conformance-b", 30),
        ("conformance-c", 20),
        ("conformance-a", 40),
    ] {
        park(store, id, second).await?;
    }
    let listed = store.list(3).await.map_err(failed)?;
    let ids: Vec<&str> = listed.iter().map(|action| action.id.as_str()).collect();
    ensure(ids == ["conformance-a", "conformance-b", "conformance-c"], || {
        format!("the three newest are listed as {ids:?}")
    })?;
    let none = store.list(0).await.map_err(failed)?;
    ensure(none.is_empty(), || {
        "a list of at most nothing has entries".to_owned()
    })
}

async fn one_replaces(store: &dyn ActionStore) -> Verdict {
    let parked = park(store, "conformance-race", 50).await?;
    for skipped in [0, 1, 3] {
        let wrong = Action {
            version: skipped,
            ..parked.clone()
        };
        let replaced = store.replace(wrong).await.map_err(failed)?;
        ensure(!replaced, || format!("version {skipped} may follow version 1"))?;
    }
    for version in 2..5 {
        let rivals = (0..RIVALS).map(|rival| {
            store.replace(Action {
                version,
                result: Some(format!("rival {rival}")),
                ..parked.clone()
            })
        });
        let mut winners = Vec::new();
        for (rival, replaced) in join_all(rivals).await.into_iter().enumerate() {
            if replaced.map_err(failed)? {
                winners.push(format!("rival {rival}"));
            }
        }
        ensure(winners.len() == 1, || {
            format!("{} of {RIVALS} replaced one version", winners.len())
        })?;
        let kept = store.get("conformance-race").await.map_err(failed)?;
        ensure(
            kept.as_ref()
                .is_some_and(|kept| kept.version == version && kept.result.as_ref() == winners.first()),
            || format!("{winners:?} replaced it, and {kept:?} is kept"),
        )?;
    }
    Ok(())
}

async fn audited(store: &dyn ActionStore) -> Verdict {
    let entry = |id: &str, second: i64, detail: &str| AuditEntry {
        at: at(second),
        action: id.to_owned(),
        step: AuditStep::Approved,
        person: "conformance-anna".to_owned(),
        tool: "scale".to_owned(),
        title: "Scale it".to_owned(),
        digest: "00ff".to_owned(),
        detail: detail.to_owned(),
    };
    let long = "ünïcödé \"quoted\"\nsecond line ".repeat(400);
    let written = [
        entry("conformance-x", 1, "first"),
        entry("conformance-y", 2, "of another"),
        entry("conformance-x", 3, &long),
        // Out of the order of time: what counts is the order of writing.
        entry("conformance-x", 2, "last"),
    ];
    for entry in &written {
        store.record(entry.clone()).await.map_err(failed)?;
    }
    let newest = store.audit(None, 3).await.map_err(failed)?;
    let expected: Vec<AuditEntry> = written.iter().rev().take(3).cloned().collect();
    ensure(newest == expected, || {
        format!("recorded {written:?}, the newest three are {newest:?}")
    })?;
    let of_x = store.audit(Some("conformance-x"), 10).await.map_err(failed)?;
    ensure(
        of_x.len() == 3 && of_x.iter().all(|entry| entry.action == "conformance-x"),
        || format!("the audit of one action is {of_x:?}"),
    )?;
    let many = (0..RIVALS).map(|rival| store.record(entry("conformance-z", 9, &format!("{rival}"))));
    for recorded in join_all(many).await {
        recorded.map_err(failed)?;
    }
    let all = store
        .audit(Some("conformance-z"), RIVALS * 2)
        .await
        .map_err(failed)?;
    ensure(all.len() == RIVALS, || {
        format!("of {RIVALS} entries at once {} are there", all.len())
    })
}

async fn leased(store: &dyn ActionStore) -> Verdict {
    let rivals = join_all((0..RIVALS).map(|_| store.lease("conformance-lease"))).await;
    let mut had = Vec::new();
    for lease in rivals {
        had.extend(lease.map_err(failed)?);
    }
    ensure(had.len() == 1, || format!("{} have the lease at once", had.len()))?;
    let other = store.lease("conformance-race").await.map_err(failed)?;
    ensure(other.is_some(), || {
        "one action's lease keeps another's".to_owned()
    })?;
    had.clear();
    // One that is given back over a wire is on its way for a moment.
    let mut again = store.lease("conformance-lease").await.map_err(failed)?;
    for _ in 0..GIVEN_BACK {
        if again.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        again = store.lease("conformance-lease").await.map_err(failed)?;
    }
    ensure(again.is_some(), || {
        "a lease that was given back is not to be had".to_owned()
    })
}
