//! Ollama's protocol: `/api/chat` and what tells of the models.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::prompt::Prompt;
use super::reply::{Call, End, Reply};
use super::stream::{self, Wire};
use super::{Shared, embed, lock};

/// The window that Ollama gives where none is asked for.
const USUAL_WINDOW: u32 = 4_096;
/// A time for what needs one; no client of ours reads it.
const THEN: &str = "2026-01-01T00:00:00Z";

pub(super) async fn version() -> Json<Value> {
    Json(json!({"version": "0.14.2"}))
}

pub(super) async fn tags(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let models: Vec<Value> = shared
        .setup
        .models
        .iter()
        .map(|name| {
            json!({
                "name": name, "model": name, "modified_at": THEN, "size": 5_225_387_923_u64,
                "digest": "500a1f067a9f", "details": {"family": "sim", "parameter_size": "8B", "quantization_level": "Q4_K_M"},
            })
        })
        .collect();
    Json(json!({"models": models}))
}

pub(super) async fn running(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let models: Vec<Value> = lock(&shared.loaded)
        .iter()
        .map(|(name, window)| json!({"name": name, "model": name, "size": 6_654_289_920_u64, "context_length": window, "expires_at": THEN}))
        .collect();
    Json(json!({"models": models}))
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let model = model(&body);
    if !shared.has(model) {
        return refuse(StatusCode::NOT_FOUND, &format!("model '{model}' not found"));
    }
    let mut capabilities = vec!["completion"];
    if shared.setup.tools {
        capabilities.push("tools");
    }
    let info = json!({
        "license": "", "modelfile": "", "parameters": "", "template": "",
        "details": {"family": "sim", "parameter_size": "8B"},
        "model_info": {"general.architecture": "sim", "sim.context_length": shared.setup.trained_window},
        "capabilities": capabilities,
    });
    Json(info).into_response()
}

pub(super) async fn embed(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let model = model(&body);
    if !shared.has(model) {
        return refuse(StatusCode::NOT_FOUND, &format!("model '{model}' not found"));
    }
    let texts: Vec<&str> = match &body["input"] {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        _ => return refuse(StatusCode::BAD_REQUEST, "invalid input type"),
    };
    let vectors: Vec<Vec<f32>> = texts.into_iter().map(embed::vector).collect();
    Json(json!({"model": model, "embeddings": vectors})).into_response()
}

