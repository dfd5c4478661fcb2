//! Bodies about the people who sign in, for those who manage them: user pools and their users.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::authress::{CollectionLinks, Pagination};

/// Whether people may register themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Everybody may.
    Open,
    /// Somebody who manages the pool makes its users.
    Closed,
}

/// What a user pool is to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPoolBody {
    /// Up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub name: Option<String>,
    /// Absent: as the server's settings say for the pool `main`, `closed` for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// Whether only a proven address may sign in. Absent: as the server's settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_verified_email: Option<bool>,
}

/// A user pool: a namespace of people who sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPoolView {
    /// Its id.
    pub pool_id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What holds now.
    pub registration: Registration,
    /// What holds now.
    pub require_verified_email: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A page of user pools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPoolCollection {
    /// The pools.
    pub user_pools: Vec<UserPoolView>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// They may.
    Active,
    /// They may not, and no token of theirs is good.
    Disabled,
}

/// A person of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolUser {
    /// The user's id.
    pub user_id: String,
    /// The pool.
    pub pool: String,
    /// The user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Whether the person may sign in.
    pub state: UserState,
    /// Since when they may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub disabled_at: Option<Timestamp>,
    /// When the profile was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A page of a pool's users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolUserCollection {
    /// The users.
    pub users: Vec<PoolUser>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// How a person stands with signing in. Never holds a password or its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInStatus {
    /// The person.
    #[serde(flatten)]
    pub user: PoolUser,
    /// When the password was set; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub password_set_at: Option<Timestamp>,
    /// Wrong passwords in a row.
    pub failures: i64,
    /// Until when nobody can sign in with a password, because of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub locked_until: Option<Timestamp>,
}
