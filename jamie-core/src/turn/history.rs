//! Recollections in, what a turn needs of them out; and a finished turn back into a record.

use jiff::Timestamp;

pub(super) use crate::understand::Focus;
use crate::{
    Request,
    memory::{Content, Memory, Outcome, Profile, Record, TurnRecord},
};

/// The person and the conversation so far.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) profile: Profile,
    pub(super) focus: Focus,
    /// The choices offered in the last turn.
    pub(super) choices: Vec<String>,
    /// Keys of the persona's lines, the newest last.
    pub(super) lines: Vec<String>,
}

impl History {
    /// Puts it together from facts and turns, both newest first.
    pub(super) fn new(facts: Vec<Memory>, turns: Vec<Memory>) -> Self {
        let profile = facts
            .into_iter()
            .rev()
            .filter_map(|memory| match memory.record.content {
                Content::Fact(fact) => Some(fact),
                _ => None,
            })
            .collect();
        let mut turns: Vec<TurnRecord> = turns
            .into_iter()
            .filter_map(|memory| match memory.record.content {
                Content::Turn(turn) => Some(*turn),
                _ => None,
            })
            .collect();
        let lines = turns
            .iter_mut()
            .rev()
            .flat_map(|turn| std::mem::take(&mut turn.lines))
            .collect();
        let last = turns.into_iter().next().unwrap_or_default();
        Self {
            profile,
            focus: last.focus,
            choices: last.choices,
            lines,
        }
    }
}

/// What a turn came to.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) question: &'a str,
    pub(super) answer: &'a str,
    pub(super) outcome: Outcome,
    pub(super) choices: Vec<String>,
    pub(super) lines: Vec<String>,
    pub(super) focus: Focus,
}

pub(super) fn record(request: &Request, at: Timestamp, told: Told<'_>) -> Record {
    Record {
        person: request.person.id.clone(),
        conversation: request.conversation.clone(),
        at,
        content: Content::Turn(Box::new(TurnRecord {
            question: super::message::shortened(told.question),
            answer: super::message::shortened(told.answer),
            outcome: told.outcome,
            focus: told.focus,
            lines: told.lines,
            choices: told.choices,
        })),
    }
}
