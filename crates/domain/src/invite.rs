use portcullis_types::authress::{ConflictResolution, Invite, InviteBody, InviteStatement, Links, Statement};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::{limits, validate_statements};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// An invite as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredInvite {
    /// Whoever knows it may accept.
    pub invite_id: String,
    /// Who invited; may read and withdraw it.
    pub created_by: String,
    /// Deprecated, echoed.
    pub tenant_id: Option<String>,
    /// Echoed.
    pub default_login_tenant_id: Option<String>,
    /// What the invited user gets.
    pub statements: Vec<InviteStatement>,
    /// What happens to an existing record.
    pub conflict_resolution_strategy: ConflictResolution,
    /// Only this user may accept.
    pub linked_user_id: Option<String>,
    /// Not acceptable at or after it.
    pub expires_at: Timestamp,
}

impl StoredInvite {
    /// Makes an invite of a request's body. Without an expiry it lasts 7 days (spec `authress-api.md` §4.5).
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(
        body: InviteBody,
        invite_id: String,
        created_by: &str,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        for (field, tenant) in
            [("tenantId", &body.tenant_id), ("defaultLoginTenantId", &body.default_login_tenant_id)]
        {
            if let Some(tenant) = tenant {
                id::tenant_id(tenant).map_err(|error| FieldError::new(field, error.expected))?;
            }
        }
        if let Some(user) = &body.linked_user_id {
            id::user_id(user).map_err(|error| FieldError::new("linkedUserId", error.expected))?;
        }
        limits::count("statements", body.statements.len(), 0, 100)?;
        let expires_at = body.expiry_time.unwrap_or(now.plus_secs(7 * DAY));
        if expires_at < now.plus_secs(5 * MINUTE) || expires_at > now.plus_secs(30 * DAY) {
            return Err(FieldError::new("expiryTime", "from 5 minutes to 30 days ahead"));
        }
        let invite = Self {
            invite_id,
            created_by: created_by.to_owned(),
            tenant_id: body.tenant_id,
            default_login_tenant_id: body.default_login_tenant_id,
            statements: body.statements,
            conflict_resolution_strategy: body.conflict_resolution_strategy.unwrap_or_default(),
            linked_user_id: body.linked_user_id,
            expires_at,
        };
        validate_statements(&invite.record_statements(), 0)?;
        Ok(invite)
    }

    /// The statements as a record has them.
    pub fn record_statements(&self) -> Vec<Statement> {
        self.statements
            .iter()
            .map(|statement| Statement {
                roles: statement.roles.clone(),
                resources: statement.resources.clone(),
                users: None,
                groups: None,
            })
            .collect()
    }

    /// The invite as the API shows it.
    pub fn wire(&self, links: Links) -> Invite {
        Invite {
            invite_id: self.invite_id.clone(),
            tenant_id: self.tenant_id.clone(),
            default_login_tenant_id: self.default_login_tenant_id.clone(),
            statements: self.statements.clone(),
            conflict_resolution_strategy: self.conflict_resolution_strategy,
            linked_user_id: self.linked_user_id.clone(),
            expiry_time: Some(self.expires_at),
            links,
        }
    }
}
