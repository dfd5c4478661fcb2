use futures_util::Stream;
use portcullis_types::authress::{TokenConfigurationBody, UserIdentity, UserIdentityCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Users' profiles (spec `authress-api.md` §3.2).
    Users
}

impl<'c> Users<'c> {
    /// The users.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<UserIdentity>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<UserIdentity>> {
        let request = query.on(self.client.get(&["v1", "users"]));
        page::<UserIdentityCollection>(request, cursor).await
    }

    /// Reads a user's profile.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, user_id: &str) -> Result<UserIdentity> {
        self.client.get(&["v1", "users", user_id]).json().await
    }

    /// Deletes a user's profile and ends the user's tokens.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, user_id: &str) -> Result<()> {
        self.client.delete(&["v1", "users", user_id]).done().await
    }

    /// Replaces how long a user's tokens live.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn configure_tokens(
        &self,
        user_id: &str,
        configuration: &TokenConfigurationBody,
    ) -> Result<UserIdentity> {
        self.client.put(&["v1", "users", user_id, "token-configuration"]).body(configuration).json().await
    }
}
