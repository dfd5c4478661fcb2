//! Who sent this bearer: a service client's own JWT, a user's JWT of ours, or a raw access key (spec `authress-api.md` §5.4).

use std::sync::Arc;

use portcullis_jose::{
    AccessKey, AccessKeyError, Claims, Epoch, JwkSet, Proof, TokenError, UnverifiedToken, VerifiedTokens,
    VerifyingKey, looks_like_access_key,
};
use portcullis_types::application::Application;
use portcullis_types::guard::SessionContext;
use portcullis_types::{AuthError, Caller, GuardCode, Timestamp};

use crate::bearer::{Bearer, TokenFacts};
use crate::oauth::{APPLICATION_TOKEN, may_have_audience, pool_of};
use crate::session::Touch;
use crate::session::standing::judge;
use crate::{Error, Portcullis, Result};

/// How far a clock of somebody who signs may be ahead of ours.
const LEEWAY_SECS: u8 = 60;
/// How long a raw access key is taken without being looked up again. Its deletion counts at once all the same.
const RAW_KEY_SECS: i64 = 3600;

/// A caller, and what the memory of verified bearers needs to know of the proof.
struct Verified {
    bearer: Bearer,
    key_id: String,
    /// Until when it may be remembered.
    until: Timestamp,
}

/// Why a bearer was not accepted, while it is worked out.
enum Refusal {
    Refused(GuardCode, &'static str),
    Failed(Error),
}

/// The usual refusal. The text is for people and holds no part of the credential.
fn invalid(reason: &'static str) -> Refusal {
    Refusal::Refused(GuardCode::TokenInvalid, reason)
}

/// Why a token was not accepted, as far as whoever sent it may know.
fn not_a_token(error: TokenError) -> Refusal {
    use TokenError as E;
    match error {
        E::Expired => Refusal::Refused(GuardCode::TokenExpired, "the token has expired"),
        E::TooLong | E::Parts | E::HeaderTooLong | E::Base64 | E::Header | E::Payload | E::TooDeep => {
            Refusal::Refused(GuardCode::TokenMalformed, "not a token")
        }
        _ => invalid("not a valid token"),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Refused(code, reason) => Self::Unauthenticated { code, reason },
            Refusal::Failed(error) => error,
        }
    }
}

