//! A greeting in, what it brings up out: what the last talk was about, and once a week, to whoever may teach, which
//! questions had no good answer.

use jiff::{SignedDuration, Timestamp};

use super::Turn;
use crate::{
    memory::{Incident, Kind, Memory, Recall, lacking},
    understand::Social,
};

/// What the digest looks back on.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Questions without an answer that are read for it.
const GAPS: usize = 500;
/// Groups of them that are told.
const TOLD: usize = 3;

/// What a greeting brings up.
#[derive(Debug)]
pub(super) struct Greeting {
    /// The incident of the last talk, and when it was spoken of.
    last: Option<(String, Timestamp)>,
    /// Whether what the knowledge lacks is due.
    digest: bool,
}

impl Greeting {
    /// What is looked up for it; the incident comes first.
    pub(super) fn recalls(&self, now: Timestamp) -> Vec<Recall> {
        let incident = self
            .last
            .as_ref()
            .map(|(fingerprint, _)| Recall::new(Kind::Incident, 1).with_key(fingerprint.clone()));
        let gaps = self.digest.then(|| Recall {
            since: now.checked_sub(WEEK).ok(),
            ..Recall::new(Kind::Gap, GAPS)
        });
        incident.into_iter().chain(gaps).collect()
    }
}

impl Turn {
    /// A greeting may bring something up; says whether the memory is searched for that.
    pub(super) fn greets(&mut self, social: &Social) -> bool {
        if !matches!(social, Social::Greeting | Social::HowAreYou) || self.telltale.heard {
            return false;
        }
        self.telltale.heard = true;
        let greeting = Greeting {
            last: self.history.last_incident.take(),
            digest: self
                .history
                .last_seen
                .is_some_and(|last| self.in_earlier_week(last))
                && self.kit.teachers.may_teach(&self.request.person),
        };
        if greeting.last.is_some() || greeting.digest {
            self.telltale.greeting = Some(greeting);
        }
        self.begin_looking_back()
    }

    /// Whether a new week has begun since, where the person is.
    fn in_earlier_week(&self, last: Timestamp) -> bool {
        let week = |at: Timestamp| {
            let date = at.to_zoned(self.zone.clone()).date().iso_week_date();
            (date.year(), date.week())
        };
        week(last) < week(self.now)
    }

    /// The memory has answered.
    pub(super) fn bring_up(&mut self, greeting: &Greeting, mut recalled: impl Iterator<Item = Vec<Memory>>) {
        if let Some((_, when)) = greeting.last
            && let Some(incident) = recalled
                .next()
                .into_iter()
                .flatten()
                .find_map(super::lookback::incident)
        {
            self.bring_up_incident(&incident.0, when);
        }
        if greeting.digest {
            self.bring_up_gaps(recalled.next().unwrap_or_default());
        }
    }

    fn bring_up_incident(&mut self, incident: &Incident, when: Timestamp) {
        self.telltale.question = None;
        let page = self.page();
        let helped = incident
            .fixes
            .last()
            .map(|fix| format!(" {}.", super::lookback::told_fix(self, fix)))
            .unwrap_or_default();
        self.tell(format!(
            "Last time ({}) it was {}.{helped} Shall I look how it is now?",
            page.when(when),
            incident.title.trim_end_matches('.'),
        ));
    }

    fn bring_up_gaps(&mut self, gaps: Vec<Memory>) {
        let lacks = lacking(gaps);
        let questions: usize = lacks.iter().map(|lack| lack.times).sum();
        if questions == 0 {
            return;
        }
        self.tell(format!(
            "In the last 7 days I had no good answer to {questions} {}. `jamie gaps` lists what I lack; “when somebody \
             asks …, say …” teaches me.",
            if questions == 1 { "question" } else { "questions" },
        ));
        let items = lacks.iter().take(TOLD).map(|lack| match lack.times {
            0 | 1 => format!("“{}”", lack.question),
            times => format!("“{}” and the like, {times} times", lack.question),
        });
        self.tell_list(items.collect());
    }
}
