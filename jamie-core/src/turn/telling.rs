//! What a message says about the memory in; what is noted, forgotten and told of it out, before the estate is looked at.

use super::{Phase, Turn, greeting::Greeting};
use crate::{
    Block,
    memory::{Content, Fact, Memory, Outcome},
    persona::Moment,
    understand::{Heed, Past, Social, Telling, Understood, zones},
};

/// A fact as the memory holds it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) fact: Fact,
    /// Whether it holds for everybody.
    pub(super) team: bool,
    /// Who taught it.
    pub(super) by: String,
    pub(super) at: jiff::Timestamp,
}

impl Known {
    /// The fact of a record, where it is one.
    pub(super) fn new(memory: Memory) -> Option<Self> {
        let Memory { record, .. } = memory;
        let (fact, team) = match record.content {
            Content::Fact(fact) => (fact, false),
            Content::TeamFact(fact) => (fact, true),
            _ => return None,
        };
        Some(Self {
            fact,
            team,
            by: record.person,
            at: record.at,
        })
    }
}

/// What the memory was told and asked in this turn.
#[derive(Debug, Default)]
pub(super) struct Telltale {
    /// What came of it, shown before anything else.
    pub(super) blocks: Vec<Block>,
    /// Whether something was noted.
    pub(super) noted: bool,
    /// What is to be forgotten.
    pub(super) forget: Vec<crate::memory::Forget>,
    /// Whether all that is kept about the person goes.
    pub(super) erase: bool,
    /// A question about what was, while the memory is searched for it.
    pub(super) past: Option<Past>,
    /// What a greeting brings up, while the memory is searched for it.
    pub(super) greeting: Option<Greeting>,
    /// A question back, with what can be said to it.
    pub(super) question: Option<(String, Vec<String>)>,
    /// What it says was taken, and is not to be taken twice.
    pub(super) heard: bool,
    /// Which sentences may be about the memory.
    pub(super) heeds: Heed,
}

impl Turn {
    /// Takes what the message says about the memory; `false` where it says nothing of the kind after all. What nobody can
    /// be told about is asked of the estate.
    pub(super) fn hear_tellings(&mut self, understood: &Understood) -> bool {
        let mut taken = false;
        for telling in &understood.tellings {
            let heard = match telling {
                Telling::Teach(taught) => {
                    self.learn(taught);
                    true
                }
                Telling::Unclear(why) => {
                    self.tell(why.clone());
                    true
                }
                Telling::Ask(asked) => self.recount(asked),
                Telling::Perhaps(asked) => self.may_know(asked) && self.recount(asked),
                Telling::Opinion(opinion) => self.hear_opinion(opinion),
                Telling::Forget(forgotten) => self.unlearn(forgotten),
                Telling::Past(past) => {
                    self.telltale.past = Some(past.clone());
                    true
                }
            };
            if !heard {
                self.telltale.heeds = self.telltale.heeds.min(match telling {
                    Telling::Ask(_) | Telling::Perhaps(_) => Heed::Changes,
                    _ => Heed::Nothing,
                });
            }
            taken |= heard;
        }
        taken
    }

    /// Adds a sentence to what is shown first.
    pub(super) fn tell(&mut self, sentence: impl Into<String>) {
        self.telltale.blocks.push(Block::para(sentence));
    }

    /// Adds a list to what is shown first.
    pub(super) fn tell_list(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.telltale.blocks.push(Block::List { items });
        }
    }

    /// Whether there is anything to say about the memory.
    pub(super) fn has_told(&self) -> bool {
        !self.telltale.blocks.is_empty()
    }

    /// What was said about the memory was all that was said.
    pub(super) fn only_tell(&mut self, social: Option<&Social>) {
        let moment = match social {
            Some(Social::Greeting | Social::HowAreYou) => Some(Moment::Hello),
            Some(Social::CallMe(_)) => Some(Moment::Named),
            Some(Social::Thanks) => Some(Moment::Thanks),
            _ if self.telltale.noted => Some(Moment::Noted),
            _ => None,
        };
        if let Some(social) = social {
            self.note_fact(social);
        }
        let line = moment.map(|moment| self.voice.reply(moment));
        if let Some(line) = line.filter(|line| !line.is_empty()) {
            let first = match self.telltale.blocks.first_mut() {
                Some(Block::Para { text }) => Some(text),
                _ => None,
            };
            match first {
                Some(text) => *text = format!("{line} {text}"),
                None => self.telltale.blocks.insert(0, Block::para(line)),
            }
        }
        let mut draft = self.draft();
        self.say_notes(&mut draft);
        let question = self.telltale.question.take();
        let choices = match question {
            Some((question, choices)) => {
                draft.ask(question, &choices, &mut self.events);
                choices
            }
            None => Vec::new(),
        };
        let outcome = if choices.is_empty() {
            Outcome::Answered
        } else {
            Outcome::Clarified
        };
        self.settle(draft, Vec::new(), choices, outcome, None);
    }

    /// Lives up to what the person has said about how they like things.
    pub(super) fn adapt(&mut self) {
        let profile = &self.history.profile;
        self.zone = profile
            .time_zone
            .as_deref()
            .and_then(zones)
            .unwrap_or_else(|| self.kit.zone.clone());
        self.limits = match profile.verbosity.as_deref() {
            Some("short") => self.kit.limits.short(),
            _ => self.kit.limits.clone(),
        };
    }

    /// Searches the memory for what was, before anything else is done.
    pub(super) fn begin_looking_back(&mut self) -> bool {
        let waits = self.telltale.past.is_some() || self.telltale.greeting.is_some();
        if waits {
            self.phase = Phase::LookingBack;
        }
        waits
    }
}
