//! A path and a body in, the server's answer or a typed error out: HTTP as every model server needs it.

mod failure;
mod reply;

use std::{fmt, net::IpAddr, time::Duration};

use reqwest::{
    Client, Method, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout;

#[cfg(feature = "ollama")]
pub(super) use self::failure::error_text;
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
    #[cfg(feature = "ollama")]
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The key, where there is one.
    #[cfg(feature = "ollama")]
    pub(super) fn key(&self) -> Option<&SecretString> {
        self.key.as_ref()
    }

    /// How long it may take.
    #[cfg(feature = "ollama")]
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
