//! A language model behind one trait: messages and tool definitions go in, a stream of deltas comes out.
//!
//! A backend is never the source of a fact and never acts: it writes words and asks for tools.

pub mod breaker;
pub mod counted;
pub mod deadline;
#[cfg(feature = "http")]
pub mod decode;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod lines;
#[cfg(feature = "ollama")]
pub mod ollama;
#[cfg(feature = "openai")]
pub mod openai;
pub mod retry;
pub mod scripted;
pub mod traced;

use std::{fmt, pin::Pin};

use async_trait::async_trait;
use futures::Stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Result;

#[cfg(feature = "http")]
pub use self::http::Waits;
#[cfg(feature = "ollama")]
pub use self::ollama::{Ollama, OllamaEmbedder};
#[cfg(feature = "openai")]
pub use self::openai::OpenAi;
pub use self::{
    breaker::{Breaker, BreakerPolicy},
    counted::{Counted, TokenCounter},
    deadline::{Deadline, Deadlines},
    retry::{Retry, RetryPolicy},
    scripted::{Scripted, ScriptedReply},
    traced::Traced,
};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions; only Jamie's own words.
    System,
    /// The person, and the facts that Jamie puts beside their question.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
}

/// One message of a conversation with a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// Tools that the model asks for; only with [`Role::Assistant`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub calls: Vec<ModelCall>,
    /// Which call this is the result of; only with [`Role::Tool`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answers: Option<ModelCall>,
}

impl Message {
    /// Words without calls.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            calls: Vec::new(),
            answers: None,
        }
    }
}

/// A tool that a model asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCall {
    /// The server's id of the call; made up by the backend where the server gives none.
    pub id: String,
    /// The tool's name as the model wrote it.
    pub name: String,
    /// The arguments; a string where what the model wrote is no JSON.
    pub arguments: Value,
}

/// A tool as a model sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelTool {
    /// The tool's name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON schema of its arguments.
    pub schema: Value,
}

/// One request to a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelRequest {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools that it may ask for.
    pub tools: Vec<ModelTool>,
    /// The longest reply, in tokens.
    pub max_tokens: Option<u32>,
    /// How freely it writes, from 0 (always the likeliest word) up; the server's default where not given.
    pub temperature: Option<f32>,
}

/// A piece of a reply.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Delta {
    /// Words; never half a character.
    Text(String),
    /// What a reasoning model thinks on the way; not for the person.
    Thinking(String),
    /// A tool is asked for, complete.
    Call(ModelCall),
    /// The reply is complete. A stream that ends without this was cut.
    End {
        /// Why it ended.
        reason: EndReason,
        /// What it cost, as far as the server says.
        usage: ModelUsage,
    },
}

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The model had said everything.
    Stop,
    /// The model waits for its tools.
    Calls,
    /// The limit of tokens or the context window was reached.
    Length,
    /// The server withheld the rest.
    Refused,
}

/// Tokens of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ModelUsage {
    /// Tokens read; 0 where the server does not say.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
}

/// What a model can do, as its server says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// Whether it can ask for tools.
    pub tools: bool,
    /// Whether it can be held to JSON.
    pub json: bool,
    /// The context window that requests will get, in tokens, where that is known.
    pub context_window: Option<u32>,
}

/// A reply on its way. An `Err` is the last item.
pub type DeltaStream = Pin<Box<dyn Stream<Item = Result<Delta>> + Send>>;

/// A language model.
///
/// Dropping the stream cancels the request. Errors are typed: [`crate::ErrorKind::NotFound`] for a model that the
/// server does not have (with the command that gets it), [`crate::ErrorKind::Unreachable`], `Timeout`, `RateLimited`,
/// `Unauthorized`, `Unavailable` for everything that the server or the network does.
#[async_trait]
pub trait LlmBackend: fmt::Debug + Send + Sync {
    /// Names server and model: `ollama:qwen3:8b`.
    fn name(&self) -> &str;
    /// Asks the server whether it is well and has the model, and what the model can do.
    async fn health(&self) -> Result<Capabilities>;
    /// Sends a request. The reply streams as it is written and ends with [`Delta::End`].
    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream>;
}
