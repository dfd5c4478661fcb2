use portcullis_domain::{ApplicationPart, Session, UserProfile};
use portcullis_types::application::{Application, GrantTypeName};
use portcullis_types::oauth::TokenResponse;
use portcullis_types::{Sensitive, Timestamp};

use super::claims::ClaimsRequest;
use super::id_token::IdToken;
use super::{OAuthError, OAuthErrorCode, Parameters, ScopeSet, access_token, may_use};
use crate::change::Unit;
use crate::session::{ApplicationOpening, Device, may_sign_in, open_application, policy_of};
use crate::{Portcullis, Result};

/// What a person granted an application.
pub(crate) struct Granted<'a> {
    pub(crate) application: &'a Application,
    pub(crate) user_id: &'a str,
    /// What was granted: a part of what was asked for, of what the application may ask for, and of what the person agreed to.
    pub(crate) scope: &'a ScopeSet,
    /// From [`audience_of`].
    pub(crate) audience: &'a str,
    /// When they last proved who they are, and how (RFC 8176).
    pub(crate) auth_time: Timestamp,
    pub(crate) amr: &'a [String],
    /// The browser session in which they granted it; none for a device.
    pub(crate) browser_session: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) claims: Option<&'a ClaimsRequest>,
    /// The code that is redeemed, for `c_hash`.
    pub(crate) code: Option<&'a str>,
    /// What redeems it.
    pub(crate) device: &'a Device,
}

/// Tokens, once the change that they are a part of is committed.
pub(crate) struct Issued {
    pub(crate) response: TokenResponse,
    /// The application's session: what ends it, ends all of these.
    pub(crate) session_id: String,
}

/// Opens the application's session as a part of a larger change, and signs its first tokens: a refresh token with
/// `offline_access` (or the application's exception), an ID token with `openid`.
///
/// # Errors
/// `invalid_grant` for a person who may not sign in (any more), or whose browser session has ended, and for an audience that is not the
/// application's any more; `access_denied` for a person of another user pool.
pub(crate) async fn issue(unit: &mut Unit, granted: Granted<'_>) -> Result<Issued, OAuthError> {
    let portcullis = unit.portcullis().clone();
    let application = granted.application;
    let user = active_user(unit, application, granted.user_id).await?;
    require_audience(&portcullis, application, granted.audience)?;
    // Whoever deletes the application waits for this transaction, and then ends the session that it opens.
    if !unit.queries().keep_application(&application.application_id).await? {
        return Err(OAuthError::invalid_client("the application was deleted"));
    }
    let policy = policy_of(&portcullis, &user);
    let refresh = may_refresh(application, granted.scope);
    let secs = |own: Option<u32>, default: i64| own.map_or(default, i64::from);
    // What cannot be refreshed is over when its access token is.
    let (idle_secs, absolute_secs) = if refresh {
        (
            secs(application.refresh_idle_secs, policy.idle_secs),
            secs(application.refresh_token_secs, policy.absolute_secs),
        )
    } else {
        let lifetime = secs(application.access_token_secs, policy.access_token_secs).saturating_add(1);
        (lifetime, lifetime)
    };
    let part = ApplicationPart {
        client_id: application.application_id.clone(),
        scope: granted.scope.to_string(),
        audience: granted.audience.to_owned(),
        browser_session: granted.browser_session.map(str::to_owned),
        claims: granted.claims.map(ClaimsRequest::to_json),
    };
    let opening = ApplicationOpening {
        user: &user,
        part,
        auth_time: granted.auth_time,
        amr: granted.amr,
        device: granted.device,
        idle_secs,
        absolute_secs,
        refresh,
    };
    let (session, refresh_token) = open_application(unit, opening).await?;
    let tokens = Tokens {
        application,
        session: &session,
        user: &user,
        scope: granted.scope,
        request: granted.claims,
        nonce: granted.nonce,
        code: granted.code,
    };
    let response = tokens.sign(&portcullis, refresh_token)?;
    Ok(Issued { response, session_id: session.session_id })
}

