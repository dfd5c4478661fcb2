use futures_util::Stream;
use portcullis_types::{AuditCollection, AuditEvent};

use super::area;
use crate::Result;
use crate::page::{Page, items, page};

area! {
    /// The audit trail: who changed what. Portcullis only.
    Audit
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The most events of one page, up to 100.
    pub limit: Option<u32>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only about this thing.
    pub target: Option<String>,
    /// Only this action, such as `record.create`.
    pub action: Option<String>,
}

impl<'c> Audit<'c> {
    /// The events, newest first.
    pub fn list(&self, query: AuditFilter) -> impl Stream<Item = Result<AuditEvent>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &AuditFilter, cursor: Option<&str>) -> Result<Page<AuditEvent>> {
        let request = self
            .client
            .get(&["v1", "audit"])
            .maybe_query("limit", query.limit)
            .maybe_query("actor", query.actor.as_deref())
            .maybe_query("target", query.target.as_deref())
            .maybe_query("action", query.action.as_deref());
        page::<AuditCollection>(request, cursor).await
    }
}
