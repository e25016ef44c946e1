//! A question that guides answer in, the passage that fits best and where it is from out; and for a finding, its guide.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Phase, Step, Turn, teach::capital};
use crate::{
    Finding, NextStep, Result,
    memory::{Content, Document, Kind, Memory, Origin, Outcome, Recall, Tally},
    render::markdown_blocks,
    understand::{learning, telling_stems},
};

/// Passages among which the best is looked for.
const CANDIDATES: usize = 24;
/// The share of the question's telling words that a passage must have.
const ENOUGH: f64 = 0.5;
/// The same where nobody said that a guide is wanted.
const PLENTY: f64 = 0.75;
/// How much better a team's own document is than a built-in one, where all that is asked about is in its title.
const OWN: f64 = 1.0;
/// Verdicts that are counted.
const VERDICTS: usize = 500;

/// Why guides are consulted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consulting {
    /// The question asks for one.
    Asked,
    /// No tool fits the words.
    Instead,
    /// It asks for something that the estate does not know, and somebody may have taught the answer.
    Taught,
}

/// A passage that may answer.
#[derive(Debug)]
struct Fitting {
    document: Document,
    score: f64,
}

impl Turn {
    /// Whether guides are consulted before anything else is done with what was understood.
    pub(super) fn consults(&mut self) -> bool {
        if self.consulted || self.picked.is_some() {
            return false;
        }
        let why = if !self.names_something() && learning::asked(&self.text).is_some() {
            Consulting::Asked
        } else if learning::may_want_to_know(&self.text) {
            Consulting::Taught
        } else {
            return false;
        };
        self.begin_consulting(why);
        true
    }

    /// Whether the message names something in the estate.
    pub(super) fn names_something(&self) -> bool {
        self.understood
            .requests
            .iter()
            .any(|request| !request.question.targets.is_empty() || request.question.namespace.is_some())
    }

    /// Whether guides are consulted in place of a tool, where none fits.
    pub(super) fn consults_instead(&mut self) -> bool {
        if self.consulted || self.understood.gap.is_none() && self.understood.clarify.is_some() {
            return false;
        }
        self.begin_consulting(Consulting::Instead);
        true
    }

    fn begin_consulting(&mut self, why: Consulting) {
        self.consulted = true;
        self.consulting = Some(why);
        self.phase = Phase::Consulting;
    }

    pub(super) fn consult(&self) -> Step {
        Step::Recall(vec![
            Recall::new(Kind::Document, CANDIDATES).about(self.text.clone()),
            Recall::new(Kind::Feedback, VERDICTS),
        ])
    }

    /// The guides are there, or are not to be had: then the question is taken as it was understood.
    pub(super) fn consult_answered(&mut self, recalled: Result<Vec<Vec<Memory>>>) {
        let why = self.consulting.take().unwrap_or(Consulting::Instead);
        let mut recalled = recalled.unwrap_or_default().into_iter();
        let found = recalled.next().unwrap_or_default();
        if why == Consulting::Taught {
            return match taught(&found, &self.text) {
                // Beside what the estate says of what is named.
                Some((document, by, at)) if self.names_something() => {
                    let told = self.taught_by(by, at);
                    let (title, text) = (&document.title, &document.text);
                    self.notes.push(format!("**{title}:** {text} ({told})"));
                    self.act_on_estate();
                }
                Some((document, by, at)) => {
                    let document = document.clone();
                    let told = self.taught_by(by, at);
                    self.quote(&document, Some(&told));
                }
                None => self.act_on_estate(),
            };
        }
        let verdicts = recalled.next().unwrap_or_default();
        let tally: Tally = verdicts
            .iter()
            .filter_map(|memory| match &memory.record.content {
                Content::Feedback(feedback) => Some(&**feedback),
                _ => None,
            })
            .collect();
        let about = learning::asked(&self.text).unwrap_or_else(|| self.text.clone());
        let enough = if why == Consulting::Asked { ENOUGH } else { PLENTY };
        match best(found, &self.text, &about, enough, &tally) {
            Some(document) => self.quote(&document, None),
            None if why != Consulting::Instead => self.act_on_estate(),
            None if self.ask_the_model() => {}
            None => self.ask_back(),
        }
    }

    fn taught_by(&self, by: &str, at: Timestamp) -> String {
        let who = match by {
            "" => "somebody",
            by if by == self.request.person.id => "you",
            by => by,
        };
        format!("{who} taught me {}", self.on_day(at))
    }

