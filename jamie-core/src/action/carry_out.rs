//! An action with enough approvals in; it is looked at again, carried out by exactly one, watched, and what came of
//! it is recorded and comes out.

use std::time::Duration;

use tokio::{sync::mpsc, time::timeout};

use super::{Action, ActionState, AuditStep, Plan, Ruling, decide, desk::Desk, find};
use crate::{Change, Error, ErrorKind, Event, Person, Result, tool::WatchReport};

/// The longest that planning again may take.
const PLANNING: Duration = Duration::from_mins(1);
/// The longest that the effect is waited for, whatever the tool's own bound is.
const WATCHING: Duration = Duration::from_mins(30);
/// How often starting is tried again because the record changed meanwhile.
const ATTEMPTS: u32 = 32;

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Somebody else carries it out.
    Elsewhere,
    /// Policy has become stricter: it takes more approvals.
    Missing { action: Box<Action>, missing: u32 },
    /// It no longer fits, and was not run.
    Stale {
        action: Box<Action>,
        why: String,
        /// What would be done now instead, where anything would.
        fresh: Option<Box<Plan>>,
    },
    /// It ran.
    Over {
        action: Box<Action>,
        report: Report,
        /// Why the outcome is not on record, where it is not.
        unrecorded: Option<Error>,
    },
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum Report {
    /// Its writes were accepted, and this is what was seen then.
    Watched(WatchReport),
    /// Its writes were accepted, and what came of them could not be seen.
    Unseen(Error),
    /// A write failed.
    NotWritten(Error),
}

impl Report {
    pub(super) fn is_good(&self) -> bool {
        matches!(self, Self::Watched(report) if report.worked)
    }

    /// What came of it, one sentence.
    fn result(&self) -> String {
        match self {
            Self::Watched(report) => report.told.clone(),
            Self::Unseen(error) => format!(
                "It was written, but I could not see its effect: {}.",
                error.message()
            ),
            Self::NotWritten(error) => format!("It could not be written: {}.", error.message()),
        }
    }
}

/// Whether somebody has begun to carry it out.
pub(super) fn has_begun(action: &Action) -> bool {
    matches!(
        action.state,
        ActionState::Running | ActionState::Succeeded | ActionState::Failed | ActionState::Interrupted
    )
}

/// What the last look found.
enum Look {
    Fits(Box<Plan>),
    Stale { why: String, fresh: Option<Box<Plan>> },
}

/// Carries an approved action out, unless somebody else does or it no longer fits.
pub(super) async fn carry_out(
    desk: &Desk,
    action: Action,
    person: &Person,
    events: &mpsc::Sender<Event>,
) -> Result<Outcome> {
    let tool = desk.tool(&action.tool)?;
    let Some(change) = tool.change() else {
        return Err(Error::new(
            ErrorKind::Internal,
            format!("{} changes nothing", action.tool),
        ));
    };
    // Whoever has the lease is the one; it ends with this process, and so tells a run from the remains of one.
    let Some(_lease) = desk.store.lease(&action.id).await? else {
        return Ok(Outcome::Elsewhere);
    };
    if let Some(line) = desk.line(crate::persona::Moment::Thinking, person, &action) {
        report(events, Event::Thinking { line });
    }
    let plan = match look_again(desk, change, &action, events).await? {
        Look::Fits(plan) => plan,
        Look::Stale { why, fresh } => return go_stale(desk, action, why, fresh).await,
    };
    let running = match start(desk, action, person).await? {
        Started::Running(running) => *running,
        Started::Not(outcome) => return Ok(outcome),
    };
    let begun = desk.clock.now();
    report(
        events,
        Event::ToolStarted {
            call: 1,
            tool: running.tool.clone(),
            about: running.plan.title.clone(),
        },
    );
    let came_of_it = run(desk, change, &running, &plan, events).await;
    let elapsed = desk.clock.now().as_millisecond() - begun.as_millisecond();
    report(
        events,
        Event::ToolFinished {
            call: 1,
            tool: running.tool.clone(),
            ok: came_of_it.is_good(),
            elapsed_ms: u64::try_from(elapsed).unwrap_or(0),
        },
    );
    let state = if came_of_it.is_good() {
        ActionState::Succeeded
    } else {
        ActionState::Failed
    };
    // With the lease held nobody else moves a running action.
    let settled = desk.settle(&running, state, "jamie", &came_of_it.result()).await;
    let (over, unrecorded) = match settled {
        Ok(over) => (over.unwrap_or(running), None),
        Err(error) => (running, Some(error)),
    };
    Ok(Outcome::Over {
        action: Box::new(over),
        report: came_of_it,
        unrecorded,
    })
}

/// Plans again, and compares with what was approved.
async fn look_again(
    desk: &Desk,
    change: &dyn Change,
    action: &Action,
    events: &mpsc::Sender<Event>,
) -> Result<Look> {
    let context = desk.context(action, reporter(events));
    let planned = timeout(PLANNING, change.plan(&context, action.plan.args.clone()))
        .await
        .unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Timeout,
                "looking at it again before running took too long",
            )
            .with_hint("nothing was changed; approve it again in a moment"))
        });
    let fresh = match planned {
        Ok(fresh) => Plan {
            // Why it is wanted is not read from the estate.
            reasons: action.plan.reasons.clone(),
            ..fresh
        },
        // Out of reach for a moment: it may still fit, and stays parked.
        Err(error) if error.is_retryable() => return Err(error),
        Err(error) => {
            return Ok(Look::Stale {
                why: format!(
                    "It could not be planned again: {}.",
                    error.message().trim_end_matches('.')
                ),
                fresh: None,
            });
        }
    };
    if does_the_same(&fresh, &action.plan) {
        // The same writes with the same difference, under the guard of this very moment.
        return Ok(Look::Fits(Box::new(fresh)));
    }
    Ok(Look::Stale {
        why: "What it would touch has changed since it was shown.".to_owned(),
        fresh: Some(Box::new(fresh)),
    })
}

