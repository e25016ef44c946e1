//! A message that asks for a fix in, the changes that were suggested out: those of the last answer for "fix it",
//! those of this one's findings for "please fix the checkout".

use super::{
    Call, Turn,
    plan::{Planned, State, about},
};
use crate::{Proposal, redact::Redacted};

/// Words that ask for a fix where they stand like an order.
const FIX: &[&str] = &[
    "fix", "mend", "repair", "resolve", "remedy", "heal", "sort", "cure", "unbreak", "rectify", "solve",
];
/// Words that an order may follow.
const BEFORE: &[&str] = &[
    "please", "pls", "plz", "you", "and", "then", "just", "to", "now", "go", "so", "ok", "okay", "yes",
    "yeah", "yep", "aye", "mate", "jamie", "ahead", "cheers", "right", "alright", "quickly", "kindly", "us",
    "it", "ta", "well",
];
/// What a message that asks for nothing but "what you said" is made of.
const BARE: &[&str] = &[
    "fix",
    "mend",
    "repair",
    "resolve",
    "remedy",
    "sort",
    "apply",
    "do",
    "go",
    "run",
    "that",
    "it",
    "this",
    "them",
    "one",
    "the",
    "first",
    "second",
    "third",
    "1st",
    "2nd",
    "3rd",
    "1",
    "2",
    "3",
    "out",
    "up",
    "ahead",
    "on",
    "for",
    "me",
    "us",
    "then",
    "now",
    "please",
    "pls",
    "plz",
    "ok",
    "okay",
    "yes",
    "yeah",
    "yep",
    "aye",
    "sure",
    "mate",
    "jamie",
    "can",
    "could",
    "would",
    "will",
    "you",
    "just",
    "and",
    "right",
    "alright",
    "lovely",
    "great",
    "cheers",
    "ta",
    "thanks",
    "thank",
    "change",
    "suggestion",
    "what",
    "suggested",
    "said",
    "proposed",
    "with",
    "let",
    "s",
    "lets",
    "make",
    "so",
    "happen",
    "all",
    "both",
    "proposal",
    "your",
];
/// Of those, the ones without which nothing is asked for.
const ASKING: &[&str] = &[
    "fix", "mend", "repair", "resolve", "remedy", "sort", "apply", "do", "go", "run", "happen",
];

/// What kind of fix a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fix {
    /// "Fix it", "go ahead", "do that": what was suggested, by its place; `None` for all of it.
    Suggested(Option<usize>),
    /// "Please fix the checkout": what the look at it suggests.
    Found,
    /// "Undo it": what takes back what was done last.
    Undone,
}

/// Words that deny what their clause says.
const DENYING: &[&str] = &[
    "dont", "not", "never", "without", "cannot", "cant", "wont", "should", "shouldnt", "neednt", "no",
];
/// Words that make the whole of a message depend on something.
const CONDITIONS: &[&str] = &["if", "unless", "once", "when", "whenever", "until"];
/// Words that begin a question.
const QUESTIONS: &[&str] = &[
    "how", "why", "what", "whats", "who", "when", "where", "which", "did", "does", "do", "is", "are", "was",
    "has", "have", "had", "i", "we", "they", "he", "she",
];
/// What stands for a thing that was spoken of.
const IT: &[&str] = &["it", "that", "this", "them", "these", "those"];

/// Whether a message asks for a fix; a question about one, a condition or a "don't" asks for none.
pub(super) fn asked(text: &str) -> Option<Fix> {
    let clauses: Vec<Vec<String>> = text
        .split([',', ';', '.', '!', '?', ':', '\n'])
        .map(words)
        .filter(|words| !words.is_empty())
        .take(20)
        .collect();
    let all: Vec<&str> = clauses.iter().flatten().map(String::as_str).collect();
    if all.is_empty() || all.iter().any(|word| CONDITIONS.contains(word)) {
        return None;
    }
    // "… but not yet", "not now": what was ordered is taken back.
    let taken_back = clauses.iter().any(|clause| {
        let words: Vec<&str> = clause
            .iter()
            .map(String::as_str)
            .filter(|word| *word != "but")
            .collect();
        matches!(words.first(), Some(&("not" | "dont" | "later" | "never")))
    });
    if taken_back
        || clauses
            .iter()
            .any(|clause| clause.windows(2).any(|two| two == ["but", "not"]))
    {
        return None;
    }
    if let Some(back) = undone(&all) {
        return Some(back);
    }
    if let Some(suggested) = bare(&all) {
        return Some(suggested);
    }
    clauses
        .iter()
        .any(|clause| orders_a_fix(clause))
        .then_some(Fix::Found)
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '\'' | '/'))
        .filter(|word| !word.is_empty())
        .take(60)
        .map(|word| word.to_lowercase().replace('\'', ""))
        .collect()
}

