use futures_util::Stream;
use portcullis_types::policy::{Override, OverrideBody, OverrideCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Overrides: exceptions for one user that the guard asks before roles (`/v1/overrides`). Portcullis only.
    Overrides
}

impl<'c> Overrides<'c> {
    /// Creates an override.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, body: &OverrideBody) -> Result<Override> {
        self.client.post(&["v1", "overrides"]).body(body).json().await
    }

    /// All of them, in the order of their ids.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Override>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Override>> {
        page::<OverrideCollection>(query.on(self.client.get(&["v1", "overrides"])), cursor).await
    }

    /// Reads an override.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, override_id: &str) -> Result<Override> {
        self.client.get(&["v1", "overrides", override_id]).json().await
    }

    /// Replaces an override; the next guarded request sees it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, override_id: &str, body: &OverrideBody) -> Result<Override> {
        self.client.put(&["v1", "overrides", override_id]).body(body).json().await
    }

    /// Deletes an override.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, override_id: &str) -> Result<()> {
        self.client.delete(&["v1", "overrides", override_id]).done().await
    }
}
