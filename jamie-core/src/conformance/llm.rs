//! The suite for model backends, run against a model that gives words to everything that it is asked.

use futures::StreamExt;
use serde_json::json;

use super::{Verdict, ensure};
use crate::llm::{Delta, LlmBackend, Message, ModelCall, ModelRequest, ModelTool, Role};

/// It has a name and is well; a reply is words and one end, in this order; conversations with tools are taken; a reply
/// that is left unread, or several at once, disturb nothing. Sends seven requests.
pub async fn llm(backend: &dyn LlmBackend) -> Verdict {
    let name = backend.name().to_owned();
    ensure(!name.trim().is_empty(), || "it has no name".to_owned())?;
    let health = backend.health().await;
    let able = health.map_err(|error| format!("{name} is not well: {error:?}"))?;
    ensure(able.context_window != Some(0), || {
        format!("{name} says that it has no context window at all")
    })?;

    reply(backend, plain("Say one word.")).await?;
    reply(backend, bounded()).await?;
    if able.tools {
        reply(backend, with_tools()).await?;
    }

    // Dropped in the middle.
    let mut stream = backend
        .chat(plain("Say two words."))
        .await
        .map_err(|error| format!("{name} fails: {error:?}"))?;
    let _ = stream.next().await;
    drop(stream);
    let (one, other) = futures::join!(
        reply(backend, plain("Say one word.")),
        reply(backend, plain("Say another word."))
    );
    one.and(other)?;
    reply(backend, plain("Are you still there?")).await
}

fn plain(text: &str) -> ModelRequest {
    ModelRequest {
        messages: vec![
            Message::new(Role::System, "You are brief."),
            Message::new(Role::User, text),
        ],
        ..ModelRequest::default()
    }
}

fn bounded() -> ModelRequest {
    ModelRequest {
        max_tokens: Some(64),
        temperature: Some(0.0),
        ..plain("Grüß Gott, 'quoted' \"too\" \u{1fad6}\u{0}\n[]{}")
    }
}

/// Two calls at once, one of them badly written, and their results.
fn with_tools() -> ModelRequest {
    let call = |id: &str, arguments| ModelCall {
        id: id.to_owned(),
        name: "logs".to_owned(),
        arguments,
    };
    let calls = vec![
        call("call-1", json!({"target": "shop/api", "tail": 5})),
        call("call-2", json!("{\"target\": ")),
    ];
    let mut request = plain("What do the logs say?");
    let result = |call: &ModelCall, content: &str| Message {
        answers: Some(call.clone()),
        ..Message::new(Role::Tool, content)
    };
    let results = [
        result(&calls[0], "all is well"),
        result(&calls[1], "the arguments are no JSON"),
    ];
    request.messages.push(Message {
        calls,
        ..Message::new(Role::Assistant, "")
    });
    request.messages.extend(results);
    request.tools.push(ModelTool {
        name: "logs".to_owned(),
        description: "Reads the log of a workload.".to_owned(),
        schema: json!({
            "type": "object",
            "properties": {"target": {"type": "string"}, "tail": {"type": "integer"}},
            "required": ["target"],
        }),
    });
    request
}

async fn reply(backend: &dyn LlmBackend, request: ModelRequest) -> Verdict {
    let name = backend.name();
    let asked = request
        .messages
        .last()
        .map_or("", |message| &message.content)
        .to_owned();
    let stream = backend.chat(request).await;
    let mut stream = stream.map_err(|error| format!("{name} fails at {asked:?}: {error:?}"))?;
    let mut text = String::new();
    let mut ids: Vec<String> = Vec::new();
    let mut ended = false;
    while let Some(delta) = stream.next().await {
        ensure(!ended, || format!("{name} goes on after its end: {delta:?}"))?;
        match delta.map_err(|error| format!("{name} fails in the middle of {asked:?}: {error:?}"))? {
            Delta::Text(words) => {
                ensure(!words.is_empty(), || {
                    format!("{name} says nothing at all in a delta")
                })?;
                text.push_str(&words);
            }
            Delta::Call(call) => {
                let fits = !call.id.is_empty() && !ids.contains(&call.id);
                ensure(fits, || format!("{name} gives {call:?} no id of its own"))?;
                ids.push(call.id);
            }
            Delta::End { .. } => ended = true,
            Delta::Thinking(_) => {}
        }
    }
    ensure(ended, || format!("the reply of {name} to {asked:?} has no end"))?;
    ensure(!text.trim().is_empty() || !ids.is_empty(), || {
        format!("{name} says nothing to {asked:?}")
    })?;
    ensure(!text.contains('\u{fffd}'), || {
        format!("{name} has broken a character: {text:?}")
    })
}
