//! What was found in, a model's words about it out: each sentence checked, each call it asks for run or refused.
//!
//! The facts are written before the model is asked, so that nothing a model does can take them away.

mod calls;
mod request;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::{Phase, Step, Turn, compose::Open, spoken};
use crate::{
    Error, ErrorKind, Event, Usage,
    claims::{Ledger, Sentences},
    llm::{Delta, EndReason, Message, ModelCall, ModelRequest, Role},
    prompt::{self, ToolView},
    request::Mode,
    understand,
};

/// A model at work.
#[derive(Debug)]
pub(super) struct Reasoning {
    open: Open,
    /// Whether nothing was understood, so that without the model a question goes back.
    at_a_loss: bool,
    request: ModelRequest,
    unsent: bool,
    views: Vec<ToolView>,
    ledger: Ledger,
    reply: Reply,
    /// Requests sent.
    steps: u32,
    usage: Usage,
    /// Calls that were made, and those that were refused, by tool and arguments.
    made: BTreeSet<String>,
    /// How often each tool was asked for in a way that does not work.
    complained: BTreeMap<String, u32>,
    /// Which call of the turn answers which of the model's.
    asked: Vec<(u32, ModelCall)>,
    /// What to tell the model about calls that were not made.
    refusals: Vec<Message>,
    paragraphs: Vec<String>,
    /// Whether the next sentence begins a paragraph.
    breaks: bool,
    /// Whether the last sentence was struck: what only cites evidence behind it goes with it.
    struck: bool,
}

/// One reply, as far as it has come.
#[derive(Debug, Default)]
struct Reply {
    sentences: Sentences,
    /// All of its words, for the conversation.
    words: String,
    /// From here on it looks like a tool call.
    held: Option<String>,
    calls: Vec<ModelCall>,
}

impl Turn {
    /// Goes on with what was found: to the model where one helps, else to the end of the answer.
    pub(super) fn explain_or_close(&mut self, open: Open) {
        if self.request.mode == Mode::Explain {
            return self.show_prompt(&open);
        }
        let helps = self.kit.model.is_some()
            && self.request.mode == Mode::Auto
            && self.request.pick.is_none()
            && !open.proposes()
            && !open.draft.has_streamed();
        if helps {
            self.begin_reasoning(open, false);
        } else {
            self.close(open);
        }
    }

    /// Asks the model about what no tool's phrases fit. Says whether there is one to ask.
    pub(super) fn ask_the_model(&mut self) -> bool {
        let unsure = self
            .understood
            .clarify
            .as_ref()
            .is_none_or(|clarify| clarify.doubt == understand::Doubt::Unsure);
        let explains = self.request.mode == Mode::Explain;
        if !unsure
            || self.asked_model
            || self.request.pick.is_some()
            || !(explains || self.kit.model.is_some())
        {
            return false;
        }
        if self.request.mode == Mode::Offline {
            return false;
        }
        self.asked_model = true;
        let open = Open::new(self.draft(), self.history.focus.clone());
        if explains {
            self.show_prompt(&open);
        } else {
            self.begin_reasoning(open, true);
        }
        true
    }

    fn begin_reasoning(&mut self, open: Open, at_a_loss: bool) {
        let (request, views) = self.first_request(&open);
        let mut ledger = Ledger::new(self.now, self.zone.clone());
        ledger.question(&self.text);
        for instructions in request
            .messages
            .iter()
            .filter(|message| message.role == Role::System)
        {
            ledger.strange(&instructions.content);
        }
        for exchange in &self.history.exchanges {
            ledger.text(&exchange.answer);
            ledger.quotations(&exchange.answer);
        }
        for finding in open.draft.findings() {
            ledger.finding(finding);
        }
        for evidence in open.draft.all_evidence().iter().chain(&self.history.evidence) {
            ledger.evidence(evidence);
        }
        for digest in &open.digests {
            ledger.text(&digest.lines());
            ledger.quotations(&digest.lines());
        }
        for step in open.steps() {
            ledger.step(step);
        }
        for target in self
            .understood
            .requests
            .iter()
            .flat_map(|request| &request.question.targets)
        {
            ledger.name(&target.object);
        }
        let made = open.made.iter().cloned().collect();
        self.reasoning = Some(Box::new(Reasoning {
            open,
            at_a_loss,
            request,
            unsent: true,
            views,
            ledger,
            reply: Reply::default(),
            steps: 0,
            usage: Usage::default(),
            made,
            complained: BTreeMap::new(),
            asked: Vec::new(),
            refusals: Vec::new(),
            paragraphs: Vec::new(),
            breaks: true,
            struck: false,
        }));
        self.phase = Phase::Reasoning;
    }

