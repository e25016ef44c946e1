//! One kind, listed: page by page, each item by itself, within a deadline; what could not be read is said.

use jamie_core::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{Cluster, request::Refusal};
use crate::snapshot::Coverage;

/// Where a kind lives in the API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// `/api/v1` or `/apis/apps/v1`.
    pub(super) base: &'static str,
    pub(super) plural: &'static str,
    pub(super) namespaced: bool,
    /// Items per page.
    pub(super) page: usize,
    /// More of the query, beginning with `&`.
    pub(super) query: &'static str,
}

impl Kind {
    pub(super) const fn new(base: &'static str, plural: &'static str, namespaced: bool) -> Self {
        Self {
            base,
            plural,
            namespaced,
            page: 500,
            query: "",
        }
    }
}

/// What a listing gave.
#[derive(Debug)]
pub(super) struct Listed<K> {
    pub(super) items: Vec<K>,
    pub(super) coverage: Coverage,
    pub(super) notes: Vec<String>,
    /// The version of the list, from which on it can be watched.
    pub(super) version: String,
}

/// From one item's JSON to the type that is kept.
pub(super) type Decode<K> = fn(&str) -> Result<K, serde_json::Error>;

/// More pages than this is no cluster that one look can take in.
const MAX_PAGES: usize = 200;

/// A page of 500 objects of a megabyte, which etcd's limit makes the worst case, would not fit; real ones do.
const MAX_PAGE_BYTES: usize = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: PageMeta,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize, Default)]
struct PageMeta {
    #[serde(default, rename = "continue")]
    next: Option<String>,
    #[serde(default, rename = "resourceVersion")]
    version: String,
}

impl Cluster {
    /// Lists a kind everywhere, or in the namespaces in play where everywhere is forbidden.
    ///
    /// An error means that nothing else will work either: nobody there, or nobody who knows us.
    pub(super) async fn list<K>(
        &self,
        kind: Kind,
        decode: Decode<K>,
        deadline: Instant,
    ) -> Result<Listed<K>, Error> {
        let mut listed = Listed {
            items: Vec::new(),
            coverage: Coverage::Complete,
            notes: Vec::new(),
            version: String::new(),
        };
        let path = format!("{}/{}", kind.base, kind.plural);
        match self.pages(kind, &path, decode, &mut listed, deadline).await {
            Ok(()) => {}
            Err(refusal) if refusal.code == Some(403) => {
                listed.coverage = Coverage::Forbidden;
                if kind.namespaced {
                    self.by_namespace(kind, decode, &mut listed, deadline).await?;
                }
            }
            // A server that does not know the selector gets asked for everything.
            Err(refusal) if refusal.code == Some(400) && !kind.query.is_empty() => {
                let kind = Kind { query: "", ..kind };
                return Box::pin(self.list(kind, decode, deadline)).await;
            }
            Err(refusal) if refusal.code == Some(404) => listed.coverage = Coverage::Missing,
            Err(refusal) => {
                if is_fatal(&refusal) {
                    return Err(refusal.error);
                }
                listed.coverage = Coverage::Failed(refusal.error.message().to_owned());
            }
        }
        Ok(listed)
    }

    /// Lists a kind at the first of several places that the server has.
    pub(super) async fn list_first<K>(
        &self,
        places: &[(Kind, Decode<K>)],
        deadline: Instant,
    ) -> Result<Listed<K>, Error> {
        let mut listed = Listed {
            items: Vec::new(),
            coverage: Coverage::Missing,
            notes: Vec::new(),
            version: String::new(),
        };
        for (kind, decode) in places {
            listed = self.list(*kind, *decode, deadline).await?;
            if listed.coverage != Coverage::Missing {
                break;
            }
        }
        Ok(listed)
    }

