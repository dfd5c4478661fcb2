use futures_util::Stream;
use portcullis_types::policy::{Policy, PolicyBody, PolicyCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Policies: rules over attributes that the guard asks after roles (`/v1/policies`). Portcullis only.
    Policies
}

impl<'c> Policies<'c> {
    /// Creates a policy.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, body: &PolicyBody) -> Result<Policy> {
        self.client.post(&["v1", "policies"]).body(body).json().await
    }

    /// All of them, in the order of their ids.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Policy>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Policy>> {
        page::<PolicyCollection>(query.on(self.client.get(&["v1", "policies"])), cursor).await
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, policy_id: &str) -> Result<Policy> {
        self.client.get(&["v1", "policies", policy_id]).json().await
    }

    /// Replaces a policy; the next guarded request sees it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, policy_id: &str, body: &PolicyBody) -> Result<Policy> {
        self.client.put(&["v1", "policies", policy_id]).body(body).json().await
    }

    /// Deletes a policy.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, policy_id: &str) -> Result<()> {
        self.client.delete(&["v1", "policies", policy_id]).done().await
    }
}
