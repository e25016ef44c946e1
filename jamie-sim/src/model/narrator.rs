//! A model that keeps to the facts: a prompt in, a short explanation with citations out, or a call for a tool.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::prompt::{Offered, Prompt};
use super::reply::Reply;

/// `[e3] log of shop/api: connection refused`
static EVIDENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:[-*]\s+)?\[(e\d+)\]\s*(.*?):\s+(.+)$").ok());
/// `Cause: the password is wrong`
static LABELLED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:[-*]\s+)?(Finding|Cause|Object)s?:\s*(.+)$").ok());
static CITATION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[e\d+\]").ok());

/// Evidence that is quoted at most.
const MAX_QUOTES: usize = 3;
/// Other facts that are repeated at most.
const MAX_FACTS: usize = 5;

/// What a prompt says is the case.
#[derive(Debug, Default)]
struct Facts {
    findings: Vec<String>,
    causes: Vec<String>,
    objects: Vec<String>,
    /// Id, source, quote.
    evidence: Vec<(String, String, String)>,
    /// Lines below `Facts:` that have no form of their own.
    others: Vec<String>,
}

pub(super) fn reply(prompt: &Prompt) -> Reply {
    let facts = Facts::read(prompt);
    let looked = prompt.messages.iter().any(|said| said.role == "tool");
    if !facts.is_empty() {
        return Reply::text(facts.told());
    }
    match prompt.tools.first() {
        Some(tool) if !looked => Reply::call(tool.name.clone(), arguments(tool, prompt)),
        _ if looked => Reply::text(told_of_tools(prompt)),
        _ => Reply::text("There are no facts here to go by, so I cannot say."),
    }
}

impl Facts {
    fn read(prompt: &Prompt) -> Self {
        let mut facts = Self::default();
        // What the model has said itself is no fact, and the instructions hold none.
        let said = prompt
            .messages
            .iter()
            .filter(|said| matches!(said.role.as_str(), "user" | "tool"));
        for said in said {
            let mut below = false;
            for line in said.content.lines() {
                below = facts.line(line, below);
            }
        }
        facts
    }

    /// Reads a line; gives whether the next one is below `Facts:`.
    fn line(&mut self, line: &str, below: bool) -> bool {
        let found = |regex: &LazyLock<Option<Regex>>| regex.as_ref().and_then(|regex| regex.captures(line));
        if let Some(found) = found(&EVIDENCE) {
            self.evidence
                .push((found[1].to_owned(), found[2].to_owned(), found[3].to_owned()));
            return below;
        }
        if let Some(found) = found(&LABELLED) {
            let list = match &found[1] {
                "Finding" => &mut self.findings,
                "Cause" => &mut self.causes,
                _ => &mut self.objects,
            };
            list.push(found[2].trim().to_owned());
            return below;
        }
        let text = line.trim();
        if text.eq_ignore_ascii_case("facts:") {
            return true;
        }
        let heading = text.is_empty() || text.ends_with(':') && !text.contains(' ');
        if below && !heading {
            self.others
                .push(text.trim_start_matches(['-', '*', ' ']).to_owned());
        }
        below && !heading
    }

    fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.causes.is_empty()
            && self.objects.is_empty()
            && self.evidence.is_empty()
            && self.others.is_empty()
    }

    fn told(&self) -> String {
        let mut sentences = Vec::new();
        for finding in &self.findings {
            sentences.push(self.cited(finding));
        }
        for cause in &self.causes {
            sentences.push(format!("The cause: {}", self.cited(cause)));
        }
        if self.findings.is_empty() && self.causes.is_empty() {
            let objects = self
                .objects
                .iter()
                .map(|object| format!("This is about {}.", end_off(object)));
            sentences.extend(objects);
        }
        for (id, source, quote) in self.evidence.iter().take(MAX_QUOTES) {
            sentences.push(format!(
                "{source} says \"{}\" [{id}].",
                end_off(quote).trim_matches('"')
            ));
        }
        if sentences.is_empty() {
            let others = self.others.iter().take(MAX_FACTS);
            sentences.extend(others.map(|fact| format!("{}.", end_off(fact))));
        }
        sentences.join(" ")
    }

    /// A sentence with the evidence it names, or the first there is.
    fn cited(&self, sentence: &str) -> String {
        let Some(citation) = CITATION.as_ref() else {
            return format!("{}.", end_off(sentence));
        };
        let mut ids: Vec<String> = citation
            .find_iter(sentence)
            .map(|id| id.as_str().to_owned())
            .collect();
        if let (true, Some((id, ..))) = (ids.is_empty(), self.evidence.first()) {
            ids.push(format!("[{id}]"));
        }
        let plain = citation.replace_all(sentence, "");
        let plain = end_off(plain.trim());
        let space = if ids.is_empty() { "" } else { " " };
        format!("{plain}{space}{}.", ids.join(""))
    }
}

