//! Who sent this bearer: a service client's own JWT, a user's JWT of ours, or a raw access key (spec `authress-api.md` §5.4).

use std::sync::Arc;

use portcullis_jose::{
    AccessKey, AccessKeyError, Claims, Epoch, JwkSet, Proof, UnverifiedToken, VerifyingKey,
    looks_like_access_key,
};
use portcullis_types::{AuthError, BoxFuture, Caller, Guard, Timestamp};

use crate::{Error, Portcullis, Result};

/// How far a clock of somebody who signs may be ahead of ours.
const LEEWAY_SECS: u8 = 60;
/// How long a raw access key is taken without being looked up again. Its deletion counts at once all the same.
const RAW_KEY_SECS: i64 = 3600;

/// A caller, and what the memory of verified bearers needs to know of the proof.
struct Verified {
    caller: Caller,
    key_id: String,
    exp: Timestamp,
}

/// Why a bearer was not accepted, while it is worked out.
enum Refusal {
    Invalid(&'static str),
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<portcullis_store::StoreError> for Refusal {
    fn from(error: portcullis_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Guard for Portcullis {
    fn authenticate<'a>(&'a self, bearer: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>> {
        Box::pin(async move {
            if let Some(caller) = self.inner.verified.find(bearer, self.now()) {
                return Ok(caller);
            }
            self.verify(bearer).await
        })
    }
}

impl Portcullis {
    /// The caller behind a bearer that was verified before, without waiting.
    pub fn remembered(&self, bearer: &str) -> Option<Caller> {
        self.inner.verified.find(bearer, self.now())
    }

    async fn verify(&self, bearer: &str) -> Result<Caller, AuthError> {
        // Before anything is looked up: what is forgotten from here on is not remembered again by this call.
        let epoch = self.inner.verified.epoch();
        let verified = if looks_like_access_key(bearer) {
            self.verify_raw_key(bearer).await
        } else {
            self.verify_token(bearer).await
        };
        match verified {
            Ok(verified) => Ok(self.remember(bearer, epoch, verified)),
            Err(Refusal::Invalid(reason)) => Err(AuthError::Invalid(reason)),
            Err(Refusal::Failed(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a bearer could not be checked");
                Err(AuthError::Unavailable)
            }
        }
    }

    fn remember(&self, bearer: &str, epoch: Epoch, verified: Verified) -> Caller {
        let proof = Proof { key_id: &verified.key_id, exp: verified.exp, epoch };
        if !self.inner.cut_off.load(std::sync::atomic::Ordering::Acquire) {
            self.inner.verified.insert(bearer, proof, verified.caller.clone());
        }
        verified.caller
    }

    async fn verify_raw_key(&self, bearer: &str) -> Result<Verified, Refusal> {
        let key = AccessKey::parse(bearer).map_err(|_reason| Refusal::Invalid("not an access key"))?;
        if key.account_id() != self.account().account_id {
            return Err(Refusal::Invalid("the access key is of another account"));
        }
        let (registered, options) = self.client_key(key.client_id(), key.key_id()).await?;
        key.verify_against(&registered)
            .map_err(|_other: AccessKeyError| Refusal::Invalid("the access key is not known"))?;
        Ok(client(key.client_id(), key.key_id(), options, self.now().plus_secs(RAW_KEY_SECS)))
    }

    async fn verify_token(&self, bearer: &str) -> Result<Verified, Refusal> {
        let invalid = |_reason| Refusal::Invalid("not a valid token");
        let token = UnverifiedToken::parse(bearer).map_err(invalid)?;
        let issuer = token.unverified_issuer().unwrap_or_default().to_owned();
        if issuer == self.public_url() {
            return self.verify_user_token(token).await;
        }
        let client_id = self.client_of_issuer(&issuer).ok_or(Refusal::Invalid("unknown issuer"))?.to_owned();
        if token.unverified_subject() != Some(client_id.as_str()) {
            return Err(Refusal::Invalid("the subject is not the issuer's client"));
        }
        let (key, options) = self.client_key(&client_id, token.kid()).await?;
        let claims = token.verify(&key, self.now(), LEEWAY_SECS).map_err(invalid)?;
        // What is signed must be what was looked up.
        if claims.subject() != client_id || claims.issuer() != issuer {
            return Err(Refusal::Invalid("not a valid token"));
        }
        if !claims.has_audience(&format!("{}.accounts.authress.io", self.account().account_id)) {
            return Err(Refusal::Invalid("the audience is another account"));
        }
        Ok(client(&client_id, key.kid(), options, claims.expires_at()))
    }

    async fn verify_user_token(&self, token: UnverifiedToken<'_>) -> Result<Verified, Refusal> {
        let invalid = |_reason| Refusal::Invalid("not a valid token");
        // An ID token, or anything else of ours that is not for access, must not pass (RFC 9068 §4).
        if !token.has_typ("at+jwt") {
            return Err(Refusal::Invalid("not an access token"));
        }
        let key = self.inner.keys.find(token.kid()).ok_or(Refusal::Invalid("unknown key"))?;
        let claims: Claims = token.verify(key, self.now(), LEEWAY_SECS).map_err(invalid)?;
        let token_id = claims.token_id().ok_or(Refusal::Invalid("the token has no id"))?;
        let stored = self.read().await?.queries().token(token_id).await?;
        match stored {
            Some(stored)
                if stored.revoked_at.is_none()
                    && !crate::cx::is_local(claims.subject())
                    && stored.user_id == claims.subject()
                    && claims.expires_at() <= stored.expires_at =>
            {
                let limited_by = (!stored.statements.is_empty()).then(|| Arc::from(token_id));
                Ok(Verified {
                    caller: Caller::User { user_id: claims.subject().into(), limited_by },
                    key_id: token_id.to_owned(),
                    exp: claims.expires_at(),
                })
            }
            _ => Err(Refusal::Invalid("the token was disabled")),
        }
    }

    async fn client_key(
        &self,
        client_id: &str,
        key_id: &str,
    ) -> Result<(VerifyingKey, portcullis_types::authress::ClientOptions), Refusal> {
        let unknown = Refusal::Invalid("unknown key");
        let mut snapshot = self.read().await?;
        let Some(client) = snapshot.queries().client(client_id).await? else { return Err(unknown) };
        let Some(key) = snapshot.queries().access_key(client_id, key_id).await? else { return Err(unknown) };
        let key = VerifyingKey::from_spki_base64(key.key_id, &key.public_key).map_err(Error::from)?;
        Ok((key, client.options))
    }

    /// The client id in the issuer of a client's own token: `{origin}/v1/clients/{id}`.
    fn client_of_issuer<'a>(&self, issuer: &'a str) -> Option<&'a str> {
        let official = format!("https://{}.api.authress.io", self.account().account_id);
        let settings = &self.inner.settings;
        let origins = std::iter::once(settings.public_url.as_str())
            .chain(settings.origin_aliases.iter().map(String::as_str))
            .chain(std::iter::once(official.as_str()));
        for origin in origins {
            // The origin ends here: `http://host` is not the beginning of `http://hostv1`.
            let path = issuer.strip_prefix(origin.trim_end_matches('/')).filter(|path| path.starts_with('/'));
            let path = path.map(|path| path.trim_start_matches('/'));
            if let Some(client_id) = path.and_then(|path| path.strip_prefix("v1/clients/"))
                && portcullis_types::id::client_id(client_id).is_ok()
            {
                return Some(client_id);
            }
        }
        None
    }

    /// The public keys that verify this installation's user tokens (RFC 7517 §5).
    pub fn jwks(&self) -> JwkSet {
        self.inner.keys.jwks()
    }

    /// The public keys that verify a service client's tokens.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown client.
    pub async fn client_jwks(&self, client_id: &str) -> Result<JwkSet> {
        let mut snapshot = self.read().await?;
        if snapshot.queries().client(client_id).await?.is_none() {
            return Err(Error::NotFound("client"));
        }
        let keys = snapshot.queries().access_keys(client_id).await?;
        let keys: Result<Vec<_>, portcullis_jose::KeyError> = keys
            .into_iter()
            .map(|key| VerifyingKey::from_spki_base64(key.key_id, &key.public_key).map(|key| key.jwk()))
            .collect();
        Ok(JwkSet { keys: keys? })
    }
}

fn client(
    client_id: &str,
    key_id: &str,
    options: portcullis_types::authress::ClientOptions,
    exp: Timestamp,
) -> Verified {
    Verified {
        caller: Caller::Client { client_id: client_id.into(), key_id: key_id.into(), options },
        key_id: access_key_name(client_id, key_id),
        exp,
    }
}

/// A client's key by a name that no other key has.
pub(crate) fn access_key_name(client_id: &str, key_id: &str) -> String {
    format!("{client_id}/{key_id}")
}
