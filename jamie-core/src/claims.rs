//! What was found in, and a sentence of a model; whether the sentence says more than was found out.
//!
//! A [`Ledger`] is filled with everything that is known in a turn. [`Ledger::check`] looks up what a sentence claims:
//! names, numbers, times, quotations, addresses, evidence, causes, and deeds. A sentence without such a thing passes:
//! the check is about facts, not about tone. [`Sentences`] cuts streamed text into what can be checked.

mod advice;
mod amount;
mod assurance;
mod cause;
mod check;
mod deed;
mod echo;
mod lex;
mod name;
mod sentences;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};

pub use self::sentences::Sentences;
use self::{
    amount::Amount,
    lex::{Item, Number},
};
use crate::{Block, Finding, NextStep, ObjectRef, Severity, ToolOutput, understand};

/// Whether a sentence is supported by what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// All that can be checked in it was found; or nothing in it can be checked.
    Supported,
    /// Something in it was not found.
    Unsupported {
        /// What, one phrase each: "`web-2` is nowhere in what was found".
        what: Vec<String>,
    },
}

impl Ruling {
    /// Whether the sentence may be shown.
    pub fn is_supported(&self) -> bool {
        *self == Self::Supported
    }

    /// Why not, as one line; empty where it may.
    pub fn reason(&self) -> String {
        match self {
            Self::Supported => String::new(),
            Self::Unsupported { what } => what.join("; "),
        }
    }
}

/// What is known.
#[derive(Debug, Clone)]
pub struct Ledger {
    now: Timestamp,
    zone: TimeZone,
    /// Words that may be names, in lower case, with the parts that a path has.
    words: BTreeSet<String>,
    /// The same of what the person said.
    asked: BTreeSet<String>,
    /// Texts in lower case, white space as one blank.
    texts: Vec<String>,
    evidence: BTreeSet<String>,
    amounts: Vec<Amount>,
    /// Counts by what they count.
    counts: BTreeMap<String, Vec<f64>>,
    /// How many of how many.
    shares: Vec<(f64, f64)>,
    moments: Vec<Timestamp>,
    clocks: Vec<(i8, i8, Option<i8>)>,
    days: Vec<(Option<i16>, i8, i8)>,
    objects: Vec<ObjectRef>,
    /// From a cause to what it drags along, as places in `objects`.
    edges: BTreeSet<(usize, usize)>,
    deeds: Vec<String>,
    /// Texts by others, and the instructions: to be quoted, not to be said.
    strange: Vec<String>,
    /// What Jamie itself advises. Not what the person said: that may be pasted from anywhere.
    own: Vec<String>,
    /// Whether something is wrong.
    troubled: bool,
}

