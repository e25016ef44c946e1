//! A question on its way in: who asks, where, in which conversation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    /// Stable over conversations: a login, a Slack id.
    pub id: String,
    /// What to call them, where known.
    pub name: Option<String>,
    /// The groups they are in, as policy and the cluster know them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub groups: Vec<String>,
}

impl Person {
    /// What they are called: the name, else the id.
    pub fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Where the question looks when it does not say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Scope {
    /// The namespace a bare name is looked up in first; `None` means everywhere.
    pub namespace: Option<String>,
}

/// Whether a model may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A model, if there is one.
    #[default]
    Auto,
    /// No model.
    Offline,
    /// No model either: the answer is what a model would be told.
    Explain,
}

/// A tool picked by the person themselves: a command, a button, a slash command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pick {
    /// The tool's name.
    pub tool: String,
    /// Arguments that are certain; the rest is filled from the request's words.
    pub args: Map<String, Value>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What was typed.
    pub text: String,
    /// Who asks.
    pub person: Person,
    /// The conversation it belongs to; focus and recent turns are kept per conversation.
    pub conversation: String,
    /// Where to look first.
    pub scope: Scope,
    /// Whether a model may help.
    pub mode: Mode,
    /// The tool to use, where the person picked one: then the words only fill its arguments.
    pub pick: Option<Pick>,
}

impl Request {
    /// The longest question that is read, in bytes; what is longer gets a polite refusal.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// A question by `person` in `conversation`, about everything, models allowed.
    pub fn new(text: impl Into<String>, person: impl Into<String>, conversation: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            person: Person {
                id: person.into(),
                name: None,
                groups: Vec::new(),
            },
            conversation: conversation.into(),
            scope: Scope::default(),
            mode: Mode::default(),
            pick: None,
        }
    }

    /// The same request, put straight to a tool; anything but an object counts as no arguments.
    #[must_use]
    pub fn to_tool(mut self, tool: impl Into<String>, args: Value) -> Self {
        let args = if let Value::Object(args) = args {
            args
        } else {
            Map::new()
        };
        self.pick = Some(Pick {
            tool: tool.into(),
            args,
        });
        self
    }
}
