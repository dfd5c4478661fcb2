use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use portcullis_types::{Caller, Guard};
use tower::Layer;

use super::credential::{BearerRefusal, bearer_credential};
use crate::gate::{Gate, Gated};
use crate::{ProblemResponse, RequestIds, add_resource_metadata};

/// Lets only requests through whose bearer a [`Guard`] can name, and gives the [`Caller`](portcullis_types::Caller) to them as
/// an extension. The credential itself is not handed on there.
///
/// A request must carry exactly one `Authorization` header. Answers of its own, all problem details:
///
/// | status | `errorCode` | when |
/// |---|---|---|
/// | 400 | `InvalidRequest` | several `Authorization` headers (they may not agree about who is asking) |
/// | 401 | `Unauthenticated` | none, or another scheme; with `WWW-Authenticate` |
/// | 401 | of [`GuardCode`](portcullis_types::GuardCode), such as `token_expired` | a credential that the guard refuses; with `WWW-Authenticate` and its `error="invalid_token"` (RFC 6750 §3.1) |
/// | 503 | `Unavailable` | the guard could not find out; with `Retry-After` |
#[derive(Clone)]
pub struct BearerLayer {
    guard: Arc<dyn Guard>,
    ids: Arc<RequestIds>,
    metadata: Option<Arc<str>>,
}

impl BearerLayer {
    /// Asks `guard`. Problems of requests without a [`RequestId`](crate::RequestId) get ids that count from 0.
    pub fn new(guard: Arc<dyn Guard>) -> Self {
        Self { guard, ids: Arc::new(RequestIds::new(0)), metadata: None }
    }

    /// Says in every 401 where the metadata of the protected resource is (RFC 9728 §5.1): see
    /// [`ProtectedResource::metadata_url`](crate::ProtectedResource::metadata_url).
    #[must_use]
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.metadata = Some(Arc::from(url.into()));
        self
    }
}

impl std::fmt::Debug for BearerLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for BearerLayer {
    type Service = Gated<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated::new(inner, self.clone())
    }
}

impl Gate for BearerLayer {
    type Kept = ();

    async fn admit(&self, parts: &mut Parts) -> Result<(), Response> {
        let caller = match bearer_credential(&parts.headers) {
            Ok(credential) => self.guard.authenticate(credential).await.map_err(BearerRefusal::from),
            Err(refusal) => Err(refusal),
        };
        match caller {
            Ok(caller) => {
                parts.extensions.insert::<Caller>(caller);
                Ok(())
            }
            Err(refusal) => Err(self.refuse(refusal, parts)),
        }
    }
}

impl BearerLayer {
    fn refuse(&self, refusal: BearerRefusal, parts: &Parts) -> Response {
        let id = self.ids.of(&parts.extensions);
        tracing::debug!(request_id = id.as_str(), ?refusal, "refused a bearer");
        let mut response = ProblemResponse::from(refusal).of_request(&id).into_response();
        if let Some(metadata) = &self.metadata {
            add_resource_metadata(response.headers_mut(), metadata);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
    use axum::http::{Request, StatusCode};
    use axum::routing::get;
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
