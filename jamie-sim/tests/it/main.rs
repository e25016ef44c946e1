//! The simulated estate from outside: real clients on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod effects;
mod kubectl;
mod python;
mod scenarios;
mod shop;
