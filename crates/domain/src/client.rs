use portcullis_types::authress::{Client, ClientAccessKey, ClientBody, ClientOptions, ClientRateLimit, Tags};
use portcullis_types::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::limits;

/// A service client as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClient {
    /// `sc_` and 25 characters.
    pub client_id: String,
    /// Up to 128 characters.
    pub name: Option<String>,
    /// What it may do without an access record.
    pub options: ClientOptions,
    /// Stored and echoed.
    pub rate_limits: Option<Vec<ClientRateLimit>>,
    /// Free labels.
    pub tags: Option<Tags>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The public half of an access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyRecord {
    /// The service client it belongs to.
    pub client_id: String,
    /// The `kid` of the tokens it signs.
    pub key_id: String,
    /// Base64 of the DER SubjectPublicKeyInfo (Ed25519).
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ServiceClient {
    /// The most access keys that a client may have at once (spec `authress-api.md` §3.7).
    pub const MAX_KEYS: usize = 5;

    /// Makes a service client of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(body: ClientBody, client_id: String, created_at: Timestamp) -> Result<Self, FieldError> {
        limits::optional_text("name", body.name.as_deref(), 128)?;
        limits::tags(body.tags.as_ref())?;
        let rate_limits = body.rate_limits.as_deref().unwrap_or_default();
        limits::count("rateLimits", rate_limits.len(), 0, 1)?;
        for (index, limit) in rate_limits.iter().enumerate() {
            if !matches!(limit.duration.as_str(), "PT0S" | "PT5M" | "PT1H" | "P1D" | "P1M") {
                let field = format!("rateLimits[{index}].duration");
                return Err(FieldError::new(field, "PT0S, PT5M, PT1H, P1D or P1M"));
            }
            if !matches!(limit.quota, 100 | 1_000 | 100_000 | 1_000_000) {
                return Err(FieldError::new(
                    format!("rateLimits[{index}].quota"),
                    "100, 1000, 100000 or 1000000",
                ));
            }
        }
        Ok(Self {
            client_id,
            name: body.name,
            options: body.options.unwrap_or_default(),
            rate_limits: body.rate_limits,
            tags: body.tags,
            created_at,
        })
    }

    /// The client as the API shows it.
    pub fn wire(&self, keys: &[AccessKeyRecord]) -> Client {
        Client {
            client_id: self.client_id.clone(),
            created_time: self.created_at,
            name: self.name.clone(),
            options: self.options,
            rate_limits: self.rate_limits.clone(),
            verification_keys: keys.iter().map(AccessKeyRecord::wire).collect(),
            tags: self.tags.clone(),
        }
    }
}

impl AccessKeyRecord {
    /// The key as the API shows it: its public half.
    pub fn wire(&self) -> ClientAccessKey {
        ClientAccessKey {
            key_id: self.key_id.clone(),
            client_id: self.client_id.clone(),
            public_key: Some(self.public_key.clone()),
            generation_date: Some(self.created_at),
            client_secret: None,
            access_key: None,
        }
    }
}
