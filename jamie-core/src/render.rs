//! Blocks in, Markdown out: text that reads well as it stands and that quoted text cannot break out of.

mod from_markdown;

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};

pub use self::from_markdown::markdown_blocks;
use crate::{Block, Evidence, Finding, NextStep, Quoted, Severity, Verdict};

/// The longest command, in characters.
const MAX_COMMAND: usize = 4_000;

/// How a page is written: when it is read, and how much of a finding is shown.
#[derive(Debug, Clone)]
pub struct Page {
    /// When it is read; dates are told relative to this.
    pub now: Timestamp,
    /// The zone of the times on it.
    pub zone: TimeZone,
    /// Pieces of evidence per finding.
    pub evidence: usize,
    /// Symptoms per finding; none makes it a brief card.
    pub symptoms: usize,
    /// Findings that are shown in full; those after them are shown in brief.
    pub full: usize,
}

impl Page {
    /// A page read at `now` in `zone`.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self {
            now,
            zone,
            evidence: 4,
            symptoms: 6,
            full: 3,
        }
    }

    /// The blocks as Markdown.
    pub fn markdown(&self, blocks: &[Block]) -> String {
        let brief = Self {
            evidence: 1,
            symptoms: 0,
            ..self.clone()
        };
        let mut out = String::new();
        let mut cards = 0;
        for block in blocks {
            cards += usize::from(matches!(block, Block::Finding { .. }));
            let page = if cards > self.full { &brief } else { self };
            let part = page.block(block);
            let part = part.trim_end();
            if part.is_empty() {
                continue;
            }
            if !out.is_empty() {
                out.push_str("\n\n");
            }
            out.push_str(part);
        }
        out
    }

    /// One block as Markdown.
    pub fn block(&self, block: &Block) -> String {
        match block {
            Block::Para { text } => text.trim().to_owned(),
            Block::Heading { text } => format!("### {}", one_line(text)),
            Block::List { items } => items.iter().fold(String::new(), |mut out, item| {
                let _ = writeln!(out, "- {}", item.trim().replace('\n', "\n  "));
                out
            }),
            Block::Table { headers, rows } => table(headers, rows),
            Block::Code { language, text } => fenced(language, text.as_str()),
            Block::Quote { source, text } => {
                format!("{}:\n\n{}", one_line(source), fenced("", text.as_str()))
            }
            Block::Finding { finding } => self.finding(finding),
        }
    }

    /// A moment, as people say it: `14:02 UTC, 12 min ago`.
    pub fn when(&self, at: Timestamp) -> String {
        let (then, today) = (
            at.to_zoned(self.zone.clone()),
            self.now.to_zoned(self.zone.clone()),
        );
        let clock = if then.date() == today.date() {
            then.strftime("%H:%M %Z").to_string()
        } else if then.year() == today.year() {
            then.strftime("%a %-d %b %H:%M %Z").to_string()
        } else {
            then.strftime("%-d %b %Y %H:%M %Z").to_string()
        };
        match ago(at, self.now) {
            Some(ago) => format!("{clock}, {ago}"),
            None => clock,
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        let mut out = format!("**{}** ({}", one_line(&finding.title), severity(finding.severity));
        let _ = write!(out, ", {}", verdict(finding.verdict));
        if let Some(since) = finding.since {
            let _ = write!(out, ", since {}", self.when(since));
        }
        out.push(')');
        if !finding.cause.trim().is_empty() {
            let _ = write!(out, "\n\n{}", finding.cause.trim());
        }
        let brief = self.symptoms == 0;
        if !finding.evidence.is_empty() {
            out.push_str(if brief { "\n" } else { "\n\nEvidence:" });
            for evidence in finding.evidence.iter().take(self.evidence) {
                let _ = write!(out, "\n{}", self.evidence(evidence));
            }
            if !brief {
                more(&mut out, finding.evidence.len(), self.evidence);
            }
        }
        if !finding.symptoms.is_empty() && !brief {
            out.push_str("\n\nIt drags along:");
            for symptom in finding.symptoms.iter().take(self.symptoms) {
                let _ = write!(out, "\n- {}", one_line(&symptom.title));
                if !symptom.via.trim().is_empty() {
                    let _ = write!(out, " ({})", one_line(&symptom.via));
                }
            }
            more(&mut out, finding.symptoms.len(), self.symptoms);
        }
        if let Some(remedy) = &finding.remedy {
            let _ = write!(out, "\n\n{}", step("Fix", remedy));
        }
        if let Some(check) = &finding.next_check {
            let _ = write!(out, "\n\n{}", step("To be sure", check));
        }
        out
    }

    fn evidence(&self, evidence: &Evidence) -> String {
        let mut out = String::from("- ");
        if !evidence.id.is_empty() {
            let _ = write!(out, "[{}] ", evidence.id);
        }
        out.push_str(&one_line(&evidence.source));
        if let Some(at) = evidence.at {
            let _ = write!(out, " ({})", self.when(at));
        }
        let quote = evidence.quote.as_str().trim();
        if quote.contains('\n') {
            let _ = write!(out, ":\n\n{}", indented(&fenced("", quote)));
        } else if !quote.is_empty() {
            let _ = write!(out, ": {}", code(quote));
        }
        out
    }
}

