use portcullis_types::BoxFuture;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Does something to a user who is there, as one transaction that holds the user's lock.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on `Authress:Users/{user_id}`; those of `work`.
pub(super) async fn manage(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    work: for<'a> fn(&'a mut Unit, &'a str) -> BoxFuture<'a, Result<()>>,
) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if unit.queries().user_for_update(&user_id).await?.is_none() {
            return Err(Error::NotFound("user"));
        }
        work(&mut unit, &user_id).await?;
        unit.commit().await
    })
    .await
}
