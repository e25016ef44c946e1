//! What holds for every database: the statements of [`Records`], written once; a [`Dialect`] adds what differs.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Result,
    memory::{Forget, Kind, Recall, Record},
};
use jiff::Timestamp;
use sqlx::{ColumnIndex, Decode, Executor, FromRow, IntoArguments, Pool, QueryBuilder, Type};

use super::{
    Gone, Keep, Records, Row,
    fault::fault,
    select::{self, Binds, Columns, among, whole},
    writer::{Commit, Prepared, Writer},
};
use crate::terms::{SEARCHED, terms};

/// Rows that are removed in one transaction. SQLite merges its full text index meanwhile, and everybody who writes waits.
const REMOVED_AT_ONCE: i64 = 500;

/// What differs between databases.
#[async_trait]
pub(super) trait Dialect: Binds {
    /// Begins a transaction that will write.
    const BEGIN: &'static str;
    /// The column by which a search tells rows that it may pass over without looking at their words.
    const FOUND: &'static str;
    /// What takes a record's words out of the full text index, up to the condition that says which rows; none where
    /// they go with the row.
    const DROP_WORDS: Option<&'static str>;

    /// Makes sure that what this transaction writes becomes visible in the order of its ids.
    async fn order_writes(connection: &mut Self::Connection) -> sqlx::Result<()>;
    /// Inserts a record and its words, and gives its id.
    async fn insert(connection: &mut Self::Connection, columns: Columns, body: String) -> sqlx::Result<i64>;
    /// The statement up to `WHERE` that finds rows `r` with a `score`, the larger the better.
    fn search(query: &mut QueryBuilder<Self>, terms: &[String]);
    /// The condition, after `WHERE …`, that the words fit.
    fn fits(query: &mut QueryBuilder<Self>, terms: &[String]);
    /// Makes sure that nothing of removed rows is left in any file.
    async fn scrub(pool: &Pool<Self>) -> sqlx::Result<()>;
}

/// Records in a database.
pub(super) struct Sql<D: Dialect> {
    tables: Arc<Tables<D>>,
    writer: Writer,
}

/// The connections.
pub(super) struct Tables<D: Dialect> {
    reading: Pool<D>,
    writing: Pool<D>,
    /// What errors call it; no secret in it.
    place: String,
}

impl<D: Dialect> fmt::Debug for Sql<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sql")
            .field("place", &self.tables.place)
            .finish_non_exhaustive()
    }
}

impl<D: Dialect> fmt::Debug for Tables<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl<D> Sql<D>
where
    D: Dialect,
    Tables<D>: Commit,
{
    /// Records in tables that exist.
    pub(super) fn new(reading: Pool<D>, writing: Pool<D>, place: String) -> Self {
        let tables = Arc::new(Tables {
            reading,
            writing,
            place,
        });
        let writer = Writer::start(Arc::clone(&tables) as Arc<dyn Commit>);
        Self { tables, writer }
    }
}

impl<D: Dialect> Sql<D> {
    pub(super) fn tables(&self) -> &Tables<D> {
        &self.tables
    }
}

impl<D: Dialect> Tables<D> {
    pub(super) fn reading(&self) -> &Pool<D> {
        &self.reading
    }

    pub(super) fn writing(&self) -> &Pool<D> {
        &self.writing
    }

    pub(super) fn fault(&self, error: sqlx::Error) -> jamie_core::Error {
        fault(error, &self.place)
    }
}

#[async_trait]
impl<D> Commit for Tables<D>
where
    D: Dialect,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    (i64,): for<'r> FromRow<'r, D::Row>,
    i64: for<'r> Decode<'r, D> + Type<D>,
    usize: ColumnIndex<D::Row>,
{
    async fn commit(&self, records: &[Prepared]) -> Result<Vec<i64>> {
        let fault = |error| self.fault(error);
        let mut transaction = self.writing.begin_with(D::BEGIN).await.map_err(fault)?;
        D::order_writes(&mut transaction).await.map_err(fault)?;
        let mut ids = Vec::with_capacity(records.len());
        for prepared in records {
            let columns = Columns::of(&prepared.record);
            if let Some(key) = columns.key.clone() {
                let kind = columns.kind.clone();
                remove::<D>(&mut transaction, |query| {
                    query.push(" WHERE kind = ");
                    D::text(query, kind.clone());
                    query.push(" AND key = ");
                    D::text(query, key.clone());
                })
                .await
                .map_err(fault)?;
            }
            let id = D::insert(&mut transaction, columns, prepared.body.clone()).await;
            ids.push(id.map_err(fault)?);
        }
        transaction.commit().await.map_err(fault)?;
        Ok(ids)
    }
}