fn end_off(sentence: &str) -> &str {
    sentence.trim_end_matches(['.', ' '])
}

/// The first lines of what tools have said.
fn told_of_tools(prompt: &Prompt) -> String {
    let results = prompt.messages.iter().filter(|said| said.role == "tool");
    let lines = results.flat_map(|said| said.content.lines()).map(str::trim);
    let lines: Vec<String> = lines
        .filter(|line| !line.is_empty())
        .take(MAX_FACTS)
        .map(|line| format!("{}.", end_off(line)))
        .collect();
    if lines.is_empty() {
        "I looked and found nothing.".to_owned()
    } else {
        lines.join(" ")
    }
}

/// Fills what a tool must have: names with the likeliest word of the question.
fn arguments(tool: &Offered, prompt: &Prompt) -> Value {
    let question = prompt.messages.iter().rfind(|said| said.role == "user");
    let words: Vec<&str> = question
        .map_or("", |said| said.content.as_str())
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let name = words
        .iter()
        .rfind(|word| word.contains(['-', '/']))
        .or(words.last())
        .copied()
        .unwrap_or_default();
    let mut arguments = Map::new();
    for required in tool.schema["required"].as_array().into_iter().flatten() {
        let Some(required) = required.as_str() else {
            continue;
        };
        let value = match tool.schema["properties"][required]["type"].as_str() {
            Some("integer" | "number") => 1.into(),
            Some("boolean") => true.into(),
            _ => name.into(),
        };
        arguments.insert(required.to_owned(), value);
    }
    Value::Object(arguments)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Said;

    fn prompt(role: &str, content: &str) -> Prompt {
        Prompt {
            messages: vec![Said {
                role: role.to_owned(),
                content: content.to_owned(),
                ..Said::default()
            }],
            tools: Vec::new(),
        }
    }

    #[test]
    fn facts_are_told_with_their_evidence() {
        let told = reply(&prompt(
            "user",
            "Why is api down?\n\nFinding: api crashes, 14 restarts [e2]\nCause: DATABASE_URL is not set.\n\
             [e1] log of shop/api-5d: panic: DATABASE_URL is not set\n- [e2] pod shop/api-5d: CrashLoopBackOff",
        ));
        assert_eq!(
            told.text,
            "api crashes, 14 restarts [e2]. The cause: DATABASE_URL is not set [e1]. \
             log of shop/api-5d says \"panic: DATABASE_URL is not set\" [e1]. \
             pod shop/api-5d says \"CrashLoopBackOff\" [e2]."
        );
        let told = reply(&prompt(
            "user",
            "How is it?\nFacts:\n- 3 of 3 pods are ready\n\nSay it in one line.",
        ));
        assert_eq!(told.text, "3 of 3 pods are ready.");
    }

    #[test]
    fn without_facts_it_looks_and_then_tells_what_it_saw() {
        let mut asked = prompt("user", "what about shop/api-web?");
        asked.tools.push(Offered {
            name: "describe".into(),
            schema: json!({"properties": {"target": {"type": "string"}}, "required": ["target"]}),
            ..Offered::default()
        });
        let call = reply(&asked).calls.remove(0);
        assert_eq!(
            (call.name.as_str(), call.arguments),
            ("describe", json!({"target": "shop/api-web"}))
        );
        asked
            .messages
            .extend(prompt("tool", "2 of 3 pods are ready").messages);
        assert_eq!(reply(&asked).text, "2 of 3 pods are ready.");
    }
}
