//! A reply and the faults of its request in, the pieces of a streaming body out.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::StatusCode;
use serde_json::json;
use tokio::time::sleep;

use super::faults::Fault;
use super::prompt::Prompt;
use super::reply::{Call, Reply};
use super::{Shared, lock};

/// How one protocol writes a reply down.
pub(super) trait Wire: Send + 'static {
    /// The reply as frames, the last of which end it.
    fn frames(&mut self, reply: &Reply, prompt_tokens: usize) -> VecDeque<Bytes>;
    /// A call alone, in a reply that does not end.
    fn call(&mut self, call: &Call, index: usize) -> Bytes;
    /// A failure in mid-stream.
    fn error(&self, said: &str) -> Bytes;
    /// Whether it carries arguments as text, which may be broken.
    const ARGUMENTS_ARE_TEXT: bool;
    /// Its content type.
    const CONTENT_TYPE: &'static str;
}

/// What the server does instead of answering, if anything; what is left goes wrong on the way.
pub(super) async fn refused(shared: &Shared, model: &str) -> Result<Vec<Fault>, Response> {
    let faults = lock(&shared.faults).next();
    for fault in &faults {
        match fault {
            Fault::Stall(0) => std::future::pending().await,
            Fault::Slow { first, .. } => sleep(*first).await,
            Fault::Status(code) => return Err(status(*code)),
            Fault::MissingModel => return Err(missing(model)),
            _ => {}
        }
    }
    if shared.has(model) {
        Ok(faults)
    } else {
        Err(missing(model))
    }
}

fn missing(model: &str) -> Response {
    let said = json!({"error": format!("model '{model}' not found")});
    (StatusCode::NOT_FOUND, axum::Json(said)).into_response()
}

fn status(code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let said = json!({"error": {"message": status.canonical_reason().unwrap_or("failed")}});
    let mut response = (status, axum::Json(said)).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response
            .headers_mut()
            .insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("7"));
    }
    response
}

