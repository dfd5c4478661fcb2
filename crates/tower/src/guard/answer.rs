use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;

use crate::{RequestId, RequestIds};

/// How this request is answered if it is refused.
#[derive(Clone, Debug)]
pub(super) struct AnswerForm {
    /// Whether the client would rather have problem details (RFC 9457) than the short body.
    pub(super) problem: bool,
    /// What the answer calls the request.
    pub(super) request_id: RequestId,
}

impl AnswerForm {
    pub(super) fn of(parts: &Parts, ids: &RequestIds) -> Self {
        Self { problem: prefers_problem(&parts.headers), request_id: ids.of(&parts.extensions) }
    }

    /// For a request that nobody looked at before.
    pub(super) fn unknown(parts: &Parts) -> Self {
        let request_id = RequestId::of(&parts.extensions).cloned();
        let request_id = request_id.unwrap_or_else(|| RequestId(std::sync::Arc::default()));
        Self { problem: prefers_problem(&parts.headers), request_id }
    }
}

/// Whether `Accept` names `application/problem+json`, and nothing makes `application/json` the better choice (RFC 9110 §12.5.1).
fn prefers_problem(headers: &HeaderMap) -> bool {
    let (mut problem, mut json) = (None, None);
    for range in
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let place = match parts.next() {
            Some(name) if name.eq_ignore_ascii_case("application/problem+json") => &mut problem,
            Some(name) if name.eq_ignore_ascii_case("application/json") => &mut json,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        *place = Some(quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0_f32)));
    }
    problem.is_some_and(|problem| problem > 0.0 && json.is_none_or(|json| problem >= json))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_problem_is_sent_to_whoever_names_it_first() {
        for (accept, expected) in [
            ("", false),
            ("*/*", false),
            ("application/json", false),
            ("application/problem+json", true),
            ("application/json, application/problem+json", true),
            ("application/json;q=0.5, Application/Problem+JSON", true),
            ("application/json, application/problem+json;q=0.9", false),
            ("application/problem+json;q=0", false),
            ("application/problem+json;q=x", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(prefers_problem(&headers), expected, "{accept}");
        }
    }
}
