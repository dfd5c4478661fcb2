use portcullis_domain::{ResourceConfig, ResourcePath};
use portcullis_store::ChangeKind;
use portcullis_types::authress::{PermissionedResource, PermissionedResourceBody, ResourceAction};

use super::config_resource;
use crate::access::{Rights, bad_resource};
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Replaces a resource's configuration.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without grant of `*` on `Authress:ResourcePermissions/{uri}`, and, because it
/// hands out, without grant of `*` on the resource to make it `PUBLIC`, and delegate of `*` below it to make it `CLAIM`able;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    uri: &str,
    body: PermissionedResourceBody,
) -> Result<PermissionedResource> {
    let path = ResourcePath::parse(uri).map_err(|error| bad_resource("resourceUri", error))?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let config = ResourceConfig::from_body(body, &path)?;
        let rights = portcullis.rights(&cx).await?;
        rights.require_grant_of_all(&config_resource(path.as_str()))?;
        require_hand_out(&rights, &config)?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        put(&mut unit, &config).await?;
        unit.audit("resource.update", &path.to_string(), None);
        unit.commit().await?;
        Ok(config.wire())
    })
    .await
}

/// Writes a configuration within a change.
pub(crate) async fn put(unit: &mut Unit, config: &ResourceConfig) -> Result<()> {
    unit.queries().put_resource_config(config).await?;
    unit.changed(ChangeKind::ResourceConfig, &config.resource);
    Ok(())
}

fn require_hand_out(rights: &Rights, config: &ResourceConfig) -> Result<()> {
    let resource = if config.resource.is_empty() { "/" } else { &config.resource };
    if config.allows(ResourceAction::Public) {
        rights.require_grant_of_all(resource)?;
    }
    if config.allows(ResourceAction::Claim) {
        let below = if config.resource.is_empty() { "*".to_owned() } else { format!("{resource}/*") };
        rights.require_delegate_of_all(&below)?;
    }
    Ok(())
}
