//! The parts an answer is made of, and their Markdown; frontends lay them out as suits them.

mod inert;

use serde::{Deserialize, Serialize};

pub(crate) use self::inert::inert;
use crate::{Finding, Quoted};

/// One part of an answer.
///
/// Strings are Jamie's own words in plain text with `code` in backticks and **bold** at most;
/// text from the estate comes in [`Block::Quote`] or [`Block::Code`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Block {
    /// A paragraph.
    Para {
        /// The words.
        text: String,
    },
    /// A short heading.
    Heading {
        /// The words.
        text: String,
    },
    /// A list.
    List {
        /// One entry each.
        items: Vec<String>,
    },
    /// A table; every row has as many cells as there are headers.
    Table {
        /// Column names.
        headers: Vec<String>,
        /// The cells.
        rows: Vec<Vec<String>>,
    },
    /// A command, a manifest, log lines: shown as they are.
    Code {
        /// `sh`, `yaml`, `log`, `diff` or empty.
        language: String,
        /// The text.
        text: Quoted,
    },
    /// Something the estate said.
    Quote {
        /// Where it was read.
        source: String,
        /// What stood there.
        text: Quoted,
    },
    /// An incident card.
    Finding {
        /// What is wrong.
        finding: Box<Finding>,
    },
}

impl Block {
    /// A paragraph.
    pub fn para(text: impl Into<String>) -> Self {
        Self::Para { text: text.into() }
    }
}
