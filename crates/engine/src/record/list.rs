use std::collections::BTreeSet;

use portcullis_domain::{PrincipalKind, Record};
use portcullis_store::{Page, Queries, RecordRow};
use portcullis_types::authress::{AccessRecord, RecordStatus};

use super::{management_resource, wire};
use crate::access::Rights;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// The management resource that records are below.
const COLLECTION: &str = "Authress:AccessRecords";

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
    let public = portcullis.public_resources().await?;
    let mut snapshot = portcullis.read().await?;
    let rows = if rights.holds("READ", "Authress:AccessRecords/*") {
        snapshot.queries().list_records(&page, status).await?
    } else {
        Own { queries: snapshot.queries(), cx, rights: &rights, status }.list(page, public).await?
    };
    Ok(Listing::cut(rows, limit, |row| &row.record.record_id).map(|row| wire(portcullis, &row)))
}

/// What somebody without a right on all records may see.
struct Own<'a> {
    queries: &'a mut dyn Queries,
    cx: &'a Cx,
    rights: &'a Rights,
    status: Option<RecordStatus>,
}

impl Own<'_> {
    async fn list(self, page: Page, public: Vec<String>) -> Result<Vec<RecordRow>> {
        let mut reached = Reached::default();
        public.iter().for_each(|uri| reached.add(uri));
        let own = self.queries.principal_grants(PrincipalKind::User, self.cx.name(), false).await?;
        own.resources.iter().for_each(|resource| reached.add(&resource.uri));
        for group in self.queries.groups_of(self.cx.name()).await? {
            let grants = self.queries.principal_grants(PrincipalKind::Group, &group, false).await?;
            grants.resources.iter().for_each(|resource| reached.add(&resource.uri));
        }
        // What is named by wildcards can be anywhere; what is named by id is looked up.
        if reached.by_wildcard { self.walk(page).await } else { self.look_up(page, reached.ids).await }
    }

    fn sees(&self, record: &Record) -> bool {
        let resource = management_resource(&record.record_id);
        let admin = record.is_admin(self.cx.name()) && self.rights.token_covers("READ", &resource);
        admin || self.rights.holds("READ", &resource)
    }

    /// Every record, one page of the store after another, until there are enough that may be seen.
    async fn walk(self, mut page: Page) -> Result<Vec<RecordRow>> {
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut kept: Vec<RecordRow> = Vec::new();
        loop {
            let batch = self.queries.list_records(&page, self.status).await?;
            let full = batch.len() == wanted;
            page.after = batch.last().map(|row| row.record.record_id.clone());
            kept.extend(batch.into_iter().filter(|row| self.sees(&row.record)));
            if !full || kept.len() >= wanted {
                kept.truncate(wanted);
                return Ok(kept);
            }
        }
    }

    /// Those that the caller is an admin of, and those of `ids` that the caller may read.
    async fn look_up(mut self, page: Page, ids: BTreeSet<String>) -> Result<Vec<RecordRow>> {
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut rows = self.administered(page.clone()).await?;
        let mut found = 0;
        for id in ids.iter().filter(|id| page.after.as_ref().is_none_or(|after| *id > after)) {
            let known = rows.iter().any(|row| row.record.record_id == *id);
            if found == wanted || known || !self.rights.holds("READ", &management_resource(id)) {
                continue;
            }
            if let Some(row) = self.queries.record(id).await?
                && self.status.is_none_or(|status| row.record.status == status)
                && page.filter.as_deref().is_none_or(|filter| contains(&row.record, filter))
            {
                rows.push(row);
                found += 1;
            }
        }
        rows.sort_by(|a, b| a.record.record_id.cmp(&b.record.record_id));
        rows.truncate(wanted);
        Ok(rows)
    }

    async fn administered(&mut self, mut page: Page) -> Result<Vec<RecordRow>> {
        let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let mut kept: Vec<RecordRow> = Vec::new();
        loop {
            let batch = self.queries.records_by_admin(self.cx.name(), &page, self.status).await?;
            let full = batch.len() == wanted;
            page.after = batch.last().map(|row| row.record.record_id.clone());
            kept.extend(batch.into_iter().filter(|row| self.sees(&row.record)));
            if !full || kept.len() >= wanted {
                kept.truncate(wanted);
                return Ok(kept);
            }
        }
    }
}

/// The records that resources reach one by one.
#[derive(Default)]
struct Reached {
    ids: BTreeSet<String>,
    by_wildcard: bool,
}

impl Reached {
    /// Adds what `uri`, a normal form, reaches.
    fn add(&mut self, uri: &str) {
        let mut segments = uri.split('/');
        let (Some(collection), Some(id)) = (segments.next(), segments.next()) else { return };
        if collection == "Authress:*" || (collection == COLLECTION && id.contains('*')) {
            self.by_wildcard = true;
        } else if collection == COLLECTION && portcullis_types::id::record_id(id).is_ok() {
            self.ids.insert(id.to_owned());
        }
    }
}

/// Whether a record's text has `filter` in it, which is folded: the same texts, folded the same way, as the store looks at.
fn contains(record: &Record, filter: &str) -> bool {
    let people = record.users.iter().chain(&record.admins).map(|user| &user.user_id);
    let groups = record.groups.iter().map(|group| &group.group_id);
    let tags = record.tags.iter().flatten().flat_map(|(key, value)| [key, value]);
    let statements = record.statements.iter().flat_map(|statement| {
        let users = statement.users.iter().flatten().map(|user| &user.user_id);
        let groups = statement.groups.iter().flatten().map(|group| &group.group_id);
        let resources = statement.resources.iter().map(|resource| &resource.resource_uri);
        statement.roles.iter().chain(resources).chain(users).chain(groups)
    });
    let own = [&record.record_id, &record.name].into_iter().chain(&record.description);
    own.chain(people).chain(groups).chain(tags).chain(statements).any(|text| fold(text).contains(filter))
}

fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}
