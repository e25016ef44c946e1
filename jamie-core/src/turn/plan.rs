//! What was understood in, calls out; and the book-keeping of calls that run.

use super::{Call, Came, Phase, Step, Turn};
use crate::{
    Effect, Error, ErrorKind, Event, ObjectRef, Plan, Question, Result, ToolOutput, action::Proposed,
    redact::Redacted, understand::Held,
};

/// A call, which request it belongs to, and how it stands.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) call: Call,
    /// The request's place in the message.
    pub(super) request: usize,
    /// Whether the deadline leaves it alone.
    pub(super) keeps_own_time: bool,
    /// Why it is made, where a finding suggested it.
    pub(super) reasons: Vec<String>,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Waiting,
    Running,
    Came(Box<ToolOutput>),
    /// What a change would do; to be put before the policy.
    Planned(Box<Plan>),
    /// What the policy said.
    Proposed(Box<Proposed>),
    Failed(Error),
    /// The deadline passed first.
    Late,
}

impl Turn {
    /// Picks the calls to make, each once, no more than the limit. What changes something is only worked out by its
    /// call: it runs when somebody has approved it.
    pub(super) fn plan(&mut self) {
        let mut left_out = 0;
        if let Some(held) = self.understood.held {
            self.notes.push(left_alone(held).to_owned());
        }
        for (request, understanding) in self.understood.requests.iter().enumerate() {
            for planned in &understanding.calls {
                let Some(tool) = self.kit.tools.get(&planned.tool) else {
                    continue;
                };
                if tool.spec().effect != Effect::Read && tool.change().is_none() {
                    let note = format!(
                        "{} cannot say what it would change, so it is left alone.",
                        planned.tool
                    );
                    if !self.notes.contains(&note) {
                        self.notes.push(note);
                    }
                    continue;
                }
                let twin =
                    |other: &&Planned| other.call.tool == planned.tool && other.call.args == planned.args;
                if self.calls.iter().any(|other| twin(&other)) {
                    continue;
                }
                if self.calls.len() >= self.kit.limits.calls {
                    left_out += 1;
                    continue;
                }
                self.calls.push(Planned {
                    call: Call {
                        number: self.calls.len() as u32 + 1,
                        tool: planned.tool.clone(),
                        args: planned.args.clone(),
                        about: about(Some(&understanding.question), &planned.args).redacted(),
                    },
                    request,
                    keeps_own_time: tool.keeps_own_time(&planned.args),
                    reasons: Vec::new(),
                    state: State::Waiting,
                });
            }
        }
        if left_out > 0 {
            self.notes.push(format!(
                "I look into {} at a time; {left_out} more {} left out. Ask me again for {}.",
                match self.kit.limits.calls {
                    1 => "one thing".to_owned(),
                    several => format!("{several} things"),
                },
                if left_out == 1 { "was" } else { "were" },
                if left_out == 1 { "it" } else { "those" },
            ));
        }
    }

    /// Starts the next call, or waits for those that run.
    pub(super) fn start_or_wait(&mut self) -> Step {
        let Some(planned) = self
            .calls
            .iter_mut()
            .find(|planned| matches!(planned.state, State::Waiting))
        else {
            return Step::Wait;
        };
        planned.state = State::Running;
        Step::Start(planned.call.clone())
    }

    /// Tells which calls are about to be started.
    pub(super) fn announce(&mut self) {
        for planned in self
            .calls
            .iter()
            .filter(|planned| matches!(planned.state, State::Waiting))
        {
            self.events.push_back(Event::ToolStarted {
                call: planned.call.number,
                tool: planned.call.tool.clone(),
                about: planned.call.about.clone(),
            });
        }
        if self.phase != Phase::Reasoning {
            self.phase = Phase::Gathering;
        }
    }

    /// A call came back.
    pub(super) fn finish(&mut self, number: u32, result: Result<Came>, elapsed_ms: u64) {
        let Some(planned) = self
            .calls
            .iter_mut()
            .find(|planned| planned.call.number == number && matches!(planned.state, State::Running))
        else {
            return;
        };
        self.events.push_back(Event::ToolFinished {
            call: number,
            tool: planned.call.tool.clone(),
            ok: result.is_ok(),
            elapsed_ms,
        });
        planned.state = match result {
            Ok(Came::Output(output)) => State::Came(output),
            Ok(Came::Plan(mut plan)) => {
                plan.reasons.append(&mut planned.reasons);
                State::Planned(plan)
            }
            Err(error) => State::Failed(error),
        };
        self.go_on_when_complete();
    }

    /// Time is up: what has not come back by now is left out of the answer.
    pub(super) fn run_out(&mut self) {
        if self.calls.is_empty() {
            return;
        }
        let elapsed_ms = self.elapsed_ms();
        for planned in &mut self.calls {
            if matches!(planned.state, State::Waiting | State::Running) && !planned.keeps_own_time {
                planned.state = State::Late;
                self.events.push_back(Event::ToolFinished {
                    call: planned.call.number,
                    tool: planned.call.tool.clone(),
                    ok: false,
                    elapsed_ms,
                });
            }
        }
        self.go_on_when_complete();
    }

    /// What a running call reports goes straight on, except for what only the turn may say.
    pub(super) fn pass_on(&mut self, event: Event) {
        let event = match event {
            Event::Text { block } => {
                let block = block.redacted();
                self.streamed.push(block.clone());
                Event::Text { block }
            }
            Event::Thinking { line } => Event::Thinking {
                line: line.redacted(),
            },
            _ => return,
        };
        self.events.push_back(event);
    }

