use futures_util::Stream;
use portcullis_types::authress::{
    AccessRequest, AccessRequestBody, AccessRequestCollection, AccessRequestResponse, RequestDecision,
    RequestStatus,
};

use super::area;
use crate::Result;
use crate::page::{Page, items, page};

area! {
    /// Access requests (spec `authress-api.md` §3.4).
    Requests
}

/// Which requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// The most entries of one page, up to 20.
    pub limit: Option<u32>,
    /// Only requests in this state.
    pub status: Option<RequestStatus>,
}

impl<'c> Requests<'c> {
    /// Asks for access.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 422 when what is asked for is out of bounds.
    pub async fn create(&self, request: &AccessRequestBody) -> Result<AccessRequest> {
        self.client.post(&["v1", "requests"]).body(request).json().await
    }

    /// The requests that the caller may see.
    pub fn list(&self, query: RequestQuery) -> impl Stream<Item = Result<AccessRequest>> + Send + use<'c> {
        let this = *self;
        items(move |cursor| {
            let query = query.clone();
            async move { this.list_page(&query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn list_page(&self, query: &RequestQuery, cursor: Option<&str>) -> Result<Page<AccessRequest>> {
        let request = self
            .client
            .get(&["v1", "requests"])
            .maybe_query("limit", query.limit)
            .maybe_query("status", query.status.map(word));
        page::<AccessRequestCollection>(request, cursor).await
    }

    /// Reads a request.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, request_id: &str) -> Result<AccessRequest> {
        self.client.get(&["v1", "requests", request_id]).json().await
    }

    /// Answers a request. Approving it creates a record; the caller must be able to hand out what is in it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn respond(&self, request_id: &str, status: RequestDecision) -> Result<AccessRequest> {
        let answer = AccessRequestResponse { status };
        self.client.patch(&["v1", "requests", request_id]).body(&answer).json().await
    }

    /// Withdraws a request.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, request_id: &str) -> Result<()> {
        self.client.delete(&["v1", "requests", request_id]).done().await
    }
}

const fn word(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Open => "OPEN",
        RequestStatus::Approved => "APPROVED",
        RequestStatus::Denied => "DENIED",
        RequestStatus::Deleted => "DELETED",
    }
}
