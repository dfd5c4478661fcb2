//! Signing in devices over the wire (RFC 8628): the endpoint, its older paths, and the pages. Proves DV-01 to DV-06, AS-12, AS-22, SE-08 there.

use portcullis_http::HttpOptions;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::visitor::{GOOD, Visitor};
use crate::wire::{Answer, Wire};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn unlimited() -> HttpOptions {
    HttpOptions { credential_rate_per_minute: 0, ..HttpOptions::default() }
}

/// An installation with an application that signs devices in, which may poll as fast as they like.
async fn bed_with(options: HttpOptions) -> Bed {
    let bed = Bed::with_settings(options, |settings| settings.devices.interval_secs = 1).await;
    let body = json!({ "applicationId": "tv", "name": "Television", "kind": "native",
        "grantTypes": [GRANT, "refresh_token"] });
    let made = bed.owner().send("POST", "/v1/applications", Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    bed
}

async fn form(bed: &Bed, path: &str, body: &str) -> Answer {
    let wire = Wire { address: bed.address, bearer: None };
    let headers = "Content-Type: application/x-www-form-urlencoded\r\nUser-Agent: tv/1\r\n";
    wire.call("POST", path.as_bytes(), headers, body.as_bytes()).await
}

async fn start(bed: &Bed) -> Value {
    let form = form(bed, "/oauth2/device_authorization", "client_id=tv&scope=openid+email+offline_access");
    let answer = form.await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{answer:?}");
    answer.json()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}

/// What a poll is answered: the status and the body.
async fn poll(bed: &Bed, asked: &Value) -> (u16, Value) {
    let body = format!("grant_type={GRANT}&client_id=tv&device_code={}", text(asked, "device_code"));
    let answer = form(bed, "/oauth2/token", &body).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    (answer.status, answer.json())
}

async fn error(bed: &Bed, asked: &Value) -> String {
    let (status, body) = poll(bed, asked).await;
    assert_eq!(status, 400, "{body}");
    text(&body, "error").to_owned()
}

/// Enters a code on the page.
async fn enter(visitor: &mut Visitor, user_code: &str) -> Answer {
    visitor.submit("/device", "/device", &[("user_code", user_code)]).await
}

async fn decide(visitor: &mut Visitor, user_code: &str, decision: &str) -> Answer {
    let fields = [("user_code", user_code), ("decision", decision)];
    visitor.submit("/device", "/device/decision", &fields).await
}

#[tokio::test]
async fn the_endpoint_gives_every_member_and_is_in_discovery() {
    let bed = bed_with(unlimited()).await;
    let asked = start(&bed).await;
    let public_url = format!("http://{}", bed.address);
    let user_code = text(&asked, "user_code");
    assert_eq!(text(&asked, "verification_uri"), format!("{public_url}/device"));
    let complete = format!("{public_url}/device?user_code={user_code}");
    assert_eq!(text(&asked, "verification_uri_complete"), complete);
    assert_eq!((&asked["expires_in"], &asked["interval"]), (&json!(600), &json!(1)), "dv_01");
    for document in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let metadata = bed.nobody().get(document).await.json();
        let endpoint = format!("{public_url}/oauth2/device_authorization");
        assert_eq!(metadata["device_authorization_endpoint"], endpoint, "as_21 {document}");
        assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));
    }
    let unknown = form(&bed, "/oauth2/device_authorization", "client_id=nobody").await;
    assert_eq!((unknown.status, text(&unknown.json(), "error")), (401, "invalid_client"));
    let twice = form(&bed, "/oauth2/device_authorization", "client_id=tv&client_id=tv").await;
    assert_eq!((twice.status, text(&twice.json(), "error")), (400, "invalid_request"), "as_19");
}

