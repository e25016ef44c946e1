//! A simulated estate: servers that speak the real wire protocols on loopback, so that the very
//! same clients are used as in production.

mod controllers;
mod defaults;
mod estate;
pub mod generate;
pub mod kubelet;
pub mod model;
mod object;
mod quantity;
mod scenario;
pub mod server;
pub mod store;

pub use estate::{Capture, Estate, EstateError, Options};
pub use model::ModelServer;
pub use scenario::{
    Access, Asker, Behaviour, Cause, Check, Condition, Does, Expectation, ExtraEvent, FixedBy, Node, Outcome,
    PastChange, Permission, Phrase, Question, Reference, Refusal, Request, Rule, Says, Scenario,
    ScenarioError, Server, Span, Target, Test, Usage,
};
pub use store::{ApiStatus, Change, ChangeKind, Key, Lagged, Store, Subscription};
