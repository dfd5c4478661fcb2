use portcullis_domain::StoredPolicy;
use portcullis_types::policy::{Policy, PolicyBody};

use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an attribute policy. It counts at once.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Portcullis:Policies`, or for an allow that the caller could not hand out; [`Error::Conflict`] when the id is in use;
/// [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: PolicyBody) -> Result<Policy> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let policy_id = match &body.policy_id {
            Some(policy_id) => policy_id.clone(),
            None => portcullis.mint("pol_")?,
        };
        let policy = StoredPolicy::from_body(body, policy_id, portcullis.change_time(None))?;
        let rights = portcullis.rights(&cx).await?;
        rights.require_create(super::COLLECTION)?;
        super::require_hand_out(&rights, &policy)?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().insert_policy(&policy).await? {
            return Err(Error::Conflict("an attribute policy of this id exists"));
        }
        super::note(&mut unit, &policy.policy_id);
        unit.audit("policy.create", &policy.policy_id, None);
        unit.commit().await?;
        Ok(policy.wire())
    })
    .await
}
