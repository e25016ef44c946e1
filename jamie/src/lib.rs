//! Config in, an assembled Jamie out: the one dependency of an embedder.
#![doc = include_str!("../README.md")]

pub mod actions;
pub mod assemble;
mod cache;
pub mod config;
pub mod doctor;
mod guides;
pub mod memory;
pub mod model;

pub use jamie_core as core;
pub use jamie_core::{
    Action, Answer, Block, Chat, Decision, Error, ErrorKind, Event, Finding, Jamie, LlmBackend, Mode,
    NextStep, ObjectRef, Person, Quoted, Request, Result, Scope, Tool, action, llm,
};
pub use jamie_knowledge as knowledge;
pub use jamie_tools as tools;

pub use self::{
    actions::FileActions,
    assemble::{Own, assemble, assemble_with},
    config::Config,
};
