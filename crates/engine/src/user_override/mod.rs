//! Overrides: what one user may, or may not, whatever else is said, for good or for a time (spec `guard-request.md` §3.2). One
//! that allows takes the right to hand that out; so does the end of one that denies.

mod create;
mod delete;
mod list;
mod show;
mod update;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use show::show;
pub use update::update;

use portcullis_domain::{StoredOverride, principal_id};
use portcullis_store::ChangeKind;
use portcullis_types::policy::Effect;

use crate::access::Rights;
use crate::change::Unit;
use crate::guard::MAX_OVERRIDES;
use crate::{Error, Result};

const COLLECTION: &str = "Portcullis:Overrides";

fn management_resource(override_id: &str) -> String {
    format!("{COLLECTION}/{override_id}")
}

/// Says that what is in memory of the user is stale.
pub(crate) fn note(unit: &mut Unit, one: &StoredOverride) {
    unit.changed(ChangeKind::User, principal_id(&one.body.user_id));
}

fn require_hand_out(rights: &Rights, one: &StoredOverride) -> Result<()> {
    match one.body.effect {
        Effect::Allow => rights.require_hand_out_allow(&one.body.permission, &one.body.resource),
        Effect::Deny => Ok(()),
    }
}

/// The end of a deny gives back what it took.
fn require_lift(rights: &Rights, one: &StoredOverride) -> Result<()> {
    match one.body.effect {
        Effect::Deny => rights.require_hand_out_allow(&one.body.permission, &one.body.resource),
        Effect::Allow => Ok(()),
    }
}

/// A decision reads all overrides of a user, so there must be few.
pub(crate) async fn require_room(unit: &mut Unit, one: &StoredOverride) -> Result<()> {
    let user_id = principal_id(&one.body.user_id);
    let held = unit.queries().overrides_of(user_id, MAX_OVERRIDES).await?;
    if held.len() < usize::try_from(MAX_OVERRIDES).unwrap_or(usize::MAX) {
        Ok(())
    } else {
        Err(Error::Conflict("a user has at most 500 overrides"))
    }
}
