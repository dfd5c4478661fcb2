use askama::Template;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::Browser;
use super::layout::Layout;
use super::render::{page, render};
use crate::api::Api;
use crate::failure::Failure;

pub(super) const PATH: &str = "/";

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    layout: Layout,
    /// Who is signed in; empty for nobody.
    user: String,
}

page!(StartPage);

/// Where a person goes on who opens the address of the server. For programs, which do not ask for HTML, there is nothing here.
pub(super) async fn show(State(api): State<Api>, request: Request) -> Response {
    let (mut parts, _body) = request.into_parts();
    if !asks_for_html(&parts.headers) {
        return Failure::not_found("there is nothing at this path; /openapi.json describes the API")
            .into_response();
    }
    let browser = match Browser::from_request_parts(&mut parts, &api).await {
        Ok(browser) => browser,
        Err(refused) => return refused.into_response(),
    };
    let user = browser.session.as_ref().map(|signed_in| &signed_in.user);
    let user = user.map(|user| user.email.as_ref().or(user.name.as_ref()).unwrap_or(&user.user_id).clone());
    let page = StartPage { layout: Layout::new(&browser, "Welcome"), user: user.unwrap_or_default() };
    render(&browser, StatusCode::OK, &page)
}

/// Whether HTML is named among what is accepted: every browser does, and programs that take anything do not.
fn asks_for_html(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    ranges.any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_name_html_and_programs_do_not() {
        let asks = |accept: &str| asks_for_html(&HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]));
        assert!(asks("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(asks("application/json, Text/HTML ;q=0.5"));
        assert!(!asks("*/*") && !asks("application/json") && !asks("text/*") && !asks(""));
        assert!(!asks_for_html(&HeaderMap::new()));
    }
}
