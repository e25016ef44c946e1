//! A path and a body in, the server's answer or a typed error out: HTTP as every model server needs it.

use std::{collections::VecDeque, fmt, net::IpAddr, time::Duration};

use futures::{StreamExt, stream};
use reqwest::{
    Client, Method, Response, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    Delta, DeltaStream,
    decode::{Decode, cut},
};
use crate::{Error, ErrorKind, Result, tls};

/// How long a model server may take for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// To accept a connection.
    pub connect: Duration,
    /// To answer a question about itself: its version, its models.
    pub answer: Duration,
    /// Between two pieces of a reply, and before the first: a model may have to be loaded.
    pub idle: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            answer: Duration::from_secs(5),
            idle: Duration::from_mins(1),
        }
    }
}

/// A model server.
pub(super) struct Http {
    client: Client,
    base: Url,
    key: Option<SecretString>,
    waits: Waits,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("server", &self.shown())
            .field("key", &self.key.is_some())
            .field("waits", &self.waits)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// The most of an error's body that is read.
    const MAX_ERROR: usize = 16 << 10;
    /// The most of an answer about the server itself that is read.
    const MAX_ANSWER: usize = 8 << 20;

    /// A server by its address; nothing is sent yet.
    pub(super) fn new(url: &str, key: Option<SecretString>, waits: Waits) -> Result<Self> {
        let base = base(url)?;
        tls::init();
        let mut builder = Client::builder()
            .connect_timeout(waits.connect)
            // What a prompt holds, and the key, go to the server that was named and to no other.
            .redirect(Policy::none());
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        if base.scheme() == "http" {
            // Without this, every client reads the system's certificates: for nothing, and in vain where there are none.
            let config = rustls::ClientConfig::builder()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
            builder = builder.tls_backend_preconfigured(config);
        }
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Config, "no connection to a model server can be set up")
                .with_hint("for https the system's certificates must be installed (ca-certificates)")
                .with_source(error)
        })?;
        Ok(Self {
            client,
            base,
            key,
            waits,
        })
    }

    /// The address without a name or password in it.
    pub(super) fn shown(&self) -> String {
        let mut shown = self.base.clone();
        // Both fail only for addresses that have no host, which `base` refuses.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.as_str().trim_end_matches('/').to_owned()
    }

    /// The address, with a slash at its end.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The key, where there is one.
    pub(super) fn key(&self) -> Option<&SecretString> {
        self.key.as_ref()
    }

    /// How long it may take.
    pub(super) fn waits(&self) -> Waits {
        self.waits
    }

    /// Asks the server about itself.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        timeout(self.waits.answer, async {
            let response = self.send(Method::GET, path, None).await?;
            let body = self.body(response, Self::MAX_ANSWER).await?;
            serde_json::from_slice(&body).map_err(|error| super::decode::unreadable(&body, &error))
        })
        .await
        .map_err(|_| self.late(self.waits.answer))?
    }

    /// Sends a body and gives the response as soon as it begins.
    pub(super) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response> {
        let body = serde_json::to_vec(body).map_err(|error| {
            Error::new(ErrorKind::Internal, "a request to the model cannot be written").with_source(error)
        })?;
        timeout(self.waits.idle, self.send(Method::POST, path, Some(body)))
            .await
            .map_err(|_| self.late(self.waits.idle))?
    }

    async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Response> {
        let url = self.base.join(path).map_err(|error| {
            Error::new(ErrorKind::Internal, format!("{path:?} is no path")).with_source(error)
        })?;
        let mut request = self.client.request(method, url);
        if let Some(key) = &self.key {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {}", key.expose_secret())).map_err(|_| {
                    Error::new(
                        ErrorKind::Config,
                        "the model server's key holds characters that no key can",
                    )
                    .with_hint("set model.api_key again, without spaces or line breaks")
                })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| self.failed(error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refused(response).await)
    }

    /// At most `most` bytes of a body.
    async fn body(&self, mut response: Response, most: usize) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            body.extend_from_slice(&chunk[..chunk.len().min(most - body.len())]);
            if body.len() == most {
                break;
            }
        }
        Ok(body)
    }

    /// The error that a status means, in the server's words.
    async fn refused(&self, response: Response) -> Error {
        let status = response.status();
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = timeout(self.waits.answer, self.body(response, Self::MAX_ERROR))
            .await
            .ok()
            .and_then(Result::ok)
            .unwrap_or_default();
        let said = self.without_key(&error_text(&body));
        let who = self.shown();
        let error = |kind, what: &str| {
            let said = if said.is_empty() {
                String::new()
            } else {
                format!(": {said}")
            };
            Error::new(kind, format!("the model server at {who} {what}{said}"))
        };
        match status {
            StatusCode::UNAUTHORIZED => error(ErrorKind::Unauthorized, "does not know who asks")
                .with_hint("set model.api_key (JAMIE_MODEL_API_KEY) to a key of that server"),
            StatusCode::FORBIDDEN => error(ErrorKind::Forbidden, "does not allow it")
                .with_hint("the key in model.api_key lacks a permission there"),
            StatusCode::NOT_FOUND => {
                error(ErrorKind::NotFound, "does not have it").with_hint("check model.url and model.name")
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
                error(ErrorKind::Timeout, "took too long")
            }
            StatusCode::TOO_MANY_REQUESTS => error(ErrorKind::RateLimited, "gets too many requests")
                .with_hint(wait.map_or_else(
                    || "try again in a little while".to_owned(),
                    |wait| format!("it asks to wait {wait} seconds"),
                )),
            status if status.is_client_error() && is_about_tools(&said) => {
                error(ErrorKind::Unsupported, "cannot let this model ask for tools")
            }
            status if status.is_client_error() && is_about_length(&said) => error(
                ErrorKind::InvalidInput,
                "finds the request longer than the context window",
            )
            .with_hint("raise model.context_window as far as the model and its memory allow"),
            status if status.is_client_error() || status.is_redirection() => error(
                ErrorKind::InvalidInput,
                &format!("refuses the request ({status})"),
            )
            .with_hint("check that model.url leads to the server that model.provider names"),
            status => error(ErrorKind::Unavailable, &format!("is failing ({status})"))
                .with_hint("the model server's own log says why"),
        }
    }

    /// The error of a connection.
    fn failed(&self, error: reqwest::Error) -> Error {
        let who = self.shown();
        let (kind, what) = if error.is_timeout() && !error.is_connect() {
            (ErrorKind::Timeout, "did not answer in time")
        } else if error.is_connect() || error.is_timeout() {
            (ErrorKind::Unreachable, "cannot be reached")
        } else {
            (ErrorKind::Unavailable, "broke the connection")
        };
        Error::new(kind, format!("the model server at {who} {what}"))
            .with_hint("check that it runs and that model.url is right; `jamie models` tests it")
            // Its address may hold a password.
            .with_source(error.without_url())
    }

    fn late(&self, waited: Duration) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!(
                "the model server at {} did not answer within {:.1} s",
                self.shown(),
                waited.as_secs_f32()
            ),
        )
        .with_hint("a model that is being loaded needs a while; `jamie models` waits for it")
    }

    /// Servers repeat a wrong key in what they say about it.
    fn without_key(&self, said: &str) -> String {
        match &self.key {
            Some(key) if !key.expose_secret().is_empty() => said.replace(key.expose_secret(), "…"),
            _ => said.to_owned(),
        }
    }

    /// The reply as it comes. Dropping the stream closes the connection, which tells the server to stop.
    pub(super) fn deltas(&self, response: Response, decoder: impl Decode + 'static) -> DeltaStream {
        let reply = Reply {
            response,
            decoder,
            ready: VecDeque::new(),
            failed: None,
            over: false,
            idle: self.waits.idle,
        };
        let deltas = stream::unfold(reply, |mut reply| async move {
            let delta = reply.next().await?;
            Some((delta, reply))
        });
        Box::pin(deltas.fuse())
    }
}

