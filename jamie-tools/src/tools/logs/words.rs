//! A question's words in, which lines it wants out.

use jamie_core::{Quantity, Question};
use serde_json::{Map, Value, json};

pub(super) fn fill(question: &Question, args: &mut Map<String, Value>) {
    let words: Vec<&str> = question.words.iter().map(String::as_str).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let mut set = |key: &str, value: Value| {
        args.entry(key.to_owned()).or_insert(value);
    };
    if has(&["previous", "crashed", "prior", "-p", "--previous"])
        || (has(&["before", "last"]) && has(&["crash", "crashed", "restart", "restarted", "run", "died"]))
    {
        set("previous", json!(true));
    }
    if has(&["follow", "stream", "live", "streaming", "-f", "tailing"]) {
        set("follow", json!(true));
    }
    if has(&["lines", "line"])
        && let Some(count) = question.quantities.iter().find_map(|quantity| match quantity {
            Quantity::Count(count) => Some(*count),
            _ => None,
        })
    {
        // "5 lines around each match" is not how many lines to show.
        if has(&["around", "context", "surrounding"]) {
            set("around", json!(count));
        } else {
            set("tail", json!(count.min(5_000)));
        }
    } else if has(&["around", "context", "surrounding"]) {
        set("around", json!(3));
    }
    let after = |marker: &str| {
        let position = words.iter().position(|word| *word == marker)?;
        words.get(position + 1).copied()
    };
    if let Some(name) =
        after("container").filter(|name| !matches!(*name, "of" | "in" | "logs" | "log" | "from"))
    {
        set("container", json!(name));
    }
    let excluding = has(&[
        "without",
        "excluding",
        "except",
        "ignore",
        "ignoring",
        "exclude",
        "hide",
    ]);
    let mut quoted = question.quoted.iter();
    match (quoted.next(), quoted.next()) {
        (Some(first), Some(second)) => {
            set("include", json!(first));
            set("exclude", json!(second));
        }
        (Some(only), None) if excluding => set("exclude", json!(only)),
        (Some(only), None) => set("include", json!(only)),
        (None, _) => {
            let marker = ["grep", "containing", "mentioning", "matching"]
                .into_iter()
                .find(|marker| words.contains(marker));
            let word = marker.and_then(after).filter(|word| word.len() > 1);
            // The word as it was typed, since a pattern may well have been mended as a typo.
            let typed = marker.and_then(|marker| {
                let mut raw = question
                    .text
                    .split_whitespace()
                    .skip_while(|word| !word.eq_ignore_ascii_case(marker));
                raw.nth(1).map(|word| {
                    word.trim_matches(|c| matches!(c, '"' | '\'' | '`' | ',' | '?' | '.'))
                        .to_owned()
                })
            });
            if let (Some(_), Some(typed)) = (word, typed) {
                set("include", json!(typed));
            }
        }
    }
    if has(&[
        "errors",
        "error",
        "exceptions",
        "exception",
        "warnings",
        "stacktrace",
        "stacktraces",
        "traceback",
        "summarise",
        "summarize",
        "summary",
    ]) && question.quoted.is_empty()
    {
        set("errors", json!(true));
    }
}
