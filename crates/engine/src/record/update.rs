use std::collections::BTreeSet;

use portcullis_domain::{CompiledStatement, Principal, Record};
use portcullis_store::RecordRow;
use portcullis_types::FieldError;
use portcullis_types::authress::{AccessRecord, AccessRecordBody, RecordStatus, User};

use super::{management_resource, note_principals, size, wire};
use crate::access::{Rights, checked};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces an access record. Absent `admins` stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] unless the caller is an admin of it or may UPDATE it, and may hand out what it
/// grants anew; [`Error::ChangedSince`]; [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    record_id: &str,
    body: AccessRecordBody,
    expected: Option<UnmodifiedSince>,
) -> Result<AccessRecord> {
    checked(portcullis_types::id::record_id, "recordId", record_id)?;
    if body.record_id.as_deref().is_some_and(|given| given != record_id) {
        return Err(FieldError::new("recordId", "the id in the path, or none").into());
    }
    let (portcullis, cx, record_id) = (portcullis.clone(), cx.clone(), record_id.to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().record_for_update(&record_id).await?;
        let stored = stored.ok_or(Error::NotFound("access record"))?.record;
        let admin = stored.is_admin(cx.name());
        rights.require_on("UPDATE", &management_resource(&record_id), admin, "access record")?;
        if stored.status == RecordStatus::Deleted {
            return Err(Error::NotFound("access record"));
        }
        super::require_not_owned(&record_id)?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let row = replace(&portcullis, &mut unit, &mut rights, &stored, body).await?;
        unit.audit("record.update", &record_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &row))
    })
    .await
}

/// Writes a record's new content within a change.
pub(crate) async fn replace(
    portcullis: &Portcullis,
    unit: &mut Unit,
    rights: &mut Rights,
    stored: &Record,
    mut body: AccessRecordBody,
) -> Result<RecordRow> {
    body.admins.get_or_insert_with(|| stored.admins.clone());
    let at = portcullis.change_time(Some(stored.updated_at));
    let record = Record::from_body(body, stored.record_id.clone(), "", at)?;
    let bytes = size(&record)?;
    rights.look_up_roles(unit.queries(), record.compile().iter().flat_map(|one| &one.roles)).await?;
    require_hand_out_of_new(rights, stored, &record)?;
    if !unit.queries().replace_record(&record).await? {
        return Err(Error::NotFound("access record"));
    }
    note_principals(unit, stored);
    note_principals(unit, &record);
    Ok(RecordRow { record, bytes })
}

/// Whoever may edit a record need not hold what it grants already, but may add only what they could hand out.
fn require_hand_out_of_new(rights: &Rights, stored: &Record, record: &Record) -> Result<()> {
    let before = stored.compile();
    for statement in record.compile() {
        if before.iter().any(|old| covers(old, &statement)) {
            continue;
        }
        rights.require_hand_out(&statement)?;
    }
    if added_admin(stored, record) {
        // An admin can give every grant of the record to anybody.
        record.compile().iter().try_for_each(|statement| rights.require_hand_out(statement))?;
    }
    Ok(())
}

fn added_admin(stored: &Record, record: &Record) -> bool {
    let known: BTreeSet<&str> = stored.admins.iter().map(|User { user_id }| user_id.as_str()).collect();
    record.admins.iter().any(|admin| !known.contains(admin.user_id.as_str()))
}

fn covers(old: &CompiledStatement, new: &CompiledStatement) -> bool {
    let principals: BTreeSet<&Principal> = old.principals.iter().collect();
    new.principals.iter().all(|principal| principals.contains(principal))
        && new.resources.iter().all(|resource| old.resources.binary_search(resource).is_ok())
        && new.roles.iter().all(|role| old.roles.binary_search(role).is_ok())
}
