use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::Sensitive;

/// What an application asks its guard.
#[derive(Clone, Copy)]
pub struct GuardRequest<'a> {
    /// The credential, without a scheme. An empty text is answered with `token_missing`.
    pub token: &'a str,
    /// The operation's name (`[a-z][a-z0-9_.:-]{0,127}`). Without one, only who it is is answered (stages 1 and 2 of
    /// spec `guard-request.md` §2).
    pub operation: Option<&'a str>,
    /// What it is done to, said by the application and never by the end user.
    pub resource: Option<&'a GuardResource>,
    /// Hints and measures (spec `guard-request.md` §1.3, §5.1). Never trusted as identity.
    pub metadata: Option<&'a Map<String, Value>>,
    /// The request's id: echoed, and kept with what is written to the audit trail. Two requests of one id are two requests: what
    /// asks again for what it paid says so by `metadata.billing.idempotencyKey`, which must not be the end user's choice.
    pub request_id: Option<&'a str>,
}

impl<'a> GuardRequest<'a> {
    /// Asks whether whoever holds `token` may do `operation`.
    pub const fn new(token: &'a str, operation: &'a str) -> Self {
        Self { token, operation: Some(operation), resource: None, metadata: None, request_id: None }
    }

    /// Asks who holds `token`.
    pub const fn who(token: &'a str) -> Self {
        Self { token, operation: None, resource: None, metadata: None, request_id: None }
    }
}

impl fmt::Debug for GuardRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardRequest")
            .field("operation", &self.operation)
            .field("resource", &self.resource)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

/// What an operation is done to (spec `guard-request.md` §3.2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuardResource {
    /// Its kind (`document`); the operation's own when absent.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its id, one path segment; the operation's template puts it into the resource's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tenant that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The organization that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The user who owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Tenants that it was shared with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<String>,
    /// Anything else that attribute policies may look at.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

/// The body of `POST /v1/guard`, and one item of `POST /v1/guard/batch`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuardBody {
    /// The end user's credential.
    pub token: Sensitive,
    /// The operation's name; without one only who it is is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What it is done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<GuardResource>,
    /// Hints and measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Map<String, Value>>,
}

impl GuardBody {
    /// The request that this body makes.
    pub fn request<'a>(&'a self, request_id: Option<&'a str>) -> GuardRequest<'a> {
        GuardRequest {
            token: self.token.expose(),
            operation: self.operation.as_deref(),
            resource: self.resource.as_ref(),
            metadata: self.metadata.as_ref(),
            request_id,
        }
    }
}
