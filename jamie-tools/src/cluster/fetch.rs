//! One look at the cluster: all kinds listed side by side, trimmed while they are read.

use std::sync::Arc;

use futures::FutureExt;
use jamie_core::{Error, ErrorKind, Result};
use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use super::{
    Cluster,
    autoscalers::AUTOSCALERS,
    kinds::{
        ADMISSION, APPS, BATCH, CORE, NETWORKING, SECRETS, STORAGE, config_map, event, kinds, node, plain,
        secret,
    },
    listing::Kind,
};
use crate::snapshot::{Coverage, Snapshot};

/// Lists in flight at once.
const AT_ONCE: usize = 12;

async fn turn(turns: &Semaphore) -> Option<SemaphorePermit<'_>> {
    turns.acquire().await.ok()
}

impl Cluster {
    /// Looks at everything once.
    pub(super) async fn fetch(&self) -> Result<Snapshot> {
        let deadline = Instant::now() + self.timeout;
        let turns = Semaphore::new(AT_ONCE);
        let mut snapshot = Snapshot {
            cluster: self.context.clone(),
            taken_at: Timestamp::now(),
            ..Snapshot::default()
        };
        macro_rules! lists {
            ($( $field:ident: $type:ty, $decode:expr, $name:literal, $base:expr, $plural:literal, $namespaced:literal; )*) => {
                let (version, secrets, autoscalers, $($field),*) = futures::try_join!(
                    async { Ok::<_, Error>(self.version(deadline).await) }.boxed(),
                    async { let _turn = turn(&turns).await; self.list(SECRETS, secret, deadline).await }.boxed(),
                    async { let _turn = turn(&turns).await; self.list_first(&AUTOSCALERS, deadline).await }.boxed(),
                    $( async {
                        let _turn = turn(&turns).await;
                        self.list(Kind::new($base, $plural, $namespaced), $decode, deadline).await
                    }.boxed() ),*
                )?;
                snapshot.version = version;
                macro_rules! keep {
                    ($kind:literal, $into:ident, $listed:expr) => {
                        let listed = $listed;
                        snapshot.$into = listed.items.into_iter().map(Arc::new).collect();
                        snapshot.coverage.insert($kind, listed.coverage);
                        snapshot.notes.extend(listed.notes);
                    };
                }
                keep!("Secret", secrets, secrets);
                keep!("HorizontalPodAutoscaler", autoscalers, autoscalers);
                $( keep!($name, $field, $field); )*
            };
        }
        kinds!(lists);
        self.complete(snapshot, deadline).await
    }

    /// Refuses a look that saw nothing, and says what a partial one missed.
    pub(super) fn judge(&self, snapshot: &mut Snapshot) -> Result<()> {
        let seen = |coverage: &Coverage| matches!(coverage, Coverage::Complete | Coverage::Namespaces(_));
        let failed = snapshot.coverage.values().find_map(|coverage| match coverage {
            Coverage::Failed(why) => Some(why.clone()),
            _ => None,
        });
        if !snapshot.coverage.values().any(seen) {
            return Err(match failed {
                Some(why) if why.contains("did not answer within") => Error::new(ErrorKind::Timeout, why)
                    .with_hint(
                        "check the network or the API server's load, or allow more time with --timeout",
                    ),
                Some(why) if why.contains("(429)") => {
                    Error::new(ErrorKind::RateLimited, why).with_hint("wait a moment and ask again")
                }
                Some(why) => Error::new(ErrorKind::Unavailable, why)
                    .with_hint("check the control plane; asking again may help"),
                None if snapshot
                    .coverage
                    .values()
                    .any(|coverage| *coverage == Coverage::Forbidden) =>
                {
                    Error::new(
                        ErrorKind::Forbidden,
                        format!(
                            "{} knows me but allows me nothing: not one kind may be listed, not even in `{}`",
                            self.server,
                            self.namespaces_in_play().join("`, `")
                        ),
                    )
                    .with_hint("bind me to the `view` ClusterRole; `jamie doctor` lists what I need")
                }
                None => Error::new(
                    ErrorKind::Unsupported,
                    format!(
                        "{} does not look like a Kubernetes API server: it knows none of its kinds",
                        self.server
                    ),
                )
                .with_hint("check the `server:` address in the kubeconfig"),
            });
        }
        let kinds = |wanted: fn(&Coverage) -> bool| {
            let found: Vec<&str> = snapshot
                .coverage
                .iter()
                .filter(|(_, coverage)| wanted(coverage))
                .map(|(kind, _)| *kind)
                .collect();
            found
        };
        let mut notes = Vec::new();
        let forbidden = kinds(|coverage| *coverage == Coverage::Forbidden);
        if !forbidden.is_empty() {
            notes.push(format!(
                "I am not allowed to look at: {}",
                crate::wording::list(&forbidden, 12)
            ));
        }
        let partly = snapshot.coverage.values().find_map(|coverage| match coverage {
            Coverage::Namespaces(namespaces) => Some(namespaces),
            _ => None,
        });
        if let Some(namespaces) = partly {
            notes.push(format!(
                "I may only look at the namespace{} {}",
                if namespaces.len() == 1 { "" } else { "s" },
                crate::wording::code_list(namespaces, 8)
            ));
        }
        let broken = kinds(|coverage| matches!(coverage, Coverage::Failed(_)));
        if let Some(why) = failed {
            notes.push(format!(
                "could not read {}: {why}",
                crate::wording::list(&broken, 12)
            ));
        }
        let missing = kinds(|coverage| *coverage == Coverage::Missing);
        if !missing.is_empty() {
            notes.push(format!(
                "this server has no {}",
                crate::wording::list(&missing, 12)
            ));
        }
        snapshot.notes.extend(notes);
        Ok(())
    }

    pub(super) async fn version(&self, deadline: Instant) -> Option<(u32, u32)> {
        #[derive(serde::Deserialize)]
        struct Version {
            major: String,
            minor: String,
        }
        let bytes = self.get("/version", 64 * 1024, deadline).await.ok()?;
        let version: Version = serde_json::from_slice(&bytes).ok()?;
        // Providers write "32+".
        let number = |text: &str| {
            text.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .ok()
        };
        Some((number(&version.major)?, number(&version.minor)?))
    }
}
