//! The keys that sign this installation's tokens, as administrators see and replace them (`/v1/keys`).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// A signing key's part in the key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published and not used yet, so that everybody knows it before the first token that it signs.
    Next,
    /// Signs.
    Active,
    /// Only verifies, until the last token that it can have signed has expired.
    Retired,
}

/// A signing key, without its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeySummary {
    /// The name under which tokens refer to it (`kid`).
    pub key_id: String,
    /// `EdDSA`, `ES256` or `RS256`.
    pub algorithm: String,
    /// Its part in the key set.
    pub state: KeyState,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// From when it signs; only of a key that is next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub activates_at: Option<Timestamp>,
    /// When it stopped signing; only of a retired key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retired_at: Option<Timestamp>,
    /// Until when it verifies; only of a retired key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// The signing keys, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyCollection {
    /// All of them: a handful.
    pub keys: Vec<KeySummary>,
}

/// What is to be replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotateKeyBody {
    /// `EdDSA` (also when absent), `ES256` or `RS256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
}
