//! What people ask about a scenario, and what a right answer holds.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// One question in several wordings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Question {
    /// The wordings.
    pub ask: Vec<String>,
    /// The namespace given beside the question, if any.
    #[serde(default)]
    pub namespace: Option<String>,
    /// What the answer must hold.
    #[serde(default)]
    pub expect: Expectation,
}

/// The facts that a right answer holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Expectation {
    /// Each must be in the text, whatever its case.
    #[serde(default)]
    pub all: Vec<Phrase>,
    /// None of these may be in the text.
    #[serde(default)]
    pub none: Vec<Phrase>,
    /// The object that the first finding blames.
    #[serde(default)]
    pub cause: Option<Cause>,
    /// How many findings there are, exactly.
    #[serde(default)]
    pub findings: Option<usize>,
}

/// The object to blame.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Cause {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace, where that matters.
    #[serde(default)]
    pub namespace: Option<String>,
}

/// Words of which at least one must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(Vec<String>);

impl Phrase {
    /// The alternatives.
    pub fn alternatives(&self) -> &[String] {
        &self.0
    }

    /// Whether the text holds one of the alternatives, whatever its case.
    pub fn is_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|words| text.contains(&words.to_lowercase()))
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" | "))
    }
}

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PhraseVisitor)
    }
}

struct PhraseVisitor;

impl<'de> Visitor<'de> for PhraseVisitor {
    type Value = Phrase;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("some words, or a list of alternatives")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Phrase, E> {
        Ok(Phrase(vec![text.to_owned()]))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Phrase, E> {
        Ok(Phrase(vec![number.to_string()]))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Phrase, E> {
        Ok(Phrase(vec![number.to_string()]))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Phrase, E> {
        Ok(Phrase(vec![number.to_string()]))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Phrase, E> {
        Ok(Phrase(vec![value.to_string()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Phrase, A::Error> {
        let mut alternatives = Vec::new();
        while let Some(Phrase(mut one)) = list.next_element::<Phrase>()? {
            alternatives.append(&mut one);
        }
        if alternatives.is_empty() {
            return Err(A::Error::custom("a list of alternatives must not be empty"));
        }
        Ok(Phrase(alternatives))
    }
}
