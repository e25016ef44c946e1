//! A part of a clause in, the words of the order that it wishes for out, by what it is about.

use super::{
    Clause,
    vocabulary::{ASIDE, COUNTS, IMAGES, RESOURCES, WISHES},
};
use crate::{
    Quantity,
    understand::{amount, fresh, words::Token},
};

pub(super) struct Part<'a, 'c> {
    pub(super) clause: &'a Clause<'c>,
    pub(super) part: std::ops::Range<usize>,
}

impl Part<'_, '_> {
    /// Its words that are no names, times or amounts.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.clause
            .tokens
            .iter()
            .zip(self.clause.taken)
            .skip(self.part.start)
            .take(self.part.len())
            .filter(|(token, taken)| !**taken && !token.quoted)
            .map(|(token, _)| token.word.as_str())
    }

    /// All its words, names and amounts too.
    fn every(&self) -> impl Iterator<Item = &str> {
        self.clause
            .tokens
            .iter()
            .skip(self.part.start)
            .take(self.part.len())
            .map(|token| token.word.as_str())
    }

    fn says(&self, words: &[&str]) -> bool {
        self.every().any(|word| words.contains(&word))
    }

    /// How many of its words are of neither list, nor go with any wish.
    fn strange(&self, own: &[&str]) -> usize {
        self.words()
            .filter(|word| {
                !own.contains(word)
                    && !ASIDE.contains(word)
                    && !WISHES.contains(word)
                    && self.clause.index.kind(word).is_none()
                    && !word.contains(['=', '/', ':'])
                    && !word.starts_with(|c: char| c.is_ascii_digit())
                    && !word.starts_with("v1")
            })
            .count()
    }

    fn wishes(&self) -> bool {
        self.says(&WISHES) || self.says(&["please", "pls", "plz"])
    }

    /// Whether it is a wish in these words: in no others, or in few others with a verb that wishes.
    fn is_wish(&self, own: &[&str]) -> bool {
        let strange = self.strange(own);
        strange == 0 || (strange <= 2 && self.says(WISHES.get(..20).unwrap_or_default()) && !self.tells())
    }

    /// Whether a verb in it tells how things are: "has", "is", "runs".
    fn tells(&self) -> bool {
        self.every().any(|word| {
            matches!(
                word,
                "has"
                    | "is"
                    | "are"
                    | "was"
                    | "were"
                    | "had"
                    | "does"
                    | "did"
                    | "runs"
                    | "uses"
                    | "keeps"
                    | "been"
                    | "went"
                    | "not"
                    | "why"
                    | "how"
                    | "which"
                    | "what"
                    | "who"
                    | "when"
                    | "show"
                    | "list"
            )
        })
    }

    fn has_amount(&self, fits: impl Fn(&Quantity) -> bool) -> bool {
        // Amounts stand in the part if some taken word of it is no name; the clause's amounts are few.
        self.clause.quantities.iter().any(fits)
            && self.every().any(|word| {
                amount::number(word).is_some()
                    || word.starts_with(|c: char| c.is_ascii_digit())
                    || matches!(
                        word,
                        "another"
                            | "extra"
                            | "double"
                            | "halve"
                            | "half"
                            | "triple"
                            | "twice"
                            | "thrice"
                            | "none"
                            | "nothing"
                            | "couple"
                            | "doubled"
                            | "halved"
                            | "tripled"
                            | "quadruple"
                            | "dozen"
                            | "treble"
                            | "doubling"
                    )
            })
    }

    pub(super) fn scale(&self) -> Option<Vec<&'static str>> {
        let amount = self.has_amount(|one| {
            matches!(
                one,
                Quantity::Count(_) | Quantity::Percent(_) | Quantity::Factor(_)
            )
        });
        let sized = self
            .clause
            .quantities
            .iter()
            .any(|one| matches!(one, Quantity::Bytes(_) | Quantity::MilliCpu(_)));
        let counted = self.says(COUNTS.get(..29).unwrap_or_default());
        let directed = self.says(&["to", "up", "down", "back", "by", "of"]);
        if !amount
            || sized
            || self.tells()
            || !(counted || directed || self.wishes())
            || self.says(&["top", "last", "first"]) && !self.says(&["on"])
        {
            return None;
        }
        if self.says(&[
            "revision", "version", "port", "cpu", "memory", "limit", "image", "ram",
        ]) {
            return None;
        }
        self.is_wish(&COUNTS).then(|| {
            if self.says(&["to", "down", "up", "back"]) {
                vec!["scale", "to"]
            } else {
                vec!["scale", "replicas"]
            }
        })
    }

    pub(super) fn resources(&self) -> Option<Vec<&'static str>> {
        let cpu = self.says(&["cpu", "cpus", "core", "cores", "processor", "millicores"]);
        let sized = self.has_amount(|one| matches!(one, Quantity::Bytes(_) | Quantity::MilliCpu(_)))
            || (cpu && self.has_amount(|one| matches!(one, Quantity::Count(_))));
        let spoken = cpu || self.says(&["memory", "mem", "ram", "limit", "request", "limits", "requests"]);
        let anew = spoken
            && self.says(&[
                "needs", "need", "wants", "want", "change", "give", "deserves", "requires",
            ])
            && self.says(&[
                "another",
                "different",
                "new",
                "other",
                "more",
                "less",
                "higher",
                "lower",
                "bigger",
                "change",
            ]);
        if !(sized && (spoken || self.wishes()) || anew) || self.tells() {
            return None;
        }
        let mut own: Vec<&str> = RESOURCES.to_vec();
        own.extend([
            "different",
            "other",
            "higher",
            "lower",
            "bigger",
            "less",
            "little",
            "bit",
        ]);
        self.is_wish(&own).then(|| {
            vec![
                "set",
                if cpu { "cpu" } else { "memory" },
                if self.says(&["request", "requests", "ask", "requested"]) {
                    "request"
                } else {
                    "limit"
                },
            ]
        })
    }

    pub(super) fn image(&self) -> Option<Vec<&'static str>> {
        let named = self
            .clause
            .tokens
            .iter()
            .skip(self.part.start)
            .take(self.part.len())
            .any(|token| fresh::is_version(token) || is_tagged(token, self));
        let onto = self.says(&[
            "on",
            "to",
            "deploy",
            "ship",
            "image",
            "version",
            "tag",
            "release",
            "put",
            "upgrade",
            "update",
            "use",
            "run",
            "bump",
            "onto",
            "move",
            "have",
            "downgrade",
            "switch",
        ]);
        let counted = self.says(&["replicas", "pods", "revision"]);
        if !named || !onto || counted || self.tells() || self.clause.makes {
            return None;
        }
        self.is_wish(&IMAGES).then(|| vec!["set", "image"])
    }

    pub(super) fn label(&self) -> Option<Vec<&'static str>> {
        let settles = self.every().any(|word| word.contains('='));
        if !settles || self.tells() {
            return None;
        }
        if self.says(&["annotation", "annotations", "annotate"]) {
            return Some(vec!["annotate"]);
        }
        self.says(&["label", "labels", "labelled", "labeled"])
            .then(|| vec!["label"])
    }

    pub(super) fn rollout(&self) -> Option<Vec<&'static str>> {
        let words: Vec<&str> = self.every().collect();
        let pair = |first: &[&str], second: &[&str]| {
            words
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if first.contains(a) && second.contains(b)))
        };
        let turned = self.says(&["roll", "rolled"]) && self.says(&["back"]) && !self.tells();
        if turned {
            return Some(vec!["rollback"]);
        }
        let rolls = self.says(&["rollout", "rollouts", "deploy", "rolling", "roll"]);
        if self.tells() {
            return None;
        }
        if rolls
            && (pair(&["carry", "go", "press", "move"], &["on", "ahead"])
                || self.says(&["proceed", "continue", "resume"]))
        {
            return Some(vec!["resume", "rollout"]);
        }
        if (self.says(&["roll", "rollout"]) && self.says(&["afresh", "anew", "fresh"]))
            || (self.says(&["fresh"]) && self.says(&["start", "pods"]) && self.wishes())
        {
            return Some(vec!["restart"]);
        }
        let back = self.says(&["back", "return"]);
        if back
            && self.says(&["revision", "version", "release"])
            && self.says(&[
                "take", "go", "bring", "put", "send", "get", "move", "return", "want",
            ])
        {
            return Some(vec!["revert", "to", "revision"]);
        }
        None
    }

    pub(super) fn claim(&self) -> Option<Vec<&'static str>> {
        let sized = self.has_amount(|one| matches!(one, Quantity::Bytes(_)));
        if !sized || self.tells() {
            return None;
        }
        self.is_wish(&[
            "pvc", "claim", "volume", "disk", "size", "gig", "gigs", "storage", "space", "bigger", "larger",
            "expand", "resize", "extend", "enlarge",
        ])
        .then(|| vec!["resize", "claim"])
    }

    pub(super) fn node(&self) -> Option<Vec<&'static str>> {
        let words: Vec<&str> = self.every().collect();
        let closes = words.windows(3).any(|three| {
            matches!(three, [no, more, pods]
                if matches!(*no, "no" | "not")
                    && matches!(*more, "new" | "more" | "further" | "fresh" | "any" | "additional")
                    && matches!(*pods, "pod" | "pods" | "work" | "workloads" | "more" | "new"))
        });
        let stops = self.says(&["stop", "nothing"])
            && self.says(&[
                "new",
                "more",
                "scheduling",
                "placing",
                "putting",
                "sending",
                "schedule",
            ]);
        let refuses = self.says(&["no", "not", "nothing"])
            && self.says(&["more", "new", "any", "further"])
            && self.says(&["pods", "work", "workloads", "pod"])
            && self.says(&[
                "get", "take", "receive", "accept", "host", "run", "schedule", "should",
            ])
            && !self.says(&["why", "does", "can", "cannot", "could", "is"]);
        if closes || stops || refuses {
            return Some(vec!["cordon"]);
        }
        let again = self.says(&["again", "back"]);
        let takes = self.says(&[
            "take", "accept", "have", "host", "run", "get", "receive", "open", "schedule",
        ]) && self.says(&["pods", "work", "workloads", "pod"]);
        let serves = self.says(&["service", "business", "rotation", "use", "duty", "pool"])
            && self.says(&["back", "return"]);
        if again && (takes || serves) && !self.says(&["when", "why", "is", "has", "was"]) {
            return Some(vec!["uncordon"]);
        }
        None
    }
}

/// "ghcr.io/shop/web:1.4.0", also where images are not spoken of.
fn is_tagged(token: &Token, said: &Part<'_, '_>) -> bool {
    let last = token.raw.rsplit('/').next().unwrap_or(&token.raw);
    let numbered = token.raw.matches('.').count() == 1
        && token.raw.chars().all(|c| c.is_ascii_digit() || c == '.')
        && said.says(&["on", "version", "tag", "release", "image"]);
    numbered
        || (!token.raw.contains("://")
            && last.split_once(':').is_some_and(|(name, tag)| {
                !name.is_empty() && tag.contains(|c: char| c.is_ascii_digit()) && token.raw.contains('/')
            }))
}
