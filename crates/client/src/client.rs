use std::fmt;
use std::sync::Arc;

use portcullis_types::{Sensitive, Timestamp};
use reqwest::Method;

use crate::area::ApplicationCredential;
use crate::area::{
    Access, Applications, Audit, Auth, Clients, Credits, Groups, Invites, OAuth, Operations, Organizations,
    Overrides, Policies, Products, Records, Requests, Resources, Roles, SigningKeys, Subscriptions, Tokens,
    UserPools, Users,
};
use crate::authorization_code::AuthorizationCodeFlow;
use crate::config::{Credential, Settings};
use crate::device_flow::DeviceFlow;
use crate::guard::RemoteGuard;
use crate::transport::Request;
use crate::verify::Keys;
use crate::workspace::WorkspaceClient;
use crate::{ClientBuilder, ClientError, Result};

/// A server, and who asks it. Cheap to clone; clones share their connections, the token of an access key, and the keys that
/// verify tokens.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    credential: Credential,
}

struct Shared {
    http: reqwest::Client,
    settings: Settings,
    keys: Keys,
}

impl Client {
    /// Begins a client for the server at `base_url`: `http://HOST[:PORT]` or `https://…`, as the server's `public_url` says it.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(base_url.into())
    }

    pub(crate) fn assemble(http: reqwest::Client, settings: Settings, credential: Credential) -> Self {
        Self { shared: Arc::new(Shared { http, settings, keys: Keys::default() }), credential }
    }

    /// The same server, asked with another bearer: the token of a user whose request is being answered. A leading `Bearer `
    /// is dropped.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        let credential = Credential::Token(Sensitive::new(crate::config::bare(token)));
        Self { shared: Arc::clone(&self.shared), credential }
    }

    /// The bearer that the next call is made with: for an access key the token that was signed with it, which other services
    /// can verify ("service client as an API key").
    ///
    /// # Errors
    /// [`ClientError::Credential`] when there is none, and whatever a token provider fails with.
    pub async fn token(&self) -> Result<Sensitive> {
        let bearer = self.credential.bearer(self.now()).await?;
        bearer.ok_or(ClientError::Credential("this client asks without a bearer"))
    }

    /// Where the server is, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.settings().base_url
    }

    /// Registration, login, tokens, sessions and passwords.
    pub const fn auth(&self) -> Auth<'_> {
        Auth::new(self)
    }

    /// Whether users may, and what.
    pub const fn access(&self) -> Access<'_> {
        Access::new(self)
    }

    /// Access records and claims.
    pub const fn records(&self) -> Records<'_> {
        Records::new(self)
    }

    /// Roles.
    pub const fn roles(&self) -> Roles<'_> {
        Roles::new(self)
    }

    /// Groups.
    pub const fn groups(&self) -> Groups<'_> {
        Groups::new(self)
    }

    /// Service clients and their access keys.
    pub const fn clients(&self) -> Clients<'_> {
        Clients::new(self)
    }

    /// OAuth clients and their secrets.
    pub const fn applications(&self) -> Applications<'_> {
        Applications::new(self)
    }

    /// Tokens of applications: the token endpoint and what belongs to it.
    pub const fn oauth(&self) -> OAuth<'_> {
        OAuth::new(self)
    }

    /// Users' profiles.
    pub const fn users(&self) -> Users<'_> {
        Users::new(self)
    }

    /// Users' tokens that are limited to statements.
    pub const fn tokens(&self) -> Tokens<'_> {
        Tokens::new(self)
    }

    /// Invites.
    pub const fn invites(&self) -> Invites<'_> {
        Invites::new(self)
    }

    /// Access requests.
    pub const fn requests(&self) -> Requests<'_> {
        Requests::new(self)
    }

    /// Configurations of resources, and who was given access to one.
    pub const fn resources(&self) -> Resources<'_> {
        Resources::new(self)
    }

    /// The audit trail.
    pub const fn audit(&self) -> Audit<'_> {
        Audit::new(self)
    }

    /// The keys that sign the server's tokens.
    pub const fn signing_keys(&self) -> SigningKeys<'_> {
        SigningKeys::new(self)
    }

    /// The operations that applications ask their guard about.
    pub const fn operations(&self) -> Operations<'_> {
        Operations::new(self)
    }

    /// Organizations, their members and their tenants.
    pub const fn organizations(&self) -> Organizations<'_> {
        Organizations::new(self)
    }

    /// What organizations bought: subscriptions, seats, usage.
    pub const fn subscriptions(&self) -> Subscriptions<'_> {
        Subscriptions::new(self)
    }

    /// Rules over attributes.
    pub const fn policies(&self) -> Policies<'_> {
        Policies::new(self)
    }

    /// Exceptions for one user.
    pub const fn overrides(&self) -> Overrides<'_> {
        Overrides::new(self)
    }

    /// User pools and who is in them.
    pub const fn user_pools(&self) -> UserPools<'_> {
        UserPools::new(self)
    }

    /// What is sold: products and plans.
    pub const fn products(&self) -> Products<'_> {
        Products::new(self)
    }

    /// Wallets of credits.
    pub const fn credits(&self) -> Credits<'_> {
        Credits::new(self)
    }

    /// How the application `client_id` signs its user in with a browser, which comes back to `redirect_uri`.
    pub fn authorization_code_flow(
        &self,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> AuthorizationCodeFlow<'_> {
        AuthorizationCodeFlow::new(self, client_id.into(), redirect_uri.into())
    }

    /// The guard of an application: who is it, may they, can they pay. The client needs `guard:evaluate` on `Portcullis:Guard`.
    pub fn guard(&self) -> RemoteGuard {
        RemoteGuard::new(self.clone())
    }

    /// The same in the words of a workspace SDK: `Option` and `bool` instead of errors.
    pub fn workspace(&self) -> WorkspaceClient {
        WorkspaceClient::new(self.clone())
    }

    /// Signs a user in to an application from a program without a browser (RFC 8628).
    pub const fn device_flow(&self, application: ApplicationCredential) -> DeviceFlow<'_> {
        DeviceFlow::new(self, application)
    }

    /// A call that has no method of its own here. `path` begins with `/`; [`path`](crate::path) makes one of segments.
    pub fn request(&self, method: Method, path: impl Into<String>) -> Request<'_> {
        Request::new(self, method, path.into())
    }

    pub(crate) fn get(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::GET, crate::path(segments))
    }

    pub(crate) fn post(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::POST, crate::path(segments))
    }

    pub(crate) fn put(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::PUT, crate::path(segments))
    }

    pub(crate) fn patch(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::PATCH, crate::path(segments))
    }

    pub(crate) fn delete(&self, segments: &[&str]) -> Request<'_> {
        self.request(Method::DELETE, crate::path(segments))
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.shared.http
    }

    /// Who signs the server's tokens, which is also the address that browsers reach it at.
    pub(crate) fn issuer(&self) -> &str {
        &self.settings().issuer
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    pub(crate) const fn credential(&self) -> &Credential {
        &self.credential
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.settings().clock.now()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("credential", &self.credential.kind())
            .finish_non_exhaustive()
    }
}
