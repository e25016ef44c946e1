//! Requests in, answers out: authenticated, authorised, struck by the faults that are switched
//! on, and led to whoever can answer.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

use super::auth::{self, Tokens, User};
use super::catalog::Catalog;
use super::faults::{self, FaultKind, Faults};
use super::rbac::{self, Wish};
use super::render::Form;
use super::request::{Accept, Query, Request, Target};
use super::resources::{METRICS, ResourceType};
use super::respond::{self, Outcome, Reply};
use super::{convert, delete, discovery, logs, metrics, openapi, read, reviews, subresources, watch, write};
use crate::kubelet::Kubelet;
use crate::scenario::Refusal;
use crate::store::{ApiStatus, Key, Store};

/// The largest body that is read.
const LARGEST_BODY: usize = 3 * 1024 * 1024;

/// Everything that answering takes.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) store: Store,
    pub(crate) kubelet: Arc<dyn Kubelet>,
    pub(crate) catalog: Catalog,
    pub(crate) tokens: Tokens,
    pub(crate) faults: Faults,
    pub(crate) refusals: Arc<[Refusal]>,
    pub(crate) stop: CancellationToken,
}

/// A request that has found its resource.
#[derive(Debug)]
pub(crate) struct Aim {
    pub(crate) kind: ResourceType,
    pub(crate) target: Target,
}

impl Aim {
    /// The address of the object meant; an empty name when there is none in the path.
    pub(crate) fn key(&self) -> Key {
        let (group, plural) = convert::storage(&self.kind);
        Key {
            group: group.to_owned(),
            plural: plural.to_owned(),
            namespace: self.target.namespace.clone(),
            name: self.target.name.clone().unwrap_or_default(),
        }
    }
}

impl Router {
    /// Answers a request; an error cuts the connection.
    pub(crate) async fn answer(&self, request: hyper::Request<Incoming>) -> Result<Reply, io::Error> {
        let path = request.uri().path().to_owned();
        let target = Target::of(&path);
        let query = Query::of(request.uri());
        let verb = verb(request.method(), target.as_ref(), &query);
        let striking = self.faults.striking(verb, &path);
        if !striking.is_empty()
            && let Some(struck) = self.strike(&striking).await?
        {
            return Ok(struck);
        }
        let is_log = target.as_ref().and_then(|target| target.subresource.as_deref()) == Some("log");
        for kind in &striking {
            match kind {
                FaultKind::EndlessLine { bytes } if is_log => return Ok(logs::endless(*bytes)),
                FaultKind::ExpiredWatch if verb == "watch" => {
                    let line = watch::expired("too old resource version: 1 (2)");
                    return Ok(respond::json_text(line));
                }
                _ => {}
            }
        }
        let outcome = self.handle(request, path, target, query, verb).await;
        let reply = outcome.unwrap_or_else(|status| respond::refusal(&status));
        Ok(cut_short(reply, &striking))
    }

