//! What was found in, a model's words about it out: each sentence checked, each call it asks for run or refused.
//!
//! The facts are written before the model is asked, so that nothing a model does can take them away.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Call, Phase, Step, Turn,
    compose::Open,
    plan::{Planned, State, about},
    spoken,
};
use crate::{
    Block, Effect, Error, ErrorKind, Event, Quoted, Usage,
    claims::{Ledger, Ruling, Sentences},
    llm::{Delta, EndReason, Message, ModelCall, ModelRequest, Role},
    prompt::{self, Digest, Parts, ToolView},
    redact::Redacted,
    request::Mode,
    understand,
};

/// The longest that a model may go on, in characters.
const MOST_WORDS: usize = 6_000;

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
        let mut ledger = Ledger::new(self.now, self.kit.zone.clone());
        ledger.question(&self.text);
        for exchange in &self.history.exchanges {
            ledger.text(&exchange.answer);
        }
        for finding in open.draft.findings() {
            ledger.finding(finding);
        }
        for evidence in open.draft.all_evidence().iter().chain(&self.history.evidence) {
            ledger.evidence(evidence);
        }
        for digest in &open.digests {
            ledger.text(&digest.lines());
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
        }));
        self.phase = Phase::Reasoning;
    }

    /// The first request to the model, and what its tools' arguments mean.
    fn first_request(&self, open: &Open) -> (ModelRequest, Vec<ToolView>) {
        let page = self.page();
        let mut facts: Vec<String> = open
            .draft
            .findings()
            .iter()
            .map(|finding| prompt::finding_lines(finding, &page))
            .collect();
        facts.extend(open.digests.iter().map(Digest::lines));
        let told: BTreeSet<&str> = open
            .draft
            .findings()
            .iter()
            .flat_map(|finding| finding.evidence.iter().take(4))
            .map(|evidence| evidence.id.as_str())
            .collect();
        let rest = open
            .draft
            .all_evidence()
            .iter()
            .filter(|evidence| !told.contains(evidence.id.as_str()));
        facts.extend(rest.map(|evidence| prompt::evidence_line(evidence, &page)));
        facts.extend(open.missing.iter().map(|missing| format!("Not known: {missing}")));
        let earlier: Vec<String> = self
            .history
            .evidence
            .iter()
            .map(|evidence| prompt::earlier_evidence(evidence, &page))
            .collect();
        let (tools, views) = understand::fitting(&self.text, &self.kit.intents)
            .into_iter()
            .filter_map(|fitting| {
                let tool = self.kit.tools.get(fitting.tool)?;
                // What changes something is offered only where the person's own words order it.
                let offered =
                    tool.spec().effect == Effect::Read || (fitting.ordered && tool.change().is_some());
                offered.then(|| prompt::model_tool(tool.spec()))
            })
            .take(prompt::MOST_TOOLS)
            .unzip();
        let request = prompt::build(Parts {
            instructions: self.kit.persona.instructions(),
            person: self.voice.name.as_deref(),
            now: self.now,
            zone: &self.kit.zone,
            history: &self.history.exchanges,
            earlier: &earlier,
            question: &self.text,
            facts,
            tools,
        });
        (request, views)
    }

    /// The request instead of an answer, for those who want to see what a model is told.
    fn show_prompt(&mut self, open: &Open) {
        let (request, _) = self.first_request(open);
        self.events.clear();
        let mut draft = self.draft();
        draft.say(
            format!(
                "This is what a model would be told, about {} tokens with {} tools:",
                prompt::tokens_of(&request),
                request.tools.len()
            ),
            &mut self.events,
        );
        for message in &request.messages {
            let name = format!("{:?}", message.role).to_lowercase();
            draft.insist(Block::Heading { text: name }, &mut self.events);
            let text = Quoted::passage(&message.content, 16_000);
            let language = String::new();
            draft.insist(Block::Code { language, text }, &mut self.events);
        }
        if !request.tools.is_empty() {
            draft.insist(
                Block::Heading {
                    text: "tools".to_owned(),
                },
                &mut self.events,
            );
            let tools: Vec<String> = request
                .tools
                .iter()
                .map(|tool| format!("{}: {}\n  {}", tool.name, tool.description, tool.schema))
                .collect();
            let text = Quoted::passage(tools.join("\n"), 16_000);
            let language = String::new();
            draft.insist(Block::Code { language, text }, &mut self.events);
        }
        draft.usage.prompt_tokens = prompt::tokens_of(&request);
        self.settle(
            draft,
            Vec::new(),
            Vec::new(),
            crate::memory::Outcome::Answered,
            None,
        );
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
            return Step::Think(Box::new(reasoning.request.clone()));
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

    /// Passes on the sentences that what was found supports; the others are struck.
    fn judge(&mut self, units: Vec<String>) {
        let Some(reasoning) = &mut self.reasoning else {
            return;
        };
        let names: Vec<&str> = reasoning.views.iter().map(|view| view.name).collect();
        let mut units = units.into_iter();
        while let Some(unit) = units.next() {
            if spoken::begins(&unit, &names) {
                let mut held = unit;
                held.extend(units.by_ref());
                held.extend(std::mem::take(&mut reasoning.reply.sentences).finish());
                reasoning.reply.held = Some(held);
                return;
            }
            let text = Quoted::passage(unit.trim(), 2_000).as_str().to_owned();
            if text.is_empty() {
                reasoning.breaks |= unit.contains('\n');
                continue;
            }
            let spoken: usize = reasoning.paragraphs.iter().map(String::len).sum();
            if spoken > MOST_WORDS {
                return;
            }
            match reasoning.ledger.check(&text) {
                Ruling::Supported => {
                    let text = text.clone().redacted();
                    let begins =
                        reasoning.breaks || unit.starts_with('\n') || reasoning.paragraphs.is_empty();
                    match reasoning.paragraphs.last_mut() {
                        Some(paragraph) if !begins => {
                            paragraph.push(' ');
                            paragraph.push_str(&text);
                        }
                        _ => reasoning.paragraphs.push(text.clone()),
                    }
                    self.events.push_back(Event::Words { text, begins });
                }
                Ruling::Unsupported { what } => {
                    self.events.push_back(Event::Struck {
                        sentence: text.clone().redacted(),
                        reason: what.join("; "),
                    });
                }
            }
            reasoning.breaks = unit.ends_with('\n');
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

    /// Plans the calls that the model asked for; those that may not be made are answered with a sentence.
    fn make_model_calls(&mut self) {
        let Some(mut reasoning) = self.reasoning.take() else {
            return;
        };
        let calls = std::mem::take(&mut reasoning.reply.calls);
        let mut said = Message::new(Role::Assistant, std::mem::take(&mut reasoning.reply.words));
        said.calls.clone_from(&calls);
        reasoning.request.messages.push(said);
        let mut started = 0;
        for (at, call) in calls.into_iter().enumerate() {
            let refusal = if at >= self.kit.limits.calls {
                Some(format!(
                    "Only {} calls are made at a time; this one was not.",
                    self.kit.limits.calls
                ))
            } else {
                match self.permitted(&mut reasoning, &call) {
                    Ok(args) => {
                        let number = reasoning.open.calls_made + started + 1;
                        started += 1;
                        let tool = self.kit.tools.get(&call.name);
                        self.calls.push(Planned {
                            call: Call {
                                number,
                                tool: call.name.clone(),
                                about: about(None, &args).redacted(),
                                args,
                            },
                            request: 0,
                            // Nothing that a model asks for outlives the turn's deadline.
                            keeps_own_time: false,
                            reasons: if tool.is_some_and(|tool| tool.spec().effect != Effect::Read) {
                                vec![
                                    "A model understood the request so; check that it is what was meant."
                                        .to_owned(),
                                ]
                            } else {
                                Vec::new()
                            },
                            state: State::Waiting,
                        });
                        reasoning.asked.push((number, call));
                        continue;
                    }
                    Err(refusal) => Some(refusal),
                }
            };
            let mut message = Message::new(Role::Tool, refusal.unwrap_or_default());
            message.answers = Some(call);
            reasoning.refusals.push(message);
        }
        reasoning.open.calls_made += started;
        let nothing = self.calls.is_empty();
        self.reasoning = Some(reasoning);
        if nothing {
            self.tell_the_model();
        } else {
            self.announce();
        }
    }

    /// The arguments of a call that the model may make; else what to tell it.
    fn permitted(&self, reasoning: &mut Reasoning, call: &ModelCall) -> Result<Value, String> {
        let Some(view) = reasoning.views.iter().find(|view| view.name == call.name) else {
            let names: Vec<&str> = reasoning.views.iter().map(|view| view.name).collect();
            return Err(format!(
                "There is no tool called {}; there are {}.",
                call.name,
                names.join(", ")
            ));
        };
        let args = prompt::resolve_targets(view, &call.arguments, self.index.as_deref());
        let args = args.inspect_err(|_| {
            reasoning.complain(&call.name);
        })?;
        let key = format!("{} {args}", call.name);
        if !reasoning.made.insert(key) {
            reasoning.complain(&call.name);
            return Err("You have that answer already; it is above.".to_owned());
        }
        let effect = self.kit.tools.get(&call.name).map(|tool| tool.spec().effect);
        if effect != Some(Effect::Read) && !self.named_by_the_person(&args) {
            return Err(
                "A change is only worked out for an object that the person has named or is talking about."
                    .to_owned(),
            );
        }
        Ok(args)
    }

    /// Whether every object of a call stands in the person's own words or is what the conversation is about.
    fn named_by_the_person(&self, args: &Value) -> bool {
        let text = self.text.to_lowercase();
        let objects: Vec<crate::ObjectRef> = args
            .as_object()
            .into_iter()
            .flat_map(|args| args.values())
            .flat_map(|value| match value {
                Value::Array(items) => items.clone(),
                other => vec![other.clone()],
            })
            .filter_map(|value| serde_json::from_value(value).ok())
            .collect();
        let in_focus = |object: &crate::ObjectRef| {
            let focus = &self.history.focus;
            focus.objects.iter().any(|known| known.is_same(object))
        };
        !objects.is_empty()
            && objects
                .iter()
                .all(|object| text.contains(&object.name.to_lowercase()) || in_focus(object))
    }

    /// The calls that the model asked for are back: it is told, unless they proposed a change.
    pub(super) fn tell_the_model(&mut self) {
        let Some(mut reasoning) = self.reasoning.take() else {
            return;
        };
        let page = self.page();
        let calls = std::mem::take(&mut self.calls);
        let (plans, calls): (Vec<_>, Vec<_>) = calls
            .into_iter()
            .partition(|planned| matches!(planned.state, State::Planned(_)));
        if !plans.is_empty() {
            // What changes something goes to the person, not back to the model.
            self.calls = plans;
            self.phase = Phase::Proposing;
            self.words_into(&mut reasoning);
            self.reopened = Some(Box::new(reasoning.open));
            return;
        }
        let mut results = std::mem::take(&mut reasoning.refusals);
        for planned in calls {
            let Some(place) = reasoning
                .asked
                .iter()
                .position(|(number, _)| *number == planned.call.number)
            else {
                continue;
            };
            let (_, call) = reasoning.asked.remove(place);
            let content = match planned.state {
                State::Came(output) => {
                    reasoning.ledger.output(&output);
                    let asked = format!(
                        "{} of {}",
                        planned.call.tool.replace('_', " "),
                        planned.call.about
                    );
                    let digest = Digest::new(asked, &output, &page);
                    reasoning.ledger.text(&digest.lines());
                    let mut lines = vec![digest.lines()];
                    for finding in output.findings {
                        let known = reasoning.open.draft.findings().iter().any(|known| {
                            !known.fingerprint.0.is_empty() && known.fingerprint == finding.fingerprint
                        });
                        if !known {
                            let at = reasoning.open.draft.findings().len();
                            reasoning.open.draft.finding(finding, &mut self.events);
                            if let Some(finding) = reasoning.open.draft.findings().get(at) {
                                reasoning.ledger.finding(finding);
                                lines.push(prompt::finding_lines(finding, &page));
                            }
                        }
                    }
                    for evidence in &output.evidence {
                        let evidence = reasoning.open.draft.numbered(evidence);
                        reasoning.ledger.evidence(&evidence);
                        lines.push(prompt::evidence_line(&evidence, &page));
                    }
                    lines.join("\n")
                }
                State::Failed(error) => {
                    if error.kind() == ErrorKind::InvalidInput {
                        reasoning.complain(&planned.call.tool);
                    }
                    match error.hint() {
                        Some(hint) => format!("Error: {} ({hint})", error.message()),
                        None => format!("Error: {}", error.message()),
                    }
                }
                _ => "Error: nothing came back in time.".to_owned(),
            };
            let mut message = Message::new(Role::Tool, content);
            message.answers = Some(call);
            results.push(message);
        }
        if results.is_empty() {
            results.push(Message::new(
                Role::User,
                "That tool call could not be read. Answer in plain sentences from the facts.",
            ));
            reasoning.request.tools.clear();
        }
        // A tool that was asked for in vain twice is taken away.
        let complained = &reasoning.complained;
        let in_vain = |name: &str| complained.get(name).is_some_and(|times| *times > 1);
        reasoning.request.tools.retain(|tool| !in_vain(&tool.name));
        reasoning.request.messages.extend(results);
        if reasoning.steps + 1 >= self.kit.limits.model_steps {
            reasoning.request.tools.clear();
        }
        prompt::compact(&mut reasoning.request);
        reasoning.breaks = true;
        reasoning.unsent = true;
        self.reasoning = Some(reasoning);
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

    fn words_into(&self, reasoning: &mut Reasoning) {
        for paragraph in std::mem::take(&mut reasoning.paragraphs) {
            reasoning.open.draft.keep(Block::para(paragraph));
            if let Some(model) = &self.kit.model {
                reasoning.open.draft.engine.clone_from(model);
            }
        }
        reasoning.open.draft.usage = reasoning.usage;
    }
}

impl Reasoning {
    fn complain(&mut self, tool: &str) {
        *self.complained.entry(tool.to_owned()).or_default() += 1;
    }
}
