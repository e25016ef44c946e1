//! The `jamie` command as its user runs it: a real process, a real server on loopback, real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod answers;
mod bad_input;
mod conversation;
mod knowledge;
mod memory;
mod models;
mod pages;
mod run;
mod unwell_server;
