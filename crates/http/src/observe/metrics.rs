use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, histogram};

/// The label of everything that matched no route. Never the path: whoever calls could make up new ones without end.
pub(super) const UNMATCHED: &str = "unmatched";

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "other"];
const STATUSES: [u16; 18] =
    [200, 201, 202, 204, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503];

/// The metrics of every route. Handles are looked up once by their labels, then kept.
pub(super) struct Routes {
    known: HashMap<Box<str>, Arc<Route>>,
    unmatched: Arc<Route>,
}

impl Routes {
    pub(super) fn new(templates: impl IntoIterator<Item = String>) -> Self {
        let known =
            templates.into_iter().map(|path| (path.as_str().into(), Arc::new(Route::new(path)))).collect();
        Self { known, unmatched: Arc::new(Route::new(UNMATCHED.to_owned())) }
    }

    pub(super) fn of(&self, template: Option<&str>) -> &Arc<Route> {
        template.and_then(|template| self.known.get(template)).unwrap_or(&self.unmatched)
    }
}

/// The metrics of one route template.
pub(super) struct Route {
    pub(super) template: String,
    methods: [OnceLock<Box<Answers>>; METHODS.len()],
}

struct Answers {
    seconds: Histogram,
    by_status: [OnceLock<Counter>; STATUSES.len()],
}

impl Route {
    fn new(template: String) -> Self {
        Self { template, methods: Default::default() }
    }

    /// Counts one answer.
    pub(super) fn count(&self, method: MethodIndex, status: StatusCode, took: Duration) {
        let Some((cell, name)) = self.methods.get(method.0).zip(METHODS.get(method.0)) else { return };
        let answers = cell.get_or_init(|| {
            let seconds =
                histogram!("portcullis_http_request_seconds", "route" => self.template.clone(), "method" => *name);
            Box::new(Answers { seconds, by_status: Default::default() })
        });
        answers.seconds.record(took);
        let place = STATUSES.binary_search(&status.as_u16()).ok();
        match place.and_then(|place| answers.by_status.get(place)) {
            Some(cell) => cell.get_or_init(|| self.counter(name, status)).increment(1),
            None => self.counter(name, status).increment(1),
        }
    }

    fn counter(&self, method: &'static str, status: StatusCode) -> Counter {
        let (route, status) = (self.template.clone(), status.as_str().to_owned());
        counter!("portcullis_http_requests_total", "route" => route, "method" => method, "status" => status)
    }
}

/// A method as a place in a route's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MethodIndex(usize);

impl MethodIndex {
    pub(super) fn of(method: &Method) -> Self {
        let name = method.as_str();
        let other = METHODS.len() - 1;
        Self(METHODS.iter().take(other).position(|known| *known == name).unwrap_or(other))
    }

    pub(super) fn name(self) -> &'static str {
        METHODS.get(self.0).copied().unwrap_or("other")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_can_be_searched_and_methods_have_places() {
        assert!(STATUSES.is_sorted());
        assert_eq!(MethodIndex::of(&Method::PATCH).name(), "PATCH");
        assert_eq!(MethodIndex::of(&Method::from_bytes(b"BREW").unwrap()).name(), "other");
    }

    #[test]
    fn labels_are_templates_and_whatever_matches_none_shares_one() {
        let routes = Routes::new(["/v1/roles".to_owned()]);
        assert_eq!(routes.of(Some("/v1/roles")).template, "/v1/roles");
        assert_eq!(routes.of(Some("/v1/{*rest}")).template, UNMATCHED);
        assert_eq!(routes.of(None).template, UNMATCHED);
        routes.of(None).count(MethodIndex::of(&Method::GET), StatusCode::IM_A_TEAPOT, Duration::ZERO);
    }
}
