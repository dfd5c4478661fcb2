use portcullis_types::policy::Policy;

use super::management_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an attribute policy.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, policy_id: &str) -> Result<Policy> {
    portcullis_domain::policy_id(policy_id)?;
    let rights = portcullis.rights(cx).await?;
    let stored = portcullis.read().await?.queries().policy(policy_id).await?;
    let stored = stored.ok_or(Error::NotFound("policy"))?;
    rights.require_on("READ", &management_resource(policy_id), false, "policy")?;
    Ok(stored.wire())
}
