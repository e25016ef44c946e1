//! What was understood in, calls out; and the book-keeping of calls that run.

use super::{Call, Phase, Step, Turn};
use crate::{
    Effect, Error, ErrorKind, Event, ObjectRef, Question, Result, ToolOutput,
    memory::{About, Content, Fact, Gap, GapReason, Record},
    redact::Redacted,
    understand::{Doubt, Social},
};

/// A call, which request it belongs to, and how it stands.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) call: Call,
    /// The request's place in the message.
    pub(super) request: usize,
    /// Whether the deadline leaves it alone.
    pub(super) keeps_own_time: bool,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    Waiting,
    Running,
    Came(Box<ToolOutput>),
    Failed(Error),
    /// The deadline passed first.
    Late,
}

impl Turn {
    /// Picks the calls to make: reads only, each once, no more than the limit.
    pub(super) fn plan(&mut self) {
        let mut left_out = 0;
        for (request, understanding) in self.understood.requests.iter().enumerate() {
            for planned in &understanding.calls {
                let Some(tool) = self.kit.tools.get(&planned.tool) else {
                    continue;
                };
                if tool.spec().effect != Effect::Read {
                    let note =
                        "That would change the cluster, and I only look; nothing was changed.".to_owned();
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
                        about: about(&understanding.question, &planned.args).redacted(),
                    },
                    request,
                    keeps_own_time: tool.keeps_own_time(&planned.args),
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

    /// Tells that the calls were started: before the first of them runs.
    pub(super) fn announce(&mut self) {
        for planned in &self.calls {
            self.events.push_back(Event::ToolStarted {
                call: planned.call.number,
                tool: planned.call.tool.clone(),
                about: planned.call.about.clone(),
            });
        }
        self.phase = Phase::Gathering;
    }

    /// A call came back.
    pub(super) fn finish(&mut self, number: u32, result: Result<ToolOutput>, elapsed_ms: u64) {
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
            Ok(output) => State::Came(Box::new(output)),
            Err(error) => State::Failed(error),
        };
        self.answer_when_complete();
    }

    /// Time is up: what has not come back by now is left out of the answer.
    pub(super) fn run_out(&mut self) {
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
        self.answer_when_complete();
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

    fn answer_when_complete(&mut self) {
        let open = |planned: &Planned| matches!(planned.state, State::Waiting | State::Running);
        if self.calls.iter().any(open) {
            return;
        }
        let calls = std::mem::take(&mut self.calls);
        if calls
            .iter()
            .any(|planned| matches!(planned.state, State::Came(_)))
        {
            self.compose(calls);
        } else {
            let deadline = self.kit.limits.deadline;
            self.fail(all_failed(calls, deadline));
        }
    }

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
            Social::Nickname { word, means } => Fact {
                about: About::Alias(presentable(word)),
                value: presentable(means),
            },
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
fn presentable(name: &str) -> String {
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

/// What a call is about, in a few words: its targets, else the kind and the namespace.
fn about(question: &Question, args: &serde_json::Value) -> String {
    let mut named: Vec<String> = args
        .as_object()
        .into_iter()
        .flat_map(|args| args.values())
        .filter_map(|value| serde_json::from_value::<ObjectRef>(value.clone()).ok())
        .map(|object| object.path())
        .collect();
    if named.is_empty() {
        named = question
            .targets
            .iter()
            .map(|target| target.object.path())
            .collect();
    }
    if !named.is_empty() {
        return named.join(", ");
    }
    match (&question.kind, &question.namespace) {
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
