//! Entities as JSON texts.

use portcullis_types::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Result, StoreError};

/// The JSON of an entity, or of rows that one parameter carries into a statement.
pub(crate) fn encode<T: Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|source| StoreError::Encode { what, source })
}

/// Reads a stored entity.
pub(crate) fn decode<T: DeserializeOwned>(what: &str, id: &str, body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|source| StoreError::corrupt(format!("{what} {id}"), source))
}

/// The ordinal of a statement, as its column has it.
pub(crate) fn statement(record_id: &str, column: i64) -> Result<u32> {
    u32::try_from(column)
        .map_err(|source| StoreError::corrupt(format!("statement of record {record_id}"), source))
}

/// An optional instant, as its column has it.
pub(crate) fn instant(column: Option<i64>) -> Option<Timestamp> {
    column.map(Timestamp::from_micros)
}
