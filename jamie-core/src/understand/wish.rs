//! A clause that wishes for a change without the verb for it in ("web to five replicas", "four web pods please",
//! "api memory limit 512Mi", "no new pods on node-2"); the words of the order that it stands for out.

use super::{
    NameIndex, lexicon,
    words::{Break, Token},
};
use crate::{Quantity, Target};

/// What a clause has, for the reading of a wish.
pub(super) struct Clause<'a> {
    pub(super) tokens: &'a [Token],
    /// Which words are names, times or amounts.
    pub(super) taken: &'a [bool],
    pub(super) targets: &'a [Target],
    pub(super) quantities: &'a [Quantity],
    /// Whether a name is given for what is to be made.
    pub(super) makes: bool,
    pub(super) index: &'a NameIndex,
}

/// Words that wish for anything: "give", "needs", "should have".
const WISHES: [&str; 44] = [
    "give", "have", "get", "need", "needs", "want", "wants", "let", "lets", "make", "put", "set", "bring",
    "take", "use", "should", "ought", "must", "like", "run", "go", "keep", "drop", "add", "change", "move",
    "bump", "grow", "raise", "cut", "lower", "increase", "reduce", "require", "requires", "deserves",
    "could", "would", "can", "will", "carry", "shrink", "boost", "ask",
];

/// Words that go with any wish.
const ASIDE: [&str; 62] = [
    "the",
    "a",
    "an",
    "of",
    "for",
    "to",
    "at",
    "on",
    "in",
    "by",
    "with",
    "its",
    "it",
    "is",
    "us",
    "me",
    "you",
    "we",
    "i",
    "please",
    "pls",
    "plz",
    "mate",
    "now",
    "then",
    "just",
    "only",
    "be",
    "and",
    "so",
    "all",
    "again",
    "right",
    "away",
    "ta",
    "thanks",
    "cheers",
    "today",
    "tonight",
    "quickly",
    "asap",
    "total",
    "about",
    "there",
    "that",
    "this",
    "them",
    "namespace",
    "deployment",
    "statefulset",
    "service",
    "app",
    "workload",
    "here",
    "kindly",
    "from",
    "my",
    "our",
    "up",
    "back",
    "well",
    "ok",
];

/// Words that say how many there shall be.
const COUNTS: [&str; 54] = [
    "replica",
    "replicas",
    "pod",
    "pods",
    "instance",
    "instances",
    "copy",
    "copies",
    "down",
    "more",
    "extra",
    "additional",
    "another",
    "top",
    "many",
    "as",
    "times",
    "number",
    "size",
    "count",
    "half",
    "double",
    "twice",
    "triple",
    "halve",
    "thrice",
    "scale",
    "fewer",
    "less",
    "none",
    "zero",
    "nothing",
    "running",
    "plus",
    "minus",
    "remove",
    "add",
    "doubled",
    "halved",
    "tripled",
    "percent",
    "quadruple",
    "full",
    "scaled",
    "grow",
    "increase",
    "decrease",
    "reduce",
    "shrink",
    "much",
    "one",
    "strong",
    "howmany",
    "ten",
];

/// Words about memory and processors.
const RESOURCES: [&str; 26] = [
    "memory",
    "mem",
    "ram",
    "cpu",
    "cpus",
    "limit",
    "limits",
    "request",
    "requests",
    "processor",
    "core",
    "cores",
    "resources",
    "resource",
    "container",
    "more",
    "new",
    "max",
    "maximum",
    "ask",
    "half",
    "another",
    "worth",
    "millicores",
    "each",
    "requested",
];

/// Words about images and versions.
const IMAGES: [&str; 18] = [
    "image",
    "version",
    "tag",
    "release",
    "deploy",
    "ship",
    "roll",
    "out",
    "onto",
    "upgrade",
    "update",
    "downgrade",
    "new",
    "latest",
    "running",
    "container",
    "switch",
    "rollout",
];