/// The person, locked; refused unless they may sign in to this application.
async fn active_user(
    unit: &mut Unit,
    application: &Application,
    user_id: &str,
) -> Result<UserProfile, OAuthError> {
    let user = unit.queries().user_for_update(user_id).await?.filter(may_sign_in);
    let user = user.ok_or_else(|| OAuthError::invalid_grant("the user is not active"))?;
    if !may_use(application, &user) {
        let description = "the user does not sign in to this application";
        return Err(OAuthError::new(OAuthErrorCode::AccessDenied, description));
    }
    Ok(user)
}

/// Whether what an application is given can be refreshed.
fn may_refresh(application: &Application, scope: &ScopeSet) -> bool {
    application.has_grant_type(GrantTypeName::RefreshToken)
        && (scope.contains("offline_access") || application.exceptions.refresh_without_offline_access)
}

/// What the tokens of one answer are made of.
pub(super) struct Tokens<'a> {
    pub(super) application: &'a Application,
    pub(super) session: &'a Session,
    pub(super) user: &'a UserProfile,
    /// Of the access token; a part of what was granted.
    pub(super) scope: &'a ScopeSet,
    pub(super) request: Option<&'a ClaimsRequest>,
    pub(super) nonce: Option<&'a str>,
    pub(super) code: Option<&'a str>,
}

impl Tokens<'_> {
    /// Signs them.
    pub(super) fn sign(
        &self,
        portcullis: &Portcullis,
        refresh_token: Option<Sensitive>,
    ) -> Result<TokenResponse> {
        let Self { application, session, user, scope, request, nonce, code } = *self;
        let access = access_token::of_session(portcullis, application, session, user, scope)?;
        let id_token = if scope.contains("openid") {
            let access_token = &access.text;
            let token = IdToken { application, session, user, scope, request, access_token, nonce, code };
            Some(Sensitive::new(token.sign(portcullis)?))
        } else {
            None
        };
        Ok(TokenResponse {
            access_token: Sensitive::new(access.text),
            token_type: "Bearer".to_owned(),
            expires_in: access.expires_in,
            refresh_token,
            id_token,
            scope: scope.told(),
        })
    }
}

/// The one audience that the access tokens of a request are for: the parameter `resource` (RFC 8707 §2, also named `audience`), which must be
/// one of the application's; else its default; else the userinfo endpoint.
///
/// # Errors
/// `invalid_target` for another one, and for more than one.
pub(crate) fn audience_of(
    portcullis: &Portcullis,
    application: &Application,
    parameters: &Parameters,
) -> Result<String, OAuthError> {
    let Some(audience) = wanted_audience(parameters)? else {
        let default = application.default_audience.clone();
        return Ok(default.unwrap_or_else(|| user_info_audience(portcullis)));
    };
    if may_have_audience(portcullis, application, audience) {
        Ok(audience.to_owned())
    } else {
        let description = "the resource is not one that this application may ask for";
        Err(OAuthError::new(OAuthErrorCode::InvalidTarget, description))
    }
}

/// Refuses an audience that was granted, and is not one of the application's any more: whoever takes one away means the tokens too.
pub(super) fn require_audience(
    portcullis: &Portcullis,
    application: &Application,
    granted: &str,
) -> Result<(), OAuthError> {
    if may_have_audience(portcullis, application, granted) {
        Ok(())
    } else {
        Err(OAuthError::invalid_grant("the application may not ask for tokens for this resource any more"))
    }
}

/// Whether an application may have access tokens for this audience now. Asked again whenever tokens are made or verified: what an
/// administrator took away is gone, whatever was granted before.
pub(crate) fn may_have_audience(portcullis: &Portcullis, application: &Application, audience: &str) -> bool {
    application.audiences.iter().any(|known| known == audience) || audience == user_info_audience(portcullis)
}

/// The audience that a request names, if it names one.
pub(super) fn wanted_audience(parameters: &Parameters) -> Result<Option<&str>, OAuthError> {
    let mut named = parameters.all("resource").chain(parameters.all("audience"));
    let first = named.next();
    if named.any(|other| Some(other) != first) {
        let description = "an access token is for one resource";
        return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, description));
    }
    Ok(first)
}

/// The audience of access tokens that open userinfo and nothing else.
pub(super) fn user_info_audience(portcullis: &Portcullis) -> String {
    format!("{}/oauth2/userinfo", portcullis.public_url())
}
