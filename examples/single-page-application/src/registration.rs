//! What the server knows of this application.

use portcullis_client::types::application::{ApplicationBody, ApplicationKind};
use portcullis_client::{Client, ClientError};

const CLIENT_ID: &str = "example-single-page-application";
/// What the script asks for: who it is, tokens that last beyond the first, and to read notes.
pub(crate) const SCOPE: &str = "openid profile email offline_access notes:read";

/// The application, at an address.
pub(crate) struct Registration {
    pub(crate) client_id: &'static str,
    pub(crate) redirect_uri: String,
    pub(crate) post_logout_redirect_uri: String,
    /// What its API calls itself: tokens for anything else do not open it.
    pub(crate) audience: String,
}

impl Registration {
    pub(crate) fn at(url: &str) -> Self {
        Self {
            client_id: CLIENT_ID,
            redirect_uri: format!("{url}/"),
            post_logout_redirect_uri: format!("{url}/"),
            audience: format!("{url}/api"),
        }
    }

    /// Creates the application, or brings the one that is there to where we are now.
    pub(crate) async fn register(&self, owner: &Client) -> Result<(), ClientError> {
        let body = ApplicationBody {
            application_id: Some(self.client_id.to_owned()),
            redirect_uris: vec![self.redirect_uri.clone()],
            post_logout_redirect_uris: vec![self.post_logout_redirect_uri.clone()],
            scopes: Some(SCOPE.split(' ').map(str::to_owned).collect()),
            audiences: vec![self.audience.clone()],
            ..ApplicationBody::new("Notes", ApplicationKind::Browser)
        };
        match owner.applications().create(&body).await {
            Err(error) if error.status() == Some(409) => {
                owner.applications().update(self.client_id, &body).await.map(drop)
            }
            created => created.map(drop),
        }
    }
}
