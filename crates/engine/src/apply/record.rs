use portcullis_domain::Record;
use portcullis_types::authress::{AccessRecordBody, RecordStatus};
use portcullis_types::id;

use super::{Applying, Verb, required};
use crate::Result;

impl Applying {
    pub(super) async fn record(&mut self, mut body: AccessRecordBody) -> Result<()> {
        let record_id = required("recordId", body.record_id.clone(), id::record_id)?;
        crate::record::require_not_owned(&record_id)?;
        let stored = self.unit.queries().record_for_update(&record_id).await?.map(|row| row.record);
        if let (None, Some(stored)) = (&body.admins, &stored) {
            body.admins = Some(stored.admins.clone());
        }
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let record = Record::from_body(body, record_id, &self.actor, at)?;
        crate::record::size(&record)?;
        let verb = match &stored {
            Some(stored) if stored.status == RecordStatus::Deleted => Verb::Create,
            None => Verb::Create,
            Some(stored) if *stored == (Record { updated_at: stored.updated_at, ..record.clone() }) => {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => crate::record::insert(&mut self.unit, &record).await?,
            Verb::Update => {
                self.unit.queries().replace_record(&record).await?;
                crate::record::note_principals(&mut self.unit, &record);
            }
        }
        if let (Verb::Update, Some(stored)) = (verb, &stored) {
            crate::record::note_principals(&mut self.unit, stored);
        }
        self.did(verb, "record", &record.record_id);
        Ok(())
    }
}
