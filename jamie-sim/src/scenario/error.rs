//! What is wrong with a scenario file, and where.

use std::{fmt, io};

/// A scenario that could not be read: the file, the line where known, and what is wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl ScenarioError {
    pub(super) fn new(file: &str, line: Option<u64>, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            message: message.into(),
        }
    }

    pub(super) fn read(file: &str, error: &io::Error) -> Self {
        Self::new(file, None, error.to_string())
    }

    /// `offset` is the number of lines before the text that was parsed.
    pub(super) fn yaml(file: &str, offset: u64, error: &serde_saphyr::Error) -> Self {
        let line = error.location().map(|location| location.line() + offset);
        let message = error.without_snippet().to_string();
        // The parser counts lines of the text it saw; ours are the file's.
        let message = message
            .rsplit_once(" at line ")
            .map_or(message.as_str(), |(what, _)| what);
        Self::new(file, line, message)
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for ScenarioError {}