#[tokio::test]
async fn the_older_paths_are_the_same_endpoints_also_below_a_prefix() {
    let bed = bed_with(HttpOptions { oauth_prefixes: vec!["/global".to_owned()], ..unlimited() }).await;
    for prefix in ["", "/global"] {
        for path in ["/oauth/device/code", "/oidc/device/code", "/device_authorization"] {
            let asked = form(&bed, &format!("{prefix}{path}"), "client_id=tv&scope=openid").await;
            assert_eq!(asked.status, 200, "{prefix}{path} {asked:?}");
            assert!(asked.json()["verification_uri_complete"].is_string());
        }
        let asked = start(&bed).await;
        let body = format!("grant_type={GRANT}&client_id=tv&device_code={}", text(&asked, "device_code"));
        for path in ["/oauth/token", "/oauth/device/token", "/oidc/token", "/token"] {
            let answer = form(&bed, &format!("{prefix}{path}"), &body).await;
            let told = answer.json();
            assert_eq!((answer.status, text(&told, "error")), (400, "authorization_pending"), "{path}");
        }
    }
    for path in ["/authorize", "/oidc/auth", "/global/authorize", "/global/oidc/auth"] {
        let page = bed.nobody().get(&format!("{path}?client_id=nobody")).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (400, Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert_eq!(page.header("access-control-allow-origin"), None, "as_15 {path}");
    }
    let other = form(&bed, "/other/token", "client_id=tv").await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn dv_02_dv_03_a_person_signs_in_compares_and_allows() {
    let bed = bed_with(unlimited()).await;
    let asked = start(&bed).await;
    let user_code = text(&asked, "user_code").to_owned();
    Visitor::of(&bed).register("alice@example.org").await;
    let mut alice = Visitor::of(&bed);
    // Whoever is not signed in does that first, and comes back to the very code.
    let away = alice.get(&format!("/device?user_code={user_code}")).await;
    let request = format!("device.{user_code}.main");
    let login = format!("/login?request={request}");
    assert_eq!((away.status, away.header("location")), (303, Some(login.as_str())));
    let fields = [("email", "alice@example.org"), ("password", GOOD), ("request", &request)];
    let back = alice.submit(&login, "/login", &fields).await;
    let device = format!("/device?user_code={user_code}");
    assert_eq!((back.status, back.header("location")), (303, Some(device.as_str())), "as_11 {back:?}");
    let page = alice.get(&device).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&format!("value=\"{user_code}\"")), "{}", page.text());
    assert_eq!(page.header("x-frame-options"), Some("DENY"), "as_12");
    assert_eq!(error(&bed, &asked).await, "authorization_pending", "opening it allows nothing");
    let question = enter(&mut alice, &user_code.to_lowercase().replace('-', "")).await;
    let html = question.text();
    assert_eq!(question.status, 200, "{html}");
    for shown in [
        format!("<code id=\"shown-code\">{user_code}</code>"),
        "id=\"application\">Television<".to_owned(),
        "id=\"requested-by\">tv<".to_owned(),
        "id=\"requested-at\"".to_owned(),
        "id=\"warning\"".to_owned(),
        "See your e-mail address".to_owned(),
        "id=\"signed-in-as\">alice@example.org<".to_owned(),
        "id=\"approve\"".to_owned(),
        "id=\"deny\"".to_owned(),
    ] {
        assert!(html.contains(&shown), "{shown} in {html}");
    }
    assert_eq!(question.header("referrer-policy"), Some("no-referrer"));
    let strange = decide(&mut alice, &user_code, "yes").await;
    assert_eq!(strange.status, 400, "only two words decide");
    let done = decide(&mut alice, &user_code, "approve").await;
    let location = done.header("location");
    assert_eq!((done.status, location), (303, Some("/device/done?result=approved")), "{done:?}");
    assert!(alice.get("/device/done?result=approved").await.text().contains("id=\"device-approved\""));
    let (status, tokens) = poll(&bed, &asked).await;
    assert_eq!(status, 200, "{tokens}");
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    assert_eq!(error(&bed, &asked).await, "invalid_grant", "dv_05");
    let again = decide(&mut alice, &user_code, "deny").await;
    assert_eq!(again.status, 400);
}

#[tokio::test]
async fn dv_03_se_08_nothing_is_allowed_without_our_form() {
    let bed = bed_with(unlimited()).await;
    let asked = start(&bed).await;
    let user_code = text(&asked, "user_code");
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    enter(&mut alice, user_code).await;
    for target in ["decision", "done"] {
        let query = format!("/device/{target}?user_code={user_code}&decision=approve&result=approved");
        alice.get(&query).await;
    }
    let fields = [("user_code", user_code), ("decision", "approve")];
    assert_eq!(alice.post_without_token("/device/decision", &fields).await.status, 403);
    let token = alice.token("/device").await;
    let from_elsewhere = "Origin: https://evil.example\r\n";
    let elsewhere = alice.post_with("/device/decision", &token, &fields, from_elsewhere).await;
    assert_eq!(elsewhere.status, 403);
    assert_eq!(alice.post_without_token("/device", &fields).await.status, 403);
    assert_eq!(error(&bed, &asked).await, "authorization_pending");
}

