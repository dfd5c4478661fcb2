use portcullis_types::authress::{TokenRequest, UserToken};

use super::area;
use crate::Result;

area! {
    /// Users' tokens that are limited to statements (spec `authress-api.md` §3.1).
    Tokens
}

impl Tokens<'_> {
    /// Mints a token for a user that can do only what its statements grant *and* the user may.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn create(&self, user_id: &str, token: &TokenRequest) -> Result<UserToken> {
        self.client.post(&["v1", "users", user_id, "tokens"]).body(token).json().await
    }

    /// Ends a user's token before its time.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn disable(&self, user_id: &str, token_id: &str) -> Result<()> {
        self.client.delete(&["v1", "users", user_id, "tokens", token_id]).done().await
    }
}
