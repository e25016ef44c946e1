//! What a model says: the same for both protocols.

use serde_json::Value;

/// One reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// What it thinks first.
    pub thinking: String,
    /// Its words.
    pub text: String,
    /// The tools it asks for.
    pub calls: Vec<Call>,
    /// Why it ends.
    pub end: End,
}

/// A tool that a model asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The tool's name.
    pub name: String,
    /// Its arguments.
    pub arguments: Value,
}

/// Why a reply ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Everything was said, or tools are waited for.
    #[default]
    Stop,
    /// The limit of tokens was reached.
    Length,
    /// The rest was withheld.
    Refused,
}

impl Reply {
    /// Words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// One tool.
    pub fn call(name: impl Into<String>, arguments: Value) -> Self {
        Self::default().and_call(name, arguments)
    }

    /// One more tool.
    #[must_use]
    pub fn and_call(mut self, name: impl Into<String>, arguments: Value) -> Self {
        self.calls.push(Call {
            name: name.into(),
            arguments,
        });
        self
    }

    /// Thoughts before it.
    #[must_use]
    pub fn thinking(mut self, thinking: impl Into<String>) -> Self {
        self.thinking = thinking.into();
        self
    }

    /// Another end.
    #[must_use]
    pub fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The words as a model writes them: piece by piece.
    pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split_inclusive([' ', '\n'])
    }

    /// About how many tokens it has.
    pub(crate) fn tokens(&self) -> usize {
        let calls: usize = self
            .calls
            .iter()
            .map(|call| call.name.len() + call.arguments.to_string().len())
            .sum();
        tokens(self.thinking.len() + self.text.len() + calls)
    }
}

/// About how many tokens so many bytes of English are.
pub(crate) fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(4)
}
