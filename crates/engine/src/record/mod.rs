//! Access records: who gets which roles on which resources (spec `authress-api.md` §3.3).

mod create;
mod delete;
mod list;
mod show;
mod update;

pub use create::create;
pub(crate) use create::{insert, note_principals};
pub use delete::delete;
pub use list::list;
pub use show::show;
pub(crate) use update::replace;
pub use update::update;

use portcullis_domain::{MAX_DOCUMENT_BYTES, Record, TooLarge, is_membership_record};
use portcullis_store::RecordRow;
use portcullis_types::authress::AccessRecord;

use crate::{Portcullis, Result};

pub(crate) fn management_resource(record_id: &str) -> String {
    format!("Authress:AccessRecords/{record_id}")
}

fn wire(portcullis: &Portcullis, row: &RecordRow) -> AccessRecord {
    let record_id = &row.record.record_id;
    row.record.wire(
        &portcullis.account().account_id,
        portcullis.links(&format!("/v1/records/{record_id}")),
        row.bytes,
    )
}

/// Refuses to write a record that says who belongs to an organization: that would leave its member behind, or its last OWNER out.
pub(crate) fn require_not_owned(record_id: &str) -> Result<()> {
    if is_membership_record(record_id) {
        Err(crate::Error::Conflict("the record of a membership is changed through its organization"))
    } else {
        Ok(())
    }
}

/// Refuses a record over the limit, and gives its size.
pub(crate) fn size(record: &Record) -> Result<usize> {
    let bytes = serde_json::to_vec(record).map_err(crate::Error::internal)?.len();
    if bytes > MAX_DOCUMENT_BYTES { Err(TooLarge.into()) } else { Ok(bytes) }
}
