use portcullis_types::authress::RecordStatus;

use super::{management_resource, note_principals};
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes an access record: it stops to grant, and can still be read.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] unless the caller is an admin of it or may UPDATE it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, record_id: &str) -> Result<()> {
    checked(portcullis_types::id::record_id, "recordId", record_id)?;
    let (portcullis, cx, record_id) = (portcullis.clone(), cx.clone(), record_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().record_for_update(&record_id).await?;
        let stored = stored.ok_or(Error::NotFound("access record"))?.record;
        let admin = stored.is_admin(cx.name());
        rights.require_on("UPDATE", &management_resource(&record_id), admin, "access record")?;
        if stored.status == RecordStatus::Deleted {
            return Err(Error::NotFound("access record"));
        }
        super::require_not_owned(&record_id)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        unit.queries().delete_record(&record_id, at).await?;
        note_principals(&mut unit, &stored);
        unit.audit("record.delete", &record_id, None);
        unit.commit().await
    })
    .await
}
