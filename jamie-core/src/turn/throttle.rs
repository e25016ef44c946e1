//! Who asks in; how long they have to wait out, where they have asked too much within a minute.

use std::time::Duration;

use super::{Ending, Limits, Turn};
use crate::{
    Cache, Error, ErrorKind, Person,
    cache::{Counted, Limit, key},
    persona::Moment,
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

impl Turn {
    /// The person has asked too much: the turn is over before it begins, and nothing of it is kept.
    pub(super) fn turn_away(&mut self, again: Duration) {
        let most = self.kit.limits.questions_per_minute;
        let error = Error::new(
            ErrorKind::RateLimited,
            format!("that is more than {most} questions within a minute"),
        )
        .with_hint(format!("ask again in {} s", again.as_secs().saturating_add(1)));
        let line = self.voice.line(Moment::TooMany);
        self.ending = Some(Ending::Failed { line, error });
        self.end(Ok(()));
    }
}
