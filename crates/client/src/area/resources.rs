use futures_util::Stream;
use portcullis_types::authress::{
    PermissionedResource, PermissionedResourceBody, PermissionedResourceCollection, ResourcePermission,
    ResourceUsersCollection, UserRoleCollection,
};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Configurations of resources, and who was given access to one (spec `authress-api.md` §3.5).
    Resources
}

impl<'c> Resources<'c> {
    /// The resources that are configured; the query's filter is not used.
    pub fn list(
        &self,
        query: ListQuery,
    ) -> impl Stream<Item = Result<PermissionedResource>> + Send + use<'c> {
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
    pub async fn list_page(
        &self,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<PermissionedResource>> {
        let request = self.client.get(&["v1", "resources"]).maybe_query("limit", query.limit);
        page::<PermissionedResourceCollection>(request, cursor).await
    }

    /// Reads a resource's configuration.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, resource_uri: &str) -> Result<PermissionedResource> {
        self.client.get(&["v1", "resources", resource_uri]).json().await
    }

    /// Replaces a resource's configuration.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, resource_uri: &str, permissions: Vec<ResourcePermission>) -> Result<()> {
        let body = PermissionedResourceBody { permissions, ..PermissionedResourceBody::default() };
        // The body of the answer is not the same on every server of the API.
        self.client.put(&["v1", "resources", resource_uri]).body(&body).done().await
    }

    /// The users who were given roles on exactly this resource.
    pub fn users(
        &self,
        resource_uri: &str,
        limit: Option<u32>,
    ) -> impl Stream<Item = Result<UserRoleCollection>> + Send + use<'c> {
        let (this, resource_uri) = (*self, resource_uri.to_owned());
        items(move |cursor| {
            let resource_uri = resource_uri.clone();
            async move { this.users_page(&resource_uri, limit, cursor.as_deref()).await }
        })
    }

    /// One page of them, from `cursor` on; `limit` up to 20.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn users_page(
        &self,
        resource_uri: &str,
        limit: Option<u32>,
        cursor: Option<&str>,
    ) -> Result<Page<UserRoleCollection>> {
        let request =
            self.client.get(&["v1", "resources", resource_uri, "users"]).maybe_query("limit", limit);
        page::<ResourceUsersCollection>(request, cursor).await
    }
}
