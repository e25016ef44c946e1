//! One turn as a state machine without I/O: a request goes in, steps for a driver come out, and at the end
//! exactly one [`Event::Done`] or [`Event::Failed`].
//!
//! [`Turn::next`] takes what happened and says what to do. The order is: recall the person and the
//! conversation, understand the message against no names (small talk ends here), look names up, understand
//! it in full, plan the calls, gather what they find, put changes before the policy, compose the answer, let
//! a model explain it (its words checked, its calls run), remember the turn. The facts are written before
//! the model is asked: whatever it does, they go out.

mod again;
mod answer;
mod calls;
mod choice;
mod compose;
mod driver;
mod fix;
mod focus;
mod forget;
mod greeting;
mod history;
mod house_rules;
mod kit;
mod knowledge;
mod known;
mod limits;
mod lookback;
mod message;
mod naming;
mod noted;
mod opinion;
mod ordered;
mod pertinent;
mod pick;
mod plan;
mod propose;
mod reason;
mod recollect;
mod remarks;
mod renew;
mod social;
mod spoken;
mod step;
mod teach;
mod telling;
#[cfg(test)]
mod tests;
mod thought;
mod throttle;
mod voice;

use std::{collections::VecDeque, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};

pub(crate) use self::driver::{Backends, Indexes, drive};
use self::{
    compose::Open, history::History, knowledge::Consulting, naming::Naming, plan::Planned, reason::Reasoning,
    recollect::Past, telling::Telltale, voice::Voice,
};
pub use self::{
    kit::Kit,
    limits::Limits,
    step::{Call, Came, Input, Oblivion, Step},
};
use crate::{
    Answer, Block, Error, ErrorKind, Event, Request, Result,
    memory::{Document, Kind, Memory, Outcome, Recall, Record},
    persona::{Domain, Moment},
    redact::Redacted,
    understand::{Context, Heed, Intents, NameIndex, Understood, understand},
};

/// Where a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Recalling,
    LookingBack,
    Naming,
    Consulting,
    Gathering,
    Recollecting,
    Proposing,
    Reasoning,
    Forgetting,
    Remembering,
    Over,
}

/// How a turn is going to end.
#[derive(Debug)]
enum Ending {
    Done(Box<Answer>),
    Failed { line: Option<String>, error: Error },
}

/// One turn.
#[derive(Debug)]
pub struct Turn {
    kit: Arc<Kit>,
    request: Request,
    /// What is answered: the message, or the choice that it picked.
    text: String,
    phase: Phase,
    started: Timestamp,
    now: Timestamp,
    /// When the person's day begins, and how moments are told.
    zone: TimeZone,
    limits: Limits,
    voice: Voice,
    history: History,
    /// What the message says about the memory.
    telltale: Telltale,
    /// The ways to ask, where the person picked a tool.
    picked: Option<Intents>,
    naming: Naming,
    understood: Understood,
    /// The names that the message was read against.
    index: Option<Arc<NameIndex>>,
    calls: Vec<Planned>,
    /// Whether the fixes that findings suggest were added, where they were asked for.
    fixes_added: bool,
    /// Whether the model was asked about what no tool fits.
    asked_model: bool,
    reasoning: Option<Box<Reasoning>>,
    /// The answer, while a change that the model asked for is before the policy.
    reopened: Option<Box<Open>>,
    events: VecDeque<Event>,
    /// Whether, and why, guides are consulted.
    consulted: bool,
    consulting: Option<Consulting>,
    /// The guide to the worst of what was found.
    guide: Option<Document>,
    /// The documents that the answer cites, by key.
    cites: Vec<String>,
    /// What is known of the past of what was found.
    past: Past,
    /// What was found and noted, by fingerprint.
    incidents: Vec<String>,
    /// What running calls have shown already.
    streamed: Vec<Block>,
    /// Limits that were hit and things that went wrong on the way, one sentence each.
    notes: Vec<String>,
    /// What went wrong after the answer was written, one sentence each.
    late_notes: Vec<String>,
    records: Vec<Record>,
    ending: Option<Ending>,
}

