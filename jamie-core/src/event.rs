//! What comes out of a turn, in order; every frontend renders these and nothing else.

use serde::Serialize;

use crate::{Action, Answer, Block, Error, Finding};

/// One step of an answer.
///
/// A turn ends with exactly one [`Event::Done`] or [`Event::Failed`]. The text, the words, the findings and the
/// questions back, in the order in which they come, are the whole of the answer to be read: a frontend that
/// shows them as they come needs nothing but the timing from [`Event::Done`].
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// Jamie is on it: a line to show while waiting.
    Thinking {
        /// The line.
        line: String,
    },
    /// A tool was started.
    ToolStarted {
        /// Counts the calls of this turn.
        call: u32,
        /// The tool's name.
        tool: String,
        /// What it is asked, in a few words.
        about: String,
    },
    /// A tool came back.
    ToolFinished {
        /// The call's number.
        call: u32,
        /// The tool's name.
        tool: String,
        /// Whether it worked.
        ok: bool,
        /// How long it took, in milliseconds.
        elapsed_ms: u64,
    },
    /// Something is wrong.
    Finding {
        /// What.
        finding: Box<Finding>,
    },
    /// A part of the answer.
    Text {
        /// The part.
        block: Block,
    },
    /// Jamie needs to know more before it can answer.
    Clarify {
        /// One short question.
        question: String,
        /// What to choose from: each is a complete question to send back.
        choices: Vec<String>,
    },
    /// A sentence of a model, checked: it belongs behind the one before, or begins a paragraph.
    Words {
        /// The sentence, without blanks around it.
        text: String,
        /// Whether it begins a paragraph.
        begins: bool,
    },
    /// A change awaits a decision: nothing runs before [`crate::Jamie::decide`] is told of one.
    Approval {
        /// What would be done, to be shown in full.
        action: Box<Action>,
        /// What the decision is bound to.
        digest: String,
        /// Whether the person who asked may approve it themselves.
        may_approve: bool,
        /// Who may, in words.
        who: String,
    },
    /// Policy does not allow a change; the text has said so.
    Denied {
        /// What would have been done.
        title: String,
        /// Why not, one sentence.
        reason: String,
        /// Who may, or when.
        who: Option<String>,
    },
    /// A sentence of the model was held back, because nothing that was found supports it.
    Struck {
        /// The sentence.
        sentence: String,
        /// What in it is not supported.
        reason: String,
    },
    /// The answer is complete.
    Done {
        /// All of it.
        answer: Box<Answer>,
    },
    /// No answer could be given.
    Failed {
        /// A kind word before the bad news, where the persona has one.
        line: Option<String>,
        /// Why, and what to do.
        #[serde(serialize_with = "as_message")]
        error: Error,
    },
}

fn as_message<S: serde::Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap;
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("kind", &format!("{:?}", error.kind()))?;
    map.serialize_entry("message", error.message())?;
    map.serialize_entry("hint", &error.hint())?;
    map.end()
}
