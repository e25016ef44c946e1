//! Conditions in, the part of a statement that holds them out, every value bound and none written into the text.

use jamie_core::memory::{Forget, Kind, Recall, Record};
use jiff::Timestamp;
use sqlx::{Database, Encode, QueryBuilder, Type};

/// What every database here binds.
pub(super) trait Binds: Database {
    fn text(query: &mut QueryBuilder<Self>, value: String);
    fn number(query: &mut QueryBuilder<Self>, value: i64);
}

impl<DB> Binds for DB
where
    DB: Database,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
{
    fn text(query: &mut QueryBuilder<Self>, value: String) {
        query.push_bind(value);
    }

    fn number(query: &mut QueryBuilder<Self>, value: i64) {
        query.push_bind(value);
    }
}

/// The columns of a record beside its id and body.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) kind: String,
    pub(crate) person: String,
    pub(crate) conversation: String,
    pub(crate) at: i64,
    pub(crate) key: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) words: String,
}

impl Columns {
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            kind: record.kind().name().to_owned(),
            person: column(&record.person),
            conversation: column(&record.conversation),
            at: nanoseconds(record.at),
            key: record.key().as_deref().map(column),
            group: record.group().as_deref().map(column),
            words: column(&record.words()),
        }
    }
}

/// A value as it stands in a column: `PostgreSQL` takes no NUL. The body, which is JSON, keeps it.
pub(crate) fn column(value: &str) -> String {
    value.replace('\0', "\u{fffd}")
}

/// Nanoseconds since 1970; what lies centuries away is cut to what fits.
pub(crate) fn nanoseconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(if at < Timestamp::UNIX_EPOCH {
        i64::MIN
    } else {
        i64::MAX
    })
}

/// `WHERE` with every condition of a recall but the words.
pub(super) fn recalled<DB: Binds>(query: &mut QueryBuilder<DB>, recall: &Recall) {
    query.push(" WHERE r.kind = ");
    DB::text(query, recall.kind.name().to_owned());
    equal(query, "r.person", recall.person.as_deref());
    equal(query, "r.conversation", recall.conversation.as_deref());
    equal(query, "r.key", recall.key.as_deref());
    equal(query, "r.grp", recall.group.as_deref());
    if let Some(since) = recall.since {
        query.push(" AND r.at >= ");
        DB::number(query, nanoseconds(since));
    }
    if let Some(until) = recall.until {
        query.push(" AND r.at < ");
        DB::number(query, nanoseconds(until));
    }
}

/// `LIMIT` and `OFFSET` of a recall.
pub(super) fn paged<DB: Binds>(query: &mut QueryBuilder<DB>, recall: &Recall) {
    query.push(" LIMIT ");
    DB::number(query, whole(recall.limit));
    query.push(" OFFSET ");
    DB::number(query, whole(recall.skip));
}

/// `WHERE` with every condition of a removal; the filter has at least one.
pub(super) fn forgotten<DB: Binds>(query: &mut QueryBuilder<DB>, forget: &Forget) {
    query.push(" WHERE 1 = 1");
    if let Some(id) = &forget.id {
        query.push(" AND id = ");
        // An id that is no number names no row.
        DB::number(query, id.parse().unwrap_or(-1));
    }
    equal(query, "kind", forget.kind.map(Kind::name));
    equal(query, "person", forget.person.as_deref());
    equal(query, "conversation", forget.conversation.as_deref());
    equal(query, "key", forget.key.as_deref());
    equal(query, "grp", forget.group.as_deref());
    if let Some(before) = forget.before {
        query.push(" AND at < ");
        DB::number(query, nanoseconds(before));
    }
}

/// ` IN (…)` with these ids.
pub(super) fn among<DB: Binds>(query: &mut QueryBuilder<DB>, ids: &[i64]) {
    query.push(" IN (");
    for (n, id) in ids.iter().enumerate() {
        if n > 0 {
            query.push(", ");
        }
        DB::number(query, *id);
    }
    query.push(")");
}

fn equal<DB: Binds>(query: &mut QueryBuilder<DB>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        query.push(" AND ").push(name).push(" = ");
        DB::text(query, column(value));
    }
}

pub(super) fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
