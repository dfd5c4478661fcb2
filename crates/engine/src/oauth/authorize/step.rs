use super::AuthorizationResponse;
use crate::Error;
use crate::oauth::OAuthError;

/// What comes next for a person whose browser was sent here by an application.
#[derive(Debug)]
pub enum Step {
    /// The browser goes back to the application, with a code or an error.
    Respond(AuthorizationResponse),
    /// They sign in, or sign in again; then [`resume`](super::resume).
    SignIn(Waiting),
    /// They are asked; then [`decide`](super::decide).
    Consent {
        /// The request, which goes into the form that they answer with.
        request: Waiting,
        /// What they are asked.
        question: ConsentQuestion,
    },
    /// A page for the person, and never a redirect (AS-02): nobody is known to whom the browser could be sent.
    Refuse(Refusal),
}

/// A request that waits for its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The whole request, sealed: characters of base64url, no more than 8,192. Good for 30 minutes, in this browser only.
    pub request: String,
    /// What the application thinks they sign in with (OpenID Connect Core §3.1.2.1), up to 256 characters.
    pub login_hint: Option<String>,
    /// Somebody is signed in, and that is not enough.
    pub reauthenticate: bool,
    /// Who asks.
    pub application_name: String,
    /// Where they sign in.
    pub user_pool: String,
    /// Where the answer goes in the end; registered for the application.
    pub redirect_uri: String,
}

/// What a person is asked before an application is given anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentQuestion {
    /// Who asks.
    pub application_name: String,
    /// Where the answer goes: a host, or the scheme of an installed application.
    pub redirect_host: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Whom the access token will be for.
    pub audience: String,
    /// Who is asked: the address of whoever is signed in, or else their name or id.
    pub user: String,
}

/// Why nothing can be done with a request, not even send it back.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no application with the `client_id`, or none was named.
    UnknownApplication,
    /// The `redirect_uri` is not registered for the application, or none was named.
    UnknownRedirectUri,
    /// The request cannot be read far enough to know whose it is.
    Malformed(OAuthError),
    /// The request waited for longer than 30 minutes.
    Expired,
    /// The request was altered, or was begun in another browser.
    NotOfThisBrowser,
    /// It could not be found out.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
