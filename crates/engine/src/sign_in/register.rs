use portcullis_domain::{Identifier, MAIN_POOL, UserProfile};
use portcullis_store::{MailPurpose, StoredPassword};
use portcullis_types::Sensitive;
use portcullis_types::auth::RegisterBody;
use portcullis_types::sign_in::Registration;

use super::mail_link::issue;
use crate::access::checked;
use crate::change::Unit;
use crate::mail::{Mail, MailAddress, already_registered};
use crate::{Cx, Error, Portcullis, Result};

/// What came of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// There is an account, and whoever registered may be signed in.
    Created(UserProfile),
    /// Whatever happened is told by mail: that the address is to be proven, or that it was registered before. Whoever asked
    /// must not see which.
    MailBound,
}

/// Registers a person in a pool that is open for it, with an address that nobody has there and a password. With a mailer the
/// answer is always [`Registered::MailBound`] (AU-09). Nothing else can be set: the id is minted, and rights are granted by records.
///
/// # Errors
/// [`Error::RegistrationClosed`], also for a pool that does not exist; [`Error::EmailTaken`] without a mailer only;
/// [`Error::Invalid`] with the reason why the password is not taken; [`Error::Busy`].
pub async fn register(portcullis: &Portcullis, cx: &Cx, body: RegisterBody) -> Result<Registered> {
    let pool = body.pool.unwrap_or_else(|| MAIN_POOL.to_owned());
    checked(portcullis_types::id::pool_id, "pool", &pool)?;
    let identifier = Identifier::of_email(&body.email)?;
    let address = MailAddress::parse("email", &body.email)?;
    let user = UserProfile {
        name: body.name,
        email: Some(address.as_str().to_owned()),
        pool,
        ..UserProfile::new(portcullis.mint("usr_")?, portcullis.change_time(None))
    };
    user.validate()?;
    let password = portcullis.passwords().prepare("password", &body.password)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        require_open(&portcullis, &user.pool).await?;
        let context = [address.as_str(), user.name.as_deref().unwrap_or_default()];
        portcullis.passwords().judge("password", &password, &context).await?;
        let hash = portcullis.passwords().hash(&password).await?;
        let made = make(&portcullis, &cx, &user, &identifier, hash).await?;
        if !portcullis.post().is_there() {
            return if made.is_new { Ok(Registered::Created(user)) } else { Err(Error::EmailTaken) };
        }
        for mail in made.mails {
            portcullis.post().send(mail);
        }
        Ok(Registered::MailBound)
    })
    .await
}

async fn require_open(portcullis: &Portcullis, pool: &str) -> Result<()> {
    let pool = portcullis.read().await?.queries().user_pool(pool).await?;
    let defaults = portcullis.inner.settings.sign_in.pools;
    match pool.map(|pool| pool.registration(defaults)) {
        Some(Registration::Open) => Ok(()),
        _ => Err(Error::RegistrationClosed),
    }
}

struct Made {
    is_new: bool,
    mails: Vec<Mail>,
}

/// Stores the account, or finds the one that has the address. Both write and commit, so that both take the same time.
async fn make(
    portcullis: &Portcullis,
    cx: &Cx,
    user: &UserProfile,
    identifier: &Identifier,
    hash: String,
) -> Result<Made> {
    let mut unit = Unit::begin(portcullis, cx).await?;
    // The claim decides, whoever else registers at this moment.
    if unit.queries().claim_identifier(&user.pool, identifier.as_str(), &user.user_id).await? {
        if !unit.queries().insert_user(user).await? {
            return Err(Error::internal("a minted id exists"));
        }
        let password = StoredPassword { hash: Sensitive::new(hash), set_at: user.created_at };
        unit.queries().put_password(&user.user_id, &password).await?;
        let mail = verification(portcullis, &mut unit, user).await?;
        unit.audit("user.register", &user.user_id, None);
        unit.commit().await?;
        return Ok(Made { is_new: true, mails: mail.into_iter().collect() });
    }
    let owner = unit.queries().user_by_identifier(&user.pool, identifier.as_str()).await?;
    let owner = owner.ok_or_else(|| Error::internal("an address is claimed by nobody"))?;
    let mut mails = Vec::new();
    if let Some(Ok(to)) = owner.email.as_deref().map(str::parse::<MailAddress>) {
        mails.push(already_registered(to, portcullis.public_url()));
    }
    if !owner.email_verified && owner.disabled_at.is_none() {
        // The link of the first time may have died of age.
        mails.extend(verification(portcullis, &mut unit, &owner).await?);
    }
    unit.audit_refused("user.register", &owner.user_id, None);
    unit.commit().await?;
    Ok(Made { is_new: false, mails })
}

async fn verification(portcullis: &Portcullis, unit: &mut Unit, user: &UserProfile) -> Result<Option<Mail>> {
    if !portcullis.post().is_there() {
        return Ok(None);
    }
    issue(portcullis, unit.queries(), Some(user), MailPurpose::VerifyEmail).await
}
