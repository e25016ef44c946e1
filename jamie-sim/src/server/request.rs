//! What a request asks for: its path taken apart into group, version, namespace, resource, name
//! and subresource; its query; the form of answer it wants.

use std::sync::Arc;

use axum::extract::Query as UrlQuery;
use bytes::Bytes;
use http::{HeaderMap, Method, Uri, header};
use serde_json::Value;

use super::auth::User;
use crate::scenario::Refusal;
use crate::store::ApiStatus;

/// One request, taken apart.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) query: Query,
    pub(crate) accept: Accept,
    pub(crate) headers: HeaderMap,
    pub(crate) user: User,
    /// What validating webhooks refuse.
    pub(crate) refusals: Arc<[Refusal]>,
    pub(crate) body: Bytes,
}

impl Request {
    /// The body as an object, from JSON or YAML.
    pub(crate) fn object(&self) -> Result<Value, ApiStatus> {
        let kind = self.content_type();
        if kind.contains("protobuf") {
            return super::protobuf::object(&self.body);
        }
        if kind.contains("cbor") {
            let message = format!(
                "the body of the request was in an unknown format - accepted media types include: \
                 application/json, application/yaml, application/vnd.kubernetes.protobuf; got {kind}"
            );
            return Err(ApiStatus::unsupported_media_type(message));
        }
        parse_object(&self.body)
    }

    /// Who writes, for the record of who owns which field: as said, or as the client calls itself.
    pub(crate) fn manager(&self) -> String {
        let agent = self.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let agent = agent.split('/').next().unwrap_or_default();
        match (self.query.text("fieldManager"), agent) {
            ("", "") => "unknown".to_owned(),
            ("", agent) => agent.to_owned(),
            (manager, _) => manager.to_owned(),
        }
    }

    pub(crate) fn content_type(&self) -> &str {
        let value = self
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        value
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
    }
}

/// A JSON or YAML text as a value.
pub(crate) fn parse_object(body: &[u8]) -> Result<Value, ApiStatus> {
    let unreadable =
        |error: String| ApiStatus::bad_request(format!("the object provided is unrecognized: {error}"));
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(error) if body.trim_ascii_start().starts_with(b"{") => Err(unreadable(error.to_string())),
        Err(_) => {
            let text = std::str::from_utf8(body).map_err(|error| unreadable(error.to_string()))?;
            // The last of several values counts, as with JSON.
            let options =
                serde_saphyr::options! { duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins };
            serde_saphyr::from_str_with_options(text, options).map_err(|error| unreadable(error.to_string()))
        }
    }
}

/// The query of the URL.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn of(uri: &Uri) -> Self {
        Self(
            UrlQuery::try_from_uri(uri)
                .map(|UrlQuery(pairs)| pairs)
                .unwrap_or_default(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value, or an empty text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value != "0" && !value.eq_ignore_ascii_case("false"))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ApiStatus> {
        match self.text(name) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                ApiStatus::bad_request(format!(
                    "strconv.ParseUint: parsing \"{text}\": invalid syntax ({name})"
                ))
            }),
        }
    }

    pub(crate) fn dry_run(&self) -> Result<bool, ApiStatus> {
        match self.get("dryRun") {
            None => Ok(false),
            Some("All") => Ok(true),
            Some(other) => Err(ApiStatus::bad_request(format!(
                "invalid dryRun value: {other}: supported values: \"All\""
            ))),
        }
    }
}

/// The form of answer that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accept {
    /// The objects themselves.
    Object,
    /// Rows and columns for people.
    Table,
    /// Only metadata.
    Metadata,
    /// All groups and resources in one answer, in the form of this API version.
    Discovery(&'static str),
}

impl Accept {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiStatus> {
        let Some(wanted) = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()) else {
            return Ok(Self::Object);
        };
        for choice in wanted.split(',') {
            let mut parts = choice.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            if !matches!(
                kind,
                "application/json" | "*/*" | "application/*" | "application/yaml" | "text/plain" | ""
            ) {
                continue;
            }
            let parameter = |name: &str| {
                choice
                    .split(';')
                    .filter_map(|part| part.trim().split_once('='))
                    .find(|(key, _)| *key == name)
            };
            match parameter("as").map(|(_, value)| value) {
                None => return Ok(Self::Object),
                Some("Table") => return Ok(Self::Table),
                Some("PartialObjectMetadata" | "PartialObjectMetadataList") => return Ok(Self::Metadata),
                Some("APIGroupDiscoveryList") => match parameter("v").map(|(_, value)| value) {
                    Some("v2") => return Ok(Self::Discovery("v2")),
                    Some("v2beta1") => return Ok(Self::Discovery("v2beta1")),
                    _ => {}
                },
                Some(_) => {}
            }
        }
        if wanted.contains("text/") || wanted.contains("openapi") || wanted.contains("json") {
            return Ok(Self::Object);
        }
        Err(ApiStatus::new(
            406,
            "NotAcceptable",
            "only the following media types are accepted: application/json, application/yaml",
        ))
    }
}

/// The path of a resource, taken apart. Empty parts are not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) namespace: Option<String>,
    pub(crate) plural: String,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<String>,
}

impl Target {
    /// The target of a path such as `/apis/apps/v1/namespaces/shop/deployments/api/scale`.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let target = |namespace: Option<&str>, rest: &[&str]| {
            let mut rest = rest.iter();
            let plural = rest.next()?;
            Some(Self {
                group: group.to_owned(),
                version: version.to_owned(),
                namespace: namespace.map(str::to_owned),
                plural: (*plural).to_owned(),
                name: rest.next().map(|name| (*name).to_owned()),
                subresource: rest.next().map(|name| (*name).to_owned()),
            })
        };
        match rest {
            ["namespaces", _, "status" | "finalize"] | ["namespaces"] | ["namespaces", _] => {
                target(None, rest)
            }
            ["namespaces", namespace, rest @ ..] => target(Some(namespace), rest),
            _ => target(None, rest),
        }
    }
}
