//! What the server answers when it cannot do as asked: the `Status` object of the Kubernetes
//! API, with the reasons and wording of the real one.

use serde_json::{Value, json};

use super::Key;

/// A refusal, as the API tells it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ApiStatus {
    /// The HTTP status code.
    pub code: u16,
    /// The reason in one word, such as `NotFound`.
    pub reason: String,
    /// What went wrong, for people.
    pub message: String,
    /// What it is about, for programs.
    pub details: Option<Value>,
    /// When to come back.
    pub retry_after_seconds: Option<u32>,
}

impl ApiStatus {
    /// A refusal with the given code, reason and message.
    pub fn new(code: u16, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.to_owned(),
            message: message.into(),
            details: None,
            retry_after_seconds: None,
        }
    }

    /// The object is not there.
    pub fn not_found(key: &Key) -> Self {
        Self::about(
            key,
            404,
            "NotFound",
            format!("{} \"{}\" not found", key.resource(), key.name),
        )
    }

    /// The path leads nowhere.
    pub fn no_such_resource() -> Self {
        let mut status = Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        );
        status.details = Some(json!({}));
        status
    }

    /// The name is taken; `leaving` when its holder is being deleted.
    pub fn already_exists(key: &Key, leaving: bool) -> Self {
        let told = if leaving { "object is being deleted: " } else { "" };
        Self::about(
            key,
            409,
            "AlreadyExists",
            format!("{told}{} \"{}\" already exists", key.resource(), key.name),
        )
    }

    /// Somebody else wrote in between.
    pub fn conflict(key: &Key) -> Self {
        Self::cannot_be_fulfilled(
            key,
            "the object has been modified; please apply your changes to the latest version and try again",
        )
    }

    /// A conflict for another reason.
    pub fn cannot_be_fulfilled(key: &Key, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{}\": {why}",
            key.resource(),
            key.name
        );
        Self::about(key, 409, "Conflict", message)
    }

    pub(crate) fn uid_conflict(key: &Key, given: &Value, now: &Value) -> Self {
        let uid = |metadata: &Value| {
            metadata
                .get("uid")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let why = format!(
            "Precondition failed: UID in precondition: {}, UID in object meta: {}",
            uid(given),
            uid(now)
        );
        Self::cannot_be_fulfilled(key, &why)
    }

    /// A new object without a name.
    pub fn name_required(key: &Key) -> Self {
        let kind = key.resource();
        let message = format!(
            "{kind} \"\" is invalid: metadata.name: Required value: name or generateName is required"
        );
        Self::about(key, 422, "Invalid", message)
    }

    /// The request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// The caller may not.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "Forbidden", message)
    }

    /// The caller is nobody.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// The resource has no such verb.
    pub fn method_not_allowed() -> Self {
        Self::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
    }

    /// The body is in a language the server does not speak.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(415, "UnsupportedMediaType", message)
    }

    /// The asked-for past is forgotten.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// Too much at once, or a budget is spent.
    pub fn too_many_requests(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        let mut status = Self::new(429, "TooManyRequests", message);
        status.retry_after_seconds = Some(retry_after_seconds);
        status
    }

    /// The server failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalError", message)
    }

    /// Whoever should answer does not.
    pub fn unavailable() -> Self {
        Self::new(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        )
    }

    /// The same with causes for programs to read.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// A refusal about one object.
    pub fn about(key: &Key, code: u16, reason: &str, message: String) -> Self {
        Self::new(code, reason, message)
            .with_details(json!({"name": key.name, "group": key.group, "kind": key.plural}))
    }

    /// The `Status` object that goes over the wire.
    pub fn to_value(&self) -> Value {
        let mut details = self.details.clone();
        if let Some(seconds) = self.retry_after_seconds {
            let details = details.get_or_insert_with(|| json!({}));
            details["retryAfterSeconds"] = json!(seconds);
        }
        let mut value = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code,
        });
        if let Some(details) = details {
            value["details"] = details;
        }
        value
    }
}
