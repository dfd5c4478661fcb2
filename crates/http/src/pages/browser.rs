use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use portcullis::browser::{self, BrowserSession, SignedIn};
use portcullis::session::Device;
use portcullis::{Cx, Portcullis};

use super::cookie::{Cookies, cookie};
use super::refusal::Refused;
use super::security;
use crate::api::Api;

/// The browser of a request: what binds forms and waiting requests to it, and who is signed in with it. The first thing that every
/// page takes; a browser that has no binding gets one with the answer.
pub(crate) struct Browser {
    /// 43 characters that only this browser has.
    pub(crate) binding: String,
    /// Who is signed in.
    pub(crate) session: Option<BrowserSession>,
    /// The device, for sessions and the audit trail.
    pub(crate) device: Device,
    api: Api,
    /// The cookie that was sent, or that goes out with the answer; somebody's only if `session` is there.
    cookie: Option<String>,
    set: Set,
}

/// Which cookies go out.
#[derive(Default)]
struct Set {
    binding: bool,
    session: bool,
    clear: bool,
}

impl Browser {
    pub(crate) fn portcullis(&self) -> &Portcullis {
        self.api.portcullis()
    }

    /// The request's id.
    pub(crate) fn request_id(&self) -> Option<Arc<str>> {
        self.device.request_id.clone()
    }

    /// The context of what whoever is signed in asks for; of nobody's, if nobody is.
    pub(crate) fn cx(&self) -> Cx {
        match &self.session {
            Some(session) => session.cx(self.request_id()),
            None => Cx::nobody(self.request_id()),
        }
    }

    /// Whether it sent no cookie: it was never here, or keeps its cookies back because another site sent the request.
    pub(crate) const fn is_new(&self) -> bool {
        self.set.binding && self.cookie.is_none()
    }

    /// The same, which keeps the cookies that it has: none goes out with the answer.
    #[must_use]
    pub(crate) fn unchanged(self) -> Self {
        Self { set: Set::default(), ..self }
    }

    /// The cookie that was sent, whatever it is worth: what signing in replaces.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// What every form of this browser holds as `csrf_token` (SE-08).
    pub(crate) fn form_token(&self) -> String {
        browser::form_token(self.portcullis(), &self.binding, self.proven_cookie())
    }

    pub(super) fn is_form_token(&self, presented: &str) -> bool {
        browser::is_form_token(self.portcullis(), &self.binding, self.proven_cookie(), presented)
    }

    /// From now on, somebody who has just signed in.
    pub(crate) fn signed_in(&mut self, signed_in: SignedIn) {
        self.cookie = Some(signed_in.cookie.into_inner());
        self.session = Some(signed_in.browser);
        self.set.session = true;
    }

    /// From now on, nobody.
    pub(crate) fn signed_out(&mut self) {
        self.session = None;
        self.cookie = None;
        self.set.clear = true;
    }

    /// 303 to one of our own paths (AS-11, AS-22): `path` begins with `/` and is ours, never the client's.
    pub(crate) fn see_other(&self, path: &str) -> Response {
        self.redirect(path)
    }

    /// 303 to an address that was registered.
    pub(super) fn redirect(&self, address: &str) -> Response {
        let Ok(location) = HeaderValue::try_from(address) else {
            return Refused::internal().into_response();
        };
        let mut response = StatusCode::SEE_OTHER.into_response();
        response.headers_mut().insert(LOCATION, location);
        self.finish(response)
    }

    /// Sets the cookies, and the headers that every answer to a browser has.
    pub(super) fn finish(&self, mut response: Response) -> Response {
        security::harden(response.headers_mut());
        let cookies = Cookies::of(self.portcullis().public_url());
        let session = self.cookie.as_deref().filter(|_| self.set.session);
        let going_out = [
            self.set.binding.then(|| cookies.set(cookies.binding, &self.binding)).flatten(),
            session.and_then(|value| cookies.set(cookies.session, value)),
            self.set.clear.then(|| cookies.clear(cookies.session)).flatten(),
        ];
        for cookie in going_out.into_iter().flatten() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    fn proven_cookie(&self) -> Option<&str> {
        self.session.as_ref().and(self.cookie.as_deref())
    }
}

impl FromRequestParts<Api> for Browser {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refused> {
        let portcullis = api.portcullis();
        let device = crate::device::device(parts);
        let refused = |error| Refused::of(error, device.request_id.clone());
        let cookies = Cookies::of(portcullis.public_url());
        let sent = cookie(&parts.headers, cookies.binding).filter(|text| browser::is_binding(text));
        let mut set = Set { binding: sent.is_none(), ..Set::default() };
        let binding = match sent {
            Some(sent) => sent.to_owned(),
            None => browser::new_binding(portcullis).map_err(refused)?,
        };
        let cookie = cookie(&parts.headers, cookies.session).filter(|text| !text.is_empty());
        let session = match cookie {
            Some(cookie) => browser::current(portcullis, cookie).await.map_err(refused)?,
            None => None,
        };
        // A dead cookie need not come back.
        set.clear = cookie.is_some() && session.is_none();
        let cookie = cookie.map(str::to_owned);
        Ok(Self { binding, session, device, api: api.clone(), cookie, set })
    }
}
