//! What a tool found in, short lines for a model out: its own words plain, the estate's as JSON strings.

use crate::{Block, Evidence, Finding, Quoted, ToolOutput, render::Page};

/// The longest that the blocks of one output become, in characters.
const MOST: usize = 1_200;

/// What one call found, beside its findings and its evidence.
#[derive(Debug, Clone)]
pub(crate) struct Digest {
    /// What was asked: `logs of shop/api`.
    pub(crate) asked: String,
    /// The conclusion.
    pub(crate) headline: String,
    /// The rest, shortened.
    pub(crate) rest: Vec<String>,
}

impl Digest {
    /// Shortens an output; findings and evidence are told elsewhere.
    pub(crate) fn new(asked: String, output: &ToolOutput, page: &Page) -> Self {
        let mut rest = Vec::new();
        let mut room = MOST;
        let mut cut = false;
        for block in &output.blocks {
            let text = match block {
                Block::Finding { .. } => continue,
                Block::Code { text, .. } => format!("Text: {}", quoted(text.as_str())),
                Block::Quote { source, text } => format!("{source}: {}", quoted(text.as_str())),
                other => page.block(other),
            };
            let (kept, all) = within(&text, room);
            room = room.saturating_sub(kept.chars().count());
            cut |= !all;
            if !kept.trim().is_empty() {
                rest.push(kept);
            }
        }
        rest.extend(output.notes.iter().take(4).map(|note| format!("Note: {note}")));
        if cut {
            rest.push("(shortened: ask for less at a time to see the rest)".to_owned());
        }
        Self {
            asked,
            headline: output.headline.trim().to_owned(),
            rest,
        }
    }

    /// The lines of it.
    pub(crate) fn lines(&self) -> String {
        let mut lines = vec![format!("Looked at: {}", self.asked)];
        if !self.headline.is_empty() {
            lines.push(format!("Result: {}", self.headline));
        }
        lines.extend(self.rest.iter().cloned());
        lines.join("\n")
    }
}

/// A finding as lines, its evidence with ids among them.
pub(crate) fn finding_lines(finding: &Finding, page: &Page) -> String {
    let mut lines = vec![
        format!("Finding: {}", one_line(&finding.title)),
        format!("Object: {}", finding.object),
    ];
    let sure = match finding.verdict {
        crate::Verdict::Confirmed => "confirmed",
        crate::Verdict::Likely => "likely",
        crate::Verdict::Inconclusive => "not certain",
    };
    if finding.cause.trim().is_empty() {
        lines.push(format!("Cause: {sure}"));
    } else {
        lines.push(format!("Cause ({sure}): {}", one_line(&finding.cause)));
    }
    if let Some(since) = finding.since {
        lines.push(format!("Since: {}", page.when(since)));
    }
    for symptom in finding.symptoms.iter().take(5) {
        let via = if symptom.via.trim().is_empty() {
            String::new()
        } else {
            format!(" ({})", one_line(&symptom.via))
        };
        lines.push(format!(
            "Affects: {}: {}{via}",
            symptom.object,
            one_line(&symptom.title)
        ));
    }
    if let Some(remedy) = &finding.remedy {
        lines.push(format!("Fix: {}", one_line(&remedy.label)));
    }
    if let Some(check) = &finding.next_check {
        lines.push(format!("To be sure: {}", one_line(&check.label)));
    }
    lines.extend(
        finding
            .evidence
            .iter()
            .take(4)
            .map(|evidence| evidence_line(evidence, page)),
    );
    lines.join("\n")
}

/// One piece of evidence: `[e1] source (when): "quote"`.
pub(crate) fn evidence_line(evidence: &Evidence, page: &Page) -> String {
    let when = evidence
        .at
        .map(|at| format!(" ({})", page.when(at)))
        .unwrap_or_default();
    let (quote, _) = within(evidence.quote.as_str(), 300);
    format!(
        "[{}] {}{when}: {}",
        evidence.id,
        one_line(&evidence.source),
        quoted(&quote)
    )
}

/// Evidence of an earlier answer: without an id, for ids count within one answer.
pub(crate) fn earlier_evidence(evidence: &Evidence, page: &Page) -> String {
    let when = evidence
        .at
        .map(|at| format!(" ({})", page.when(at)))
        .unwrap_or_default();
    let (quote, _) = within(evidence.quote.as_str(), 200);
    format!(
        "Earlier: {}{when}: {}",
        one_line(&evidence.source),
        quoted(&quote)
    )
}

/// Text from elsewhere as a JSON string, without what cannot be seen.
pub(crate) fn quoted(text: &str) -> String {
    let clean = Quoted::passage(text, 2_000);
    serde_json::Value::from(clean.as_str()).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first characters of a text, and whether that is all of it.
fn within(text: &str, most: usize) -> (String, bool) {
    match text.char_indices().nth(most) {
        Some((end, _)) => (format!("{}…", text.get(..end).unwrap_or_default()), false),
        None => (text.to_owned(), true),
    }
}
