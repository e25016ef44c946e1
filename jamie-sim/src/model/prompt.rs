//! The body of a request in either protocol in, what the model reads out.

use serde_json::Value;

use super::reply::Call;

/// What a model reads.
#[derive(Clone, Debug, Default)]
pub struct Prompt {
    /// The conversation.
    pub messages: Vec<Said>,
    /// The tools it may ask for.
    pub tools: Vec<Offered>,
}

/// One message.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// The words.
    pub content: String,
    /// The tools asked for.
    pub calls: Vec<Call>,
}

/// A tool that is offered.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The JSON schema of its arguments.
    pub schema: Value,
}

impl Prompt {
    /// Reads the body of `/api/chat` or `/v1/chat/completions`.
    pub(super) fn read(body: &Value) -> Self {
        let list = |key: &str| body[key].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            messages: list("messages").iter().map(said).collect(),
            tools: list("tools")
                .iter()
                .map(|tool| offered(&tool["function"]))
                .collect(),
        }
    }

    /// Everything it reads but the tools, message by message.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.messages.iter().map(|said| said.content.as_str()).collect();
        texts.join("\n\n")
    }

    /// About how many tokens it has, tools included.
    pub fn tokens(&self) -> usize {
        let tools: usize = self
            .tools
            .iter()
            .map(|tool| tool.name.len() + tool.description.len() + tool.schema.to_string().len())
            .sum();
        super::reply::tokens(self.text().len() + tools)
    }

    /// Whether a tool was asked for with these arguments already.
    pub(super) fn has_called(&self, call: &Call) -> bool {
        self.messages.iter().any(|said| said.calls.contains(call))
    }
}

fn said(message: &Value) -> Said {
    let content = match &message["content"] {
        Value::String(text) => text.clone(),
        // OpenAI's protocol also knows parts.
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    };
    let calls = message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
    Said {
        role: message["role"].as_str().unwrap_or_default().to_owned(),
        content,
        calls: calls.iter().map(|call| asked(&call["function"])).collect(),
    }
}

fn asked(function: &Value) -> Call {
    let arguments = match &function["arguments"] {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        arguments => arguments.clone(),
    };
    Call {
        name: function["name"].as_str().unwrap_or_default().to_owned(),
        arguments,
    }
}

fn offered(function: &Value) -> Offered {
    Offered {
        name: function["name"].as_str().unwrap_or_default().to_owned(),
        description: function["description"].as_str().unwrap_or_default().to_owned(),
        schema: function["parameters"].clone(),
    }
}
