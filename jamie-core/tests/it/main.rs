//! Jamie's core, tested through its public interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod chat;
mod conformance;
mod estate;
mod limits;
mod llm;
mod model;
mod people;
mod proposals;
mod tellings;
mod trouble;
mod understanding;
