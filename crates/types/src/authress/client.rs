use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CollectionLinks, Pagination, ReadOnly, Tags};
use crate::Timestamp;

/// What a service client may do without an access record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientOptions {
    /// It may ask about every user's access.
    #[serde(default)]
    pub grant_user_permissions_access: bool,
    /// It may sign one-time login links for users.
    #[serde(default)]
    pub grant_token_generation: bool,
}

/// A limit that the client asks the server to keep. Stored and echoed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientRateLimit {
    /// `PT0S`, `PT5M`, `PT1H`, `P1D` or `P1M`.
    pub duration: String,
    /// 100, 1000, 100000 or 1000000.
    pub quota: i64,
}

/// A machine principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Its id, beginning with `sc_`.
    pub client_id: String,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_time: Timestamp,
    /// Up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its options.
    #[serde(default, deserialize_with = "super::common::null_is_nothing")]
    pub options: ClientOptions,
    /// At most one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<Vec<ClientRateLimit>>,
    /// The public halves of its access keys.
    #[serde(default, deserialize_with = "super::common::null_is_nothing")]
    pub verification_keys: Vec<ClientAccessKey>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// Creates or replaces a service client. Every field may be absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientBody {
    /// Up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<ClientOptions>,
    /// At most one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<Vec<ClientRateLimit>>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub client_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub created_time: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub verification_keys: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// An access key. `access_key` and `client_secret` appear only in the answer that creates it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientAccessKey {
    /// Its id, the `kid` of the tokens it signs.
    pub key_id: String,
    /// The service client it belongs to.
    pub client_id: String,
    /// Base64 of the DER SubjectPublicKeyInfo (Ed25519).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub generation_date: Option<Timestamp>,
    /// The private half alone: base64 of PKCS#8 v1 DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// `{clientId}.{keyId}.{accountId}.{privateKey}`, what SDKs are configured with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
}

impl fmt::Debug for ClientAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAccessKey")
            .field("key_id", &self.key_id)
            .field("client_id", &self.client_id)
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

/// Asks for an access key; the body may be absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessKeyBody {
    /// Bring your own key: base64 of the DER SubjectPublicKeyInfo (Ed25519), up to 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub key_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub client_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub generation_date: ReadOnly,
}

/// A page of service clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientCollection {
    /// The clients.
    pub clients: Vec<Client>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
