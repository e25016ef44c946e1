//! Sentences of a model in, those that what was found supports out; the others are struck.

use super::{Reasoning, Turn};
use crate::{Block, Event, Quoted, claims::Ruling, redact::Redacted, turn::spoken};

/// The longest that a model may go on, in characters.
const MOST_WORDS: usize = 6_000;

impl Turn {
    /// Passes on the sentences that what was found supports; the others are struck.
    pub(super) fn judge(&mut self, units: Vec<String>) {
        let Some(reasoning) = &mut self.reasoning else {
            return;
        };
        let names: Vec<&str> = reasoning.views.iter().map(|view| view.name).collect();
        let mut units = units.into_iter();
        while let Some(unit) = units.next() {
            if spoken::begins(&unit, &names) {
                let mut held = unit;
                held.extend(units.by_ref());
                held.extend(std::mem::take(&mut reasoning.reply.sentences).finish());
                reasoning.reply.held = Some(held);
                return;
            }
            let text = Quoted::passage(unit.trim(), 2_000).as_str().to_owned();
            if text.is_empty() {
                reasoning.breaks |= unit.contains('\n');
                continue;
            }
            let spoken: usize = reasoning.paragraphs.iter().map(String::len).sum();
            if spoken > MOST_WORDS {
                return;
            }
            if reasoning.struck && only_cites(&text) {
                continue;
            }
            let ruling = reasoning.ledger.check(&text);
            reasoning.struck = ruling != Ruling::Supported;
            match ruling {
                Ruling::Supported => {
                    let text = text.clone().redacted();
                    let begins =
                        reasoning.breaks || unit.starts_with('\n') || reasoning.paragraphs.is_empty();
                    match reasoning.paragraphs.last_mut() {
                        Some(paragraph) if !begins => {
                            paragraph.push(' ');
                            paragraph.push_str(&text);
                        }
                        _ => reasoning.paragraphs.push(text.clone()),
                    }
                    self.events.push_back(Event::Words { text, begins });
                }
                Ruling::Unsupported { what } => {
                    self.events.push_back(Event::Struck {
                        sentence: text.clone().redacted(),
                        reason: what.join("; "),
                    });
                }
            }
            reasoning.breaks = unit.ends_with('\n');
        }
    }

    pub(super) fn words_into(&self, reasoning: &mut Reasoning) {
        for paragraph in std::mem::take(&mut reasoning.paragraphs) {
            reasoning.open.draft.keep(Block::para(paragraph));
            if let Some(model) = &self.kit.model {
                reasoning.open.draft.engine.clone_from(model);
            }
        }
        reasoning.open.draft.usage = reasoning.usage;
    }
}

/// Whether a sentence is nothing but references to evidence: `[e1][e2].`
fn only_cites(text: &str) -> bool {
    let mut cites = false;
    let rest = text.split(['[', ']']).all(|part| {
        let part = part.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
        let id = part
            .strip_prefix('e')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
        cites |= id;
        part.is_empty() || id
    });
    rest && cites
}
