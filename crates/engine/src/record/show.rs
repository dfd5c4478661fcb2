use portcullis_types::authress::AccessRecord;

use super::{management_resource, wire};
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an access record; a deleted one comes back with its status (spec `authress-api.md` §4.5).
///
/// # Errors
/// [`Error::NotFound`] also when the caller is not an admin of it and may not read it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, record_id: &str) -> Result<AccessRecord> {
    checked(portcullis_types::id::record_id, "recordId", record_id)?;
    let rights = portcullis.rights(cx).await?;
    let row = portcullis.read().await?.queries().record(record_id).await?;
    let row = row.ok_or(Error::NotFound("access record"))?;
    let admin = row.record.is_admin(cx.name());
    rights.require_on("READ", &management_resource(record_id), admin, "access record")?;
    Ok(wire(portcullis, &row))
}
