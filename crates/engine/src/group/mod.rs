//! Groups: flat lists of users that records can name (spec `authress-api.md` §3.6, §4.4).

mod create;
mod delete;
mod list;
mod show;
mod update;

pub use create::create;
pub(crate) use create::{insert, note_members};
pub use delete::delete;
pub use list::list;
pub use show::show;
pub use update::update;

use portcullis_domain::{MAX_DOCUMENT_BYTES, TooLarge, UserGroup};
use portcullis_types::authress::Group;

use crate::{Portcullis, Result};

pub(crate) fn management_resource(group_id: &str) -> String {
    format!("Authress:Groups/{group_id}")
}

fn wire(portcullis: &Portcullis, group: &UserGroup) -> Group {
    group.wire(portcullis.links(&format!("/v1/groups/{}", group.group_id)))
}

pub(crate) fn check_size(group: &UserGroup) -> Result<()> {
    let bytes = serde_json::to_vec(group).map_err(crate::Error::internal)?.len();
    if bytes > MAX_DOCUMENT_BYTES { Err(TooLarge.into()) } else { Ok(()) }
}
