//! Changes of the store and the passing of time in, looks of the controllers out.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::{controllers::World, store::Change};

/// The most looks in one go; whatever keeps changing after that gets the next one a little later.
const MOST_LOOKS: usize = 40;

/// Keeps the cluster going until it is stopped.
pub(super) async fn drive(mut world: World, stop: CancellationToken) {
    world.live = true;
    let mut changes = world.store.subscribe();
    let mut dirty = world.namespaces();
    loop {
        for _ in 0..MOST_LOOKS {
            world.now = Timestamp::now();
            dirty.extend(world.due());
            let moved = world.pass(&dirty);
            dirty.clear();
            loop {
                match changes.try_next() {
                    Ok(Some(change)) => mark(&world, &change, &mut dirty),
                    Ok(None) => break,
                    Err(_) => dirty = world.namespaces(),
                }
            }
            if moved.is_empty() || dirty.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let wait = world.next_wake().map_or(Duration::from_hours(1), |wake| {
            let milliseconds = wake.as_millisecond() - Timestamp::now().as_millisecond();
            Duration::from_millis(milliseconds.clamp(5, 3_600_000) as u64)
        });
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
            change = changes.next() => match change {
                Ok(change) => mark(&world, &change, &mut dirty),
                Err(_) => dirty = world.namespaces(),
            },
        }
    }
}

/// Notes whose turn it is after a change.
fn mark(world: &World, change: &Change, dirty: &mut BTreeSet<String>) {
    match (change.key.plural.as_str(), &change.key.namespace) {
        ("events" | "leases", _) => {}
        (_, Some(namespace)) => {
            dirty.insert(namespace.clone());
        }
        ("namespaces", None) => {
            dirty.insert(change.key.name.clone());
        }
        ("nodes" | "persistentvolumes" | "storageclasses" | "priorityclasses", None) => {
            dirty.extend(world.namespaces());
        }
        _ => {}
    }
}
