//! The simulated estate from outside: real clients on a real server.

mod scenarios;
