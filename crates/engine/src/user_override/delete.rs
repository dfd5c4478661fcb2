use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes an override for good.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without DELETE on it, or for a deny that the caller could not hand out the opposite of.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, override_id: &str) -> Result<()> {
    portcullis_domain::override_id(override_id)?;
    let (portcullis, cx, override_id) = (portcullis.clone(), cx.clone(), override_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().override_for_update(&override_id).await?;
        let stored = stored.ok_or(Error::NotFound("override"))?;
        rights.require_on("DELETE", &management_resource(&override_id), false, "override")?;
        super::require_lift(&rights, &stored)?;
        unit.queries().delete_override(&override_id).await?;
        super::note(&mut unit, &stored);
        unit.audit("override.delete", &override_id, None);
        unit.commit().await
    })
    .await
}
