use futures_util::Stream;
use portcullis_types::sign_in::{
    PoolUser, PoolUserCollection, UserPoolBody, UserPoolCollection, UserPoolView, UserState,
};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// User pools, and who is in them (`/v1/user-pools`). Portcullis only.
    UserPools
}

/// Which users of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolUserQuery {
    /// Only those who may sign in, or who may not.
    pub state: Option<UserState>,
    /// Which of these, and how many in a page.
    pub list: ListQuery,
}

impl<'c> UserPools<'c> {
    /// The pools.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<UserPoolView>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<UserPoolView>> {
        page::<UserPoolCollection>(query.on(self.client.get(&["v1", "user-pools"])), cursor).await
    }

    /// Reads a pool.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, pool_id: &str) -> Result<UserPoolView> {
        self.client.get(&["v1", "user-pools", pool_id]).json().await
    }

    /// Makes a pool, or replaces its settings.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn set(&self, pool_id: &str, pool: &UserPoolBody) -> Result<UserPoolView> {
        self.client.put(&["v1", "user-pools", pool_id]).body(pool).json().await
    }

    /// The users of a pool, and whether they may sign in.
    pub fn users(
        &self,
        pool_id: &str,
        query: PoolUserQuery,
    ) -> impl Stream<Item = Result<PoolUser>> + Send + use<'c> {
        let (this, pool_id) = (*self, pool_id.to_owned());
        items(move |cursor| {
            let (pool_id, query) = (pool_id.clone(), query.clone());
            async move { this.users_page(&pool_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn users_page(
        &self,
        pool_id: &str,
        query: &PoolUserQuery,
        cursor: Option<&str>,
    ) -> Result<Page<PoolUser>> {
        let state = query.state.map(|state| match state {
            UserState::Active => "active",
            UserState::Disabled => "disabled",
        });
        let request = self.client.get(&["v1", "user-pools", pool_id, "users"]).maybe_query("status", state);
        page::<PoolUserCollection>(query.list.on(request), cursor).await
    }
}
