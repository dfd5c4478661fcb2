use portcullis_domain::{AuthorizationCode, CodeGrant};
use portcullis_types::application::Application;
use portcullis_types::{Sensitive, Timestamp};

use super::request::Request;
use crate::browser::BrowserSession;
use crate::change::Unit;
use crate::oauth::consent;
use crate::opaque_token::OpaqueToken;
use crate::{Portcullis, Result};

/// What codes begin with.
pub(crate) const PREFIX: &str = "ac_";
/// How long a code is good (AS-09).
const GOOD_FOR_SECS: i64 = 60;

/// When the person allowed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consented {
    /// Just now, which is written down with the code.
    Now,
    /// Earlier, or they need not be asked.
    Before,
}

/// Makes a code for a request that waits for nothing any more. Only its digest is stored, with all that it is bound to (AS-10).
pub(super) async fn issue(
    portcullis: &Portcullis,
    application: &Application,
    request: &Request,
    browser: &BrowserSession,
    consented: Consented,
) -> Result<Sensitive> {
    let token = OpaqueToken::mint(portcullis, PREFIX)?;
    let code = row(portcullis, &token, request, browser, application.created_at);
    let cx = browser.cx(None);
    let (portcullis, application_since) = (portcullis.clone(), application.created_at);
    let scopes = request.scopes();
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if consented == Consented::Now {
            let given = consent::Given {
                user_id: &code.user_id,
                client_id: &code.client_id,
                audience: &code.granted.audience,
                scopes: &scopes,
                application_since,
            };
            consent::remember(&mut unit, given).await?;
        }
        unit.queries().insert_code(&code).await?;
        unit.commit().await
    })
    .await?;
    Ok(token.text())
}

fn row(
    portcullis: &Portcullis,
    token: &OpaqueToken,
    request: &Request,
    browser: &BrowserSession,
    application_since: Timestamp,
) -> AuthorizationCode {
    let (session, now) = (&browser.session, portcullis.now());
    AuthorizationCode {
        code_id: token.id().to_owned(),
        digest: token.digest(),
        client_id: request.client_id.clone(),
        user_id: browser.user.user_id.clone(),
        browser_session: session.session_id.clone(),
        auth_time: session.auth_time,
        granted: CodeGrant {
            redirect_uri: request.reply_to.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            scope: request.scope.clone(),
            audience: request.audience.clone(),
            amr: session.amr.clone(),
            nonce: request.nonce.clone(),
            claims: request.claims.clone(),
        },
        // Never before the application, whose maker's clock may be ahead of this one's: else it would be an earlier application's code.
        issued_at: now.max(application_since),
        expires_at: now.plus_secs(GOOD_FOR_SECS),
        used_at: None,
        session_id: None,
    }
}
