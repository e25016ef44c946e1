//! Events in, when they last happened, whether that still counts, and their words as evidence out.

use std::sync::Arc;

use jamie_core::Evidence;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

use crate::snapshot::{Snapshot, event_time};

/// Older events tell of the past: the controllers that matter repeat themselves within this many seconds.
const FRESH: i64 = 2 * 3_600;

/// When the event first happened.
pub(crate) fn first_seen(event: &Event) -> Option<Timestamp> {
    event
        .first_timestamp
        .as_ref()
        .map(|time| time.0)
        .or_else(|| event.event_time.as_ref().map(|time| time.0))
        .or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0))
}

/// Whether the event is recent enough to speak of now; one without a time is taken at its word.
pub(crate) fn is_fresh(event: &Event, snapshot: &Snapshot) -> bool {
    event_time(event)
        .is_none_or(|seen| snapshot.taken_at.as_second().saturating_sub(seen.as_second()) <= FRESH)
}

/// The newest fresh event with one of these reasons, out of some that are sorted oldest first.
pub(crate) fn latest<'a>(
    events: &[&'a Arc<Event>],
    reasons: &[&str],
    snapshot: &Snapshot,
) -> Option<&'a Arc<Event>> {
    events
        .iter()
        .rev()
        .find(|event| {
            event
                .reason
                .as_deref()
                .is_some_and(|reason| reasons.contains(&reason))
                && is_fresh(event, snapshot)
        })
        .copied()
}

/// What the event says.
pub(crate) fn message(event: &Event) -> &str {
    event.message.as_deref().unwrap_or_default().trim()
}

/// The event as evidence.
pub(crate) fn evidence(event: &Event) -> Evidence {
    let about = &event.involved_object;
    let kind = about.kind.as_deref().unwrap_or("object");
    let name = about.name.as_deref().unwrap_or("?");
    let path = match about.namespace.as_deref() {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    let reason = event.reason.as_deref().unwrap_or("event");
    Evidence::new(
        format!("event on {kind} {path}"),
        format!("{reason}: {}", message(event)),
        event_time(event),
    )
}
