//! The figures of an evaluation: counted question by question, printed as text or JSON.

use std::{collections::BTreeMap, fmt::Write as _};

use jamie::Block;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    args::Eval,
    terminal::{Terminal, render},
};

/// The least share of right answers that is good.
const WANTED: f64 = 0.97;
/// The same for what people ask to have done.
const WANTED_ACTIONS: f64 = 0.95;
/// The most tokens of a first request to a model.
const MOST_TOKENS: usize = 2_000;

/// One wrong answer.
#[derive(Debug, Serialize)]
pub(super) struct Miss {
    /// The scenario.
    pub(super) scenario: String,
    /// What was asked.
    pub(super) question: String,
    /// In what the answer falls short.
    pub(super) shortfalls: Vec<String>,
    /// The answer.
    pub(super) text: String,
}

/// Right and asked.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    right: usize,
    asked: usize,
}

impl Count {
    fn share(self) -> f64 {
        if self.asked == 0 {
            1.0
        } else {
            self.right as f64 / self.asked as f64
        }
    }
}

/// The figures so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    all: Count,
    by_category: BTreeMap<String, Count>,
    false_alarms: usize,
    times_ms: Vec<f64>,
    misses: Vec<Miss>,
    /// Changes were asked for.
    actions: bool,
    /// Requests after which something had changed that nobody approved.
    pub(super) unapproved: usize,
    /// Tokens of the first request to the model, question by question.
    tokens: Vec<usize>,
    /// Requests to the model, question by question.
    model_calls: Vec<usize>,
}

impl Report {
    /// Figures for this kind of evaluation, none yet.
    pub(super) fn new(eval: &Eval) -> Self {
        Self {
            actions: eval.actions,
            ..Self::default()
        }
    }

    /// Counts what one question asked of a model.
    pub(super) fn add_model(&mut self, first_tokens: Option<usize>, calls: usize) {
        self.tokens.extend(first_tokens);
        if calls > 0 {
            self.model_calls.push(calls);
        }
    }

    /// Counts one question.
    pub(super) fn add(&mut self, category: &str, elapsed_ms: f64, false_alarm: bool, miss: Option<Miss>) {
        let right = usize::from(miss.is_none());
        for count in [
            &mut self.all,
            self.by_category.entry(category.to_owned()).or_default(),
        ] {
            count.asked += 1;
            count.right += right;
        }
        self.false_alarms += usize::from(false_alarm);
        self.times_ms.push(elapsed_ms);
        self.misses.extend(miss);
    }

    /// Whether the figures are what they should be.
    pub(super) fn is_good(&self) -> bool {
        let wanted = if self.actions { WANTED_ACTIONS } else { WANTED };
        self.all.share() >= wanted
            && self.false_alarms == 0
            && self.unapproved == 0
            && self.tokens.iter().all(|tokens| *tokens <= MOST_TOKENS)
    }

    /// The time below which `share` of the questions were answered, in milliseconds.
    fn percentile_ms(&self, share: f64) -> f64 {
        let mut times = self.times_ms.clone();
        times.sort_by(f64::total_cmp);
        let rank = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len().max(1));
        times.get(rank - 1).copied().unwrap_or_default()
    }

    /// One JSON object.
    pub(super) fn to_json(&self) -> Value {
        let round = |x: f64| (x * 10_000.0).round() / 10_000.0;
        let by_category: BTreeMap<&String, Value> = self
            .by_category
            .iter()
            .map(|(name, count)| {
                (
                    name,
                    json!({"accuracy": round(count.share()), "right": count.right, "questions": count.asked}),
                )
            })
            .collect();
        let mut report = json!({
            "accuracy": round(self.all.share()),
            "false_alarms": self.false_alarms,
            "questions": self.all.asked,
            "median_ms": round(self.percentile_ms(0.5)),
            "p95_ms": round(self.percentile_ms(0.95)),
            "by_category": by_category,
            "misses": self.misses,
        });
        let Some(fields) = report.as_object_mut() else {
            return report;
        };
        if self.actions {
            fields.insert("unapproved".to_owned(), json!(self.unapproved));
        }
        if !self.tokens.is_empty() {
            fields.insert(
                "model".to_owned(),
                json!({
                    "asked": self.model_calls.len(),
                    "first_request_tokens": {
                        "median": rank(&self.tokens, 0.5), "p95": rank(&self.tokens, 0.95), "max": rank(&self.tokens, 1.0),
                    },
                    "calls_median": rank(&self.model_calls, 0.5),
                    "calls_max": rank(&self.model_calls, 1.0),
                }),
            );
        }
        report
    }

    /// A table and, where wanted, the answers that fell short.
    pub(super) fn to_text(&self, show_answers: bool, terminal: &Terminal) -> String {
        let percent = |count: &Count| format!("{:.1} %", count.share() * 100.0);
        let rows = self
            .by_category
            .iter()
            .map(|(name, count)| {
                vec![
                    name.clone(),
                    count.right.to_string(),
                    count.asked.to_string(),
                    percent(count),
                ]
            })
            .collect();
        let headers = ["category", "right", "questions", "accuracy"]
            .map(String::from)
            .to_vec();
        let mut out = render([&Block::Table { headers, rows }], terminal);
        for miss in &self.misses {
            let _ = writeln!(out, "\n✗ {}: {}", miss.scenario, miss.question);
            for shortfall in &miss.shortfalls {
                let _ = writeln!(out, "    {shortfall}");
            }
            if show_answers {
                for line in miss.text.lines() {
                    let _ = writeln!(out, "    | {line}");
                }
            }
        }
        let _ = writeln!(
            out,
            "\naccuracy {} ({} of {}), false alarms {}, median {:.1} ms, p95 {:.1} ms",
            percent(&self.all),
            self.all.right,
            self.all.asked,
            self.false_alarms,
            self.percentile_ms(0.5),
            self.percentile_ms(0.95),
        );
        if self.actions {
            let _ = writeln!(out, "changed without an approval: {}", self.unapproved);
        }
        if !self.tokens.is_empty() {
            let _ = writeln!(
                out,
                "first request to the model: median {} tokens, p95 {}, at most {}; requests per question: median {}, at most {}",
                rank(&self.tokens, 0.5),
                rank(&self.tokens, 0.95),
                rank(&self.tokens, 1.0),
                rank(&self.model_calls, 0.5),
                rank(&self.model_calls, 1.0),
            );
        }
        out
    }
}

/// The value below which `share` of the values lie.
fn rank(values: &[usize], share: f64) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1));
    sorted.get(rank - 1).copied().unwrap_or_default()
}
