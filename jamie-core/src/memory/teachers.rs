//! A person in, whether they may teach what holds for the whole team out.

use serde::{Deserialize, Serialize};

use crate::{Person, action::rules::By};

/// Who may teach what holds for the whole team, and take it back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Teachers {
    /// Anybody.
    #[default]
    Anybody,
    /// These groups and people; nobody where none are named.
    Only(By),
}

impl Teachers {
    /// Whether a person may.
    pub fn may_teach(&self, person: &Person) -> bool {
        match self {
            Self::Anybody => true,
            Self::Only(by) => by.covers(person),
        }
    }

    /// Who may, in words: `anybody in sre`.
    pub fn who(&self) -> String {
        match self {
            Self::Anybody => "anybody".to_owned(),
            Self::Only(by) if *by == By::default() => "nobody".to_owned(),
            Self::Only(by) => by.who(),
        }
    }
}
