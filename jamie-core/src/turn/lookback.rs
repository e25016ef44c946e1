//! A question about what was in, what the memory says of it out: incidents, what helped, what was talked about.

use jiff::Timestamp;

use super::{
    Phase, Step, Turn,
    known::{shares, telling_words},
    pertinent::{about, within},
};
use crate::{
    Proposal, Result, TimeRange,
    memory::{Content, Incident, Kind, Memory, Recall, TurnRecord},
    understand::{Heed, Past, PastKind, is_everyday},
};

/// Incidents that are read through for a question.
const INCIDENTS: usize = 200;
/// Turns that are read through for a question.
const TURNS: usize = 60;
/// Incidents and turns that are told of.
const TOLD: usize = 6;

/// An incident and when it was last seen.
pub(super) type Seen = (Incident, Timestamp);

impl Turn {
    /// What is searched for.
    pub(super) fn look_back(&self) -> Step {
        if let Some(greeting) = &self.telltale.greeting {
            return Step::Recall(greeting.recalls(self.now));
        }
        let Some(past) = &self.telltale.past else {
            return Step::Recall(Vec::new());
        };
        // The latest, and those that the words speak of however long ago.
        let incidents = Recall::new(Kind::Incident, INCIDENTS);
        let about = past
            .subject
            .as_ref()
            .map_or(Recall::new(Kind::Incident, 1), |subject| {
                Recall::new(Kind::Incident, TURNS).about(self.meant(subject))
            });
        let mut turns = Recall::new(Kind::Turn, TURNS).of_person(self.request.person.id.clone());
        if let Some(time) = past.time {
            turns.since = Some(time.from);
            turns.until = time.until;
        }
        // What was said last, for where nothing was said at the time that is asked about.
        let latest = Recall::new(Kind::Turn, TOLD).of_person(self.request.person.id.clone());
        Step::Recall(vec![incidents, about, turns, latest])
    }

    /// The memory has answered, or is not to be had.
    pub(super) fn looked_back(&mut self, recalled: Result<Vec<Vec<Memory>>>) {
        let greeting = self.telltale.greeting.take();
        let past = self.telltale.past.take();
        let recalled = match recalled {
            Ok(recalled) => recalled,
            Err(error) => {
                self.notes.push(format!(
                    "I could not look that up in my notes: {}.",
                    error.message().trim_end_matches('.')
                ));
                Vec::new()
            }
        };
        let mut recalled = recalled.into_iter();
        if let Some(greeting) = greeting {
            self.bring_up(&greeting, recalled);
            return self.go_on();
        }
        let mut incidents: Vec<Seen> = Vec::new();
        for seen in recalled.by_ref().take(2).flatten().filter_map(incident) {
            if !incidents
                .iter()
                .any(|(known, _)| known.fingerprint == seen.0.fingerprint)
            {
                incidents.push(seen);
            }
        }
        let Some(mut past) = past else {
            return self.go_on();
        };
        let turns: Vec<(TurnRecord, Timestamp)> = recalled
            .next()
            .unwrap_or_default()
            .into_iter()
            .filter_map(turn)
            .collect();
        let latest: Vec<(TurnRecord, Timestamp)> = recalled
            .next()
            .unwrap_or_default()
            .into_iter()
            .filter_map(turn)
            .collect();
        // "And who found it?": a word by which nothing is known says no more than "it".
        let spoken_of = !self.history.incidents.is_empty() || !self.history.focus.objects.is_empty();
        let is_everyday = past.subject.as_deref().is_some_and(is_everyday);
        let says_no_more = past.refers && spoken_of && is_everyday
            || past.kind == PastKind::Incidents && past.time.is_some();
        if says_no_more && !self.is_known(&incidents, &past) {
            past.subject = None;
        }
        let mut found = self.of_interest(&incidents, &past);
        if found.is_empty() && past.subject.is_some() && past.time.is_some() {
            let whenever = Past {
                time: None,
                ..past.clone()
            };
            found = self.of_interest(&incidents, &whenever);
            if !found.is_empty() && past.kind != PastKind::Talked {
                self.tell("I have nothing in my notes from that time, but this:");
                past = whenever;
            }
        }
        let incidents = found;
        if !matches!(past.kind, PastKind::Talked | PastKind::Same) {
            self.speak_of(&incidents);
        }
        match past.kind {
            PastKind::Talked => {
                self.tell_talk(turns, &past);
                if !self.has_told() && past.time.is_some() {
                    self.tell_talk(latest, &past);
                }
            }
            PastKind::Same => return self.same_again(incidents),
            PastKind::Before => self.tell_before(&incidents, &past),
            PastKind::Done | PastKind::Helped | PastKind::Incidents => self.tell_incidents(&incidents, &past),
        }
        if !self.has_told() {
            if past.may_be_live {
                // The estate may know what the memory does not.
                self.telltale.heeds = Heed::Changes;
            } else {
                self.tell(nothing(&past));
            }
        }
        self.go_on();
    }

