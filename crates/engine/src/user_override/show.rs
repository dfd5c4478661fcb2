use portcullis_types::policy::Override;

use super::management_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an override.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, override_id: &str) -> Result<Override> {
    portcullis_domain::override_id(override_id)?;
    let rights = portcullis.rights(cx).await?;
    let stored = portcullis.read().await?.queries().override_of_id(override_id).await?;
    let stored = stored.ok_or(Error::NotFound("override"))?;
    rights.require_on("READ", &management_resource(override_id), false, "override")?;
    Ok(stored.wire())
}
