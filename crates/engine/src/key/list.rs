use portcullis_store::{SigningKeyRow, SigningKeyState};
use portcullis_types::key::{KeyState, KeySummary};

use super::COLLECTION;
use crate::{Cx, Portcullis, Result};

/// Lists the signing keys, the oldest first.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Keys`.
pub async fn list(portcullis: &Portcullis, cx: &Cx) -> Result<Vec<KeySummary>> {
    portcullis.rights(cx).await?.require("READ", COLLECTION)?;
    let rows = portcullis.read().await?.queries().signing_keys().await?;
    Ok(rows.into_iter().map(summary).collect())
}

pub(super) fn summary(row: SigningKeyRow) -> KeySummary {
    KeySummary {
        key_id: row.kid,
        algorithm: row.algorithm,
        state: match row.state {
            SigningKeyState::Next => KeyState::Next,
            SigningKeyState::Active => KeyState::Active,
            SigningKeyState::Retired => KeyState::Retired,
        },
        created_at: row.created_at,
        activates_at: row.activates_at,
        retired_at: row.retired_at,
        expires_at: row.expires_at,
    }
}
