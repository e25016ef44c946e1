//! An answer and what it must hold in, what is missing or wrong out.

use jamie::{Answer, Result};
use jamie_sim::{Expectation, Phrase};

/// Everything in which the answer falls short; nothing when it is right.
pub(super) fn shortfalls(answer: &Result<Answer>, expect: &Expectation, healthy: bool) -> Vec<String> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return vec![format!("no answer: {error}")],
    };
    // Marks are for the eye: `256Mi` and 256Mi say the same.
    let text = answer.text.replace(['`', '*'], "");
    let lacks = |phrase: &&Phrase| !phrase.is_in(&text);
    let mut short: Vec<String> = expect
        .all
        .iter()
        .filter(lacks)
        .map(|p| format!("does not say {p}"))
        .collect();
    short.extend(
        expect
            .none
            .iter()
            .filter(|phrase| phrase.is_in(&text))
            .map(|p| format!("must not say {p}")),
    );
    if let Some(cause) = &expect.cause {
        match answer.findings.first() {
            Some(first)
                if first.object.kind.eq_ignore_ascii_case(&cause.kind)
                    && first.object.name == cause.name
                    && cause
                        .namespace
                        .as_ref()
                        .is_none_or(|ns| first.object.namespace.as_ref() == Some(ns)) => {}
            Some(first) => short.push(format!(
                "blames {}, not {} {}",
                first.object, cause.kind, cause.name
            )),
            None => short.push(format!("blames nothing, not {} {}", cause.kind, cause.name)),
        }
    }
    let wanted = expect.findings.or(healthy.then_some(0));
    if let Some(wanted) = wanted.filter(|wanted| *wanted != answer.findings.len()) {
        let titles: Vec<&str> = answer
            .findings
            .iter()
            .map(|finding| finding.title.as_str())
            .collect();
        short.push(format!(
            "{} findings instead of {wanted}: {}",
            titles.len(),
            titles.join("; ")
        ));
    }
    short
}

/// Whether anything was called wrong.
pub(super) fn has_findings(answer: &Result<Answer>) -> bool {
    answer.as_ref().is_ok_and(|answer| !answer.findings.is_empty())
}
