//! Where changes are proposed, decided on and carried out: what that takes, and what its steps have in common.

use std::sync::{Arc, atomic::AtomicU32};

use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use tokio::sync::Mutex;

use super::{
    Action, ActionState, ActionStore, ApprovalPolicy, AuditEntry, AuditStep, Petition, Plan, Ruling,
};
use crate::{
    Cache, Clock, Error, ErrorKind, Event, MemoryStore, Person, Persona, Result, Scope, Tool, ToolContext,
    Toolbox,
    cache::{Counted, Limit},
    persona::{Moment, Tone},
};

/// What the life of an action takes.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) store: Arc<dyn ActionStore>,
    pub(crate) policy: Arc<dyn ApprovalPolicy>,
    /// Where conversations are kept: what was carried out is part of them.
    pub(crate) memory: Arc<dyn MemoryStore>,
    pub(crate) tools: Toolbox,
    pub(crate) persona: Arc<dyn Persona>,
    pub(crate) clock: Arc<dyn Clock>,
    /// How long an action can be approved.
    pub(crate) valid_for: SignedDuration,
    /// How many actions were parked, so that the same wish at the same moment gets another id.
    pub(crate) parked: AtomicU32,
    /// Held from the last look at the policy until the start is on record, so that a rate limit counts every start.
    pub(crate) gate: Mutex<()>,
    /// What counts runs for all who share it.
    pub(crate) cache: Option<Arc<dyn Cache>>,
}

impl Desk {
    /// How long an action can be approved where nobody says.
    pub(crate) const VALID_FOR: SignedDuration = SignedDuration::from_mins(15);
    /// Lines of the audit log that are looked through for what ran lately.
    const LOOKED_BACK: usize = 5_000;

    pub(super) fn now(&self) -> Zoned {
        self.clock.now().to_zoned(self.clock.zone())
    }

    pub(super) fn zone(&self) -> TimeZone {
        self.clock.zone()
    }

    /// Whether `person` may ask for a change.
    pub(super) async fn may_ask(&self, person: &Person, tool: &str, plan: &Plan) -> Result<Ruling> {
        let recent = self.recent(tool, plan).await?;
        Ok(self.policy.may_ask(&Petition {
            person,
            asked_by: person,
            tool,
            plan,
            now: &self.now(),
            recent: &recent,
        }))
    }

    /// Whether `person` may approve an action.
    pub(super) async fn may_approve(&self, person: &Person, action: &Action) -> Result<Ruling> {
        let recent = self.recent(&action.tool, &action.plan).await?;
        Ok(self.policy.may_approve(&Petition {
            person,
            asked_by: &action.asked_by,
            tool: &action.tool,
            plan: &action.plan,
            now: &self.now(),
            recent: &recent,
        }))
    }

    /// Counts a run that is about to begin, wherever else the same is run; why not, and when again, where a limit of the
    /// policy is reached. A cache that fails stops nothing: the audit log counts as well.
    pub(super) async fn admit(&self, person: &Person, action: &Action) -> Option<String> {
        let cache = self.cache.as_ref()?;
        let rates = self.policy.rates(&Petition {
            person,
            asked_by: &action.asked_by,
            tool: &action.tool,
            plan: &action.plan,
            now: &self.now(),
            recent: &[],
        });
        let limits: Vec<Limit> = rates.iter().map(|rate| rate.limit.clone()).collect();
        match cache.count(&limits).await {
            Ok(Counted::Reached { limit, again }) => {
                let reason = rates.get(limit).map_or("", |rate| rate.reason.as_str());
                let seconds = again.as_secs().saturating_add(1);
                let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
                Some(format!("{reason} (it may run again in {wait:#})"))
            }
            Ok(Counted::Within) => None,
            Err(error) => {
                tracing::warn!(%error, "a run is not counted for other replicas");
                None
            }
        }
    }

