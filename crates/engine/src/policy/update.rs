use portcullis_domain::StoredPolicy;
use portcullis_types::FieldError;
use portcullis_types::policy::{Policy, PolicyBody};

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces an attribute policy. It counts at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it, or for an allow that the caller could not hand out; [`Error::ChangedSince`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    policy_id: &str,
    body: PolicyBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Policy> {
    portcullis_domain::policy_id(policy_id)?;
    if body.policy_id.as_deref().is_some_and(|given| given != policy_id) {
        return Err(FieldError::new("policyId", "the id in the path, or none").into());
    }
    let (portcullis, cx, policy_id) = (portcullis.clone(), cx.clone(), policy_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().policy_for_update(&policy_id).await?.ok_or(Error::NotFound("policy"))?;
        rights.require_on("UPDATE", &management_resource(&policy_id), false, "policy")?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let policy = StoredPolicy::from_body(body, policy_id, at)?;
        super::require_lift(&rights, &stored)?;
        super::require_hand_out(&rights, &policy)?;
        unit.queries().update_policy(&policy).await?;
        super::note(&mut unit, &policy.policy_id);
        unit.audit("policy.update", &policy.policy_id, None);
        unit.commit().await?;
        Ok(policy.wire())
    })
    .await
}
