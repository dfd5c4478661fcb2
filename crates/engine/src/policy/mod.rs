//! Attribute policies (spec `guard-request.md` §3.2). One that allows is a grant to everybody whom its conditions fit, so it takes
//! the right to hand that out; so does the end of one that denies.

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

use portcullis_domain::StoredPolicy;
use portcullis_types::policy::Effect;

use crate::Result;
use crate::access::Rights;
use crate::change::Unit;

const COLLECTION: &str = "Portcullis:Policies";

fn management_resource(policy_id: &str) -> String {
    format!("{COLLECTION}/{policy_id}")
}

/// Says that what is in memory of a policy is stale.
pub(crate) fn note(unit: &mut Unit, policy_id: &str) {
    let (kind, key) = crate::guard::policy_change(policy_id);
    unit.changed(kind, key);
}

fn require_hand_out(rights: &Rights, policy: &StoredPolicy) -> Result<()> {
    match policy.body.effect {
        Effect::Allow => rights.require_hand_out_allow(&policy.body.permission, &policy.body.resource),
        Effect::Deny => Ok(()),
    }
}

/// The end of a deny gives back what it took.
fn require_lift(rights: &Rights, policy: &StoredPolicy) -> Result<()> {
    match policy.body.effect {
        Effect::Deny => rights.require_hand_out_allow(&policy.body.permission, &policy.body.resource),
        Effect::Allow => Ok(()),
    }
}