impl Turn {
    /// A turn that answers `request`, which came in at `now`.
    pub fn new(kit: Arc<Kit>, request: Request, now: Timestamp) -> Self {
        let seed = voice::seed(&[
            request.conversation.as_bytes(),
            request.text.as_bytes(),
            &now.as_second().to_le_bytes(),
        ]);
        let mut voice = Voice::new(Arc::clone(&kit.persona), seed);
        voice.name.clone_from(&request.person.name);
        Self {
            zone: kit.zone.clone(),
            limits: kit.limits.clone(),
            kit,
            text: String::new(),
            request,
            phase: Phase::New,
            started: now,
            now,
            voice,
            history: History::default(),
            telltale: Telltale::default(),
            picked: None,
            naming: Naming::default(),
            understood: Understood::default(),
            index: None,
            calls: Vec::new(),
            fixes_added: false,
            asked_model: false,
            reasoning: None,
            reopened: None,
            events: VecDeque::new(),
            consulted: false,
            consulting: None,
            guide: None,
            cites: Vec::new(),
            past: Past::default(),
            incidents: Vec::new(),
            streamed: Vec::new(),
            notes: Vec::new(),
            late_notes: Vec::new(),
            records: Vec::new(),
            ending: None,
        }
    }

    /// What to do next, given what happened and what time it is.
    ///
    /// An input that does not fit where the turn stands is ignored, and the step is asked for again.
    pub fn next(&mut self, input: Input, now: Timestamp) -> Step {
        self.now = self.now.max(now);
        self.take(input);
        if let Some(event) = self.events.pop_front() {
            return Step::Emit(event);
        }
        match self.phase {
            Phase::New | Phase::Recalling => {
                self.phase = Phase::Recalling;
                self.recall()
            }
            Phase::LookingBack => self.look_back(),
            Phase::Naming => Step::LookUp(self.naming.scope(&self.request.scope)),
            Phase::Consulting => self.consult(),
            Phase::Gathering => self.start_or_wait(),
            Phase::Recollecting => self.recollect(),
            Phase::Proposing => self.next_proposal().unwrap_or(Step::Wait),
            Phase::Reasoning => self.think_or_wait(),
            Phase::Forgetting => Step::Forget(self.oblivion()),
            Phase::Remembering => Step::Remember(self.records.clone()),
            Phase::Over => Step::End,
        }
    }

    /// What the person is called, as far as that is known by now.
    pub fn person_name(&self) -> Option<&str> {
        self.voice.name.as_deref()
    }

    fn take(&mut self, input: Input) {
        match (self.phase, input) {
            (Phase::Recalling, Input::Recalled(recalled)) => self.begin(recalled),
            (Phase::LookingBack, Input::Recalled(recalled)) => self.looked_back(recalled),
            (Phase::Consulting, Input::Recalled(recalled)) => self.consult_answered(recalled),
            (Phase::Recollecting, Input::Recalled(recalled)) => self.recollected(recalled),
            (Phase::Naming, Input::Names(names)) => self.named(names),
            (Phase::Gathering, Input::Emitted(event)) => self.pass_on(event),
            (Phase::Proposing, Input::Proposed { call, result }) => self.proposed(call, result),
            (Phase::Reasoning, Input::Said(said)) => self.hear(said),
            (
                Phase::Gathering | Phase::Reasoning,
                Input::Finished {
                    call,
                    result,
                    elapsed_ms,
                },
            ) => self.finish(call, result, elapsed_ms),
            (Phase::Gathering | Phase::Reasoning, Input::Deadline) => self.run_out(),
            (Phase::Forgetting, Input::Forgotten(result)) => self.forgotten(result),
            (Phase::Remembering, Input::Remembered(result)) => self.end(result),
            _ => {}
        }
    }