fn is_question(words: &[&str]) -> bool {
    let lone_do = matches!(words, ["do", it, ..] if IT.contains(it) || matches!(*it, "both" | "so"));
    words.first().is_some_and(|first| QUESTIONS.contains(first)) && !lone_do
}

/// "Undo it", "take that back", "revert": what was done last.
fn undone(words: &[&str]) -> Option<Fix> {
    if is_question(words) || words.len() > 8 || words.iter().any(|word| DENYING.contains(word)) {
        return None;
    }
    let kept: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !BEFORE.contains(word) || *word == "it")
        .collect();
    let is = match kept.as_slice() {
        ["undo" | "revert"] => true,
        ["undo" | "revert", it, ..] => IT.contains(it) || *it == "the",
        ["take" | "put" | "roll" | "turn", it, "back", ..] => IT.contains(it),
        _ => false,
    };
    is.then_some(Fix::Undone)
}

/// "Fix it", "go ahead": nothing but a yes to what was suggested.
fn bare(words: &[&str]) -> Option<Fix> {
    let has = |word: &str| words.contains(&word);
    let is = words.len() <= 10
        && !is_question(words)
        && words.iter().all(|word| BARE.contains(word))
        && words.iter().any(|word| ASKING.contains(word))
        && !matches!(words, ["go" | "do" | "run"]);
    if !is {
        return None;
    }
    Some(Fix::Suggested(if has("all") || has("both") {
        None
    } else if has("second") || has("2nd") || has("2") {
        Some(1)
    } else if has("third") || has("3rd") || has("3") {
        Some(2)
    } else {
        Some(0)
    }))
}

/// Whether a clause orders something to be fixed.
fn orders_a_fix(clause: &[String]) -> bool {
    let words: Vec<&str> = clause.iter().map(String::as_str).collect();
    if is_question(&words) || words.iter().any(|word| DENYING.contains(word)) {
        return false;
    }
    let put_right = words.windows(3).any(|three| {
        matches!(three, ["put" | "set" | "make", it, "right" | "work" | "better" | "well"] if IT.contains(it))
    });
    let sort_out = words
        .iter()
        .position(|word| FIX.contains(word))
        .is_some_and(|at| {
            let rest = words.get(at + 1..).unwrap_or_default();
            rest.first().is_some_and(|next| IT.contains(next)) || rest.contains(&"out")
        });
    let ordered = words.iter().enumerate().any(|(at, word)| {
        FIX.contains(word)
            && at
                .checked_sub(1)
                .and_then(|at| words.get(at))
                .is_none_or(|before| BEFORE.contains(before))
    });
    put_right || sort_out || ordered
}

impl Turn {
    /// "Fix it" after an answer that suggested a change: that very change; "undo it" after one was made: what takes it
    /// back. Says whether there is one.
    pub(super) fn take_suggested(&mut self) -> bool {
        let chosen: Vec<Proposal> = match asked(&self.text) {
            Some(Fix::Suggested(None)) => std::mem::take(&mut self.history.proposals),
            Some(Fix::Suggested(Some(place))) => {
                let suggested = std::mem::take(&mut self.history.proposals);
                suggested.into_iter().skip(place).take(1).collect()
            }
            Some(Fix::Undone) => self.history.inverse.take().into_iter().collect(),
            Some(Fix::Found) | None => return false,
        };
        self.push_proposals(chosen);
        !self.calls.is_empty()
    }

