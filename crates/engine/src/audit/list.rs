use portcullis_store::AuditFilter;
use portcullis_types::{AuditEvent, FieldError};

use crate::{Cx, Listing, Portcullis, Result};

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only events before this one.
    pub before: Option<i64>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only on this target.
    pub target: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// 1 to 100; 20 when absent.
    pub limit: Option<u32>,
}

/// Reads the audit trail, newest first. The next page's cursor is the last event's id, for `before`.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Audit`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, query: AuditQuery) -> Result<Listing<AuditEvent>> {
    let limit = query.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(FieldError::new("limit", "1 to 100").into());
    }
    for (field, text) in [("actor", &query.actor), ("target", &query.target), ("action", &query.action)] {
        if text.as_ref().is_some_and(|text| text.len() > 512 || text.contains('\0')) {
            return Err(FieldError::new(field, "at most 512 bytes, none of them NUL").into());
        }
    }
    portcullis.rights(cx).await?.require("READ", "Portcullis:Audit")?;
    let filter = AuditFilter {
        before: query.before,
        actor: query.actor,
        target: query.target,
        action: query.action,
        limit: limit.saturating_add(1),
    };
    let mut items = portcullis.read().await?.queries().list_audit(&filter).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > wanted;
    items.truncate(wanted);
    let next = items.last().filter(|_| more).map(|event| event.event_id.to_string());
    Ok(Listing { items, next })
}
