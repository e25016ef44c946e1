//! Jamie: a friendly British colleague, made of the lines in a persona file.

use super::{
    Line, Moment, Persona, Tone,
    script::{Flavour, Script},
};
use crate::{Result, Severity, understand::Mood};

const BUILT_IN: &str = include_str!("jamie.toml");

/// The persona Jamie.
///
/// All of its words are data: see `jamie.toml` beside the source, and [`Jamie::from_toml`].
#[derive(Debug, Clone)]
pub struct Jamie {
    script: Script,
}

impl Default for Jamie {
    fn default() -> Self {
        Self {
            // That the built-in file parses is a test; an empty script would only make Jamie taciturn.
            script: Script::parse(BUILT_IN).unwrap_or_default(),
        }
    }
}

impl Jamie {
    /// Jamie with lists of lines from a file in place of the built-in ones; lists that the file does not
    /// mention stay as they are.
    pub fn from_toml(text: &str) -> Result<Self> {
        let mut jamie = Self::default();
        jamie.script.overlay(Script::parse(text)?);
        Ok(jamie)
    }

    #[cfg(test)]
    pub(super) fn script(&self) -> &Script {
        &self.script
    }

    /// The lists that fit: groups in order of preference, each to be exhausted before the next.
    fn groups(&self, moment: Moment, tone: &Tone<'_>) -> Vec<Vec<Flavour>> {
        let has = |flavour: &Flavour| !self.script.lines(moment, *flavour).is_empty();
        let mood = Flavour::of_mood(tone.mood).filter(has);
        let domain = tone.domain.map(Flavour::Domain).filter(has);
        let any = Some(Flavour::Any).filter(has);
        match tone.mood {
            // Somebody who is fed up or in a hurry gets an acknowledgement or nothing; no banter.
            Mood::Frustrated | Mood::Urgent => {
                let either = ["frustrated", "urgent"].map(Flavour::Mood).into_iter().find(has);
                let needed = any.filter(|_| !moment.is_ornament());
                [mood.or(either), needed]
                    .into_iter()
                    .flatten()
                    .map(|list| vec![list])
                    .collect()
            }
            // Now and then the general lines come first, or the special ones would wear out.
            Mood::Cheerful | Mood::Neutral => {
                let mut lists: Vec<Flavour> = [domain, mood, any].into_iter().flatten().collect();
                if tone.seed % 4 == 3 && !lists.is_empty() {
                    lists.rotate_left(1);
                }
                vec![lists]
            }
        }
    }

    /// The lines of some lists, each list in an order that the seed decides.
    fn candidates(&self, moment: Moment, lists: &[Flavour], tone: &Tone<'_>) -> Vec<&str> {
        let mut candidates = Vec::new();
        for flavour in lists {
            let mut lines: Vec<&str> = self
                .script
                .lines(moment, *flavour)
                .iter()
                .map(String::as_str)
                .filter(|line| tone.name.is_some() || !line.contains("{name}"))
                .collect();
            if !lines.is_empty() {
                let first = scatter(tone.seed) % lines.len() as u64;
                lines.rotate_left(first as usize);
                // Somebody who is known is greeted by name.
                if tone.name.is_some() && matches!(moment, Moment::Greeting | Moment::Hello) {
                    lines.sort_by_key(|line| !line.contains("{name}"));
                }
            }
            candidates.append(&mut lines);
        }
        candidates
    }
}

impl Persona for Jamie {
    fn name(&self) -> &str {
        self.script.name.as_deref().unwrap_or("Jamie")
    }

    fn instructions(&self) -> &str {
        self.script.instructions.as_deref().unwrap_or_default()
    }

    fn line(&self, moment: Moment, tone: &Tone<'_>) -> Option<Line> {
        if tone.severity == Some(Severity::Critical) && moment != Moment::Severe {
            return None;
        }
        let template = self
            .groups(moment, tone)
            .iter()
            .find_map(|lists| choose(self.candidates(moment, lists, tone), moment, tone.recent))?;
        Some(Line {
            text: template.replace("{name}", tone.name.unwrap_or_default()),
            key: format!("{}/{}", moment.name(), digest(template)),
        })
    }
}

/// The first line that was not used lately, else the one whose use is longest ago; never the line that was
/// used last, and never the same line of a moment twice in a row.
fn choose<'a>(candidates: Vec<&'a str>, moment: Moment, recent: &[String]) -> Option<&'a str> {
    fn parts(key: &str) -> (&str, &str) {
        key.split_once('/').unwrap_or((key, ""))
    }
    let newest = recent.last().map(|key| parts(key).1);
    let newest_of_moment = recent
        .iter()
        .map(|key| parts(key))
        .rfind(|(of, _)| *of == moment.name())
        .map(|(_, line)| line);
    candidates
        .into_iter()
        .map(|line| (digest(line), line))
        .filter(|(digest, _)| Some(digest.as_str()) != newest && Some(digest.as_str()) != newest_of_moment)
        // `None` sorts before any position, and `min_by_key` keeps the first of equals.
        .min_by_key(|(digest, _)| recent.iter().rposition(|key| parts(key).1 == digest))
        .map(|(_, line)| line)
}

/// A short name for a line, the same wherever the line stands (FNV-1a, folded).
fn digest(line: &str) -> String {
    let hash = line.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", (hash >> 32) as u32 ^ hash as u32)
}

/// Spreads neighbouring seeds (splitmix64's finaliser).
fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
