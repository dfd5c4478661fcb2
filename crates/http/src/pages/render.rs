use askama::Template;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::browser::Browser;
use super::layout::Layout;
use super::refusal::Refused;
use super::security::{self, policy};

/// A template on `base.html`.
pub(crate) trait Page: Template {
    fn layout(&self) -> &Layout;
}

/// Implements [`Page`] for templates with a field `layout`.
macro_rules! page {
    ($($name:ident),*) => { $(
        impl $crate::pages::render::Page for $name {
            fn layout(&self) -> &$crate::pages::layout::Layout {
                &self.layout
            }
        }
    )* };
}
pub(crate) use page;

/// A page as the answer to this browser, with the headers and cookies that belong to it.
pub(crate) fn render(browser: &Browser, status: StatusCode, page: &impl Page) -> Response {
    let response = match html(status, page) {
        Some(response) => response,
        None => Refused::internal().into_response(),
    };
    browser.finish(response)
}

/// A page as the answer to whoever asks.
pub(super) fn render_bare(status: StatusCode, page: &impl Page) -> Response {
    let mut response = html(status, page).unwrap_or_else(|| status.into_response());
    security::harden(response.headers_mut());
    response
}

/// `None` if the template fails, which none of ours does.
fn html(status: StatusCode, page: &impl Page) -> Option<Response> {
    let text = match page.render() {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return None;
        }
    };
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, policy(&page.layout().target));
    Some(response)
}
