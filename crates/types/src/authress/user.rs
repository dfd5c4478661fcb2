use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccountRef, CollectionLinks, Links, Pagination, ReadOnly, Statement};
use crate::Timestamp;

/// A user's profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// The user's id.
    pub user_id: String,
    /// Up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Up to 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How long tokens minted for this user live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_configuration: Option<TokenConfiguration>,
}

/// A page of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserIdentityCollection {
    /// The users.
    pub users: Vec<UserIdentity>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// How long a user's tokens and sessions live (ISO 8601 durations, `PT24H`, `P30D`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenConfiguration {
    /// 1 second to 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_duration: Option<String>,
    /// 1 second to 365 days. Stored and echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_duration: Option<String>,
}

/// Replaces a user's token configuration: the two durations, or an object `tokenConfiguration` that holds them.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenConfigurationBody {
    /// 1 second to 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_duration: Option<String>,
    /// 1 second to 365 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_duration: Option<String>,
    /// The same two, one level down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_configuration: Option<TokenConfiguration>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub user_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub name: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub email: ReadOnly,
}

/// Asks for a user's token that is limited to statements.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenRequest {
    /// 1 to 100; the token can do what these grant *and* the user may.
    pub statements: Vec<Statement>,
    /// When the token ends; 24 hours when absent, 30 days at most.
    #[serde(default, alias = "expiryTime", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
}

/// A user's token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserToken {
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    /// The user.
    pub user_id: String,
    /// The token's id (`jti`), to disable it by.
    pub token_id: String,
    /// The JWT.
    pub token: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
}

impl fmt::Debug for UserToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserToken")
            .field("user_id", &self.user_id)
            .field("token_id", &self.token_id)
            .finish_non_exhaustive()
    }
}
