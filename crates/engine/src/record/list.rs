use portcullis_domain::PrincipalKind;
use portcullis_store::{Page, Queries, RecordRow};
use portcullis_types::authress::{AccessRecord, RecordStatus};

use super::{management_resource, wire};
use crate::access::Rights;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists the access records that the caller may see: all with READ on `Authress:AccessRecords`, else those it is an admin of
/// or may read one by one. Active ones when no status is given; at most 20 a page.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    request: PageRequest,
    status: Option<RecordStatus>,
) -> Result<Listing<AccessRecord>> {
    let limit = request.limit(20)?;
    let page = request.store_page(20, 64)?;
    let status = Some(status.unwrap_or(RecordStatus::Active));
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let rows = if rights.holds("READ", "Authress:AccessRecords/*") {
        snapshot.queries().list_records(&page, status).await?
    } else {
        own(snapshot.queries(), cx, &rights, &page, status).await?
    };
    Ok(Listing::cut(rows, limit, |row| &row.record.record_id).map(|row| wire(portcullis, &row)))
}

/// What somebody without a right on all records may see.
async fn own(
    queries: &mut dyn Queries,
    cx: &Cx,
    rights: &Rights,
    page: &Page,
    status: Option<RecordStatus>,
) -> Result<Vec<RecordRow>> {
    let mut rows = administered(queries, cx, rights, page.clone(), status).await?;
    let mut named = queries.principal_grants(PrincipalKind::User, cx.name(), false).await?.resources;
    for group in queries.groups_of(cx.name()).await? {
        named.extend(queries.principal_grants(PrincipalKind::Group, &group, false).await?.resources);
    }
    let mut ids: Vec<String> = named
        .iter()
        .filter_map(|resource| resource.uri.strip_prefix("Authress:AccessRecords/"))
        .filter_map(|rest| rest.split('/').next())
        .filter(|id| {
            portcullis_types::id::record_id(id).is_ok()
                && page.after.as_deref().is_none_or(|after| *id > after)
        })
        .map(str::to_owned)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut found = 0;
    for id in ids {
        let known = rows.iter().any(|row| row.record.record_id == id);
        if found == limit || known || !rights.holds("READ", &management_resource(&id)) {
            continue;
        }
        if let Some(row) = queries.record(&id).await?
            && status.is_none_or(|status| row.record.status == status)
            && contains(&row, page.filter.as_deref())
        {
            rows.push(row);
            found += 1;
        }
    }
    rows.sort_by(|a, b| a.record.record_id.cmp(&b.record.record_id));
    rows.truncate(limit);
    Ok(rows)
}

/// The records that the caller is an admin of, as far as the caller's token reaches.
async fn administered(
    queries: &mut dyn Queries,
    cx: &Cx,
    rights: &Rights,
    mut page: Page,
    status: Option<RecordStatus>,
) -> Result<Vec<RecordRow>> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut kept: Vec<RecordRow> = Vec::new();
    loop {
        let batch = queries.records_by_admin(cx.name(), &page, status).await?;
        let full = batch.len() == wanted;
        page.after = batch.last().map(|row| row.record.record_id.clone());
        let covered =
            |row: &RecordRow| rights.token_covers("READ", &management_resource(&row.record.record_id));
        kept.extend(batch.into_iter().filter(covered));
        if !full || kept.len() >= wanted {
            kept.truncate(wanted);
            return Ok(kept);
        }
    }
}

fn contains(row: &RecordRow, filter: Option<&str>) -> bool {
    let record = &row.record;
    filter.is_none_or(|filter| {
        [Some(&record.record_id), Some(&record.name), record.description.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(filter))
    })
}
