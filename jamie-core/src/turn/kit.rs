//! What turns have in common, put together once.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Limits;
use crate::{
    Names, Persona, Toolbox,
    memory::Teachers,
    understand::{Intents, NameIndex},
};

/// What turns have in common: the tools, the voice, the bounds, whether there is a model.
#[derive(Debug)]
pub struct Kit {
    pub(super) tools: Toolbox,
    pub(super) intents: Intents,
    pub(super) no_names: NameIndex,
    pub(super) persona: Arc<dyn Persona>,
    pub(super) limits: Limits,
    pub(super) zone: TimeZone,
    /// Who may teach what holds for the whole team.
    pub(super) teachers: Teachers,
    /// The model's name, where there is a model.
    pub(super) model: Option<String>,
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
            teachers: Teachers::default(),
            model: None,
        }
    }

    /// The same with a model of that name at hand.
    #[must_use]
    pub fn with_model(mut self, name: impl Into<String>) -> Self {
        self.model = Some(name.into());
        self
    }

    /// The same with these people as the only ones who may teach the team.
    #[must_use]
    pub fn with_teachers(mut self, teachers: Teachers) -> Self {
        self.teachers = teachers;
        self
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
