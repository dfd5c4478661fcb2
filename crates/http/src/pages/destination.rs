use axum::response::Response;
use portcullis::oauth::authorize::{self, Step, Waiting};
use portcullis_types::application::ResponseMode;

use super::Browser;
use super::device::WayBack;
use super::respond;

/// Where signing in leads: to the account page, or back to an application that waits.
#[derive(Clone, Default)]
pub(crate) struct Destination {
    /// The request that waits, sealed; empty for the account page.
    pub(crate) request: String,
    /// Who asks; empty for the account page.
    pub(crate) application: String,
    /// Where people sign in; `main` when absent.
    pub(crate) pool: Option<String>,
    /// What the application thinks that they sign in with.
    pub(crate) login_hint: String,
    /// Where the application's answer goes; empty for the account page.
    pub(crate) redirect_uri: String,
    /// Somebody is signed in, and that is not enough.
    pub(crate) again: bool,
}

impl Destination {
    /// Where the form of a page leads that was opened with `request`. `anew`: whoever is signed in does not count, they want to sign
    /// in. Else the answer is another one than the page: to an application that waits for nobody, or what refuses the request.
    pub(crate) async fn of(
        browser: &Browser,
        request: Option<&str>,
        anew: bool,
    ) -> Result<Self, Box<Response>> {
        let Some(request) = request else { return Ok(Self::default()) };
        if let Some(way) = WayBack::read(request) {
            let is_there = browser.session.as_ref().is_some_and(|session| session.user.pool == way.pool);
            return if is_there && !anew {
                Err(Box::new(browser.see_other(&way.path())))
            } else {
                Ok(Self::device(&way))
            };
        }
        let session = browser.session.as_ref().filter(|_| !anew);
        match authorize::resume(browser.portcullis(), request, &browser.binding, session).await {
            Step::SignIn(waiting) => Ok(Self::waiting(waiting)),
            step => Err(Box::new(respond(step, browser))),
        }
    }

    /// To the page where a device's code is entered.
    fn device(way: &WayBack) -> Self {
        let application = "your device".to_owned();
        Self { request: way.request(), application, pool: Some(way.pool.clone()), ..Self::default() }
    }

    pub(super) fn waiting(waiting: Waiting) -> Self {
        Self {
            request: waiting.request,
            application: waiting.application_name,
            pool: Some(waiting.user_pool),
            login_hint: waiting.login_hint.unwrap_or_default(),
            redirect_uri: waiting.redirect_uri,
            again: waiting.reauthenticate,
        }
    }

    /// Leads on, once somebody has signed in: always a 303 (AS-11).
    pub(crate) async fn go(&self, browser: &Browser) -> Response {
        if self.request.is_empty() {
            return browser.see_other(super::account::PATH);
        }
        if let Some(way) = WayBack::read(&self.request) {
            return browser.see_other(&way.path());
        }
        let session = browser.session.as_ref();
        match authorize::resume(browser.portcullis(), &self.request, &browser.binding, session).await {
            // A page of its own, which must not be the answer to a password.
            Step::Respond(response) if response.mode == ResponseMode::FormPost => {
                browser.see_other(&self.path(super::login::PATH, ""))
            }
            step => respond(step, browser),
        }
    }

    /// The first letter of the application's name, for its sign.
    pub(crate) fn initial(&self) -> String {
        self.application.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
    }

    /// One of our paths, with the request that waits and what else it takes. `more` is of our own making.
    pub(crate) fn path(&self, path: &str, more: &str) -> String {
        let request = (!self.request.is_empty()).then(|| format!("request={}", self.request));
        let more = (!more.is_empty()).then(|| more.to_owned());
        let query: Vec<String> = request.into_iter().chain(more).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}
