//! An action that was carried out in, its conversation's record of it out: what "it" is from then on, and what
//! "take it back" means.

use jiff::Timestamp;

use super::Action;
use crate::{
    Person,
    memory::{Content, Outcome, Record, TurnRecord},
    redact::Redacted,
    understand::Focus,
};

/// The record of an action that `person` has approved and that was carried out.
pub(super) fn record(action: &Action, person: &Person, at: Timestamp) -> Record {
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
