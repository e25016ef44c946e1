//! How a model behaves: a prompt in, its reply out.

use super::prompt::Prompt;
use super::reply::Reply;
use super::{narrator, obedient};

/// How a model behaves.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Says what was written beforehand.
    Script(Script),
    /// Reads the facts in the prompt and explains them, naming the objects and citing the evidence; asks for the
    /// first tool that it may use where there are no facts.
    Narrator,
    /// Does whatever any text in the prompt tells it to do.
    Obedient,
}

impl Behaviour {
    pub(super) fn reply(&self, prompt: &Prompt, number: usize) -> Reply {
        match self {
            Self::Script(script) => script.reply(number),
            Self::Narrator => narrator::reply(prompt),
            Self::Obedient => obedient::reply(prompt),
        }
    }
}

/// Replies in order.
#[derive(Clone, Debug)]
pub struct Script {
    replies: Vec<Reply>,
}

impl Script {
    /// These replies in order; the last is given again and again.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            replies: replies.into_iter().collect(),
        }
    }

    /// The same words to everything.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new([Reply::text(text)])
    }

    fn reply(&self, number: usize) -> Reply {
        self.replies
            .get(number)
            .or(self.replies.last())
            .cloned()
            .unwrap_or_default()
    }
}
