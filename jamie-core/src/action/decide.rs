//! A decision in; what was done about it, and what came of it, out.
//!
//! The action is loaded and held against what the person saw. A refusal ends it. An approval is put down once per
//! person; when there are enough, everything is looked at again, and exactly one of those who approve carries it out.

use tokio::sync::mpsc;

use super::{
    Action, ActionState, Approval, AuditStep, Choice, Decision, Ruling,
    carry_out::{self, Outcome},
    desk::{Desk, denied},
    find, propose, remember,
    told::Told,
};
use crate::{Error, ErrorKind, Event, Person, Result, persona::Moment};

/// How often a change of the record is tried again because somebody else was faster.
const ATTEMPTS: u32 = 32;

/// Takes a decision, and tells `events` about it. Nobody needs to listen: what has begun is finished and recorded.
pub(crate) async fn decide(desk: &Desk, decision: Decision, events: &mpsc::Sender<Event>) {
    let started = desk.clock.now();
    let last = match decided(desk, &decision, events).await {
        Ok(told) => {
            for event in told.events() {
                let _ = events.send(event).await;
            }
            Event::Done {
                answer: Box::new(told.answer(started, desk.clock.now(), desk.zone())),
            }
        }
        Err(error) => Event::Failed { line: None, error },
    };
    let _ = events.send(last).await;
}

async fn decided(desk: &Desk, decision: &Decision, events: &mpsc::Sender<Event>) -> Result<Told> {
    let action = find::by_id(desk, &decision.action).await?;
    let action = still_open(desk, action).await?;
    if let Some(seen) = &decision.digest
        && *seen != action.digest()
    {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("action {} is not what you were shown", action.id),
        )
        .with_hint("look at it again and decide on what it is now"));
    }
    match &decision.choice {
        Choice::Refuse { reason } => refuse(desk, action, &decision.person, reason).await,
        Choice::Approve => approve(desk, action, &decision.person, events).await,
    }
}

/// The action, if it still waits for a decision.
async fn still_open(desk: &Desk, action: Action) -> Result<Action> {
    if action.is_expired_at(desk.clock.now()) {
        desk.settle(
            &action,
            ActionState::Expired,
            "jamie",
            "Nobody approved it in time.",
        )
        .await?;
        return Err(over(&action, "has expired: nobody approved it in time"));
    }
    let because = match action.state {
        ActionState::Parked => return Ok(action),
        ActionState::Running => "is being carried out already",
        ActionState::Refused => "was refused",
        ActionState::Expired => "has expired: nobody approved it in time",
        ActionState::Stale => "no longer fits what is there",
        ActionState::Succeeded => "was carried out already, and worked",
        ActionState::Failed => "was carried out already, and did not work",
        ActionState::Interrupted => "was cut short while it was carried out, and is not run again",
    };
    Err(over(&action, because))
}

fn over(action: &Action, because: &str) -> Error {
    let error = Error::new(ErrorKind::InvalidInput, format!("action {} {because}", action.id));
    match &action.result {
        Some(result) => error.with_hint(result.clone()),
        None => error.with_hint("ask for it again if it is still wanted"),
    }
}

async fn refuse(desk: &Desk, action: Action, person: &Person, reason: &str) -> Result<Told> {
    let by = person.called();
    let result = match reason.trim().trim_end_matches('.') {
        "" => format!("{by} said no."),
        reason => format!("{by} said no: {reason}."),
    };
    let mut action = action;
    for _ in 0..ATTEMPTS {
        if desk
            .settle(&action, ActionState::Refused, &person.id, &result)
            .await?
            .is_some()
        {
            let mut told = Told::default();
            told.line(desk.line(Moment::LeftAlone, person, &action));
            told.say(format!(
                "Nothing is done. Action `{}` is off the table: {}.",
                action.id, action.plan.title
            ));
            return Ok(told);
        }
        let there = find::by_id(desk, &action.id).await?;
        action = still_open(desk, there).await?;
    }
    Err(contended(&action))
}

