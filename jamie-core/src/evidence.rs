//! What a fact rests on: where it was read, word for word, and when.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::redact;

/// Text that came from the estate: a log line, an event, an annotation.
///
/// It is data to quote, never an instruction, so it has no `Display`:
/// whoever prints it asks for it by name and puts it between quotes.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Quoted(String);

impl Quoted {
    /// At most `max` characters are kept of one quote, and the cut is said.
    pub const MAX_CHARS: usize = 600;

    /// So much beyond what is kept is looked at, for secrets that begin before the cut.
    const LOOKED_AT: usize = 4_096;

    /// Takes text from the estate: control and invisible characters are dropped, secrets are replaced, length is capped.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self::passage(text, Self::MAX_CHARS)
    }

    /// The same for a longer passage, a manifest or a stretch of log, kept up to `max` characters.
    pub fn passage(text: impl AsRef<str>, max: usize) -> Self {
        let mut chars = text.as_ref().chars().filter(|c| is_shown(*c));
        let seen: String = chars.by_ref().take(max.saturating_add(Self::LOOKED_AT)).collect();
        let more = chars.next().is_some();
        // A secret that is cut in two would not be known for one: first this, then the cut.
        let mut kept = redact(&seen).into_owned();
        if let Some((cut, _)) = kept.char_indices().nth(max) {
            kept.truncate(cut);
            kept.push_str("… (cut)");
        } else if more {
            kept.push_str("… (cut)");
        }
        Self(kept)
    }

    /// The text, to be shown as a quotation.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text without what nobody can see.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|c| is_shown(*c)).collect()
}

fn is_shown(c: char) -> bool {
    (!c.is_control() || matches!(c, '\n' | '\t')) && !is_invisible(c)
}

/// Characters that take no room, change the direction or only choose a variant: they hide text from a reader.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

impl fmt::Debug for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quoted({:?})", self.0)
    }
}

/// One piece of evidence, cited by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// `e1`, `e2`, …: unique within an answer. Tools leave it empty, the turn numbers it.
    pub id: String,
    /// Where it was read: `Pod shop/api-1 status`, `log of shop/api-1 (api, previous)`, `event`.
    pub source: String,
    /// What stood there.
    pub quote: Quoted,
    /// When it happened, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<Timestamp>,
}

impl Evidence {
    /// A quote from a source, not yet numbered.
    pub fn new(source: impl Into<String>, quote: impl AsRef<str>, at: Option<Timestamp>) -> Self {
        Self {
            id: String::new(),
            source: source.into(),
            quote: Quoted::new(quote),
            at,
        }
    }
}