/// Whether two plans write the same to the same. How far that reaches (room on nodes, pods that are there just now)
/// moves by itself and is only told.
fn does_the_same(fresh: &Plan, shown: &Plan) -> bool {
    fresh.title == shown.title
        && fresh.effect == shown.effect
        && fresh.args == shown.args
        && fresh.targets == shown.targets
        && fresh.payload == shown.payload
        && fresh.differences == shown.differences
}

async fn go_stale(desk: &Desk, action: Action, why: String, fresh: Option<Box<Plan>>) -> Result<Outcome> {
    let mut action = action;
    for _ in 0..ATTEMPTS {
        if let Some(stale) = desk.settle(&action, ActionState::Stale, "jamie", &why).await? {
            return Ok(Outcome::Stale {
                action: Box::new(stale),
                why,
                fresh,
            });
        }
        action = find::by_id(desk, &action.id).await?;
        if action.state != ActionState::Parked {
            return Ok(Outcome::Elsewhere);
        }
    }
    Err(decide::contended(&action))
}

enum Started {
    Running(Box<Action>),
    Not(Outcome),
}

/// Asks the policy a last time, and moves the action from parked to running: once, whoever else tries.
async fn start(desk: &Desk, action: Action, person: &Person) -> Result<Started> {
    let _gate = desk.gate.lock().await;
    let mut action = action;
    let mut counted = false;
    for _ in 0..ATTEMPTS {
        if action.is_expired_at(desk.clock.now()) {
            let why = "The time in which it could be approved ran out.".to_owned();
            return go_stale(desk, action, why, None).await.map(Started::Not);
        }
        match permitted(desk, &action).await? {
            Err(why) => return go_stale(desk, action, why, None).await.map(Started::Not),
            Ok(0) => {}
            Ok(missing) => {
                return Ok(Started::Not(Outcome::Missing {
                    action: Box::new(action),
                    missing,
                }));
            }
        }
        if !std::mem::replace(&mut counted, true)
            && let Some(why) = desk.admit(person, &action).await
        {
            return go_stale(desk, action, why, None).await.map(Started::Not);
        }
        let running = Action {
            version: action.version + 1,
            state: ActionState::Running,
            ..action.clone()
        };
        if desk.store.replace(running.clone()).await? {
            // What is not on record is not done.
            if let Err(error) = desk.record(&running, AuditStep::Started, &person.id, "").await {
                let why = "Its start could not be put on record, so nothing was done.";
                let _ = desk.settle(&running, ActionState::Failed, "jamie", why).await;
                return Err(error);
            }
            return Ok(Started::Running(Box::new(running)));
        }
        action = find::by_id(desk, &action.id).await?;
        if action.state != ActionState::Parked {
            return Ok(Started::Not(Outcome::Elsewhere));
        }
    }
    Err(decide::contended(&action))
}

/// How many approvals are missing under the policy as it is now, or why it may not be done at all.
async fn permitted(desk: &Desk, action: &Action) -> Result<Result<u32, String>> {
    let why = |reason: String, who: Option<String>| match who {
        Some(who) => format!("{reason} ({who})"),
        None => reason,
    };
    let needed = match desk.may_ask(&action.asked_by, &action.tool, &action.plan).await? {
        Ruling::Deny { reason, who } => return Ok(Err(why(reason, who))),
        Ruling::Allow => action.approvals_needed,
        Ruling::Ask { approvals, .. } => action.approvals_needed.max(approvals),
    };
    for approval in &action.approvals {
        if let Ruling::Deny { reason, who } = desk.may_approve(&approval.person, action).await? {
            return Ok(Err(why(reason, who)));
        }
    }
    Ok(Ok(needed.saturating_sub(decide::approvals(action))))
}

/// Writes, and watches what comes of it.
async fn run(
    desk: &Desk,
    change: &dyn Change,
    running: &Action,
    plan: &Plan,
    events: &mpsc::Sender<Event>,
) -> Report {
    let context = desk.context(running, reporter(events));
    let written = change.run(&context, plan).await;
    let (step, detail) = match &written {
        Ok(()) => (AuditStep::Written, String::new()),
        Err(error) => (AuditStep::WriteFailed, error.message().to_owned()),
    };
    if let Err(error) = desk.record(running, step, "jamie", &detail).await {
        // The writes are out; what came of them is worth more than the line about them.
        tracing::error!(action = running.id, ?error, "a write could not be put on record");
    }
    if let Err(error) = written {
        return Report::NotWritten(error);
    }
    match timeout(WATCHING, change.watch(&context, plan)).await {
        Ok(Ok(report)) => Report::Watched(report),
        Ok(Err(error)) => Report::Unseen(error),
        Err(_) => Report::Unseen(Error::new(ErrorKind::Timeout, "it did not settle in time")),
    }
}

/// Tells whoever listens, without ever waiting for them.
fn report(events: &mpsc::Sender<Event>, event: Event) {
    let _ = events.try_send(event);
}

fn reporter(events: &mpsc::Sender<Event>) -> impl Fn(Event) + Send + Sync + 'static {
    let events = events.clone();
    move |event| report(&events, event)
}
