//! Tests of the assembled Jamie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actions;
mod attacks;
mod model;
mod replicas;
mod understanding;
