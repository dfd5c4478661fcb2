use std::sync::Arc;

use askama::Template;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use portcullis::Error;
use portcullis_tower::{RateLimited, RequestId};

use super::layout::Layout;
use super::render::{page, render_bare};
use crate::failure::Failure;

/// A page that says why something cannot be done, and what to do instead. It never says more than the API would, and it is never
/// a redirect (AS-02).
#[derive(Debug)]
pub(crate) struct Refused(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    title: String,
    text: String,
    retry_after: Option<HeaderValue>,
    /// The id under which the log holds more.
    reference: Option<Arc<str>>,
    /// Where to go from here: a path of ours, and what the link says.
    way_out: Option<(String, &'static str)>,
}

impl Refused {
    /// With words of its own.
    pub(crate) fn new(status: StatusCode, title: impl Into<String>, text: impl Into<String>) -> Self {
        let (title, text) = (title.into(), text.into());
        Self(Box::new(Inner { status, title, text, retry_after: None, reference: None, way_out: None }))
    }

    /// What a use case refused. What is our fault goes to the log.
    pub(crate) fn of(error: Error, request_id: Option<Arc<str>>) -> Self {
        Self::failed(Failure::from(error), request_id)
    }

    /// What was refused before a use case was asked.
    pub(crate) fn failed(failure: Failure, request_id: Option<Arc<str>>) -> Self {
        let (status, id) = (failure.status(), request_id.unwrap_or_else(|| "".into()));
        let answer = failure.finish(&RequestId(Arc::clone(&id)));
        let (title, text) = words(status);
        let mut refused = Self::new(status, title, text);
        refused.0.retry_after = answer.headers().get(RETRY_AFTER).cloned();
        refused.0.reference = (status.is_server_error() && !id.is_empty()).then_some(id);
        if status == StatusCode::UNAUTHORIZED {
            refused.way_out(super::login::PATH, "Sign in")
        } else {
            refused
        }
    }

    /// Something of ours is broken that is no use case.
    pub(crate) fn internal() -> Self {
        let (title, text) = words(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, title, text)
    }

    /// The form did not come from our page in this browser (SE-08).
    pub(super) fn forged() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This page was out of date",
            "For your safety nothing was done. This happens when a page was open for a long time, when you signed in or out in \
             another tab, or when cookies are blocked. Open the page again, and repeat what you did.",
        )
    }

    /// An address came too often.
    pub(super) fn limited(refused: RateLimited) -> Self {
        let wait = wait_words(refused.retry_after_secs);
        let text = format!("Too many attempts came from your network. Try again {wait}.");
        let mut page = Self::new(StatusCode::TOO_MANY_REQUESTS, "Please wait a moment", text);
        page.0.retry_after = Some(refused.retry_after_secs.into());
        page
    }

    /// Where to go from here.
    #[must_use]
    pub(crate) fn way_out(mut self, path: impl Into<String>, words: &'static str) -> Self {
        self.0.way_out = Some((path.into(), words));
        self
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Inner { status, title, text, retry_after, reference, way_out } = *self.0;
        let page = RefusalPage {
            layout: Layout::bare(title),
            text,
            reference: reference.as_deref().unwrap_or_default().to_owned(),
            way_out,
        };
        let mut response = render_bare(status, &page);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    layout: Layout,
    text: String,
    reference: String,
    way_out: Option<(String, &'static str)>,
}

page!(RefusalPage);

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => {
            ("This request cannot be read", "Open the page again, and repeat what you did.")
        }
        StatusCode::UNAUTHORIZED => ("Please sign in again", "Your session is over."),
        StatusCode::FORBIDDEN => {
            ("You may not do this", "Ask whoever runs this service if you think that you should.")
        }
        StatusCode::NOT_FOUND => ("This is not here", "It may have been removed, or it never was."),
        StatusCode::REQUEST_TIMEOUT => (
            "This took too long",
            "What you sent did not arrive in time. Open the page again, and repeat what you did.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("This is too long", "Send less at once."),
        StatusCode::TOO_MANY_REQUESTS => {
            ("Please wait a moment", "Too many attempts failed. Try again later.")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            ("We cannot answer right now", "This is our fault, not yours. Try again in a moment.")
        }
        status if status.is_client_error() => (
            "This cannot be done",
            "Something has changed meanwhile. Open the page again, and repeat what you did.",
        ),
        _ => ("Something went wrong", "This is our fault, not yours. Try again in a moment."),
    }
}

/// How long to wait, for people.
pub(super) fn wait_words(secs: u64) -> String {
    let count = |number: u64, unit: &str| match number {
        1 => format!("in one {unit}"),
        number => format!("in {number} {unit}s"),
    };
    match secs {
        0..=90 => count(secs.max(1), "second"),
        91..=5_400 => count(secs.div_ceil(60), "minute"),
        5_401..=172_800 => count(secs.div_ceil(3_600), "hour"),
        _ => count(secs.div_ceil(86_400), "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up_in_the_unit_that_people_use() {
        for (secs, said) in [
            (0, "in one second"),
            (90, "in 90 seconds"),
            (91, "in 2 minutes"),
            (900, "in 15 minutes"),
            (5_401, "in 2 hours"),
            (86_400, "in 24 hours"),
            (2_592_000, "in 30 days"),
        ] {
            assert_eq!(wait_words(secs), said);
        }
    }

    #[test]
    fn what_is_our_fault_says_nothing_but_the_reference() {
        let refused = Refused::of(Error::Internal("/var/lib is full".into()), Some("req-7".into()));
        let page = format!("{refused:?}");
        assert!(page.contains("req-7") && !page.contains("/var/lib"), "{page}");
        assert_eq!(refused.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
