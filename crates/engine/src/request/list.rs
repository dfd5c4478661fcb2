use portcullis_types::authress::{AccessRequest, RequestStatus};

use super::wire;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists access requests: all with READ on `Authress:AccessRequests`, else the caller's own. Every status when none is given;
/// at most 20 a page.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    request: PageRequest,
    status: Option<RequestStatus>,
) -> Result<Listing<AccessRequest>> {
    let limit = request.limit(20)?;
    let page = request.store_page(20, 64)?;
    let all = portcullis.rights(cx).await?.holds("READ", "Authress:AccessRequests/*");
    let mut snapshot = portcullis.read().await?;
    let requests = if all {
        snapshot.queries().list_requests(&page, status).await?
    } else {
        snapshot.queries().requests_by_creator(cx.name(), &page, status).await?
    };
    Ok(Listing::cut(requests, limit, |request| &request.request_id).map(|request| wire(portcullis, &request)))
}
