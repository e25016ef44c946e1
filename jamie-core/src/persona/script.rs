//! A persona file in, its lines by moment and flavour out; or an error with the line and what was expected.
//!
//! A file has one table per moment. `lines` fit anybody; `frustrated`, `urgent` and `cheerful` fit a mood,
//! and a domain's name (`pod`, `memory`) fits what the talk is about:
//!
//! ```toml
//! [thinking]
//! lines = ["Give me a tick..."]
//! frustrated = ["On it."]
//! pod = ["Let's see what's bothering that pod, shall we?"]
//! ```

use std::collections::BTreeMap;

use toml::Spanned;

use super::{Domain, Moment};
use crate::{Error, ErrorKind, Result, understand::Mood};

/// Which lists of a moment a line may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Flavour {
    Any,
    Mood(&'static str),
    Domain(Domain),
}

impl Flavour {
    pub(super) fn of_mood(mood: Mood) -> Option<Self> {
        match mood {
            Mood::Neutral => None,
            Mood::Cheerful => Some(Self::Mood("cheerful")),
            Mood::Frustrated => Some(Self::Mood("frustrated")),
            Mood::Urgent => Some(Self::Mood("urgent")),
        }
    }

    fn parse(name: &str) -> Option<Self> {
        if name == "lines" {
            return Some(Self::Any);
        }
        if let Some(mood) = ["cheerful", "frustrated", "urgent"]
            .into_iter()
            .find(|mood| *mood == name)
        {
            return Some(Self::Mood(mood));
        }
        Domain::ALL
            .iter()
            .find(|domain| domain.name() == name)
            .map(|domain| Self::Domain(*domain))
    }
}

/// The lines of a persona.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Script {
    pub(super) name: Option<String>,
    /// How a model is to speak.
    pub(super) instructions: Option<String>,
    lists: BTreeMap<(Moment, Flavour), Vec<String>>,
}

impl Script {
    /// The longest line, in characters.
    pub(super) const MAX_LINE: usize = 200;
    /// The longest instructions for a model, in characters.
    pub(super) const MAX_INSTRUCTIONS: usize = 1_500;

    /// The lines of a list; empty where the file has none.
    pub(super) fn lines(&self, moment: Moment, flavour: Flavour) -> &[String] {
        self.lists.get(&(moment, flavour)).map_or(&[], Vec::as_slice)
    }

    /// Puts another script's lists in place of its own.
    pub(super) fn overlay(&mut self, other: Self) {
        self.name = other.name.or(self.name.take());
        self.instructions = other.instructions.or(self.instructions.take());
        self.lists.extend(other.lists);
    }

    /// All lines, for tests of the wording.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = (Moment, Flavour, &str)> {
        self.lists.iter().flat_map(|((moment, flavour), lines)| {
            lines.iter().map(|line| (*moment, *flavour, line.as_str()))
        })
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        type Table = BTreeMap<Spanned<String>, Spanned<toml::Value>>;
        let table: Table = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            fault(text, at, error.message().trim())
        })?;
        let mut script = Self::default();
        for (key, value) in table {
            let (at, name) = (key.span().start, key.into_inner());
            if name == "name" {
                let toml::Value::String(spoken) = value.get_ref() else {
                    return Err(fault(
                        text,
                        value.span().start,
                        "expected the persona's name, a string",
                    ));
                };
                script.name = Some(spoken.clone());
                continue;
            }
            if name == "instructions" {
                let toml::Value::String(words) = value.get_ref() else {
                    let at = value.span().start;
                    return Err(fault(text, at, "expected instructions for a model, a string"));
                };
                if words.chars().count() > Self::MAX_INSTRUCTIONS {
                    let most = format!("expected at most {} characters", Self::MAX_INSTRUCTIONS);
                    return Err(fault(text, at, &most));
                }
                script.instructions = Some(words.trim().to_owned());
                continue;
            }
            let Some(moment) = Moment::ALL.iter().find(|moment| moment.name() == name) else {
                let known = Moment::ALL.iter().map(|moment| moment.name());
                return Err(fault(
                    text,
                    at,
                    &format!("no moment is called `{name}`; expected {}", one_of(known, &name)),
                ));
            };
            script.read_moment(text, *moment, at, value.into_inner())?;
        }
        Ok(script)
    }

    fn read_moment(&mut self, text: &str, moment: Moment, at: usize, value: toml::Value) -> Result<()> {
        let toml::Value::Table(lists) = value else {
            return Err(fault(
                text,
                at,
                &format!("expected a table: [{}] with `lines = [\"…\"]`", moment.name()),
            ));
        };
        for (key, list) in lists {
            let at = find_from(text, at, &key);
            let Some(flavour) = Flavour::parse(&key) else {
                let known = ["lines", "cheerful", "frustrated", "urgent"]
                    .into_iter()
                    .chain(Domain::ALL.iter().map(|domain| domain.name()));
                return Err(fault(
                    text,
                    at,
                    &format!(
                        "`{key}` is no mood and no domain; expected {}",
                        one_of(known, &key)
                    ),
                ));
            };
            let toml::Value::Array(items) = list else {
                return Err(fault(
                    text,
                    at,
                    &format!("expected `{key}` to be a list of strings"),
                ));
            };
            let mut lines = Vec::with_capacity(items.len());
            for item in items {
                let toml::Value::String(line) = item else {
                    return Err(fault(text, at, &format!("expected `{key}` to hold strings only")));
                };
                check_line(&line).map_err(|expected| fault(text, find_from(text, at, &line), &expected))?;
                lines.push(line);
            }
            self.lists.insert((moment, flavour), lines);
        }
        Ok(())
    }
}

/// What makes a line unfit, in words.
fn check_line(line: &str) -> Result<(), String> {
    if line.trim().is_empty() {
        return Err("expected a line with words in it".to_owned());
    }
    if line.chars().count() > Script::MAX_LINE {
        return Err(format!(
            "expected at most {} characters in a line",
            Script::MAX_LINE
        ));
    }
    if line
        .chars()
        .any(|c| c.is_control() || matches!(c, '`' | '<' | '>'))
    {
        return Err("expected plain words: no line breaks, backticks or angle brackets".to_owned());
    }
    let rest = line.replace("{name}", "");
    if rest.contains(['{', '}']) {
        return Err("expected no placeholder but {name}".to_owned());
    }
    Ok(())
}

/// The nearest known name first, then what else there is.
fn one_of<'a>(known: impl Iterator<Item = &'a str>, said: &str) -> String {
    let mut known: Vec<&str> = known.collect();
    known.sort_by(|a, b| strsim::jaro_winkler(b, said).total_cmp(&strsim::jaro_winkler(a, said)));
    let near: Vec<String> = known.iter().take(4).map(|name| format!("`{name}`")).collect();
    format!("for example {}", near.join(", "))
}

/// Where `needle` stands at or after `from`; `from` where it is spelt another way there.
fn find_from(text: &str, from: usize, needle: &str) -> usize {
    text.get(from..)
        .and_then(|rest| rest.find(needle))
        .map_or(from, |offset| from + offset)
}

fn fault(text: &str, at: usize, expected: &str) -> Error {
    let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    Error::new(
        ErrorKind::Config,
        format!("persona file, line {line}: {expected}"),
    )
    .with_hint("each moment is a table such as [thinking] with `lines = [\"…\"]`")
}
