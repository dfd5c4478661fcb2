use portcullis_types::organization::Organization;

use super::{Inside, wire};
use crate::{Cx, Portcullis, Result};

/// Reads an organization.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) also for whoever is neither a member of it nor holds READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, organization_id: &str) -> Result<Organization> {
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    Ok(wire(portcullis, &inside.organization))
}
