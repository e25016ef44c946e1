//! What turns have in common, put together once.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Limits;
use crate::{
    Names, Persona, Toolbox,
    understand::{Intents, NameIndex},
};

/// What turns have in common: the tools, the voice, the bounds.
#[derive(Debug)]
pub struct Kit {
    pub(super) tools: Toolbox,
    pub(super) intents: Intents,
    pub(super) no_names: NameIndex,
    pub(super) persona: Arc<dyn Persona>,
    pub(super) limits: Limits,
    pub(super) zone: TimeZone,
}

impl Kit {
    /// Compiles the tools' phrases; once per toolbox.
    pub fn new(tools: Toolbox, persona: Arc<dyn Persona>, limits: Limits, zone: TimeZone) -> Self {
        Self {
            intents: Intents::new(&tools),
            no_names: NameIndex::new(Arc::new(Names::default())),
            tools,
            persona,
            limits,
            zone,
        }
    }

    /// The tools at hand.
    pub fn tools(&self) -> &Toolbox {
        &self.tools
    }

    /// The bounds of a turn.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}
