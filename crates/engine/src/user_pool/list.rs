use portcullis_types::sign_in::UserPoolView;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists the user pools, in the order of their ids; at most 100 a page. A filter is ignored.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:UserPools`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<UserPoolView>> {
    let limit = request.limit(100)?;
    let after = request.after()?;
    let rights = portcullis.rights(cx).await?;
    if !rights.holds("READ", "Portcullis:UserPools/*") {
        rights.require("READ", "Portcullis:UserPools")?;
    }
    let mut snapshot = portcullis.read().await?;
    let pools = snapshot.queries().list_user_pools(after.as_deref(), limit.saturating_add(1)).await?;
    let defaults = portcullis.inner.settings.sign_in.pools;
    Ok(Listing::cut(pools, limit, |pool| &pool.pool_id).map(|pool| pool.wire(defaults)))
}
