//! What the calls found in, the answer out: conclusion first, evidence second, next step last.

use crate::{
    Block, Finding, NextStep, Severity, ToolOutput,
    action::Proposed,
    memory::Outcome,
    persona::{Domain, Moment},
    prompt::Digest,
    render::{self, Page},
    understand::{Focus, Mood, Social},
};

use super::{
    Ending, Turn,
    answer::Draft,
    plan::{Planned, State},
};

/// What came back, sorted.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) outputs: Vec<(Planned, ToolOutput)>,
    /// Changes, and what the policy said to them.
    pub(super) proposals: Vec<Proposed>,
    /// Calls that gave nothing, one sentence each.
    missing: Vec<String>,
    calls_made: u32,
}

/// An answer that holds what was found and has no end yet.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) draft: Draft,
    /// What could not be had, one sentence each.
    pub(super) missing: Vec<String>,
    /// What to do next, and whether it stands on a card.
    steps: Vec<(NextStep, bool)>,
    /// How the changes that wait are decided on; the proposal says it.
    decisions: Vec<NextStep>,
    focus: Focus,
    /// What the calls found, short.
    pub(super) digests: Vec<Digest>,
    /// The calls that were made, by tool and arguments.
    pub(super) made: Vec<String>,
    /// How many calls were made.
    pub(super) calls_made: u32,
}

impl Open {
    /// An answer in which nothing stands yet.
    pub(super) fn new(draft: Draft, focus: Focus) -> Self {
        Self {
            draft,
            missing: Vec::new(),
            steps: Vec::new(),
            decisions: Vec::new(),
            focus,
            digests: Vec::new(),
            made: Vec::new(),
            calls_made: 0,
        }
    }

    /// Adds a way to decide on a change that waits.
    pub(super) fn decided_by(&mut self, step: NextStep) {
        self.decisions.push(step);
    }

    /// What to do next.
    pub(super) fn steps(&self) -> impl Iterator<Item = &NextStep> {
        self.steps.iter().map(|(step, _)| step)
    }

    /// Whether a change awaits a decision, or was denied.
    pub(super) fn proposes(&self) -> bool {
        self.draft.proposes()
    }
}

impl Turn {
    /// Writes the answer from what the calls found, at least one of them something.
    pub(super) fn compose(&mut self, calls: Vec<Planned>) {
        let mut gathered = self.sort(calls);
        // What hits users goes first; all else in the order in which it was asked.
        gathered
            .outputs
            .sort_by_key(|(_, output)| worst_of(output) != Some(Severity::Critical));
        deduplicate(&mut gathered.outputs);
        self.voice.severity = findings(&gathered).map(|finding| finding.severity).max();
        self.voice.domain = findings(&gathered)
            .min_by_key(|finding| std::cmp::Reverse(finding.severity))
            .map_or_else(|| self.asked_domain(), Domain::of_finding);
        let focus = self.next_focus(&gathered);
        if gathered.proposals.is_empty() {
            let rules = self.rules_beside(findings(&gathered));
            self.notes.extend(rules);
        }
        let mut opening = self.opening(&gathered);
        // Bad news is broken where it is told, whatever else was asked first.
        let worst = gathered
            .outputs
            .iter()
            .position(|(_, output)| {
                let worst = worst_of(output);
                worst.is_some() && worst == self.voice.severity
            })
            .unwrap_or(0);

        let mut open = Open::new(self.draft(), focus);
        open.calls_made = gathered.calls_made;
        let page = self.page();
        let (draft, steps) = (&mut open.draft, &mut open.steps);
        let mut hidden = Vec::new();
        if let Some(opening) = opening.take_if(|_| gathered.outputs.is_empty()) {
            draft.say(opening, &mut self.events);
        }
        for (at, (planned, output)) in gathered.outputs.into_iter().enumerate() {
            let opening = if at == worst { opening.take() } else { None };
            let asked = format!(
                "{} of {}",
                planned.call.tool.replace('_', " "),
                planned.call.about
            );
            open.digests.push(Digest::new(asked, &output, &page));
            open.made
                .push(format!("{} {}", planned.call.tool, planned.call.args));
            self.part(draft, opening, &output);
            for finding in output.findings {
                let title = finding.title.clone();
                steps.extend(finding.remedy.clone().map(|step| (step, true)));
                if finding.verdict != crate::Verdict::Confirmed {
                    steps.extend(finding.next_check.clone().map(|step| (step, true)));
                }
                let past = self.recognise(&finding, &page);
                if !draft.finding(finding, &mut self.events) {
                    hidden.push(title);
                } else if let Some(past) = past {
                    draft.push(Block::para(past), &mut self.events);
                }
            }
            for block in output.blocks {
                draft.push(block, &mut self.events);
            }
            for evidence in &output.evidence {
                draft.evidence(evidence);
            }
            steps.extend(output.next.into_iter().map(|step| (step, false)));
            self.notes.extend(output.notes);
        }
        self.list_hidden(draft, hidden);
        open.missing = gathered.missing;
        self.propose(&mut open, gathered.proposals);
        self.explain_or_close(open);
    }