    /// What a turn with a model does next.
    pub(super) fn think_or_wait(&mut self) -> Step {
        if let Some(reasoning) = &mut self.reasoning
            && reasoning.unsent
        {
            reasoning.unsent = false;
            reasoning.steps += 1;
            reasoning.usage.model_calls += 1;
            reasoning.reply = Reply::default();
            return Step::Think(Box::new(prompt::sealed(reasoning.request.clone())));
        }
        self.start_or_wait()
    }

    /// The model says something.
    pub(super) fn hear(&mut self, said: crate::Result<Delta>) {
        let Some(reasoning) = &mut self.reasoning else {
            return;
        };
        if reasoning.unsent || !self.calls.is_empty() {
            // Nobody was asked, or the reply is over: its calls run.
            return;
        }
        match said {
            Ok(Delta::Text(text)) => {
                reasoning.reply.words.push_str(&text);
                if let Some(held) = &mut reasoning.reply.held {
                    held.push_str(&text);
                } else {
                    let units = reasoning.reply.sentences.push(&text);
                    self.judge(units);
                }
            }
            Ok(Delta::Call(call)) => reasoning.reply.calls.push(call),
            Ok(Delta::End { reason, usage }) => {
                reasoning.usage.prompt_tokens += usage.prompt_tokens;
                reasoning.usage.completion_tokens += usage.completion_tokens;
                self.reply_ended(reason);
            }
            Ok(Delta::Thinking(_)) => {}
            Err(error) => self.model_failed(error),
        }
    }

    fn reply_ended(&mut self, reason: EndReason) {
        let Some(reasoning) = &mut self.reasoning else {
            return;
        };
        if reasoning.reply.held.is_none() {
            let last = std::mem::take(&mut reasoning.reply.sentences).finish();
            // A sentence that the limit cut is no sentence.
            let whole =
                last.filter(|last| reason != EndReason::Length || last.trim_end().ends_with(['.', '!', '?']));
            self.judge(whole.into_iter().collect());
        }
        let Some(reasoning) = &mut self.reasoning else {
            return;
        };
        let mut unreadable = false;
        if let Some(held) = reasoning.reply.held.take() {
            let names: Vec<&str> = reasoning.views.iter().map(|view| view.name).collect();
            let written = spoken::calls(&held, &names);
            unreadable = written.is_empty() && reasoning.reply.calls.is_empty();
            reasoning.reply.calls.extend(written);
            if unreadable {
                self.events.push_back(Event::Struck {
                    sentence: held.chars().take(200).collect(),
                    reason: "it looks like a tool call that cannot be read".to_owned(),
                });
            }
        }
        if reasoning.reply.calls.is_empty() && !unreadable {
            return self.reasoned(None);
        }
        if reasoning.steps >= self.kit.limits.model_steps {
            return self.reasoned(None);
        }
        self.make_model_calls();
    }

    fn model_failed(&mut self, error: Error) {
        let Some(reasoning) = &mut self.reasoning else {
            return;
        };
        let untouched = reasoning.reply.words.is_empty() && reasoning.reply.calls.is_empty();
        if error.kind() == ErrorKind::Unsupported && untouched && !reasoning.request.tools.is_empty() {
            // A model without tools answers from the facts.
            reasoning.request.tools.clear();
            reasoning.unsent = true;
            return;
        }
        tracing::debug!(?error, "the model failed");
        self.reasoned(Some(error));
    }

    /// The model is done, or has failed: its words join the answer.
    fn reasoned(&mut self, failure: Option<Error>) {
        let Some(mut reasoning) = self.reasoning.take() else {
            return;
        };
        self.phase = Phase::Gathering;
        let at_a_loss = reasoning.at_a_loss;
        let silent = reasoning.paragraphs.is_empty();
        if let Some(error) = failure {
            let why = error.message().trim_end_matches('.').to_owned();
            let hint = error
                .hint()
                .map(|hint| format!(" What helps: {hint}."))
                .unwrap_or_default();
            self.notes.push(if silent {
                format!("I was short of a model for this, so you get the plain facts: {why}.{hint}")
            } else {
                format!("The model stopped half-way ({why}), so go by the facts.{hint}")
            });
        }
        self.words_into(&mut reasoning);
        if at_a_loss && silent && reasoning.open.draft.findings().is_empty() {
            return self.ask_back();
        }
        self.close(reasoning.open);
    }
}
