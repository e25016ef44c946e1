//! The simulated estate from outside: real clients on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test may look at its surroundings")]

mod actions;
mod api;
mod effects;
mod kubectl;
mod persons;
mod python;
mod scenarios;
mod shop;
mod wire;
mod writes;
