//! What goes wrong between a model and its client.

use std::time::Duration;

/// One thing that goes wrong with requests to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The first piece, and every other, takes its time.
    Slow {
        /// Before the first.
        first: Duration,
        /// Before each other.
        between: Duration,
    },
    /// So many pieces, and then nothing for ever; with 0 not even a status.
    Stall(usize),
    /// So many pieces, and then an error of the server in the stream.
    ErrorLine(usize),
    /// So many pieces, and then a line that belongs to no protocol.
    Garbage(usize),
    /// So many pieces, and then the connection is gone.
    Cut(usize),
    /// The bytes of every character that has several arrive apart.
    SplitCharacters,
    /// Every reply asks for a tool, whatever was said before.
    EndlessCalls,
    /// One reply asks for tools without ever stopping.
    FloodOfCalls,
    /// The tools asked for do not exist, with arguments that make no sense.
    NonsenseCalls,
    /// Tools are asked for in the text.
    CallsAsText,
    /// Tools are asked for in JSON that is broken: the arguments with OpenAI's protocol, a call in the text with
    /// Ollama's, whose servers check it.
    BrokenCalls,
    /// The model will not.
    Refusal,
    /// The server answers with this status.
    Status(u16),
    /// The server does not have the model.
    MissingModel,
}

/// What goes wrong, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    faults: Vec<(Fault, Option<usize>)>,
}

impl Faults {
    /// All goes well.
    pub fn none() -> Self {
        Self::default()
    }

    /// Always this.
    pub fn of(fault: Fault) -> Self {
        Self::none().and(fault)
    }

    /// This for the next `times` requests to the model.
    pub fn times(fault: Fault, times: usize) -> Self {
        Self {
            faults: vec![(fault, Some(times))],
        }
    }

    /// And always this.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.faults.push((fault, None));
        self
    }

    /// What goes wrong with the next request.
    pub(super) fn next(&mut self) -> Vec<Fault> {
        let mut now = Vec::new();
        for (fault, times) in &mut self.faults {
            match times {
                Some(0) => continue,
                Some(times) => *times -= 1,
                None => {}
            }
            now.push(fault.clone());
        }
        now
    }
}
