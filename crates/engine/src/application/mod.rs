//! Applications: OAuth clients and their secrets (RFC 6749 §2, `/v1/applications`).
//!
//! An application is a principal under its own id, so its id is never a user's or a service client's, and whoever gets at its
//! credentials acts as it: nobody hands out more by an application than they could by a record ([`hand_out`]).
//!
//! Requests of applications read them from memory ([`registered`]), which a change empties on every node.

mod create;
mod create_secret;
mod delete;
mod delete_secret;
mod hand_out;
mod key_set;
mod list;
mod list_secrets;
mod memory;
mod registered;
mod secret;
mod show;
mod update;

pub use create::create;
pub use create_secret::create_secret;
pub use delete::delete;
pub use delete_secret::delete_secret;
pub(crate) use key_set::read_key_set;
pub use list::list;
pub use list_secrets::list_secrets;
pub(crate) use memory::ApplicationMemory;
pub(crate) use registered::Registered;
pub(crate) use secret::put_fixed;
pub use show::show;
pub(crate) use update::replace;
pub use update::update;

use portcullis_domain::{MAX_DOCUMENT_BYTES, TooLarge};
use portcullis_store::Queries;
use portcullis_types::FieldError;
use portcullis_types::application::{Application, ApplicationBody};

use crate::{Error, Result};

const COLLECTION: &str = "Portcullis:Applications";

fn management_resource(application_id: &str) -> String {
    format!("{COLLECTION}/{application_id}")
}

fn secrets_resource(application_id: &str) -> String {
    format!("{}/secrets", management_resource(application_id))
}

/// Refuses a secret in a request: those of the API are made here, so that none can be guessed.
fn refuse_secret(body: &ApplicationBody) -> Result<()> {
    match body.secret {
        Some(_) => Err(FieldError::new("secret", "nothing: secrets are made by the server").into()),
        None => Ok(()),
    }
}

/// Checks what an application refers to, and what the domain cannot read: its keys.
pub(crate) async fn check_references(queries: &mut dyn Queries, application: &Application) -> Result<()> {
    read_key_set(application)?;
    if serde_json::to_vec(application).map_err(Error::internal)?.len() > MAX_DOCUMENT_BYTES {
        return Err(TooLarge.into());
    }
    if let Some(pool) = &application.user_pool
        && queries.user_pool(pool).await?.is_none()
    {
        return Err(FieldError::new("userPool", "a user pool that exists").into());
    }
    if let Some(product) = &application.product_id
        && queries.product(product).await?.is_none()
    {
        return Err(FieldError::new("productId", "a product that exists").into());
    }
    Ok(())
}

/// Refuses an id that is a user's or a service client's (AS-26), and keeps it from becoming one before the transaction ends.
pub(crate) async fn claim_id(queries: &mut dyn Queries, application_id: &str) -> Result<()> {
    queries.lock_principal(application_id).await?;
    if queries.user(application_id).await?.is_some() || queries.client(application_id).await?.is_some() {
        return Err(Error::Conflict("a user or a service client has this id"));
    }
    Ok(())
}

/// Refuses the id of an application for a user or a service client (AS-26), as [`claim_id`] does the other way round.
pub(crate) async fn require_no_application(queries: &mut dyn Queries, id: &str) -> Result<()> {
    queries.lock_principal(id).await?;
    match queries.application(id).await? {
        Some(_) => Err(Error::Conflict("an application has this id")),
        None => Ok(()),
    }
}
