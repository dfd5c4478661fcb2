use portcullis_types::sign_in::UserPoolView;

use super::management_resource;
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a user pool.
///
/// # Errors
/// [`Error::NotFound`] also without READ on `Portcullis:UserPools/{pool_id}`.
pub async fn show(portcullis: &Portcullis, cx: &Cx, pool_id: &str) -> Result<UserPoolView> {
    checked(portcullis_types::id::pool_id, "poolId", pool_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(pool_id), false, "user pool")?;
    let pool = portcullis.read().await?.queries().user_pool(pool_id).await?;
    Ok(pool.ok_or(Error::NotFound("user pool"))?.wire(portcullis.inner.settings.sign_in.pools))
}
