use std::fmt;

use super::MailAddress;

/// A mail to one person, in plain text. Its text may hold a link that signs in: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    to: MailAddress,
    subject: String,
    text: String,
}

impl Mail {
    /// A mail. In the subject, control characters (and with them the end of a header's line) become spaces.
    pub fn new(to: MailAddress, subject: &str, text: impl Into<String>) -> Self {
        let subject = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { to, subject, text: text.into() }
    }

    /// To whom.
    pub fn to(&self) -> &MailAddress {
        &self.to
    }

    /// What it is about, in one line.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What it says; lines end in `\n`.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_and_no_body_is_printed() {
        let mail = Mail::new("a@example.org".parse().unwrap(), "Hello\r\nBcc: b@example.org", "secret link");
        assert_eq!(mail.subject(), "Hello  Bcc: b@example.org");
        assert!(!format!("{mail:?}").contains("secret"));
    }
}
