use portcullis_types::Timestamp;
use portcullis_types::authress::Statement;
use serde::{Deserialize, Serialize};

/// A user's token that is limited to statements, so that it can be looked up by its id and disabled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredToken {
    /// `jti` of the token.
    pub token_id: String,
    /// `sub` of the token.
    pub user_id: String,
    /// What the token is limited to; only roles and resources count.
    pub statements: Vec<Statement>,
    /// `exp` of the token.
    pub expires_at: Timestamp,
    /// When it was disabled.
    pub revoked_at: Option<Timestamp>,
}