    /// "And who fixed it?", "is it all right now?": what was told about is "it" from here on, where it is one thing.
    fn speak_of(&mut self, incidents: &[Seen]) {
        let [(first, _), rest @ ..] = incidents else {
            return;
        };
        if rest.iter().all(|(other, _)| other.object.is_same(&first.object)) {
            self.history.focus.namespace.clone_from(&first.object.namespace);
            self.history.focus.objects = vec![first.object.clone()];
        }
    }

    fn tell_incidents(&mut self, incidents: &[Seen], past: &Past) {
        let page = self.page();
        let mut items = Vec::new();
        for (incident, last) in incidents.iter().take(TOLD) {
            let when = past
                .time
                .and_then(|time| incident.episodes.iter().rev().find(|at| within(**at, time)))
                .or(incident.episodes.last())
                .copied()
                .unwrap_or(*last);
            let times = match incident.times {
                0 | 1 => String::new(),
                times => format!(", {times} times so far"),
            };
            let fixes = told_fixes(self, incident, past.time);
            items.push(format!(
                "{} ({}{times}). {fixes}",
                incident.title.trim_end_matches('.'),
                page.when(when)
            ));
        }
        let rest = incidents.len().saturating_sub(TOLD);
        match items.as_mut_slice() {
            [] => {}
            [only] => self.tell(format!("From my notes: {only}")),
            _ => {
                self.tell("From my notes:");
                if rest > 0 {
                    items.push(format!("… and {rest} more."));
                }
                self.tell_list(items);
            }
        }
    }

    fn tell_before(&mut self, incidents: &[Seen], past: &Past) {
        let page = self.page();
        let mut told = Vec::new();
        for (incident, _) in incidents.iter().take(TOLD) {
            let times = match incident.times {
                0 | 1 => "once".to_owned(),
                2 => "twice".to_owned(),
                times => format!("{times} times"),
            };
            let when: Vec<String> = incident
                .episodes
                .iter()
                .rev()
                .take(4)
                .map(|at| page.when(*at))
                .collect();
            let helped = incident
                .what_worked()
                .map(|fix| format!(" What helped: {}.", told_fix(self, fix)))
                .unwrap_or_default();
            told.push(format!(
                "{}: {times} that I know of ({}).{helped}",
                incident.title.trim_end_matches('.'),
                when.join("; ")
            ));
        }
        match told.as_slice() {
            [] if past.may_be_live => {}
            [] => self.tell(nothing(past)),
            [only] => self.tell(only.clone()),
            _ => {
                self.tell("This is what my notes say:");
                self.tell_list(told);
            }
        }
    }

    fn tell_talk(&mut self, turns: Vec<(TurnRecord, Timestamp)>, past: &Past) {
        let wanted = past
            .subject
            .as_ref()
            .map(|subject| telling_words(&self.meant(subject)));
        let fits = |turn: &TurnRecord| {
            !turn.question.trim().is_empty()
                && wanted.as_ref().is_none_or(|words| {
                    let about: Vec<String> = turn.focus.objects.iter().map(ToString::to_string).collect();
                    shares(
                        &format!("{} {}", turn.question, about.join(" ").replace('/', " ")),
                        words,
                    )
                })
        };
        let page = self.page();
        let items: Vec<String> = turns
            .iter()
            .filter(|(turn, _)| fits(turn))
            .take(TOLD * 2)
            .map(|(turn, at)| {
                let gist = turn
                    .answer
                    .lines()
                    .map(str::trim)
                    .find(|line| !line.is_empty())
                    .unwrap_or_default();
                let gist: String = gist
                    .chars()
                    .filter(|c| !matches!(c, '*' | '`' | '#'))
                    .take(140)
                    .collect();
                let question = turn.question.trim();
                format!(
                    "{}: “{question}” {}",
                    page.when(*at),
                    if gist.is_empty() {
                        String::new()
                    } else {
                        format!("– {gist}")
                    }
                )
            })
            .collect();
        if !items.is_empty() {
            self.tell("We talked about this, the latest first:");
            self.tell_list(items);
        }
    }

