use futures_util::Stream;
use portcullis_types::authress::{Role, RoleBody, RoleCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Roles (spec `authress-api.md` §3.6): named sets of permissions.
    Roles
}

impl<'c> Roles<'c> {
    /// Creates a role.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, role: &RoleBody) -> Result<Role> {
        self.client.post(&["v1", "roles"]).body(role).json().await
    }

    /// All roles, the built-in ones included.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Role>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Role>> {
        let request = query.on(self.client.get(&["v1", "roles"]));
        page::<RoleCollection>(request, cursor).await
    }

    /// Reads a role.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, role_id: &str) -> Result<Role> {
        self.client.get(&["v1", "roles", role_id]).json().await
    }

    /// Replaces a role; what records grant through it changes at once.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, role_id: &str, role: &RoleBody) -> Result<Role> {
        self.client.put(&["v1", "roles", role_id]).body(role).json().await
    }

    /// Deletes a role. Records that name it stay, and stop granting it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, role_id: &str) -> Result<()> {
        self.client.delete(&["v1", "roles", role_id]).done().await
    }
}
