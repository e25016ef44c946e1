//! The table: rows and conditions in, what LanceDB takes out.

use std::sync::Arc;

use arrow_array::{FixedSizeListArray, Int64Array, RecordBatch, StringArray, types::Float32Type};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use jamie_core::{Error, ErrorKind, Result, memory::Recall};
use lancedb::expr::{DfExpr, col, is_in, lit};

use crate::{
    identity::unique,
    records::{Columns, Row, column, nanoseconds},
};

pub(super) const ID: &str = "id";
pub(super) const KIND: &str = "kind";
pub(super) const PERSON: &str = "person";
pub(super) const TEXT: &str = "text";
pub(super) const VECTOR: &str = "vector";
/// What tells a table from others of the same name, among its metadata.
pub(super) const IDENTITY: &str = "jamie.table";

/// The columns, for vectors of a dimension.
pub(super) fn schema(dimension: usize) -> SchemaRef {
    let number = Arc::new(Field::new("item", DataType::Float32, true));
    let size = i32::try_from(dimension).unwrap_or(i32::MAX);
    Arc::new(Schema::new(vec![
        Field::new(ID, DataType::Int64, false),
        Field::new(KIND, DataType::Utf8, false),
        Field::new(PERSON, DataType::Utf8, false),
        Field::new("conversation", DataType::Utf8, false),
        Field::new("key", DataType::Utf8, true),
        Field::new("grp", DataType::Utf8, true),
        Field::new("at", DataType::Int64, false),
        Field::new(TEXT, DataType::Utf8, false),
        Field::new(VECTOR, DataType::FixedSizeList(number, size), false),
    ]))
}

/// How many numbers the vectors of a table have; none where it has no vectors.
pub(super) fn dimension(schema: &Schema) -> Option<usize> {
    match schema.field_with_name(VECTOR).ok()?.data_type() {
        DataType::FixedSizeList(_, size) => usize::try_from(*size).ok(),
        _ => None,
    }
}

/// The same for a table that is new: it has a name that no other table has had.
pub(super) fn new_schema(dimension: usize) -> SchemaRef {
    let mut schema = Schema::clone(&schema(dimension));
    schema.metadata.insert(IDENTITY.to_owned(), unique());
    Arc::new(schema)
}

/// Rows with their words and vectors as one batch.
pub(super) fn batch(
    rows: &[Row],
    words: Vec<String>,
    vectors: Vec<Vec<f32>>,
    dimension: usize,
) -> Result<RecordBatch> {
    let wrong = |what: String| Error::new(ErrorKind::Internal, what);
    if vectors.len() != rows.len() {
        return Err(wrong(format!(
            "{} texts gave {} vectors",
            rows.len(),
            vectors.len()
        )));
    }
    if let Some(other) = vectors.iter().find(|vector| vector.len() != dimension) {
        return Err(Error::new(
            ErrorKind::Config,
            format!(
                "the embedder gives vectors of {} numbers, and the search index holds some of {dimension}",
                other.len()
            ),
        )
        .with_hint("the model has changed: run `jamie memory rebuild`"));
    }
    let columns: Vec<Columns> = rows.iter().map(|row| Columns::of(&row.record)).collect();
    let texts = |value: fn(&Columns) -> &String| StringArray::from_iter_values(columns.iter().map(value));
    let maybe = |value: fn(&Columns) -> &Option<String>| columns.iter().map(value).collect::<StringArray>();
    let vectors = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
        vectors
            .into_iter()
            .map(|vector| Some(vector.into_iter().map(Some).collect::<Vec<_>>())),
        i32::try_from(dimension).unwrap_or(i32::MAX),
    );
    RecordBatch::try_new(
        schema(dimension),
        vec![
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.id))),
            Arc::new(texts(|columns| &columns.kind)),
            Arc::new(texts(|columns| &columns.person)),
            Arc::new(texts(|columns| &columns.conversation)),
            Arc::new(maybe(|columns| &columns.key)),
            Arc::new(maybe(|columns| &columns.group)),
            Arc::new(Int64Array::from_iter_values(
                columns.iter().map(|columns| columns.at),
            )),
            Arc::new(StringArray::from(words)),
            Arc::new(vectors),
        ],
    )
    .map_err(|error| wrong(format!("rows do not fit the index: {error}")))
}

/// Every condition of a recall but the words.
pub(super) fn fits(recall: &Recall) -> DfExpr {
    let mut all = col(KIND).eq(lit(recall.kind.name()));
    for (name, value) in [
        (PERSON, &recall.person),
        ("conversation", &recall.conversation),
        ("key", &recall.key),
        ("grp", &recall.group),
    ] {
        if let Some(value) = value {
            all = all.and(col(name).eq(lit(column(value))));
        }
    }
    if let Some(since) = recall.since {
        all = all.and(col("at").gt_eq(lit(nanoseconds(since))));
    }
    if let Some(until) = recall.until {
        all = all.and(col("at").lt(lit(nanoseconds(until))));
    }
    all
}

/// Rows with one of these ids.
pub(super) fn among(ids: &[i64]) -> DfExpr {
    is_in(col(ID), ids.iter().map(|id| lit(*id)).collect())
}

/// Rows with a larger id.
pub(super) fn after(id: i64) -> DfExpr {
    col(ID).gt(lit(id))
}
