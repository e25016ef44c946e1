//! What a request means: the objects, times, amounts and words that were found in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ObjectRef;

/// How a word was linked to an object, from certain to bold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A pronoun, or nothing said: the conversation's focus.
    Focus,
    /// A small typo.
    Typo,
    /// One part of a hyphenated name.
    Part,
    /// The beginning of the name.
    Prefix,
    /// Another word for it: a label, a host name.
    Alias,
    /// The name.
    Exact,
}

/// An object that the question is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The object.
    pub object: ObjectRef,
    /// The words that named it.
    pub said: String,
    /// How they were linked.
    pub link: Link,
}

/// A stretch of time; both ends in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRange {
    /// From here,
    pub from: Timestamp,
    /// to here; `None` means now.
    pub until: Option<Timestamp>,
}

/// An amount in a question.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
pub enum Quantity {
    /// "5", "to five", "three pods".
    Count(u64),
    /// "by 100%": 100.0.
    Percent(f64),
    /// "double", "twice": 2.0; "half": 0.5.
    Factor(f64),
    /// "512Mi", "2 gigs", in bytes.
    Bytes(u64),
    /// "250m" of processor, in thousandths of a core.
    MilliCpu(u64),
    /// "older than 3 days", "for 10 minutes": a length of time that is no point in time, in seconds.
    Duration(u64),
}

/// One request of a sentence, understood.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Question {
    /// The clause as it was said.
    pub text: String,
    /// Its words, lower case, typos in known words mended, in order.
    pub words: Vec<String>,
    /// The objects it names, in the order of mention; for an ambiguous name the likeliest.
    pub targets: Vec<Target>,
    /// What else an ambiguous name could have meant.
    pub rivals: Vec<ObjectRef>,
    /// A word that should be a name and is none, with the nearest names that exist.
    pub unknown: Option<(String, Vec<ObjectRef>)>,
    /// The kind asked for without a name: "which pods…" is `Pod`.
    pub kind: Option<String>,
    /// The namespace it is restricted to, by name, environment word or scope.
    pub namespace: Option<String>,
    /// The time it speaks of.
    pub time: Option<TimeRange>,
    /// The amounts in it, in order.
    pub quantities: Vec<Quantity>,
    /// What stood between quotes: a pattern, a message.
    pub quoted: Vec<String>,
    /// The name of something that is to be made: "create a namespace blue".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<String>,
}
