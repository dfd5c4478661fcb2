use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes an attribute policy for good.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without DELETE on it, or for a deny that the caller could not hand out the opposite of.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, policy_id: &str) -> Result<()> {
    portcullis_domain::policy_id(policy_id)?;
    let (portcullis, cx, policy_id) = (portcullis.clone(), cx.clone(), policy_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().policy_for_update(&policy_id).await?;
        let stored = stored.ok_or(Error::NotFound("policy"))?;
        rights.require_on("DELETE", &management_resource(&policy_id), false, "policy")?;
        super::require_lift(&rights, &stored)?;
        unit.queries().delete_policy(&policy_id).await?;
        super::note(&mut unit, &policy_id);
        unit.audit("policy.delete", &policy_id, None);
        unit.commit().await
    })
    .await
}
