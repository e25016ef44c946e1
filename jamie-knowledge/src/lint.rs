//! A document in, what is wrong with it as a guide out.

use serde::Serialize;

use crate::front_matter;

/// The topics that a guide may have.
const TOPICS: &[&str] = &[
    "pods",
    "workloads",
    "scheduling",
    "jobs",
    "networking",
    "storage",
    "configuration",
    "security",
    "nodes",
    "scaling",
    "monitoring",
    "deployment",
    "basics",
];

/// Something that is wrong with a guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Looks a guide through.
pub fn lint(file: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |problem: String| {
        problems.push(Problem {
            file: file.to_owned(),
            problem,
        });
    };
    let (front, body, broken) = front_matter::split(text);
    if let Some(broken) = broken {
        say(format!("the front matter does not read: {broken}"));
        return problems;
    }
    if front.title.as_deref().is_none_or(|title| title.trim().is_empty()) {
        say("there is no title: add `title: …` to the front matter".to_owned());
    }
    match front.topic.as_deref() {
        Some(topic) if TOPICS.contains(&topic) => {}
        Some(topic) => say(format!(
            "there is no topic {topic:?}: it is one of {}",
            TOPICS.join(", ")
        )),
        None => say(format!("there is no topic: it is one of {}", TOPICS.join(", "))),
    }
    if front.symptoms.is_empty() {
        say("there are no symptoms: say in which words people ask for it".to_owned());
    }
    if !front.checks.is_empty() {
        for heading in ["## Why", "## How to check", "## How to fix"] {
            if !body.lines().any(|line| line.starts_with(heading)) {
                say(format!("the heading {heading:?} is missing"));
            }
        }
    }
    for link in &front.links {
        if !link.url().starts_with("https://") {
            say(format!("{} is no https address", link.url()));
        }
    }
    if body
        .lines()
        .filter(|line| line.trim_start().starts_with("```"))
        .count()
        % 2
        != 0
    {
        say("a fence of code is not closed".to_owned());
    }
    problems
}