async fn approve(desk: &Desk, action: Action, person: &Person, events: &mpsc::Sender<Event>) -> Result<Told> {
    if let Ruling::Deny { reason, who } = desk.may_approve(person, &action).await? {
        desk.record(&action, AuditStep::Denied, &person.id, &reason)
            .await?;
        return Err(denied(&reason, who.as_deref()));
    }
    let Some(action) = put_down(desk, action, person).await? else {
        return Ok(already_runs());
    };
    let missing = action.approvals_needed.saturating_sub(approvals(&action));
    if missing > 0 {
        return more_needed(desk, &action, missing).await;
    }
    match carry_out::carry_out(desk, action, person, events).await? {
        Outcome::Elsewhere => Ok(already_runs()),
        Outcome::Missing { action, missing } => more_needed(desk, &action, missing).await,
        Outcome::Stale { action, why, fresh } => {
            let mut told = Told::default();
            told.say(format!(
                "I have not done this: action `{}` no longer fits what is there. {why}",
                action.id
            ));
            if let Some(fresh) = fresh {
                let plan = *fresh;
                let proposed =
                    propose::propose(desk, &action.tool, plan, &action.asked_by, &action.conversation)
                        .await?;
                told.offer(desk, proposed, person).await?;
            }
            Ok(told)
        }
        Outcome::Over {
            action,
            report,
            unrecorded,
        } => {
            let moment = if report.is_good() {
                Moment::Success
            } else {
                Moment::NotDone
            };
            let mut told = Told::default();
            told.line(desk.line(moment, person, &action));
            told.outcome(&action, &report);
            let noted = remember::note(desk, &action, person, &report).await;
            if let Err(error) = noted {
                told.say(format!(
                    "I could not make a note of this: {}.",
                    error.message().trim_end_matches('.')
                ));
            }
            if let Some(error) = unrecorded {
                told.say(format!(
                    "I could not put the outcome on record: {}. It will show as cut short.",
                    error.message().trim_end_matches('.')
                ));
            }
            Ok(told)
        }
    }
}

/// Puts an approval down, once per person. Nothing where the action runs already.
async fn put_down(desk: &Desk, mut action: Action, person: &Person) -> Result<Option<Action>> {
    for _ in 0..ATTEMPTS {
        if action
            .approvals
            .iter()
            .any(|approval| approval.person.id == person.id)
        {
            return Ok(Some(action));
        }
        let mut approved = action.clone();
        approved.version += 1;
        approved.approvals.push(Approval {
            person: person.clone(),
            at: desk.clock.now(),
        });
        if desk.store.replace(approved.clone()).await? {
            desk.record(&approved, AuditStep::Approved, &person.id, "")
                .await?;
            return Ok(Some(approved));
        }
        action = find::by_id(desk, &action.id).await?;
        if carry_out::has_begun(&action) {
            return Ok(None);
        }
        action = still_open(desk, action).await?;
    }
    Err(contended(&action))
}

/// How many different people have approved.
pub(super) fn approvals(action: &Action) -> u32 {
    u32::try_from(action.approvals.len()).unwrap_or(u32::MAX)
}

async fn more_needed(desk: &Desk, action: &Action, missing: u32) -> Result<Told> {
    let who = match desk.may_ask(&action.asked_by, &action.tool, &action.plan).await? {
        Ruling::Ask { who, .. } => who,
        _ => "somebody who may approve it".to_owned(),
    };
    let have: Vec<&str> = action
        .approvals
        .iter()
        .map(|approval| approval.person.called())
        .collect();
    let more = if missing == 1 {
        "one more person".to_owned()
    } else {
        format!("{missing} more people")
    };
    let mut told = Told::default();
    told.say(format!(
        "Approved by {}. It takes {more} before action `{}` runs: {who}.",
        have.join(" and "),
        action.id
    ));
    told.waits(action);
    Ok(told)
}

fn already_runs() -> Told {
    let mut told = Told::default();
    told.say("Somebody else was a moment faster and is on it already: it runs once only.");
    told
}

pub(super) fn contended(action: &Action) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        format!("action {} is being changed by too many at once", action.id),
    )
    .with_hint("try again in a moment")
}
