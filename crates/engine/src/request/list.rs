use portcullis_domain::StoredRequest;
use portcullis_store::{Page, Queries};
use portcullis_types::authress::{AccessRequest, RequestStatus};

use super::{management_resource, wire};
use crate::access::Rights;
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
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let requests = if rights.holds("READ", "Authress:AccessRequests/*") {
        snapshot.queries().list_requests(&page, status).await?
    } else {
        own(snapshot.queries(), cx, &rights, page, status).await?
    };
    Ok(Listing::cut(requests, limit, |request| &request.request_id).map(|request| wire(portcullis, &request)))
}

/// The requests that the caller made, as far as the caller's token reaches.
async fn own(
    queries: &mut dyn Queries,
    cx: &Cx,
    rights: &Rights,
    mut page: Page,
    status: Option<RequestStatus>,
) -> Result<Vec<StoredRequest>> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut kept: Vec<StoredRequest> = Vec::new();
    loop {
        let batch = queries.requests_by_creator(cx.name(), &page, status).await?;
        let full = batch.len() == wanted;
        page.after = batch.last().map(|request| request.request_id.clone());
        kept.extend(
            batch
                .into_iter()
                .filter(|request| rights.token_covers("READ", &management_resource(&request.request_id))),
        );
        if !full || kept.len() >= wanted {
            kept.truncate(wanted);
            return Ok(kept);
        }
    }
}
