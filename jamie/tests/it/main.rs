//! Tests of the assembled Jamie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod model;
mod actions;
mod understanding;
