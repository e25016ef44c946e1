//! The terminal: how wide it is, whether it takes colour, and how an answer's parts are laid out on it.

mod finding;
mod flow;
mod inline;
mod layout;
mod palette;
mod progress;
mod table;

use std::io::IsTerminal;

use jamie::config::Environment;

pub(crate) use self::{flow::Flow, layout::render, palette::Palette, progress::Progress};

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is known of the place that output goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Columns; text is wrapped to them.
    pub(crate) width: usize,
    /// Colours, or none.
    pub(crate) palette: Palette,
    /// Whether a person watches standard error, so that progress is worth showing.
    pub(crate) watched: bool,
}

impl Terminal {
    /// Columns where nothing says how many there are.
    const DEFAULT_WIDTH: usize = 80;
    /// A pipe has no edge: lines stay whole for `grep`.
    const PIPE_WIDTH: usize = 10_000;
    /// Below this nothing can be laid out sensibly.
    const MIN_WIDTH: usize = 24;
    /// Longer lines are hard to read.
    const MAX_WIDTH: usize = 110;

    /// Looks at standard output and standard error.
    pub(crate) fn detect(colour: Colour, environment: &Environment) -> Self {
        let stdout = std::io::stdout().is_terminal();
        let set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
        let coloured = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => stdout && !set("NO_COLOR") && environment.get("TERM") != Some("dumb"),
        };
        let columns = environment
            .get("COLUMNS")
            .and_then(|columns| columns.parse().ok());
        let width = match (terminal_size::terminal_size(), columns) {
            (Some((width, _)), _) if stdout => usize::from(width.0),
            (_, Some(columns)) => columns,
            _ if stdout => Self::DEFAULT_WIDTH,
            _ => Self::PIPE_WIDTH,
        };
        let width = if width == Self::PIPE_WIDTH {
            width
        } else {
            width.clamp(Self::MIN_WIDTH, Self::MAX_WIDTH)
        };
        Self {
            width,
            palette: if coloured { Palette::Colour } else { Palette::Plain },
            watched: std::io::stderr().is_terminal() && environment.get("TERM") != Some("dumb"),
        }
    }
}
