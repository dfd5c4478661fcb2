//! Checks and guards without the router.
//!
//! They are what applications ask all day, and the engine answers them faster than a router finds its handler: matching,
//! captured parameters, extensions and boxed layers cost several times the decision. So the one canonical path of each is
//! recognised here, in front of the router, and answered by the same function as its route, which stays for every other way to
//! write the path (an extra slash) and for other methods.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{FromRequest as _, Request};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use portcullis::Cx;
use portcullis_tower::{BearerRefusal, ProblemResponse, RequestId, bearer_credential};
use portcullis_types::{Caller, Guard as _};
use tower::Service;

use super::guard::evaluate;
use super::user_permissions::{CHECK, Segments};
use crate::api::Api;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::StrictJson;
use crate::observe::{Observe, ObservedFuture, ObservedRoute};

/// Answers checks and guards, and gives everything else to the router.
#[derive(Clone)]
pub(crate) struct Direct {
    // One pointer, because a service is cloned for every request.
    inner: Arc<Inner>,
}

struct Inner {
    api: Api,
    check: ObservedRoute,
    guard: ObservedRoute,
    router: Router,
}

impl Direct {
    /// In front of `router`.
    pub(crate) fn new(api: Api, observe: &Observe, router: Router) -> Self {
        let (check, guard) = (observe.route(CHECK), observe.route(evaluate::PATH));
        Self { inner: Arc::new(Inner { api, check, guard, router }) }
    }

    fn check(&self, segments: Segments, request: Request) -> Answering {
        let (parts, _body) = request.into_parts();
        let observed = self.inner.check.begin(&parts.method, &parts.headers);
        let (api, id) = (self.inner.api.clone(), observed.id().clone());
        let answer = async move {
            let call = call(api, &parts.headers, id).await?;
            segments.check(&call, parts.uri).await
        };
        Box::pin(ObservedFuture::new(Some(answer), observed))
    }

    fn guard(&self, request: Request) -> Answering {
        let observed = self.inner.guard.begin(request.method(), request.headers());
        let (api, id) = (self.inner.api.clone(), observed.id().clone());
        let answer = async move {
            let call = call(api, request.headers(), id).await?;
            let StrictJson(body) = StrictJson::from_request(request, &call.api).await?;
            evaluate::answer(&call, &body).await
        };
        Box::pin(ObservedFuture::new(Some(answer), observed))
    }
}

// Boxed whole, for what layers do with a future is to move it.
type Answering = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl Service<Request> for Direct {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answering {
        if *request.method() == Method::GET {
            if let Some(segments) = Segments::find(request.uri().path()) {
                return self.check(segments, request);
            }
        } else if *request.method() == Method::POST && request.uri().path() == evaluate::PATH {
            return self.guard(request);
        }
        Box::pin(self.inner.router.clone().call(request))
    }
}

async fn call(api: Api, headers: &HeaderMap, id: RequestId) -> Result<Call, Failure> {
    match caller(&api, headers).await {
        Ok(caller) => Ok(Call { cx: Cx::of(caller, id.0), api }),
        Err(refusal) => Err(Failure::new(ProblemResponse::from(refusal))),
    }
}

/// As the bearer layer does it, except that a bearer that was verified before needs no future.
async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, BearerRefusal> {
    let credential = bearer_credential(headers)?;
    match api.portcullis().remembered(credential) {
        Some(caller) => Ok(caller),
        // Boxed, because a future that is never needed would be moved with the rest.
        None => Ok(Box::pin(api.portcullis().authenticate(credential)).await?),
    }
}