    /// Adds the changes that the findings suggest, where the message asked for a fix and nothing else was ordered.
    pub(super) fn add_fixes(&mut self) -> bool {
        if self.fixes_added || !matches!(asked(&self.text), Some(Fix::Found | Fix::Suggested(_))) {
            return false;
        }
        self.fixes_added = true;
        let planned = |planned: &Planned| matches!(planned.state, State::Planned(_) | State::Proposed(_));
        if self.calls.iter().any(planned) {
            return false;
        }
        let mut suggested: Vec<Proposal> = Vec::new();
        for call in &self.calls {
            let State::Came(output) = &call.state else {
                continue;
            };
            let remedies = output
                .findings
                .iter()
                .filter_map(|finding| finding.remedy.as_ref());
            for proposal in remedies
                .chain(&output.next)
                .filter_map(|step| step.proposal.as_ref())
            {
                if !suggested.contains(proposal) {
                    suggested.push(proposal.clone());
                }
            }
        }
        // One at a time: what mends the worst may mend the rest.
        suggested.truncate(1);
        if suggested.is_empty() {
            self.notes.push(
                "There is no fix that I could safely work out by myself; what I would do is said above."
                    .to_owned(),
            );
            return false;
        }
        let before = self.calls.len();
        self.push_proposals(suggested);
        self.calls.len() > before
    }

    pub(super) fn push_proposals(&mut self, proposals: Vec<Proposal>) {
        for proposal in proposals {
            let known = self
                .kit
                .tools
                .get(&proposal.tool)
                .is_some_and(|tool| tool.change().is_some());
            if !known || self.calls.len() >= self.kit.limits.calls {
                continue;
            }
            self.calls.push(Planned {
                call: Call {
                    number: self.calls.len() as u32 + 1,
                    about: about(None, &proposal.args).redacted(),
                    tool: proposal.tool,
                    args: proposal.args,
                },
                request: 0,
                keeps_own_time: false,
                reasons: proposal.reasons,
                state: State::Waiting,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fix, asked};

    #[test]
    fn fixes_are_asked_for() {
        let first = Some(Fix::Suggested(Some(0)));
        for (text, expected) in [
            ("fix it", first),
            ("yes please, fix that for me", first),
            ("go ahead", first),
            ("do it", first),
            ("ok sort it out then mate", first),
            ("the second one please, apply it", Some(Fix::Suggested(Some(1)))),
            ("fix them all", Some(Fix::Suggested(None))),
            ("please fix the checkout", Some(Fix::Found)),
            ("fix payments", Some(Fix::Found)),
            ("the rollout of payments is broken, fix it", Some(Fix::Found)),
            (
                "ticket-desk has been crashing since the deploy, put it right please",
                Some(Fix::Found),
            ),
            (
                "nobody reaches gates in airport, can you sort the service out",
                Some(Fix::Found),
            ),
            ("the port looks off, could you put it right", Some(Fix::Found)),
            ("till is never ready, fix it", Some(Fix::Found)),
            (
                "the shop does not answer. could you repair that?",
                Some(Fix::Found),
            ),
            ("fix payments, but not yet", None),
            ("fix it. not now", None),
            ("please do not fix payments", None),
            ("undo it", Some(Fix::Undone)),
            ("take that back please", Some(Fix::Undone)),
            ("revert that mate", Some(Fix::Undone)),
            ("don't undo it", None),
            ("roll back payments", None),
            ("who fixed it?", None),
            ("I have fixed it myself", None),
            (
                "could you sort out ledger-api in the till namespace?",
                Some(Fix::Found),
            ),
            ("how do I fix it?", None),
            ("don't fix it", None),
            ("should I fix it?", None),
            ("did you fix it?", None),
            ("is there a fix for payments", None),
            ("if it breaks again, fix it", None),
            ("why is payments broken", None),
            ("yes", None),
            ("thanks", None),
            ("", None),
        ] {
            assert_eq!(asked(text), expected, "{text:?}");
        }
    }
}
