//! The OAuth endpoints over the wire: AS-06, AS-14, AS-15, AS-19, AS-20, AS-21, TK-22, and what every refusal looks like.

use std::collections::BTreeSet;

use portcullis::oauth::{self, Access};
use portcullis::session::Device;
use portcullis_http::HttpOptions;
use portcullis_types::oauth::TokenResponse;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::wire::Answer;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const POSTED: [&str; 4] =
    ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/device_authorization"];

async fn post(bed: &Bed, path: &str, body: &str) -> Answer {
    bed.nobody().call("POST", path.as_bytes(), FORM, body.as_bytes()).await
}

/// An application `id` with a secret, which is returned.
pub(crate) async fn app(bed: &Bed, id: &str) -> String {
    let body = json!({
        "applicationId": id, "name": "Web", "kind": "web", "authenticationMethod": "client_secret_post",
        "redirectUris": ["https://web.example/cb"], "postLogoutRedirectUris": ["https://web.example/bye"],
        "grantTypes": ["authorization_code", "refresh_token", "client_credentials"],
        "audiences": ["https://api.example"], "scopes": ["openid", "profile", "email", "offline_access", "read"],
    });
    let made = bed.owner().send("POST", "/v1/applications", Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["secret"]["clientSecret"].as_str().unwrap().to_owned()
}

/// What somebody granted that application.
async fn granted(bed: &Bed, scope: &str) -> TokenResponse {
    let body = json!({"userId": "alice", "name": "Alice", "email": "alice@example.org"});
    let new = portcullis::user::NewUser {
        user_id: "alice".to_owned(),
        email: body["email"].as_str().map(str::to_owned),
        ..portcullis::user::NewUser::default()
    };
    // It may be there from before.
    drop(portcullis::user::create(&bed.portcullis, &portcullis::Cx::local("test"), new).await);
    let access = Access {
        client_id: "web".to_owned(),
        user_id: "alice".to_owned(),
        scope: scope.to_owned(),
        amr: vec!["pwd".to_owned()],
        ..Access::default()
    };
    oauth::grant_access(&bed.portcullis, Device::default(), access).await.unwrap()
}

fn own(secret: &str) -> String {
    format!("client_id=web&client_secret={secret}")
}

/// The code of a refusal, which must be a whole one of RFC 6749 §5.2.
fn error(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    let body = answer.json();
    let words = body["error_description"].as_str().unwrap();
    assert!(words.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte)), "{words}");
    assert!(body.get("errorCode").is_none(), "{body}");
    body["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn as_14_tokens_and_what_they_are_worth_are_never_kept() {
    let bed = Bed::start().await;
    let secret = own(&app(&bed, "web").await);
    let tokens = granted(&bed, "openid offline_access").await;
    let (access, refresh) = (tokens.access_token.expose(), tokens.refresh_token.as_ref().unwrap().expose());
    let issued =
        post(&bed, "/oauth2/token", &format!("{secret}&grant_type=refresh_token&refresh_token={refresh}"))
            .await;
    let told = post(&bed, "/oauth2/introspect", &format!("{secret}&token={access}")).await;
    let about = bed.nobody().call("GET", b"/oauth2/userinfo", &bearer(access), b"").await;
    let given_up = post(&bed, "/oauth2/revoke", &format!("{secret}&token={access}")).await;
    for (answer, what) in
        [(&issued, "token"), (&told, "introspect"), (&about, "userinfo"), (&given_up, "revoke")]
    {
        assert_eq!(answer.status, 200, "{what} {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("pragma"), Some("no-cache"), "{what}");
    }
    for member in ["access_token", "refresh_token", "id_token", "token_type", "expires_in", "scope"] {
        assert!(issued.json().get(member).is_some(), "{member}");
    }
    assert_eq!((&told.json()["active"], &about.json()["sub"]), (&json!(true), &json!("alice")));
    let after = bed.nobody().call("POST", b"/oauth2/userinfo", &bearer(access), b"").await;
    assert_eq!((after.status, error(&after).as_str()), (401, "invalid_token"));
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn as_15_other_origins_may_call_what_looks_at_no_cookie_and_nothing_else() {
    let bed = Bed::start().await;
    let from = "Origin: https://spa.example\r\n";
    let open = [
        "/oauth2/token",
        "/oauth2/revoke",
        "/oauth2/userinfo",
        "/oauth2/device_authorization",
        "/oauth/token",
        "/oauth/device/code",
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration/jwks",
        "/.well-known/oauth-authorization-server",
    ];
    let closed = [
        "/oauth2/introspect",
        "/oauth2/authorize",
        "/oauth2/logout",
        "/authorize",
        "/oidc/auth",
        "/login",
        "/consent",
        "/device",
        "/account",
        "/v1/auth/login",
        "/v1/roles",
    ];
    for (paths, allowed) in [(&open[..], Some("*")), (&closed[..], None)] {
        for path in paths {
            for method in ["OPTIONS", "GET", "POST"] {
                let asks = format!("{from}Access-Control-Request-Method: POST\r\n");
                let answer = bed.nobody().call(method, path.as_bytes(), &asks, b"").await;
                // A method that the path does not have may say nothing about origins.
                if answer.status != 405 || allowed.is_none() {
                    assert_eq!(answer.header("access-control-allow-origin"), allowed, "{method} {path}");
                }
                assert_eq!(answer.header("access-control-allow-credentials"), None, "{method} {path}");
                if method == "OPTIONS" && allowed.is_some() {
                    assert_eq!(answer.status, 204, "{path}");
                    assert_eq!(
                        answer.header("access-control-allow-headers"),
                        Some("Authorization, Content-Type")
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn as_19_a_repeated_parameter_is_refused_everywhere() {
    let bed = Bed::start().await;
    let secret = own(&app(&bed, "web").await);
    for path in POSTED {
        for twice in ["token=a&token=a", "grant_type=x&grant_type=", "client_id=web", "x=1&%78=2"] {
            let answer = post(&bed, path, &format!("{secret}&{twice}")).await;
            assert_eq!((answer.status, error(&answer).as_str()), (400, "invalid_request"), "{path} {twice}");
        }
    }
    let answer = bed.nobody().get("/oauth2/logout?state=1&state=2").await;
    assert!(answer.status == 400 && answer.header("location").is_none(), "{answer:?}");
}

#[tokio::test]
async fn as_20_a_token_in_the_query_opens_nothing() {
    let bed = Bed::start().await;
    app(&bed, "web").await;
    let tokens = granted(&bed, "openid").await;
    let target = format!("/oauth2/userinfo?access_token={}", tokens.access_token.expose());
    for (method, headers) in [("GET", ""), ("POST", ""), ("POST", FORM)] {
        let answer = bed.nobody().call(method, target.as_bytes(), headers, b"").await;
        assert_eq!((answer.status, error(&answer).as_str()), (401, "invalid_token"), "{method} {headers}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
    }
    // Nor does anything else of a request come from the query.
    let answer = post(&bed, "/oauth2/token?grant_type=client_credentials&client_id=web", "").await;
    assert_eq!((answer.status, error(&answer).as_str()), (400, "invalid_request"));
}

/// OpenID Connect Core §5.3.1, RFC 6750 §2.2.
#[tokio::test]
async fn userinfo_takes_the_token_in_the_header_or_in_a_posted_form_and_not_in_both() {
    let bed = Bed::start().await;
    app(&bed, "web").await;
    let tokens = granted(&bed, "openid").await;
    let text = tokens.access_token.expose();
    let (own, form, json) =
        (bearer(text), format!("access_token={text}"), "Content-Type: application/json\r\n");
    for (method, headers, body, expected) in [
        ("GET", own.clone(), "", 200),
        ("POST", own.clone(), "", 200),
        ("POST", FORM.to_owned(), form.as_str(), 200),
        ("POST", format!("{FORM}{own}"), "", 200),
        ("POST", format!("{FORM}{own}"), "other=1", 200),
        ("POST", format!("{json}{own}"), "{}", 200),
        ("POST", format!("{FORM}{own}"), &form, 400),
        ("POST", FORM.to_owned(), &format!("{form}&{form}"), 400),
        ("POST", FORM.to_owned(), "access_token=", 401),
        ("POST", FORM.to_owned(), "access_token=a.b.c", 401),
        ("POST", String::new(), &form, 401),
        ("GET", FORM.to_owned(), &form, 401),
    ] {
        let answer = bed.nobody().call(method, b"/oauth2/userinfo", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, expected, "{method} {headers:.60} {body:.30} {answer:?}");
        match expected {
            200 => assert_eq!(answer.json()["sub"], "alice"),
            400 => assert_eq!(error(&answer), "invalid_request"),
            _ => assert_eq!(error(&answer), "invalid_token"),
        }
    }
}

#[tokio::test]
async fn every_refusal_is_one_of_oauth() {
    let limit = HttpOptions { body_limit: 2_000, credential_rate_per_minute: 0, ..HttpOptions::default() };
    let bed = Bed::with(limit).await;
    app(&bed, "web").await;
    for path in POSTED {
        let long = post(&bed, path, &format!("a={}", "a".repeat(3_000))).await;
        assert_eq!((long.status, error(&long).as_str()), (413, "invalid_request"), "{path}");
        let json = bed.nobody().send("POST", path, Some(json!({"grant_type": "client_credentials"}))).await;
        assert_eq!((json.status, error(&json).as_str()), (400, "invalid_request"), "{path}");
        let got = bed.nobody().get(path).await;
        assert_eq!((got.status, error(&got).as_str()), (405, "invalid_request"), "{path}");
        assert!(got.header("allow").unwrap().contains("POST"));
        let nobody =
            post(&bed, path, "token=x&grant_type=client_credentials&client_id=none&client_secret=x").await;
        assert_eq!((nobody.status, error(&nobody).as_str()), (401, "invalid_client"), "{path}");
        assert!(nobody.header("www-authenticate").unwrap().starts_with("Basic"));
    }
    bed.portcullis.store().close().await;
    for path in POSTED {
        let down =
            post(&bed, path, "token=x&grant_type=client_credentials&client_id=none&client_secret=x").await;
        assert_eq!((down.status, error(&down).as_str()), (503, "temporarily_unavailable"), "{path}");
    }
}

#[tokio::test]
async fn only_failures_to_prove_who_one_is_count_against_an_address() {
    let bed = Bed::with(HttpOptions { credential_rate_per_minute: 5, ..HttpOptions::default() }).await;
    let secret = own(&app(&bed, "web").await);
    let wants = format!("{secret}&grant_type=client_credentials");
    for _ in 0..20 {
        assert_eq!(post(&bed, "/oauth2/token", &wants).await.status, 200);
        assert_eq!(post(&bed, "/oauth2/introspect", &format!("{secret}&token=x")).await.status, 200);
        assert_eq!(post(&bed, "/oauth2/token", &format!("{secret}&grant_type=password")).await.status, 400);
    }
    let guess = "client_id=web&client_secret=guess&grant_type=client_credentials";
    for _ in 0..6 {
        assert_eq!(post(&bed, "/oauth2/token", guess).await.status, 401);
    }
    for body in [guess, wants.as_str()] {
        let answer = post(&bed, "/oauth2/token", body).await;
        assert_eq!((answer.status, error(&answer).as_str()), (429, "temporarily_unavailable"));
        assert!(answer.header("retry-after").is_some());
    }
}

/// The texts of a list in a document.
fn listed(document: &Value, name: &str) -> BTreeSet<String> {
    document[name].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn as_21_as_06_what_discovery_names_works_and_nothing_else_does() {
    let bed = Bed::start().await;
    let secret = own(&app(&bed, "web").await);
    let document = bed.nobody().get("/.well-known/openid-configuration").await.json();
    assert_eq!(bed.nobody().get("/.well-known/oauth-authorization-server").await.json(), document);
    let issuer = format!("http://{}", bed.address);
    assert_eq!(document["issuer"], json!(issuer));
    // Every endpoint that is named is there: it refuses an empty request in its own way.
    for (name, value) in document.as_object().unwrap() {
        let Some(path) =
            value.as_str().and_then(|text| text.strip_prefix(&issuer)).filter(|path| !path.is_empty())
        else {
            continue;
        };
        let (got, posted) = (bed.nobody().get(path).await, post(&bed, path, "").await);
        assert!(got.status != 404 && posted.status != 404, "{name}");
        assert!([got.status, posted.status].iter().any(|status| *status != 405), "{name}");
    }
    // Every grant that is named is known, and no other is.
    let grants = listed(&document, "grant_types_supported");
    let others = [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
    ];
    for name in grants.iter().map(String::as_str).chain(others) {
        let body = format!("{secret}&grant_type={}", name.replace(':', "%3A"));
        let answer = post(&bed, "/oauth2/token", &body).await;
        let unknown = answer.status == 400 && error(&answer) == "unsupported_grant_type";
        assert_eq!(unknown, !grants.contains(name), "{name} {answer:?}");
    }
}

#[tokio::test]
async fn as_21_what_discovery_names_is_signed_and_told() {
    let bed = Bed::start().await;
    app(&bed, "web").await;
    let document = bed.nobody().get("/.well-known/openid-configuration").await.json();
    let list = |name: &str| listed(&document, name);
    // Every algorithm that is named signs, and its key is published.
    for algorithm in list("id_token_signing_alg_values_supported") {
        let id = format!("app-{algorithm}");
        let body = json!({"applicationId": id, "name": "S", "kind": "service", "signingAlgorithm": algorithm,
            "authenticationMethod": "client_secret_post"});
        let made = bed.owner().send("POST", "/v1/applications", Some(body)).await.json();
        let own = made["secret"]["clientSecret"].as_str().unwrap();
        let body = format!("client_id={id}&client_secret={own}&grant_type=client_credentials");
        let issued = post(&bed, "/oauth2/token", &body).await;
        assert_eq!(issued.status, 200, "{algorithm} {issued:?}");
        let keys = bed.nobody().get("/.well-known/openid-configuration/jwks").await.json();
        assert!(
            keys["keys"].as_array().unwrap().iter().any(|key| key["alg"] == json!(algorithm)),
            "{algorithm}"
        );
    }
    let refused = bed
        .owner()
        .send(
            "POST",
            "/v1/applications",
            Some(json!({"name": "S", "kind": "service",
        "signingAlgorithm": "HS256"})),
        )
        .await;
    assert_eq!(refused.status, 400);
    // Every scope and claim of a person that is named is given.
    let scopes = list("scopes_supported");
    let tokens = granted(&bed, &scopes.iter().cloned().collect::<Vec<_>>().join(" ")).await;
    assert!(tokens.refresh_token.is_some());
    let about = bed
        .nobody()
        .call("GET", b"/oauth2/userinfo", &bearer(tokens.access_token.expose()), b"")
        .await
        .json();
    let told: BTreeSet<String> = about.as_object().unwrap().keys().cloned().collect();
    assert!(told.is_subset(&list("claims_supported")) && told.contains("email"), "{told:?}");
    assert_eq!(document["request_parameter_supported"], Value::Bool(false));
    assert!(!list("code_challenge_methods_supported").contains("plain"));
}
