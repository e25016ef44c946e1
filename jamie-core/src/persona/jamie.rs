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

    /// The lists that fit, those to be preferred first.
    fn lists(&self, moment: Moment, tone: &Tone<'_>) -> Vec<Flavour> {
        let has = |flavour: &Flavour| !self.script.lines(moment, *flavour).is_empty();
        let mood = Flavour::of_mood(tone.mood).filter(has);
        let domain = tone.domain.map(Flavour::Domain).filter(has);
        let any = Some(Flavour::Any).filter(has);
        match tone.mood {
            // Somebody who is fed up or in a hurry gets an acknowledgement or nothing; no banter.
            Mood::Frustrated | Mood::Urgent => {
                let stern = [Flavour::Mood("frustrated"), Flavour::Mood("urgent")]
                    .into_iter()
                    .find(has);
                let fallback = if moment.is_ornament() { None } else { any };
                mood.or(stern).or(fallback).into_iter().collect()
            }
            // Now and then the general lines come first, or the special ones would wear out.
            Mood::Cheerful | Mood::Neutral => {
                let mut lists: Vec<Flavour> = [domain, mood, any].into_iter().flatten().collect();
                if tone.seed % 4 == 3 {
                    lists.rotate_left(1);
                }
                lists
            }
        }
    }
}

impl Persona for Jamie {
    fn name(&self) -> &str {
        self.script.name.as_deref().unwrap_or("Jamie")
    }

    fn line(&self, moment: Moment, tone: &Tone<'_>) -> Option<Line> {
        if tone.severity == Some(Severity::Critical) && moment != Moment::Severe {
            return None;
        }
        let mut candidates = Vec::new();
        for flavour in self.lists(moment, tone) {
            let start = candidates.len();
            for (number, line) in self.script.lines(moment, flavour).iter().enumerate() {
                if line.contains("{name}") && tone.name.is_none() {
                    continue;
                }
                candidates.push((format!("{}/{}/{number}", moment.name(), flavour.name()), line));
            }
            // Within a list the seed decides; between lists the order does.
            let length = candidates.len() - start;
            if let Some(list) = candidates.get_mut(start..).filter(|_| length > 0) {
                list.rotate_left((scatter(tone.seed) % length as u64) as usize);
            }
        }
        let (key, line) = choose(candidates, moment, tone.recent)?;
        Some(Line {
            text: line.replace("{name}", tone.name.unwrap_or_default()),
            key,
        })
    }
}

/// The first line that was not used lately, else the one whose use is longest ago; never the same line of a
/// moment twice in a row.
fn choose<'a>(
    candidates: Vec<(String, &'a String)>,
    moment: Moment,
    recent: &[String],
) -> Option<(String, &'a String)> {
    let last_use = |key: &str| recent.iter().rposition(|used| used == key);
    let newest = recent
        .iter()
        .rfind(|key| key.split('/').next() == Some(moment.name()));
    candidates
        .into_iter()
        .filter(|(key, _)| Some(key) != newest)
        // `None` sorts before any position, and `min_by_key` keeps the first of equals.
        .min_by_key(|(key, _)| last_use(key))
}

/// Spreads neighbouring seeds (splitmix64's finaliser).
fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
