//! A tool that the person picked in, its call out: the words only fill what the pick leaves open.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use super::Turn;
use crate::{
    Error, ErrorKind, Phrase, Result, Slot, Tool, ToolContext, ToolOutput, ToolSpec, Toolbox,
    request::Pick,
    understand::{Doubt, Intents, PlannedCall, Understanding},
};

/// The picked tool as the only one there is, asked for by whatever is named.
#[derive(Debug)]
struct Only {
    tool: Arc<dyn Tool>,
    spec: ToolSpec,
}

#[async_trait]
impl Tool for Only {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, context: &ToolContext, args: Value) -> Result<ToolOutput> {
        self.tool.call(context, args).await
    }
}

/// Ways to ask that lead to one tool, whatever the words are.
fn intents(tool: &Arc<dyn Tool>) -> Intents {
    let mut spec = tool.spec().clone();
    spec.phrases.extend(
        [
            "{target}",
            "{target} {target}",
            "{kind}",
            "{namespace}",
            "{target} {time}",
            "{namespace} {time}",
            "{time}",
        ]
        .map(Phrase::new),
    );
    let mut only = Toolbox::new();
    only.add(Arc::new(Only {
        tool: Arc::clone(tool),
        spec,
    }));
    Intents::new(&only)
}

impl Turn {
    /// The ways to ask for the picked tool; an error where there is no such tool.
    pub(super) fn picked_intents(&self, pick: &Pick) -> Result<Intents> {
        self.kit.tools.get(&pick.tool).map(intents).ok_or_else(|| {
            let known: Vec<&str> = self.kit.tools.iter().map(|tool| tool.spec().name).collect();
            Error::new(
                ErrorKind::InvalidInput,
                format!("there is no tool called {}", pick.tool),
            )
            .with_hint(format!("the tools are {}", known.join(", ")))
        })
    }

    /// Makes sure that the picked tool is called, with the arguments of the pick over those of the words.
    pub(super) fn apply_pick(&mut self, pick: &Pick) {
        self.understood.social = None;
        for request in &mut self.understood.requests {
            for call in &mut request.calls {
                if let Value::Object(args) = &mut call.args {
                    args.extend(pick.args.clone());
                }
            }
        }
        let unclear_name = self
            .understood
            .clarify
            .as_ref()
            .is_some_and(|clarify| matches!(clarify.doubt, Doubt::Ambiguous | Doubt::UnknownName));
        if unclear_name || !self.understood.requests.is_empty() {
            return;
        }
        let question = self
            .understood
            .clarify
            .take()
            .map(|clarify| *clarify.about)
            .unwrap_or_default();
        self.understood.gap = None;
        let mut args = self.scoped(&pick.tool);
        args.extend(pick.args.clone());
        self.understood.requests.push(Understanding {
            question,
            calls: vec![PlannedCall {
                tool: pick.tool.clone(),
                args: Value::Object(args),
                score: 1.0,
            }],
        });
    }

    /// The request's namespace, under the name that the tool has for it.
    fn scoped(&self, tool: &str) -> Map<String, Value> {
        let properties = self
            .kit
            .tools
            .get(tool)
            .and_then(|tool| tool.spec().schema.get("properties"))
            .and_then(Value::as_object);
        let (Some(namespace), Some(properties)) = (&self.request.scope.namespace, properties) else {
            return Map::new();
        };
        properties
            .iter()
            .filter(|(_, property)| property.get("x-slot") == Some(&json!(Slot::Namespace)))
            .map(|(name, _)| (name.clone(), json!(namespace)))
            .collect()
    }
}
