//! A message in, how the person sounds out.

use serde::{Deserialize, Serialize};

/// How a person sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// In good spirits.
    Cheerful,
    /// Annoyed or worried.
    Frustrated,
    /// In a hurry.
    Urgent,
}
