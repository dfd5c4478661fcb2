use axum::response::Response;

use super::Browser;

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
    /// Where the form of a page leads that was opened with `request`, or `elsewhere`: the answer, if there is nothing to sign in for.
    pub(crate) async fn of(
        _browser: &Browser,
        _request: Option<&str>,
        _anew: bool,
    ) -> Result<Self, Box<Response>> {
        Ok(Self::default())
    }

    /// Leads on, once somebody has signed in.
    pub(crate) async fn go(&self, browser: &Browser) -> Response {
        browser.see_other(super::account::PATH)
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
