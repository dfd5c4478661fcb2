//! `/oauth2/authorize` as browsers see it: AS-02, AS-07, AS-11, AS-15, AS-19, AS-23, and a code from the first request to the tokens.

use serde_json::json;

use crate::bed::Bed;
use crate::visitor::{GOOD, Visitor};
use crate::wire::{Answer, Wire};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REQUEST: &str = "response_type=code&client_id=shop&redirect_uri=https%3A%2F%2Fshop.example.org%2Fcb&scope=openid%20email\
    &state=s%26t&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

async fn bed(first_party: bool) -> Bed {
    let bed = Bed::start().await;
    let shop = json!({"applicationId": "shop", "name": "The shop", "kind": "browser", "firstParty": first_party,
        "redirectUris": ["https://shop.example.org/cb"], "responseModes": ["query", "form_post"]});
    let made = bed.owner().send("POST", "/v1/applications", Some(shop)).await;
    assert_eq!(made.status, 201, "{made:?}");
    bed
}

fn target(request: &str) -> String {
    format!("/oauth2/authorize?{request}")
}

fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "as_11 {answer:?}");
    answer.header("location").unwrap()
}

/// A parameter of an address' query, as it is written there.
fn parameter<'a>(address: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

async fn redeem(bed: &Bed, code: &str) -> Answer {
    let body = format!(
        "grant_type=authorization_code&client_id=shop&redirect_uri=https%3A%2F%2Fshop.example.org%2Fcb&code={code}\
         &code_verifier={VERIFIER}"
    );
    bed.nobody().call("POST", b"/oauth2/token", FORM, body.as_bytes()).await
}

#[tokio::test]
async fn a_person_signs_in_consents_and_the_application_gets_its_tokens() {
    let bed = bed(false).await;
    let mut visitor = Visitor::of(&bed);
    assert_eq!(visitor.register("alice@example.org").await.status, 303);
    let mut visitor = Visitor::of(&bed);
    let begun = visitor.get(&target(REQUEST)).await;
    let login = location(&begun).to_owned();
    assert!(login.starts_with("/login?request="), "{login}");
    let request = parameter(&login, "request").unwrap().to_owned();
    let fields = [("email", "alice@example.org"), ("password", GOOD), ("request", request.as_str())];
    let signed_in = visitor.submit(&login, "/login", &fields).await;
    let consent = location(&signed_in).to_owned();
    assert!(consent.starts_with("/consent?request="), "{consent}");
    let page = visitor.get(&consent).await;
    for part in ["The shop", "shop.example.org", "alice@example.org"] {
        assert!(page.text().contains(part), "{part}");
    }
    let request = parameter(&consent, "request").unwrap().to_owned();
    // Another browser can do nothing with it (AS-23).
    let other = Visitor::of(&bed).get(&consent).await;
    assert_eq!(other.status, 400, "{other:?}");
    // Nothing is allowed by opening an address (SE-08).
    let opened = visitor.get(&format!("{consent}&decision=approve")).await;
    assert!(opened.status == 200 && opened.header("location").is_none(), "{opened:?}");
    let approve = [("request", request.as_str()), ("decision", "approve")];
    let approved = visitor.submit(&consent, "/consent", &approve).await;
    let back = location(&approved);
    assert!(back.starts_with("https://shop.example.org/cb?code=ac_"), "{back}");
    assert_eq!(parameter(back, "state"), Some("s%26t"));
    let iss = format!("http%3A%2F%2F127.0.0.1%3A{}", bed.address.port());
    assert_eq!(parameter(back, "iss"), Some(iss.as_str()));
    let code = parameter(back, "code").unwrap().to_owned();
    let tokens = redeem(&bed, &code).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, Some("no-store")), "{tokens:?}");
    let access_token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let bearer = Wire { address: bed.address, bearer: Some(access_token) };
    assert_eq!(bearer.get("/oauth2/userinfo").await.json()["email"], "alice@example.org");
    // Now nobody is asked any more, and the code is dead.
    let again = visitor.get(&target(REQUEST)).await;
    assert!(parameter(location(&again), "code").is_some());
    assert_eq!(redeem(&bed, &code).await.status, 400);
    assert_eq!(bearer.get("/oauth2/userinfo").await.status, 401, "as_08");
}

