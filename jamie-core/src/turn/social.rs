//! Messages that need no look at the estate in, replies out: small talk, help, questions asked back.

use crate::{
    Block, Effect, NextStep,
    memory::Outcome,
    persona::Moment,
    understand::{Clarify, Doubt, Social},
};

use super::{Turn, answer::Draft};

impl Turn {
    /// Replies to small talk.
    pub(super) fn socialise(&mut self, social: &Social) {
        self.note_fact(social);
        let moment = match social {
            Social::Greeting => Moment::Greeting,
            Social::HowAreYou => Moment::HowAreYou,
            Social::Thanks => Moment::Thanks,
            Social::Bye => Moment::Goodbye,
            Social::Help | Social::WhatCanYouDo => return self.help(Moment::Help),
            Social::WhoAreYou => return self.help(Moment::WhoAreYou),
            Social::CallMe(_) => Moment::Named,
            Social::Praise => {
                self.approve_last();
                Moment::Praise
            }
            Social::Insult => Moment::Insult,
            Social::Joke => Moment::Joke,
            Social::Acknowledgement => Moment::Acknowledgement,
        };
        self.only_say(moment);
    }

    /// One line, and that is the answer.
    pub(super) fn only_say(&mut self, moment: Moment) {
        let mut draft = self.draft();
        let line = self.voice.reply(moment);
        draft.say(line, &mut self.events);
        self.say_notes(&mut draft);
        self.settle(draft, Vec::new(), Vec::new(), Outcome::Answered, None);
    }

    /// What the tools at hand can do, in their own words.
    fn help(&mut self, moment: Moment) {
        let mut draft = self.draft();
        let line = self.voice.reply(moment);
        draft.say(line, &mut self.events);
        let items = self
            .kit
            .tools
            .iter()
            .map(|tool| tool.spec())
            .filter(|spec| spec.effect == Effect::Read)
            .map(|spec| format!("“{}” {}", spec.example, spec.description.trim()))
            .collect::<Vec<_>>();
        let example = self.examples(1).pop();
        if items.is_empty() {
            draft.say(
                "I have no tools at hand, so for now we can only chat.",
                &mut self.events,
            );
        } else {
            draft.push(Block::List { items }, &mut self.events);
        }
        let next: Vec<NextStep> = example
            .map(|example| NextStep::advice(format!("just ask, for example “{example}”")))
            .into_iter()
            .collect();
        for block in crate::render::next_steps(&next) {
            draft.insist(block, &mut self.events);
        }
        self.say_notes(&mut draft);
        self.settle(draft, next, Vec::new(), Outcome::Answered, None);
    }

    /// There is nothing to call: asks back, or says that it is beyond Jamie and what is not.
    pub(super) fn ask_back(&mut self) {
        if let Some(clarify) = self.understood.clarify.take() {
            let mut draft = self.draft();
            let choices = self.put_question(&mut draft, clarify);
            self.say_notes(&mut draft);
            return self.settle(draft, Vec::new(), choices, Outcome::Clarified, None);
        }
        if let Some(social) = self
            .understood
            .social
            .clone()
            .filter(|_| self.understood.gap.is_none() && self.notes.is_empty())
        {
            // Its facts were noted when the message was understood.
            self.records.clear();
            return self.socialise(&social);
        }
        let refused = !self.understood.requests.is_empty();
        let mut draft = self.draft();
        if refused {
            self.say_notes(&mut draft);
        } else {
            let line = self.voice.reply(Moment::BeyondMe);
            draft.say(line, &mut self.events);
            self.say_notes(&mut draft);
        }
        let choices = self.examples(3);
        if !choices.is_empty() {
            let question = "Here is what I could look at instead:".to_owned();
            draft.ask(question, &choices, &mut self.events);
        }
        self.settle(draft, Vec::new(), choices, Outcome::Clarified, None);
    }

    /// Asks a question back, and gives the choices it offers.
    pub(super) fn put_question(&mut self, draft: &mut Draft, clarify: Clarify) -> Vec<String> {
        if clarify.doubt == Doubt::Unsure && !clarify.choices.is_empty() {
            let question = match self.voice.line(Moment::BeyondMe) {
                Some(line) => format!("{line} Is it one of these?"),
                None => clarify.question,
            };
            draft.ask(question, &clarify.choices, &mut self.events);
            return clarify.choices;
        }
        let moment = match clarify.doubt {
            Doubt::UnknownName if clarify.choices.is_empty() => Moment::UnknownName,
            Doubt::UnknownName => Moment::DidYouMean,
            Doubt::Ambiguous | Doubt::NoTarget | Doubt::Unsure => Moment::Clarify,
        };
        let question = match self.voice.line(moment) {
            Some(line) => format!("{line} {}", clarify.question),
            None => clarify.question,
        };
        draft.ask(question, &clarify.choices, &mut self.events);
        clarify.choices
    }

    pub(super) fn say_notes(&mut self, draft: &mut Draft) {
        for note in std::mem::take(&mut self.notes) {
            draft.say(note, &mut self.events);
        }
    }

    /// A few questions that the tools at hand answer; which ones depends on the time, so they vary.
    fn examples(&self, count: usize) -> Vec<String> {
        let all: Vec<&str> = self
            .kit
            .tools
            .iter()
            .map(|tool| tool.spec())
            .filter(|spec| spec.effect == Effect::Read && !spec.example.is_empty())
            .map(|spec| spec.example)
            .collect();
        let start = usize::try_from(self.now.as_second().unsigned_abs()).unwrap_or(0);
        (0..count.min(all.len()))
            .filter_map(|n| all.get((start + n) % all.len()))
            .map(|example| (*example).to_owned())
            .collect()
    }
}
