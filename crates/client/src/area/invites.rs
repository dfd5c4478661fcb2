use portcullis_types::authress::{Account, Invite, InviteBody};

use super::area;
use crate::Result;

area! {
    /// Invites (spec `authress-api.md` §3.4): whoever knows the id of one may accept it.
    Invites
}

impl Invites<'_> {
    /// Creates an invite. The caller must be able to hand out what it gives.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn create(&self, invite: &InviteBody) -> Result<Invite> {
        self.client.post(&["v1", "invites"]).body(invite).json().await
    }

    /// Reads an invite.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, invite_id: &str) -> Result<Invite> {
        self.client.get(&["v1", "invites", invite_id]).json().await
    }

    /// Accepts an invite for the caller: a client with the invited user's token.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn accept(&self, invite_id: &str) -> Result<Account> {
        self.client.patch(&["v1", "invites", invite_id]).json().await
    }

    /// Withdraws an invite.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, invite_id: &str) -> Result<()> {
        self.client.delete(&["v1", "invites", invite_id]).done().await
    }
}
