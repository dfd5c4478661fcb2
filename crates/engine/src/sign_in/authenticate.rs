use portcullis_domain::{Identifier, MAIN_POOL, UserProfile};
use portcullis_store::StoredPassword;
use portcullis_types::{Sensitive, Timestamp};

use super::attempt::{Attempt, Subject, begin_anew};
use crate::access::checked;
use crate::change::Unit;
use crate::password::NormalizedPassword;
use crate::{Cx, Error, Portcullis, Result};

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user pool; `main` when absent.
    pub pool: Option<String>,
    /// The address, in any spelling that is matched alike.
    pub email: String,
    /// The password, as it was typed.
    pub password: Sensitive,
}

/// Somebody who has just given the right password. Holds their turn: while it lives, few others try with the same address.
pub(crate) struct Authenticated {
    user: UserProfile,
    set_at: Timestamp,
    rehashed: Option<String>,
    attempt: Attempt,
}

impl Authenticated {
    /// Who it is.
    pub(crate) fn user_id(&self) -> &str {
        &self.user.user_id
    }

    /// Lets the next one try, after what it was made for was done or failed. If it failed, the attempt is taken back: the password was
    /// right, so it counts neither as failed nor as under way.
    pub(crate) async fn settled<T>(self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Ok(done) => Ok(done),
            Err(error) => Err(withdrawn(self.attempt, error).await),
        }
    }
}

/// Finds out who signs in, by address and password. Does the same work and gives the same answer for a wrong password, an
/// address that nobody has, a person without a password, and one who is disabled (AU-09, W-28). Nothing but failures is
/// written: [`confirm`] belongs into the transaction that opens the session.
///
/// # Errors
/// [`Error::InvalidCredentials`]; [`Error::TooManyAttempts`] while the address is locked, also with the right password;
/// [`Error::EmailNotVerified`], after the right password only; [`Error::Busy`]; [`Error::Invalid`].
pub(crate) async fn authenticate(
    portcullis: &Portcullis,
    cx: &Cx,
    credentials: Credentials,
) -> Result<Authenticated> {
    let pool = credentials.pool.unwrap_or_else(|| MAIN_POOL.to_owned());
    checked(portcullis_types::id::pool_id, "pool", &pool)?;
    let identifier = Identifier::of_email(&credentials.email)?;
    let password = portcullis.passwords().presented("password", &credentials.password)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let subject = Subject::of_identifier(&portcullis, &pool, &identifier);
        let attempt = Attempt::begin(&portcullis, subject).await?;
        let found = match Found::read(&portcullis, &pool, &identifier).await {
            Ok(found) => found,
            Err(error) => return Err(withdrawn(attempt, error).await),
        };
        let proven = prove(&portcullis, &cx, attempt, found.user, found.password, &password).await?;
        if found.requires_verified_email && !proven.user.email_verified {
            let confirmed = confirm_alone(&portcullis, &cx, &proven).await;
            proven.settled(confirmed).await?;
            return Err(Error::EmailNotVerified);
        }
        Ok(proven)
    })
    .await
}

/// Confirms a sign-in that nothing comes of.
async fn confirm_alone(portcullis: &Portcullis, cx: &Cx, proven: &Authenticated) -> Result<()> {
    let mut unit = Unit::begin(portcullis, cx).await?;
    confirm(&mut unit, proven).await?;
    unit.commit().await
}

/// What is stored about whoever has an address: the same reads, whether or not anybody has it.
struct Found {
    user: Option<UserProfile>,
    password: Option<StoredPassword>,
    requires_verified_email: bool,
}

impl Found {
    async fn read(portcullis: &Portcullis, pool: &str, identifier: &Identifier) -> Result<Self> {
        let mut snapshot = portcullis.read().await?;
        let queries = snapshot.queries();
        let user = queries.user_by_identifier(pool, identifier.as_str()).await?;
        let user_id = user.as_ref().map_or("", |user| user.user_id.as_str());
        let password = queries.password(user_id).await?;
        let defaults = portcullis.inner.settings.sign_in.pools;
        let pool = queries.user_pool(pool).await?;
        let requires_verified_email = pool.is_some_and(|pool| pool.requires_verified_email(defaults));
        Ok(Self { user, password, requires_verified_email })
    }
}

/// Looks at the password of an admitted attempt, and decides it unless it succeeds.
pub(super) async fn prove(
    portcullis: &Portcullis,
    cx: &Cx,
    attempt: Attempt,
    user: Option<UserProfile>,
    stored: Option<StoredPassword>,
    password: &NormalizedPassword,
) -> Result<Authenticated> {
    let hash = stored.as_ref().map(|stored| stored.hash.expose());
    let verdict = match portcullis.passwords().verify(password, hash).await {
        Ok(verdict) => verdict,
        Err(error) => return Err(withdrawn(attempt, error).await),
    };
    match (user, stored) {
        (Some(user), Some(stored)) if verdict.matches && user.disabled_at.is_none() => {
            // Not worth a refusal: the next login tries again.
            let rehashed =
                if verdict.outdated { portcullis.passwords().hash(password).await.ok() } else { None };
            Ok(Authenticated { user, set_at: stored.set_at, rehashed, attempt })
        }
        (user, _) => {
            attempt.fail(cx, user.as_ref().map(|user| user.user_id.as_str())).await?;
            Err(Error::InvalidCredentials)
        }
    }
}

/// Takes an attempt back that could not be made or came to nothing, and gives why.
async fn withdrawn(attempt: Attempt, error: Error) -> Error {
    // If that fails too, the attempt counts as failed in a minute.
    let _withdrawn = attempt.withdraw().await;
    error
}

/// Takes somebody's sign-in for true, as a part of the transaction that acts on it: they are there and not disabled *now*, and
/// the password is the one that was compared. Failures in a row are forgotten, and a hash that is outdated is replaced.
///
/// Locks the user.
///
/// # Errors
/// [`Error::InvalidCredentials`] if any of that has changed meanwhile.
pub(crate) async fn confirm(unit: &mut Unit, proven: &Authenticated) -> Result<UserProfile> {
    let user_id = proven.user_id();
    let user = unit.queries().user_for_update(user_id).await?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or(Error::InvalidCredentials)?;
    let stored = unit.queries().password_for_update(user_id).await?;
    // By when it was set, not by its hash: a sign-in beside this one may have hashed the same password anew.
    if stored.is_none_or(|stored| stored.set_at != proven.set_at) {
        return Err(Error::InvalidCredentials);
    }
    begin_anew(unit, proven.attempt.subject()).await?;
    if let Some(hash) = &proven.rehashed {
        let password = StoredPassword { hash: Sensitive::new(hash.as_str()), set_at: proven.set_at };
        unit.queries().put_password(user_id, &password).await?;
    }
    Ok(user)
}