/// Removes the rows that fit, notes that they are gone, and gives how many they were.
async fn remove<D>(
    connection: &mut D::Connection,
    condition: impl Fn(&mut QueryBuilder<D>),
) -> sqlx::Result<u64>
where
    D: Dialect,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    (i64,): for<'r> FromRow<'r, D::Row>,
{
    let mut find = QueryBuilder::<D>::new("SELECT id FROM records");
    condition(&mut find);
    find.push(" ORDER BY id LIMIT ");
    D::number(&mut find, REMOVED_AT_ONCE);
    let found: Vec<(i64,)> = find.build_query_as().fetch_all(&mut *connection).await?;
    let ids: Vec<i64> = found.into_iter().map(|(id,)| id).collect();
    for some in ids.chunks(500) {
        let mut statements = vec!["INSERT INTO gone (id) SELECT id FROM records WHERE id"];
        statements.extend(D::DROP_WORDS);
        statements.push("DELETE FROM records WHERE id");
        for statement in statements {
            let mut query = QueryBuilder::<D>::new(statement);
            among(&mut query, some);
            query.build().execute(&mut *connection).await?;
        }
    }
    Ok(ids.len() as u64)
}

impl<D> Sql<D>
where
    D: Dialect,
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    D::Arguments: IntoArguments<D>,
    (i64,): for<'r> FromRow<'r, D::Row>,
    (i64, String): for<'r> FromRow<'r, D::Row>,
{
    async fn rows(&self, mut query: QueryBuilder<D>) -> Result<Vec<Row>> {
        let found: Vec<(i64, String)> = query
            .build_query_as()
            .fetch_all(&self.tables.reading)
            .await
            .map_err(|error| self.tables.fault(error))?;
        found.into_iter().map(|(id, body)| Row::read(id, &body)).collect()
    }

    /// Removes in bounded transactions until nothing fits any more.
    async fn remove_all(&self, condition: impl Fn(&mut QueryBuilder<D>) + Send + Sync) -> Result<u64> {
        let fault = |error| self.tables.fault(error);
        let mut removed = 0;
        loop {
            let mut transaction = self.tables.writing.begin_with(D::BEGIN).await.map_err(fault)?;
            let gone = remove::<D>(&mut transaction, &condition).await.map_err(fault)?;
            transaction.commit().await.map_err(fault)?;
            removed += gone;
            if gone < REMOVED_AT_ONCE.unsigned_abs() {
                return Ok(removed);
            }
        }
    }

    async fn pairs(&self, mut query: QueryBuilder<D>) -> Result<Vec<(i64, String)>> {
        let found = query.build_query_as().fetch_all(&self.tables.reading).await;
        found.map_err(|error| self.tables.fault(error))
    }
}