    pub(super) fn sort(&self, calls: Vec<Planned>) -> Gathered {
        let deadline = self.kit.limits.deadline.as_secs();
        let mut gathered = Gathered {
            calls_made: calls.len() as u32,
            ..Gathered::default()
        };
        for mut planned in calls {
            let what = format!("{} ({})", planned.call.about, planned.call.tool.replace('_', " "));
            match std::mem::replace(&mut planned.state, State::Waiting) {
                State::Came(output) => gathered.outputs.push((planned, *output)),
                State::Proposed(proposed) => gathered.proposals.push(*proposed),
                State::Failed(error) => gathered.missing.push(match error.hint() {
                    Some(hint) => {
                        format!(
                            "I could not get {what}: {}. What helps: {hint}.",
                            ended(error.message())
                        )
                    }
                    None => format!("I could not get {what}: {}.", ended(error.message())),
                }),
                _ => gathered.missing.push(format!(
                    "I was still waiting for {what} after {deadline} s, so that part is missing here."
                )),
            }
        }
        gathered
    }

    /// The conclusion of one call, after the persona's opening where it has one.
    fn part(&mut self, draft: &mut Draft, opening: Option<String>, output: &ToolOutput) {
        let headline = output.headline.trim();
        let nothing = headline.is_empty() && output.blocks.is_empty() && output.findings.is_empty();
        let same = |title: &str| title.trim_end_matches('.') == headline.trim_end_matches('.');
        let headline = match output.findings.as_slice() {
            _ if nothing => "There is nothing to show.",
            // The card says it.
            [only] if same(&only.title) => "",
            _ => headline,
        };
        let words = match opening {
            Some(opening) if headline.is_empty() => opening,
            Some(opening) => format!("{opening} {headline}"),
            None => headline.to_owned(),
        };
        if !words.is_empty() {
            draft.say(words, &mut self.events);
        }
    }

    /// How the persona begins: it acknowledges the person, and is brief where things are bad.
    fn opening(&mut self, gathered: &Gathered) -> Option<String> {
        let worst = self.voice.severity;
        let greeting = match &self.understood.social {
            Some(Social::Greeting | Social::HowAreYou) if worst < Some(Severity::Error) => {
                self.voice.line(Moment::Hello)
            }
            Some(Social::CallMe(_)) => Some(self.voice.reply(Moment::Named)),
            _ => None,
        };
        let troubles = findings(gathered)
            .filter(|finding| finding.severity > Severity::Info)
            .count();
        let good = |wanted: bool| {
            gathered
                .outputs
                .iter()
                .any(|(_, output)| output.good == Some(wanted))
        };
        let parked = |proposed: &Proposed| matches!(proposed, Proposed::Parked { .. });
        if gathered.outputs.is_empty()
            && !gathered.proposals.is_empty()
            && !gathered.proposals.iter().any(parked)
        {
            // A denial speaks for itself.
            return None;
        }
        let moment = if gathered.outputs.is_empty() && !gathered.proposals.is_empty() {
            Moment::Proposing
        } else if worst == Some(Severity::Critical) {
            Moment::Severe
        } else if troubles > 1 {
            Moment::Troubles
        } else if troubles == 1 || good(false) {
            Moment::Trouble
        } else if !gathered.missing.is_empty() {
            Moment::Partly
        } else if good(true) {
            Moment::AllWell
        } else if gathered.outputs.iter().all(|(_, output)| is_bare(output)) {
            Moment::NothingFound
        } else {
            Moment::Here
        };
        // One pleasantry is enough, unless there is something to break to the person or to soothe.
        let plain = matches!(moment, Moment::Here) && self.voice.mood != Mood::Frustrated;
        let line = if greeting.is_some() && plain {
            None
        } else {
            self.voice.line(moment)
        };
        match (greeting, line) {
            (Some(greeting), Some(line)) => Some(format!("{greeting} {line}")),
            (greeting, line) => greeting.or(line),
        }
    }

    /// The findings beyond those shown, by title.
    fn list_hidden(&mut self, draft: &mut Draft, hidden: Vec<String>) {
        const NAMED: usize = 12;
        if hidden.is_empty() {
            return;
        }
        let count = hidden.len();
        draft.say(format!("And {count} more:"), &mut self.events);
        let mut items: Vec<String> = hidden.into_iter().take(NAMED).collect();
        if count > NAMED {
            items.push(format!("… and {} more", count - NAMED));
        }
        draft.push(Block::List { items }, &mut self.events);
    }

    /// The answer to which a model's change was added.
    pub(super) fn reopen(&mut self, mut open: Open, calls: Vec<Planned>) {
        let gathered = self.sort(calls);
        open.missing.extend(gathered.missing);
        self.propose(&mut open, gathered.proposals);
        self.close(open);
    }

