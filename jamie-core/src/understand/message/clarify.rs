//! A clause that cannot be answered as it stands in, the question back with its choices out.

use super::{MAX_CHOICES, Reader};
use crate::{
    ObjectRef,
    understand::{Clarify, Doubt, intent::Fit, kinds, lexicon, request::Reading},
};

impl Reader<'_, '_> {
    pub(super) fn unclear_name(&self, reading: &Reading) -> Option<Clarify> {
        let question = &reading.question;
        if let Some((said, near)) = &question.unknown {
            let choices = near
                .iter()
                .map(|object| self.with_name(reading, said, object))
                .take(MAX_CHOICES)
                .collect();
            let text = if near.is_empty() {
                format!(
                    "I can't find anything called \"{said}\". What is it called exactly, and in which namespace?"
                )
            } else {
                format!("I can't find anything called \"{said}\". Did you mean one of these?")
            };
            return Some(Clarify {
                doubt: Doubt::UnknownName,
                question: text,
                choices,
                about: Box::new(question.clone()),
            });
        }
        if let Some(target) = reading.ambiguous.and_then(|at| question.targets.get(at)) {
            let choices: Vec<String> = std::iter::once(&target.object)
                .chain(&question.rivals)
                .map(|object| self.with_name(reading, &target.said, object))
                .take(MAX_CHOICES)
                .collect();
            let text = format!("Which \"{}\" do you mean?", target.said);
            return Some(Clarify {
                doubt: Doubt::Ambiguous,
                question: text,
                choices,
                about: Box::new(question.clone()),
            });
        }
        if reading.environments.len() > 1 && question.targets.is_empty() && question.kind.is_none() {
            let choices = reading
                .environments
                .iter()
                .map(|name| {
                    self.with_name(
                        reading,
                        &reading.environment_said,
                        &ObjectRef::cluster("Namespace", name),
                    )
                })
                .take(MAX_CHOICES)
                .collect();
            let text = format!("Which namespace is \"{}\"?", reading.environment_said);
            return Some(Clarify {
                doubt: Doubt::Ambiguous,
                question: text,
                choices,
                about: Box::new(question.clone()),
            });
        }
        None
    }

    /// The clause again, with a name that is clear.
    #[allow(clippy::unused_self, reason = "reads as its siblings do")]
    fn with_name(&self, reading: &Reading, said: &str, object: &ObjectRef) -> String {
        let text = &reading.question.text;
        let name = format!("{} {}", object.kind.to_lowercase(), object.path());
        let kind_before = |from: usize| -> usize {
            let before = text.get(..from).unwrap_or("").trim_end();
            let word = before.rsplit(' ').next().unwrap_or("");
            if kinds::kind(&word.to_lowercase()).is_some() {
                before.len() - word.len()
            } else {
                from
            }
        };
        let kind_after = |to: usize| -> usize {
            let rest = text.get(to..).unwrap_or("");
            let word = rest
                .trim_start()
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or("");
            if kinds::kind(&word.to_lowercase()).is_some() && rest.starts_with(' ') {
                to + 1 + word.len()
            } else {
                to
            }
        };
        match find_ignoring_case(text, said) {
            Some(from) => {
                let to = kind_after(from + said.len());
                let from = kind_before(from);
                format!(
                    "{}{name}{}",
                    text.get(..from).unwrap_or(""),
                    text.get(to..).unwrap_or("")
                )
            }
            None => format!("{text} ({name})"),
        }
    }

    pub(super) fn no_target(&self, reading: &Reading, fit: Fit) -> Clarify {
        let asked = self.intents.asking(fit);
        let choices = self
            .index
            .names()
            .all
            .iter()
            .filter(|name| kinds::is_workload(&name.object.kind) && name.owner.is_none())
            .filter(|name| {
                !name
                    .object
                    .namespace
                    .as_deref()
                    .is_some_and(lexicon::is_system_namespace)
            })
            .filter(|name| {
                let within = reading
                    .question
                    .namespace
                    .as_ref()
                    .or(self.context.scope.namespace.as_ref());
                within.is_none() || within == name.object.namespace.as_ref()
            })
            .take(MAX_CHOICES)
            .map(|name| {
                let named = format!("{} {}", name.object.kind.to_lowercase(), name.object.path());
                if let Some(phrase) = asked {
                    phrase.replace("{target}", &named)
                } else {
                    let text = reading.question.text.trim_end_matches(['?', '!', '.', ' ']);
                    format!("{text}: {named}")
                }
            })
            .collect();
        let question = "Which app do you mean?".to_owned();
        Clarify {
            doubt: Doubt::NoTarget,
            question,
            choices,
            about: Box::new(reading.question.clone()),
        }
    }

    /// What could be done, as questions that can be asked.
    pub(super) fn unsure(&self, reading: &Reading) -> Clarify {
        let likely = reading.ranked.iter().map(|fit| fit.tool);
        let rest = 0..self.intents.tools.len();
        let mut seen = Vec::new();
        for tool in likely.chain(rest) {
            if !seen.contains(&tool) {
                seen.push(tool);
            }
        }
        let choices = seen
            .into_iter()
            .filter_map(|tool| self.intents.tool(tool))
            .map(|asked| asked.tool.spec())
            .filter(|spec| !spec.example.is_empty())
            .map(|spec| spec.example.to_owned())
            .take(MAX_CHOICES - 1)
            .collect();
        let question = "I'm not sure what you're after. Is it one of these?".to_owned();
        Clarify {
            doubt: Doubt::Unsure,
            question,
            choices,
            about: Box::new(reading.question.clone()),
        }
    }
}

fn find_ignoring_case(text: &str, said: &str) -> Option<usize> {
    if said.is_empty() {
        return None;
    }
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-');
    text.char_indices().map(|(at, _)| at).find(|at| {
        text.get(*at..*at + said.len())
            .is_some_and(|part| part.eq_ignore_ascii_case(said))
            && is_edge(text.get(..*at).and_then(|before| before.chars().next_back()))
            && is_edge(
                text.get(*at + said.len()..)
                    .and_then(|after| after.chars().next()),
            )
    })
}
