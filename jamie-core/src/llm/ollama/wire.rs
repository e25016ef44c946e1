//! A request to a model in, the body of `/api/chat` out.

use ollama_rs::{
    generation::{
        chat::{ChatMessage, MessageRole, request::ChatMessageRequest},
        tools::{ToolCall, ToolCallFunction, ToolFunctionInfo, ToolInfo, ToolType},
    },
    models::ModelOptions,
};
use serde_json::{Value, json};

use super::super::{Message, ModelCall, ModelRequest, ModelTool, Role};
use crate::{Error, ErrorKind, Result};

/// The body, in ollama-rs's types with what they lack: streaming, and which result belongs to which call.
pub(super) fn request(model: &str, context_window: u32, request: ModelRequest) -> Result<Value> {
    let ModelRequest {
        messages,
        tools,
        max_tokens,
        temperature,
    } = request;
    let mut options = ModelOptions::default().num_ctx(u64::from(context_window));
    if let Some(most) = max_tokens {
        options = options.num_predict(i32::try_from(most).unwrap_or(i32::MAX));
    }
    if let Some(temperature) = temperature {
        options = options.temperature(temperature);
    }
    let tools = tools.into_iter().map(tool).collect::<Result<Vec<_>>>()?;
    let plain = messages.iter().map(plain).collect();
    let body = ChatMessageRequest::new(model.to_owned(), plain)
        .tools(tools)
        .options(options);
    let mut body = serde_json::to_value(body).map_err(|error| {
        Error::new(ErrorKind::Internal, "a request to the model cannot be written").with_source(error)
    })?;
    body["stream"] = true.into();
    // A prompt that is too long is an error that can be answered; cut silently, facts would be missing from it.
    body["truncate"] = false.into();
    body["shift"] = false.into();
    for (index, message) in messages.iter().enumerate() {
        identify(&mut body["messages"][index], message);
    }
    Ok(body)
}

fn plain(message: &Message) -> ChatMessage {
    let role = match message.role {
        Role::System => MessageRole::System,
        Role::User => MessageRole::User,
        Role::Assistant => MessageRole::Assistant,
        Role::Tool => MessageRole::Tool,
    };
    let mut plain = ChatMessage::new(role, message.content.clone());
    plain.tool_calls = message
        .calls
        .iter()
        .map(|call| ToolCall {
            function: ToolCallFunction {
                name: call.name.clone(),
                arguments: object(call),
            },
        })
        .collect();
    plain
}

/// Ollama refuses arguments that are no object, also those that the model itself has written.
fn object(call: &ModelCall) -> Value {
    match &call.arguments {
        Value::Object(_) => call.arguments.clone(),
        Value::Null => json!({}),
        other => json!({"text": other}),
    }
}

/// Adds the ids that ollama-rs's types have no place for.
fn identify(plain: &mut Value, message: &Message) {
    for (index, call) in message.calls.iter().enumerate() {
        plain["tool_calls"][index]["id"] = call.id.as_str().into();
        plain["tool_calls"][index]["function"]["index"] = index.into();
    }
    if let Some(call) = &message.answers {
        plain["tool_name"] = call.name.as_str().into();
        plain["tool_call_id"] = call.id.as_str().into();
    }
}

fn tool(tool: ModelTool) -> Result<ToolInfo> {
    let parameters = schemars::Schema::try_from(tool.schema).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("the arguments of {} have no JSON schema", tool.name),
        )
        .with_source(error)
    })?;
    Ok(ToolInfo {
        tool_type: ToolType::Function,
        function: ToolFunctionInfo {
            name: tool.name,
            description: tool.description,
            parameters,
        },
    })
}
