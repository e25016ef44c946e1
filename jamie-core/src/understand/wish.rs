//! A clause that wishes for a change without the verb for it in ("web to five replicas", "four web pods please",
//! "api memory limit 512Mi", "no new pods on node-2"); the words of the order that it stands for out.

mod part;
mod vocabulary;

use self::part::Part;
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