#[tokio::test]
async fn dv_04_a_code_that_somebody_entered_is_nobody_else_s() {
    let bed = bed_with(unlimited()).await;
    let asked = start(&bed).await;
    let user_code = text(&asked, "user_code");
    let (mut alice, mut mallory) = (Visitor::of(&bed), Visitor::of(&bed));
    alice.register("alice@example.org").await;
    mallory.register("mallory@example.org").await;
    assert_eq!(enter(&mut alice, user_code).await.status, 200);
    assert_eq!(enter(&mut mallory, user_code).await.status, 400);
    for decision in ["approve", "deny"] {
        assert_eq!(decide(&mut mallory, user_code, decision).await.status, 400);
    }
    assert_eq!(error(&bed, &asked).await, "authorization_pending");
    let done = decide(&mut alice, user_code, "deny").await;
    assert_eq!(done.header("location"), Some("/device/done?result=denied"));
    assert_eq!(error(&bed, &asked).await, "access_denied", "dv_02");
}

#[tokio::test]
async fn dv_01_every_code_that_does_not_work_is_the_same_page_and_the_sixth_waits() {
    let bed = bed_with(unlimited()).await;
    let asked = start(&bed).await;
    let user_code = text(&asked, "user_code");
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    enter(&mut alice, user_code).await;
    decide(&mut alice, user_code, "deny").await;
    let page = |answer: &Answer, typed: &str| (answer.status, answer.text().replace(typed, ""));
    let used = page(&enter(&mut alice, user_code).await, user_code);
    assert_eq!(used.0, 400);
    assert!(used.1.contains("id=\"user_code-error\""), "{}", used.1);
    for typed in ["ZZZZ-ZZZZ", "ZZZZ-ZZZX", "ZZZZ-ZZZV", "ZZZZ-ZZZT"] {
        assert_eq!(page(&enter(&mut alice, typed).await, typed), used, "{typed}");
    }
    let fresh = start(&bed).await;
    for typed in [text(&fresh, "user_code"), "ZZZZ-ZZZS"] {
        let waits = enter(&mut alice, typed).await;
        assert_eq!(waits.status, 429, "{typed}");
        let secs: u32 = waits.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=600).contains(&secs));
    }
}

#[tokio::test]
async fn as_22_the_way_back_from_the_sign_in_leads_nowhere_else() {
    let bed = bed_with(unlimited()).await;
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    for typed in [
        "https://evil.example",
        "//evil.example",
        "x%0d%0aLocation:%20https://evil.example",
        "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        let page = alice.get(&format!("/device?user_code={typed}")).await;
        assert_eq!(page.status, 200);
        assert!(!page.text().contains("evil") && !page.text().contains("alert"), "{typed}");
        let mut nobody = Visitor::of(&bed);
        let away = nobody.get(&format!("/device?user_code={typed}&pool={typed}")).await;
        assert_eq!(away.header("location"), Some("/login?request=device..main"), "{typed}");
    }
    for request in
        ["device.//evil.example", "device..//evil.example", "device.BCDF-GHJK.https://evil.example"]
    {
        let page = alice.get(&format!("/login?request={request}")).await;
        let location = page.header("location").unwrap_or_default();
        assert!(!location.contains("evil"), "{request}: {location}");
    }
    // Who is signed in already need not see the form again.
    let there = alice.get("/login?request=device.BCDF-GHJK.main").await;
    assert_eq!((there.status, there.header("location")), (303, Some("/device?user_code=BCDF-GHJK")));
}

#[tokio::test]
async fn dv_06_people_of_an_application_s_own_pool_sign_in_there() {
    let bed = bed_with(unlimited()).await;
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    let away = alice.get("/device?pool=staff&user_code=BCDF-GHJK").await;
    assert_eq!(away.header("location"), Some("/login?request=device.BCDF-GHJK.staff"));
    let form = alice.get("/login?request=device.BCDF-GHJK.staff").await;
    assert_eq!(form.status, 200, "who is signed in to the pool main is not signed in there");
}
