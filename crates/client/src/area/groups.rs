use futures_util::Stream;
use portcullis_types::Timestamp;
use portcullis_types::authress::{Group, GroupBody, GroupCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Groups (spec `authress-api.md` §3.6): flat lists of users that records can name.
    Groups
}

impl<'c> Groups<'c> {
    /// Creates a group.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, group: &GroupBody) -> Result<Group> {
        self.client.post(&["v1", "groups"]).body(group).json().await
    }

    /// The groups that the caller may see.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Group>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Group>> {
        let request = query.on(self.client.get(&["v1", "groups"]));
        page::<GroupCollection>(request, cursor).await
    }

    /// Reads a group.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, group_id: &str) -> Result<Group> {
        self.client.get(&["v1", "groups", group_id]).json().await
    }

    /// Replaces a group, if it was not changed after `unmodified_since` (its `last_updated`, as it was read).
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 412 when it was changed since.
    pub async fn update(
        &self,
        group_id: &str,
        group: &GroupBody,
        unmodified_since: Option<Timestamp>,
    ) -> Result<Group> {
        let mut request = self.client.put(&["v1", "groups", group_id]).body(group);
        if let Some(at) = unmodified_since {
            // The first attempt may have changed it, and the second would then be told that somebody did.
            request = request.header("if-unmodified-since", at.to_string()).once();
        }
        request.json().await
    }

    /// Deletes a group for good, and the access that it gave.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, group_id: &str) -> Result<()> {
        self.client.delete(&["v1", "groups", group_id]).done().await
    }
}
