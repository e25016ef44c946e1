//! The abstractions, the data and the turn of Jamie.
//!
//! A [`Request`] goes into `Jamie::chat`, a stream of
//! [`Event`]s comes out. Everything in between is a trait of this crate
//! ([`Tool`], [`Directory`], [`MemoryStore`], [`Persona`], [`Clock`]) or pure code over plain data.
//! The crate reads no environment, no file and no socket; time comes from a [`Clock`] only. The one exception are the
//! model backends behind the features `ollama` and `openai`: without these there is no network code at all.

pub mod action;
pub mod answer;
pub mod block;
pub mod cache;
pub mod claims;
pub mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod directory;
pub mod embed;
pub mod error;
pub mod event;
pub mod evidence;
pub mod finding;
pub mod jamie;
pub mod llm;
pub mod memory;
pub mod object;
pub mod persona;
pub mod prompt;
pub mod question;
pub mod redact;
pub mod render;
pub mod request;
#[cfg(feature = "http")]
pub mod tls;
pub mod tool;
pub mod turn;
pub mod understand;

pub use self::{
    action::{Action, ActionStore, ApprovalPolicy, Decision, Plan, Proposal},
    answer::{Answer, NextStep, Usage},
    block::Block,
    cache::Cache,
    claims::{Ledger, Ruling, Sentences},
    clock::{Clock, FixedClock, SystemClock},
    directory::{Directory, FixedNames, Name, Names},
    embed::Embedder,
    error::{Error, ErrorKind, Result},
    event::Event,
    evidence::{Evidence, Quoted},
    finding::{Finding, Fingerprint, Severity, Symptom, Verdict},
    jamie::{Builder, Chat, Jamie},
    llm::LlmBackend,
    memory::MemoryStore,
    object::ObjectRef,
    persona::Persona,
    question::{Link, Quantity, Question, Target, TimeRange},
    redact::{Redactor, redact},
    request::{Mode, Person, Pick, Request, Scope},
    tool::{Change, Effect, Phrase, Slot, Tool, ToolContext, ToolOutput, ToolSpec, Toolbox},
    turn::Limits,
};
