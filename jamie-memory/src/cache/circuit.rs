//! Whether a server is worth asking: failures go in, "leave it alone" comes out, until somebody who looks after it behind
//! the answers has found it well again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The first pause after a failure; each further one is twice as long.
const SHORTEST: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(10);

/// What is known of a server.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    broken: Mutex<Option<Broken>>,
}

#[derive(Debug)]
struct Broken {
    until: Instant,
    pause: Duration,
    /// Somebody is looking after it.
    trying: bool,
}

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Send it.
    Open,
    /// Leave the server alone.
    Closed,
    /// The same, and look whether the server is well again: nobody else does.
    ClosedAndDue,
}

impl Circuit {
    pub(super) fn way(&self) -> Way {
        match self.broken().as_mut() {
            None => Way::Open,
            Some(broken) if !broken.trying && broken.until <= Instant::now() => {
                broken.trying = true;
                Way::ClosedAndDue
            }
            Some(_) => Way::Closed,
        }
    }

    /// Notes a failure; whether it is the first, of which people should hear.
    pub(super) fn failed(&self) -> bool {
        let mut broken = self.broken();
        let first = broken.is_none();
        let pause = broken
            .as_ref()
            .map_or(SHORTEST, |broken| (broken.pause * 2).min(LONGEST));
        *broken = Some(Broken {
            until: Instant::now() + pause,
            pause,
            trying: false,
        });
        first
    }

    /// Notes that it is well again.
    pub(super) fn mended(&self) {
        *self.broken() = None;
    }

    fn broken(&self) -> MutexGuard<'_, Option<Broken>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Circuit, Way};

    #[test]
    fn one_looks_after_a_broken_server_and_the_others_leave_it_alone() {
        let circuit = Circuit::default();
        assert_eq!(circuit.way(), Way::Open);
        assert!(circuit.failed());
        assert!(!circuit.failed(), "it is told once");
        assert_eq!(circuit.way(), Way::Closed, "it is left alone at first");
        while circuit.way() != Way::ClosedAndDue {
            std::thread::yield_now();
        }
        assert_eq!(circuit.way(), Way::Closed, "one looks after it");
        circuit.mended();
        assert_eq!(circuit.way(), Way::Open);
        assert!(circuit.failed(), "the next time is told again");
    }
}
