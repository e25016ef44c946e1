//! A change as typed operations in; its rehearsal, its writes and a verdict on its effect out.
//!
//! A tool works out a [`Draft`]: what to write, how it is called, what should hold afterwards, what takes it back.
//! Everything else is the same for all of them. [`plan`] has the server rehearse the writes and says how far they
//! reach; [`run`] carries them out on the objects as they were planned, or not at all; [`watch`] looks whether the
//! effect has come.

mod difference;
mod draft;
mod goal;
mod guard;
mod impact;
mod operation;
mod plan;
mod refusal;
mod run;
mod stuck;
mod watch;

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    draft::Draft,
    goal::Goal,
    operation::{Operation, Write},
    plan::plan,
    run::run,
    watch::watch,
};

/// What a plan carries to its run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Payload {
    operations: Vec<Operation>,
    goal: Goal,
}
