//! Answers: values, statuses and streams go in, HTTP responses come out.

use std::io;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

use crate::store::ApiStatus;

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Reply = Response<Body>;
pub(crate) type Outcome = Result<Reply, ApiStatus>;

/// A whole text as body.
pub(crate) fn whole(text: impl Into<Bytes>) -> Body {
    Full::new(text.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer with the given status, type and body.
pub(crate) fn reply(code: StatusCode, content_type: &'static str, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = code;
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, private"),
    );
    reply
}

/// 200 with a JSON text.
pub(crate) fn json_text(text: impl Into<Bytes>) -> Reply {
    reply(StatusCode::OK, "application/json", whole(text))
}

/// 200 with a value.
pub(crate) fn json(value: &Value) -> Reply {
    json_with(StatusCode::OK, value)
}

/// A value under another status, such as 201.
pub(crate) fn json_with(code: StatusCode, value: &Value) -> Reply {
    reply(code, "application/json", whole(value.to_string()))
}

/// A plain text.
pub(crate) fn plain(text: &'static str) -> Reply {
    reply(StatusCode::OK, "text/plain; charset=utf-8", whole(text))
}

/// A body that comes bit by bit.
pub(crate) fn streamed(
    content_type: &'static str,
    chunks: impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
) -> Reply {
    let body = StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))).boxed_unsync();
    reply(StatusCode::OK, content_type, body)
}

/// The same with warnings for the client to show.
pub(crate) fn warned(mut reply: Reply, warnings: &[String]) -> Reply {
    for warning in warnings {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{quoted}\"")) {
            reply.headers_mut().append(header::WARNING, value);
        }
    }
    reply
}

/// A refusal.
pub(crate) fn refusal(status: &ApiStatus) -> Reply {
    let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = json_with(code, &status.to_value());
    if let Some(seconds) = status.retry_after_seconds {
        reply
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    reply
}
