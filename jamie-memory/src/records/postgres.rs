//! A server's address in, records in tables of one of its schemas out.

use std::{str::FromStr, time::Duration};

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, Result};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, PgConnection, Pool, Postgres, QueryBuilder,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{
    fault::{fault, migration},
    select::{Binds, Columns},
    sql::{Dialect, Sql},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Connections at the same time, reading and writing each.
const CONNECTIONS: u32 = 8;
/// The longest wait for a connection.
const WAIT: Duration = Duration::from_secs(3);
/// The lock that puts writers in line: any number will do, as long as it is always the same.
const LINE: i64 = 0x006a_616d_6965;

/// Opens the records in a schema, which is made where there is none.
pub(super) async fn open(url: &SecretString, schema: &str) -> Result<Sql<Postgres>> {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if schema.is_empty() || schema.len() > 60 || !schema.chars().all(named) {
        return Err(Error::new(
            ErrorKind::Config,
            format!("{schema:?} cannot be the name of a schema"),
        )
        .with_hint("memory.schema takes lower-case letters, digits and underscores"));
    }
    // What the parser says may quote the password.
    let unreadable = || {
        Error::new(ErrorKind::Config, "memory.url cannot be read")
            .with_hint("it is written postgres://user:password@host:5432/database")
    };
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.expose_secret().starts_with(scheme))
    {
        return Err(unreadable());
    }
    let options = PgConnectOptions::from_str(url.expose_secret()).map_err(|_| unreadable())?;
    let place = format!(
        "in PostgreSQL at {}:{}, schema {schema}",
        options.get_host(),
        options.get_port()
    );
    let options = options
        .application_name(&format!("jamie {schema}"))
        .options([("search_path", schema)]);
    let pool = || {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(WAIT)
            .connect_lazy_with(options.clone())
    };
    let writing = pool();
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}")))
        .execute(&writing)
        .await
        .map_err(|error| fault(error, &place))?;
    MIGRATIONS
        .run(&writing)
        .await
        .map_err(|error| migration(error, &place))?;
    Ok(Sql::new(pool(), writing, place))
}

#[async_trait]
impl Dialect for Postgres {
    const BEGIN: &'static str = "BEGIN";
    const FOUND: &'static str = "r.id";
    const DROP_WORDS: Option<&'static str> = None;

    async fn order_writes(connection: &mut PgConnection) -> sqlx::Result<()> {
        // Without it a smaller id could become visible after a larger one, and whoever follows would never see it.
        sqlx::query("SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))")
            .bind(i32::try_from(LINE & 0x7fff_ffff).unwrap_or_default())
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn insert(connection: &mut PgConnection, columns: Columns, body: String) -> sqlx::Result<i64> {
        sqlx::query_scalar(
            "INSERT INTO records (kind, person, conversation, at, key, grp, body, words) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, to_tsvector('english', left($8, 250000))) RETURNING id",
        )
        .bind(columns.kind)
        .bind(columns.person)
        .bind(columns.conversation)
        .bind(columns.at)
        .bind(columns.key)
        .bind(columns.group)
        .bind(body)
        .bind(columns.words)
        .fetch_one(connection)
        .await
    }

    fn search(query: &mut QueryBuilder<Self>, terms: &[String]) {
        query.push("SELECT r.id, CAST(ts_rank_cd(r.words, to_tsquery('english', ");
        Self::text(query, any_of(terms));
        query.push("), 1) AS DOUBLE PRECISION) AS score FROM records r");
    }

    fn fits(query: &mut QueryBuilder<Self>, terms: &[String]) {
        query.push(" AND r.words @@ to_tsquery('english', ");
        Self::text(query, any_of(terms));
        query.push(")");
    }

    async fn scrub(pool: &Pool<Self>) -> sqlx::Result<()> {
        sqlx::query("VACUUM records").execute(pool).await?;
        Ok(())
    }
}

/// Terms have letters and digits only.
fn any_of(terms: &[String]) -> String {
    terms.join(" | ")
}
