//! Nobody hands out more by an application than they could by a record.

use portcullis_types::application::Application;

use crate::access::{Rights, require_hand_out_of};
use crate::change::Unit;
use crate::{Cx, Result};

/// Refuses unless the caller could hand out what whoever controls the application gets at: what records give the application itself,
/// and, with this installation among its audiences, everything that any of its users may do here.
pub(super) async fn require_hand_out(
    cx: &Cx,
    unit: &mut Unit,
    rights: &mut Rights,
    application: &Application,
) -> Result<()> {
    let portcullis = unit.portcullis();
    if application.audiences.iter().any(|audience| audience == portcullis.public_url()) {
        for tree in ["*", "Authress:*", "Portcullis:*"] {
            rights.require_delegate_of_all(tree)?;
        }
    }
    if cx.name() == application.application_id {
        return Ok(());
    }
    require_hand_out_of(unit, rights, &application.application_id).await
}
