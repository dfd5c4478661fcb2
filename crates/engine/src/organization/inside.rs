use portcullis_domain::{StoredOrganization, organization_resource, tenant_resource};
use portcullis_store::Queries;
use portcullis_types::organization::OrganizationStatus;

use super::management_resource;
use crate::access::{Rights, checked, forbidden};
use crate::change::Unit;
use crate::{Cx, Error, Result};

/// What it takes to work on an organization: a permission of members, or an action of operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// To read it: every default role.
    Read,
    /// To rename it and to change its tenants: ADMIN and OWNER.
    Manage,
    /// To change its members and seats: ADMIN and OWNER.
    Members,
    /// To delete it: OWNER.
    Own,
}

impl Need {
    fn permission(self) -> &'static str {
        match self {
            Self::Read => "organization:read",
            Self::Manage => "organization:manage",
            Self::Members => "organization:members",
            Self::Own => "organization:own",
        }
    }

    fn action(self) -> &'static str {
        if self == Self::Read { "READ" } else { "UPDATE" }
    }
}

/// Whoever asks, in an organization that they may know of.
pub(crate) struct Inside {
    pub(crate) organization: StoredOrganization,
    is_member: bool,
    is_operator: bool,
}

impl Inside {
    /// Finds an organization for reading.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for everybody who is neither a member nor an operator of it (AZ-02).
    pub(crate) async fn read(
        queries: &mut dyn Queries,
        rights: &Rights,
        cx: &Cx,
        organization_id: &str,
    ) -> Result<Self> {
        checked(portcullis_types::id::plain_id, "organizationId", organization_id)?;
        let found = queries.organization(organization_id).await?;
        Self::of(queries, rights, cx, found.ok_or(Error::NotFound("organization"))?).await
    }

    /// Finds an organization for changing it or what is in it: changes of one organization wait for each other.
    ///
    /// # Errors
    /// As [`Inside::read`].
    pub(crate) async fn change(
        unit: &mut Unit,
        rights: &Rights,
        cx: &Cx,
        organization_id: &str,
    ) -> Result<Self> {
        checked(portcullis_types::id::plain_id, "organizationId", organization_id)?;
        let found = unit.queries().organization_for_update(organization_id).await?;
        Self::of(unit.queries(), rights, cx, found.ok_or(Error::NotFound("organization"))?).await
    }

    async fn of(
        queries: &mut dyn Queries,
        rights: &Rights,
        cx: &Cx,
        organization: StoredOrganization,
    ) -> Result<Self> {
        let id = organization.organization_id.as_str();
        let managed = management_resource(id);
        let is_operator = rights.holds("UPDATE", &managed);
        let is_member = rights.token_covers(Need::Read.permission(), &organization_resource(id))
            && queries.member(id, cx.name()).await?.is_some();
        if is_operator || is_member || rights.holds("READ", &managed) {
            Ok(Self { organization, is_member, is_operator })
        } else {
            Err(Error::NotFound("organization"))
        }
    }

    /// Whether the caller may do it, in the whole organization or in one tenant.
    pub(crate) fn may(&self, rights: &Rights, need: Need, tenant_id: Option<&str>) -> bool {
        let id = &self.organization.organization_id;
        (self.is_member && rights.holds(need.permission(), &self.place(tenant_id)))
            || rights.holds(need.action(), &management_resource(id))
    }

    /// Refuses unless the caller may do it. Members change nothing in a suspended organization.
    pub(crate) fn require(&self, rights: &Rights, need: Need, tenant_id: Option<&str>) -> Result<()> {
        if !self.may(rights, need, tenant_id) {
            return Err(forbidden(need.permission(), &self.place(tenant_id)));
        }
        let suspended = self.organization.status == OrganizationStatus::Suspended;
        if suspended && need != Need::Read && !self.is_operator {
            return Err(Error::Conflict("the organization is suspended"));
        }
        Ok(())
    }

    /// Whether the caller may choose ids that are unique in the installation: who else could, would learn which are taken.
    pub(crate) fn is_operator(&self) -> bool {
        self.is_operator
    }

    fn place(&self, tenant_id: Option<&str>) -> String {
        let id = &self.organization.organization_id;
        tenant_id.map_or_else(|| organization_resource(id), |tenant| tenant_resource(id, tenant))
    }
}
