//! The few styles that answers are printed in; the plain palette prints none.

use anstyle::{AnsiColor, Style};
use jamie::core::Severity;

/// Colours, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Palette {
    /// ANSI styles.
    Colour,
    /// Bare text.
    Plain,
}

impl Palette {
    /// `text` in `style`.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        match self {
            Self::Colour => format!("{style}{text}{style:#}"),
            Self::Plain => text.to_owned(),
        }
    }

    /// Emphasis.
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What matters less.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Names, commands, numbers as they are.
    pub(crate) fn code(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// All is well.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// A command failed.
    pub(crate) fn error(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// How bad it is.
    pub(crate) fn severity(self, severity: Severity, text: &str) -> String {
        let colour = match severity {
            Severity::Critical | Severity::Error => AnsiColor::Red,
            Severity::Warning => AnsiColor::Yellow,
            Severity::Info => AnsiColor::Blue,
        };
        self.paint(colour.on_default().bold(), text)
    }
}