#[async_trait]
impl<D> Records for Sql<D>
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
    async fn insert(&self, records: Vec<Record>) -> Result<Vec<Row>> {
        self.writer.write(records).await
    }

    async fn find(&self, recall: &Recall) -> Result<Vec<Row>> {
        let mut query = QueryBuilder::new("SELECT r.id, r.body FROM records r");
        select::recalled(&mut query, recall);
        query.push(" ORDER BY r.id DESC");
        select::paged(&mut query, recall);
        self.rows(query).await
    }

    async fn search(&self, recall: &Recall, after: i64) -> Result<Vec<(i64, f64)>> {
        let terms = terms(recall.text.as_deref().unwrap_or_default(), SEARCHED);
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("");
        D::search(&mut query, &terms);
        select::recalled(&mut query, recall);
        D::fits(&mut query, &terms);
        query.push(" AND ").push(D::FOUND).push(" > ");
        D::number(&mut query, after);
        query.push(" ORDER BY score DESC, r.id DESC");
        select::paged(&mut query, recall);
        let found = query.build_query_as().fetch_all(&self.tables.reading).await;
        found.map_err(|error| self.tables.fault(error))
    }

    async fn get(&self, ids: &[i64]) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(ids.len());
        for some in ids.chunks(500) {
            let mut query = QueryBuilder::new("SELECT id, body FROM records WHERE id");
            among(&mut query, some);
            rows.extend(self.rows(query).await?);
        }
        Ok(rows)
    }

    async fn after(&self, id: i64, limit: usize) -> Result<Vec<Row>> {
        let mut query = QueryBuilder::new("SELECT id, body FROM records WHERE id > ");
        D::number(&mut query, id);
        query.push(" ORDER BY id LIMIT ");
        D::number(&mut query, whole(limit));
        self.rows(query).await
    }

    async fn remove(&self, forget: &Forget) -> Result<u64> {
        forget.check()?;
        self.remove_all(|query| select::forgotten(query, forget)).await
    }

    async fn trim(&self, kind: Kind, keep: Keep, now: Timestamp) -> Result<u64> {
        let mut removed = 0;
        if let Some(before) = keep.before(now) {
            let old = Forget {
                kind: Some(kind),
                before: Some(before),
                ..Forget::default()
            };
            removed += self.remove(&old).await?;
        }
        if let Some(most) = keep.most {
            let mut query = QueryBuilder::new("SELECT id, kind FROM records WHERE kind = ");
            D::text(&mut query, kind.name().to_owned());
            query.push(" ORDER BY id DESC LIMIT 1 OFFSET ");
            D::number(&mut query, i64::try_from(most).unwrap_or(i64::MAX));
            if let Some((last, _)) = self.pairs(query).await?.into_iter().next() {
                removed += self
                    .remove_all(|query| {
                        query.push(" WHERE kind = ");
                        D::text(query, kind.name().to_owned());
                        query.push(" AND id <= ");
                        D::number(query, last);
                    })
                    .await?;
            }
        }
        Ok(removed)
    }

    async fn gone(&self, number: i64, limit: usize) -> Result<Vec<Gone>> {
        let mut query = QueryBuilder::new("SELECT number, id FROM gone WHERE number > ");
        D::number(&mut query, number);
        query.push(" ORDER BY number LIMIT ");
        D::number(&mut query, whole(limit));
        let found: Vec<(i64, i64)> = query
            .build_query_as()
            .fetch_all(&self.tables.reading)
            .await
            .map_err(|error| self.tables.fault(error))?;
        Ok(found
            .into_iter()
            .map(|(number, id)| Gone { number, id })
            .collect())
    }

    async fn forget_gone(&self, number: i64) -> Result<()> {
        let mut query = QueryBuilder::<D>::new("DELETE FROM gone WHERE number <= ");
        D::number(&mut query, number);
        let done = query.build().execute(&self.tables.writing).await;
        done.map(|_| ()).map_err(|error| self.tables.fault(error))
    }

    async fn scrub(&self) -> Result<()> {
        let scrubbed = D::scrub(&self.tables.writing).await;
        scrubbed.map_err(|error| self.tables.fault(error))
    }

    async fn setting(&self, name: &str) -> Result<Option<String>> {
        let mut query = QueryBuilder::new("SELECT CAST(0 AS BIGINT), value FROM settings WHERE name = ");
        D::text(&mut query, name.to_owned());
        let found = self.pairs(query).await?;
        Ok(found.into_iter().next().map(|(_, value)| value))
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let mut query = QueryBuilder::<D>::new("INSERT INTO settings (name, value) VALUES (");
        D::text(&mut query, name.to_owned());
        query.push(", ");
        D::text(&mut query, value.to_owned());
        query.push(") ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        let done = query.build().execute(&self.tables.writing).await;
        done.map(|_| ()).map_err(|error| self.tables.fault(error))
    }

    async fn lease(&self, name: &str, holder: &str, lasts: Duration) -> Result<bool> {
        let now = Timestamp::now().as_millisecond();
        let until = now.saturating_add(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX));
        let mut query = QueryBuilder::<D>::new("INSERT INTO leases (name, holder, until) VALUES (");
        D::text(&mut query, name.to_owned());
        query.push(", ");
        D::text(&mut query, holder.to_owned());
        query.push(", ");
        D::number(&mut query, until);
        query.push(
            ") ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
             WHERE leases.holder = excluded.holder OR leases.until < ",
        );
        D::number(&mut query, now);
        query.push(" RETURNING until, holder");
        let held: Vec<(i64, String)> = query
            .build_query_as()
            .fetch_all(&self.tables.writing)
            .await
            .map_err(|error| self.tables.fault(error))?;
        Ok(!held.is_empty())
    }

    async fn release(&self, name: &str, holder: &str) -> Result<()> {
        let mut query = QueryBuilder::<D>::new("DELETE FROM leases WHERE name = ");
        D::text(&mut query, name.to_owned());
        query.push(" AND holder = ");
        D::text(&mut query, holder.to_owned());
        let done = query.build().execute(&self.tables.writing).await;
        done.map(|_| ()).map_err(|error| self.tables.fault(error))
    }

    async fn newest(&self) -> Result<i64> {
        let query = QueryBuilder::new("SELECT COALESCE(MAX(id), 0), '' FROM records");
        let found = self.pairs(query).await?;
        Ok(found.first().map_or(0, |(id, _)| *id))
    }

    async fn count_after(&self, id: i64) -> Result<u64> {
        let mut query = QueryBuilder::new("SELECT COUNT(*), '' FROM records WHERE id > ");
        D::number(&mut query, id);
        let found = self.pairs(query).await?;
        Ok(found.first().map_or(0, |(count, _)| count.unsigned_abs()))
    }

    async fn count(&self) -> Result<BTreeMap<Kind, u64>> {
        let query = QueryBuilder::new("SELECT COUNT(*), kind FROM records GROUP BY kind");
        let found = self.pairs(query).await?;
        Ok(found
            .into_iter()
            .filter_map(|(count, kind)| Some((Kind::named(&kind)?, count.unsigned_abs())))
            .collect())
    }

    fn place(&self) -> &str {
        &self.tables.place
    }

    async fn close(&self) {
        self.tables.writing.close().await;
        self.tables.reading.close().await;
    }
}
