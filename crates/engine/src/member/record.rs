use portcullis_domain::{MEMBERSHIP_RECORDS, MemberRoles, StoredMember};
use portcullis_jose::Digest;
use portcullis_store::{ChangeKind, Queries};
use portcullis_types::authress::RecordStatus;

use crate::change::Unit;
use crate::record::{note_principals, size};
use crate::{Portcullis, Result};

/// The id of a membership's access record. User ids may be longer than record ids and hold other characters: hence the digest.
fn record_id(organization_id: &str, user_id: &str) -> String {
    let digest = Digest::of(format!("{organization_id}\0{user_id}").as_bytes());
    let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{MEMBERSHIP_RECORDS}{hex}")
}

/// A member's roles; none when the record is gone.
pub(crate) async fn roles_of(
    queries: &mut dyn Queries,
    organization_id: &str,
    user_id: &str,
) -> Result<MemberRoles> {
    let row = queries.record(&record_id(organization_id, user_id)).await?;
    let live = row.filter(|row| row.record.status == RecordStatus::Active);
    Ok(live.map(|row| MemberRoles::of_record(&row.record, organization_id)).unwrap_or_default())
}

/// Writes a membership within a change that has the organization locked: the record, and the row if there was none.
pub(crate) async fn write(
    portcullis: &Portcullis,
    unit: &mut Unit,
    organization_id: &str,
    user_id: &str,
    roles: &MemberRoles,
) -> Result<StoredMember> {
    let id = record_id(organization_id, user_id);
    let stored = unit.queries().record_for_update(&id).await?.map(|row| row.record);
    let at = portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
    let record = roles.record(id, organization_id, user_id, at)?;
    size(&record)?;
    match stored {
        Some(_) => unit.queries().replace_record(&record).await?,
        None => unit.queries().insert_record(&record).await?,
    };
    note_principals(unit, &record);
    unit.changed(ChangeKind::Organization, organization_id);
    if let Some(member) = unit.queries().member(organization_id, user_id).await? {
        return Ok(member);
    }
    let member = StoredMember {
        organization_id: organization_id.to_owned(),
        user_id: user_id.to_owned(),
        joined_at: portcullis.now(),
    };
    unit.queries().insert_member(&member).await?;
    Ok(member)
}

/// Ends what a membership gives, within a change.
pub(crate) async fn delete_record(
    portcullis: &Portcullis,
    unit: &mut Unit,
    organization_id: &str,
    user_id: &str,
) -> Result<()> {
    let id = record_id(organization_id, user_id);
    let Some(row) = unit.queries().record_for_update(&id).await? else { return Ok(()) };
    let at = portcullis.change_time(Some(row.record.updated_at));
    if unit.queries().delete_record(&id, at).await? {
        note_principals(unit, &row.record);
    }
    Ok(())
}
