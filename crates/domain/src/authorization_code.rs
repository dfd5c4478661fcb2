use portcullis_types::Timestamp;
use serde::{Deserialize, Serialize};

/// An authorization code as it is stored (RFC 6749 §4.1.2): nothing of it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// The first part of its text.
    pub code_id: String,
    /// SHA-256 of the second part of its text.
    pub digest: [u8; 32],
    /// The only client that can redeem it.
    pub client_id: String,
    /// Who signed in.
    pub user_id: String,
    /// The session of the browser that they signed in with.
    pub browser_session: String,
    /// When they proved who they are.
    pub auth_time: Timestamp,
    /// What it was issued for.
    pub granted: CodeGrant,
    /// When it was made.
    pub issued_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When it was redeemed.
    pub used_at: Option<Timestamp>,
    /// The session that redeeming it opened, which a second use ends.
    pub session_id: Option<String>,
}

/// What an authorization code was issued for, and what is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// Where it was sent. Whoever redeems it says the same.
    pub redirect_uri: String,
    /// The S256 challenge (RFC 7636 §4.2), if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// The scopes that were granted, with spaces between them.
    pub scope: String,
    /// Whom the access token is for.
    pub audience: String,
    /// How the user proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// The client's `nonce`, for the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The client's `claims` (OpenID Connect Core §5.5), as it sent them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<String>,
}
