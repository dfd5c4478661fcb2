use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use axum::response::{IntoResponse, Response};
use portcullis_types::{Caller, Guard};
use tower::Service;

use super::credential::{BearerRefusal, bearer_credential};
use crate::{ProblemResponse, RequestId, RequestIds, add_resource_metadata};

/// See [`BearerLayer`](super::BearerLayer).
#[derive(Clone)]
pub struct BearerService<S> {
    inner: S,
    guard: Arc<dyn Guard>,
    ids: Arc<RequestIds>,
    metadata: Option<Arc<str>>,
}

impl<S> BearerService<S> {
    pub(super) fn new(
        inner: S,
        guard: Arc<dyn Guard>,
        ids: Arc<RequestIds>,
        metadata: Option<Arc<str>>,
    ) -> Self {
        Self { inner, guard, ids, metadata }
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for BearerService<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<B>> for BearerService<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready is the one to call.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let guard = Arc::clone(&self.guard);
        let ids = Arc::clone(&self.ids);
        let metadata = self.metadata.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let caller = match bearer_credential(&parts.headers) {
                Ok(credential) => guard.authenticate(credential).await.map_err(BearerRefusal::from),
                Err(refusal) => Err(refusal),
            };
            match caller {
                Ok(caller) => {
                    parts.extensions.insert::<Caller>(caller);
                    inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
                }
                Err(refusal) => {
                    let id = RequestId::of(&parts.extensions).cloned().unwrap_or_else(|| ids.mint());
                    tracing::debug!(request_id = id.as_str(), ?refusal, "refused a bearer");
                    let mut response = refused(refusal, &id);
                    if let Some(metadata) = &metadata {
                        add_resource_metadata(response.headers_mut(), metadata);
                    }
                    Ok(response)
                }
            }
        })
    }
}

fn refused(refusal: BearerRefusal, id: &RequestId) -> Response {
    ProblemResponse::from(refusal).of_request(id).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
    use axum::routing::get;
    use axum::{Router, http::StatusCode};
    use http_body_util::BodyExt as _;
    use portcullis_types::{
        AuthError, BoxFuture, GuardCode, GuardOutcome, GuardRequest, MicroCredits, SettleError,
    };
    use tower::ServiceExt as _;

    use super::*;
    use crate::{AuthenticatedCaller, BearerLayer};

    struct Door;

    impl Guard for Door {
        fn authenticate<'a>(&'a self, bearer: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>> {
            Box::pin(async move {
                match bearer {
                    "good" => {
                        Ok(Caller::User { user_id: "alice".into(), limited_by: None, session_id: None })
                    }
                    "down" => Err(AuthError::Unavailable),
                    "old" => Err(AuthError::Invalid {
                        code: GuardCode::TokenExpired,
                        reason: "the token has expired",
                    }),
                    _ => Err(AuthError::Invalid { code: GuardCode::TokenInvalid, reason: "unknown key" }),
                }
            })
        }

        fn check<'a>(&'a self, _: GuardRequest<'a>) -> BoxFuture<'a, GuardOutcome> {
            Box::pin(async { GuardOutcome::refused(GuardCode::VerificationUnavailable, "no guard") })
        }

        fn commit<'a>(
            &'a self,
            _: &'a str,
            _: Option<MicroCredits>,
        ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
            Box::pin(async { Err(SettleError::Unavailable) })
        }

        fn release<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), SettleError>> {
            Box::pin(async { Err(SettleError::Unavailable) })
        }
    }

    async fn ask(bearers: &[&str]) -> Response {
        let handler =
            |AuthenticatedCaller(caller): AuthenticatedCaller| async move { caller.principal().to_owned() };
        let app = Router::new().route("/", get(handler)).layer(BearerLayer::new(Arc::new(Door)));
        let mut request = Request::builder().uri("/");
        for bearer in bearers {
            request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
        }
        app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn the_caller_reaches_the_handler() {
        assert_eq!(ask(&["good"]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn az_05_a_guard_that_cannot_find_out_refuses_and_says_so() {
        let answer = ask(&["down"]).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()[RETRY_AFTER], "1");
    }

    #[tokio::test]
    async fn every_401_has_a_challenge_and_two_credentials_are_400() {
        for bearers in [&[][..], &["bad"][..]] {
            let answer = ask(bearers).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            assert!(answer.headers().contains_key(WWW_AUTHENTICATE));
        }
        assert_eq!(ask(&["good", "good"]).await.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_401_says_exactly_what_is_wrong_with_the_bearer() {
        const BARE: &str = r#"Bearer realm="portcullis""#;
        let error =
            |description| format!(r#"{BARE}, error="invalid_token", error_description="{description}""#);
        for (bearers, code, challenge) in [
            (&[][..], "Unauthenticated", BARE.to_owned()),
            (&["old"][..], "token_expired", error("the token has expired")),
            (&["bad"][..], "token_invalid", error("unknown key")),
            (&["two words"][..], "token_malformed", error("the credential is not one word of visible ASCII")),
        ] {
            let answer = ask(bearers).await;
            assert_eq!(answer.headers()[WWW_AUTHENTICATE], challenge);
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["errorCode"], code, "{body}");
        }
    }

    #[tokio::test]
    async fn a_401_names_the_metadata_of_the_resource_if_it_was_told_to() {
        let layer = BearerLayer::new(Arc::new(Door)).resource_metadata("https://a.test/m");
        let app = Router::new().route("/", get(async || "ran")).layer(layer);
        for (bearer, metadata) in [("old", true), ("down", false), ("good", false)] {
            let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {bearer}"));
            let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let challenge = answer.headers().get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap());
            let told =
                challenge.is_some_and(|text| text.ends_with(r#", resource_metadata="https://a.test/m""#));
            assert_eq!(told, metadata, "{bearer}");
        }
    }

    #[tokio::test]
    async fn a_route_without_its_layer_does_not_run() {
        let app = Router::<()>::new().route("/", get(|_: AuthenticatedCaller| async { "ran" }));
        let answer = app.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
