//! What was found in, the first request to a model out; or that request as an answer, for those who want to see it.

use std::collections::BTreeSet;

use super::{Open, Turn};
use crate::{
    Block, Effect, Quoted,
    llm::ModelRequest,
    prompt::{self, Digest, Parts, ToolView},
    understand,
};

impl Turn {
    /// The first request to the model, and what its tools' arguments mean.
    pub(super) fn first_request(&self, open: &Open) -> (ModelRequest, Vec<ToolView>) {
        let page = self.page();
        let mut facts: Vec<String> = open
            .draft
            .findings()
            .iter()
            .map(|finding| prompt::finding_lines(finding, &page))
            .collect();
        // A conclusion that is a finding's title stands there already.
        let is_told = |digest: &&Digest| {
            let headline = digest.headline.trim_end_matches('.');
            digest.rest.is_empty()
                && open
                    .draft
                    .findings()
                    .iter()
                    .any(|finding| finding.title.trim_end_matches('.') == headline)
        };
        facts.extend(
            open.digests
                .iter()
                .filter(|digest| !is_told(digest))
                .map(Digest::lines),
        );
        let told: BTreeSet<&str> = open
            .draft
            .findings()
            .iter()
            .flat_map(|finding| finding.evidence.iter().take(4))
            .map(|evidence| evidence.id.as_str())
            .collect();
        let rest = open
            .draft
            .all_evidence()
            .iter()
            .filter(|evidence| !told.contains(evidence.id.as_str()));
        facts.extend(rest.map(|evidence| prompt::evidence_line(evidence, &page)));
        facts.extend(open.missing.iter().map(|missing| format!("Not known: {missing}")));
        let earlier: Vec<String> = self
            .history
            .evidence
            .iter()
            .map(|evidence| prompt::earlier_evidence(evidence, &page))
            .collect();
        let (tools, views) = understand::fitting(&self.text, &self.kit.intents)
            .into_iter()
            .filter_map(|fitting| {
                let tool = self.kit.tools.get(fitting.tool)?;
                // What changes something is offered only where the person's own words order it.
                let offered =
                    tool.spec().effect == Effect::Read || (fitting.ordered && tool.change().is_some());
                offered.then(|| prompt::model_tool(tool.spec()))
            })
            .take(prompt::MOST_TOOLS)
            .unzip();
        let request = prompt::build(Parts {
            instructions: self.kit.persona.instructions(),
            person: self.voice.name.as_deref(),
            now: self.now,
            zone: &self.kit.zone,
            history: &self.history.exchanges,
            earlier: &earlier,
            question: &self.text,
            facts,
            tools,
        });
        (request, views)
    }

    /// The request instead of an answer, for those who want to see what a model is told.
    pub(super) fn show_prompt(&mut self, open: &Open) {
        let (request, _) = self.first_request(open);
        let request = prompt::sealed(request);
        self.events.clear();
        let mut draft = self.draft();
        draft.say(
            format!(
                "This is what a model would be told, about {} tokens with {} tools:",
                prompt::tokens_of(&request),
                request.tools.len()
            ),
            &mut self.events,
        );
        for message in &request.messages {
            let name = format!("{:?}", message.role).to_lowercase();
            draft.insist(Block::Heading { text: name }, &mut self.events);
            let text = Quoted::passage(&message.content, 16_000);
            let language = String::new();
            draft.insist(Block::Code { language, text }, &mut self.events);
        }
        if !request.tools.is_empty() {
            draft.insist(
                Block::Heading {
                    text: "tools".to_owned(),
                },
                &mut self.events,
            );
            let tools: Vec<String> = request
                .tools
                .iter()
                .map(|tool| format!("{}: {}\n  {}", tool.name, tool.description, tool.schema))
                .collect();
            let text = Quoted::passage(tools.join("\n"), 16_000);
            let language = String::new();
            draft.insist(Block::Code { language, text }, &mut self.events);
        }
        draft.usage.prompt_tokens = prompt::tokens_of(&request);
        self.settle(
            draft,
            Vec::new(),
            Vec::new(),
            crate::memory::Outcome::Answered,
            None,
        );
    }
}
