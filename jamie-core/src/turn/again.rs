//! The same question right behind its answer, from a double click or a frontend that tries again: what was said is kept
//! for a moment, and said again instead of being looked up again.
//!
//! It is the same question where the same person asks, word for word and with the same scope, in a conversation whose last
//! turn is that very answer. A turn that proposed, decided, taught or erased anything, or in which something went wrong, is never said again. There is one
//! answer for each person: it goes with whatever else is erased of them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Limits;
use crate::{
    Answer, Block, Cache, Event, Finding, Request, Usage,
    cache::{answer_of, key},
    memory::{Content, Kind, Memory, Recall, Record},
};

/// What of a turn is kept, and given back.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The request, and where the conversation stands behind it.
    of: String,
    said: Vec<Said>,
    answer: Answer,
    blocks: Vec<Block>,
}

/// A part of an answer to be read.
#[derive(Debug, Serialize, Deserialize)]
enum Said {
    Finding(Box<Finding>),
    Text(Block),
    Words { text: String, begins: bool },
}

impl From<Said> for Event {
    fn from(said: Said) -> Self {
        match said {
            Said::Finding(finding) => Self::Finding { finding },
            Said::Text(block) => Self::Text { block },
            Said::Words { text, begins } => Self::Words { text, begins },
        }
    }
}

/// One turn, as it is said.
#[derive(Debug)]
pub(super) struct Again {
    cache: Arc<dyn Cache>,
    limits: Limits,
    request: String,
    person: String,
    begun: bool,
    said: Vec<Said>,
    /// Where the conversation stands once the turn is over.
    stands: Option<String>,
    /// It is more than an answer.
    more: bool,
}

impl Again {
    /// A turn that begins; nothing where answers are not kept.
    pub(super) fn new(cache: Option<&Arc<dyn Cache>>, limits: &Limits, request: &Request) -> Option<Self> {
        let cache = cache.filter(|_| !limits.answer_again.is_zero())?;
        Some(Self {
            cache: Arc::clone(cache),
            limits: limits.clone(),
            request: serde_json::to_string(request).ok()?,
            person: request.person.id.clone(),
            begun: false,
            said: Vec::new(),
            stands: None,
            more: false,
        })
    }

    fn name(&self, stands: &str) -> String {
        key("turn", &[&self.request, stands])
    }

    /// The conversation is known: what to say at once, where its last turn answered this very question a moment ago.
    pub(super) async fn heard(
        &mut self,
        recalls: &[Recall],
        recalled: &[Vec<Memory>],
        elapsed_ms: u64,
    ) -> Option<Vec<Event>> {
        if std::mem::replace(&mut self.begun, true) {
            return None;
        }
        let conversation = recalls
            .iter()
            .position(|recall| recall.kind == Kind::Turn && recall.conversation.is_some())?;
        let last = recalled.get(conversation)?.first()?;
        let of = self.name(&stands(&last.record)?);
        let bytes = self.cache.get(&answer_of(&self.person)).await.ok()??;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        if kept.of != of {
            return None;
        }
        let answer = Answer {
            blocks: kept.blocks,
            elapsed_ms,
            usage: Usage::default(),
            ..kept.answer
        };
        let mut events: Vec<Event> = kept.said.into_iter().map(Event::from).collect();
        events.push(Event::Done {
            answer: Box::new(answer),
        });
        Some(events)
    }

    /// The turn does more than answer.
    pub(super) fn does_more(&mut self) {
        self.more = true;
    }

    /// The turn is noted like this.
    pub(super) fn noted(&mut self, records: &[Record]) {
        for record in records {
            match &record.content {
                Content::Turn(_) => self.stands = stands(record),
                Content::Incident(_) => {}
                _ => self.more = true,
            }
        }
    }

    /// This is said.
    pub(super) async fn says(&mut self, event: &Event) {
        match event {
            Event::Finding { finding } => self.said.push(Said::Finding(finding.clone())),
            Event::Text { block } => self.said.push(Said::Text(block.clone())),
            Event::Words { text, begins } => self.said.push(Said::Words {
                text: text.clone(),
                begins: *begins,
            }),
            Event::Done { answer } => self.keep(answer).await,
            // What went wrong is worth another try.
            Event::ToolFinished { ok: false, .. }
            | Event::Clarify { .. }
            | Event::Approval { .. }
            | Event::Denied { .. }
            | Event::Failed { .. } => {
                self.more = true;
            }
            Event::Thinking { .. }
            | Event::ToolStarted { .. }
            | Event::ToolFinished { .. }
            | Event::Struck { .. } => {}
        }
    }

    async fn keep(&mut self, answer: &Answer) {
        let Some(stands) = self.stands.take().filter(|_| !self.more) else {
            return;
        };
        if !answer.approvals.is_empty() {
            return;
        }
        let kept = Kept {
            of: self.name(&stands),
            said: std::mem::take(&mut self.said),
            blocks: answer.blocks.clone(),
            answer: answer.clone(),
        };
        if let Ok(bytes) = serde_json::to_vec(&kept) {
            let key = answer_of(&self.person);
            if let Err(error) = self.cache.put(&key, bytes, self.limits.answer_again).await {
                tracing::debug!(%error, "an answer is not kept for being said again");
            }
        }
    }
}

/// Where a conversation stands behind a turn.
fn stands(turn: &Record) -> Option<String> {
    serde_json::to_string(turn).ok()
}

/// How long ago that was, in milliseconds.
pub(super) fn since(begun: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.as_millisecond() - begun.as_millisecond()).unwrap_or(0)
}
