//! The words of the mails. Plain text, and nothing in it that its reader did not cause or cannot check: no name that somebody
//! else chose, which could be an advertisement.

use super::{Mail, MailAddress};

/// A link that works once.
#[derive(Clone, Copy)]
pub(crate) struct Link<'a> {
    /// Its address, from [`MailLink::url`](super::MailLink::url).
    pub(crate) url: &'a str,
    /// For how many minutes it works.
    pub(crate) minutes: i64,
}

/// Somebody asked for a new password.
pub(crate) fn reset_password(to: MailAddress, link: Link<'_>) -> Mail {
    let Link { url, minutes } = link;
    let text = format!(
        "Somebody, probably you, asked to choose a new password for this address.\n\n\
         Open this link within {minutes} minutes to choose it. It works once:\n\n{url}\n\n\
         If it was not you, do nothing: the password stays as it is.\n"
    );
    Mail::new(to, "Choose a new password", text)
}

/// Somebody registered with this address.
pub(crate) fn verify_email(to: MailAddress, link: Link<'_>) -> Mail {
    let Link { url, minutes } = link;
    let text = format!(
        "Somebody, probably you, gave this address as theirs.\n\n\
         Open this link within {minutes} minutes to confirm it. It works once:\n\n{url}\n\n\
         If it was not you, do nothing: the address is not confirmed.\n"
    );
    Mail::new(to, "Confirm your e-mail address", text)
}

/// Somebody tried to register with an address that is registered: only its owner may know that (AU-09).
pub(crate) fn already_registered(to: MailAddress, public_url: &str) -> Mail {
    let text = format!(
        "Somebody, probably you, tried to register with this address at {public_url}. It is registered already.\n\n\
         Sign in with your password, or ask for a new one there if you do not know it any more.\n\n\
         If it was not you, do nothing: nothing was changed.\n"
    );
    Mail::new(to, "You are registered already", text)
}

/// A password was changed (AU-15).
pub(crate) fn password_changed(to: MailAddress, public_url: &str) -> Mail {
    let text = format!(
        "The password of this address was changed at {public_url}, and other sessions were ended.\n\n\
         If it was not you, ask for a new password there at once.\n"
    );
    Mail::new(to, "Your password was changed", text)
}

/// An address was changed; sent to the old and to the new one (AU-15).
pub(crate) fn email_changed(to: MailAddress, public_url: &str) -> Mail {
    let text = format!(
        "The e-mail address of your account at {public_url} was changed. Both the old and the new address get this mail.\n\n\
         If it was not you, tell whoever runs it.\n"
    );
    Mail::new(to, "Your e-mail address was changed", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_says_what_happened_how_long_the_link_works_and_what_to_do_if_it_was_not_you() {
        let to = || "alice@example.org".parse::<MailAddress>().unwrap();
        let link = Link { url: "https://id.example.org/reset-password?token=t", minutes: 10 };
        for mail in [reset_password(to(), link), verify_email(to(), link)] {
            assert!(mail.text().contains(&format!("\n\n{}\n\n", link.url)), "{}", mail.text());
            assert!(mail.text().contains("within 10 minutes") && mail.text().contains("If it was not you"));
        }
        let url = "https://id.example.org";
        for mail in [already_registered(to(), url), password_changed(to(), url), email_changed(to(), url)] {
            assert!(mail.text().contains(url) && mail.text().contains("If it was not you"));
            assert!(!mail.text().contains("token="));
        }
    }
}
