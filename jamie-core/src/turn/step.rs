//! What the state machine asks of its driver, and what the driver tells it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Event, Result, Scope, ToolOutput,
    memory::{Memory, Recall, Record},
    understand::NameIndex,
};

/// One call to a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Counts the calls of the turn, from 1.
    pub number: u32,
    /// The tool's name.
    pub tool: String,
    /// Its arguments.
    pub args: Value,
    /// What it is asked, in a few words.
    pub about: String,
}

/// What the driver does next. The list is meant to be complete: a driver handles every step.
#[derive(Debug)]
pub enum Step {
    /// Send an event; then [`Input::Continue`].
    Emit(Event),
    /// Read the memory; then [`Input::Recalled`].
    Recall {
        /// Facts about the person.
        facts: Recall,
        /// Turns of the conversation.
        turns: Recall,
    },
    /// Ask the directory for the names in this scope; then [`Input::Names`]. Usually it is the request's; where
    /// that is refused or lacks a namespace that the words mention, that namespace is tried.
    LookUp(Scope),
    /// Start a call and do not wait for it; then [`Input::Continue`].
    Start(Call),
    /// Wait for a call or the deadline; then [`Input::Emitted`], [`Input::Finished`] or [`Input::Deadline`].
    Wait,
    /// Write to the memory; then [`Input::Remembered`].
    Remember(Vec<Record>),
    /// It is over.
    End,
}

/// What the driver has done, or what happened meanwhile.
#[derive(Debug)]
pub enum Input {
    /// Begin, or go on after [`Step::Emit`] and [`Step::Start`].
    Continue,
    /// What the memory holds: facts and turns, newest first.
    Recalled(Result<(Vec<Memory>, Vec<Memory>)>),
    /// The names that exist.
    Names(Result<Arc<NameIndex>>),
    /// A running call reports something.
    Emitted(Event),
    /// A call came back.
    Finished {
        /// Its number.
        call: u32,
        /// What it found.
        result: Result<ToolOutput>,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// Time is up for everything that still runs.
    Deadline,
    /// The memory has, or has not, kept the records.
    Remembered(Result<()>),
}
