//! Jamie assembled: a [`Request`] or a [`Decision`] goes in, a stream of [`Event`]s comes out.

use std::{
    pin::Pin,
    sync::{Arc, atomic::AtomicU32},
    task::{Context, Poll},
    time::Duration,
};

use futures::{Stream, StreamExt};
use jiff::SignedDuration;
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinHandle,
};

use crate::{
    Action, ActionStore, Answer, ApprovalPolicy, Cache, Clock, Decision, Directory, Error, ErrorKind, Event,
    LlmBackend, MemoryStore, Names, Person, Persona, Request, Result, Scope, SystemClock, Tool, Toolbox,
    action::{self, AskAlways, Desk, InMemoryActions},
    directory::FixedNames,
    memory::{InMemory, Teachers},
    persona,
    turn::{Backends, Indexes, Kit, Limits, drive},
};

/// The copilot; cheap to clone.
///
/// ```
/// use jamie_core::{Jamie, Request};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> jamie_core::Result<()> {
/// let jamie = Jamie::builder().build();
/// let answer = jamie.ask(Request::new("what can you do?", "bruno", "readme")).await?;
/// assert!(!answer.text.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Jamie {
    kit: Arc<Kit>,
    backends: Arc<Backends>,
}

impl Jamie {
    /// Begins to put a Jamie together.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Answers a question, step by step; within a tokio runtime.
    ///
    /// The stream ends with exactly one [`Event::Done`] or [`Event::Failed`]. Dropping it stops the turn
    /// and everything the turn has started.
    pub fn chat(&self, request: Request) -> Chat {
        let (sender, events) = mpsc::channel(self.kit.limits().events.max(1));
        let turn = drive(Arc::clone(&self.kit), Arc::clone(&self.backends), request, sender);
        Chat {
            events,
            _turn: Some(StopOnDrop(tokio::spawn(turn))),
            over: false,
        }
    }

    /// Takes a decision about a parked action, step by step; within a tokio runtime.
    ///
    /// An approved action runs once, exactly as it was shown, and is watched. The stream ends with exactly one
    /// [`Event::Done`] or [`Event::Failed`]; dropping it stops nothing: what was decided is done and recorded.
    pub fn decide(&self, decision: Decision) -> Chat {
        let (sender, events) = mpsc::channel(self.kit.limits().events.max(8));
        let desk = Arc::clone(&self.backends.desk);
        tokio::spawn(async move { action::decide(&desk, decision, &sender).await });
        Chat {
            events,
            _turn: None,
            over: false,
        }
    }

    /// Puts right what a crash left over, and gives what it put right: runs that were cut short are looked up in the
    /// estate and never run again, and what waited for a decision too long has expired.
    pub async fn recover(&self) -> Result<Vec<Action>> {
        action::recover(&self.backends.desk).await
    }

    /// The actions that wait, and those that are over, with their audit.
    pub fn actions(&self) -> &Arc<dyn ActionStore> {
        &self.backends.desk.store
    }

    /// Answers a question in one go: the stream, collected.
    pub async fn ask(&self, request: Request) -> Result<Answer> {
        let mut chat = self.chat(request);
        while let Some(event) = chat.next().await {
            match event {
                Event::Done { answer } => return Ok(*answer),
                Event::Failed { error, .. } => return Err(error),
                _ => {}
            }
        }
        Err(ended_early())
    }

    #[cfg(test)]
    pub(crate) fn desk(&self) -> &Desk {
        &self.backends.desk
    }

    /// The tools at hand.
    pub fn tools(&self) -> &Toolbox {
        self.kit.tools()
    }

    /// What is remembered, for a person to see, take along or have erased.
    pub fn memory(&self) -> &Arc<dyn MemoryStore> {
        &self.backends.memory
    }

    /// The names that can be asked about, for a frontend that completes them.
    pub async fn names(&self, person: &Person, scope: &Scope) -> Result<Arc<Names>> {
        self.backends.directory.names(person, scope).await
    }
}

/// Puts a [`Jamie`] together; what is not given has a default that needs nothing.
#[derive(Debug, Default)]
pub struct Builder {
    tools: Toolbox,
    directory: Option<Arc<dyn Directory>>,
    memory: Option<Arc<dyn MemoryStore>>,
    persona: Option<Arc<dyn Persona>>,
    clock: Option<Arc<dyn Clock>>,
    model: Option<Arc<dyn LlmBackend>>,
    actions: Option<Arc<dyn ActionStore>>,
    policy: Option<Arc<dyn ApprovalPolicy>>,
    actions_valid_for: Option<SignedDuration>,
    cache: Option<Arc<dyn Cache>>,
    teachers: Teachers,
    limits: Limits,
}

