use portcullis_domain::StoredOverride;
use portcullis_types::FieldError;
use portcullis_types::policy::{Override, OverrideBody};

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces an override. It counts at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it, or for an allow that the caller could not hand out; [`Error::ChangedSince`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    override_id: &str,
    body: OverrideBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Override> {
    portcullis_domain::override_id(override_id)?;
    if body.override_id.as_deref().is_some_and(|given| given != override_id) {
        return Err(FieldError::new("overrideId", "the id in the path, or none").into());
    }
    let (portcullis, cx, override_id) = (portcullis.clone(), cx.clone(), override_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored =
            unit.queries().override_for_update(&override_id).await?.ok_or(Error::NotFound("override"))?;
        rights.require_on("UPDATE", &management_resource(&override_id), false, "override")?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let one = StoredOverride::from_body(body, override_id, at)?;
        super::require_lift(&rights, &stored)?;
        super::require_hand_out(&rights, &one)?;
        if stored.body.user_id != one.body.user_id {
            super::require_room(&mut unit, &one).await?;
        }
        unit.queries().update_override(&one).await?;
        super::note(&mut unit, &stored);
        super::note(&mut unit, &one);
        unit.audit("override.update", &one.override_id, None);
        unit.commit().await?;
        Ok(one.wire())
    })
    .await
}
