//! What a decision came to in, the record of it in its conversation out: so that "undo it" and "and now?" have
//! something to lean on.

use super::{Backends, Limits, message};
use crate::{
    Answer, Decision,
    action::Choice,
    memory::{Content, Kind, Outcome, Recall, Record, TurnRecord},
    redact::Redacted,
};

/// Puts a decision and what came of it into the conversation that the action belongs to. What cannot be remembered is
/// only traced: the audit log has it in any case.
pub(crate) async fn remember(backends: &Backends, limits: &Limits, decision: &Decision, answer: &Answer) {
    let action = match backends.desk.store.get(&decision.action).await {
        Ok(Some(action)) => action,
        Ok(None) => return,
        Err(error) => {
            tracing::debug!(?error, "the action of a decision cannot be read");
            return;
        }
    };
    let last = Recall::new(Kind::Turn, 1).in_conversation(&action.conversation);
    let last = tokio::time::timeout(limits.memory, backends.memory.recall(&last)).await;
    let last = last
        .ok()
        .and_then(Result::ok)
        .and_then(|turns| turns.into_iter().next())
        .and_then(|memory| match memory.record.content {
            Content::Turn(turn) => Some(*turn),
            _ => None,
        })
        .unwrap_or_default();
    let said = match &decision.choice {
        Choice::Approve => format!("yes, go ahead: {}", action.plan.title),
        Choice::Refuse { .. } => format!("no, leave it: {}", action.plan.title),
    };
    let undo = answer.actions.iter().find_map(|step| step.proposal.clone());
    let record = Record {
        person: decision.person.id.clone(),
        conversation: action.conversation.clone(),
        at: backends.clock.now(),
        content: Content::Turn(Box::new(TurnRecord {
            question: message::shortened(&said),
            answer: message::shortened(&answer.text),
            outcome: Outcome::Answered,
            focus: last.focus,
            lines: last.lines,
            choices: Vec::new(),
            evidence: Vec::new(),
            proposals: Vec::new(),
            undo,
        })),
    };
    let kept = backends.memory.remember(vec![record.redacted()]);
    match tokio::time::timeout(limits.memory, kept).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(?error, "a decision could not be remembered"),
        Err(_) => tracing::debug!("a decision could not be remembered in time"),
    }
}
