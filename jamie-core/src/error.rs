//! What can go wrong, in one type: a kind to act on, a sentence to read, a hint to follow.

use std::fmt;

/// The result of everything in Jamie that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an error; frontends map it once to a status or an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request makes no sense as given: change it.
    InvalidInput,
    /// What was named does not exist.
    NotFound,
    /// Several things fit what was named: choose one.
    Ambiguous,
    /// The server does not know who asks (401, expired or unknown certificate).
    Unauthorized,
    /// The server knows who asks, and does not allow it (403).
    Forbidden,
    /// Nothing answers there: name, port, network or TLS.
    Unreachable,
    /// An answer did not come in time.
    Timeout,
    /// Too many requests (429).
    RateLimited,
    /// The server is there and failing (5xx, connection cut).
    Unavailable,
    /// The server lacks the feature.
    Unsupported,
    /// A configuration or kubeconfig file is wrong or missing.
    Config,
    /// A fault in Jamie.
    Internal,
}

/// An error with what to do about it.
///
/// `Display` is one line for a person; [`Error::hint`] says what to do next.
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a sentence that says what failed.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// The same error, its sentence and hint rewritten. Its source is dropped: it may say what they no longer say.
    pub(crate) fn map_words(self, rewrite: impl Fn(String) -> String) -> Self {
        Self {
            kind: self.kind,
            message: rewrite(self.message),
            hint: self.hint.map(rewrite),
            source: None,
        }
    }

    /// What a caller can act on.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence without the hint.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Whether trying again, unchanged, may help.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Unreachable
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("message", &self.message)
            .field("hint", &self.hint)
            .field("source", &self.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
