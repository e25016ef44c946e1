//! A finding in, its card out: what, why, the evidence, what it drags along, what to do.

use std::fmt::Write as _;

use jamie::{
    Finding, NextStep,
    core::{Severity, Verdict},
};

use super::{Palette, Terminal, inline, layout::bullet};

/// How many pieces of evidence and symptoms a card shows.
const SHOWN: usize = 5;

/// Lays one finding out.
pub(crate) fn card(finding: &Finding, terminal: &Terminal) -> String {
    let Terminal { width, palette, .. } = *terminal;
    let mut out = String::new();
    let label = palette.severity(finding.severity, label(finding.severity));
    let title = palette.bold(&inline::paint(&finding.title, Palette::Plain));
    push(&mut out, &bullet("● ", &format!("{label}  {title}"), width));
    let about = format!("{} · {}", finding.object, verdict(finding.verdict));
    push(&mut out, &bullet("  ", &palette.dim(&about), width));
    if !finding.cause.is_empty() {
        push(
            &mut out,
            &bullet("  ", &inline::paint(&finding.cause, palette), width),
        );
    }
    for evidence in finding.evidence.iter().take(SHOWN) {
        let quote = evidence.quote.as_str().replace('\n', " ⏎ ");
        let text = format!(
            "{} “{quote}”",
            palette.dim(&format!("{} {}:", evidence.id, evidence.source))
        );
        push(&mut out, &bullet("  │ ", text.trim_start(), width));
    }
    for symptom in finding.symptoms.iter().take(SHOWN) {
        let mut text = inline::paint(&symptom.title, palette);
        if !symptom.via.is_empty() {
            text.push_str(&palette.dim(&format!(" ({})", inline::paint(&symptom.via, Palette::Plain))));
        }
        push(&mut out, &bullet("  → ", &text, width));
    }
    if finding.symptoms.len() > SHOWN {
        push(
            &mut out,
            &format!("  → and {} more", finding.symptoms.len() - SHOWN),
        );
    }
    let steps = [("Fix:", &finding.remedy), ("To be sure:", &finding.next_check)];
    for (label, step) in steps
        .into_iter()
        .filter_map(|(label, step)| Some((label, step.as_ref()?)))
    {
        push_step(&mut out, label, step, terminal);
    }
    out
}

fn push_step(out: &mut String, label: &str, step: &NextStep, terminal: &Terminal) {
    let Terminal { width, palette, .. } = *terminal;
    push(
        out,
        &bullet(
            "  ",
            &format!("{} {}", palette.good(label), inline::paint(&step.label, palette)),
            width,
        ),
    );
    if let Some(command) = &step.command {
        // Commands are never wrapped: they are there to be copied.
        let _ = writeln!(out, "    {} {}", palette.dim("$"), palette.code(command));
    }
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRITICAL",
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::Likely => "likely",
        Verdict::Inconclusive => "not sure yet",
    }
}
