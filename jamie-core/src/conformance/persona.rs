//! The suite for personas.

use std::collections::VecDeque;

use super::{Verdict, ensure};
use crate::{
    Persona, Severity,
    persona::{Domain, Moment, Tone},
    understand::Mood,
};

const MOODS: [Mood; 4] = [Mood::Neutral, Mood::Cheerful, Mood::Frustrated, Mood::Urgent];
const SEVERITIES: [Option<Severity>; 5] = [
    None,
    Some(Severity::Info),
    Some(Severity::Warning),
    Some(Severity::Error),
    Some(Severity::Critical),
];

/// A persona is pure, short, printable, and keeps its ornaments to itself when things are critical.
pub fn persona(persona: &dyn Persona) -> Verdict {
    ensure(!persona.name().trim().is_empty(), || {
        "the voice has no name".to_owned()
    })?;
    for moment in Moment::ALL {
        for mood in MOODS {
            for severity in SEVERITIES {
                for domain in [None].into_iter().chain(Domain::ALL.iter().copied().map(Some)) {
                    let tone = Tone {
                        mood,
                        severity,
                        domain,
                        ..Tone::default()
                    };
                    at_a_moment(persona, *moment, tone)?;
                }
            }
        }
    }
    Ok(())
}

/// What holds for every line of a moment and a tone, over a few seeds.
fn at_a_moment(persona: &dyn Persona, moment: Moment, tone: Tone<'_>) -> Verdict {
    let mut recent: VecDeque<String> = VecDeque::new();
    for seed in 0..6 {
        let name = (seed % 2 == 0).then_some("Bruno");
        let used: Vec<String> = recent.iter().cloned().collect();
        let tone = Tone {
            seed,
            name,
            recent: &used,
            ..tone
        };
        let Some(line) = persona.line(moment, &tone) else {
            continue;
        };
        let about = || format!("{moment:?} with {tone:?} gives {line:?}");
        ensure(persona.line(moment, &tone).as_ref() == Some(&line), || {
            format!("{}, and another line the second time", about())
        })?;
        ensure(!line.text.trim().is_empty() && !line.key.is_empty(), || {
            format!("{}: a line needs words and a key", about())
        })?;
        ensure(line.text.chars().count() <= 260, || {
            format!("{}: too long", about())
        })?;
        ensure(!line.text.chars().any(char::is_control), || {
            format!("{}: control characters", about())
        })?;
        ensure(!line.text.contains(['{', '}']), || {
            format!("{}: an open placeholder", about())
        })?;
        ensure(name.is_some() || !line.text.contains("Bruno"), || {
            format!("{}: a name nobody gave", about())
        })?;
        let sober = tone.severity != Some(Severity::Critical) || !line.text.contains('!');
        ensure(sober, || {
            format!("{}: too lively for something critical", about())
        })?;
        recent.push_back(line.key);
    }
    Ok(())
}
