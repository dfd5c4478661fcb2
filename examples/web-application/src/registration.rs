//! What the server knows of this application.

use portcullis_client::types::Sensitive;
use portcullis_client::types::application::{ApplicationBody, ApplicationKind, ClientAuthenticationMethod};
use portcullis_client::{Client, ClientError};

const CLIENT_ID: &str = "example-web-application";

/// The application as it speaks of itself to the server.
pub(crate) struct Application {
    pub(crate) client_id: String,
    pub(crate) client_secret: Sensitive,
    pub(crate) redirect_uri: String,
    pub(crate) home: String,
}

/// Creates the application, or brings the one that is there to where we are now. It gets a new secret at every start, which lives
/// in this process alone.
pub(crate) async fn register(owner: &Client, url: &str) -> Result<Application, ClientError> {
    let (redirect_uri, home) = (format!("{url}/callback"), format!("{url}/"));
    let body = ApplicationBody {
        application_id: Some(CLIENT_ID.to_owned()),
        authentication_method: Some(ClientAuthenticationMethod::ClientSecretPost),
        redirect_uris: vec![redirect_uri.clone()],
        post_logout_redirect_uris: vec![home.clone()],
        ..ApplicationBody::new("Guest book", ApplicationKind::Web)
    };
    let applications = owner.applications();
    let created = match applications.create(&body).await {
        Err(error) if error.status() == Some(409) => {
            applications.update(CLIENT_ID, &body).await?;
            for old in applications.secrets(CLIENT_ID).await? {
                applications.delete_secret(CLIENT_ID, &old.secret_id).await?;
            }
            None
        }
        created => created?.secret,
    };
    let secret = match created {
        Some(secret) => secret,
        None => applications.create_secret(CLIENT_ID).await?,
    };
    Ok(Application {
        client_id: CLIENT_ID.to_owned(),
        client_secret: secret.client_secret,
        redirect_uri,
        home,
    })
}