    /// When the tool ran in the plan's namespaces, the newest first. A run of which nothing is left but its line in the
    /// audit log counts for every namespace.
    async fn recent(&self, tool: &str, plan: &Plan) -> Result<Vec<Zoned>> {
        let here = plan.namespaces();
        let mut recent = Vec::new();
        for entry in self.store.audit(None, Self::LOOKED_BACK).await? {
            if entry.step != AuditStep::Started || entry.tool != tool {
                continue;
            }
            let elsewhere = match self.store.get(&entry.action).await {
                Ok(Some(action)) => {
                    let there = action.plan.namespaces();
                    there != here && !there.iter().any(|namespace| here.contains(namespace))
                }
                Ok(None) | Err(_) => false,
            };
            if !elsewhere {
                recent.push(entry.at.to_zoned(self.zone()));
            }
        }
        Ok(recent)
    }

    /// Puts a step on record.
    pub(super) async fn record(
        &self,
        action: &Action,
        step: AuditStep,
        who: &str,
        detail: &str,
    ) -> Result<()> {
        self.store
            .record(AuditEntry {
                at: self.clock.now(),
                action: action.id.clone(),
                step,
                person: who.to_owned(),
                tool: action.tool.clone(),
                title: action.plan.title.clone(),
                digest: action.digest(),
                detail: detail.to_owned(),
            })
            .await
    }

    /// Moves an action on, and puts that on record. Nothing where somebody else was faster.
    pub(super) async fn settle(
        &self,
        action: &Action,
        state: ActionState,
        who: &str,
        result: &str,
    ) -> Result<Option<Action>> {
        let settled = Action {
            version: action.version + 1,
            state,
            result: Some(result.to_owned()),
            ..action.clone()
        };
        if !self.store.replace(settled.clone()).await? {
            return Ok(None);
        }
        let step = match state {
            ActionState::Refused => AuditStep::Refused,
            ActionState::Expired => AuditStep::Expired,
            ActionState::Stale => AuditStep::Stale,
            ActionState::Succeeded => AuditStep::Succeeded,
            ActionState::Interrupted => AuditStep::Interrupted,
            ActionState::Failed | ActionState::Parked | ActionState::Running => AuditStep::Failed,
        };
        self.record(&settled, step, who, result).await?;
        Ok(Some(settled))
    }

    /// The tool of an action, and its changing side.
    pub(super) fn tool(&self, name: &str) -> Result<Arc<dyn Tool>> {
        self.tools
            .get(name)
            .filter(|tool| tool.change().is_some())
            .cloned()
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::Unsupported,
                    format!("there is no changing tool called {name} here"),
                )
                .with_hint("the action comes from another version of Jamie, or from one with other tools")
            })
    }

    /// A call in the name of whoever asked: an approval lends nobody rights in the cluster.
    pub(super) fn context(
        &self,
        action: &Action,
        emit: impl Fn(Event) + Send + Sync + 'static,
    ) -> ToolContext {
        ToolContext {
            person: action.asked_by.clone(),
            scope: Scope::default(),
            now: self.clock.now(),
            zone: self.zone(),
            emit: Arc::new(emit),
        }
    }

    /// A line of the persona's, where it has one.
    pub(super) fn line(&self, moment: Moment, person: &Person, action: &Action) -> Option<String> {
        let seed = u64::from_str_radix(action.digest().get(..15)?, 16).ok()?;
        let tone = Tone {
            name: person.name.as_deref(),
            seed,
            ..Tone::default()
        };
        self.persona.line(moment, &tone).map(|line| line.text)
    }
}

impl Action {
    /// Whether the time in which it can be approved is over.
    pub fn is_expired_at(&self, now: Timestamp) -> bool {
        self.state == ActionState::Parked && now >= self.expires_at
    }
}

/// A denial as an error: the reason, and who may or when.
pub(super) fn denied(reason: &str, who: Option<&str>) -> Error {
    let error = Error::new(ErrorKind::Forbidden, reason.trim_end_matches('.'));
    match who {
        Some(who) => error.with_hint(who),
        None => error,
    }
}
