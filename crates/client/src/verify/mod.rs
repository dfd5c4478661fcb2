//! Tokens, verified here: no call to the server, except for keys that are not known yet.

mod access_token;
mod keys;

use std::fmt;

pub(crate) use keys::Keys;
use portcullis_jose::{Claims, TokenError, UnverifiedToken};
use portcullis_types::id;

use crate::{Client, ClientError};

/// How far a clock of somebody who signs may be ahead of ours, in seconds.
pub(crate) const LEEWAY_SECS: u8 = 60;

/// Why a token was not accepted. Holds no part of it.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// The token itself: its form, its times, its signature.
    Token(TokenError),
    /// Another issuer than the server, and none of its service clients.
    Issuer,
    /// For somebody else.
    Audience,
    /// A token for another purpose than access (an ID token, a login link).
    Kind,
    /// Signed with a key that its issuer does not publish.
    UnknownKey,
    /// The keys could not be read, so nothing is known about the token: refuse, but say that it is not the caller's fault.
    VerificationUnavailable(ClientError),
}

impl VerifyError {
    /// Whether nothing is known about the token.
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::VerificationUnavailable(_))
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => write!(f, "not a valid token: {error}"),
            Self::Issuer => f.write_str("the token is of another issuer"),
            Self::Audience => f.write_str("the token is for somebody else"),
            Self::Kind => f.write_str("not an access token"),
            Self::UnknownKey => f.write_str("the token's key is unknown"),
            Self::VerificationUnavailable(_) => f.write_str("the token could not be verified"),
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Token(error) => Some(error),
            Self::VerificationUnavailable(error) => Some(error),
            _ => None,
        }
    }
}

impl From<TokenError> for VerifyError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

/// Who claims to have signed.
enum Signer {
    /// The server, for a user.
    Server,
    /// A service client, for itself.
    Client(String),
}

impl Client {
    /// Verifies an access token of a user (signed by the server) or of a service client (signed by itself), and gives what
    /// it says. A leading `Bearer ` is dropped.
    ///
    /// Signature, times, issuer, audience and kind are checked here, with keys that are kept for up to an hour. **Revocation
    /// is not seen**: where that matters, ask [`Auth::verify`](crate::area::Auth::verify) or the guard. Keys are always read
    /// from the base URL, never from where a token points.
    ///
    /// # Errors
    /// [`VerifyError`]; only [`VerifyError::VerificationUnavailable`] says nothing about the token.
    pub async fn verify_token(&self, token: &str) -> Result<Claims, VerifyError> {
        let token = UnverifiedToken::parse(crate::config::bare(token))?;
        match self.signer(&token)? {
            Signer::Server => self.verify_user_token(token).await,
            Signer::Client(client_id) => self.verify_client_token(token, &client_id).await,
        }
    }

    fn signer(&self, token: &UnverifiedToken<'_>) -> Result<Signer, VerifyError> {
        let issuer = token.unverified_issuer().ok_or(TokenError::Issuer)?;
        let settings = self.settings();
        let ours = [settings.issuer.as_str(), settings.base_url.as_str()];
        if ours.contains(&issuer) {
            return Ok(Signer::Server);
        }
        let client_id =
            ours.iter().find_map(|origin| issuer.strip_prefix(origin)?.strip_prefix("/v1/clients/"));
        match client_id {
            Some(client_id) if id::client_id(client_id).is_ok() => Ok(Signer::Client(client_id.to_owned())),
            _ => Err(VerifyError::Issuer),
        }
    }

    /// What an access token of the server says, for whatever audience. Service clients sign nothing but tokens for the server itself.
    async fn verify_for_any_audience(&self, token: &str) -> Result<Claims, VerifyError> {
        let token = UnverifiedToken::parse(token)?;
        match self.signer(&token)? {
            Signer::Server => self.verify_token_of_server(token).await,
            Signer::Client(_) => Err(VerifyError::Issuer),
        }
    }

    async fn verify_token_of_server(&self, token: UnverifiedToken<'_>) -> Result<Claims, VerifyError> {
        // RFC 9068 §4: an ID token must not pass for an access token.
        if !token.has_typ("at+jwt") {
            return Err(VerifyError::Kind);
        }
        self.verify_with_keys_of(token, &[]).await
    }

    async fn verify_user_token(&self, token: UnverifiedToken<'_>) -> Result<Claims, VerifyError> {
        let claims = self.verify_token_of_server(token).await?;
        let audiences = &self.settings().audiences;
        if audiences.iter().any(|audience| claims.has_audience(audience)) {
            Ok(claims)
        } else {
            Err(VerifyError::Audience)
        }
    }

    async fn verify_client_token(
        &self,
        token: UnverifiedToken<'_>,
        client_id: &str,
    ) -> Result<Claims, VerifyError> {
        // Older SDKs say `JWT` (spec `authress-api.md` §5.3). What they sign for logins is no access token.
        if !(token.has_typ("at+jwt") || token.has_typ("JWT")) {
            return Err(VerifyError::Kind);
        }
        if token.unverified_subject() != Some(client_id) {
            return Err(VerifyError::Issuer);
        }
        let claims = self.verify_with_keys_of(token, &["v1", "clients", client_id]).await?;
        let for_an_account = |audience: &String| match self.credential().account_id() {
            Some(account_id) => *audience == format!("{account_id}.accounts.authress.io"),
            None => audience.ends_with(".accounts.authress.io"),
        };
        if claims.audience().iter().any(for_an_account) { Ok(claims) } else { Err(VerifyError::Audience) }
    }

    /// `issuer`: the segments of its path below the base URL.
    async fn verify_with_keys_of(
        &self,
        token: UnverifiedToken<'_>,
        issuer: &[&str],
    ) -> Result<Claims, VerifyError> {
        let key = self.keys().find(self, issuer, token.kid()).await?;
        Ok(token.verify(&key, self.now(), LEEWAY_SECS)?)
    }
}