    /// Answers with a passage, and who taught it where somebody did.
    fn quote(&mut self, document: &Document, by: Option<&str>) {
        // What was noted as not understood is answered after all.
        self.records
            .retain(|record| !matches!(record.content, Content::Gap(_)));
        self.notes.clear();
        let mut draft = self.draft();
        let line = self.voice.line(crate::persona::Moment::Here);
        let title = match document.headings.last() {
            Some(heading) => format!("**{}: {heading}**", document.title),
            None => format!("**{}**", document.title),
        };
        draft.say(
            line.map_or(title.clone(), |line| format!("{line} {title}")),
            &mut self.events,
        );
        for block in markdown_blocks(&document.text) {
            draft.push(block, &mut self.events);
        }
        let whose = match document.origin {
            Origin::BuiltIn => "my guide",
            Origin::Team => "your team's document",
            Origin::Taught => "what I was taught,",
        };
        let more = document
            .link
            .as_ref()
            .map(|link| format!(" Further reading: {link}"))
            .unwrap_or_default();
        let command = format!("jamie knowledge show {}", document.source);
        draft.say(
            match by {
                Some(by) => format!("{} (`{command}`).", capital(by)),
                None => format!("From {whose} “{}” (`{command}`).{more}", document.title),
            },
            &mut self.events,
        );
        self.cites.push(document.key());
        let step = NextStep::command(format!("Read all of “{}”", document.title), command);
        self.settle(draft, vec![step], Vec::new(), Outcome::Answered, None);
    }

    /// Where the guide to a finding is looked for.
    pub(super) fn guide_wanted(finding: &Finding) -> Recall {
        Recall::new(Kind::Document, CANDIDATES).about(finding.check.replace('-', " "))
    }

    /// The guide to the worst finding, as a sentence; the team's own goes before a built-in one.
    pub(super) fn guide_sentence(&mut self) -> Option<String> {
        let document = self.guide.take()?;
        self.cites.push(document.key());
        let whose = match document.origin {
            Origin::BuiltIn => "Guide",
            Origin::Team | Origin::Taught => "Your team's own guide",
        };
        Some(format!(
            "{whose}: “{}” (`jamie knowledge show {}`).",
            document.title, document.source
        ))
    }

    /// Keeps the guide of a check among what was found.
    pub(super) fn found_guide(&mut self, check: &str, found: Vec<Memory>) {
        let mut guides: Vec<Document> = found
            .into_iter()
            .filter_map(document)
            .map(|(document, _)| document)
            .filter(|document| document.checks.iter().any(|explained| explained == check))
            .collect();
        guides.sort_by_key(|document| (document.origin == Origin::BuiltIn, document.part));
        self.guide = guides.into_iter().next();
    }
}

fn document(memory: Memory) -> Option<(Document, f64)> {
    match memory.record.content {
        Content::Document(document) => Some((*document, memory.score)),
        _ => None,
    }
}

/// What somebody has taught to say about something that the message speaks of, who, and when: the one of which the most
/// words stand in the message, all of them.
fn taught<'a>(found: &'a [Memory], text: &str) -> Option<(&'a Document, &'a str, Timestamp)> {
    let said = stems(text);
    found
        .iter()
        .filter_map(|memory| match &memory.record.content {
            Content::Document(document) if document.origin == Origin::Taught => {
                let topic = stems(&document.title);
                (!topic.is_empty() && topic.is_subset(&said)).then_some((topic.len(), memory, &**document))
            }
            _ => None,
        })
        .max_by_key(|(words, ..)| *words)
        .map(|(_, memory, document)| (document, memory.record.person.as_str(), memory.record.at))
}

/// The passage that answers best; none where no passage has enough of the question's words.
fn best(found: Vec<Memory>, question: &str, about: &str, enough: f64, tally: &Tally) -> Option<Document> {
    let wanted = stems(about);
    if wanted.is_empty() {
        return None;
    }
    let steps = learning::wants_steps(question);
    let share = |text: &str| {
        let there = stems(text);
        wanted.iter().filter(|word| there.contains(*word)).count() as f64 / wanted.len() as f64
    };
    let mut fitting: Vec<Fitting> = found
        .into_iter()
        .filter_map(document)
        .filter_map(|(document, score)| {
            let title = share(&format!(
                "{} {} {}",
                document.title,
                document.symptoms.join(" "),
                document.source.replace('-', " ")
            ));
            let all = share(&document.words());
            let heading = share(&document.headings.join(" "));
            let own = if document.origin == Origin::BuiltIn {
                0.0
            } else {
                OWN * title
            };
            // The opening says what a thing is, what to do stands further down.
            let does = document
                .headings
                .last()
                .is_some_and(|heading| heading.starts_with("How to"));
            let opening = if steps && does || !steps && document.part == 0 {
                0.4
            } else {
                0.0
            };
            // What a thing is stands in a guide to it rather than in one to what can be wrong with it.
            let basic = if !steps && document.checks.is_empty() {
                0.4
            } else {
                0.0
            };
            (all >= enough && title > 0.0).then(|| Fitting {
                score: (score + all + title + 0.5 * heading + own + opening + basic)
                    * tally.weight(&document.key()),
                document,
            })
        })
        .collect();
    fitting.sort_by(|a, b| b.score.total_cmp(&a.score));
    fitting.into_iter().next().map(|fitting| fitting.document)
}

/// The telling words of a text; every guide is about Kubernetes.
fn stems(text: &str) -> BTreeSet<String> {
    let mut stems = telling_stems(text);
    stems.retain(|word| !matches!(word.as_str(), "kubernetes" | "k8s" | "cluster"));
    stems
}
