use futures_util::Stream;
use portcullis_types::organization::{
    Member, MemberBody, MemberCollection, Organization, OrganizationBody, OrganizationCollection, Tenant,
    TenantBody, TenantCollection,
};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Organizations with their members and tenants (`/v1/organizations`). Portcullis only.
    Organizations
}

impl<'c> Organizations<'c> {
    /// Creates an organization; the caller becomes its OWNER, unless the body names another.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, organization: &OrganizationBody) -> Result<Organization> {
        self.client.post(&["v1", "organizations"]).body(organization).json().await
    }

    /// The organizations that the caller may see.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Organization>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Organization>> {
        page::<OrganizationCollection>(query.on(self.client.get(&["v1", "organizations"])), cursor).await
    }

    /// Reads an organization.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, organization_id: &str) -> Result<Organization> {
        self.client.get(&["v1", "organizations", organization_id]).json().await
    }

    /// Replaces an organization's name and tags.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(
        &self,
        organization_id: &str,
        organization: &OrganizationBody,
    ) -> Result<Organization> {
        self.client.put(&["v1", "organizations", organization_id]).body(organization).json().await
    }

    /// Suspends an organization: its members may read it, and nothing else. Suspending it again changes nothing.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn suspend(&self, organization_id: &str) -> Result<Organization> {
        self.client.post(&["v1", "organizations", organization_id, "suspend"]).repeatable().json().await
    }

    /// Lets a suspended organization go on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn resume(&self, organization_id: &str) -> Result<Organization> {
        self.client.post(&["v1", "organizations", organization_id, "resume"]).repeatable().json().await
    }

    /// Deletes an organization.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, organization_id: &str) -> Result<()> {
        self.client.delete(&["v1", "organizations", organization_id]).done().await
    }

    /// Who belongs to an organization.
    pub fn members(
        &self,
        organization_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<Member>> + Send + use<'c> {
        let (this, organization_id) = (*self, organization_id.to_owned());
        items(move |cursor| {
            let (organization_id, query) = (organization_id.clone(), query.clone());
            async move { this.members_page(&organization_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn members_page(
        &self,
        organization_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<Member>> {
        page::<MemberCollection>(
            query.on(self.client.get(&["v1", "organizations", organization_id, "members"])),
            cursor,
        )
        .await
    }

    /// Reads a member.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn member(&self, organization_id: &str, user_id: &str) -> Result<Member> {
        self.client.get(&["v1", "organizations", organization_id, "members", user_id]).json().await
    }

    /// Makes somebody a member, or replaces a member's roles.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn set_member(
        &self,
        organization_id: &str,
        user_id: &str,
        member: &MemberBody,
    ) -> Result<Member> {
        self.client
            .put(&["v1", "organizations", organization_id, "members", user_id])
            .body(member)
            .json()
            .await
    }

    /// Removes a member, with the roles.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn remove_member(&self, organization_id: &str, user_id: &str) -> Result<()> {
        self.client.delete(&["v1", "organizations", organization_id, "members", user_id]).done().await
    }

    /// An organization's tenants.
    pub fn tenants(
        &self,
        organization_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<Tenant>> + Send + use<'c> {
        let (this, organization_id) = (*self, organization_id.to_owned());
        items(move |cursor| {
            let (organization_id, query) = (organization_id.clone(), query.clone());
            async move { this.tenants_page(&organization_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn tenants_page(
        &self,
        organization_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<Tenant>> {
        page::<TenantCollection>(
            query.on(self.client.get(&["v1", "organizations", organization_id, "tenants"])),
            cursor,
        )
        .await
    }

    /// Creates a tenant.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn create_tenant(&self, organization_id: &str, tenant: &TenantBody) -> Result<Tenant> {
        self.client.post(&["v1", "organizations", organization_id, "tenants"]).body(tenant).json().await
    }

    /// Reads a tenant.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn tenant(&self, organization_id: &str, tenant_id: &str) -> Result<Tenant> {
        self.client.get(&["v1", "organizations", organization_id, "tenants", tenant_id]).json().await
    }

    /// Replaces a tenant's name and region.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update_tenant(
        &self,
        organization_id: &str,
        tenant_id: &str,
        tenant: &TenantBody,
    ) -> Result<Tenant> {
        self.client
            .put(&["v1", "organizations", organization_id, "tenants", tenant_id])
            .body(tenant)
            .json()
            .await
    }

    /// Suspends a tenant: nobody works in it until it is resumed. Suspending it again changes nothing.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn suspend_tenant(&self, organization_id: &str, tenant_id: &str) -> Result<Tenant> {
        let path = ["v1", "organizations", organization_id, "tenants", tenant_id, "suspend"];
        self.client.post(&path).repeatable().json().await
    }

    /// Lets a suspended tenant go on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn resume_tenant(&self, organization_id: &str, tenant_id: &str) -> Result<Tenant> {
        let path = ["v1", "organizations", organization_id, "tenants", tenant_id, "resume"];
        self.client.post(&path).repeatable().json().await
    }

    /// Deletes a tenant.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete_tenant(&self, organization_id: &str, tenant_id: &str) -> Result<()> {
        self.client.delete(&["v1", "organizations", organization_id, "tenants", tenant_id]).done().await
    }
}
