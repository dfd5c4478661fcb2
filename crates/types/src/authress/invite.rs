use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Links, ReadOnly, Resource};
use crate::Timestamp;

/// What an invite gives: these roles on these resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InviteStatement {
    /// Role ids.
    pub roles: Vec<String>,
    /// Resources.
    pub resources: Vec<Resource>,
}

/// What happens when the invited user has a record from an invite with the same statements already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConflictResolution {
    /// Another record is created.
    #[default]
    GenerateNewRecord,
    /// The statements are added to the existing record.
    UnsafeForceMerge,
    /// The existing record stays as it is.
    SkipChanges,
    /// The existing record's statements are replaced.
    ReplaceRecordData,
}

/// An invite (spec `authress-api.md` §2, §4.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Its id; whoever knows it may accept.
    pub invite_id: String,
    /// Deprecated, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The login tenant to sign in through, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_login_tenant_id: Option<String>,
    /// 0 to 100.
    pub statements: Vec<InviteStatement>,
    /// See [`ConflictResolution`].
    #[serde(default)]
    pub conflict_resolution_strategy: ConflictResolution,
    /// Only this user may accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_user_id: Option<String>,
    /// When it stops to be acceptable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expiry_time: Option<Timestamp>,
    /// Where it is.
    pub links: Links,
}

/// Creates an invite.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InviteBody {
    /// Deprecated, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The login tenant to sign in through, echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_login_tenant_id: Option<String>,
    /// 0 to 100.
    pub statements: Vec<InviteStatement>,
    /// See [`ConflictResolution`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict_resolution_strategy: Option<ConflictResolution>,
    /// Only this user may accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_user_id: Option<String>,
    /// From 5 minutes to 30 days ahead; 7 days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expiry_time: Option<Timestamp>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub invite_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub authentication_request_uri: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}