    /// Does again what helped; where nothing is known to have helped, asks again what was asked last.
    fn same_again(&mut self, incidents: Vec<Seen>) {
        let page = self.page();
        let fix = incidents.iter().find_map(|(incident, _)| {
            let fix = incident.what_worked().or_else(|| incident.fixes.last())?;
            let known = !fix.tool.is_empty() && !fix.args.is_null();
            known.then(|| (incident.title.clone(), fix.clone()))
        });
        if let Some((title, fix)) = fix {
            let by = self.by(&fix.by);
            let outcome = match fix.worked {
                Some(true) => "and it helped",
                Some(false) => "though it did not help then",
                None => "and nobody saw what came of it",
            };
            let reason = format!(
                "{} {} ({}{by}), {outcome}",
                fix.what.trim_end_matches('.'),
                "was done last time",
                page.when(fix.at)
            );
            let about = title.trim_end_matches('.').to_owned();
            self.tell(format!("Last time, with “{about}”: {reason}."));
            self.push_proposals(vec![Proposal {
                tool: fix.tool,
                args: fix.args,
                reasons: vec![reason],
            }]);
            if !self.calls.is_empty() {
                return self.announce();
            }
        }
        // "Same as last time" without an incident: the question of last time.
        let again = self
            .history
            .exchanges
            .iter()
            .rev()
            .map(|exchange| exchange.question.clone())
            .find(|question| *question != self.text && !question.trim().is_empty());
        match again {
            Some(question) if !self.has_told() => {
                self.tell(format!("Same as last time: “{question}”."));
                self.text = question;
                self.telltale.heeds = Heed::Nothing;
            }
            _ => {
                if !self.has_told() {
                    self.tell("I remember no last time here, so I don't know what to do again: tell me what you have in mind.");
                }
            }
        }
        self.go_on();
    }

    /// ", by Ann": nobody is named whom nobody is to name.
    pub(super) fn by(&self, person: &str) -> String {
        match person {
            "" => String::new(),
            own if own == self.request.person.id => ", by you".to_owned(),
            other => format!(", by {other}"),
        }
    }

    /// What goes on once the memory was searched.
    fn go_on(&mut self) {
        self.phase = Phase::New;
        self.interpret();
    }
}

pub(super) fn told_fix(turn: &Turn, fix: &crate::memory::Fix) -> String {
    let outcome = match fix.worked {
        Some(true) => ", which helped",
        Some(false) => ", which did not help",
        None => "",
    };
    format!(
        "{} ({}{}){outcome}",
        fix.what.trim_end_matches('.'),
        turn.page().when(fix.at),
        turn.by(&fix.by)
    )
}

fn told_fixes(turn: &Turn, incident: &Incident, time: Option<TimeRange>) -> String {
    let fixes: Vec<String> = incident
        .fixes
        .iter()
        .rev()
        .filter(|fix| time.is_none_or(|time| about(fix.at, time)))
        .take(3)
        .map(|fix| told_fix(turn, fix))
        .collect();
    if fixes.is_empty() {
        "Nothing was done about it through me.".to_owned()
    } else {
        format!("What was done: {}.", fixes.join("; "))
    }
}

fn nothing(past: &Past) -> String {
    let about = past
        .subject
        .as_ref()
        .map(|subject| format!(" about {subject}"))
        .unwrap_or_default();
    let when = if past.time.is_some() {
        " from that time"
    } else {
        ""
    };
    format!("I have nothing in my notes{about}{when}.")
}

pub(super) fn incident(memory: Memory) -> Option<Seen> {
    match memory.record.content {
        Content::Incident(incident) => Some((*incident, memory.record.at)),
        _ => None,
    }
}

fn turn(memory: Memory) -> Option<(TurnRecord, Timestamp)> {
    match memory.record.content {
        Content::Turn(turn) => Some((*turn, memory.record.at)),
        _ => None,
    }
}
