//! The check without the router.
//!
//! A check is what applications ask all day, and the engine answers it faster than a router finds its handler: matching,
//! captured parameters, extensions and boxed layers cost several times the decision. So its one canonical path is recognised
//! here, in front of the router. It is answered by the same function as [`super::check_access`], which stays the route for
//! every other way to write the path (an extra slash) and for other methods.

use std::convert::Infallible;
use std::ops::{Range, RangeFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse as _, Response};
use portcullis::Cx;
use portcullis::access::Question;
use portcullis_tower::{BearerRefusal, ProblemResponse, RequestId, bearer_credential};
use portcullis_types::{Caller, Guard as _};
use tower::Service;

use super::check_access;
use crate::api::Api;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, decode_param};
use crate::observe::{Observe, ObservedFuture, ObservedRoute};
use crate::params::{Permission, ResourceUri, UserId};

/// Answers checks, and gives everything else to the router.
#[derive(Clone)]
pub(crate) struct DirectCheck {
    // One pointer, because a service is cloned for every request.
    inner: Arc<Inner>,
}

struct Inner {
    api: Api,
    route: ObservedRoute,
    router: Router,
}

impl DirectCheck {
    /// In front of `router`.
    pub(crate) fn new(api: Api, observe: &Observe, router: Router) -> Self {
        Self { inner: Arc::new(Inner { api, route: observe.route(check_access::PATH), router }) }
    }
}

impl Service<Request> for DirectCheck {
    type Response = Response;
    type Error = Infallible;
    // Boxed whole, for what layers do with a future is to move it.
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let found =
            if *request.method() == Method::GET { Segments::find(request.uri().path()) } else { None };
        let Some(segments) = found else { return Box::pin(self.inner.router.clone().call(request)) };
        let (parts, _body) = request.into_parts();
        let observed = self.inner.route.begin(&parts.method, &parts.headers);
        let answer = check(self.inner.api.clone(), segments, parts, observed.id().clone());
        Box::pin(ObservedFuture::new(Some(answer), observed))
    }
}

async fn check(api: Api, segments: Segments, parts: Parts, id: RequestId) -> Result<Response, Infallible> {
    Ok(match caller(&api, &parts).await {
        Ok(caller) => {
            let call = Call { cx: Cx::of(caller, id.0), api };
            answer(&call, &segments, parts.uri).await.unwrap_or_else(Failure::into_response)
        }
        Err(refusal) => Failure::new(ProblemResponse::from(refusal)).into_response(),
    })
}

/// As the bearer layer does it, except that a bearer that was verified before needs no future.
async fn caller(api: &Api, parts: &Parts) -> Result<Caller, BearerRefusal> {
    let credential = bearer_credential(&parts.headers)?;
    match api.portcullis().remembered(credential) {
        Some(caller) => Ok(caller),
        None => Ok(api.portcullis().authenticate(credential).await?),
    }
}

async fn answer(call: &Call, segments: &Segments, uri: Uri) -> Result<Response, Failure> {
    let query = Query::new(uri);
    let (user, resource) = (segments.user(query.path()), segments.resource(query.path()));
    let (user, resource) = (decode_param::<UserId>(user)?, decode_param::<ResourceUri>(resource)?);
    let permission = decode_param::<Permission>(segments.permission(query.path()))?;
    let question = Question { user_id: &user, resource: &resource, permission: &permission };
    check_access::answer(call, question, &query).await
}

/// Where the three raw parameters are in the path of a check.
#[derive(Debug, PartialEq, Eq)]
struct Segments {
    user: Range<usize>,
    resource: Range<usize>,
    permission: RangeFrom<usize>,
}

impl Segments {
    /// If this is exactly the path of a check.
    fn find(path: &str) -> Option<Self> {
        const USERS: &str = "/v1/users/";
        const RESOURCES: &str = "/resources/";
        const PERMISSIONS: &str = "/permissions/";
        let user = USERS.len()..until_slash(path, USERS.len())?;
        let at = after(path, user.end, RESOURCES)?;
        let resource = at..until_slash(path, at)?;
        let permission = after(path, resource.end, PERMISSIONS)?..;
        let last = path.get(permission.clone())?;
        let whole = path.starts_with(USERS) && !user.is_empty() && !resource.is_empty();
        (whole && !last.is_empty() && !last.contains('/')).then_some(Self { user, resource, permission })
    }

    fn user<'a>(&self, path: &'a str) -> &'a str {
        path.get(self.user.clone()).unwrap_or_default()
    }

    fn resource<'a>(&self, path: &'a str) -> &'a str {
        path.get(self.resource.clone()).unwrap_or_default()
    }

    fn permission<'a>(&self, path: &'a str) -> &'a str {
        path.get(self.permission.clone()).unwrap_or_default()
    }
}

/// Where the next slash from `start` on is.
fn until_slash(path: &str, start: usize) -> Option<usize> {
    path.as_bytes().get(start..)?.iter().position(|&byte| byte == b'/').map(|length| start + length)
}

/// What follows `word`, if that is at `start`.
fn after(path: &str, start: usize, word: &str) -> Option<usize> {
    path.get(start..)?.starts_with(word).then_some(start + word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_07_only_the_canonical_path_is_recognised() {
        let path = "/v1/users/a|b/resources/c%2Fd/permissions/e:f";
        let found = Segments::find(path).unwrap();
        assert_eq!((found.user(path), found.resource(path), found.permission(path)), ("a|b", "c%2Fd", "e:f"));
        for other in [
            "/v1/users/a/resources/b/permissions/",
            "/v1/users/a/resources/b/permissions/c/",
            "/v1/users/a/resources/b/c/permissions/d",
            "/v1/users/a/resources/b/roles",
            "/v1/users//resources/b/permissions/c",
            "/v1/users/a/resources//permissions/c",
            "//v1/users/a/resources/b/permissions/c",
            "/V1/users/a/resources/b/permissions/c",
            "/v1/users/",
            "/",
            "/v1/us\u{e9}rs/a/resources/b/permissions/c",
        ] {
            assert_eq!(Segments::find(other), None, "{other}");
        }
    }
}
