use portcullis_types::Sensitive;
use portcullis_types::auth::{
    AuthUser, ChangePasswordBody, ForgotPasswordBody, LoginBody, MailBoundAnswer, RefreshBody, RegisterBody,
    ResetPasswordBody, SessionBody, SessionCollection, TokenBody, VerifyAnswer, VerifyBody, VerifyEmailBody,
};
use reqwest::Method;

use super::area;
use crate::Result;
use crate::transport::Request;

area! {
    /// Registration, login, tokens, sessions and passwords of users (`/v1/auth`). What names a user is that user's access
    /// token, whatever the client's own credential is.
    Auth
}

/// What a registration led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The user is there and signed in: the server sends no mail.
    SignedIn(Box<TokenBody>),
    /// What happens next is in the mail, whoever is registered.
    MailSent(MailBoundAnswer),
}

impl Auth<'_> {
    /// Registers a user.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 `email_taken` from a server without mail.
    pub async fn register(&self, user: &RegisterBody) -> Result<Registered> {
        let answer = self.post("register").body(user).send().await?;
        match answer.status {
            201 => answer.json().map(|tokens| Registered::SignedIn(Box::new(tokens))),
            202 => answer.json().map(Registered::MailSent),
            _ => Err(answer.into_error()),
        }
    }

    /// Signs a user in with an address of the pool `main` and a password. [`Auth::login_with`] knows more.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 `invalid_credentials`; `Unavailable` with 429 when locked out.
    pub async fn login(&self, email: &str, password: &str) -> Result<TokenBody> {
        let (email, password) = (email.to_owned(), Sensitive::new(password));
        self.login_with(&LoginBody { email, password, pool: None, device_name: None }).await
    }

    /// The same, with a pool and a name for the device.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 `invalid_credentials`; `Unavailable` with 429 when locked out.
    pub async fn login_with(&self, login: &LoginBody) -> Result<TokenBody> {
        self.post("login").body(login).json().await
    }

    /// Gives new tokens for a refresh token, which is used up by it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 for a token that is used, revoked or past its time.
    pub async fn refresh(&self, refresh_token: &str) -> Result<TokenBody> {
        let body = RefreshBody { refresh_token: Some(Sensitive::new(refresh_token)) };
        self.post("refresh").body(&body).json().await
    }

    /// Gives a new access token for the current one, which may be past its time for a while.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 when its session ended.
    pub async fn refresh_token(&self, access_token: &str) -> Result<TokenBody> {
        self.post("refresh").bearer(access_token).json().await
    }

    /// Ends the session of an access token.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 for a dead token.
    pub async fn logout(&self, access_token: &str) -> Result<()> {
        self.post("logout").bearer(access_token).done().await
    }

    /// Ends every session of the user.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 for a dead token.
    pub async fn logout_all(&self, access_token: &str) -> Result<()> {
        self.post_to(&["logout", "all"]).bearer(access_token).done().await
    }

    /// Asks the server whether an access token is good now. No caller is needed.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn verify(&self, token: &str) -> Result<VerifyAnswer> {
        // A question: repeating it changes nothing.
        let body = VerifyBody { token: Sensitive::new(crate::config::bare(token)) };
        self.post("verify").body(&body).repeatable().json().await
    }

    /// Whose an access token is.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 401 for a dead token.
    pub async fn me(&self, access_token: &str) -> Result<AuthUser> {
        self.client.get(&["v1", "auth", "me"]).bearer(access_token).json().await
    }

    /// The user's sessions that are alive, the latest first.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn sessions(&self, access_token: &str) -> Result<Vec<SessionBody>> {
        let request = self.client.get(&["v1", "auth", "sessions"]).bearer(access_token);
        request.json::<SessionCollection>().await.map(|found| found.sessions)
    }

    /// Ends one of the user's sessions.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 404 when the user has no such session.
    pub async fn end_session(&self, access_token: &str, session_id: &str) -> Result<()> {
        self.client.delete(&["v1", "auth", "sessions", session_id]).bearer(access_token).done().await
    }

    /// Changes the user's password.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn change_password(&self, access_token: &str, change: &ChangePasswordBody) -> Result<()> {
        // Not again: the first time may have changed it, and a wrong present password counts as a failure.
        let request = self.client.put(&["v1", "auth", "password"]).once();
        request.bearer(access_token).body(change).done().await
    }

    /// Has a link sent with which the password can be set again, if anybody registered the address in the pool `main`.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn forgot_password(&self, email: &str) -> Result<()> {
        let body = ForgotPasswordBody { email: email.to_owned(), pool: None };
        self.post_to(&["password", "forgot"]).body(&body).done().await
    }

    /// Sets a new password with the token of the mail.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn reset_password(&self, token: &str, new_password: &str) -> Result<()> {
        let (token, new_password) = (Sensitive::new(token), Sensitive::new(new_password));
        self.post_to(&["password", "reset"]).body(&ResetPasswordBody { token, new_password }).done().await
    }

    /// Proves an address with the token of the mail.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn verify_email(&self, token: &str) -> Result<()> {
        let body = VerifyEmailBody { token: Sensitive::new(token) };
        self.post_to(&["email", "verify"]).body(&body).done().await
    }

    fn post(&self, verb: &str) -> Request<'_> {
        self.post_to(&[verb])
    }

    /// Users speak for themselves here, so the client's own credential stays at home.
    fn post_to(&self, segments: &[&str]) -> Request<'_> {
        let path = crate::path(&[&["v1", "auth"], segments].concat());
        self.client.request(Method::POST, path).anonymous()
    }
}
