use portcullis_domain::StoredRequest;
use portcullis_types::authress::RequestStatus;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Withdraws an access request; it can still be read. What an approved one granted stays.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] unless the caller made it or may UPDATE it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, request_id: &str) -> Result<()> {
    checked(portcullis_types::id::record_id, "requestId", request_id)?;
    let (portcullis, cx, request_id) = (portcullis.clone(), cx.clone(), request_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let request = unit.queries().request_for_update(&request_id).await?;
        let request = request.ok_or(Error::NotFound("access request"))?;
        let own = request.created_by == cx.name();
        rights.require_on("UPDATE", &management_resource(&request_id), own, "access request")?;
        if request.status == RequestStatus::Deleted {
            return Err(Error::NotFound("access request"));
        }
        let updated_at = portcullis.change_time(Some(request.updated_at));
        let deleted = StoredRequest { status: RequestStatus::Deleted, updated_at, ..request };
        unit.queries().update_request(&deleted).await?;
        unit.audit("request.delete", &request_id, None);
        unit.commit().await
    })
    .await
}
