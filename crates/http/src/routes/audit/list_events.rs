use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::audit::{self, AuditQuery};
use portcullis_types::AuditCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page_by;
use crate::params::AuditParams;

const PATH: &str = "/v1/audit";

/// Reads the audit trail, newest first: changes, and management calls that were refused.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listAuditEvents",
    tag = "Audit",
    params(AuditParams),
    responses(
        (status = 200, description = "A page.", body = AuditCollection),
    ),
)]
pub(super) async fn list_events(call: Call, query: Query) -> Result<Response, Failure> {
    const EVENT_ID: &str = "the `eventId` of an event";
    let before = query.number("before", EVENT_ID)?.or(query.number("cursor", EVENT_ID)?);
    let question = AuditQuery {
        before,
        actor: query.text("actor")?,
        target: query.text("target")?,
        action: query.text("action")?,
        limit: query.number("limit", "1 to 100")?,
    };
    let work = audit::list(call.portcullis(), &call.cx, question);
    let listing = call.managed("audit.list", "", work).await?;
    let (links, pagination) = page_by(&call.api, &query, "before", listing.next);
    Ok(Json(AuditCollection { events: listing.items, pagination, links }).into_response())
}
