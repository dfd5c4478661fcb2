use portcullis_types::authress::PermissionedResource;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists the resources that are configured; at most 20 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Authress:ResourcePermissions`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    request: PageRequest,
) -> Result<Listing<PermissionedResource>> {
    let limit = request.limit(20)?;
    let page = request.store_page(20, 64)?;
    portcullis.rights(cx).await?.require("READ", "Authress:ResourcePermissions")?;
    let configs = portcullis.read().await?.queries().list_resource_configs(&page).await?;
    Ok(Listing::cut(configs, limit, |config| &config.resource).map(|config| config.wire()))
}
