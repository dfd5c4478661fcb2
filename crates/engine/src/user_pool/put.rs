use portcullis_domain::UserPool;
use portcullis_types::sign_in::{UserPoolBody, UserPoolView};

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Sets a user pool, whether or not there was one of that id.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) and [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on
/// `Portcullis:UserPools/{pool_id}`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn put(
    portcullis: &Portcullis,
    cx: &Cx,
    pool_id: &str,
    body: UserPoolBody,
) -> Result<UserPoolView> {
    let pool = UserPool::from_body(body, pool_id.to_owned(), portcullis.change_time(None))?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&pool.pool_id), false, "user pool")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        unit.queries().put_user_pool(&pool).await?;
        let stored = unit.queries().user_pool(&pool.pool_id).await?.unwrap_or(pool);
        unit.audit("user_pool.put", &stored.pool_id, None);
        unit.commit().await?;
        Ok(stored.wire(portcullis.inner.settings.sign_in.pools))
    })
    .await
}