/// Next steps as blocks: one sentence and its command for one, a list for several.
pub(crate) fn next_steps(steps: &[NextStep]) -> Vec<Block> {
    match steps {
        [] => Vec::new(),
        [NextStep { label, command, .. }] => {
            let label = label.trim();
            let Some(command) = command else {
                return vec![Block::para(format!("**Next:** {label}"))];
            };
            let words = format!("**Next:** {}:", label.trim_end_matches(['.', ':']));
            let text = Quoted::passage(command, MAX_COMMAND);
            let language = "sh".to_owned();
            vec![Block::para(words), Block::Code { language, text }]
        }
        several => {
            let items = several
                .iter()
                .map(|step| match &step.command {
                    Some(command) => {
                        format!("{}: {}", step.label.trim_end_matches(['.', ':']), code(command))
                    }
                    None => step.label.clone(),
                })
                .collect();
            vec![Block::para("**Next:**"), Block::List { items }]
        }
    }
}

/// A next step under its label: words, and the command that does it.
fn step(label: &str, step: &NextStep) -> String {
    let words = step.label.trim();
    match &step.command {
        None => format!("**{label}:** {words}"),
        Some(command) => format!(
            "**{label}:** {}\n\n{}",
            words.trim_end_matches(['.', ':']).to_owned() + ":",
            fenced("sh", command)
        ),
    }
}

/// Text as code within a line; the fence is longer than any run of backticks in it.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// Text as a block of code; the fence is longer than any run of backticks in it.
fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    let language: String = language
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+'))
        .collect();
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("  {line}")
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn table(headers: &[String], rows: &[Vec<String>]) -> String {
    let width = headers.len();
    if width == 0 {
        return String::new();
    }
    let mut out = row(headers.iter().map(String::as_str));
    out.push('\n');
    out.push_str(&row(std::iter::repeat_n("---", width)));
    for cells in rows {
        out.push('\n');
        let padded = cells
            .iter()
            .map(String::as_str)
            .chain(std::iter::repeat(""))
            .take(width);
        out.push_str(&row(padded));
    }
    out
}

fn row<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(|cell| one_line(cell).replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

fn more(out: &mut String, there: usize, shown: usize) {
    if there > shown {
        let _ = write!(out, "\n- and {} more", there - shown);
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
        Severity::Critical => "critical",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Inconclusive => "cause not certain",
        Verdict::Likely => "likely cause",
        Verdict::Confirmed => "confirmed",
    }
}

/// `12 min ago`; nothing for the future.
fn ago(at: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = now.as_second() - at.as_second();
    Some(match seconds {
        ..0 => return None,
        0..60 => format!("{seconds} s ago"),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    })
}

#[cfg(test)]
mod tests;
