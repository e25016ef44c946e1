//! Parts of an answer in, in the order of reading; the answer and its events out, within the limits.

use std::collections::VecDeque;

use crate::{
    Action, Answer, Block, Event, Evidence, Finding, NextStep, Usage, redact::Redacted, render::Page,
};

use super::Limits;

/// An answer that is being written.
#[derive(Debug)]
pub(super) struct Draft {
    limits: Limits,
    page: Page,
    blocks: Vec<Block>,
    findings: Vec<Finding>,
    evidence: Vec<Evidence>,
    /// What may still be written, in characters.
    room: usize,
    left_out: usize,
    /// Changes that await a decision.
    approvals: Vec<Action>,
    denied: bool,
    streamed: bool,
    /// What wrote the words.
    pub(super) engine: String,
    /// What it cost a model.
    pub(super) usage: Usage,
}

impl Draft {
    /// An answer that begins with what was shown already.
    pub(super) fn new(limits: &Limits, mut page: Page, shown: Vec<Block>) -> Self {
        page.evidence = limits.evidence_shown;
        page.symptoms = limits.symptoms_shown;
        let mut draft = Self {
            limits: limits.clone(),
            page,
            blocks: Vec::new(),
            findings: Vec::new(),
            evidence: Vec::new(),
            room: limits.characters,
            left_out: 0,
            approvals: Vec::new(),
            denied: false,
            streamed: !shown.is_empty(),
            engine: "facts".to_owned(),
            usage: Usage::default(),
        };
        for block in shown.redacted() {
            if draft.takes(&block) {
                draft.blocks.push(block);
            }
        }
        draft
    }

    /// Writes a part, if there is room for it.
    pub(super) fn push(&mut self, block: Block, events: &mut VecDeque<Event>) {
        let (block, rest) = shortened(block.redacted(), self.limits.rows);
        if !self.takes(&block) {
            return;
        }
        self.blocks.push(block.clone());
        events.push_back(Event::Text { block });
        if let Some(rest) = rest {
            self.say(rest, events);
        }
    }

    /// Writes a sentence that has to be there whatever the length.
    pub(super) fn say(&mut self, text: impl Into<String>, events: &mut VecDeque<Event>) {
        self.insist(Block::para(text), events);
    }

    /// Writes a short part that has to be there whatever the length.
    pub(super) fn insist(&mut self, block: Block, events: &mut VecDeque<Event>) {
        let block = block.redacted();
        self.blocks.push(block.clone());
        events.push_back(Event::Text { block });
    }

    /// Asks a question with choices.
    pub(super) fn ask(&mut self, question: String, choices: &[String], events: &mut VecDeque<Event>) {
        let (question, choices) = (question.redacted(), choices.to_vec().redacted());
        self.blocks.push(Block::para(question.clone()));
        if !choices.is_empty() {
            self.blocks.push(Block::List {
                items: choices.clone(),
            });
        }
        events.push_back(Event::Clarify { question, choices });
    }

    /// Takes a finding: as a card where there is room, in any case into the list. Says whether it was shown.
    pub(super) fn finding(&mut self, finding: Finding, events: &mut VecDeque<Event>) -> bool {
        if self.findings.len() >= self.limits.findings_kept {
            return false;
        }
        let mut finding = finding.redacted();
        for evidence in &mut finding.evidence {
            evidence.id = self.number(evidence);
        }
        let block = Block::Finding {
            finding: Box::new(finding.clone()),
        };
        let shown = self.findings.len() < self.limits.findings_shown && self.takes(&block);
        if shown {
            self.blocks.push(block);
            events.push_back(Event::Finding {
                finding: Box::new(finding.clone()),
            });
        }
        self.findings.push(finding);
        shown
    }

    /// Takes evidence that belongs to no finding.
    pub(super) fn evidence(&mut self, evidence: &Evidence) {
        self.number(&evidence.clone().redacted());
    }

    /// Takes evidence, and gives it back with its number.
    pub(super) fn numbered(&mut self, evidence: &Evidence) -> Evidence {
        Evidence {
            id: self.number(evidence),
            ..evidence.clone()
        }
    }

    /// All evidence so far, numbered.
    pub(super) fn all_evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Takes a part that was shown already.
    pub(super) fn keep(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Takes note of a change that awaits a decision.
    pub(super) fn await_decision(&mut self, action: Action) {
        self.approvals.push(action);
    }

    /// Says that a change is not allowed.
    pub(super) fn deny(&mut self, told: String, events: &mut VecDeque<Event>) {
        self.denied = true;
        self.say(told, events);
    }

    /// Whether it tells of a change that somebody wants.
    pub(super) fn proposes(&self) -> bool {
        self.denied || !self.approvals.is_empty()
    }

    /// Whether a call showed what it found as it went.
    pub(super) fn has_streamed(&self) -> bool {
        self.streamed
    }

    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many parts did not fit.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The whole answer.
    pub(super) fn finish(self, actions: Vec<NextStep>) -> Answer {
        Answer {
            text: self.page.markdown(&self.blocks),
            blocks: self.blocks,
            findings: self.findings,
            actions: actions.redacted(),
            evidence: self.evidence,
            approvals: self.approvals,
            engine: self.engine,
            elapsed_ms: 0,
            usage: self.usage,
        }
    }

    /// The evidence's id; the same quote from the same source has one id however often it is cited.
    fn number(&mut self, evidence: &Evidence) -> String {
        let same = |known: &&Evidence| {
            known.source == evidence.source && known.quote == evidence.quote && known.at == evidence.at
        };
        if let Some(known) = self.evidence.iter().find(same) {
            return known.id.clone();
        }
        let id = format!("e{}", self.evidence.len() + 1);
        self.evidence.push(Evidence {
            id: id.clone(),
            ..evidence.clone()
        });
        id
    }

    /// Whether there is room for a part; the room is taken.
    fn takes(&mut self, block: &Block) -> bool {
        let length = self.page.block(block).chars().count();
        if length > self.room {
            self.left_out += 1;
            return false;
        }
        self.room -= length;
        true
    }
}

/// A list or table with no more than `rows` rows, and a sentence about the rest.
fn shortened(block: Block, rows: usize) -> (Block, Option<String>) {
    let rest = |there: usize| (there > rows).then(|| format!("… and {} more.", there - rows));
    match block {
        Block::List { mut items } => {
            let rest = rest(items.len());
            items.truncate(rows);
            (Block::List { items }, rest)
        }
        Block::Table {
            headers,
            rows: mut lines,
        } => {
            let rest = rest(lines.len());
            lines.truncate(rows);
            (Block::Table { headers, rows: lines }, rest)
        }
        other => (other, None),
    }
}

impl Answer {
    /// Adds a sentence at the end, and gives the event that shows it.
    pub(super) fn add_note(&mut self, note: &str) -> Event {
        let note = note.to_owned().redacted();
        self.text.push_str("\n\n");
        self.text.push_str(&note);
        let block = Block::para(note);
        self.blocks.push(block.clone());
        Event::Text { block }
    }
}
