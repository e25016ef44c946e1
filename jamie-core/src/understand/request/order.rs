//! A clause in, the order that its words as a whole hide out, with the tools that fit it.

use super::wording::{asks, orders};
use crate::understand::{
    Intents,
    intent::{Fit, Has, Signals},
    kinds, lexicon, wish,
};

/// The clause as an order, where it is one that its words as a whole hide: a wish without a verb for it, or an order
/// between remarks ("could you kick off the import by hand, the rates are stale").
pub(super) fn ordered(
    clause: &wish::Clause<'_>,
    signals: &Signals,
    ranked: &[Fit],
    intents: &Intents,
) -> Option<(Signals, Vec<Fit>)> {
    let is_order = |signals: &Signals, ranked: &[Fit]| {
        ranked
            .first()
            .is_some_and(|fit| intents.is_ordered_change(fit.tool, signals) && fit.score >= 0.5)
    };
    if let Some(found) = pointed_at(clause, signals, intents) {
        return Some(found);
    }
    let certain = wish::making(clause);
    if certain.is_none() && is_order(signals, ranked) && !signals.asks {
        return None;
    }
    let implied = certain.or_else(|| {
        wish::implied(clause).map(|words| words.into_iter().map(str::to_owned).collect::<Vec<String>>())
    });
    if let Some(words) = implied {
        let meant = Signals {
            orders: words.clone(),
            words,
            kinds: Vec::new(),
            asks: false,
            confirms: false,
            troubled: false,
            ails: false,
            asks_why: false,
            has: Has {
                kind: false,
                time: false,
                namespace: false,
                ..signals.has
            },
            ..signals.clone()
        };
        let other = intents.rank(&meant);
        if is_order(&meant, &other) {
            return Some((meant, other));
        }
    }
    let parts = wish::parts(clause.tokens);
    if parts.len() < 2 {
        return None;
    }
    parts.into_iter().find_map(|part| {
        let tokens = clause.tokens.get(part.clone())?;
        // "Put it right" says what should come of it, not what should be done.
        let says = |words: &[&str]| tokens.iter().any(|token| words.contains(&token.word.as_str()));
        if says(&["put", "set", "make"]) && says(&["right", "straight", "good", "work"]) {
            return None;
        }
        let words: Vec<String> = tokens
            .iter()
            .zip(clause.taken.get(part)?)
            .filter(|(_, taken)| !**taken)
            .map(|(token, _)| token.word.clone())
            .collect();
        let troubled = words.iter().any(|word| lexicon::is_trouble(word));
        let meant = Signals {
            orders: orders(tokens),
            kinds: signals
                .kinds
                .iter()
                .filter(|kind| words.contains(*kind))
                .cloned()
                .collect(),
            words,
            asks: asks(tokens),
            confirms: false,
            troubled,
            ails: troubled,
            asks_why: false,
            ..signals.clone()
        };
        let other = intents.rank(&meant);
        (!meant.asks && is_order(&meant, &other)).then_some((meant, other))
    })
}

/// "Kill that pod" with nothing that "that" could mean: an order all the same, about which a question goes back.
fn pointed_at(
    clause: &wish::Clause<'_>,
    signals: &Signals,
    intents: &Intents,
) -> Option<(Signals, Vec<Fit>)> {
    let points = clause.tokens.windows(2).any(|pair| {
        matches!(pair, [this, kind] if matches!(this.word.as_str(), "that" | "this")
            && kinds::kind(&kind.word).is_some()
            && !kind.word.ends_with('s'))
    });
    let ordered = signals.orders.iter().any(|word| intents.orders_change(word));
    if !points || !ordered || signals.asks || !clause.targets.is_empty() {
        return None;
    }
    let meant = Signals {
        kinds: Vec::new(),
        has: Has {
            targets: 1,
            kind: false,
            ..signals.has
        },
        ..signals.clone()
    };
    let ranked = intents.rank(&meant);
    ranked
        .first()
        .is_some_and(|fit| intents.is_ordered_change(fit.tool, &meant) && fit.score >= 0.5)
        .then_some((meant, ranked))
}
