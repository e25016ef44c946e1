//! What a phrase has places for and what a message has in, the factor on the phrase's score out.

use super::Has;

/// The score of a phrase that is nothing but placeholders: the less is asked otherwise, the better.
/// "Feeder down, fish are hungry" says that something ails, and all else only goes with it.
pub(super) fn bare(said: f32, wants: Has, has: Has, ails: bool) -> f32 {
    let fits = (wants.targets == 0 || has.targets >= wants.targets)
        && (!wants.kind || has.kind)
        && (!wants.namespace || has.namespace);
    if !fits {
        return 0.0;
    }
    match (said < 0.25, ails && wants.targets > 0) {
        (true, _) => 0.6,
        (false, true) => 0.52,
        (false, false) => 0.36,
    }
}

/// How what is there fits what the phrase has places for.
pub(super) fn placeholders(wants: Has, has: Has) -> f32 {
    let mut factor = match (wants.targets, has.targets) {
        (0, 0) => 1.0,
        (0, 1) => 0.62,
        (0, _) => 0.6,
        (_, 0) if has.namespace => 0.85,
        (_, 0) => 0.62,
        (wants, has) if wants > has => 0.72,
        (wants, has) if has > wants => 0.96,
        (2, 2) => 1.1,
        _ => 1.0,
    };
    let lacking_place = match has {
        Has { everywhere: true, .. } => 0.92,
        Has { targets: 0, .. } => 0.62,
        _ => 0.9,
    };
    let unasked_kind = if has.targets == 0 { 0.8 } else { 1.0 };
    let pairs = [
        (wants.kind, has.kind, 0.75, unasked_kind),
        (wants.namespace, has.namespace, lacking_place, 0.97),
        (wants.time, has.time, 0.88, 0.88),
        (wants.count, has.count, 0.85, 0.95),
        (wants.quoted, has.quoted, 0.7, 0.88),
    ];
    let pairs = pairs.into_iter().chain([(wants.image, has.image, 0.8, 0.85)]);
    for (wants, has, lacking, unasked) in pairs {
        factor *= match (wants, has) {
            (true, false) => lacking,
            (false, true) => unasked,
            _ => 1.0,
        };
    }
    factor
}
