use futures_util::Stream;
use portcullis_types::auth::{SessionBody, SessionCollection};
use portcullis_types::authress::{TokenConfigurationBody, UserIdentity, UserIdentityCollection};
use portcullis_types::consent::{ConnectedApplication, ConsentCollection};
use portcullis_types::sign_in::SignInStatus;

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Users' profiles (spec `authress-api.md` §3.2), and whether they may sign in, which is Portcullis's own.
    Users
}

impl<'c> Users<'c> {
    /// The users.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<UserIdentity>> + Send + use<'c> {
        let this = *self;
        items(move |cursor| {
            let query = query.clone();
            async move { this.list_page(&query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<UserIdentity>> {
        let request = query.on(self.client.get(&["v1", "users"]));
        page::<UserIdentityCollection>(request, cursor).await
    }

    /// Reads a user's profile.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, user_id: &str) -> Result<UserIdentity> {
        self.client.get(&["v1", "users", user_id]).json().await
    }

    /// Deletes a user's profile and ends the user's tokens.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, user_id: &str) -> Result<()> {
        self.client.delete(&["v1", "users", user_id]).done().await
    }

    /// How a user stands with signing in: the pool, the address, whether they may, and their wrong passwords in a row.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn sign_in(&self, user_id: &str) -> Result<SignInStatus> {
        self.client.get(&["v1", "users", user_id, "sign-in"]).json().await
    }

    /// Disables a user: every session and token of theirs ends. To disable one again changes nothing.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn disable(&self, user_id: &str) -> Result<()> {
        self.client.post(&["v1", "users", user_id, "disable"]).repeatable().done().await
    }

    /// Lets a disabled user sign in again. What was ended stays so.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn enable(&self, user_id: &str) -> Result<()> {
        self.client.post(&["v1", "users", user_id, "enable"]).repeatable().done().await
    }

    /// Mails a user a link to choose a password; the present one stays good until then.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when no mail can be sent.
    pub async fn start_reset(&self, user_id: &str) -> Result<()> {
        self.client.post(&["v1", "users", user_id, "password", "reset"]).done().await
    }

    /// A user's sessions that are alive, the last seen first.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn sessions(&self, user_id: &str) -> Result<Vec<SessionBody>> {
        let answer =
            self.client.get(&["v1", "users", user_id, "sessions"]).json::<SessionCollection>().await?;
        Ok(answer.sessions)
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn end_sessions(&self, user_id: &str) -> Result<()> {
        self.client.delete(&["v1", "users", user_id, "sessions"]).done().await
    }

    /// The applications that a user allowed something, or that hold tokens of theirs.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn consents(&self, user_id: &str) -> Result<Vec<ConnectedApplication>> {
        let request = self.client.get(&["v1", "users", user_id, "consents"]);
        Ok(request.json::<ConsentCollection>().await?.consents)
    }

    /// Withdraws all that a user allowed an application, and ends what it was given.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn withdraw_consent(&self, user_id: &str, application_id: &str) -> Result<()> {
        self.client.delete(&["v1", "users", user_id, "consents", application_id]).done().await
    }

    /// Replaces how long a user's tokens live.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn configure_tokens(
        &self,
        user_id: &str,
        configuration: &TokenConfigurationBody,
    ) -> Result<UserIdentity> {
        self.client.put(&["v1", "users", user_id, "token-configuration"]).body(configuration).json().await
    }
}