    /// With every call back: fixes that were asked for are worked out, changes go before the policy, then the answer
    /// is written; or, where the model asked for the calls, it is told.
    pub(super) fn go_on_when_complete(&mut self) {
        let open = |planned: &Planned| matches!(planned.state, State::Waiting | State::Running);
        if self.calls.iter().any(open) {
            return;
        }
        if self.phase == Phase::Reasoning {
            return self.tell_the_model();
        }
        if self.add_fixes() {
            return self.announce();
        }
        if self.next_proposal().is_some() {
            self.phase = Phase::Proposing;
            return;
        }
        if self.looks_back() {
            return;
        }
        let calls = std::mem::take(&mut self.calls);
        if let Some(open) = self.reopened.take() {
            return self.reopen(*open, calls);
        }
        if calls
            .iter()
            .any(|planned| matches!(planned.state, State::Came(_) | State::Proposed(_)))
        {
            self.compose(calls);
        } else if let Some(question) = self.lacking(&calls) {
            self.ask_for_what_lacks(question);
        } else {
            let deadline = self.kit.limits.deadline;
            self.fail(all_failed(calls, deadline));
        }
    }

    /// The first change that the policy has not seen.
    pub(super) fn next_proposal(&self) -> Option<Step> {
        self.calls.iter().find_map(|planned| match &planned.state {
            State::Planned(plan) => Some(Step::Propose {
                call: planned.call.number,
                tool: planned.call.tool.clone(),
                plan: plan.clone(),
            }),
            _ => None,
        })
    }

    /// The policy has spoken about a change.
    pub(super) fn proposed(&mut self, number: u32, result: Result<Proposed>) {
        let found = self
            .calls
            .iter_mut()
            .find(|planned| planned.call.number == number && matches!(planned.state, State::Planned(_)));
        if let Some(planned) = found {
            planned.state = match result {
                Ok(proposed) => State::Proposed(Box::new(proposed)),
                Err(error) => State::Failed(error),
            };
        }
        if self.next_proposal().is_none() {
            self.phase = Phase::Gathering;
            self.go_on_when_complete();
        }
    }

    /// What a change was not told, where that is all that keeps it from being worked out.
    fn lacking(&self, calls: &[Planned]) -> Option<String> {
        let [only] = calls else {
            return None;
        };
        let tool = self.kit.tools.get(&only.call.tool)?;
        match &only.state {
            State::Failed(error)
                if error.kind() == ErrorKind::InvalidInput && tool.spec().effect != Effect::Read =>
            {
                let message = error.message().trim_end_matches(['.', ':']);
                Some(match error.hint() {
                    Some(hint) => format!("{message}: {hint}"),
                    None => error.message().to_owned(),
                })
            }
            _ => None,
        }
    }
}

/// Why a change that was spoken of is not worked out, in a sentence.
fn left_alone(held: Held) -> &'static str {
    match held {
        Held::Denied => "Hands off it is: nothing was changed and nothing is proposed; I only had a look.",
        Held::Conditional => {
            "I act only on what is asked for now, so nothing is proposed and nothing lies in wait: tell me when it comes to that."
        }
        Held::Later => {
            "Nothing is proposed for now: I keep no orders for later, so say the word when it is time."
        }
    }
}

/// What a call is about, in a few words: its targets, else the kind and the namespace.
pub(super) fn about(question: Option<&Question>, args: &serde_json::Value) -> String {
    let mut named: Vec<String> = args
        .as_object()
        .into_iter()
        .flat_map(|args| args.values())
        .filter_map(|value| serde_json::from_value::<ObjectRef>(value.clone()).ok())
        .map(|object| object.path())
        .collect();
    if named.is_empty() {
        named = question
            .into_iter()
            .flat_map(|question| &question.targets)
            .map(|target| target.object.path())
            .collect();
    }
    if !named.is_empty() {
        return named.join(", ");
    }
    let kind = question.and_then(|question| question.kind.as_ref());
    let namespace = question.and_then(|question| question.namespace.as_ref());
    match (kind, namespace) {
        (Some(kind), Some(namespace)) => format!("{kind}s in {namespace}"),
        (Some(kind), None) => format!("{kind}s"),
        (None, Some(namespace)) => namespace.clone(),
        (None, None) => "the cluster".to_owned(),
    }
}

/// One error for a turn in which no call gave anything: the first one's, the others' in its message.
fn all_failed(calls: Vec<Planned>, deadline: std::time::Duration) -> Error {
    let mut errors = calls.into_iter().map(|planned| match planned.state {
        State::Failed(error) => error,
        _ => Error::new(
            ErrorKind::Timeout,
            format!(
                "nothing came back about {} within {} s",
                planned.call.about,
                deadline.as_secs()
            ),
        )
        .with_hint("ask about one namespace or one app, or try again"),
    });
    let Some(first) = errors.next() else {
        return Error::new(ErrorKind::Internal, "there was nothing to look at");
    };
    let mut others: Vec<String> = errors.map(|error| error.message().to_owned()).collect();
    others.retain(|message| message != first.message());
    others.dedup();
    if others.is_empty() {
        return first;
    }
    let error = Error::new(
        first.kind(),
        format!("{}; {}", first.message(), others.join("; ")),
    );
    match first.hint().map(str::to_owned) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
