use portcullis_domain::StoredOverride;
use portcullis_types::policy::{Override, OverrideBody};

use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an override. It counts at once.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Portcullis:Overrides`, or for an allow that the caller could not hand out; [`Error::Conflict`] when the id is in use;
/// [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: OverrideBody) -> Result<Override> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let override_id = match &body.override_id {
            Some(override_id) => override_id.clone(),
            None => portcullis.mint("ovr_")?,
        };
        let one = StoredOverride::from_body(body, override_id, portcullis.change_time(None))?;
        let rights = portcullis.rights(&cx).await?;
        rights.require_create(super::COLLECTION)?;
        super::require_hand_out(&rights, &one)?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        super::require_room(&mut unit, &one).await?;
        if !unit.queries().insert_override(&one).await? {
            return Err(Error::Conflict("an override of this id exists"));
        }
        super::note(&mut unit, &one);
        unit.audit("override.create", &one.override_id, None);
        unit.commit().await?;
        Ok(one.wire())
    })
    .await
}
