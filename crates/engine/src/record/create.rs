use portcullis_domain::{PrincipalKind, Record};
use portcullis_store::{ChangeKind, RecordRow};
use portcullis_types::authress::{AccessRecord, AccessRecordBody};

use super::{size, wire};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an access record. Over a deleted one of the same id it is created anew (spec `authress-api.md` §4.5).
///
/// # Errors
/// [`Error::Forbidden`] unless the caller may hand out everything that it grants; [`Error::Conflict`] when the id is in use;
/// [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: AccessRecordBody) -> Result<AccessRecord> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let record_id = match &body.record_id {
            Some(record_id) => record_id.clone(),
            None => portcullis.mint("rec_")?,
        };
        super::require_not_owned(&record_id)?;
        let record = Record::from_body(body, record_id, cx.name(), portcullis.change_time(None))?;
        let bytes = size(&record)?;
        let mut rights = portcullis.rights(&cx).await?;
        let compiled = record.compile();
        compiled.iter().try_for_each(|statement| rights.require_hand_out(statement))?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        // Again, by what the roles are now.
        rights.look_up_roles(unit.queries(), compiled.iter().flat_map(|one| &one.roles)).await?;
        compiled.iter().try_for_each(|statement| rights.require_hand_out(statement))?;
        let deleted = unit.queries().record_for_update(&record.record_id).await?;
        let updated_at = portcullis.change_time(deleted.map(|row| row.record.updated_at));
        let record = Record { updated_at, ..record };
        insert(&mut unit, &record).await?;
        unit.audit("record.create", &record.record_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &RecordRow { record, bytes }))
    })
    .await
}

/// Writes a new record within a change.
pub(crate) async fn insert(unit: &mut Unit, record: &Record) -> Result<()> {
    if !unit.queries().insert_record(record).await? {
        return Err(Error::Conflict("an access record of this id exists"));
    }
    note_principals(unit, record);
    Ok(())
}

/// Says that what is in memory about everybody whom the record names is stale.
pub(crate) fn note_principals(unit: &mut Unit, record: &Record) {
    for principal in record.compile().into_iter().flat_map(|statement| statement.principals) {
        let kind = match principal.kind {
            PrincipalKind::User => ChangeKind::User,
            PrincipalKind::Group => ChangeKind::Group,
        };
        unit.changed(kind, principal.id);
    }
}
