//! The tools' phrases in, a score per tool for a question's words out.

use crate::Toolbox;

/// The ways in which tools are asked for, compiled from the phrases they declare; built once per toolbox.
#[derive(Debug, Clone)]
pub struct Intents {}

impl Intents {
    /// Compiles the phrases.
    pub fn new(toolbox: &Toolbox) -> Self {
        let _ = toolbox;
        Self {}
    }
}
