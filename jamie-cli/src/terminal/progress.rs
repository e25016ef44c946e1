//! What Jamie is doing right now, on standard error, for a person who waits; nothing in a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Terminal;

/// A line that comes and goes.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A spinner where somebody watches, silence elsewhere.
    pub(crate) fn new(terminal: &Terminal) -> Self {
        let bar = if terminal.watched {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style);
        }
        if terminal.watched {
            bar.enable_steady_tick(Duration::from_millis(90));
        }
        Self { bar }
    }

    /// Says what is going on.
    pub(crate) fn say(&self, line: &str) {
        self.bar.set_message(line.to_owned());
    }

    /// Gives the line back.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
