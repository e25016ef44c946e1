//! An action that was carried out in, its records out: a turn of its conversation, so that "it" and "take it back" mean
//! it, and the incidents that it was for, so that their return brings back what helped.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Action, carry_out::Report, desk::Desk};
use crate::{
    Person, Result,
    memory::{Content, Fix, Incident, Kind, Memory, Outcome, Recall, Record, TurnRecord},
    redact::Redacted,
    understand::Focus,
};

/// The turns of a conversation in which an action's incident is looked for.
const TURNS: usize = 5;
/// The incidents among which one of the same object is looked for.
const INCIDENTS: usize = 50;
/// The longest arguments that are kept with a fix, in bytes.
const LONGEST_ARGS: usize = 2_000;
/// How long ago an incident was last seen that an action can be for.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// Notes what was done.
pub(super) async fn note(desk: &Desk, action: &Action, person: &Person, report: &Report) -> Result<()> {
    let now = desk.clock.now();
    let mut records = vec![record(action, person, now)];
    let worked = match report {
        Report::Watched(report) => Some(Some(report.worked)),
        Report::Unseen(_) => Some(None),
        // Nothing was done.
        Report::NotWritten(_) => None,
    };
    if let Some(worked) = worked {
        let fix = Fix {
            what: action.plan.title.clone(),
            tool: action.tool.clone(),
            args: short_args(&action.plan.args),
            by: person.id.clone(),
            at: now,
            worked,
        };
        for mut memory in incidents(desk, action, now).await? {
            if let Content::Incident(incident) = &mut memory.record.content {
                incident.add_fix(fix.clone());
            }
            // When it was seen stays as it was.
            records.push(memory.record.redacted());
        }
    }
    desk.memory.remember(records).await
}

/// Arguments that are worth keeping: those of a manifest would fill the memory.
fn short_args(args: &Value) -> Value {
    if args.to_string().len() > LONGEST_ARGS {
        Value::Null
    } else {
        args.clone()
    }
}

/// The incidents that an action was for: those that its conversation was about, or that were seen lately, and whose object
/// is one of its targets or is blamed by name; else the only one that the conversation was about.
async fn incidents(desk: &Desk, action: &Action, now: Timestamp) -> Result<Vec<Memory>> {
    let turns = Recall::new(Kind::Turn, TURNS).in_conversation(action.conversation.clone());
    let mut spoken_of: Vec<String> = Vec::new();
    for memory in desk.memory.recall(&turns).await? {
        if let Content::Turn(turn) = memory.record.content
            && !turn.incidents.is_empty()
        {
            spoken_of = turn.incidents;
            break;
        }
    }
    let mut recent = Recall::new(Kind::Incident, INCIDENTS);
    recent.since = now.checked_sub(RECENT).ok();
    let mut found = desk.memory.recall(&recent).await?;
    found.retain(|memory| match &memory.record.content {
        Content::Incident(incident) => {
            concerns(action, incident) || spoken_of.len() == 1 && spoken_of.contains(&incident.fingerprint.0)
        }
        _ => false,
    });
    Ok(found)
}

/// Whether one of the action's targets is what an incident is about.
fn concerns(action: &Action, incident: &Incident) -> bool {
    action.plan.targets.iter().any(|target| {
        let object = &incident.object;
        (target.kind == object.kind && target.name == object.name && target.namespace == object.namespace)
            || incident.title.contains(&target.to_string())
    })
}

/// The record of an action that `person` has approved and that was carried out.
fn record(action: &Action, person: &Person, at: Timestamp) -> Record {
    let plan = &action.plan;
    let namespaces = plan.namespaces();
    let focus = Focus {
        objects: plan.targets.clone(),
        listed: plan.targets.clone(),
        namespace: match namespaces.as_slice() {
            [only] => Some((*only).to_owned()),
            _ => None,
        },
        ..Focus::default()
    };
    let result = action.result.as_deref().unwrap_or_default();
    let turn = TurnRecord {
        question: "Go ahead.".to_owned(),
        answer: format!("Carried out: {}. {result}", plan.title).trim().to_owned(),
        outcome: Outcome::Answered,
        focus,
        inverse: plan.inverse.clone(),
        ..TurnRecord::default()
    };
    Record {
        person: person.id.clone(),
        conversation: action.conversation.clone(),
        at,
        content: Content::Turn(Box::new(turn)),
    }
    .redacted()
}
