//! The simulated estate from outside: real clients on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod kubectl;
mod python;
mod effects;
mod scenarios;
mod shop;
