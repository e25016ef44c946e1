//! Recollections in, what a turn needs of them out; and a finished turn back into a record.

use jiff::{SignedDuration, Timestamp};

use super::telling::Known;

pub(super) use crate::understand::Focus;
use crate::{
    Answer, Evidence, Proposal, Request,
    memory::{Content, Memory, Outcome, Profile, Record, Tally, TurnRecord},
    prompt::Exchange,
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
    /// What was said, the oldest first.
    pub(super) exchanges: Vec<Exchange>,
    /// What the last answer rested on.
    pub(super) evidence: Vec<Evidence>,
    /// The changes that the last answer suggested.
    pub(super) proposals: Vec<Proposal>,
    /// What takes back the change that was made last.
    pub(super) inverse: Option<Proposal>,
    /// The facts behind the profile, each with where it comes from.
    pub(super) known: Vec<Known>,
    /// The incidents that the last answer was about, by fingerprint.
    pub(super) incidents: Vec<String>,
    /// The worst incident of the person's last talk, where that was a while ago, and when.
    pub(super) last_incident: Option<(String, Timestamp)>,
    /// When the person was here last.
    pub(super) last_seen: Option<Timestamp>,
    /// Turns of the person that are remembered, as far as was looked.
    pub(super) turns_seen: usize,
    /// The last answer of this conversation, and when it was given.
    pub(super) last: Option<(TurnRecord, Timestamp)>,
    /// What was asked and what the person says is right, where they have just said so.
    pub(super) correction: Option<(String, String)>,
}

/// A talk that was somewhere else is gone on with for so long.
const SAME_TALK: SignedDuration = SignedDuration::from_hours(12);
/// After such a pause a greeting is the beginning of a new talk.
const PAUSE: SignedDuration = SignedDuration::from_hours(4);

impl History {
    /// Puts it together from the team's facts, the person's own, which go before them, the turns of the conversation, and
    /// the person's turns in all conversations; all newest first.
    pub(super) fn new(
        team: Vec<Memory>,
        own: Vec<Memory>,
        here: Vec<Memory>,
        anywhere: Vec<Memory>,
        now: Timestamp,
    ) -> Self {
        let known: Vec<Known> = team
            .into_iter()
            .rev()
            .chain(own.into_iter().rev())
            .filter_map(Known::new)
            .collect();
        let last_incident = last_incident(&anywhere, now);
        let last_seen = anywhere.first().map(|memory| memory.record.at);
        let last_answer = here.first().and_then(|memory| match &memory.record.content {
            Content::Turn(turn) if turn.outcome == Outcome::Answered => {
                Some(((**turn).clone(), memory.record.at))
            }
            _ => None,
        });
        let turns_seen = anywhere.len().max(here.len());
        // A talk goes on where the person is: begun in the terminal, gone on with in a channel.
        let fresh = |memory: &Memory| now.duration_since(memory.record.at) < SAME_TALK;
        let elsewhere = here.is_empty();
        let turns = if elsewhere {
            anywhere.into_iter().take_while(fresh).collect()
        } else {
            here
        };
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
        let exchanges = turns
            .iter()
            .rev()
            .filter(|turn| turn.outcome != Outcome::Failed)
            .map(|turn| Exchange {
                question: turn.question.clone(),
                answer: turn.answer.clone(),
            })
            .collect();
        let inverse = turns.iter().find_map(|turn| turn.inverse.clone());
        let last = turns.into_iter().next().unwrap_or_default();
        let mut history = Self {
            profile: Profile::default(),
            known,
            incidents: last.incidents,
            last_incident,
            last_seen,
            turns_seen,
            last: last_answer,
            correction: None,
            focus: last.focus,
            choices: last.choices,
            lines,
            exchanges,
            evidence: last.evidence,
            proposals: last.proposals,
            inverse,
        };
        if elsewhere {
            // What was offered in another place is not said yes to in this one.
            history.choices.clear();
            history.proposals.clear();
            history.inverse = None;
        }
        history.renew_profile();
        history
    }

    /// Takes what people think of answers to heart: lines that they dislike count as used just now, and the person's last
    /// correction waits for a yes.
    pub(super) fn heed(&mut self, feedback: Vec<Memory>, person: &str) {
        let mut verdicts = Vec::new();
        for memory in feedback {
            if let Content::Feedback(feedback) = memory.record.content {
                if self.correction.is_none() && memory.record.person == person {
                    self.correction = feedback
                        .correction
                        .clone()
                        .map(|right| (feedback.question.clone(), right));
                }
                verdicts.push(*feedback);
            }
        }
        let tally: Tally = verdicts.iter().collect();
        let disliked = verdicts
            .iter()
            .flat_map(|feedback| &feedback.chose)
            .filter(|line| tally.net(line) < 0);
        self.lines.extend(disliked.cloned());
    }

    /// Puts the profile together from what is known: the person's own facts go before the team's.
    pub(super) fn renew_profile(&mut self) {
        self.profile = self.known.iter().map(|known| known.fact.clone()).collect();
    }
}

/// The worst incident that the person's last talk was about, where that is a while ago.
fn last_incident(turns: &[Memory], now: Timestamp) -> Option<(String, Timestamp)> {
    let last = turns.first()?.record.at;
    if now.duration_since(last) < PAUSE {
        return None;
    }
    turns
        .iter()
        .take_while(|memory| last.duration_since(memory.record.at) < SAME_TALK)
        .find_map(|memory| match &memory.record.content {
            Content::Turn(turn) => Some((turn.incidents.first()?.clone(), memory.record.at)),
            _ => None,
        })
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
    pub(super) evidence: Vec<Evidence>,
    pub(super) proposals: Vec<Proposal>,
    /// The incidents that the answer is about, by fingerprint.
    pub(super) incidents: Vec<String>,
    /// The documents that it cites, by key.
    pub(super) cites: Vec<String>,
}

/// The pieces of evidence that are kept with a turn.
const EVIDENCE_KEPT: usize = 6;

/// What an answer rests on and suggests, as far as the next turn needs it.
pub(super) fn gist(answer: &Answer) -> (Vec<Evidence>, Vec<Proposal>) {
    let evidence = answer.evidence.iter().take(EVIDENCE_KEPT).cloned().collect();
    let mut proposals: Vec<Proposal> = Vec::new();
    for proposal in answer.actions.iter().filter_map(|step| step.proposal.as_ref()) {
        if !proposals.contains(proposal) {
            proposals.push(proposal.clone());
        }
    }
    (evidence, proposals)
}

pub(super) fn record(request: &Request, at: Timestamp, told: Told<'_>) -> Record {
    let id = super::voice::seed(&[
        request.person.id.as_bytes(),
        request.conversation.as_bytes(),
        told.question.as_bytes(),
        &at.as_nanosecond().to_le_bytes(),
    ]);
    Record {
        person: request.person.id.clone(),
        conversation: request.conversation.clone(),
        at,
        content: Content::Turn(Box::new(TurnRecord {
            id: format!("{id:016x}"),
            question: super::message::shortened(told.question),
            answer: super::message::shortened(told.answer),
            outcome: told.outcome,
            focus: told.focus,
            lines: told.lines,
            choices: told.choices,
            evidence: told.evidence,
            proposals: told.proposals,
            incidents: told.incidents,
            cites: told.cites,
            ..TurnRecord::default()
        })),
    }
}
