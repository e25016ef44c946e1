//! Tests of the assembled Jamie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actions;
mod attacks;
mod embedder;
mod model;
mod replicas;
mod understanding;
