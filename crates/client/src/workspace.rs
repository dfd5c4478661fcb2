//! The client in the words of a workspace SDK: a call that fails answers `None` or `false`, and
//! [`WorkspaceClient::last_error`] says why.

use std::sync::{Arc, Mutex, PoisonError};

use portcullis_types::{Guard as _, GuardOutcome, GuardRequest};
use serde_json::{Map, Value};

use crate::{Client, ClientError, Result};

/// A client whose calls do not fail; see the module.
///
/// ```
/// use portcullis_client::Client;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = portcullis_testkit::TestServer::start().await?;
/// # server.register("user@example.com", "your-quite-secure-password").await?;
/// # let operation = portcullis_client::types::operation::OperationBody {
/// #     operation: "access_sensitive_data".to_owned(),
/// #     permission: "data:read".to_owned(),
/// #     resource: Some("users/{subject}".to_owned()),
/// #     ..Default::default()
/// # };
/// # server.client().operations().create(&operation).await?;
/// # let (base_url, access_key) = (server.url(), server.access_key());
/// let client = Client::builder(base_url).access_key(access_key).build()?;
/// let client = client.workspace();
///
/// let Some(token) = client.auth.login("user@example.com", "your-quite-secure-password").await else {
///     eprintln!("{:?}", client.last_error());
///     # panic!("the sample must sign in");
///     return Ok(());
/// };
/// # let first = token.clone();
/// let token = client.auth.refresh_token(&token).await.unwrap_or(token);
/// # assert_ne!(token, first);
/// assert!(client.auth.verify_jwt(&token).await);
///
/// let guarded = client.auth.guard_request(&token, "access_sensitive_data", None).await;
/// # assert!(guarded.is_authenticated && !guarded.is_allowed(), "{guarded:?}");
/// if guarded.is_allowed() {
///     let context = guarded.context.as_deref();
///     if let Some(user) = context.and_then(|context| context.user.as_ref()) {
///         println!("user {}, name {:?}", user.id, user.name);
///     }
///     if let Some(organization) = context.and_then(|context| context.organization.as_ref()) {
///         println!("organization {}, plan {:?}", organization.id, organization.plan);
///     }
/// } else {
///     println!("refused: {:?}", guarded.error);
/// }
/// assert!(client.auth.logout(&token).await);
/// # assert!(!client.auth.verify_jwt(&token).await && !client.auth.logout(&token).await);
/// # assert!(client.last_error().is_some_and(|error| error.is_refusal()));
/// # server.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WorkspaceClient {
    /// Login, tokens, and the guard.
    pub auth: WorkspaceAuth,
}

/// See [`WorkspaceClient`].
#[derive(Clone, Debug)]
pub struct WorkspaceAuth {
    client: Client,
    last_error: Arc<Mutex<Option<Arc<ClientError>>>>,
}

impl WorkspaceClient {
    pub(crate) fn new(client: Client) -> Self {
        Self { auth: WorkspaceAuth { client, last_error: Arc::default() } }
    }

    /// Why the last call that failed failed; `None` if the last call did not. Of calls made at once, the one that ended last.
    pub fn last_error(&self) -> Option<Arc<ClientError>> {
        self.auth.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl WorkspaceAuth {
    /// Signs a user in; the access token, if that worked.
    pub async fn login(&self, email: &str, password: &str) -> Option<String> {
        let tokens = self.noted(self.client.auth().login(email, password).await)?;
        Some(tokens.access_token.into_inner())
    }

    /// Gives a new access token for the current one.
    pub async fn refresh_token(&self, token: &str) -> Option<String> {
        let tokens = self.noted(self.client.auth().refresh_token(token).await)?;
        Some(tokens.access_token.into_inner())
    }

    /// Ends the session of a token. False when it was dead already.
    pub async fn logout(&self, token: &str) -> bool {
        self.noted(self.client.auth().logout(token).await).is_some()
    }

    /// Asks the server whether a token is good. False also when it could not be asked: `last_error` knows which.
    pub async fn verify_jwt(&self, token: &str) -> bool {
        self.noted(self.client.auth().verify(token).await).is_some_and(|answer| answer.active)
    }

    /// Says who holds a token, whether they may do `operation`, and whether they can pay for it. Never fails: what could not
    /// be asked is an outcome with `verification_unavailable` that does not allow. Why not is in the outcome, and not in
    /// [`WorkspaceClient::last_error`]. Decide by [`GuardOutcome::is_allowed`].
    pub async fn guard_request(
        &self,
        token: &str,
        operation: &str,
        metadata: Option<&Map<String, Value>>,
    ) -> GuardOutcome {
        let request = GuardRequest { metadata, ..GuardRequest::new(token, operation) };
        self.client.guard().check(request).await
    }

    fn noted<T>(&self, outcome: Result<T>) -> Option<T> {
        let (value, error) = match outcome {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(Arc::new(error))),
        };
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = error;
        value
    }
}
