use portcullis_domain::Session;
use portcullis_store::{BrowserCookie, Queries};
use portcullis_types::Sensitive;

use crate::change::Unit;
use crate::opaque_token::OpaqueToken;
use crate::{Error, Result};

const PREFIX: &str = "bs_";

/// Reads the session of a cookie. `None` for everything that is no cookie of ours, or not any more.
pub(super) async fn session_of(queries: &mut dyn Queries, text: &str) -> Result<Option<String>> {
    let Some(cookie) = OpaqueToken::parse(text, PREFIX) else { return Ok(None) };
    Ok(queries.browser_cookie_session(cookie.id(), &cookie.digest()).await?)
}

/// Gives a session another cookie; those that it had are dead.
pub(super) async fn renew(unit: &mut Unit, session: &Session) -> Result<Sensitive> {
    let cookie = OpaqueToken::mint(unit.portcullis(), PREFIX)?;
    let row = BrowserCookie {
        browser_id: cookie.id().to_owned(),
        digest: cookie.digest(),
        session_id: session.session_id.clone(),
        expires_at: session.absolute_expires_at,
    };
    unit.queries().delete_browser_cookies_of(&session.session_id).await?;
    if !unit.queries().insert_browser_cookie(&row).await? {
        return Err(Error::internal("a minted id exists"));
    }
    Ok(cookie.text())
}