    fn recall(&self) -> Step {
        let person = self.request.person.id.as_str();
        let conversation = self.request.conversation.as_str();
        Step::Recall(vec![
            Recall::new(Kind::TeamFact, 500),
            Recall::new(Kind::Fact, 200).of_person(person),
            Recall::new(Kind::Turn, self.kit.limits.turns).in_conversation(conversation),
            Recall::new(Kind::Turn, self.kit.limits.turns).of_person(person),
            Recall::new(Kind::Feedback, 300),
        ])
    }

    /// With the person and the conversation known: small talk is answered at once.
    fn begin(&mut self, recalled: Result<Vec<Vec<Memory>>>) {
        match recalled {
            Ok(recalled) => {
                let mut recalled = recalled.into_iter();
                let mut next = || recalled.next().unwrap_or_default();
                self.history = History::new(next(), next(), next(), next(), self.now);
                self.history.heed(next(), &self.request.person.id);
            }
            Err(error) => self.notes.push(format!(
                "I could not read my notes ({}), so I may have forgotten what we talked about.",
                error.message()
            )),
        }
        if let Some(name) = &self.history.profile.name {
            self.voice.name = Some(name.clone());
        }
        self.adapt();
        self.voice.recall(std::mem::take(&mut self.history.lines));
        let unfit = message::unfit(&self.request.text);
        if let Some(pick) = self
            .request
            .pick
            .clone()
            .filter(|_| unfit != Some(Moment::TooLong))
        {
            match self.picked_intents(&pick) {
                Ok(intents) => self.picked = Some(intents),
                Err(error) => return self.fail(error),
            }
        } else if let Some(moment) = unfit {
            self.text = message::shortened(&self.request.text);
            return match message::refusal(moment) {
                Some(error) => self.fail(error),
                None => self.only_say(moment),
            };
        }
        self.text = choice::chosen(&self.request.text, &self.history.choices)
            .unwrap_or(&self.request.text)
            .to_owned();
        if self.picked.is_none() && self.take_suggested() {
            return self.announce();
        }
        self.interpret();
    }

    /// Reads the message against no names: what is said about the memory and small talk are answered at once, all else
    /// needs names.
    fn interpret(&mut self) {
        let mut glance = self.read(None);
        if !glance.tellings.is_empty() {
            if self.telltale.heard {
                // Heard already, and the memory was searched for it.
            } else if self.hear_tellings(&glance) {
                self.telltale.heard = true;
                if self.begin_looking_back() {
                    return;
                }
                // A word that was just taught counts for the rest of the message.
                glance = self.read(None);
            } else {
                glance = self.read(None);
            }
        }
        if !self.telltale.heard
            && let Some(text) = self.history.profile.spelt_out(&self.text)
        {
            self.text = text;
            glance = self.read(None);
        }
        self.voice.mood = glance.mood;
        let only_social = self.picked.is_none()
            && glance.requests.is_empty()
            && glance.clarify.is_none()
            && glance.gap.is_none();
        // What has to be answered first is asked alone.
        if self.telltale.question.is_some() || only_social && self.has_told() {
            return self.only_tell(glance.social.as_ref());
        }
        if let Some(social) = glance.social.clone().filter(|_| only_social) {
            if self.greets(&social) {
                return;
            }
            return self.socialise(&social);
        }
        self.voice.domain = glance
            .requests
            .first()
            .map(|request| &request.question)
            .or_else(|| glance.clarify.as_ref().map(|clarify| &*clarify.about))
            .map(|question| match &question.kind {
                Some(kind) => Domain::of_kind(kind),
                None => None,
            })
            .unwrap_or_default();
        if let Some(line) = self.voice.line(Moment::Thinking) {
            self.events.push_back(Event::Thinking { line });
        }
        self.phase = Phase::Naming;
    }

    /// Reads the message, against `index` or against no names at all.
    fn read(&self, index: Option<&NameIndex>) -> Understood {
        let focus = index.map(|index| self.history.focus.within(index));
        let context = Context {
            now: self.now,
            zone: &self.zone,
            scope: &self.request.scope,
            focus: focus.as_ref().unwrap_or(&self.history.focus),
            aliases: &self.history.profile.aliases,
            heeds: if self.picked.is_none() {
                self.telltale.heeds
            } else {
                Heed::Nothing
            },
        };
        understand(
            &self.text,
            index.unwrap_or(&self.kit.no_names),
            self.picked.as_ref().unwrap_or(&self.kit.intents),
            &context,
        )
    }