/// What the faults make of the model's reply itself.
pub(super) fn spoilt(reply: Reply, prompt: &Prompt, faults: &[Fault], arguments_are_text: bool) -> Reply {
    let mut reply = reply;
    let any = || {
        let tool = prompt.tools.first();
        Call {
            name: tool.map_or_else(|| "look_around".to_owned(), |tool| tool.name.clone()),
            arguments: json!({}),
        }
    };
    for fault in faults {
        match fault {
            Fault::EndlessCalls => {
                reply = Reply::default();
                reply.calls.push(any());
            }
            Fault::NonsenseCalls => {
                reply = Reply::call(
                    "frobnicate_the_flux",
                    json!({"": [null, {"deep": [[]]}], "name": 7}),
                )
                .and_call("", json!({}));
            }
            Fault::Refusal => {
                reply = Reply::text("I can't help with that.").ending(super::End::Refused);
            }
            Fault::CallsAsText => {
                for call in as_asked(&mut reply, any) {
                    let written = json!({"name": call.name, "arguments": call.arguments});
                    reply
                        .text
                        .push_str(&format!("<tool_call>\n{written}\n</tool_call>"));
                }
            }
            Fault::BrokenCalls => {
                let calls = as_asked(&mut reply, any);
                if arguments_are_text {
                    reply.calls = calls
                        .into_iter()
                        .map(|call| Call {
                            name: call.name,
                            arguments: format!("{{\"target\": \"{}\", ", call.arguments).into(),
                        })
                        .collect();
                } else {
                    for call in calls {
                        reply.text.push_str(&format!(
                            "```json\n{{\"name\": \"{}\", \"arguments\": {{\"target\": \"api\",}}\n```",
                            call.name
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    reply
}

/// Takes the calls out of a reply; one that has none gets one.
fn as_asked(reply: &mut Reply, any: impl Fn() -> Call) -> Vec<Call> {
    let calls = std::mem::take(&mut reply.calls);
    if calls.is_empty() { vec![any()] } else { calls }
}

/// One step of a body.
enum Step {
    Send(Bytes),
    Stall,
    Cut,
    Flood(usize),
}

/// The body with its faults.
pub(super) fn respond<W: Wire>(
    shared: &Arc<Shared>,
    mut wire: W,
    reply: &Reply,
    prompt: &Prompt,
    faults: &[Fault],
) -> Response {
    let mut frames = wire.frames(reply, prompt.tokens());
    let mut between = Duration::ZERO;
    let mut steps: VecDeque<Step> = VecDeque::new();
    let mut spoil = None;
    let mut split = false;
    for fault in faults {
        match fault {
            Fault::Slow { between: wait, .. } => between = *wait,
            Fault::SplitCharacters => split = true,
            Fault::Stall(after) => spoil = Some((*after, vec![Step::Stall])),
            Fault::Cut(after) => spoil = Some((*after, vec![Step::Cut])),
            Fault::FloodOfCalls => spoil = Some((0, vec![Step::Flood(0)])),
            Fault::ErrorLine(after) => {
                spoil = Some((*after, vec![Step::Send(wire.error("the model runner has died"))]));
            }
            Fault::Garbage(after) => {
                let page = Bytes::from_static(b"<html><body>502 Bad Gateway</body></html>\n\n");
                spoil = Some((*after, vec![Step::Send(page)]));
            }
            _ => {}
        }
    }
    let end = spoil.map(|(after, end)| {
        frames.truncate(after);
        end
    });
    for frame in frames {
        if split {
            steps.extend(pieces(&frame).map(Step::Send));
        } else {
            steps.push_back(Step::Send(frame));
        }
    }
    steps.extend(end.into_iter().flatten());

    let body = Streaming {
        steps,
        wire,
        between,
        shared: Arc::clone(shared),
        over: false,
    };
    let stream = stream::unfold(body, |mut body| async move {
        let item = body.next().await?;
        Some((item, body))
    });
    Response::builder()
        .header(http::header::CONTENT_TYPE, W::CONTENT_TYPE)
        .body(Body::from_stream(stream))
        .unwrap_or_default()
}

/// Cuts in the middle of every character that has several bytes.
fn pieces(frame: &Bytes) -> impl Iterator<Item = Bytes> + use<> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 1..frame.len() {
        // A byte that goes on with a character.
        if frame[at] & 0b1100_0000 == 0b1000_0000 {
            pieces.push(frame.slice(from..at));
            from = at;
        }
    }
    pieces.push(frame.slice(from..));
    pieces.into_iter()
}

/// A body on its way; knows whether its client stayed to the end.
struct Streaming<W> {
    steps: VecDeque<Step>,
    wire: W,
    between: Duration,
    shared: Arc<Shared>,
    over: bool,
}

impl<W: Wire> Streaming<W> {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let Some(step) = self.steps.pop_front() else {
            self.over = true;
            return None;
        };
        if !self.between.is_zero() {
            sleep(self.between).await;
        }
        Some(match step {
            Step::Send(bytes) => {
                // The bytes of the end are on their way: whoever leaves now has read it all.
                self.over = self.steps.is_empty();
                Ok(bytes)
            }
            Step::Stall => std::future::pending().await,
            Step::Cut => {
                // What was said has reached the client before the connection goes.
                sleep(Duration::from_millis(5)).await;
                self.over = true;
                Err(io::Error::new(io::ErrorKind::ConnectionReset, "cut"))
            }
            Step::Flood(number) => {
                self.steps.push_back(Step::Flood(number + 1));
                let call = Call {
                    name: "look_around".to_owned(),
                    arguments: json!({"again": number}),
                };
                Ok(self.wire.call(&call, number))
            }
        })
    }
}

impl<W> Drop for Streaming<W> {
    fn drop(&mut self) {
        if !self.over {
            self.shared.cancelled.send_modify(|count| *count += 1);
        }
    }
}
