use portcullis_domain::{MemberRoles, StoredOrganization, StoredTenant, principal_id};
use portcullis_store::ChangeKind;
use portcullis_types::organization::{MemberBody, OrganizationBody, TenantBody};
use portcullis_types::{FieldError, id};

use super::{ApplyOrganization, Applying, Verb, required, under};
use crate::Result;
use crate::access::checked;
use crate::member::{require_another_owner, require_tenants, roles_of, write};

impl Applying {
    pub(super) async fn organization(&mut self, new: ApplyOrganization) -> Result<()> {
        let organization_id = new.organization_id;
        checked(id::plain_id, "organizationId", &organization_id)?;
        let body = OrganizationBody { name: new.name, tags: new.tags, ..OrganizationBody::default() };
        let stored = self.unit.queries().organization_for_update(&organization_id).await?;
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let mut organization = StoredOrganization::from_body(body, organization_id.clone(), at)?;
        if let Some(stored) = &stored {
            (organization.status, organization.created_at) = (stored.status, stored.created_at);
        }
        let verb = match &stored {
            None => Verb::Create,
            Some(stored)
                if *stored
                    == (StoredOrganization { updated_at: stored.updated_at, ..organization.clone() }) =>
            {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => crate::organization::insert(&mut self.unit, &organization).await?,
            Verb::Update => {
                self.unit.queries().update_organization(&organization).await?;
                self.unit.changed(ChangeKind::Organization, &organization_id);
            }
        }
        self.did(verb, "organization", &organization_id);
        for (index, tenant) in new.tenants.into_iter().enumerate() {
            self.tenant(&organization_id, tenant).await.map_err(|error| under(error, "tenants", index))?;
        }
        for (index, member) in new.members.into_iter().enumerate() {
            self.member(&organization_id, member).await.map_err(|error| under(error, "members", index))?;
        }
        Ok(())
    }

    async fn tenant(&mut self, organization_id: &str, body: TenantBody) -> Result<()> {
        let tenant_id = required("tenantId", body.tenant_id.clone(), id::plain_id)?;
        let stored = self.unit.queries().tenant_for_update(&tenant_id).await?;
        if stored.as_ref().is_some_and(|stored| stored.organization_id != organization_id) {
            return Err(FieldError::new("tenantId", "an id that no other organization's tenant has").into());
        }
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let mut tenant = StoredTenant::from_body(body, tenant_id, organization_id.to_owned(), at)?;
        if let Some(stored) = &stored {
            (tenant.status, tenant.created_at) = (stored.status, stored.created_at);
        }
        let verb = match &stored {
            None => Verb::Create,
            Some(stored) if *stored == (StoredTenant { updated_at: stored.updated_at, ..tenant.clone() }) => {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => crate::tenant::insert(&mut self.unit, &tenant).await?,
            Verb::Update => {
                self.unit.queries().update_tenant(&tenant).await?;
                self.unit.changed(ChangeKind::Organization, organization_id);
            }
        }
        self.did(verb, "tenant", &tenant.tenant_id);
        Ok(())
    }

    async fn member(&mut self, organization_id: &str, body: MemberBody) -> Result<()> {
        let user_id = required("userId", body.user_id.clone(), id::user_id)?;
        let user_id = principal_id(&user_id);
        let roles = MemberRoles::from_body(&body)?;
        require_tenants(&mut self.unit, organization_id, &roles).await?;
        let before = roles_of(self.unit.queries(), organization_id, user_id).await?;
        let is_member = self.unit.queries().member(organization_id, user_id).await?.is_some();
        let verb = match (is_member, before == roles) {
            (false, _) => Verb::Create,
            (true, true) => Verb::Unchanged,
            (true, false) => Verb::Update,
        };
        if before.is_owner() && !roles.is_owner() {
            require_another_owner(self.unit.queries(), organization_id, user_id).await?;
        }
        if verb != Verb::Unchanged {
            write(&self.portcullis, &mut self.unit, organization_id, user_id, &roles).await?;
        }
        self.did(verb, "member", &format!("{organization_id}/{user_id}"));
        Ok(())
    }
}