    async fn by_namespace<K>(
        &self,
        kind: Kind,
        decode: Decode<K>,
        listed: &mut Listed<K>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let mut seen = Vec::new();
        for namespace in self.namespaces_in_play() {
            let path = format!("{}/namespaces/{namespace}/{}", kind.base, kind.plural);
            match self.pages(kind, &path, decode, listed, deadline).await {
                Ok(()) => seen.push(namespace),
                Err(refusal) if is_fatal(&refusal) => return Err(refusal.error),
                Err(refusal) if refusal.code == Some(403) => {}
                Err(refusal) => {
                    listed.notes.push(format!(
                        "{} of `{namespace}`: {}",
                        kind.plural,
                        refusal.error.message()
                    ));
                }
            }
        }
        if !seen.is_empty() {
            listed.coverage = Coverage::Namespaces(seen);
        }
        Ok(())
    }

    async fn pages<K>(
        &self,
        kind: Kind,
        path: &str,
        decode: Decode<K>,
        listed: &mut Listed<K>,
        deadline: Instant,
    ) -> Result<(), Refusal> {
        let start = listed.items.len();
        let mut token = String::new();
        let mut restarts = 0;
        let mut malformed = 0_usize;
        let mut example = String::new();
        for _ in 0..MAX_PAGES {
            let page = if token.is_empty() {
                format!("{path}?limit={}{}", kind.page, kind.query)
            } else {
                format!(
                    "{path}?limit={}{}&continue={}",
                    kind.page,
                    kind.query,
                    escape(&token)
                )
            };
            let bytes = match self.get(&page, MAX_PAGE_BYTES, deadline).await {
                Ok(bytes) => bytes,
                // The server forgot the version that the pages belong to: from the start, once or twice.
                Err(refusal) if refusal.code == Some(410) && restarts < 2 => {
                    restarts += 1;
                    token.clear();
                    listed.items.truncate(start);
                    continue;
                }
                Err(refusal) => {
                    let read = listed.items.len() - start;
                    if read > 0 && refusal.code.is_none() {
                        listed.notes.push(format!(
                            "only the first {read} {} were read: {}",
                            kind.plural,
                            refusal.error.message()
                        ));
                    }
                    return Err(refusal);
                }
            };
            let page: Page<'_> = serde_json::from_slice(&bytes).map_err(|error| Refusal {
                code: None,
                error: Error::new(
                    ErrorKind::Unavailable,
                    format!("the list of {} is not readable: {error}", kind.plural),
                ),
            })?;
            for item in page.items.into_iter().flatten() {
                match decode(item.get()) {
                    Ok(item) => listed.items.push(item),
                    Err(error) => {
                        malformed += 1;
                        if example.is_empty() {
                            example = format!("{} ({error})", name_of(item.get()));
                        }
                    }
                }
            }
            listed.version = page.metadata.version;
            if let Some(next) = page.metadata.next.filter(|next| !next.is_empty()) { token = next } else {
                if malformed > 0 {
                    listed.notes.push(format!(
                        "{malformed} of the {} could not be read and were left out, for instance {example}",
                        kind.plural
                    ));
                }
                return Ok(());
            }
        }
        listed.notes.push(format!(
            "there are more {} than one look takes in: only {} were read",
            kind.plural,
            listed.items.len() - start
        ));
        Ok(())
    }
}

/// Whether the other kinds will fare no better.
fn is_fatal(refusal: &Refusal) -> bool {
    matches!(
        refusal.error.kind(),
        ErrorKind::Unreachable | ErrorKind::Unauthorized | ErrorKind::Config
    )
}

fn name_of(item: &str) -> String {
    #[derive(Deserialize)]
    struct Named {
        metadata: Meta,
    }
    #[derive(Deserialize)]
    struct Meta {
        name: String,
        #[serde(default)]
        namespace: String,
    }
    serde_json::from_str::<Named>(item).map_or_else(
        |_| "one without a name".to_owned(),
        |named| format!("{}/{}", named.metadata.namespace, named.metadata.name),
    )
}

/// Percent-encodes what may not stand in a query value.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
