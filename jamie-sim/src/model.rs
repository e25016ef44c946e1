//! A model server on loopback: prompts come in over Ollama's protocol or OpenAI's, replies by a [`Behaviour`] go out,
//! with the [`Fault`]s that were asked for.

mod behaviour;
mod embed;
mod faults;
mod narrator;
mod obedient;
mod ollama;
mod openai;
mod prompt;
mod received;
mod reply;
mod secrets;
mod stream;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use behaviour::{Behaviour, Script};
pub use faults::{Fault, Faults};
pub use prompt::{Offered, Prompt, Said};
pub use received::Received;
pub use reply::{Call, End, Reply};

/// What a server has and demands.
#[derive(Clone, Debug)]
pub struct ModelSetup {
    /// The models' names; the first is the one changed last.
    pub models: Vec<String>,
    /// Whether they can ask for tools.
    pub tools: bool,
    /// The context window that they were made for.
    pub trained_window: u32,
    /// The most that the server gives, whatever is asked for.
    pub given_window: Option<u32>,
    /// A key without which nothing is answered.
    pub key: Option<String>,
    /// Whether calls get ids; servers of older versions give none.
    pub ids: bool,
    /// The port on loopback; 0 for any free one.
    pub port: u16,
}

impl Default for ModelSetup {
    fn default() -> Self {
        Self {
            models: vec![ModelServer::MODEL.to_owned()],
            tools: true,
            trained_window: 40_960,
            given_window: None,
            key: None,
            ids: true,
            port: 0,
        }
    }
}

/// A running model server.
#[derive(Debug)]
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// What every connection shares.
#[derive(Debug)]
pub(crate) struct Shared {
    setup: ModelSetup,
    behaviour: Behaviour,
    faults: Mutex<Faults>,
    received: Mutex<Vec<Received>>,
    /// Models in memory and their windows.
    loaded: Mutex<BTreeMap<String, u32>>,
    /// Replies so far, in order; a script's place, and the numbers of calls.
    given: Mutex<Vec<Reply>>,
    replies: AtomicUsize,
    calls: AtomicUsize,
    /// Replies that the client did not wait for.
    cancelled: watch::Sender<usize>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// What the model says to a prompt.
    fn reply(&self, prompt: &Prompt) -> Reply {
        let number = self.replies.fetch_add(1, Ordering::SeqCst);
        let reply = self.behaviour.reply(prompt, number);
        lock(&self.given).push(reply.clone());
        reply
    }

    /// A new call's id.
    fn call_id(&self) -> String {
        format!("call_{}", self.calls.fetch_add(1, Ordering::SeqCst))
    }

    fn has(&self, model: &str) -> bool {
        let tagged = format!("{model}:latest");
        self.setup
            .models
            .iter()
            .any(|name| name == model || *name == tagged)
    }
}

impl ModelServer {
    /// The model that a server has unless it is set up otherwise.
    pub const MODEL: &str = "sim:8b";

    /// Starts a server with one model.
    pub async fn start(behaviour: Behaviour, faults: Faults) -> io::Result<Self> {
        Self::start_with(behaviour, faults, ModelSetup::default()).await
    }

    /// Starts a server with models, windows and a key of your own.
    pub async fn start_with(behaviour: Behaviour, faults: Faults, setup: ModelSetup) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, setup.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            setup,
            behaviour,
            faults: Mutex::new(faults),
            received: Mutex::default(),
            loaded: Mutex::default(),
            given: Mutex::default(),
            replies: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            cancelled: watch::Sender::new(0),
        });
        let stop = CancellationToken::new();
        let routes = Router::new()
            .route("/api/version", get(ollama::version))
            .route("/api/tags", get(ollama::tags))
            .route("/api/ps", get(ollama::running))
            .route("/api/show", post(ollama::show))
            .route("/api/chat", post(ollama::chat))
            .route("/api/embed", post(ollama::embed))
            .route("/v1/models", get(openai::models))
            .route("/v1/chat/completions", post(openai::chat))
            .layer(axum::middleware::from_fn_with_state(
                Arc::clone(&shared),
                received::record,
            ))
            .with_state(Arc::clone(&shared));
        let stopped = stop.clone();
        // A piece of a reply goes out at once, as real servers have it: not with the next acknowledgement.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = tokio::spawn(async move {
            tokio::select! {
                // A stalled reply would hold a graceful end for ever.
                () = stopped.cancelled() => {}
                served = axum::serve(listener, routes).into_future() => {
                    if let Err(error) = served {
                        tracing::warn!(%error, "the model server ended");
                    }
                }
            }
        });
        Ok(Self {
            address,
            shared,
            stop,
            serving,
        })
    }

    /// Its address, `http://127.0.0.1:PORT`; OpenAI's protocol is under `/v1` of it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was asked so far, in order.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.shared.received).clone()
    }

    /// The prompts among them: what a model got to read.
    pub fn prompts(&self) -> Vec<Prompt> {
        let received = lock(&self.shared.received);
        received.iter().filter_map(Received::prompt).collect()
    }

    /// What the model meant to say to them, in order: faults may have kept it from getting through.
    pub fn replies(&self) -> Vec<Reply> {
        lock(&self.shared.given).clone()
    }

    /// Has other things go wrong from the next request on.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.shared.faults) = faults;
    }

    /// Waits until clients have gone away from `count` replies before their ends.
    pub async fn cancelled(&self, count: usize) {
        let mut cancelled = self.shared.cancelled.subscribe();
        // The sender lives as long as this server.
        let _ = cancelled.wait_for(|seen| *seen >= count).await;
    }

    /// Takes it down; connections are cut.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = self.serving.await;
    }
}
