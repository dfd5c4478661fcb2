use portcullis_domain::{MemberRoles, StoredOrganization, organization_resource, principal_id};
use portcullis_store::ChangeKind;
use portcullis_types::authress::ResourceAction;
use portcullis_types::organization::{Organization, OrganizationBody};

use super::{COLLECTION, wire};
use crate::access::{Rights, checked, forbidden};
use crate::change::Unit;
use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an organization; the creator, or whom `owner` names, becomes its OWNER. (A local command that names nobody makes one
/// without members.)
///
/// It takes CREATE on `Portcullis:Organizations`. Where the resource `organizations` is configured `CLAIM`, every user may
/// create organizations, with a minted id and for themselves; without that configuration nobody else may.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::Conflict`] when the id is in use, or when records give access to it already; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: OrganizationBody) -> Result<Organization> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        require_create(&mut unit, &rights, &cx, &body).await?;
        let owner = match (&body.owner, &cx.actor) {
            (Some(owner), _) => {
                checked(portcullis_types::id::user_id, "owner", owner)?;
                Some(principal_id(owner).to_owned())
            }
            (None, Actor::Caller(caller)) => Some(caller.principal().to_owned()),
            (None, _) => None,
        };
        let id = match &body.organization_id {
            Some(id) => id.clone(),
            None => portcullis.mint("org_")?,
        };
        let organization = StoredOrganization::from_body(body, id, portcullis.change_time(None))?;
        let resource = organization_resource(&organization.organization_id);
        // What is new belongs to the user, not to the token that asked for it.
        if !rights.token_covers_owning(&resource) {
            return Err(forbidden("DELEGATE *", &resource));
        }
        insert(&mut unit, &organization).await?;
        if let Some(owner) = owner {
            let id = &organization.organization_id;
            crate::member::write(&portcullis, &mut unit, id, &owner, &MemberRoles::owner()).await?;
        }
        unit.audit("organization.create", &organization.organization_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &organization))
    })
    .await
}

async fn require_create(unit: &mut Unit, rights: &Rights, cx: &Cx, body: &OrganizationBody) -> Result<()> {
    let Err(refused) = rights.require_create(COLLECTION) else { return Ok(()) };
    let for_another = body.owner.as_deref().is_some_and(|owner| principal_id(owner) != cx.name());
    if body.organization_id.is_some() || for_another {
        return Err(refused);
    }
    let config = unit.queries().resource_config("organizations").await?;
    let somebody = matches!(cx.actor, Actor::Caller(_));
    let open = somebody && config.is_some_and(|config| config.allows(ResourceAction::Claim));
    if open { Ok(()) } else { Err(refused) }
}

/// Writes a new organization within a change. Nobody may have access to it yet: ids can be named in records before.
pub(crate) async fn insert(unit: &mut Unit, organization: &StoredOrganization) -> Result<()> {
    let id = &organization.organization_id;
    if unit.queries().has_explicit_access(&organization_resource(id)).await? {
        return Err(Error::Conflict("somebody has access to an organization of this id already"));
    }
    if !unit.queries().insert_organization(organization).await? {
        return Err(Error::Conflict("an organization of this id exists"));
    }
    unit.changed(ChangeKind::Organization, id);
    Ok(())
}