/// A reply that is being read.
struct Reply<D> {
    response: Response,
    decoder: D,
    ready: VecDeque<Delta>,
    failed: Option<Error>,
    over: bool,
    idle: Duration,
}

impl<D: Decode> Reply<D> {
    async fn next(&mut self) -> Option<Result<Delta>> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                return Some(Ok(delta));
            }
            if let Some(error) = self.failed.take() {
                self.over = true;
                return Some(Err(error));
            }
            if self.over {
                return None;
            }
            // What was decoded before an error still goes out before it.
            let read = match timeout(self.idle, self.response.chunk()).await {
                Ok(Ok(Some(bytes))) => self.decoder.push(&bytes, &mut self.ready),
                Ok(Ok(None)) => self.decoder.finish(&mut self.ready),
                Ok(Err(error)) => Err(cut().with_source(error.without_url())),
                Err(_) => Err(Error::new(
                    ErrorKind::Timeout,
                    format!("the model fell silent for {:.1} s", self.idle.as_secs_f32()),
                )
                .with_hint("try again; the model server may be short of memory or busy")),
            };
            self.failed = read.err();
            self.over = self.failed.is_none() && self.decoder.is_over();
        }
    }
}

/// An address as a base to which paths are added, whether it ends with a slash or not.
fn base(url: &str) -> Result<Url> {
    let wrong = || {
        Error::new(
            ErrorKind::Config,
            "the address of the model server is no http or https address",
        )
        .with_hint("model.url looks like http://127.0.0.1:11434")
    };
    let mut url = Url::parse(url.trim()).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// Whether it is this machine, which is never reached through a proxy.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

/// What a server says went wrong: `{"error": "…"}`, `{"error": {"message": "…"}}` or plain text; one short line.
pub(super) fn error_text(body: &[u8]) -> String {
    const MAX_SAID: usize = 300;
    let text = String::from_utf8_lossy(body);
    let said = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| {
            let error = body.get("error").or_else(|| body.get("detail")).unwrap_or(&body);
            let error = error.get("message").unwrap_or(error);
            error.as_str().map(str::to_owned)
        })
        // A page of HTML says nothing to a person.
        .or_else(|| Some(text.trim().to_owned()).filter(|text| !text.starts_with(['<', '{', '['])))
        .unwrap_or_default();
    let line: String = said
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_SAID)
        .collect();
    line.trim().trim_end_matches('.').to_owned()
}

fn is_about_tools(said: &str) -> bool {
    said.contains("does not support tools")
}

fn is_about_length(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("context length") || said.contains("context window") || said.contains("context_length")
}