impl Builder {
    /// The tools; none by default.
    #[must_use]
    pub fn tools(mut self, tools: Toolbox) -> Self {
        self.tools = tools;
        self
    }

    /// One more tool.
    #[must_use]
    pub fn tool(mut self, tool: impl Tool + 'static) -> Self {
        self.tools.add(Arc::new(tool));
        self
    }

    /// What knows the names of things; by default there are none.
    #[must_use]
    pub fn directory(mut self, directory: Arc<dyn Directory>) -> Self {
        self.directory = Some(directory);
        self
    }

    /// What remembers; by default the process, as long as it lives.
    #[must_use]
    pub fn memory(mut self, memory: Arc<dyn MemoryStore>) -> Self {
        self.memory = Some(memory);
        self
    }

    /// The voice; by default [`persona::Jamie`].
    #[must_use]
    pub fn persona(mut self, persona: Arc<dyn Persona>) -> Self {
        self.persona = Some(persona);
        self
    }

    /// What tells the time; by default the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// What explains the facts in words of its own; by default nothing does.
    #[must_use]
    pub fn model(mut self, model: Arc<dyn LlmBackend>) -> Self {
        self.model = Some(model);
        self
    }

    /// Where actions wait; by default the process, as long as it lives.
    #[must_use]
    pub fn actions(mut self, actions: Arc<dyn ActionStore>) -> Self {
        self.actions = Some(actions);
        self
    }

    /// Who may have what changed; by default every change is asked about, and whoever asked decides.
    #[must_use]
    pub fn policy(mut self, policy: Arc<dyn ApprovalPolicy>) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Who may teach what holds for the whole team; by default anybody.
    #[must_use]
    pub fn teachers(mut self, teachers: Teachers) -> Self {
        self.teachers = teachers;
        self
    }

    /// How long an action can be approved; by default a quarter of an hour.
    #[must_use]
    pub fn actions_valid_for(mut self, time: Duration) -> Self {
        self.actions_valid_for = SignedDuration::try_from(time).ok();
        self
    }

    /// What counts questions and changes against their limits, and keeps answers for a moment; shared, it does so for all
    /// replicas. By default there is none, and questions are not counted.
    #[must_use]
    pub fn cache(mut self, cache: Arc<dyn Cache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The bounds of a turn.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Jamie, ready to be asked.
    pub fn build(self) -> Jamie {
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let persona = self
            .persona
            .unwrap_or_else(|| Arc::new(persona::Jamie::default()));
        let memory = self.memory.unwrap_or_else(|| Arc::new(InMemory::default()));
        let desk = Desk {
            memory: Arc::clone(&memory),
            store: self
                .actions
                .unwrap_or_else(|| Arc::new(InMemoryActions::default())),
            policy: self.policy.unwrap_or_else(|| Arc::new(AskAlways)),
            tools: self.tools.clone(),
            persona: Arc::clone(&persona),
            clock: Arc::clone(&clock),
            valid_for: self.actions_valid_for.unwrap_or(Desk::VALID_FOR),
            parked: AtomicU32::default(),
            gate: Mutex::default(),
            cache: self.cache.clone(),
        };
        let kit = Kit::new(self.tools, persona, self.limits, clock.zone()).with_teachers(self.teachers);
        let kit = match &self.model {
            Some(model) => kit.with_model(model.name()),
            None => kit,
        };
        Jamie {
            kit: Arc::new(kit),
            backends: Arc::new(Backends {
                directory: self.directory.unwrap_or_else(|| Arc::new(FixedNames::default())),
                memory,
                clock,
                model: self.model,
                desk: Arc::new(desk),
                indexes: Indexes::default(),
                cache: self.cache,
            }),
        }
    }
}

/// An answer on its way: a stream of [`Event`]s.
#[derive(Debug)]
pub struct Chat {
    events: mpsc::Receiver<Event>,
    /// What ends with the listener; nothing where the work is finished in any case.
    _turn: Option<StopOnDrop>,
    over: bool,
}

/// The task of a turn, which ends with whoever listens to it.
#[derive(Debug)]
struct StopOnDrop(JoinHandle<()>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Stream for Chat {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.over {
            return Poll::Ready(None);
        }
        let event = std::task::ready!(self.events.poll_recv(context)).unwrap_or_else(|| Event::Failed {
            line: None,
            error: ended_early(),
        });
        self.over = matches!(event, Event::Done { .. } | Event::Failed { .. });
        Poll::Ready(Some(event))
    }
}

fn ended_early() -> Error {
    Error::new(ErrorKind::Internal, "the turn ended before its answer")
        .with_hint("this is a fault in Jamie; try again")
}
