use std::fmt::Write as _;

/// Where the link of a mail leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailLink {
    /// To choose a new password.
    ResetPassword,
    /// To prove an address.
    VerifyEmail,
}

impl MailLink {
    /// The address of the page, with the token that it hands on. `public_url` is the only source of its origin (AU-14), never
    /// a header of the request that asked for the mail.
    pub(crate) fn url(self, public_url: &str, token: &str) -> String {
        let path = match self {
            Self::ResetPassword => "/reset-password",
            Self::VerifyEmail => "/verify-email",
        };
        let mut url = format!("{public_url}{path}?token=");
        for byte in token.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                url.push(byte.into());
            } else {
                // Writing to a string does not fail.
                let _written = write!(url, "%{byte:02X}");
            }
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn au_14_a_link_is_the_public_url_and_holds_nothing_but_the_token() {
        let url = MailLink::ResetPassword.url("https://id.example.org", "pwr_1.aB-_~");
        assert_eq!(url, "https://id.example.org/reset-password?token=pwr_1.aB-_~");
        let url = MailLink::VerifyEmail.url("https://id.example.org", "a&b=c#d\n");
        assert_eq!(url, "https://id.example.org/verify-email?token=a%26b%3Dc%23d%0A");
    }
}
