//! Who asks in; how long they have to wait out, where they have asked too much within a minute.

use std::time::Duration;

use super::Limits;
use crate::{
    Cache, Person,
    cache::{Counted, Limit, key},
};

/// Counts a question; how long to wait, where it is one too many. A cache that fails turns nobody away.
pub(super) async fn wait(cache: &dyn Cache, limits: &Limits, person: &Person) -> Option<Duration> {
    if limits.questions_per_minute == 0 {
        return None;
    }
    let limit = Limit {
        key: key("questions", &[&person.id]),
        window: Duration::from_mins(1),
        most: limits.questions_per_minute.into(),
    };
    match cache.count(&[limit]).await {
        Ok(Counted::Reached { again, .. }) => Some(again),
        Ok(Counted::Within) | Err(_) => None,
    }
}
