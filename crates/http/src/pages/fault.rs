use askama::Template;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use portcullis::Error;
use portcullis_types::FieldError;

use super::Browser;
use super::field::Field;
use super::refusal::{Refused, wait_words};
use crate::failure::CHALLENGE;

/// What was wrong with a form, said above it and beside its fields. It has the focus when the page is loaded.
#[derive(Template, Clone, Default)]
#[template(path = "summary.html")]
pub(crate) struct Fault {
    title: String,
    text: String,
    /// Names of fields, and what is wrong with them.
    lines: Vec<(String, String)>,
    status: StatusCode,
    retry_after: Option<u32>,
}

impl Fault {
    /// Something about the form as a whole.
    pub(crate) fn new(status: StatusCode, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { title: title.into(), text: text.into(), status, ..Self::default() }
    }

    /// Something about one field.
    pub(crate) fn of_field(name: &str, message: impl Into<String>) -> Self {
        Self {
            title: "Please check what you typed".to_owned(),
            lines: vec![(name.to_owned(), message.into())],
            status: StatusCode::BAD_REQUEST,
            ..Self::default()
        }
    }

    /// The same with another status.
    #[must_use]
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same, with when to try again.
    #[must_use]
    pub(crate) fn with_retry_after(mut self, secs: u32) -> Self {
        self.retry_after = Some(secs);
        self
    }

    /// What a form can say about a refusal: its fields' and its patience. Everything else is a page of its own.
    pub(crate) fn of(error: Error, browser: &Browser) -> Result<Self, Refused> {
        let wait = |secs, status, title: &str, text: String| {
            let fault = Self::new(status, title, text);
            Ok(Self { retry_after: Some(secs), ..fault })
        };
        match error {
            Error::Invalid(field) => Ok(Self::of_field(&field.field, words(&field))),
            Error::TooManyAttempts { retry_after_secs } => wait(
                retry_after_secs,
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong passwords",
                format!(
                    "Signing in with this address is locked. Try again {}.",
                    wait_words(retry_after_secs.into())
                ),
            ),
            Error::Busy { retry_after_secs } => wait(
                retry_after_secs,
                StatusCode::SERVICE_UNAVAILABLE,
                "Many people are signing in right now",
                "Nothing is wrong with what you typed. Try again in a moment.".to_owned(),
            ),
            error => Err(Refused::of(error, browser.request_id())),
        }
    }

    /// Puts what is wrong beside its fields.
    pub(crate) fn mark(&self, fields: &mut [&mut Field]) {
        for field in fields {
            if let Some((_, message)) = self.lines.iter().find(|(name, _)| name == field.name()) {
                field.refuse(message.clone());
            }
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Says when to try again, if there is something to wait for.
    pub(crate) fn finish(&self, mut response: Response) -> Response {
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §15.5.2 wants one; browsers know nothing to do about this one, and show the page.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        if let Some(secs) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}

/// What was expected, as a sentence for the person who typed. It never holds what was typed.
fn words(field: &FieldError) -> String {
    // Only who types 200 signs that are no letters comes near the bound in bytes.
    let expected = field.expected.split(" of at most").next().unwrap_or_default().trim_end_matches('.');
    match field.field.as_str() {
        "email" => "Enter an e-mail address, such as alice@example.org.".to_owned(),
        "token" => "This link does not work any more.".to_owned(),
        "name" => format!("Use {expected}."),
        _ if expected.starts_with("a password") => format!("Choose {expected}."),
        "new_password" | "password" if expected.starts_with("1 to") => "Enter your password.".to_owned(),
        "current_password" => "Enter your present password.".to_owned(),
        _ => format!("Use {expected}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_expected_becomes_a_sentence() {
        for (field, expected, said) in [
            ("password", "15 to 256 characters of at most 1024 bytes", "Use 15 to 256 characters."),
            ("new_password", "a password that is not guessable", "Choose a password that is not guessable."),
            ("password", "1 to 256 characters of at most 1024 bytes", "Enter your password."),
            (
                "email",
                "an e-mail address of up to 254 bytes",
                "Enter an e-mail address, such as alice@example.org.",
            ),
        ] {
            assert_eq!(words(&FieldError::new(field, expected)), said);
        }
    }
}