#[tokio::test]
async fn az_14_what_a_person_allowed_is_listed_and_withdrawn_over_the_api() {
    let bed = bed(false).await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    let consent = location(&visitor.get(&target(REQUEST)).await).to_owned();
    let approve = [("request", parameter(&consent, "request").unwrap()), ("decision", "approve")];
    let approved = visitor.submit(&consent, "/consent", &approve).await;
    let tokens = redeem(&bed, parameter(location(&approved), "code").unwrap()).await.json();
    let application =
        Wire { address: bed.address, bearer: tokens["access_token"].as_str().map(str::to_owned) };
    assert_eq!(application.get("/oauth2/userinfo").await.status, 200);

    let credentials = json!({"email": "alice@example.org", "password": GOOD});
    let alice = bed.nobody().send("POST", "/v1/auth/login", Some(credentials)).await.json();
    let path = format!("/v1/users/{}/consents", alice["user"]["id"].as_str().unwrap());
    let one = format!("{path}/shop");
    let alice = Wire { address: bed.address, bearer: alice["access_token"].as_str().map(str::to_owned) };
    for (caller, listed) in [(alice.get(&path).await, 1), (bed.owner().get(&path).await, 1)] {
        let consents = caller.json()["consents"].clone();
        assert_eq!((caller.status, consents.as_array().unwrap().len()), (200, listed), "{consents}");
        assert_eq!(
            (&consents[0]["applicationId"], &consents[0]["name"], &consents[0]["scopes"]),
            (&json!("shop"), &json!("The shop"), &json!(["email", "openid"]))
        );
        assert_eq!(consents[0]["audiences"].as_array().unwrap().len(), 1);
        assert!(consents[0]["givenAt"].is_string() && consents[0]["lastUsedAt"].is_string(), "{consents}");
    }
    // To everybody else there is nothing.
    for other in [bed.user("bob").await, Wire { address: bed.address, bearer: application.bearer.clone() }] {
        assert!(matches!(other.get(&path).await.status, 401 | 404));
        assert!(matches!(other.send("DELETE", &one, None).await.status, 401 | 404));
    }
    assert_eq!(bed.nobody().get(&path).await.status, 401);
    assert_eq!(alice.send("DELETE", &format!("{path}/other"), None).await.status, 404);
    assert_eq!(alice.send("DELETE", &one, None).await.status, 204);
    assert_eq!(alice.send("DELETE", &one, None).await.status, 404);
    assert_eq!(application.get("/oauth2/userinfo").await.status, 401);
    assert_eq!(alice.get(&path).await.json(), json!({"consents": []}));
    assert!(location(&visitor.get(&target(REQUEST)).await).starts_with("/consent?"), "asked again");
}

#[tokio::test]
async fn as_02_an_unknown_application_or_redirect_uri_gets_a_page_and_no_redirect() {
    let bed = bed(true).await;
    for (from, to) in [
        ("client_id=shop", "client_id=shoq"),
        ("client_id=shop", ""),
        ("shop.example.org%2Fcb", "evil.example%2Fcb"),
        ("shop.example.org%2Fcb", "shop.example.org%2Fcb%2F"),
        ("client_id=shop", "client_id=shop&client_id=shop"),
    ] {
        let request = REQUEST.replace(from, to);
        let refused = Visitor::of(&bed).get(&target(&request)).await;
        assert_eq!((refused.status, refused.header("location")), (400, None), "{to}");
        assert_eq!(refused.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(refused.header("x-frame-options"), Some("DENY"), "as_12");
        assert_eq!(refused.header("cache-control"), Some("no-store"), "as_14");
        assert!(!refused.text().contains("evil.example"));
        let posted = bed.nobody().call("POST", b"/oauth2/authorize", FORM, request.as_bytes()).await;
        assert_eq!((posted.status, posted.header("location")), (400, None), "{to}");
        assert!(posted.headers("set-cookie").is_empty(), "se_08 the cookies that were kept back stay");
    }
}

#[tokio::test]
async fn as_07_as_19_errors_go_back_with_the_issuer_and_the_state() {
    let bed = bed(true).await;
    for (more, error) in [
        ("&prompt=none", "login_required"),
        ("&scope=email", "invalid_request"),
        ("&request=x", "request_not_supported"),
        ("&resource=https%3A%2F%2Fevil.example", "invalid_target"),
    ] {
        let answer = Visitor::of(&bed).get(&target(&format!("{REQUEST}{more}"))).await;
        let back = location(&answer);
        assert!(back.starts_with("https://shop.example.org/cb?error="), "{back}");
        assert_eq!(parameter(back, "error"), Some(error));
        assert_eq!(parameter(back, "state"), Some("s%26t"));
        assert!(parameter(back, "iss").is_some());
    }
}

#[tokio::test]
async fn as_15_scripts_of_other_origins_read_nothing() {
    let bed = bed(true).await;
    let origin = "Origin: https://shop.example.org\r\n";
    for method in ["GET", "POST", "OPTIONS"] {
        let answer = bed.nobody().call(method, target(REQUEST).as_bytes(), origin, b"").await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{method}");
    }
}

#[tokio::test]
async fn as_11_a_posted_request_without_cookies_is_asked_for_again_by_get() {
    let bed = bed(true).await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    // As another site's form: the browser keeps its cookies back.
    let posted = bed.nobody().call("POST", b"/oauth2/authorize", FORM, REQUEST.as_bytes()).await;
    assert!(posted.headers("set-cookie").is_empty(), "the cookies that were kept back stay");
    let again = location(&posted).to_owned();
    assert_eq!(again, target(REQUEST));
    assert!(parameter(location(&visitor.get(&again).await), "code").is_some());
    // With its cookies, it is answered at once.
    let cookies = format!("{FORM}{}", visitor.cookie_line());
    let posted = bed.nobody().call("POST", b"/oauth2/authorize", &cookies, REQUEST.as_bytes()).await;
    assert!(location(&posted).starts_with("https://shop.example.org/cb?code="));
    // What is no form is nobody's.
    let json = format!("Content-Type: application/json\r\n{}", visitor.cookie_line());
    let refused = bed.nobody().call("POST", b"/oauth2/authorize", &json, b"{}").await;
    assert_eq!((refused.status, refused.header("location")), (400, None));
}

#[tokio::test]
async fn form_post_hands_the_answer_on_from_a_page() {
    let bed = bed(true).await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    let page = visitor.get(&target(&format!("{REQUEST}&response_mode=form_post"))).await;
    assert_eq!((page.status, page.header("location")), (200, None), "{page:?}");
    let html = page.text();
    for part in [
        "action=\"https://shop.example.org/cb\"",
        "name=\"code\" value=\"ac_",
        "name=\"iss\"",
        "name=\"state\" value=\"s",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("form-action 'self' https://shop.example.org")
    );
}
