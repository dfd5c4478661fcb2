use portcullis_domain::UserProfile;
use portcullis_store::{MailPurpose, MailToken, Queries};
use portcullis_types::{FieldError, Sensitive, Timestamp};

use crate::mail::{Link, Mail, MailAddress, MailLink, reset_password, verify_email};
use crate::opaque_token::OpaqueToken;
use crate::{Error, Portcullis, Result};

/// For how long a link in a mail works (AU-12).
const MINUTES: i64 = 10;
/// Kept for nobody: see [`issue`].
const NOBODY: &str = "";

fn prefix(purpose: MailPurpose) -> &'static str {
    match purpose {
        MailPurpose::ResetPassword => "pwr_",
        MailPurpose::VerifyEmail => "emv_",
    }
}

/// Makes a link for a person, after which every earlier one for the same purpose is dead, and gives the mail to send once it is
/// committed. For nobody it does the same work, and gives none: how long it takes tells nothing (AU-09).
pub(crate) async fn issue(
    portcullis: &Portcullis,
    queries: &mut dyn Queries,
    user: Option<&UserProfile>,
    purpose: MailPurpose,
) -> Result<Option<Mail>> {
    let user_id = user.map_or(NOBODY, |user| user.user_id.as_str());
    let address = user.and_then(|user| user.email.clone()).unwrap_or_default();
    let (token, now) = (OpaqueToken::mint(portcullis, prefix(purpose))?, portcullis.now());
    queries.end_mail_tokens(user_id, purpose, now).await?;
    let row = MailToken {
        token_id: token.id().to_owned(),
        digest: token.digest(),
        user_id: user_id.to_owned(),
        purpose,
        address: address.clone(),
        expires_at: now.plus_secs(MINUTES * 60),
    };
    queries.insert_mail_token(&row).await?;
    let Ok(to) = address.parse::<MailAddress>() else { return Ok(None) };
    let (page, words): (_, fn(MailAddress, Link<'_>) -> Mail) = match purpose {
        MailPurpose::ResetPassword => (MailLink::ResetPassword, reset_password),
        MailPurpose::VerifyEmail => (MailLink::VerifyEmail, verify_email),
    };
    let url = page.url(portcullis.public_url(), token.text().expose());
    Ok(Some(words(to, Link { url: &url, minutes: MINUTES })))
}

/// A token from a mail, as it was sent back.
pub(super) struct Returned {
    token: OpaqueToken,
    purpose: MailPurpose,
}

impl Returned {
    pub(super) fn read(text: &Sensitive, purpose: MailPurpose) -> Result<Self> {
        let token = OpaqueToken::parse(text.expose(), prefix(purpose)).ok_or_else(dead)?;
        Ok(Self { token, purpose })
    }

    /// Whose it is, without using it up.
    pub(super) async fn owner(&self, queries: &mut dyn Queries, now: Timestamp) -> Result<String> {
        let found =
            queries.mail_token_owner((self.token.id(), &self.token.digest()), self.purpose, now).await?;
        found.ok_or_else(dead)
    }

    /// Uses it up, and gives the person whose it is, locked. The address that it was sent to must still be theirs.
    pub(super) async fn consume(
        &self,
        queries: &mut dyn Queries,
        user_id: &str,
        now: Timestamp,
    ) -> Result<UserProfile> {
        // The user's lock comes first, as everywhere.
        let user = queries.user_for_update(user_id).await?;
        let used =
            queries.consume_mail_token((self.token.id(), &self.token.digest()), self.purpose, now).await?;
        let (owner, address) = used.ok_or_else(dead)?;
        user.filter(|user| {
            user.user_id == owner && user.disabled_at.is_none() && user.email.as_deref() == Some(&*address)
        })
        .ok_or_else(dead)
    }
}

fn dead() -> Error {
    let expected = format!("the token of a link that was sent within {MINUTES} minutes and not used since");
    FieldError::new("token", expected).into()
}
