//! The only part of a turn that waits: does what the state machine asks for, and sends its events.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    sync::mpsc,
    time::{Instant, error::Elapsed, timeout, timeout_at},
};

use super::{
    Input, Kit, Oblivion, Step, Turn,
    again::{self, Again},
    calls::Calls,
    thought::Thought,
    throttle,
};
use crate::{
    Cache, Clock, Directory, Error, ErrorKind, Event, LlmBackend, MemoryStore, Names, Request, Result,
    action::{self, Desk},
    cache::answer_of,
    llm::Delta,
    memory::{self, Memory, Recall},
    understand::NameIndex,
};

/// What a driver works with.
#[derive(Debug)]
pub(crate) struct Backends {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) memory: Arc<dyn MemoryStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) model: Option<Arc<dyn LlmBackend>>,
    /// Where changes are parked and decided on.
    pub(crate) desk: Arc<Desk>,
    pub(crate) indexes: Indexes,
    /// What counts questions, and keeps answers for a moment.
    pub(crate) cache: Option<Arc<dyn Cache>>,
}

/// Name indexes of the last few directory snapshots, so that each is built once.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    built: Mutex<VecDeque<Arc<NameIndex>>>,
}

impl Indexes {
    const KEPT: usize = 4;

    fn of(&self, names: Arc<Names>) -> Arc<NameIndex> {
        let known = |index: &&Arc<NameIndex>| Arc::ptr_eq(index.names(), &names);
        let lock = || self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = lock().iter().find(known) {
            return Arc::clone(index);
        }
        let index = Arc::new(NameIndex::new(names));
        let mut built = lock();
        built.push_back(Arc::clone(&index));
        if built.len() > Self::KEPT {
            built.pop_front();
        }
        index
    }
}

/// Drives one turn to its end, or until nobody listens any more.
pub(crate) async fn drive(
    kit: Arc<Kit>,
    backends: Arc<Backends>,
    request: Request,
    events: mpsc::Sender<Event>,
) {
    let mut turn = Turn::new(Arc::clone(&kit), request.clone(), backends.clock.now());
    if let Some(cache) = &backends.cache
        && let Some(again) = throttle::wait(cache.as_ref(), kit.limits(), &request.person).await
    {
        turn.turn_away(again);
    }
    let begun = backends.clock.now();
    let mut again = Again::new(backends.cache.as_ref(), kit.limits(), &request);
    let mut deadline = Instant::now() + kit.limits().deadline;
    let mut thought: Option<Thought> = None;
    // When the model's words, its tools included, must have come.
    let mut words_end = None;
    let mut calls = Calls::new(
        kit.tools().clone(),
        kit.zone.clone(),
        Arc::clone(&backends.clock),
        &request,
    );
    let mut input = Input::Continue;
    loop {
        input = match turn.next(input, backends.clock.now()) {
            Step::Emit(event) => {
                if let Some(again) = &mut again {
                    again.says(&event).await;
                }
                if events.send(event).await.is_err() {
                    return;
                }
                Input::Continue
            }
            Step::Recall(recalls) => {
                let recalled = recall(&backends, &recalls);
                let recalled = within(timeout(kit.limits().memory, recalled), "the memory").await;
                if let (Some(again), Ok(recalled)) = (&mut again, &recalled) {
                    let elapsed = again::since(begun, backends.clock.now());
                    if let Some(said) = again.heard(&recalls, recalled, elapsed).await {
                        return say(said, &events).await;
                    }
                }
                Input::Recalled(recalled)
            }
            Step::LookUp(scope) => {
                let names = backends.directory.names(&request.person, &scope);
                let names = within(timeout_at(deadline, names), "the cluster").await;
                Input::Names(names.map(|names| backends.indexes.of(names)))
            }
            Step::Start(call) => {
                calls.start(call, turn.person_name());
                Input::Continue
            }
            Step::Wait => match thought.as_mut() {
                Some(thinking) => {
                    let said = thinking.next().await;
                    if !matches!(said, Ok(Delta::Text(_) | Delta::Thinking(_) | Delta::Call(_))) {
                        thought = None;
                        // What the model asked for has a deadline of its own.
                        deadline = Instant::now() + kit.limits().deadline;
                    }
                    Input::Said(said)
                }
                None => calls.wait(deadline).await,
            },
            Step::Think(request) => {
                let end = *words_end.get_or_insert_with(|| Instant::now() + kit.limits().all_words);
                thought = backends
                    .model
                    .clone()
                    .map(|model| Thought::new(model, *request, kit.limits(), end));
                match thought {
                    Some(_) => Input::Continue,
                    None => Input::Said(Err(Error::new(ErrorKind::Unavailable, "there is no model"))),
                }
            }
            Step::Propose { call, tool, plan } => {
                if let Some(again) = &mut again {
                    again.does_more();
                }
                let mut person = request.person.clone();
                person.name = turn.person_name().map(str::to_owned).or(person.name);
                let proposed = action::propose(&backends.desk, &tool, *plan, &person, &request.conversation);
                let limit = timeout(kit.limits().memory, proposed);
                Input::Proposed {
                    call,
                    result: within(limit, "the store of actions").await,
                }
            }
            Step::Forget(what) => {
                if let Some(again) = &mut again {
                    again.does_more();
                }
                // All about somebody is erased out of files as well, which takes as long as it takes.
                let limit = match what {
                    Oblivion::Records(_) => kit.limits().memory,
                    Oblivion::Person => kit.limits().erasing,
                };
                let gone = forget(&backends, &request.person.id, what);
                Input::Forgotten(within(timeout(limit, gone), "the memory").await)
            }
            Step::Remember(records) => {
                if let Some(again) = &mut again {
                    again.noted(&records);
                }
                let kept = backends.memory.remember(records);
                Input::Remembered(within(timeout(kit.limits().memory, kept), "the memory").await)
            }
            Step::End => return,
        };
    }
}

/// Says what is there already.
async fn say(said: Vec<Event>, events: &mpsc::Sender<Event>) {
    for event in said {
        if events.send(event).await.is_err() {
            return;
        }
    }
}

async fn forget(backends: &Backends, person: &str, what: Oblivion) -> Result<()> {
    match what {
        Oblivion::Records(all) => {
            for forget in all {
                backends.memory.forget(&forget).await?;
            }
        }
        Oblivion::Person => {
            memory::erase(backends.memory.as_ref(), person).await?;
            if let Some(cache) = &backends.cache {
                cache.remove(&answer_of(person)).await?;
            }
        }
    }
    Ok(())
}

async fn recall(backends: &Backends, recalls: &[Recall]) -> Result<Vec<Vec<Memory>>> {
    futures::future::try_join_all(recalls.iter().map(|recall| backends.memory.recall(recall))).await
}

/// The result of something that may take too long.
async fn within<T>(limited: impl Future<Output = Result<Result<T>, Elapsed>>, who: &str) -> Result<T> {
    limited.await.unwrap_or_else(|_| {
        Err(
            Error::new(ErrorKind::Timeout, format!("{who} did not answer in time"))
                .with_hint("it may be overloaded or out of reach; try again in a moment"),
        )
    })
}
