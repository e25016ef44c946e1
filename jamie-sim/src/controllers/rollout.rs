//! What the workload controllers share: percentages of replicas, and complaints that repeat ever less often.

use jiff::Timestamp;
use serde_json::Value;

use super::{World, events::Report};
use crate::object;

/// A number or a percentage of `total`, percentages rounded up or down.
pub(crate) fn amount(value: Option<&Value>, total: i64, up: bool, default: i64) -> i64 {
    match value {
        Some(Value::Number(number)) => number.as_i64().unwrap_or(default),
        Some(Value::String(text)) => match text.trim_end_matches('%').parse::<i64>() {
            Ok(percent) if text.ends_with('%') => {
                if up {
                    (percent * total + 99) / 100
                } else {
                    percent * total / 100
                }
            }
            Ok(number) => number,
            Err(_) => default,
        },
        _ => default,
    }
}

/// Tells a lasting trouble: once when it begins, then again after growing waits.
pub(crate) fn complain(world: &mut World, component: &str, about: &Value, reason: &str, message: &str) {
    let id = format!("{}/{reason}/{message}", object::uid(about));
    let now = world.now;
    let mut due: Vec<Timestamp> = Vec::new();
    {
        let (mut next, mut wait) = world.complaints.get(&id).copied().unwrap_or((now, 10_000));
        if next > now {
            world.wake_at(next);
            return;
        }
        // Long silent means that the trouble had gone and is back.
        if world.live && object::elapsed(next, now) > wait {
            (next, wait) = (now, 10_000);
        }
        while next <= now && due.len() < 2_000 {
            due.push(next);
            next = object::later(next, wait);
            wait = (wait * 2).min(300_000);
        }
        if next <= now {
            next = object::later(now, wait);
        }
        world.complaints.insert(id, (next, wait));
        world.wake_at(next);
    }
    let report = Report::new(component, about, reason, message).warning();
    for at in due {
        world.recorder.note(&report, at, 1);
    }
}
