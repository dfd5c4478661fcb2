//! Every operation of the document, generated from it.

use portcullis_http::HttpOptions;
use serde_json::{Value, json};

use crate::bed::Bed;

/// Nothing else may be public. Add a path only together with the reason why everybody may call it.
const PUBLIC: [&str; 25] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
    "/.well-known/openid-configuration",
    "/.well-known/openid-configuration/jwks",
    "/health/live",
    "/health/ready",
    "/metrics",
    // Applications prove to be themselves by what is in the form, where userinfo by POST takes the token too.
    "/oauth2/authorize",
    "/oauth2/authorize",
    "/oauth2/device_authorization",
    "/oauth2/introspect",
    "/oauth2/revoke",
    "/oauth2/token",
    "/oauth2/userinfo",
    "/openapi.json",
    // They are called with a credential in the body, or with a bearer of any worth.
    "/v1/auth/email/verify",
    "/v1/auth/login",
    "/v1/auth/logout",
    "/v1/auth/password/forgot",
    "/v1/auth/password/reset",
    "/v1/auth/refresh",
    "/v1/auth/register",
    "/v1/auth/verify",
    "/v1/clients/{clientId}/.well-known/openid-configuration",
    "/v1/clients/{clientId}/.well-known/openid-configuration/jwks",
];

/// Public ones that are 401 without a credential of their own.
const WITH_A_TOKEN: [&str; 3] = ["/oauth2/userinfo", "/v1/auth/logout", "/v1/auth/refresh"];

struct Operation {
    method: String,
    path: String,
    details: Value,
}

impl Operation {
    /// The path with something in the place of every parameter.
    fn target(&self) -> String {
        self.path
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect::<Vec<_>>()
            .join("/")
    }

    fn body(&self) -> Option<Value> {
        self.details.get("requestBody").map(|_| json!({}))
    }
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(portcullis_http::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, details) in item.as_object().unwrap() {
            let (method, path, details) = (method.to_uppercase(), path.clone(), details.clone());
            found.push(Operation { method, path, details });
        }
    }
    assert!(found.len() > 45, "{}", found.len());
    found
}

#[tokio::test]
async fn az_01_every_operation_but_the_public_ones_is_401_without_a_good_bearer() {
    let bed = Bed::start().await;
    let mut public = Vec::new();
    for operation in operations() {
        let security = operation.details["security"].as_array().unwrap();
        let is_public = security.contains(&json!({}));
        if is_public {
            public.push(operation.path.clone());
        }
        for (bearer, code) in [
            (None, "Unauthenticated"),
            (Some("garbage"), "token_malformed"),
            (Some("a.b.c"), "token_malformed"),
            (Some("sc_x.k1.acc-x.MC4CAQAwBQYDK2VwBCIEIAAA"), "token_invalid"),
        ] {
            let mut caller = bed.nobody();
            caller.bearer = bearer.map(str::to_owned);
            let answer = caller.send(&operation.method, &operation.target(), operation.body()).await;
            let name = format!("{} {} with {bearer:?}: {answer:?}", operation.method, operation.path);
            if WITH_A_TOKEN.contains(&operation.path.as_str()) {
                assert_eq!(answer.status, 401, "{name}");
                assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{name}");
            } else if is_public {
                assert!(!matches!(answer.status, 401 | 403 | 500..), "{name}");
            } else {
                assert_eq!(answer.status, 401, "{name}");
                assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{name}");
                assert_eq!(answer.code(), code, "{name}");
            }
        }
    }
    assert_eq!(public, PUBLIC);
}

#[tokio::test]
async fn az_01_unknown_and_unavailable_paths_of_the_api_are_401_without_a_bearer() {
    let bed = Bed::start().await;
    for path in [
        "/v1/unknown",
        "/v1/a/b/c",
        "//v1/unknown",
        "/v1/unknown/",
        "/api/unknown",
        "/v1/accounts",
        "/v1/tenants/t",
    ] {
        assert_eq!(bed.nobody().get(path).await.status, 401, "{path}");
        assert_eq!(bed.owner().get(path).await.status, 404, "{path}");
    }
    for path in ["/unknown", "/v1x", "/%2Fv1"] {
        let answer = bed.nobody().get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NotFound"), "{path}");
    }
    for path in ["/", "/logout", "/settings", "/api/session", "/api/authentication/x/tokens"] {
        let answer = bed.nobody().send("PATCH", path, None).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "FeatureNotAvailable"), "{path}");
    }
    assert_eq!(bed.owner().get("/v1/connections/").await.code(), "FeatureNotAvailable");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_405_and_says_which_it_has() {
    let bed = Bed::start().await;
    let operations = operations();
    for operation in &operations {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let exists =
                operations.iter().any(|other| other.path == operation.path && other.method == method);
            if exists {
                continue;
            }
            let answer = bed.owner().send(method, &operation.target(), None).await;
            assert_eq!(answer.status, 405, "{method} {}", operation.path);
            if operation.path.starts_with("/oauth2/") {
                assert_eq!(answer.json()["error"], "invalid_request");
            } else {
                assert_eq!(answer.code(), "MethodNotAllowed");
            }
            assert!(
                answer.header("allow").unwrap().contains(&operation.method),
                "{method} {}",
                operation.path
            );
        }
    }
}

#[tokio::test]
async fn every_operation_answers_with_a_status_and_a_type_that_it_documents() {
    let bed = Bed::with(HttpOptions { body_limit: 2000, ..HttpOptions::default() }).await;
    let mut user = bed.user("alice").await;
    let long = "x".repeat(2001);
    for operation in operations() {
        let target = operation.target();
        let has_body = operation.body().is_some();
        let json = "Content-Type: application/json\r\n";
        let mut answers = vec![
            bed.owner().send(&operation.method, &target, operation.body()).await,
            user.send(&operation.method, &target, operation.body()).await,
        ];
        for body in ["", "{", "[]", "null", "{\"a\":1}", "\u{0}", &long].iter().filter(|_| has_body) {
            answers.push(bed.owner().call(&operation.method, target.as_bytes(), json, body.as_bytes()).await);
        }
        if has_body {
            let text = "Content-Type: text/plain\r\n";
            answers.push(bed.owner().call(&operation.method, target.as_bytes(), text, b"{}").await);
        }
        for answer in answers {
            let name = format!("{} {}: {answer:?}", operation.method, operation.path);
            let documented = &operation.details["responses"][answer.status.to_string()];
            assert!(documented.is_object(), "{name}");
            assert!(answer.status < 500, "{name}");
            match documented["content"].as_object() {
                None => assert!(answer.body.is_empty(), "{name}"),
                Some(content) => {
                    let given = answer.header("content-type").unwrap_or_default();
                    assert!(content.keys().any(|known| given.split(';').next() == Some(known)), "{name}");
                }
            }
        }
        // A call may have ended the user's token.
        user = bed.user("alice").await;
    }
}
