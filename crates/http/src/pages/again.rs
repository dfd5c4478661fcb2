use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::Parameters;

use super::hand_on::HandOnPage;
use super::layout::Layout;
use super::render::render;
use super::{Browser, security};

/// The longest query that a posted form is turned into.
const MAX_QUERY: usize = 16 * 1024;

/// 303 to `path` with a form that another site posted there, as its query (AS-11). A browser keeps its cookies back from such a post, and
/// sends them with the GET that follows: only then is it known who sits in front of it. No cookie goes out, since it would take the
/// place of those. `None` if the form does not fit into an address.
pub(crate) fn again_by_get(path: &str, form: &[u8]) -> Option<Response> {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'#' | b'\\');
    if form.len() > MAX_QUERY || !form.iter().all(is_plain) {
        return None;
    }
    let location = format!("{path}?{}", std::str::from_utf8(form).ok()?);
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, HeaderValue::try_from(location).ok()?);
    security::harden(response.headers_mut());
    Some(response)
}

/// The same for a form that may hold what must not stand in an address (an ID token): a page of ours that posts it to `action`, with the
/// cookies. `redirect_uri` is where the answer may lead on.
pub(super) fn again_by_post(
    browser: &Browser,
    action: &str,
    form: &Parameters,
    redirect_uri: Option<&str>,
) -> Response {
    let page = HandOnPage {
        layout: Layout::new(browser, "One moment").leading_to(redirect_uri.unwrap_or_default()),
        lead: "We look who is signed in with this browser.",
        action: action.to_owned(),
        parameters: form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    render(browser, StatusCode::OK, &page)
}
