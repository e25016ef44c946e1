//! What the state machine asks of its driver, and what the driver tells it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Event, Plan, Result, Scope, ToolOutput,
    action::Proposed,
    llm::{Delta, ModelRequest},
    memory::{Forget, Memory, Recall, Record},
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
    /// Read the memory, all of it at once; then [`Input::Recalled`].
    Recall(Vec<Recall>),
    /// Ask the directory for the names in this scope; then [`Input::Names`]. Usually it is the request's; where
    /// that is refused or lacks a namespace that the words mention, that namespace is tried.
    LookUp(Scope),
    /// Start a call and do not wait for it; then [`Input::Continue`].
    Start(Call),
    /// Wait for a call, the model or the deadline; then [`Input::Emitted`], [`Input::Finished`],
    /// [`Input::Said`] or [`Input::Deadline`].
    Wait,
    /// Put a change before the policy and park it; then [`Input::Proposed`].
    Propose {
        /// The call that worked it out.
        call: u32,
        /// Its tool.
        tool: String,
        /// What would be done.
        plan: Box<Plan>,
    },
    /// Send a request to the model and do not wait for it; then [`Input::Continue`].
    Think(Box<ModelRequest>),
    /// Erase from the memory; then [`Input::Forgotten`].
    Forget(Oblivion),
    /// Write to the memory; then [`Input::Remembered`].
    Remember(Vec<Record>),
    /// It is over.
    End,
}

/// What a call came to.
#[derive(Debug)]
pub enum Came {
    /// What was found.
    Output(Box<ToolOutput>),
    /// What would be done, where the tool changes something.
    Plan(Box<Plan>),
}

/// What the driver has done, or what happened meanwhile.
#[derive(Debug)]
pub enum Input {
    /// Begin, or go on after [`Step::Emit`] and [`Step::Start`].
    Continue,
    /// What the memory holds: for each recall, in the order of the step, what was found.
    Recalled(Result<Vec<Vec<Memory>>>),
    /// The names that exist.
    Names(Result<Arc<NameIndex>>),
    /// A running call reports something.
    Emitted(Event),
    /// A call came back.
    Finished {
        /// Its number.
        call: u32,
        /// What it found, or would do.
        result: Result<Came>,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// Time is up for every call that still runs.
    Deadline,
    /// A change was put before the policy, and is parked unless that denied it.
    Proposed {
        /// The call that worked it out.
        call: u32,
        /// What came of it.
        result: Result<Proposed>,
    },
    /// The model writes, or has failed.
    Said(Result<Delta>),
    /// The memory has, or has not, forgotten.
    Forgotten(Result<()>),
    /// The memory has, or has not, kept the records.
    Remembered(Result<()>),
}

/// What is to be erased.
#[derive(Debug, Clone)]
pub enum Oblivion {
    /// These records.
    Records(Vec<Forget>),
    /// All that is kept about the person who asks.
    Person,
}
