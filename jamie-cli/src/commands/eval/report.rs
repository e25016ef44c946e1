//! The figures of an evaluation: counted question by question, printed as text or JSON.

use std::{collections::BTreeMap, fmt::Write as _};

use jamie::Block;
use serde::Serialize;
use serde_json::{Value, json};

use crate::terminal::{Terminal, render};

/// The least share of right answers that is good.
const WANTED: f64 = 0.97;

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
}

impl Report {
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
        self.all.share() >= WANTED && self.false_alarms == 0
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
        json!({
            "accuracy": round(self.all.share()),
            "false_alarms": self.false_alarms,
            "questions": self.all.asked,
            "median_ms": round(self.percentile_ms(0.5)),
            "p95_ms": round(self.percentile_ms(0.95)),
            "by_category": by_category,
            "misses": self.misses,
        })
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
        out
    }
}
