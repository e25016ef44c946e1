//! A voice without colour, for pipes, reports and people who want none.

use super::{Line, Moment, Persona, Tone};

/// Says only what must be said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

impl Persona for Plain {
    fn name(&self) -> &'static str {
        "Plain"
    }

    fn line(&self, moment: Moment, _tone: &Tone<'_>) -> Option<Line> {
        let text = match moment {
            Moment::Greeting => "Hello.",
            Moment::HowAreYou => "All is in order here.",
            Moment::Thanks | Moment::Praise => "You're welcome.",
            Moment::Goodbye => "Goodbye.",
            Moment::Help => "This is what can be asked:",
            Moment::WhoAreYou => "An assistant that answers questions about your clusters from live facts.",
            Moment::Named => "Name noted.",
            Moment::Noted => "Noted.",
            Moment::Insult => "Sorry. Say what went wrong, and it will be looked at.",
            Moment::Joke => "There are no jokes in plain mode.",
            Moment::Acknowledgement => "OK.",
            Moment::Empty => "The message is empty. Ask a question.",
            Moment::Wordless => "There are no words in the message. Ask a question.",
            Moment::Unreadable => "The message is not readable text. Ask a question in words.",
            Moment::TooLong => "The message is too long. Ask a shorter question.",
            Moment::TooMany => "Too many questions at once. Ask again in a moment.",
            Moment::BeyondMe => "That is not understood.",
            _ => return None,
        };
        Some(Line {
            text: text.to_owned(),
            key: moment.name().to_owned(),
        })
    }
}
