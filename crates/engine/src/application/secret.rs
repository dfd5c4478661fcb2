use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_domain::{FIXED_SECRET, MAX_APPLICATION_SECRETS, StoredApplicationSecret, check_fixed_secret};
use portcullis_jose::Digest;
use portcullis_types::application::{Application, CreatedSecret};
use portcullis_types::{FieldError, Sensitive};

use crate::change::Unit;
use crate::{Error, Portcullis, Result};

/// Makes a secret of 256 random bits and stores its digest. Whoever calls holds the application's row.
///
/// # Errors
/// [`Error::Conflict`] when the application has two, or its method takes none.
pub(super) async fn mint(
    portcullis: &Portcullis,
    unit: &mut Unit,
    application: &Application,
) -> Result<CreatedSecret> {
    if !application.authentication_method.takes_secret() {
        return Err(Error::Conflict("the application's authentication method takes no secret"));
    }
    let mut random = [0; 32];
    portcullis.rng().fill(&mut random)?;
    // Nothing in it needs to be escaped, wherever it is sent: many clients forget to (RFC 6749 §2.3.1).
    let text = format!("pcs_{}", URL_SAFE_NO_PAD.encode(random));
    let secret = StoredApplicationSecret {
        application_id: application.application_id.clone(),
        secret_id: portcullis.mint("aps_")?,
        digest: *Digest::of(text.as_bytes()).as_bytes(),
        created_at: portcullis.change_time(None),
    };
    insert(unit, &secret).await?;
    Ok(CreatedSecret {
        secret_id: secret.secret_id,
        client_secret: Sensitive::new(text),
        created_at: secret.created_at,
    })
}

/// Makes a secret that was chosen elsewhere the application's fixed one; others stay as they are. False: it was. Whoever calls
/// holds the application's row.
///
/// # Errors
/// [`Error::Invalid`] on `secret`; [`Error::Conflict`] when the application has two others.
pub(crate) async fn put_fixed(unit: &mut Unit, application: &Application, text: &Sensitive) -> Result<bool> {
    check_fixed_secret(text.expose())?;
    if !application.authentication_method.takes_secret() {
        return Err(FieldError::new("secret", "nothing: the authentication method takes no secret").into());
    }
    let secret = StoredApplicationSecret {
        application_id: application.application_id.clone(),
        secret_id: FIXED_SECRET.to_owned(),
        digest: *Digest::of(text.expose().as_bytes()).as_bytes(),
        created_at: unit.portcullis().change_time(None),
    };
    let stored = unit.queries().application_secrets(&application.application_id).await?;
    if stored.iter().any(|stored| stored.secret_id == FIXED_SECRET && stored.digest == secret.digest) {
        return Ok(false);
    }
    unit.queries().delete_application_secret(&application.application_id, FIXED_SECRET).await?;
    insert(unit, &secret).await?;
    Ok(true)
}

async fn insert(unit: &mut Unit, secret: &StoredApplicationSecret) -> Result<()> {
    let held = unit.queries().application_secrets(&secret.application_id).await?.len();
    if held >= MAX_APPLICATION_SECRETS {
        return Err(Error::Conflict("the application has 2 secrets, delete one first"));
    }
    if !unit.queries().insert_application_secret(secret).await? {
        return Err(Error::internal("a secret's id was minted twice"));
    }
    Ok(())
}