pub(super) async fn chat(State(shared): State<Arc<Shared>>, Json(body): Json<Value>) -> Response {
    let model = model(&body);
    let faults = match stream::refused(&shared, model).await {
        Ok(faults) => faults,
        Err(response) => return response,
    };
    let window = load(&shared, model, &body);
    let prompt = Prompt::read(&body);
    if prompt.messages.is_empty() {
        let loaded = json!({"model": model, "created_at": THEN, "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "load"});
        return Json(loaded).into_response();
    }
    if let Some(refusal) = objection(&shared, model, &body, &prompt, window) {
        return refuse(StatusCode::BAD_REQUEST, &refusal);
    }
    let reply = stream::spoilt(shared.reply(&prompt), &prompt, &faults, Lines::ARGUMENTS_ARE_TEXT);
    let mut lines = Lines {
        model: model.to_owned(),
        shared: Arc::clone(&shared),
    };
    if body["stream"] == false {
        return Json(lines.whole(&reply, prompt.tokens())).into_response();
    }
    stream::respond(&shared, lines, &reply, &prompt, &faults)
}

/// What the real server says no to.
fn objection(shared: &Shared, model: &str, body: &Value, prompt: &Prompt, window: u32) -> Option<String> {
    if !prompt.tools.is_empty() && !shared.setup.tools {
        return Some(format!(
            "registry.ollama.ai/library/{model} does not support tools"
        ));
    }
    let calls = prompt.messages.iter().flat_map(|said| &said.calls);
    for call in calls {
        if !call.arguments.is_object() {
            return Some(
                "json: cannot unmarshal string into Go struct field ToolCallFunction of type map".to_owned(),
            );
        }
    }
    // Without this, the real server drops the oldest messages and says nothing.
    if body["truncate"] == false && prompt.tokens() > window as usize {
        return Some("the input length exceeds the context length".to_owned());
    }
    None
}

/// Loads a model with the window that was asked for, as far as the server gives it.
fn load(shared: &Shared, model: &str, body: &Value) -> u32 {
    let asked = body["options"]["num_ctx"].as_u64();
    let asked = asked
        .and_then(|asked| u32::try_from(asked).ok())
        .unwrap_or(USUAL_WINDOW);
    let setup = &shared.setup;
    let window = asked
        .min(setup.trained_window)
        .min(setup.given_window.unwrap_or(u32::MAX));
    lock(&shared.loaded).insert(model.to_owned(), window);
    window
}

fn model(body: &Value) -> &str {
    body["model"]
        .as_str()
        .or(body["name"].as_str())
        .unwrap_or_default()
}

fn refuse(status: StatusCode, said: &str) -> Response {
    (status, Json(json!({"error": said}))).into_response()
}

/// Lines of JSON.
struct Lines {
    model: String,
    shared: Arc<Shared>,
}

impl Lines {
    fn line(&self, message: &Value) -> Bytes {
        frame(&json!({"model": self.model, "created_at": THEN, "message": message, "done": false}))
    }

    fn calls(&self, reply: &Reply) -> Vec<Value> {
        let calls = reply.calls.iter().enumerate();
        calls.map(|(index, call)| self.asked(call, index)).collect()
    }

    fn asked(&self, call: &Call, index: usize) -> Value {
        let mut asked = json!({"function": {"index": index, "name": call.name, "arguments": call.arguments}});
        if self.shared.setup.ids {
            asked["id"] = self.shared.call_id().into();
        }
        asked
    }

    fn end(&self, reply: &Reply, prompt_tokens: usize, message: &Value) -> Value {
        let reason = match reply.end {
            // This protocol does not know refusals.
            End::Stop | End::Refused => "stop",
            End::Length => "length",
        };
        json!({
            "model": self.model, "created_at": THEN, "message": message, "done": true, "done_reason": reason,
            "total_duration": 1_000_000, "load_duration": 1000, "prompt_eval_count": prompt_tokens,
            "prompt_eval_duration": 1000, "eval_count": reply.tokens(), "eval_duration": 1000,
        })
    }

    fn whole(&mut self, reply: &Reply, prompt_tokens: usize) -> Value {
        let mut message = json!({"role": "assistant", "content": reply.text});
        if !reply.calls.is_empty() {
            message["tool_calls"] = self.calls(reply).into();
        }
        self.end(reply, prompt_tokens, &message)
    }
}

impl Wire for Lines {
    const ARGUMENTS_ARE_TEXT: bool = false;
    const CONTENT_TYPE: &'static str = "application/x-ndjson";

    fn frames(&mut self, reply: &Reply, prompt_tokens: usize) -> VecDeque<Bytes> {
        let mut frames = VecDeque::new();
        for word in Reply::words(&reply.thinking) {
            frames.push_back(self.line(&json!({"role": "assistant", "content": "", "thinking": word})));
        }
        for word in Reply::words(&reply.text) {
            frames.push_back(self.line(&json!({"role": "assistant", "content": word})));
        }
        // Several calls come in one line or in several; here the first comes alone.
        let calls = self.calls(reply);
        let (first, others) = calls.split_at(calls.len().min(1));
        for calls in [first, others] {
            if !calls.is_empty() {
                frames
                    .push_back(self.line(&json!({"role": "assistant", "content": "", "tool_calls": calls})));
            }
        }
        let end = self.end(reply, prompt_tokens, &json!({"role": "assistant", "content": ""}));
        frames.push_back(frame(&end));
        frames
    }

    fn call(&mut self, call: &Call, index: usize) -> Bytes {
        let asked = self.asked(call, index);
        self.line(&json!({"role": "assistant", "content": "", "tool_calls": [asked]}))
    }

    fn error(&self, said: &str) -> Bytes {
        frame(&json!({"error": said}))
    }
}

fn frame(value: &Value) -> Bytes {
    format!("{value}\n").into()
}
