use portcullis_types::Sensitive;
use portcullis_types::oauth::{Introspection, TokenResponse, UserInfo};

use super::area;
use crate::Result;
use crate::transport::Request;

area! {
    /// Tokens of applications (`/oauth2`): what an application gets, and what a token is worth. The client's own bearer is not sent; the
    /// application proves to be itself by its secret.
    ///
    /// A refusal's `error_code` is that of RFC 6749 §5.2: `invalid_grant`, `invalid_client`, ….
    OAuth
}

/// An application, and its secret if it has one (`client_secret_post`).
#[derive(Clone, Debug)]
pub struct ApplicationCredential {
    /// The application.
    pub client_id: String,
    /// Its secret; a public application has none.
    pub client_secret: Option<Sensitive>,
}

impl OAuth<'_> {
    /// Gets a token for what the application does for itself. `scope` is separated by spaces; `resource` is the one that the token is for.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn client_credentials(
        &self,
        application: &ApplicationCredential,
        scope: Option<&str>,
        resource: Option<&str>,
    ) -> Result<TokenResponse> {
        let more = [("scope", scope), ("resource", resource)];
        let more = more.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let fields: Vec<_> = [("grant_type", "client_credentials")].into_iter().chain(more).collect();
        // Nothing is stored for it: another one does no harm.
        self.post("token", application, &fields).repeatable().json().await
    }

    /// Gets new tokens for a refresh token, which is used up by it. Sent again within the grace, it gives the same refresh token.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 400 `invalid_grant` for a token that is used, revoked or past its time.
    pub async fn refresh(
        &self,
        application: &ApplicationCredential,
        refresh_token: &str,
    ) -> Result<TokenResponse> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.post("token", application, &fields).json().await
    }

    /// Asks what a token is worth to this application (RFC 7662).
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError). That a token is worth nothing is an answer, and none of them is one.
    pub async fn introspect(
        &self,
        application: &ApplicationCredential,
        token: &str,
    ) -> Result<Introspection> {
        self.post("introspect", application, &[("token", token)]).repeatable().exactly_ok().await
    }

    /// Gives a token up (RFC 7009): with a refresh token everything that was given with it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn revoke(&self, application: &ApplicationCredential, token: &str) -> Result<()> {
        self.post("revoke", application, &[("token", token)]).repeatable().done().await
    }

    /// Asks what is known of the user of an access token, which needs the scope `openid`.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn user_info(&self, access_token: &str) -> Result<UserInfo> {
        self.client.get(&["oauth2", "userinfo"]).bearer(access_token).exactly_ok().await
    }

    fn post(&self, what: &str, application: &ApplicationCredential, fields: &[(&str, &str)]) -> Request<'_> {
        let secret = application.client_secret.as_ref().map(|secret| ("client_secret", secret.expose()));
        let own = [Some(("client_id", application.client_id.as_str())), secret];
        let fields: Vec<_> = own.into_iter().flatten().chain(fields.iter().copied()).collect();
        self.client.post(&["oauth2", what]).anonymous().form(&fields)
    }
}
