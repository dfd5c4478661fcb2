use portcullis_types::authress::AccessRequest;

use super::{management_resource, wire};
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an access request.
///
/// # Errors
/// [`Error::NotFound`] also when the caller did not make it and may not READ it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, request_id: &str) -> Result<AccessRequest> {
    checked(portcullis_types::id::record_id, "requestId", request_id)?;
    let rights = portcullis.rights(cx).await?;
    let request = portcullis.read().await?.queries().request(request_id).await?;
    let request = request.ok_or(Error::NotFound("access request"))?;
    let own = request.created_by == cx.name();
    rights.require_on("READ", &management_resource(request_id), own, "access request")?;
    Ok(wire(portcullis, &request))
}