impl Ledger {
    /// Nothing is known but what time it is, and in which zone times are shown.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self {
            now,
            zone,
            words: BTreeSet::new(),
            asked: BTreeSet::new(),
            texts: Vec::new(),
            evidence: BTreeSet::new(),
            amounts: Vec::new(),
            counts: BTreeMap::new(),
            shares: Vec::new(),
            moments: vec![now],
            clocks: Vec::new(),
            days: Vec::new(),
            objects: Vec::new(),
            edges: BTreeSet::new(),
            deeds: Vec::new(),
            strange: Vec::new(),
            own: Vec::new(),
            troubled: false,
        }
    }

    /// Everything that a text says is known.
    pub fn text(&mut self, text: &str) {
        self.texts.push(flat(text));
        for found in lex::items(text) {
            match found.item {
                Item::Word(word) => name::parts(&word, &mut self.words),
                Item::Code(inner) | Item::Quote(inner) if inner != text => self.inner(&inner),
                Item::Code(inner) | Item::Quote(inner) => name::parts(&inner, &mut self.words),
                Item::Address(address) => name::parts(&address, &mut self.words),
                Item::Evidence(_) => {}
                Item::Number(number) => self.number(&number),
                Item::Moment(moment) => self.moments.push(moment),
                Item::Clock(hour, minute, second) => self.clocks.push((hour, minute, second)),
                Item::Day(year, month, day) => self.days.push((year, month, day)),
                Item::Span { seconds, unit } => self.amounts.push(Amount::Seconds { seconds, unit }),
            }
        }
    }

    /// A span within a text: its words and numbers, without the text once more.
    fn inner(&mut self, text: &str) {
        name::parts(text, &mut self.words);
        let whole = std::mem::take(&mut self.texts);
        self.text(text);
        self.texts = whole;
    }

    fn number(&mut self, number: &Number) {
        self.amounts.push(number.amount);
        self.words.insert(number.text.to_lowercase());
        if let (Amount::Count(part), Some(whole)) = (number.amount, number.of) {
            self.shares.push((part, whole));
            self.amounts.push(Amount::Count(whole));
        }
        if let (Amount::Count(count), Some(noun)) = (number.amount, &number.noun) {
            self.counts.entry(noun.clone()).or_default().push(count);
        }
    }

    /// An object exists.
    pub fn name(&mut self, object: &ObjectRef) {
        self.place(object);
    }

    fn place(&mut self, object: &ObjectRef) -> usize {
        if let Some(at) = self.objects.iter().position(|known| known.is_same(object)) {
            return at;
        }
        name::parts(&object.path(), &mut self.words);
        self.words.insert(object.kind.to_lowercase());
        self.objects.push(object.clone());
        self.objects.len() - 1
    }

    /// One object drags another along.
    pub fn edge(&mut self, cause: &ObjectRef, effect: &ObjectRef) {
        let edge = (self.place(cause), self.place(effect));
        self.edges.insert(edge);
    }

    /// An incident, and that its object causes its symptoms.
    pub fn finding(&mut self, finding: &Finding) {
        self.troubled |= finding.severity > Severity::Info;
        self.name(&finding.object);
        self.text(&finding.title);
        self.text(&finding.cause);
        for evidence in &finding.evidence {
            self.evidence(evidence);
        }
        // What the cause names is what it blames: it leads to the finding's object.
        for symptom in &finding.symptoms {
            self.text(&symptom.title);
            self.text(&symptom.via);
            self.edge(&finding.object, &symptom.object);
        }
        for step in finding.remedy.iter().chain(&finding.next_check) {
            self.step(step);
        }
        self.moments.extend(finding.since);
        let blamed = cause::mentioned(self, &finding.cause);
        let own = self.place(&finding.object);
        for at in blamed {
            if at != own && !self.edges.contains(&(own, at)) {
                self.edges.insert((at, own));
            }
        }
    }

    /// A piece of evidence.
    pub fn evidence(&mut self, evidence: &crate::Evidence) {
        if !evidence.id.is_empty() {
            self.evidence.insert(evidence.id.clone());
        }
        self.text(&evidence.source);
        self.text(evidence.quote.as_str());
        self.strange(evidence.quote.as_str());
        self.moments.extend(evidence.at);
    }

    /// Something to do next.
    pub fn step(&mut self, step: &NextStep) {
        for text in std::iter::once(&step.label).chain(&step.command) {
            self.text(text);
            self.own.push(flat(text));
        }
    }

    /// A text that a sentence may quote and may not merely repeat.
    pub fn strange(&mut self, text: &str) {
        self.strange.push(flat(text));
    }

    /// The same for every quotation in a text of Jamie's own.
    pub fn quotations(&mut self, text: &str) {
        self.strange
            .extend(echo::quotations(text).iter().map(|quote| flat(quote)));
    }

    /// What a call found.
    pub fn output(&mut self, output: &ToolOutput) {
        self.text(&output.headline);
        output.blocks.iter().for_each(|block| self.block(block));
        output.findings.iter().for_each(|finding| self.finding(finding));
        output
            .evidence
            .iter()
            .for_each(|evidence| self.evidence(evidence));
        output.notes.iter().for_each(|note| self.text(note));
        output.next.iter().for_each(|step| self.step(step));
        output.focus.iter().for_each(|object| self.name(object));
        if !output.facts.is_null() {
            self.text(&output.facts.to_string());
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Para { text } | Block::Heading { text } => self.text(text),
            Block::List { items } => items.iter().for_each(|item| self.text(item)),
            Block::Table { headers, rows } => {
                for header in headers {
                    self.text(header);
                }
                for row in rows {
                    for (at, cell) in row.iter().enumerate() {
                        self.text(cell);
                        // What a column holds is counted by its header.
                        if let (Some(header), Ok(count)) = (headers.get(at), cell.trim().parse::<f64>()) {
                            let noun = amount::singular(&header.to_lowercase());
                            self.counts.entry(noun).or_default().push(count);
                        }
                    }
                }
            }
            Block::Code { text, .. } | Block::Quote { text, .. } => {
                self.text(text.as_str());
                self.strange(text.as_str());
            }
            Block::Finding { finding } => self.finding(finding),
        }
    }

    /// What the person said: its names may be spoken of, and are no facts.
    pub fn question(&mut self, text: &str) {
        for found in lex::items(text) {
            match found.item {
                Item::Word(word) | Item::Code(word) | Item::Quote(word) => {
                    name::parts(&word, &mut self.asked);
                }
                _ => {}
            }
        }
    }

    /// Something was done, in words: "restarted Deployment shop/web".
    pub fn acted(&mut self, text: &str) {
        self.deeds.push(text.to_lowercase());
        self.text(text);
    }

    /// Whether what a sentence claims was found.
    pub fn check(&self, sentence: &str) -> Ruling {
        let what = check::unsupported(self, sentence);
        if what.is_empty() {
            Ruling::Supported
        } else {
            Ruling::Unsupported { what }
        }
    }

    /// How many objects of a kind are known.
    fn many(&self, noun: &str) -> usize {
        let Some(kind) = understand::kind_of(noun) else {
            return 0;
        };
        self.objects.iter().filter(|object| object.kind == kind).count()
    }
}

/// A text in lower case, its white space as single blanks, its markup gone: so quotations are compared.
fn flat(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '`' | '*' | '"' | '“' | '”'))
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    plain
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