    fn understand(&mut self, index: &Arc<NameIndex>) {
        self.index = Some(Arc::clone(index));
        if let Some(error) = message::unknown_namespace(&self.request.scope, index.names()) {
            return self.fail(error);
        }
        self.understood = self.read(Some(index));
        self.act();
    }

    /// Acts on what was understood: calls, or asks back.
    fn act(&mut self) {
        if let Some(pick) = self.request.pick.clone() {
            self.apply_pick(&pick);
        }
        self.voice.mood = self.understood.mood;
        self.note_remarks();
        if self.renews_note() || self.tells_note() {
            return self.only_tell(None);
        }
        if !self.consults() {
            self.act_on_estate();
        }
    }

    /// What is asked of the estate is looked up, or asked back about.
    fn act_on_estate(&mut self) {
        self.plan();
        if !self.calls.is_empty() {
            self.announce();
        } else if !self.consults_instead() && !self.ask_the_model() {
            self.ask_back();
        }
    }

    /// No answer: the error says why, the persona says it kindly.
    fn fail(&mut self, error: Error) {
        let error = error.redacted();
        self.voice.domain = None;
        let line = self.voice.line(Moment::Failed);
        let told = match error.hint() {
            Some(hint) => format!("{} ({hint})", error.message()),
            None => error.message().to_owned(),
        };
        // What the memory has said already stands.
        if self.has_told() && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) {
            self.notes.push(format!(
                "The rest came to nothing: {}.",
                told.trim_end_matches('.')
            ));
            return self.only_tell(None);
        }
        self.keep(Outcome::Failed, &told, None, Vec::new(), None);
        self.ending = Some(Ending::Failed { line, error });
    }

    /// Keeps the turn in memory, as the last thing before the end.
    fn keep(
        &mut self,
        outcome: Outcome,
        told: &str,
        answer: Option<&Answer>,
        choices: Vec<String>,
        focus: Option<history::Focus>,
    ) {
        let (evidence, proposals) = answer.map(history::gist).unwrap_or_default();
        let record = history::record(
            &self.request,
            self.now,
            history::Told {
                question: &self.text,
                answer: told,
                outcome,
                choices,
                lines: self.voice.used().to_vec(),
                focus: focus.unwrap_or_else(|| self.history.focus.clone()),
                evidence,
                proposals,
                incidents: self.incidents.clone(),
                cites: self.cites.clone(),
            },
        );
        self.records.push(record.redacted());
        self.phase = if self.telltale.erase || !self.telltale.forget.is_empty() {
            Phase::Forgetting
        } else {
            Phase::Remembering
        };
    }

    /// The end, once the memory has answered.
    fn end(&mut self, remembered: Result<()>) {
        let elapsed_ms = self.elapsed_ms();
        let ending = self.ending.take().unwrap_or_else(|| Ending::Failed {
            line: None,
            error: Error::new(ErrorKind::Internal, "the turn ended without an answer"),
        });
        let last = match ending {
            Ending::Done(mut answer) => {
                for note in std::mem::take(&mut self.late_notes) {
                    self.events.push_back(answer.add_note(&note));
                }
                if let Err(error) = remembered {
                    let note = format!("I could not make a note of this: {}.", error.message());
                    self.events.push_back(answer.add_note(&note));
                }
                answer.elapsed_ms = elapsed_ms;
                Event::Done { answer }
            }
            Ending::Failed { line, error } => Event::Failed { line, error },
        };
        self.events.push_back(last);
        self.phase = Phase::Over;
    }

    fn elapsed_ms(&self) -> u64 {
        let elapsed = self.now.as_millisecond() - self.started.as_millisecond();
        u64::try_from(elapsed).unwrap_or(0)
    }
}
