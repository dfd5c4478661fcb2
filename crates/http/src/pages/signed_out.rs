use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Browser;
use super::layout::Layout;
use super::render::{page, render};

pub(crate) const PATH: &str = "/signed-out";

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    layout: Layout,
    /// Somebody is signed in after all: they came here by themselves.
    signed_in: bool,
}

page!(SignedOutPage);

/// Says that nobody is signed in with this browser any more.
pub(super) async fn show(browser: Browser) -> Response {
    let signed_in = browser.session.is_some();
    let title = if signed_in { "You are signed in" } else { "You are signed out" };
    let page = SignedOutPage { layout: Layout::new(&browser, title), signed_in };
    render(&browser, StatusCode::OK, &page)
}
