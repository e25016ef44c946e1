//! Config in, an assembled Jamie out: the one dependency of an embedder.
#![doc = include_str!("../README.md")]

pub mod actions;
pub mod assemble;
pub mod config;
pub mod doctor;

pub use jamie_core as core;
pub use jamie_core::{
    Answer, Block, Error, ErrorKind, Event, Finding, Jamie, Mode, NextStep, ObjectRef, Request, Result,
    Scope, Tool,
};
pub use jamie_tools as tools;

pub use self::{
    actions::FileActions,
    assemble::{Own, assemble, assemble_with},
    config::Config,
};
