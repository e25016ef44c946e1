//! The suite for clocks.

use super::{Verdict, ensure};
use crate::Clock;

/// A clock does not run backwards, and its zone can show the time.
pub fn clock(clock: &dyn Clock) -> Verdict {
    let mut last = clock.now();
    for _ in 0..1_000 {
        let now = clock.now();
        ensure(now >= last, || format!("the clock ran from {last} back to {now}"))?;
        last = now;
    }
    let local = last.to_zoned(clock.zone());
    ensure(local.timestamp() == last, || {
        format!("{last} is another moment in the clock's zone")
    })
}
