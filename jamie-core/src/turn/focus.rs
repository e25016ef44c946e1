//! What was asked and found in, what the next message may lean on out.

use super::{
    Turn,
    compose::{Gathered, findings},
};
use crate::{ObjectRef, action::Proposed, understand::Focus};

impl Turn {
    /// What "it", "there" and "the second one" mean in the next message.
    pub(super) fn next_focus(&self, gathered: &Gathered) -> Focus {
        let mut focus = self.history.focus.clone();
        let Some((planned, output)) = gathered.outputs.last() else {
            // Only a change is spoken of: then that is about what it touches.
            if let Some(Proposed::Parked { action, .. }) = gathered.proposals.last() {
                focus.objects.clone_from(&action.plan.targets);
            }
            return focus;
        };
        let shown: Vec<ObjectRef> = findings(gathered).map(|finding| finding.object.clone()).collect();
        let question = self
            .understood
            .requests
            .get(planned.request)
            .map(|request| &request.question);
        let targets: Vec<ObjectRef> = question
            .into_iter()
            .flat_map(|question| &question.targets)
            .map(|target| target.object.clone())
            .collect();
        let first_of = |lists: [&Vec<ObjectRef>; 3]| lists.into_iter().find(|list| !list.is_empty()).cloned();
        let worst: Vec<ObjectRef> = shown.first().cloned().into_iter().collect();
        if let Some(objects) = first_of([&output.focus, &targets, &worst]) {
            focus.objects = objects;
        }
        if let Some(listed) = first_of([&shown, &output.focus, &targets]) {
            focus.listed = listed;
        }
        if let Some(question) = question {
            focus.kind.clone_from(&question.kind);
            focus.time = question.time;
            let home = focus.objects.first().and_then(|object| object.namespace.clone());
            focus.namespace = question.namespace.clone().or(home);
        }
        focus.tool = Some(planned.call.tool.clone());
        focus.args = planned.call.args.clone();
        focus
    }
}
