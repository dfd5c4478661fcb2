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
use portcullis_jose::Digest;
use portcullis_types::authress::Invite;

use crate::Portcullis;

pub(crate) fn management_resource(invite_id: &str) -> String {
    format!("Authress:Invites/{invite_id}")
}

/// Under which an invite is stored: its id is a credential, of which a copy of the database must not tell.
fn stored_id(invite_id: &str) -> String {
    format!("inv_{}", hex(&Digest::of(invite_id.as_bytes())))
}

fn hex(digest: &Digest) -> String {
    digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn wire(portcullis: &Portcullis, invite: StoredInvite, invite_id: &str) -> Invite {
    let links = portcullis.links(&format!("/v1/invites/{invite_id}"));
    StoredInvite { invite_id: invite_id.to_owned(), ..invite }.wire(links)
}
