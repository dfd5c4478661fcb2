use portcullis_types::authress::{
    AccessRequest, AccessRequestBody, AccessTemplate, Links, RequestStatus, Tags,
};
use portcullis_types::{FieldError, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{limits, validate_statements};

/// An access request as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    /// See [`portcullis_types::id::record_id`].
    pub request_id: String,
    /// Who asked; may read and withdraw it.
    pub created_by: String,
    /// What is asked for.
    pub access: AccessTemplate,
    /// Free labels.
    pub tags: Option<Tags>,
    /// Only an open request can be answered.
    pub status: RequestStatus,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredRequest {
    /// Makes an open request of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds; the API answers these with 422.
    pub fn from_body(
        body: AccessRequestBody,
        request_id: String,
        created_by: &str,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        limits::count("users", body.access.users.len(), 1, 100)
            .and_then(|()| limits::users("users", &body.access.users, 100))
            .and_then(|()| validate_statements(&body.access.statements, 1))
            .map_err(|error| error.under("access"))?;
        limits::tags(body.tags.as_ref())?;
        Ok(Self {
            request_id,
            created_by: created_by.to_owned(),
            access: body.access,
            tags: body.tags,
            status: RequestStatus::Open,
            updated_at: now,
        })
    }

    /// The request as the API shows it.
    pub fn wire(&self, links: Links) -> AccessRequest {
        AccessRequest {
            request_id: self.request_id.clone(),
            last_updated: Some(self.updated_at),
            status: Some(self.status),
            access: self.access.clone(),
            links,
            tags: self.tags.clone(),
        }
    }
}
