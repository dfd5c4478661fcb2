use futures_util::Stream;
use portcullis_types::Timestamp;
use portcullis_types::authress::{
    AccessRecord, AccessRecordBody, AccessRecordCollection, ClaimRequest, RecordStatus,
};

use super::area;
use crate::Result;
use crate::page::{Page, items, page};

area! {
    /// Access records (spec `authress-api.md` §3.3): who has which roles on which resources.
    Records
}

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// The most entries of one page, up to 20.
    pub limit: Option<u32>,
    /// Only records that hold this text, compared without case, up to 64 characters.
    pub filter: Option<String>,
    /// Only records in this state; those that grant when `None`.
    pub status: Option<RecordStatus>,
}

impl<'c> Records<'c> {
    /// Creates a record. The caller must be able to hand out everything in it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, record: &AccessRecordBody) -> Result<AccessRecord> {
        let request = self.client.post(&["v1", "records"]).body(record);
        request.json().await
    }

    /// The records that the caller may see.
    pub fn list(&self, query: RecordQuery) -> impl Stream<Item = Result<AccessRecord>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &RecordQuery, cursor: Option<&str>) -> Result<Page<AccessRecord>> {
        let request = self
            .client
            .get(&["v1", "records"])
            .maybe_query("limit", query.limit)
            .maybe_query("filter", query.filter.as_deref())
            .maybe_query("status", query.status.map(word));
        page::<AccessRecordCollection>(request, cursor).await
    }

    /// Reads a record. A deleted one is answered too, with its status.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, record_id: &str) -> Result<AccessRecord> {
        self.client.get(&["v1", "records", record_id]).json().await
    }

    /// Replaces a record, if it was not changed after `unmodified_since` (its `last_updated`, as it was read).
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 412 when it was changed since.
    pub async fn update(
        &self,
        record_id: &str,
        record: &AccessRecordBody,
        unmodified_since: Option<Timestamp>,
    ) -> Result<AccessRecord> {
        let mut request = self.client.put(&["v1", "records", record_id]).body(record);
        if let Some(at) = unmodified_since {
            // The first attempt may have changed it, and the second would then be told that somebody did.
            request = request.header("if-unmodified-since", at.to_string()).once();
        }
        request.json().await
    }

    /// Deletes a record: it grants nothing from now on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, record_id: &str) -> Result<()> {
        self.client.delete(&["v1", "records", record_id]).done().await
    }

    /// Makes the caller the owner of a new resource in a claimable collection (spec `authress-api.md` §4.5).
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 403 when the collection is not claimable, 409 when somebody has the resource already.
    pub async fn claim(&self, claim: &ClaimRequest) -> Result<()> {
        self.client.post(&["v1", "claims"]).body(claim).done().await
    }
}

const fn word(status: RecordStatus) -> &'static str {
    match status {
        RecordStatus::Active => "ACTIVE",
        RecordStatus::Deleted => "DELETED",
    }
}
