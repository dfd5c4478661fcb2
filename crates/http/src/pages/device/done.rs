use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::Browser;
use super::super::layout::Layout;
use super::super::render::{page, render};
use super::super::submission::PageQuery;

pub(in crate::pages) const PATH: &str = "/device/done";

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage {
    layout: Layout,
    id: &'static str,
    text: &'static str,
}

page!(DonePage);

/// Says what was done: one of two texts, whatever the address asks for.
pub(in crate::pages) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Response {
    let (title, id, text) = match query.text("result") {
        "approved" => (
            "The device is being signed in",
            "device-approved",
            "It goes on by itself in a few seconds. You can take this back at any time on the page of your account.",
        ),
        _ => ("The device was not signed in", "device-denied", "It was told that you said no."),
    };
    render(&browser, StatusCode::OK, &DonePage { layout: Layout::new(&browser, title), id, text })
}
