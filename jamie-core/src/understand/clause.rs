//! Words in, clauses out: where one request ends and the next begins.

use std::ops::Range;

use super::{
    Intents, NameIndex, lexicon,
    words::{Break, Token},
};

/// The most clauses that are looked at.
const MAX_CLAUSES: usize = 8;

/// Splits words into clauses, each without the "and" or "then" before it.
pub(super) fn split(tokens: &[Token], index: &NameIndex, intents: &Intents) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut from = 0;
    for at in 1..tokens.len() {
        if clauses.len() + 1 >= MAX_CLAUSES {
            break;
        }
        if begins(tokens, from, at, index, intents) {
            clauses.push(from..at);
            from = at;
        }
    }
    if from < tokens.len() {
        clauses.push(from..tokens.len());
    }
    clauses
        .into_iter()
        .enumerate()
        .map(|(place, clause)| {
            let mut from = clause.start;
            while place > 0
                && from + 1 < clause.end
                && tokens.get(from).is_some_and(|token| {
                    matches!(token.word.as_str(), "then" | "also" | "plus" | "so" | "but")
                })
            {
                from += 1;
            }
            from..clause.end
        })
        .collect()
}

fn begins(tokens: &[Token], from: usize, at: usize, index: &NameIndex, intents: &Intents) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if token.quoted {
        return false;
    }
    if token.before == Break::Sentence {
        return true;
    }
    let joint = matches!(
        token.word.as_str(),
        "and" | "then" | "also" | "plus" | "but" | "so" | "or"
    );
    if !joint && token.before == Break::None {
        return false;
    }
    let mut next = at;
    while tokens.get(next).is_some_and(|token| {
        matches!(
            token.word.as_str(),
            "and" | "then" | "also" | "plus" | "but" | "so" | "please" | "or" | "just" | "maybe"
        )
    }) {
        next += 1;
    }
    if lists_rights(tokens, from, at, next) || describes(tokens, from, next, token) {
        return false;
    }
    starts_request(tokens, next, index)
        || starts_statement(tokens, next, index)
        || (token.word != "or" && is_second_thing(tokens, from, at, next, intents))
        || (token.word == "then"
            && next > at
            && tokens
                .get(next)
                .is_some_and(|token| intents.is_order(&token.word)))
}

/// "May get and list pods": what is allowed, no two requests.
fn lists_rights(tokens: &[Token], from: usize, at: usize, next: usize) -> bool {
    let is_right = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            matches!(
                token.word.as_str(),
                "get" | "list" | "watch" | "read" | "create" | "update" | "patch" | "delete" | "see"
            )
        })
    };
    let grants = tokens.get(from..at).unwrap_or_default().iter().any(|token| {
        matches!(
            token.word.as_str(),
            "can"
                | "may"
                | "let"
                | "allow"
                | "allows"
                | "permission"
                | "right"
                | "able"
                | "grant"
                | "permit"
                | "to"
                | "that"
        )
    });
    grants && is_right(next) && (1..=2).any(|back| at.checked_sub(back).is_some_and(is_right))
}

/// "A pod named toolbox, image busybox:1.36": what is to be made, described further.
fn describes(tokens: &[Token], from: usize, next: usize, token: &Token) -> bool {
    let makes = tokens.get(from..next).unwrap_or_default().iter().any(|token| {
        matches!(
            token.word.as_str(),
            "create"
                | "make"
                | "spin"
                | "launch"
                | "deploy"
                | "run"
                | "add"
                | "need"
                | "want"
                | "hpa"
                | "autoscaler"
                | "provision"
        )
    });
    makes
        && token.before != Break::Sentence
        && tokens.get(next).is_some_and(|token| {
            matches!(
                token.word.as_str(),
                "image"
                    | "port"
                    | "ports"
                    | "replicas"
                    | "environment"
                    | "env"
                    | "container"
                    | "min"
                    | "max"
                    | "minimum"
                    | "maximum"
                    | "target"
                    | "label"
                    | "labels"
                    | "memory"
                    | "cpu"
                    | "limit"
                    | "limits"
                    | "with"
                    | "named"
                    | "called"
            )
        })
}

/// Whether a new request starts there: "why …", "show …", "is the …", "can you …".
fn starts_request(tokens: &[Token], at: usize, index: &NameIndex) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if token.quoted || !lexicon::begins_request(&token.word) {
        return false;
    }
    if !lexicon::is_auxiliary(&token.word) {
        return true;
    }
    // "is crashing" goes on about the same thing, "is the web ok" starts anew.
    tokens.get(at + 1).is_some_and(|next| {
        lexicon::is_determiner(&next.word)
            || lexicon::is_pronoun(&next.word)
            || matches!(
                next.word.as_str(),
                "there" | "i" | "we" | "you" | "anything" | "everything" | "anyone" | "something" | "any"
            )
            || index.is_exact(&next.raw)
            || index.kind(&next.word).is_some()
    })
}

/// Whether a new statement starts there: "… and the api seems broken".
fn starts_statement(tokens: &[Token], at: usize, index: &NameIndex) -> bool {
    let mut name = at;
    while tokens
        .get(name)
        .is_some_and(|token| lexicon::is_determiner(&token.word))
    {
        name += 1;
    }
    let is_name = tokens
        .get(name)
        .is_some_and(|token| !token.quoted && index.is_exact(&token.raw));
    // Of "api and web are broken" both are the subject; a singular verb has but one.
    let verb = tokens.get(name + 1).map_or("", |token| token.word.as_str());
    is_name
        && matches!(
            verb,
            "is" | "was" | "has" | "seems" | "looks" | "keeps" | "does" | "went" | "gets" | "isn't"
        )
}

/// "logs and events of api": two things that different tools are named for.
fn is_second_thing(tokens: &[Token], from: usize, at: usize, next: usize, intents: &Intents) -> bool {
    let title = tokens
        .get(next)
        .filter(|token| !token.quoted)
        .and_then(|token| intents.titled(&token.word));
    let Some(title) = title else { return false };
    tokens
        .get(from..at)
        .unwrap_or_default()
        .iter()
        .filter(|token| !token.quoted)
        .filter_map(|token| intents.titled(&token.word))
        .any(|other| other != title)
}
