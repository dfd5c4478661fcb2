use portcullis_domain::ResourcePath;
use portcullis_types::authress::PermissionedResource;

use super::config_resource;
use crate::access::bad_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a resource's configuration.
///
/// # Errors
/// [`Error::Forbidden`] without grant of `*` on `Authress:ResourcePermissions/{uri}`; [`Error::NotFound`] when it has none;
/// [`Error::Invalid`].
pub async fn show(portcullis: &Portcullis, cx: &Cx, uri: &str) -> Result<PermissionedResource> {
    let normal = ResourcePath::normal(uri).map_err(|error| bad_resource("resourceUri", error))?;
    portcullis.rights(cx).await?.require_grant_of_all(&config_resource(normal))?;
    let config = portcullis.read().await?.queries().resource_config(normal).await?;
    Ok(config.ok_or(Error::NotFound("resource configuration"))?.wire())
}