impl From<portcullis_store::StoreError> for Refusal {
    fn from(error: portcullis_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Portcullis {
    /// The caller behind a bearer that was verified before, without waiting.
    pub fn remembered(&self, bearer: &str) -> Option<Caller> {
        Some(self.remembered_bearer(bearer)?.caller)
    }

    /// What a credential told that was verified before, without waiting.
    pub(crate) fn remembered_bearer(&self, credential: &str) -> Option<Bearer> {
        let now = self.now();
        let bearer = self.inner.verified.find(credential, now)?;
        self.note_use(&bearer, now);
        Some(bearer)
    }

    /// What an access token of ours tells, whomever it is for, from memory if it was verified before. For endpoints that tell what
    /// tokens are worth: it says nothing about who may call this API.
    pub(crate) async fn issued(&self, token: &str) -> Result<Bearer, AuthError> {
        let (now, memory) = (self.now(), &self.inner.issued);
        let bearer = match memory.find(token, now) {
            Some(bearer) => bearer,
            None => {
                let epoch = memory.epoch();
                let verified = self.verify_issued(token).await;
                self.settle(memory, token, epoch, verified)?
            }
        };
        self.note_use(&bearer, now);
        Ok(bearer)
    }

    /// What a credential tells, from memory if it was verified before.
    pub(crate) async fn bearer(&self, credential: &str) -> Result<Bearer, AuthError> {
        let now = self.now();
        let bearer = match self.inner.verified.find(credential, now) {
            Some(bearer) => bearer,
            None => self.verify(credential).await?,
        };
        self.note_use(&bearer, now);
        Ok(bearer)
    }

    async fn verify(&self, bearer: &str) -> Result<Bearer, AuthError> {
        let memory = &self.inner.verified;
        // Before anything is looked up: what is forgotten from here on is not remembered again by this call.
        let epoch = memory.epoch();
        let verified = if looks_like_access_key(bearer) {
            self.verify_raw_key(bearer).await
        } else {
            self.verify_token(bearer).await
        };
        self.settle(memory, bearer, epoch, verified)
    }

    /// Remembers what was found to be good, and says no to the rest.
    fn settle(
        &self,
        memory: &VerifiedTokens<Bearer>,
        credential: &str,
        epoch: Epoch,
        verified: Result<Verified, Refusal>,
    ) -> Result<Bearer, AuthError> {
        match verified {
            Ok(Verified { bearer, key_id, until }) => {
                let proof = Proof { key_id: &key_id, exp: until, epoch };
                if !self.inner.cut_off.load(std::sync::atomic::Ordering::Acquire) {
                    memory.insert(credential, proof, bearer.clone());
                }
                Ok(bearer)
            }
            Err(Refusal::Refused(code, reason)) => {
                if code == GuardCode::TokenRevoked {
                    // It may still be in memory, past its time there: a clock that is set back must not bring it back.
                    memory.drop_token(credential);
                }
                Err(AuthError::Invalid { code, reason })
            }
            Err(Refusal::Failed(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a bearer could not be checked");
                Err(AuthError::Unavailable)
            }
        }
    }

    async fn verify_raw_key(&self, bearer: &str) -> Result<Verified, Refusal> {
        let key = AccessKey::parse(bearer).map_err(|_reason| invalid("not an access key"))?;
        if key.account_id() != self.account().account_id {
            return Err(invalid("the access key is of another account"));
        }
        let (registered, options) = self.client_key(key.client_id(), key.key_id()).await?;
        key.verify_against(&registered)
            .map_err(|_other: AccessKeyError| invalid("the access key is not known"))?;
        let facts = TokenFacts::bare(self.now().plus_secs(RAW_KEY_SECS));
        Ok(client(key.client_id(), key.key_id(), options, facts))
    }

    async fn verify_token(&self, bearer: &str) -> Result<Verified, Refusal> {
        let token = UnverifiedToken::parse(bearer).map_err(not_a_token)?;
        let issuer = token.unverified_issuer().unwrap_or_default().to_owned();
        if issuer == self.public_url() {
            return self.verify_user_token(token).await;
        }
        let client_id = self.client_of_issuer(&issuer).ok_or(invalid("unknown issuer"))?.to_owned();
        if token.unverified_subject() != Some(client_id.as_str()) {
            return Err(invalid("the subject is not the issuer's client"));
        }
        let (key, options) = self.client_key(&client_id, token.kid()).await?;
        let claims = token.verify(&key, self.now(), LEEWAY_SECS).map_err(not_a_token)?;
        // What is signed must be what was looked up.
        if claims.subject() != client_id || claims.issuer() != issuer {
            return Err(invalid("not a valid token"));
        }
        if !claims.has_audience(&format!("{}.accounts.authress.io", self.account().account_id)) {
            return Err(invalid("the audience is another account"));
        }
        Ok(client(&client_id, key.kid(), options, facts(&claims)))
    }

    /// What an access token of ours says, its signature, kind, issuer and times found good. Whom it is for, and whether it was
    /// revoked, is not looked at.
    fn issued_claims(&self, token: UnverifiedToken<'_>, late_secs: u32) -> Result<Claims, Refusal> {
        // An ID token, or anything else of ours that is not for access, must not pass (RFC 9068 §4).
        if !token.has_typ("at+jwt") {
            return Err(invalid("not an access token"));
        }
        let keys = self.inner.keys.load();
        let key = keys.find(token.kid()).ok_or(invalid("unknown key"))?;
        let claims =
            token.verify_lately_expired(key, self.now(), LEEWAY_SECS, late_secs).map_err(not_a_token)?;
        if claims.issuer() != self.public_url() {
            return Err(invalid("unknown issuer"));
        }
        if crate::cx::is_local(claims.subject()) {
            return Err(invalid("the subject is not a person"));
        }
        Ok(claims)
    }

    /// The same of a token that is for this API.
    fn own_api_claims(&self, token: UnverifiedToken<'_>, late_secs: u32) -> Result<Claims, Refusal> {
        let claims = self.issued_claims(token, late_secs)?;
        if claims.has_audience(self.public_url()) {
            Ok(claims)
        } else {
            Err(invalid("the audience is not this installation"))
        }
    }

    /// The same of the text of a token, which may have expired up to `late_secs` seconds ago.
    pub(crate) fn own_claims(&self, bearer: &str, late_secs: u32) -> Result<Claims> {
        let token = UnverifiedToken::parse(bearer).map_err(not_a_token);
        Ok(token.and_then(|token| self.own_api_claims(token, late_secs))?)
    }

    /// What the text of an access token says, whomever it is for.
    pub(crate) fn claims_of_issued(&self, text: &str) -> Result<Claims> {
        let token = UnverifiedToken::parse(text).map_err(not_a_token);
        Ok(token.and_then(|token| self.issued_claims(token, 0))?)
    }

    async fn verify_user_token(&self, token: UnverifiedToken<'_>) -> Result<Verified, Refusal> {
        let claims = self.own_api_claims(token, 0)?;
        self.verify_standing(&claims).await
    }

    async fn verify_issued(&self, text: &str) -> Result<Verified, Refusal> {
        let claims = self.issued_claims(UnverifiedToken::parse(text).map_err(not_a_token)?, 0)?;
        self.verify_standing(&claims).await
    }

    /// Whether a token was revoked, by what is stored about its kind.
    async fn verify_standing(&self, claims: &Claims) -> Result<Verified, Refusal> {
        let token_id = claims.token_id().ok_or(invalid("the token has no id"))?;
        match session_of(claims) {
            _ if token_id.starts_with(APPLICATION_TOKEN) => {
                self.verify_application_token(claims, token_id).await
            }
            Some(session_id) => self.verify_session_token(claims, session_id, token_id).await,
            None => self.verify_stored_token(claims, token_id).await,
        }
    }

    /// A token that an application has for itself: nothing of it is stored but that it was revoked. It is good while its
    /// application is there; another one that was given the same id later does not count.
    async fn verify_application_token(&self, claims: &Claims, token_id: &str) -> Result<Verified, Refusal> {
        let revoked = Refusal::Refused(GuardCode::TokenRevoked, "the token was revoked");
        let client_id = claims.subject();
        let application = self.application(client_id).await?;
        // The token tells whole seconds.
        let since = claims.issued_at().map(|at| at.plus_secs(1));
        let application = application.filter(|one| since.is_some_and(|since| one.created_at < since));
        let Some(application) = application else { return Err(revoked) };
        self.require_allowed(&application, claims)?;
        if self.read().await?.queries().access_token_revoked_from(token_id).await?.is_some() {
            return Err(revoked);
        }
        let caller = Caller::Application { client_id: client_id.into() };
        // It acts by its own grants: scopes limit it if it has any.
        let scopes = scopes_of(claims).filter(|scopes| !scopes.is_empty());
        let facts = TokenFacts { product: product_of(&application), scopes, ..own_facts(claims) };
        let bearer = Bearer { caller, facts: Arc::new(facts) };
        Ok(Verified { bearer, key_id: token_id.to_owned(), until: claims.expires_at() })
    }

    /// Refuses a token for what its application may not have any more. All of it: a token without the scopes that were taken away would
    /// be a token that is not limited, if those were all.
    fn require_allowed(&self, application: &Application, claims: &Claims) -> Result<(), Refusal> {
        let revoked = |reason| Err(Refusal::Refused(GuardCode::TokenRevoked, reason));
        if !claims.audience().iter().all(|audience| may_have_audience(self, application, audience)) {
            return revoked("the application may not have this audience any more");
        }
        if !scope_of(claims).all(|scope| application.scopes.iter().any(|own| own == scope)) {
            return revoked("the application may not have this scope any more");
        }
        Ok(())
    }

    /// A token of a session: nothing of it is stored but what ends it.
    async fn verify_session_token(
        &self,
        claims: &Claims,
        session_id: &str,
        token_id: &str,
    ) -> Result<Verified, Refusal> {
        let standing = self.read().await?.queries().session_standing(session_id, token_id).await?;
        let good = judge(standing, claims.subject(), self.now())
            .map_err(|(code, reason)| Refusal::Refused(code, reason))?;
        let caller = Caller::User {
            user_id: claims.subject().into(),
            limited_by: None,
            session_id: Some(session_id.into()),
        };
        let touch = Some(Touch::of(&good.session));
        let session = good.session;
        let mut facts = own_facts(claims);
        if let Some(part) = &session.application {
            let gone = Refusal::Refused(GuardCode::TokenRevoked, "the application is gone");
            let application = self.application(&part.client_id).await?.ok_or(gone)?;
            self.require_allowed(&application, claims)?;
            if good.pool != pool_of(&application) {
                let reason = "the user does not sign in to this application";
                return Err(Refusal::Refused(GuardCode::TokenRevoked, reason));
            }
            facts.product = product_of(&application);
            facts.scopes = scopes_of(claims);
        }
        let session =
            SessionContext { id: session.session_id, auth_time: session.auth_time, amr: session.amr };
        let facts = TokenFacts { session: Some(session), touch, ..facts };
        let until = claims.expires_at().min(good.until);
        let bearer = Bearer { caller, facts: Arc::new(facts) };
        Ok(Verified { bearer, key_id: token_id.to_owned(), until })
    }

    /// A token that was made without a sign-in. Its user need not have a profile.
    async fn verify_stored_token(&self, claims: &Claims, token_id: &str) -> Result<Verified, Refusal> {
        let mut snapshot = self.read().await?;
        let stored = snapshot.queries().token(token_id).await?;
        let user = snapshot.queries().user(claims.subject()).await?;
        drop(snapshot);
        let stored = stored.filter(|stored| {
            stored.revoked_at.is_none()
                && stored.user_id == claims.subject()
                && claims.expires_at() <= stored.expires_at
        });
        let disabled = Refusal::Refused(GuardCode::TokenRevoked, "the token was disabled");
        let Some(stored) = stored else { return Err(disabled) };
        if user.as_ref().is_some_and(|user| user.disabled_at.is_some()) {
            return Err(Refusal::Refused(GuardCode::UserInactive, "the user is not active"));
        }
        // The token tells whole seconds: of the second in which the epoch lies, those that are older were disabled one by one.
        let issued = claims.issued_at().map(|at| at.plus_secs(1));
        if user.and_then(|user| user.not_before).is_some_and(|epoch| issued.is_none_or(|at| at <= epoch)) {
            return Err(disabled);
        }
        let limited_by = (!stored.statements.is_empty()).then(|| Arc::from(token_id));
        let caller = Caller::User { user_id: claims.subject().into(), limited_by, session_id: None };
        let bearer = Bearer { caller, facts: Arc::new(own_facts(claims)) };
        Ok(Verified { bearer, key_id: token_id.to_owned(), until: claims.expires_at() })
    }

    async fn client_key(
        &self,
        client_id: &str,
        key_id: &str,
    ) -> Result<(VerifyingKey, portcullis_types::authress::ClientOptions), Refusal> {
        let unknown = invalid("unknown key");
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
        self.inner.keys.load().jwks()
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
    facts: TokenFacts,
) -> Verified {
    let caller = Caller::Client { client_id: client_id.into(), key_id: key_id.into(), options };
    let until = facts.expires_at;
    let bearer = Bearer { caller, facts: Arc::new(facts) };
    Verified { bearer, key_id: access_key_name(client_id, key_id), until }
}

/// What a token says, for whoever decides by more than whose it is.
fn facts(claims: &Claims) -> TokenFacts {
    let mut said = claims.extras().clone();
    said.insert("sub".to_owned(), claims.subject().into());
    let token_id = claims.token_id().map(str::to_owned);
    let (audience, issued_at) = (claims.audience().to_vec(), claims.issued_at());
    // A person's own token is not delegated: its `scope` says what it was made for, and limits nothing.
    TokenFacts { claims: said, token_id, audience, issued_at, ..TokenFacts::bare(claims.expires_at()) }
}

/// The same of a token that one of our own keys signed.
fn own_facts(claims: &Claims) -> TokenFacts {
    TokenFacts { signing_key: Some(claims.key_id().into()), ..facts(claims) }
}

/// What a token that an application has is limited to.
fn scopes_of(claims: &Claims) -> Option<Vec<String>> {
    Some(scope_of(claims).map(str::to_owned).collect())
}

fn scope_of(claims: &Claims) -> impl Iterator<Item = &str> {
    let scope = claims.extra("scope").and_then(serde_json::Value::as_str).unwrap_or_default();
    scope.split_whitespace()
}

fn product_of(application: &Application) -> Option<Arc<str>> {
    application.product_id.as_deref().map(Arc::from)
}

/// The session that a token says it belongs to.
pub(crate) fn session_of(claims: &Claims) -> Option<&str> {
    claims.extra("sid").and_then(serde_json::Value::as_str)
}

/// Whether a token was made without a sign-in: of those a row is kept, which says whether they were disabled.
pub(crate) fn is_stored(claims: &Claims, token_id: &str) -> bool {
    !token_id.starts_with(APPLICATION_TOKEN) && session_of(claims).is_none()
}

/// A client's key by a name that no other key has.
pub(crate) fn access_key_name(client_id: &str, key_id: &str) -> String {
    format!("{client_id}/{key_id}")
}
