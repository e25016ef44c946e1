//! What a message says beside its requests in, records for the memory out: facts about the person, gaps.

use super::Turn;
use crate::{
    memory::{About, Content, Fact, Gap, GapReason, Record},
    redact::Redacted,
    understand::{Doubt, Social},
};

impl Turn {
    /// Puts into memory what the message says about the person, and what was not understood.
    pub(super) fn note_remarks(&mut self) {
        if let Some(social) = self.understood.social.clone() {
            self.note_fact(&social);
        }
        let reason = match &self.understood.clarify {
            Some(clarify) => match clarify.doubt {
                Doubt::UnknownName => Some(GapReason::UnknownName),
                Doubt::Unsure => Some(GapReason::Intent),
                Doubt::Ambiguous | Doubt::NoTarget => None,
            },
            None => None,
        };
        let nothing = self.understood.requests.is_empty()
            && self.understood.clarify.is_none()
            && self.understood.social.is_none();
        let intent = (self.understood.gap.is_some() || nothing).then_some(GapReason::Intent);
        if let Some(reason) = reason.or(intent) {
            self.note(Content::Gap(Gap {
                question: super::message::shortened(&self.text),
                reason,
            }));
        }
    }

    /// What a remark says about the person.
    pub(super) fn note_fact(&mut self, social: &Social) {
        let fact = match social {
            Social::CallMe(name) => {
                let name = presentable(name);
                if name.is_empty() {
                    return;
                }
                self.voice.name = Some(name.clone());
                Fact {
                    about: About::Name,
                    value: name,
                }
            }
            _ => return,
        };
        self.note(Content::Fact(fact));
    }

    pub(super) fn note(&mut self, content: Content) {
        let record = Record {
            person: self.request.person.id.clone(),
            conversation: self.request.conversation.clone(),
            at: self.now,
            content,
        };
        self.records.push(record.redacted());
    }
}

/// A name that can stand in any sentence: no control characters, no markup, not long.
pub(super) fn presentable(name: &str) -> String {
    const LONGEST: usize = 60;
    name.chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '`' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '{' | '}')
        })
        .take(LONGEST)
        .collect::<String>()
        .trim()
        .to_owned()
}
