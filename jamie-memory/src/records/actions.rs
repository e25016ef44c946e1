//! Actions and their audit in the database that holds the records: parked, replaced if the version fits, leased for as
//! long as whoever carries them out lives.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Action, ActionStore, Error, ErrorKind, Result,
    action::{ActionState, AuditEntry, Lease},
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{ColumnIndex, Decode, Executor, FromRow, IntoArguments, QueryBuilder, Type};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    Records,
    select::{column, whole},
    sql::{Dialect, Sql},
};
use crate::identity::unique;

/// How long the lease of a process that has died keeps others from the action.
const LEASE: Duration = Duration::from_secs(20);

/// Actions in a database.
pub(super) struct SqlActions<D: Dialect> {
    records: Arc<Sql<D>>,
    /// How long what is over stays.
    keep: Duration,
}

impl<D: Dialect> fmt::Debug for SqlActions<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlActions")
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}

impl<D: Dialect> SqlActions<D> {
    pub(super) fn new(records: Sql<D>, keep: Duration) -> Self {
        Self {
            records: Arc::new(records),
            keep,
        }
    }
}

impl<D> SqlActions<D>
where
    D: Dialect,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    (i64,): for<'r> FromRow<'r, D::Row>,
    (i64, String): for<'r> FromRow<'r, D::Row>,
{
    /// Runs a statement that writes; whether it found its row.
    async fn write(&self, mut query: QueryBuilder<D>) -> Result<bool> {
        let tables = self.records.tables();
        let found: Vec<(i64,)> = query
            .build_query_as()
            .fetch_all(tables.writing())
            .await
            .map_err(|error| tables.fault(error))?;
        Ok(!found.is_empty())
    }

    async fn bodies(&self, mut query: QueryBuilder<D>) -> Result<Vec<String>> {
        let tables = self.records.tables();
        let found: Vec<(i64, String)> = query
            .build_query_as()
            .fetch_all(tables.reading())
            .await
            .map_err(|error| tables.fault(error))?;
        Ok(found.into_iter().map(|(_, body)| body).collect())
    }

    /// Removes what has been over, or has waited in vain, for longer than it is kept.
    async fn prune(&self) -> Result<()> {
        let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
        let mut query = QueryBuilder::new("DELETE FROM actions WHERE running = 0 AND changed < ");
        D::number(&mut query, Timestamp::now().as_millisecond().saturating_sub(keep));
        query.push(" RETURNING number");
        self.write(query).await.map(|_| ())
    }

    /// Readable ones; one that is not is warned about and hides no other.
    fn readable<T: DeserializeOwned>(bodies: Vec<String>) -> Vec<T> {
        bodies
            .iter()
            .filter_map(|body| {
                read(body)
                    .inspect_err(
                        |error| tracing::warn!(%error, hint = error.hint(), "in the store of actions"),
                    )
                    .ok()
            })
            .collect()
    }
}

/// Pushes the columns of an action that change with it, each after what `name` makes of its name.
fn changing<D: Dialect>(query: &mut QueryBuilder<D>, action: &Action, names: [&str; 4]) -> Result<()> {
    let [version, changed, running, body] = names;
    query.push(version);
    D::number(query, i64::try_from(action.version).unwrap_or(i64::MAX));
    query.push(changed);
    D::number(query, Timestamp::now().as_millisecond());
    query.push(running);
    D::number(query, i64::from(action.state == ActionState::Running));
    query.push(body);
    D::text(query, written(action)?);
    Ok(())
}

fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| {
        Error::new(ErrorKind::Internal, "an action cannot be written as JSON").with_source(error)
    })
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("an action in the memory's database cannot be read: {error}"),
        )
        .with_hint("it may have been written by a newer Jamie; start that version")
    })
}