    /// What the faults answer instead of the server.
    async fn strike(&self, striking: &[FaultKind]) -> Result<Option<Reply>, io::Error> {
        let delay = faults::delay(striking);
        if !delay.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = self.stop.cancelled() => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
        }
        for kind in striking {
            match kind {
                FaultKind::Hang => {
                    self.stop.cancelled().await;
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                FaultKind::Cut { after: None } => return Err(io::ErrorKind::ConnectionReset.into()),
                FaultKind::Status {
                    code,
                    message,
                    retry_after,
                } => {
                    let mut status = plain_refusal(*code);
                    if let Some(message) = message {
                        status.message.clone_from(message);
                    }
                    status.retry_after_seconds = retry_after.or(status.retry_after_seconds);
                    return Ok(Some(respond::refusal(&status)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    async fn handle(
        &self,
        request: hyper::Request<Incoming>,
        path: String,
        target: Option<Target>,
        query: Query,
        verb: &str,
    ) -> Outcome {
        let (parts, body) = request.into_parts();
        let accept = Accept::of(&parts.headers)?;
        let user = self.user(&parts.headers)?;
        let Some(aim) = target.filter(|target| !target.plural.is_empty()) else {
            let wish = Wish {
                verb: verb.to_owned(),
                path: Some(path.clone()),
                ..Wish::default()
            };
            self.authorise(&user, &wish)?;
            return self.outside(&path, accept);
        };
        self.authorise(&user, &wish(verb, &aim))?;
        let kind = self
            .catalog
            .find(&self.store, &aim.group, &aim.version, &aim.plural);
        let kind = kind.ok_or_else(|| Catalog::absence(&self.store, &aim.group, &aim.version))?;
        let misplaced = match &aim.namespace {
            Some(_) => !kind.namespaced,
            None => kind.namespaced && (aim.name.is_some() || verb == "create"),
        };
        if misplaced {
            return Err(ApiStatus::no_such_resource());
        }
        let body = match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let message = format!("Request entity too large: limit is {LARGEST_BODY}: {error}");
                return Err(ApiStatus::new(413, "RequestEntityTooLarge", message));
            }
        };
        let request = Request {
            method: parts.method,
            query,
            accept,
            headers: parts.headers,
            user,
            refusals: Arc::clone(&self.refusals),
            body,
        };
        self.resource(&request, &Aim { kind, target: aim }, verb)
    }

    fn user(&self, headers: &HeaderMap) -> Result<User, ApiStatus> {
        let user = self.tokens.authenticate(headers, &self.store)?;
        let Some(other) = auth::impersonated(headers)? else {
            return Ok(user);
        };
        for wish in &other.wishes {
            self.authorise(&user, wish)?;
        }
        Ok(other.user)
    }

    fn authorise(&self, user: &User, wish: &Wish) -> Result<(), ApiStatus> {
        if rbac::allows(&self.store, user, wish) {
            Ok(())
        } else {
            Err(rbac::forbidden(user, wish))
        }
    }

    /// Paths that are not resources.
    fn outside(&self, path: &str, accept: Accept) -> Outcome {
        let (catalog, store) = (&self.catalog, &self.store);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["version"] => Ok(respond::json(&catalog.version())),
            ["healthz" | "livez" | "readyz", ..] => Ok(respond::plain("ok")),
            ["api"] => Ok(discovery::legacy_api(catalog, store, accept)),
            ["apis"] => Ok(discovery::groups(catalog, store, accept)),
            ["api", version] => discovery::resources(catalog, store, "", version),
            ["apis", group] => discovery::group(catalog, store, group),
            ["apis", group, version] => discovery::resources(catalog, store, group, version),
            ["openapi", "v2"] => Ok(openapi::old_document(catalog, store)),
            // Served by old versions too: kubectl reads the older document in protobuf only.
            ["openapi", "v3"] => Ok(openapi::index(catalog, store)),
            ["openapi", "v3", rest @ ..] => openapi::document(catalog, store, &rest.join("/")),
            _ => Err(ApiStatus::no_such_resource()),
        }
    }

    fn resource(&self, request: &Request, aim: &Aim, verb: &str) -> Outcome {
        let (store, target) = (&self.store, &aim.target);
        let form = Form::new(&aim.kind, &target.version, request.accept, &request.query);
        let namespace = target.namespace.as_deref();
        if aim.kind.group == METRICS {
            if Catalog::is_down(store, METRICS, &target.version) {
                return Err(ApiStatus::unavailable());
            }
            return match verb {
                "get" | "list" => metrics::read(
                    store,
                    &*self.kubelet,
                    &form,
                    namespace,
                    target.name.as_deref(),
                    request,
                ),
                _ => Err(ApiStatus::method_not_allowed()),
            };
        }
        if aim.kind.is_question() {
            return match verb {
                "create" => reviews::answer(store, &aim.kind.kind, request),
                _ => Err(ApiStatus::method_not_allowed()),
            };
        }
        if let Some(subresource) = target.subresource.as_deref() {
            if subresource == "log" && aim.kind.has("log") {
                return logs::read(store, &*self.kubelet, &aim.key(), request, self.stop.clone());
            }
            return subresources::answer(store, &form, aim, subresource, request);
        }
        match verb {
            "get" => read::get(store, &form, &aim.key()),
            "list" => read::list(store, &form, namespace, request),
            "watch" => watch::watch(
                store,
                form,
                namespace,
                target.name.as_deref(),
                request,
                self.stop.clone(),
            ),
            "create" => write::create(store, &form, aim, request),
            "update" => write::update(store, &form, aim, request),
            "patch" => write::patch(store, &form, aim, request),
            "delete" => delete::one(store, &form, aim, request),
            "deletecollection" => delete::collection(store, &form, aim, request),
            _ => Err(ApiStatus::method_not_allowed()),
        }
    }
}

/// The verb that RBAC and faults know a request by.
fn verb(method: &Method, target: Option<&Target>, query: &Query) -> &'static str {
    let named = target.is_none_or(|target| target.name.is_some() || target.plural.is_empty());
    let resource = target.is_some_and(|target| !target.plural.is_empty());
    match *method {
        Method::GET | Method::HEAD if resource && query.flag("watch") => "watch",
        Method::GET | Method::HEAD if !named => "list",
        Method::GET | Method::HEAD => "get",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE if named => "delete",
        Method::DELETE => "deletecollection",
        _ => "unknown",
    }
}

fn wish(verb: &str, target: &Target) -> Wish {
    let namespace = if target.plural == "namespaces" && target.group.is_empty() {
        target.name.clone()
    } else {
        target.namespace.clone()
    };
    Wish {
        verb: verb.to_owned(),
        group: target.group.clone(),
        resource: target.plural.clone(),
        subresource: target.subresource.clone().unwrap_or_default(),
        namespace,
        name: target.name.clone().unwrap_or_default(),
        path: None,
    }
}

/// The usual words of a status code.
fn plain_refusal(code: u16) -> ApiStatus {
    match code {
        401 => ApiStatus::unauthorized(),
        403 => ApiStatus::forbidden("forbidden: switched on as a fault"),
        404 => ApiStatus::no_such_resource(),
        409 => ApiStatus::new(409, "Conflict", "the object has been modified; please try again"),
        410 => ApiStatus::expired("The resourceVersion for the provided watch is too old."),
        429 => ApiStatus::too_many_requests("too many requests, please try again later", 1),
        500 => ApiStatus::internal("an error on the server has prevented the request from succeeding"),
        503 => ApiStatus::unavailable(),
        504 => ApiStatus::new(
            504,
            "Timeout",
            "request did not complete within the allotted timeout",
        ),
        code => ApiStatus::new(
            code,
            "Unknown",
            "an error on the server has prevented the request from succeeding",
        ),
    }
}

/// The reply with its body cut off where a fault says so.
fn cut_short(reply: Reply, striking: &[FaultKind]) -> Reply {
    let end = striking.iter().find_map(|kind| match kind {
        FaultKind::Cut { after: Some(after) } => Some((*after, true)),
        FaultKind::HalfBody { bytes } => Some((*bytes, false)),
        _ => None,
    });
    let Some((bytes, abort)) = end else {
        return reply;
    };
    let (parts, body) = reply.into_parts();
    let content_type = "application/json";
    let chunks = body.into_data_stream().scan(bytes, move |left, chunk| {
        let out = match chunk {
            Ok(_) if *left == 0 => None,
            Ok(chunk) => {
                let part = chunk.slice(..chunk.len().min(*left));
                *left -= part.len();
                Some(Ok::<Bytes, io::Error>(part))
            }
            Err(error) => Some(Err(error)),
        };
        std::future::ready(out)
    });
    let last = futures::stream::iter(abort.then(|| Err(io::Error::from(io::ErrorKind::ConnectionReset))));
    let mut cut = respond::streamed(content_type, chunks.chain(last));
    *cut.status_mut() = parts.status;
    cut
}
