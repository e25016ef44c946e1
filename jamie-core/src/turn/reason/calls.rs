//! Tools that a model asks for in, their calls or a refusal out; and what the calls found back to the model.

use serde_json::Value;

use super::{Reasoning, Turn};
use crate::{
    Effect, ErrorKind,
    llm::{Message, ModelCall, Role},
    prompt::{self, Digest},
    redact::Redacted,
    turn::{
        Call, Phase,
        plan::{Planned, State, about},
    },
};

impl Turn {
    /// Plans the calls that the model asked for; those that may not be made are answered with a sentence.
    pub(super) fn make_model_calls(&mut self) {
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
        if effect != Some(Effect::Read) {
            self.ordered(&args)?;
        }
        Ok(args)
    }

    /// The calls that the model asked for are back: it is told, unless they proposed a change.
    pub(in crate::turn) fn tell_the_model(&mut self) {
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
                    reasoning.ledger.quotations(&digest.lines());
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
}

impl Reasoning {
    fn complain(&mut self, tool: &str) {
        *self.complained.entry(tool.to_owned()).or_default() += 1;
    }
}
