//! A folder in, records in one `SQLite` file in it out.

use std::{path::Path, time::Duration};

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, Result};
use sqlx::{
    Pool, QueryBuilder, Sqlite, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    fault::{fault, migration},
    select::{Binds, Columns},
    sql::{Dialect, Sql},
};

/// The file in the folder.
pub(crate) const FILE: &str = "memory.sqlite";

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Connections that read at the same time.
const READERS: u32 = 4;
/// The longest wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// Opens the records in a folder, which is made where there is none; only its owner may look into it.
pub(super) async fn open(folder: &Path) -> Result<Sql<Sqlite>> {
    let file = folder.join(FILE);
    let place = format!("in {}", file.display());
    make(folder)?;
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What is acknowledged outlives a power cut as well.
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY)
        .statement_cache_capacity(64);
    let writing = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(2 * BUSY)
        .connect_with(options.clone())
        .await
        .map_err(|error| fault(error, &place))?;
    MIGRATIONS
        .run(&writing)
        .await
        .map_err(|error| migration(error, &place))?;
    let reading = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(2 * BUSY)
        .connect_lazy_with(options.optimize_on_close(false, None));
    Ok(Sql::new(reading, writing, place))
}

fn make(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        Error::new(
            ErrorKind::Forbidden,
            format!("the memory folder {} cannot be made: {error}", folder.display()),
        )
        .with_hint("give Jamie the right to write there, or set memory.folder to another")
    })
}

#[async_trait]
impl Dialect for Sqlite {
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    // The full text index knows ranges of its own ids alone.
    const FOUND: &'static str = "words.rowid";
    const DROP_WORDS: Option<&'static str> = Some("DELETE FROM words WHERE rowid");

    async fn order_writes(_connection: &mut SqliteConnection) -> sqlx::Result<()> {
        // One transaction writes at a time.
        Ok(())
    }

    async fn insert(connection: &mut SqliteConnection, columns: Columns, body: String) -> sqlx::Result<i64> {
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO records (kind, person, conversation, at, key, grp, body) VALUES (?, ?, ?, ?, ?, ?, ?) \
             RETURNING id",
        )
        .bind(columns.kind)
        .bind(columns.person)
        .bind(columns.conversation)
        .bind(columns.at)
        .bind(columns.key)
        .bind(columns.group)
        .bind(body)
        .fetch_one(&mut *connection)
        .await?;
        sqlx::query("INSERT INTO words (rowid, text) VALUES (?, ?)")
            .bind(id)
            .bind(columns.words)
            .execute(connection)
            .await?;
        Ok(id)
    }

    fn search(query: &mut QueryBuilder<Self>, _terms: &[String]) {
        // bm25 is the smaller the better.
        query.push("SELECT r.id, -bm25(words) AS score FROM words JOIN records r ON r.id = words.rowid");
    }

    fn fits(query: &mut QueryBuilder<Self>, terms: &[String]) {
        let terms: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
        query.push(" AND words MATCH ");
        Self::text(query, terms.join(" OR "));
    }

    async fn scrub(pool: &Pool<Self>) -> sqlx::Result<()> {
        // The full text index keeps what was deleted until its parts are merged.
        sqlx::query("INSERT INTO words (words) VALUES ('optimize')")
            .execute(pool)
            .await?;
        // Overwriting what is deleted is not enough: pages that were rearranged keep copies in their unused parts.
        sqlx::query("VACUUM").execute(pool).await?;
        truncate_log(pool).await
    }
}

/// Writes the log into the file and empties it. A reader in between holds the log; it is waited for.
async fn truncate_log(pool: &SqlitePool) -> sqlx::Result<()> {
    const TRIES: u32 = 50;
    for _ in 0..TRIES {
        let (busy, ..): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(pool)
            .await?;
        if busy == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(sqlx::Error::PoolTimedOut)
}
