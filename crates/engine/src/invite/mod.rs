//! Invites: a link by which somebody who has no id yet gets access (spec `authress-api.md` §3.4, §4.5).

mod create;
mod delete;
mod respond;
mod show;

pub use create::create;
pub use delete::delete;
pub use respond::respond;
pub use show::show;

use portcullis_domain::StoredInvite;
use portcullis_types::authress::Invite;

use crate::Portcullis;

pub(crate) fn management_resource(invite_id: &str) -> String {
    format!("Authress:Invites/{invite_id}")
}

fn wire(portcullis: &Portcullis, invite: &StoredInvite) -> Invite {
    invite.wire(portcullis.links(&format!("/v1/invites/{}", invite.invite_id)))
}
