//! A question in; the verb, the resource and the person that it speaks of, as arguments, out.

use jamie_core::Question;
use serde_json::{Map, Value, json};

use crate::tools::overview;

pub(super) fn fill(question: &Question, args: &mut Map<String, Value>) {
    const VERBS: [&str; 33] = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "read",
        "see",
        "view",
        "look",
        "show",
        "edit",
        "change",
        "modify",
        "write",
        "remove",
        "kill",
        "drop",
        "destroy",
        "make",
        "add",
        "deploy",
        "scale",
        "restart",
        "exec",
        "access",
        "describe",
        "run",
        "start",
        "impersonate",
        "bind",
        "evict",
    ];
    overview::place(question, args);
    let words: Vec<&str> = question.words.iter().map(String::as_str).collect();
    if let Some(verb) = words.iter().find(|word| VERBS.contains(word)) {
        args.insert("verb".to_owned(), json!(verb));
        if *verb == "exec" {
            args.insert("resource".to_owned(), json!("pods/exec"));
        }
    }
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if has(&["logs", "log"]) {
        args.insert("resource".to_owned(), json!("pods/log"));
    } else if let Some(kind) = question.kind.as_ref().filter(|kind| *kind != "ServiceAccount") {
        args.entry("resource".to_owned()).or_insert_with(|| json!(kind));
    }
    if let Some(user) = question
        .text
        .split_whitespace()
        .find(|word| word.starts_with("system:"))
    {
        args.insert(
            "subject".to_owned(),
            json!(user.trim_end_matches(['?', ',', '.', '!'])),
        );
    }
    // "May I …": what is named is what is acted on, not who acts.
    let own = has(&["i", "me", "my", "we", "us"]);
    if own && let Some(target) = args.remove("target") {
        if let Some(name) = target.get("name") {
            args.insert("name".to_owned(), name.clone());
        }
        if let Some(kind) = target.get("kind") {
            args.entry("resource".to_owned()).or_insert_with(|| kind.clone());
        }
        if let Some(place) = target.get("namespace").filter(|place| !place.is_null()) {
            args.entry("namespace".to_owned())
                .or_insert_with(|| place.clone());
        }
    }
    if has(&["who"]) {
        args.insert("who".to_owned(), json!(true));
    }
}
