//! A message that asks for a fix in, the changes that were suggested out: those of the last answer for "fix it",
//! those of this one's findings for "please fix the checkout"; and the way back after a change for "undo that".

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
    "fix",
    "change",
    "suggestion",
    "remedy",
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

/// Beside those, what "as it was" is made of.
const BACK: &[&str] = &[
    "undo", "revert", "reverse", "back", "take", "put", "roll", "how", "as", "was", "were", "change",
    "again", "no",
];

/// What kind of fix a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fix {
    /// "Fix it", "go ahead", "do that": what was suggested, by its place; `None` for all of it.
    Suggested(Option<usize>),
    /// "Undo that", "take it back": what takes back the change that was just carried out.
    Back,
    /// "Please fix the checkout": what the look at it suggests.
    Found,
}

/// Whether a message asks for a fix; a question about one, or a "don't", asks for none.
pub(super) fn asked(text: &str) -> Option<Fix> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'')
        .filter(|word| !word.is_empty())
        .take(60)
        .map(|word| word.to_lowercase().replace('\'', ""))
        .collect();
    let has = |word: &str| words.iter().any(|said| said == word);
    let denied = [
        "dont", "not", "never", "without", "cannot", "cant", "wont", "if", "unless", "should", "shouldnt",
    ]
    .iter()
    .any(|word| has(word));
    let first = words.first().map_or("", String::as_str);
    let questions = [
        "how", "why", "what", "whats", "who", "when", "where", "which", "did", "does", "do", "is", "are",
        "was", "has", "have", "had",
    ];
    let lone_do = first == "do"
        && matches!(
            words.get(1).map(String::as_str),
            Some("it" | "that" | "this" | "both" | "so")
        );
    if denied || (questions.contains(&first) && !lone_do) || words.is_empty() {
        return None;
    }
    let bare = |word: &String| BARE.contains(&word.as_str());
    let undoes = has("undo")
        || has("revert")
        || has("reverse")
        || has("back")
            && ["take", "put", "roll", "go", "change"]
                .iter()
                .any(|verb| has(verb));
    if words.len() <= 10
        && undoes
        && words
            .iter()
            .all(|word| bare(word) || BACK.contains(&word.as_str()))
    {
        return Some(Fix::Back);
    }
    if words.len() <= 10
        && words.iter().all(bare)
        && words.iter().any(|word| ASKING.contains(&word.as_str()))
        && !(words.len() == 1 && matches!(first, "go" | "do" | "run"))
    {
        let place = if has("all") || has("both") {
            None
        } else if has("second") || has("2nd") || has("2") {
            Some(1)
        } else if has("third") || has("3rd") || has("3") {
            Some(2)
        } else {
            Some(0)
        };
        return Some(Fix::Suggested(place));
    }
    let ordered = words.iter().enumerate().any(|(at, word)| {
        FIX.contains(&word.as_str())
            && at
                .checked_sub(1)
                .and_then(|at| words.get(at))
                .is_none_or(|before| BEFORE.contains(&before.as_str()))
    });
    ordered.then_some(Fix::Found)
}

impl Turn {
    /// "Fix it" after an answer that suggested a change: that very change; "undo that" after a change: its inverse.
    /// Says whether there is one.
    pub(super) fn take_suggested(&mut self) -> bool {
        let suggested = std::mem::take(&mut self.history.proposals);
        let chosen: Vec<Proposal> = match asked(&self.text) {
            Some(Fix::Suggested(None)) => suggested,
            Some(Fix::Suggested(Some(place))) => suggested.into_iter().skip(place).take(1).collect(),
            Some(Fix::Back) => self.history.inverse.take().into_iter().collect(),
            Some(Fix::Found) | None => return false,
        };
        self.push_proposals(chosen);
        !self.calls.is_empty()
    }

    /// Adds the changes that the findings suggest, where the message asked for a fix and nothing else was ordered.
    pub(super) fn add_fixes(&mut self) -> bool {
        if self.fixes_added || matches!(asked(&self.text), None | Some(Fix::Back)) {
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

    fn push_proposals(&mut self, proposals: Vec<Proposal>) {
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
            (
                "could you sort out ledger-api in the till namespace?",
                Some(Fix::Found),
            ),
            ("undo that please", Some(Fix::Back)),
            ("take it back", Some(Fix::Back)),
            ("no, put it back as it was", Some(Fix::Back)),
            ("undo the rollout of payments", None),
            ("when was it put back?", None),
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
