//! What every implementation of a trait of this crate must do; each runs its suite in its own tests.
//!
//! A suite gives the first thing that is wrong, in words:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), String> {
//! use jamie_core::{conformance, memory::InMemory};
//!
//! conformance::memory(&InMemory::default()).await
//! # }
//! ```

mod actions;
mod cache;
mod clock;
mod directory;
mod embedder;
mod llm;
mod memory;
mod persona;
mod tool;

pub use self::{
    actions::actions, cache::cache, clock::clock, directory::directory, embedder::embedder, llm::llm,
    memory::memory, persona::persona, tool::tool,
};

/// The result of a suite: what is wrong, in words.
pub type Verdict = Result<(), String>;

/// Says what is wrong unless it is right.
fn ensure(right: bool, wrong: impl FnOnce() -> String) -> Verdict {
    if right { Ok(()) } else { Err(wrong()) }
}