/// The words of an order to make something, where it is wished for without a verb that says so: "I need a config map
/// named tides", "an hpa on web, min 2, max 5", "network policy: web may reach api".
pub(super) fn making(clause: &Clause<'_>) -> Option<Vec<String>> {
    let word = |at: usize| clause.tokens.get(at).map_or("", |token| token.word.as_str());
    let asked = clause.tokens.first().is_some_and(|token| {
        lexicon::is_question_word(&token.word)
            || matches!(
                token.word.as_str(),
                "is" | "are"
                    | "does"
                    | "do"
                    | "did"
                    | "has"
                    | "was"
                    | "were"
                    | "list"
                    | "show"
                    | "get"
                    | "delete"
                    | "remove"
                    | "describe"
                    | "bin"
            )
    });
    let verbs = [
        "create",
        "make",
        "add",
        "spin",
        "launch",
        "provision",
        "generate",
        "apply",
        "autoscale",
        "patch",
        "delete",
        "remove",
    ];
    let says = |words: &[&str]| {
        clause
            .tokens
            .iter()
            .any(|token| words.contains(&token.word.as_str()))
    };
    if asked || says(&verbs) || says(&["is", "has", "does", "why", "not"]) {
        return None;
    }
    let wishes = says(&[
        "need", "want", "like", "have", "please", "pls", "give", "needs", "wants", "get", "set", "put",
    ]);
    let create = |kind: &str| Some(vec!["create".to_owned(), kind.to_owned()]);
    let scaler = says(&["hpa", "autoscaler", "horizontalpodautoscaler", "autoscaling"]);
    let bounded = says(&["min", "max", "minimum", "maximum", "between"]);
    if scaler && !clause.targets.is_empty() && (wishes || bounded) {
        return create("autoscaler");
    }
    let policy = says(&["networkpolicy", "netpol", "networkpolicies"]);
    if policy && clause.targets.len() == 2 && (wishes || word(0) == "networkpolicy" || word(0) == "netpol") {
        return Some(
            ["create", "networkpolicy", "allows", "traffic"]
                .map(str::to_owned)
                .to_vec(),
        );
    }
    if clause.makes {
        let kind = clause
            .tokens
            .iter()
            .find(|token| clause.index.kind(&token.word).is_some() || token.word == "namespace");
        return create(kind.map_or("deployment", |token| token.word.as_str()));
    }
    None
}

/// The words of the order that the clause stands for.
pub(super) fn implied(clause: &Clause<'_>) -> Option<Vec<&'static str>> {
    let asked = clause.tokens.first().is_some_and(|token| {
        lexicon::is_question_word(&token.word)
            || matches!(
                token.word.as_str(),
                "is" | "are" | "does" | "do" | "did" | "has" | "was" | "were" | "list" | "show"
            )
    });
    if asked {
        return None;
    }
    let parts = parts(clause.tokens);
    let kind = clause
        .targets
        .first()
        .map_or("", |target| target.object.kind.as_str());
    let all = |kinds: &[&str]| {
        !clause.targets.is_empty()
            && clause
                .targets
                .iter()
                .all(|target| kinds.contains(&target.object.kind.as_str()))
    };
    let workload = all(&[
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "Service",
        "Pod",
        "CronJob",
    ]);
    for part in parts {
        let said = Part { clause, part };
        let found = if kind == "Node" {
            said.node()
        } else if kind == "PersistentVolumeClaim" {
            said.claim()
        } else if workload {
            said.label()
                .or_else(|| said.resources())
                .or_else(|| said.image())
                .or_else(|| said.scale())
                .or_else(|| said.rollout())
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The parts between commas and sentences, as ranges of words.
pub(super) fn parts(tokens: &[Token]) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut from = 0;
    for at in 1..=tokens.len() {
        if tokens.get(at).is_none_or(|token| token.before != Break::None) {
            parts.push(from..at);
            from = at;
        }
    }
    parts
}

struct Part<'a, 'c> {
    clause: &'a Clause<'c>,
    part: std::ops::Range<usize>,
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
                super::amount::number(word).is_some()
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

    fn scale(&self) -> Option<Vec<&'static str>> {
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

    fn resources(&self) -> Option<Vec<&'static str>> {
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

    fn image(&self) -> Option<Vec<&'static str>> {
        let named = self
            .clause
            .tokens
            .iter()
            .skip(self.part.start)
            .take(self.part.len())
            .any(|token| super::fresh::is_version(token) || is_tagged(token, self));
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

    fn label(&self) -> Option<Vec<&'static str>> {
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

    fn rollout(&self) -> Option<Vec<&'static str>> {
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

    fn claim(&self) -> Option<Vec<&'static str>> {
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

    fn node(&self) -> Option<Vec<&'static str>> {
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
