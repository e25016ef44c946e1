//! A request to a model in, the body of `/v1/chat/completions` out.

use serde_json::{Map, Value, json};

use super::super::{Message, ModelCall, ModelRequest, ModelTool, Role};

/// The body; what is not given is left out, because some servers refuse nulls.
pub(super) fn request(model: &str, request: ModelRequest) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), model.into());
    let messages = request.messages.iter().map(message).collect();
    body.insert("messages".into(), Value::Array(messages));
    body.insert("stream".into(), true.into());
    body.insert("stream_options".into(), json!({"include_usage": true}));
    if !request.tools.is_empty() {
        let tools = request.tools.into_iter().map(tool).collect();
        body.insert("tools".into(), Value::Array(tools));
    }
    if let Some(most) = request.max_tokens {
        body.insert("max_tokens".into(), most.into());
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), temperature.into());
    }
    Value::Object(body)
}

fn message(message: &Message) -> Value {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut body = json!({"role": role, "content": message.content});
    if !message.calls.is_empty() {
        body["tool_calls"] = message.calls.iter().map(call).collect();
    }
    if let Some(call) = &message.answers {
        body["tool_call_id"] = call.id.as_str().into();
    }
    body
}

/// Arguments travel as text; what the model wrote that is no JSON goes back as it was.
fn call(call: &ModelCall) -> Value {
    let arguments = match &call.arguments {
        Value::String(text) => text.clone(),
        Value::Null => "{}".to_owned(),
        arguments => arguments.to_string(),
    };
    json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}})
}

fn tool(tool: ModelTool) -> Value {
    json!({"type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.schema,
    }})
}