    /// What is missing, what to know, what to do next; and off it goes.
    pub(super) fn close(&mut self, open: Open) {
        let Open {
            mut draft,
            missing,
            steps,
            decisions,
            focus,
            ..
        } = open;
        if draft.left_out() > 0 {
            let parts = draft.left_out();
            self.notes.push(format!(
                "That would have become too long: {parts} {} left out. Ask about one app or namespace to see all of it.",
                if parts == 1 { "part is" } else { "parts are" },
            ));
        }
        let mut notes = missing;
        notes.append(&mut self.notes);
        notes.dedup();
        let has_notes = !notes.is_empty();
        match notes.as_slice() {
            [] => {}
            [only] => draft.say(format!("**Note:** {only}"), &mut self.events),
            _ => {
                draft.say("**Worth knowing:**", &mut self.events);
                let kept = self.limits.rows;
                let rest = notes.len().saturating_sub(kept);
                notes.truncate(kept);
                if rest > 0 {
                    notes.push(format!("… and {rest} more."));
                }
                draft.insist(Block::List { items: notes }, &mut self.events);
            }
        }
        for note in self.notes_about_targets() {
            draft.say(note, &mut self.events);
        }
        if let Some(guide) = self.guide_sentence() {
            draft.say(guide, &mut self.events);
        }
        let clarify = self.understood.clarify.take();
        let choices = match clarify {
            Some(clarify) => self.put_question(&mut draft, clarify),
            None => Vec::new(),
        };
        let mut actions = decisions;
        let mut said: Vec<NextStep> = Vec::new();
        let mut on_card = None;
        for (step, is_on_card) in steps {
            if actions.contains(&step) || actions.len() >= self.limits.next_steps {
                continue;
            }
            if is_on_card {
                on_card.get_or_insert_with(|| step.label.trim_end_matches(['.', ':']).to_owned());
            } else {
                said.push(step.clone());
            }
            actions.push(step);
        }
        // A card ends with its own remedy; that is only repeated when something stands after it.
        let several = draft.findings().len() > 1;
        if let Some(first) = on_card.filter(|_| several || has_notes || !said.is_empty()) {
            let which = if several {
                "begin with the first one above: "
            } else {
                ""
            };
            said.insert(0, NextStep::advice(format!("{which}{first}")));
        }
        for block in render::next_steps(&said) {
            draft.insist(block, &mut self.events);
        }
        if actions.is_empty() && choices.is_empty() && !draft.proposes() {
            let question = self
                .voice
                .line(Moment::Closing)
                .unwrap_or_else(|| "Shall I look at anything else?".to_owned());
            draft.say(question, &mut self.events);
        }
        self.settle(draft, actions, choices, Outcome::Answered, Some(focus));
    }

    /// Hands the answer to the memory and, after that, to the person.
    pub(super) fn settle(
        &mut self,
        draft: Draft,
        actions: Vec<NextStep>,
        choices: Vec<String>,
        outcome: Outcome,
        focus: Option<Focus>,
    ) {
        let answer = draft.finish(actions);
        self.keep(outcome, &answer.text, Some(&answer), choices, focus);
        self.ending = Some(Ending::Done(Box::new(answer)));
    }

    pub(super) fn draft(&mut self) -> Draft {
        let page = self.page();
        let mut draft = Draft::new(&self.limits, page, std::mem::take(&mut self.streamed));
        for block in std::mem::take(&mut self.telltale.blocks) {
            draft.insist(block, &mut self.events);
        }
        draft
    }

    pub(super) fn page(&self) -> Page {
        Page::new(self.now, self.zone.clone())
    }

    /// What the question is about, where no finding says it.
    fn asked_domain(&self) -> Option<Domain> {
        let question = &self.understood.requests.first()?.question;
        match (question.targets.first(), &question.kind) {
            (Some(target), _) => Domain::of_kind(&target.object.kind),
            (None, Some(kind)) => Domain::of_kind(kind),
            (None, None) => Some(Domain::Cluster),
        }
    }
}

pub(super) fn findings(gathered: &Gathered) -> impl Iterator<Item = &Finding> {
    gathered.outputs.iter().flat_map(|(_, output)| &output.findings)
}

fn worst_of(output: &ToolOutput) -> Option<Severity> {
    output.findings.iter().map(|finding| finding.severity).max()
}

fn is_bare(output: &ToolOutput) -> bool {
    output.headline.trim().is_empty() && output.blocks.is_empty() && output.findings.is_empty()
}

/// The same incident, found by two calls, is one card.
fn deduplicate(outputs: &mut [(Planned, ToolOutput)]) {
    let mut seen = std::collections::BTreeSet::new();
    for (_, output) in outputs {
        output
            .findings
            .retain(|finding| finding.fingerprint.0.is_empty() || seen.insert(finding.fingerprint.clone()));
    }
}

/// A message that a full stop can follow.
fn ended(message: &str) -> &str {
    message.trim_end_matches(['.', ' '])
}
