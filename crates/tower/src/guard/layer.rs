use std::sync::Arc;

use axum::http::HeaderName;
use portcullis_types::Guard;
use tower::Layer;

use super::credential::{CookieCredential, Skipped};
use super::keys::IdempotencyKeys;
use super::settle::Settler;
use crate::RequestIds;
use crate::gate::Gated;

/// Finds out once who sent a request, for the extractors and [`require_op`](crate::require_op) behind it, and settles what they
/// hold when the response is known (spec `guard-request.md` §7.2).
///
/// It takes one credential: `Authorization: Bearer`, else `X-Api-Key`, else the [cookie](GuardLayer::cookie). It refuses by itself only
/// what is no honest request: two credentials (400), a token in the query (400), a header of more than 16 KiB (431), a cookie on a
/// request that changes something without the CSRF token (403). Everybody else goes on: guests, and whoever sent an invalid
/// token, as a guest who is told so by `WWW-Authenticate`. What to do about guests is said by each route. When it could not be
/// found out who it is, every route that asks answers with 503.
///
/// Requests that match no route stay 404, preflights (`OPTIONS` with `Access-Control-Request-Method`) and
/// [skipped](GuardLayer::skip) paths pass as guests. Headers in which proxies tell who a user is (`X-User-Id`, `X-Tenant-Id`, …) are
/// removed from requests.
///
/// # Credits
/// What is held for a request is taken when its response says success (below 400): all of it, or what
/// [`GuardPass::set_actual`](crate::GuardPass::set_actual) or else the response's header `X-Credits-Used` (micro-credits, an integer; for
/// requests with one reservation; removed from the response) says. It is given back on 4xx and 5xx, when the
/// handler panics, when the client goes away, on a timeout. The body of a response in one piece waits for the
/// ledger, at most five seconds; a body that is sent piece by piece is paid at its end, and when it breaks off only as far as
/// `set_actual` said.
///
/// A ledger that does not answer is asked again in the background, with the same reservation, for about six minutes: at most 1,024 at
/// once, in memory, not beyond the end of the process. What is given up is logged as an error. Before a process ends, wait for
/// [`GuardLayer::idle`].
///
/// # Order
/// Outermost first: request id, trace, timeout, body limit, CORS, rate limit by address, this, rate limit by subject, routes.
#[derive(Clone)]
pub struct GuardLayer {
    pub(super) options: Arc<Options>,
}

/// How a layer works.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) guard: Arc<dyn Guard>,
    pub(super) skipped: Skipped,
    pub(super) cookie: Option<CookieCredential>,
    pub(super) reject_invalid: bool,
    pub(super) stripped: Vec<HeaderName>,
    pub(super) metadata: Option<String>,
    pub(super) ids: Arc<RequestIds>,
    pub(super) keys: Arc<IdempotencyKeys>,
    pub(super) settler: Arc<Settler>,
}

impl GuardLayer {
    /// Asks `guard`: the engine in this process, or a client of a server.
    pub fn new(guard: Arc<dyn Guard>) -> Self {
        let options = Options {
            settler: Arc::new(Settler::new(Arc::clone(&guard))),
            guard,
            skipped: Skipped::default(),
            cookie: None,
            reject_invalid: false,
            stripped: Vec::new(),
            metadata: None,
            ids: Arc::new(RequestIds::new(0)),
            keys: Arc::new(IdempotencyKeys::new()),
        };
        Self { options: Arc::new(options) }
    }

    /// Paths where no credential is looked at: `/health`, or `/.well-known/*` for all below. As this layer sees them, byte by byte.
    #[must_use]
    pub fn skip<'a>(mut self, patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let options = Arc::make_mut(&mut self.options);
        patterns.into_iter().for_each(|pattern| options.skipped.add(pattern));
        self
    }

    /// Also takes the token from a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: CookieCredential) -> Self {
        Arc::make_mut(&mut self.options).cookie = Some(cookie);
        self
    }

    /// Whether to refuse invalid tokens (401) and tokens that could not be checked (503) here, instead of leaving it to each
    /// route. Not unless it is said.
    #[must_use]
    pub fn reject_invalid(mut self, reject: bool) -> Self {
        Arc::make_mut(&mut self.options).reject_invalid = reject;
        self
    }

    /// Also removes this header from requests.
    #[must_use]
    pub fn strip_header(mut self, name: HeaderName) -> Self {
        Arc::make_mut(&mut self.options).stripped.push(name);
        self
    }

    /// Says in every `Bearer` challenge where the metadata of the protected resource is (RFC 9728 §5.1): see
    /// [`ProtectedResource::metadata_url`](crate::ProtectedResource::metadata_url).
    #[must_use]
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.options).metadata = Some(url.into());
        self
    }

    /// Waits until all credits of this layer's requests are settled or given up. For the end of a process, after its server
    /// has finished its requests.
    pub async fn idle(&self) {
        self.options.settler.idle().await;
    }
}

impl std::fmt::Debug for GuardLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardLayer").field("skipped", &self.options.skipped).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Gated<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated::new(inner, self.clone())
    }
}
