//! The phrases that tools declare in, the [`Intents`] that a message is held against out.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Asked, CLOSE, Compiled, HOW_MANY, Has, Intents, KIND, TROUBLE, WIDE,
    weigh::{base_weight, is_content},
};
use crate::{
    Effect, Tool,
    understand::{
        arguments::Argument,
        kinds,
        lexicon::{self, stem},
        pairs,
        spelling::Vocabulary,
        words,
    },
};

#[derive(Debug, Default)]
pub(super) struct Compiler {
    tools: Vec<Asked>,
    phrases: Vec<Compiled>,
    terms: HashMap<String, usize>,
    surfaces: BTreeSet<String>,
    titles: HashMap<String, usize>,
    verbs: HashSet<String>,
    changing: HashSet<String>,
}

impl Compiler {
    pub(super) fn add(&mut self, tool: &Arc<dyn Tool>) {
        let spec = tool.spec();
        let at = self.tools.len();
        let mut used = HashSet::new();
        let mut surfaces = HashSet::new();
        for phrase in &spec.phrases {
            let (said, wants) = parse(phrase.text);
            let mut terms: Vec<(usize, f32)> = Vec::new();
            let mut content = HashSet::new();
            for (place, word) in said.iter().enumerate() {
                let stem = stem(word);
                if place == 0 && !lexicon::is_filler(word) {
                    self.verbs.insert(stem.clone());
                    if spec.effect != Effect::Read && base_weight(word) >= 1.0 {
                        self.changing.insert(stem.clone());
                    }
                }
                let next = self.terms.len();
                let term = *self.terms.entry(stem).or_insert(next);
                if !terms.iter().any(|(seen, _)| *seen == term) {
                    terms.push((term, base_weight(word)));
                    if is_content(word) {
                        content.insert(term);
                    }
                    used.insert(term);
                }
                self.surfaces.insert(word.clone());
                surfaces.insert(word.clone());
            }
            self.phrases.push(Compiled {
                tool: at,
                text: phrase.text,
                args: phrase.args.clone(),
                terms,
                content,
                counts: said.iter().any(|word| word == HOW_MANY),
                asks_why: said.iter().any(|word| word == "why"),
                seeks: said.first().is_some_and(|word| {
                    matches!(word.as_str(), "what" | "which" | "where" | "who" | HOW_MANY)
                }),
                troubled: said.iter().any(|word| lexicon::is_trouble(word) || word == "not"),
                why: self.terms.get("why").copied(),
                weight: 0.0,
                wants,
            });
        }
        for word in spec.name.split('_') {
            if !lexicon::is_filler(word) {
                self.titles.insert(stem(word), at);
            }
        }
        self.tools.push(Asked {
            tool: Arc::clone(tool),
            arguments: Argument::of(&spec.schema),
            terms: used,
            surfaces,
        });
    }

    pub(super) fn finish(mut self) -> Intents {
        let count = self.tools.len().max(1) as f32;
        let mut telling = vec![0.0; self.terms.len()];
        for (term, telling) in telling.iter_mut().enumerate() {
            let users = self
                .tools
                .iter()
                .filter(|asked| asked.terms.contains(&term))
                .count()
                .max(1) as f32;
            *telling = (1.0 + count / users).ln() / (1.0 + count).ln();
        }
        for phrase in &mut self.phrases {
            for (term, weight) in &mut phrase.terms {
                *weight *= telling.get(*term).copied().unwrap_or(0.0);
            }
            phrase.weight = phrase
                .terms
                .iter()
                .map(|(_, weight)| weight)
                .sum::<f32>()
                .max(f32::MIN_POSITIVE);
        }
        let fits = self.fits();
        let known: HashSet<String> = fits.keys().cloned().collect();
        let vocabulary = self.vocabulary();
        Intents {
            tools: self.tools,
            phrases: self.phrases,
            telling,
            fits,
            vocabulary,
            known,
            titles: self.titles,
            verbs: self.verbs,
            changing: self.changing,
            gist: Arc::default(),
        }
    }

    /// Which terms each stem fits: itself, its close group, its wide group.
    fn fits(&self) -> HashMap<String, Vec<(usize, f32)>> {
        let mut fits: HashMap<String, Vec<(usize, f32)>> = HashMap::new();
        for (word, term) in &self.terms {
            fits.entry(word.clone()).or_default().push((*term, 1.0));
        }
        let stems = |words: &[&str]| words.iter().map(|word| stem(word)).collect::<BTreeSet<String>>();
        let symmetric = |group: &&[&str], near: f32| (stems(group), stems(group), near);
        let groups = lexicon::CLOSE
            .iter()
            .map(|group| symmetric(group, CLOSE))
            .chain([
                (stems(lexicon::TROUBLE), stems(lexicon::TROUBLE), TROUBLE),
                (stems(lexicon::SYMPTOMS), stems(lexicon::TROUBLE), TROUBLE),
            ])
            .chain(lexicon::WIDE.iter().map(|group| symmetric(group, WIDE)));
        for (said, meant, near) in groups {
            let terms: Vec<usize> = meant
                .iter()
                .filter_map(|stem| self.terms.get(stem).copied())
                .collect();
            for stem in said {
                let fits = fits.entry(stem).or_default();
                for term in &terms {
                    if !fits.iter().any(|(seen, _)| seen == term) {
                        fits.push((*term, near));
                    }
                }
            }
        }
        fits.retain(|_, fits| !fits.is_empty());
        fits
    }

    /// The words that typos are mended to, in the forms people write.
    fn vocabulary(&self) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for word in &self.surfaces {
            for form in forms(word) {
                vocabulary.add(&form, 3);
            }
            vocabulary.add(word, 5);
        }
        for word in lexicon::CLOSE
            .iter()
            .copied()
            .flatten()
            .chain(lexicon::TROUBLE)
            .chain(lexicon::SYMPTOMS)
        {
            for form in forms(word) {
                vocabulary.add(&form, 1);
            }
            vocabulary.add(word, 3);
        }
        for word in kinds::words() {
            vocabulary.add(&word, 4);
        }
        for word in lexicon::SENTENCE_WORDS {
            vocabulary.add(word, 4);
        }
        vocabulary.finish();
        vocabulary
    }
}

/// A word's usual forms.
fn forms(word: &str) -> Vec<String> {
    if word.len() < 3 || lexicon::is_filler(word) {
        return Vec::new();
    }
    let base = word.strip_suffix('e').unwrap_or(word);
    vec![format!("{word}s"), format!("{base}ed"), format!("{base}ing")]
}

/// A phrase's words, and what it has places for.
fn parse(phrase: &str) -> (Vec<String>, Has) {
    let mut has = Has::default();
    let mut plain = String::new();
    let mut kind_at = None;
    for piece in phrase.split_whitespace() {
        let name = piece
            .find('{')
            .and_then(|open| piece.get(open + 1..))
            .and_then(|rest| rest.split('}').next());
        match name {
            Some("target") => has.targets += 1,
            Some("kind") => {
                has.kind = true;
                kind_at = Some(plain.split_whitespace().count());
            }
            Some("namespace") => has.namespace = true,
            Some("time") => has.time = true,
            Some("count") => has.count = true,
            Some("quoted") => has.quoted = true,
            Some("image") => has.image = true,
            _ => {
                plain.push_str(piece);
                plain.push(' ');
            }
        }
    }
    let tokens = pairs::join(words::split(&plain));
    let mut said: Vec<String> = tokens.into_iter().map(|token| token.word).collect();
    if let Some(at) = kind_at {
        said.insert(at.min(said.len()), KIND.to_owned());
    }
    (said, has)
}
