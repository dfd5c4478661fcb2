use portcullis_domain::StoredRequest;
use portcullis_types::authress::{AccessRequest, AccessRequestBody};

use super::wire;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Asks for access; everybody with a bearer may.
///
/// # Errors
/// [`Error::Forbidden`] for a token that is limited to statements without CREATE on `Authress:AccessRequests`;
/// [`Error::Unprocessable`] for content out of bounds.
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: AccessRequestBody) -> Result<AccessRequest> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let request_id = portcullis.mint("req_")?;
        let request = StoredRequest::from_body(body, request_id, cx.name(), portcullis.change_time(None))
            .map_err(Error::Unprocessable)?;
        portcullis.rights(&cx).await?.require_token("CREATE", "Authress:AccessRequests")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().insert_request(&request).await? {
            return Err(Error::Conflict("an access request of this id exists"));
        }
        unit.audit("request.create", &request.request_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &request))
    })
    .await
}