#[async_trait]
impl<D> ActionStore for SqlActions<D>
where
    D: Dialect,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    i64: for<'r> Decode<'r, D> + Type<D>,
    (i64,): for<'r> FromRow<'r, D::Row>,
    (i64, i64): for<'r> FromRow<'r, D::Row>,
    (i64, f64): for<'r> FromRow<'r, D::Row>,
    (i64, String): for<'r> FromRow<'r, D::Row>,
    usize: ColumnIndex<D::Row>,
{
    async fn park(&self, action: Action) -> Result<()> {
        self.prune().await?;
        let mut query =
            QueryBuilder::new("INSERT INTO actions (id, asked_at, version, changed, running, body) VALUES (");
        D::text(&mut query, column(&action.id));
        query.push(", ");
        D::number(&mut query, action.asked_at.as_microsecond());
        changing(&mut query, &action, [", "; 4])?;
        query.push(") ON CONFLICT (id) DO NOTHING RETURNING number");
        if self.write(query).await? {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidInput,
            format!("there is an action {} already", action.id),
        ))
    }

    async fn get(&self, id: &str) -> Result<Option<Action>> {
        let mut query = QueryBuilder::new("SELECT number, body FROM actions WHERE id = ");
        D::text(&mut query, column(id));
        let bodies = self.bodies(query).await?;
        let action: Option<Action> = bodies.first().map(|body| read(body)).transpose()?;
        Ok(action.filter(|action| action.id == id))
    }

    async fn list(&self, limit: usize) -> Result<Vec<Action>> {
        let mut query =
            QueryBuilder::new("SELECT number, body FROM actions ORDER BY asked_at DESC, number DESC LIMIT ");
        D::number(&mut query, whole(limit));
        Ok(Self::readable(self.bodies(query).await?))
    }

    async fn replace(&self, action: Action) -> Result<bool> {
        let Some(before) = action.version.checked_sub(1) else {
            return Ok(false);
        };
        let mut query = QueryBuilder::new("UPDATE actions SET ");
        let names = ["version = ", ", changed = ", ", running = ", ", body = "];
        changing(&mut query, &action, names)?;
        query.push(" WHERE id = ");
        D::text(&mut query, column(&action.id));
        query.push(" AND version = ");
        D::number(&mut query, i64::try_from(before).unwrap_or(i64::MAX));
        query.push(" RETURNING number");
        self.write(query).await
    }

    async fn lease(&self, id: &str) -> Result<Option<Lease>> {
        let (name, holder) = (format!("action:{}", column(id)), unique());
        if !self.records.lease(&name, &holder, LEASE).await? {
            return Ok(None);
        }
        let stop = CancellationToken::new();
        let held: DropGuard = stop.clone().drop_guard();
        let records = Arc::clone(&self.records);
        tokio::spawn(async move {
            // What fails once may work the next time: a lease outlives two that fail.
            while stop
                .run_until_cancelled(tokio::time::sleep(LEASE / 4))
                .await
                .is_some()
            {
                match records.lease(&name, &holder, LEASE).await {
                    Ok(true) => {}
                    Ok(false) => {
                        tracing::warn!(
                            name,
                            "somebody else has taken over an action that is carried out here"
                        );
                    }
                    Err(error) => tracing::warn!(%error, "the lease of an action could not be kept"),
                }
            }
            if let Err(error) = records.release(&name, &holder).await {
                tracing::debug!(%error, "the lease of an action runs out by itself");
            }
        });
        Ok(Some(Lease::new(held)))
    }

    async fn record(&self, entry: AuditEntry) -> Result<()> {
        let mut query = QueryBuilder::new("INSERT INTO audit (action, body) VALUES (");
        D::text(&mut query, column(&entry.action));
        query.push(", ");
        D::text(&mut query, written(&entry)?);
        query.push(") RETURNING number");
        self.write(query).await.map(|_| ())
    }

    async fn audit(&self, action: Option<&str>, limit: usize) -> Result<Vec<AuditEntry>> {
        let mut query = QueryBuilder::new("SELECT number, body FROM audit");
        if let Some(action) = action {
            query.push(" WHERE action = ");
            D::text(&mut query, column(action));
        }
        query.push(" ORDER BY number DESC LIMIT ");
        D::number(&mut query, whole(limit));
        Ok(Self::readable(self.bodies(query).await?))
    }
}
