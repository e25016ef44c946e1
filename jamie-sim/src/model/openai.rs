//! OpenAI's protocol: `/v1/chat/completions` as server-sent events or whole, and `/v1/models`.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::Shared;
use super::prompt::Prompt;
use super::reply::{Call, End, Reply};
use super::stream::{self, Wire};

pub(super) async fn models(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let setup = &shared.setup;
    let window = setup.trained_window.min(setup.given_window.unwrap_or(u32::MAX));
    let models: Vec<Value> = setup
        .models
        .iter()
        .map(|name| json!({"id": name, "object": "model", "owned_by": "sim", "max_model_len": window}))
        .collect();
    Json(json!({"object": "list", "data": models}))
}

pub(super) async fn chat(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let model = body["model"].as_str().unwrap_or_default();
    let faults = match stream::refused(&shared, model).await {
        Ok(faults) => faults,
        Err(response) => return response,
    };
    let prompt = Prompt::read(&body);
    if let Some(said) = objection(&body) {
        let error = json!({"error": {"message": said, "type": "invalid_request_error"}});
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    let reply = stream::spoilt(
        shared.reply(&prompt),
        &prompt,
        &faults,
        Chunks::ARGUMENTS_ARE_TEXT,
    );
    let chunks = Chunks {
        model: model.to_owned(),
        usage: body["stream_options"]["include_usage"] == true,
        shared: Arc::clone(&shared),
    };
    if body["stream"] == true {
        return stream::respond(&shared, chunks, &reply, &prompt, &faults);
    }
    let mut message = json!({"role": "assistant", "content": reply.text});
    if !reply.calls.is_empty() {
        message["tool_calls"] = reply.calls.iter().map(|call| chunks.asked(call)).collect();
    }
    let whole = json!({
        "id": "chatcmpl-sim", "object": "chat.completion", "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason(&reply)}],
        "usage": usage(&reply, prompt.tokens()),
    });
    Json(whole).into_response()
}

/// Results must belong to calls, as on the real server.
fn objection(body: &Value) -> Option<String> {
    let mut asked = BTreeSet::new();
    for message in body["messages"].as_array()? {
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            asked.insert(call["id"].as_str()?);
        }
        if message["role"] == "tool"
            && !message["tool_call_id"]
                .as_str()
                .is_some_and(|id| asked.contains(id))
        {
            let said =
                "messages with role 'tool' must be a response to a preceding message with 'tool_calls'";
            return Some(said.to_owned());
        }
    }
    None
}

fn reason(reply: &Reply) -> &'static str {
    match reply.end {
        End::Stop if !reply.calls.is_empty() => "tool_calls",
        End::Stop => "stop",
        End::Length => "length",
        End::Refused => "content_filter",
    }
}

fn usage(reply: &Reply, prompt_tokens: usize) -> Value {
    let written = reply.tokens();
    json!({"prompt_tokens": prompt_tokens, "completion_tokens": written, "total_tokens": prompt_tokens + written})
}

/// Letters of arguments in one event.
const PIECE: usize = 5;

/// Server-sent events.
struct Chunks {
    model: String,
    usage: bool,
    shared: Arc<Shared>,
}

impl Chunks {
    fn chunk(&self, delta: &Value, reason: Option<&str>) -> Bytes {
        event(&json!({
            "id": "chatcmpl-sim", "object": "chat.completion.chunk", "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }))
    }

    fn asked(&self, call: &Call) -> Value {
        json!({"id": self.shared.call_id(), "type": "function", "function": {"name": call.name, "arguments": text(&call.arguments)}})
    }
}

impl Wire for Chunks {
    const ARGUMENTS_ARE_TEXT: bool = true;
    const CONTENT_TYPE: &'static str = "text/event-stream";

    fn frames(&mut self, reply: &Reply, prompt_tokens: usize) -> VecDeque<Bytes> {
        let mut frames = VecDeque::from([self.chunk(&json!({"role": "assistant", "content": ""}), None)]);
        for word in Reply::words(&reply.thinking) {
            frames.push_back(self.chunk(&json!({"reasoning_content": word}), None));
        }
        for word in Reply::words(&reply.text) {
            frames.push_back(self.chunk(&json!({"content": word}), None));
        }
        // Real servers write several calls one after another, arguments in pieces; taking turns is the hardest case.
        let written: Vec<String> = reply.calls.iter().map(|call| text(&call.arguments)).collect();
        for (index, call) in reply.calls.iter().enumerate() {
            let mut begun = self.asked(call);
            begun["index"] = index.into();
            begun["function"]["arguments"] = "".into();
            frames.push_back(self.chunk(&json!({"tool_calls": [begun]}), None));
        }
        let letters: Vec<Vec<char>> = written.iter().map(|text| text.chars().collect()).collect();
        let longest = letters.iter().map(Vec::len).max().unwrap_or_default();
        for from in (0..longest).step_by(PIECE) {
            for (index, letters) in letters.iter().enumerate() {
                if from < letters.len() {
                    let piece: String = letters[from..(from + PIECE).min(letters.len())].iter().collect();
                    let delta = json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]});
                    frames.push_back(self.chunk(&delta, None));
                }
            }
        }
        frames.push_back(self.chunk(&json!({}), Some(reason(reply))));
        if self.usage {
            frames.push_back(event(
                &json!({"id": "chatcmpl-sim", "choices": [], "usage": usage(reply, prompt_tokens)}),
            ));
        }
        frames.push_back(Bytes::from_static(b"data: [DONE]\n\n"));
        frames
    }

    fn call(&mut self, call: &Call, index: usize) -> Bytes {
        let mut asked = self.asked(call);
        asked["index"] = index.into();
        self.chunk(&json!({"tool_calls": [asked]}), None)
    }

    fn error(&self, said: &str) -> Bytes {
        event(&json!({"error": {"message": said, "type": "server_error"}}))
    }
}

/// Arguments as this protocol carries them.
fn text(arguments: &Value) -> String {
    match arguments {
        Value::String(text) => text.clone(),
        arguments => arguments.to_string(),
    }
}

fn event(value: &Value) -> Bytes {
    format!("data: {value}\n\n").into()
}
