use futures_util::Stream;
use portcullis_types::Explanation;
use portcullis_types::authress::{
    PermissionCollection, PermissionObject, Resource, UserResourcesCollection, UserRole, UserRoleCollection,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::area;
use crate::page::{Page, items, page};
use crate::{ClientError, Result};

area! {
    /// What users may (spec `authress-api.md` §3.1). The caller asks about itself, is a service client with
    /// `grantUserPermissionsAccess`, or holds READ on `Authress:UserPermissions/{user}`; else every question is
    /// refused with 403.
    Access
}

/// How deep a list of resources looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CollectionConfiguration {
    /// Only direct children of the resource.
    #[default]
    TopLevelOnly,
    /// Everything below it.
    IncludeNested,
}

/// Which resources of a user (spec `authress-api.md` §4.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserResourcesQuery {
    /// Below which resource; `*` when `None`.
    pub resource_uri: Option<String>,
    /// How deep.
    pub collection: CollectionConfiguration,
    /// Only where the user has this permission.
    pub permission: Option<String>,
    /// The most entries of one page, up to 100.
    pub limit: Option<u32>,
}

/// The members of a check's answer that are read.
#[derive(Deserialize)]
struct Checked {
    explanation: Option<Explanation>,
}

impl<'c> Access<'c> {
    /// Whether `user_id` (a user or a service client) has `permission` on `resource_uri`: 200 is yes, 404 is no.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when the caller may not ask (403) or the question is malformed (400). Whatever
    /// [could not be asked](ClientError::could_not_ask) is no yes: `if access.authorize_user(…).await? {` does it right.
    pub async fn authorize_user(&self, user_id: &str, resource_uri: &str, permission: &str) -> Result<bool> {
        let path = ["v1", "users", user_id, "resources", resource_uri, "permissions", permission];
        let answer = self.client.get(&path).send().await?;
        match answer.status {
            // Servers of the API answer an object; a page that a proxy puts in between is no yes.
            200 => answer.json::<Map<String, Value>>().map(|_ignored| true),
            404 => Ok(false),
            _ => Err(answer.into_error()),
        }
    }

    /// The same, with the reason. The caller then needs READ on `Authress:AccessRecords`. Portcullis only.
    ///
    /// # Errors
    /// As [`Access::authorize_user`], and [`ClientError::Decode`] from a server that does not explain.
    pub async fn explain(&self, user_id: &str, resource_uri: &str, permission: &str) -> Result<Explanation> {
        let path = ["v1", "users", user_id, "resources", resource_uri, "permissions", permission];
        let answer = self.client.get(&path).query("explain", true).send().await?;
        match answer.status {
            200 | 404 => {
                let unexplained = ClientError::decode(answer.status, "an explanation");
                answer.json::<Checked>()?.explanation.ok_or(unexplained)
            }
            _ => Err(answer.into_error()),
        }
    }

    /// What `user_id` may do on `resource_uri`, through every role that reaches it. Nothing is an empty list.
    ///
    /// # Errors
    /// Every [`ClientError`].
    pub async fn permissions(&self, user_id: &str, resource_uri: &str) -> Result<Vec<PermissionObject>> {
        let path = ["v1", "users", user_id, "resources", resource_uri, "permissions"];
        let found: Result<PermissionCollection> = self.client.get(&path).json().await;
        none_is_empty(found.map(|found| found.permissions))
    }

    /// The roles that `user_id` was given on exactly `resource_uri`. None is an empty list.
    ///
    /// # Errors
    /// Every [`ClientError`].
    pub async fn roles(&self, user_id: &str, resource_uri: &str) -> Result<Vec<UserRole>> {
        let path = ["v1", "users", user_id, "resources", resource_uri, "roles"];
        let found: Result<UserRoleCollection> = self.client.get(&path).json().await;
        none_is_empty(found.map(|found| found.roles))
    }

    /// The resources that `user_id` has access to.
    pub fn resources(
        &self,
        user_id: &str,
        query: UserResourcesQuery,
    ) -> impl Stream<Item = Result<Resource>> + Send + use<'c> {
        let (this, user_id) = (*self, user_id.to_owned());
        items(move |cursor| {
            let (user_id, query) = (user_id.clone(), query.clone());
            async move { this.resources_page(&user_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of them, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`].
    pub async fn resources_page(
        &self,
        user_id: &str,
        query: &UserResourcesQuery,
        cursor: Option<&str>,
    ) -> Result<Page<Resource>> {
        let nested = query.collection == CollectionConfiguration::IncludeNested;
        let request = self
            .client
            .get(&["v1", "users", user_id, "resources"])
            .maybe_query("resourceUri", query.resource_uri.as_deref())
            .maybe_query("collectionConfiguration", nested.then_some("INCLUDE_NESTED"))
            .maybe_query("permissions", query.permission.as_deref())
            .maybe_query("limit", query.limit);
        page::<UserResourcesCollection>(request, cursor).await
    }
}

/// Here 404 says that there are none.
fn none_is_empty<T>(found: Result<Vec<T>>) -> Result<Vec<T>> {
    match found {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        found => found,
    }
}
