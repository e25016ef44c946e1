//! Model backends against a real server on loopback, with everything that can go wrong there.

mod backends;
mod faults;
mod guards;
mod windows;

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use jamie_core::{
    Error, Result,
    llm::{
        Delta, DeltaStream, EndReason, LlmBackend, Message, ModelCall, ModelRequest, ModelTool, Ollama,
        OpenAi, Role, Waits,
    },
};
use jamie_sim::model::{Behaviour, Fault, Faults, ModelServer, ModelSetup};
use serde_json::json;

/// The protocols; every test of a fault runs over both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Ollama,
    OpenAi,
}

const BOTH: [Protocol; 2] = [Protocol::Ollama, Protocol::OpenAi];

/// Short enough for a test, long enough for a busy machine.
const WAITS: Waits = Waits {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(5),
    idle: Duration::from_secs(20),
};

impl Protocol {
    fn backend(self, url: &str, model: &str, waits: Waits) -> Arc<dyn LlmBackend> {
        match self {
            Self::Ollama => Arc::new(Ollama::with(url, model, 16_384, None, waits).unwrap()),
            Self::OpenAi => Arc::new(OpenAi::new(url, model, Some(16_384), None, waits).unwrap()),
        }
    }
}

/// A server and a backend on it.
struct Rig {
    server: ModelServer,
    backend: Arc<dyn LlmBackend>,
}

impl Rig {
    async fn start(protocol: Protocol, behaviour: Behaviour, faults: Faults) -> Self {
        let server = ModelServer::start(behaviour, faults).await.unwrap();
        let backend = protocol.backend(&server.url(), ModelServer::MODEL, WAITS);
        Self { server, backend }
    }

    async fn start_with(protocol: Protocol, behaviour: Behaviour, setup: ModelSetup) -> Self {
        let server = ModelServer::start_with(behaviour, Faults::none(), setup)
            .await
            .unwrap();
        let backend = protocol.backend(&server.url(), ModelServer::MODEL, WAITS);
        Self { server, backend }
    }

    async fn ask(&self) -> Reply {
        Reply::read(self.backend.chat(question()).await).await
    }
}

/// A reply, read to its end.
#[derive(Debug, Default)]
struct Reply {
    text: String,
    thinking: String,
    calls: Vec<ModelCall>,
    end: Option<(EndReason, u32, u32)>,
    error: Option<Error>,
}

impl Reply {
    async fn read(stream: Result<DeltaStream>) -> Self {
        let mut reply = Self::default();
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                reply.error = Some(error);
                return reply;
            }
        };
        while let Some(delta) = stream.next().await {
            assert!(
                reply.error.is_none() && reply.end.is_none(),
                "{delta:?} after the end"
            );
            match delta {
                Ok(Delta::Text(text)) => reply.text.push_str(&text),
                Ok(Delta::Thinking(text)) => reply.thinking.push_str(&text),
                Ok(Delta::Call(call)) => reply.calls.push(call),
                Ok(Delta::End { reason, usage }) => {
                    reply.end = Some((reason, usage.prompt_tokens, usage.completion_tokens));
                }
                Ok(other) => panic!("{other:?}"),
                Err(error) => reply.error = Some(error),
            }
        }
        reply
    }

    fn reason(&self) -> EndReason {
        self.end.unwrap_or_else(|| panic!("no end: {self:?}")).0
    }

    fn error(&self) -> &Error {
        self.error
            .as_ref()
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }
}

fn question() -> ModelRequest {
    ModelRequest {
        messages: vec![
            Message::new(Role::System, "You are Jamie."),
            Message::new(Role::User, "Why is api down?"),
        ],
        tools: vec![ModelTool {
            name: "logs".into(),
            description: "Reads a log.".into(),
            schema: json!({"type": "object", "properties": {"target": {"type": "string"}}}),
        }],
        ..ModelRequest::default()
    }
}

/// Always this fault, on a model that says the same.
async fn faulty(protocol: Protocol, text: &str, fault: Fault) -> Rig {
    let script = jamie_sim::model::Script::text(text);
    Rig::start(protocol, Behaviour::Script(script), Faults::of(fault)).await
}
