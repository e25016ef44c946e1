//! Container logs: the `log` subresource of a pod goes in, the kubelet's lines come out.

use std::io;

use bytes::Bytes;
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::fields::{list, text};
use super::request::{Query, Request};
use super::respond::{self, Outcome};
use crate::kubelet::{Kubelet, LogQuery};
use crate::store::{ApiStatus, Key, Store};

/// Answers `GET …/pods/{name}/log`.
pub(crate) fn read(
    store: &Store,
    kubelet: &dyn Kubelet,
    key: &Key,
    request: &Request,
    stop: CancellationToken,
) -> Outcome {
    let pod = store.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
    let query = log_query(&request.query)?;
    let container = chosen(&pod, request.query.text("container"))?;
    if text(&pod, "/spec/nodeName").is_empty() {
        return Ok(respond::reply(
            http::StatusCode::OK,
            "text/plain",
            respond::whole(Bytes::new()),
        ));
    }
    let lines = kubelet.logs(&pod, &container, &query)?;
    let lines = lines
        .map(Ok::<_, io::Error>)
        .take_until(async move { stop.cancelled().await });
    Ok(respond::streamed("text/plain", lines))
}

/// A log that is one line of so many bytes.
pub(crate) fn endless(bytes: u64) -> respond::Reply {
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    let chunks = (0..bytes.div_ceil(chunk.len() as u64)).map(move |place| {
        let left = bytes - place * chunk.len() as u64;
        Ok::<_, io::Error>(chunk.slice(..chunk.len().min(left as usize)))
    });
    respond::streamed("text/plain", futures::stream::iter(chunks))
}

fn log_query(query: &Query) -> Result<LogQuery, ApiStatus> {
    let now = Timestamp::now();
    let since = match (query.number("sinceSeconds")?, query.text("sinceTime")) {
        (Some(_), time) if !time.is_empty() => {
            return Err(ApiStatus::bad_request(
                "at most one of `sinceTime` or `sinceSeconds` may be specified",
            ));
        }
        (Some(seconds), _) => {
            let span = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX / 2));
            Some(now.checked_sub(span).unwrap_or(Timestamp::MIN))
        }
        (None, "") => None,
        (None, time) => Some(time.parse().map_err(|_| {
            ApiStatus::bad_request(format!("unable to parse \"{time}\" as a date-time (sinceTime)"))
        })?),
    };
    Ok(LogQuery {
        previous: query.flag("previous"),
        follow: query.flag("follow"),
        tail_lines: query
            .number("tailLines")?
            .map(|lines| usize::try_from(lines).unwrap_or(usize::MAX)),
        since,
        timestamps: query.flag("timestamps"),
        limit_bytes: query.number("limitBytes")?,
    })
}

/// The container meant: the named one, or the only one.
fn chosen(pod: &Value, wanted: &str) -> Result<String, ApiStatus> {
    let names =
        |pointer: &str| -> Vec<&str> { list(pod, pointer).iter().map(|one| text(one, "/name")).collect() };
    let (containers, init) = (names("/spec/containers"), names("/spec/initContainers"));
    let (short_lived, pod_name) = (names("/spec/ephemeralContainers"), text(pod, "/metadata/name"));
    if wanted.is_empty() {
        if let [only] = containers.as_slice() {
            return Ok((*only).to_owned());
        }
        let mut message = format!(
            "a container name must be specified for pod {pod_name}, choose one of: [{}]",
            containers.join(" ")
        );
        if !init.is_empty() {
            message = format!("{message} or one of the init containers: [{}]", init.join(" "));
        }
        return Err(ApiStatus::bad_request(message));
    }
    if [containers, init, short_lived]
        .iter()
        .any(|names| names.contains(&wanted))
    {
        return Ok(wanted.to_owned());
    }
    Err(ApiStatus::bad_request(format!(
        "container {wanted} is not valid for pod {pod_name}"
    )))
}
