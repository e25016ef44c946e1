//! A clause that has been read in, the calls that answer it out, or a question back.

use serde_json::{Map, Value};

use super::{MAX_CALLS, Reader, SURE};
use crate::{
    Link, ObjectRef, Slot, Target,
    understand::{
        Clarify, PlannedCall, arguments,
        intent::Fit,
        request::{Reading, first_in_focus},
    },
};

impl Reader<'_, '_> {
    pub(super) fn plan(&self, reading: &Reading) -> Plan {
        if let Some(clarify) = self.unclear_name(reading) {
            return Plan::Ask(clarify);
        }
        if let Some(calls) = self.repeat(reading) {
            return Plan::Calls(calls);
        }
        let fit = reading
            .ranked
            .first()
            .filter(|fit| fit.score >= SURE)
            .copied()
            .or_else(|| self.look_round(reading));
        let Some((fit, asked)) = fit.and_then(|fit| Some((fit, self.intents.tool(fit.tool)?))) else {
            return Plan::Ask(self.unsure(reading));
        };
        let args = self
            .intents
            .phrase(fit.phrase)
            .map_or(&Value::Null, |(_, args)| args);
        let mut reading = reading.clone();
        let needs = asked.arguments.iter().any(arguments::Argument::needs_target);
        if needs && reading.question.targets.is_empty() {
            if !self.context.focus.objects.is_empty() {
                reading.question.targets = first_in_focus(self.context.focus);
            } else if let Some(look) = self.intents.of_place()
                && reading.placed
                && fit.words < 0.5
            {
                // "Ceramics namespace, news?" names a place and asks for no tool by its words.
                return Plan::Calls(self.calls(look, SURE, &Value::Null, &reading));
            } else if reading.question.namespace.is_none() || !takes_namespace(&asked.arguments) {
                return Plan::Ask(self.no_target(&reading, fit));
            }
        }
        Plan::Calls(self.calls(fit.tool, fit.score, args, &reading))
    }

    /// "Something smells, where?": trouble, and nothing else that says where to look.
    fn look_round(&self, reading: &Reading) -> Option<Fit> {
        let tool = self.intents.of_place()?;
        (reading.signals.ails && reading.is_about_nothing()).then_some(Fit {
            tool,
            phrase: usize::MAX,
            score: SURE,
            words: 0.0,
        })
    }

    fn calls(&self, tool: usize, score: f32, implied: &Value, reading: &Reading) -> Vec<PlannedCall> {
        let Some(asked) = self.intents.tool(tool) else {
            return Vec::new();
        };
        let spec = asked.tool.spec();
        let all: Vec<ObjectRef> = reading
            .question
            .targets
            .iter()
            .map(|target| target.object.clone())
            .collect();
        let has = |slot: Slot| asked.arguments.iter().any(|argument| argument.slot == slot);
        let one_each = all.len() > 1 && has(Slot::Target) && !has(Slot::SecondTarget) && !has(Slot::Targets);
        let groups: Vec<&[ObjectRef]> = if one_each {
            all.chunks(1).take(MAX_CALLS).collect()
        } else {
            vec![all.as_slice()]
        };
        groups
            .into_iter()
            .map(|targets| {
                let mut args = arguments::fill(&asked.arguments, &reading.question, targets, self.index);
                if let Some(implied) = implied.as_object() {
                    for (name, value) in implied {
                        args.insert(name.clone(), value.clone());
                    }
                }
                if let Some(fill) = spec.fill {
                    fill(&reading.question, &mut args);
                }
                PlannedCall {
                    tool: spec.name.to_owned(),
                    args: Value::Object(args),
                    score: score.min(1.0),
                }
            })
            .collect()
    }

    /// The last request again, about something else.
    fn repeat(&self, reading: &Reading) -> Option<Vec<PlannedCall>> {
        let focus = self.context.focus;
        let tool = reading
            .repeats
            .then(|| focus.tool.as_deref().and_then(|name| self.intents.find(name)))??;
        let mut reading = reading.clone();
        let nothing_new = reading.is_about_nothing()
            && reading.question.time.is_none()
            && reading.question.quantities.is_empty();
        let before = focus.args.as_object().cloned().unwrap_or_default();
        if reading.question.targets.is_empty() && !focus.objects.is_empty() && reading.question.kind.is_none()
        {
            reading.question.targets = match &reading.question.namespace {
                Some(namespace) if reading.placed => self.moved(namespace),
                _ => first_in_focus(self.context.focus),
            };
        }
        if reading.question.time.is_none() {
            reading.question.time = focus.time;
        }
        if nothing_new {
            let call = PlannedCall {
                tool: focus.tool.clone()?,
                args: focus.args.clone(),
                score: 0.8,
            };
            return Some(vec![call]);
        }
        // A namespace that was named is all there is: then it is a target where the last one was a namespace.
        if reading
            .question
            .targets
            .iter()
            .any(|target| target.object.kind == "Namespace")
            && !focus.objects.iter().any(|object| object.kind == "Namespace")
        {
            let namespace = reading
                .question
                .targets
                .first()
                .map(|target| target.object.name.clone());
            let moved = namespace
                .as_deref()
                .map(|namespace| self.moved(namespace))
                .unwrap_or_default();
            if !moved.is_empty() {
                reading.question.targets = moved;
            }
        }
        let mut calls = self.calls(tool, 0.8, &Value::Null, &reading);
        for call in &mut calls {
            if let Value::Object(args) = &mut call.args {
                *args = merged(
                    &before,
                    args,
                    self.intents
                        .tool(tool)
                        .map(|asked| asked.arguments.as_slice())
                        .unwrap_or_default(),
                );
            }
        }
        Some(calls)
    }

    /// What the conversation is about, in another namespace.
    fn moved(&self, namespace: &str) -> Vec<Target> {
        let in_focus = self.context.focus.objects.iter().take(3);
        in_focus
            .filter_map(|object| {
                self.index
                    .exact(&object.name)
                    .into_iter()
                    .filter_map(|candidate| self.index.get(candidate.name))
                    .find(|name| {
                        name.object.kind == object.kind && name.object.namespace.as_deref() == Some(namespace)
                    })
                    .map(|name| Target {
                        object: name.object.clone(),
                        said: object.name.clone(),
                        link: Link::Focus,
                    })
            })
            .collect()
    }
}

pub(super) enum Plan {
    Calls(Vec<PlannedCall>),
    Ask(Clarify),
}

fn takes_namespace(arguments: &[arguments::Argument]) -> bool {
    arguments.iter().any(|argument| argument.slot == Slot::Namespace)
        || arguments
            .iter()
            .any(|argument| argument.slot == Slot::Target && argument.takes("Namespace"))
}

/// The arguments of before with those of now put over them; what stood for another target does not linger.
fn merged(
    before: &Map<String, Value>,
    now: &Map<String, Value>,
    arguments: &[arguments::Argument],
) -> Map<String, Value> {
    let mut merged = before.clone();
    for argument in arguments {
        if matches!(
            argument.slot,
            Slot::Target | Slot::Targets | Slot::Namespace | Slot::Kind | Slot::Fresh | Slot::Text
        ) {
            merged.remove(argument.name());
        }
    }
    for (name, value) in now {
        merged.insert(name.clone(), value.clone());
    }
    merged
}
