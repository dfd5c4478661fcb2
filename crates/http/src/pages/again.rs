use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};

use super::security;

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
