//! From an application to the pages and back: AS-02, AS-07, AS-11, AS-17, AS-22, AS-23, AZ-14, SE-08, with what the pages do of it. What a request
//! may hold, and what a code is good for, is the engine's.

use portcullis::oauth::Parameters;
use portcullis::oauth::authorize::{self, Step};
use portcullis::{Cx, application, browser};
use portcullis_types::application::{ApplicationBody, ApplicationKind, ResponseMode};

use crate::bed::Bed;
use crate::visitor::{GOOD, OTHER, Visitor};
use crate::wire::Answer;

const CALLBACK: &str = "https://app.example.org:8443/cb?tab=1";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An application whose people are asked.
async fn notes(bed: &Bed) -> String {
    let body = ApplicationBody {
        redirect_uris: vec![CALLBACK.to_owned()],
        response_modes: Some(vec![ResponseMode::Query, ResponseMode::FormPost]),
        ..ApplicationBody::new("Notes <by> Ann", ApplicationKind::Web)
    };
    let made = application::create(&bed.portcullis, &Cx::local("test"), body).await.unwrap();
    made.application.application_id
}

/// Comes from the application: gives the request that waits, and whether it waits for a sign-in.
async fn sent(bed: &Bed, visitor: &mut Visitor, client_id: &str, more: &str) -> (String, bool) {
    visitor.get("/login?switch=1").await;
    let binding = visitor.cookie("portcullis-browser").unwrap();
    let query = format!(
        "response_type=code&client_id={client_id}&redirect_uri={}&scope=openid%20email&state=s%26t&code_challenge={CHALLENGE}\
         &code_challenge_method=S256{more}",
        CALLBACK.replace('?', "%3F").replace('=', "%3D")
    );
    let parameters = Parameters::parse(query.as_bytes()).unwrap();
    let session = match visitor.cookie("portcullis-session") {
        Some(cookie) => browser::current(&bed.portcullis, &cookie).await.unwrap(),
        None => None,
    };
    match authorize::begin(&bed.portcullis, &parameters, &binding, session.as_ref()).await {
        Step::SignIn(waiting) => (waiting.request, true),
        Step::Consent { request, .. } => (request.request, false),
        other => panic!("{other:?}"),
    }
}

/// The sealed request in the form of a page.
fn request_in(page: &Answer) -> String {
    let html = page.text();
    html.split("name=\"request\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "as_11 {answer:?}");
    answer.header("location").unwrap().to_owned()
}

#[tokio::test]
async fn as_11_as_22_somebody_signs_in_is_asked_and_comes_back_with_a_code() {
    let bed = Bed::start().await;
    let client_id = notes(&bed).await;
    Visitor::of(&bed).register("alice@example.org").await;
    let mut visitor = Visitor::of(&bed);
    let (request, waits) = sent(&bed, &mut visitor, &client_id, "&login_hint=alice%40example.org").await;
    assert!(waits);
    let target = format!("/login?request={request}");
    let page = visitor.get(&target).await;
    let html = page.text();
    assert!(
        html.contains("Notes &#60;by&#62; Ann") && html.contains("value=\"alice@example.org\""),
        "{html}"
    );
    assert!(html.contains("/register?request="), "the way to register keeps the request");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' https://app.example.org:8443;"), "{policy}");
    // A wrong password first: the request is not lost.
    let fields = [("request", request_in(&page)), ("email", "alice@example.org".to_owned())];
    let form = |password: &'static str| {
        let mut all: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        all.push(("password", password));
        all
    };
    let wrong = visitor.submit(&target, "/login", &form(OTHER)).await;
    assert!(wrong.status == 401 && wrong.text().contains("Notes"));
    let right = visitor.submit(&target, "/login", &form(GOOD)).await;
    let consent = location(&right);
    assert!(consent.starts_with("/consent?request="), "{consent}");
    let page = visitor.get(&consent).await;
    let html = page.text();
    for part in [
        "Notes &#60;by&#62; Ann",
        "app.example.org",
        "alice@example.org",
        "See your e-mail address",
        "switch=1",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert!(page.header("content-security-policy").unwrap().contains("'self' https://app.example.org:8443;"));
    let request = request_in(&page);
    let answer = [("request", request.as_str()), ("decision", "approve")];
    let back = location(&visitor.submit(&consent, "/consent", &answer).await);
    assert!(back.starts_with("https://app.example.org:8443/cb?tab=1&"), "{back}");
    assert!(back.contains("&code=") || back.contains("?code="), "{back}");
    assert!(back.contains("state=s%26t") && back.contains("iss=http%3A%2F%2F"), "as_07 {back}");
    // Asked once: the next time straight back.
    let (request, _) = sent(&bed, &mut visitor, &client_id, "&prompt=login").await;
    let fields = [("request", request.as_str()), ("email", "alice@example.org"), ("password", GOOD)];
    let page = visitor.get(&format!("/login?request={request}")).await.text();
    assert!(page.contains("Sign in again") && page.contains("alice@example.org"), "as_17 {page}");
    let back = location(&visitor.submit(&format!("/login?request={request}"), "/login", &fields).await);
    assert!(back.starts_with("https://app.example.org:8443/cb?tab=1&"), "{back}");
    // It is in the list, and what is withdrawn is asked for again (az_14).
    let account = visitor.get("/account").await.text();
    assert!(account.contains("Notes &#60;by&#62; Ann"), "{account}");
    let withdrawn = visitor
        .submit("/account", "/account/applications/withdraw", &[("client_id", client_id.as_str())])
        .await;
    assert_eq!(location(&withdrawn), "/account?notice=withdrawn");
    assert!(visitor.get("/account").await.text().contains("No application has access"));
    let (_request, waits) = sent(&bed, &mut visitor, &client_id, "").await;
    assert!(!waits, "asked again");
}

#[tokio::test]
async fn whoever_registers_on_the_way_comes_back_too_and_no_is_no() {
    let bed = Bed::start().await;
    let client_id = notes(&bed).await;
    let mut visitor = Visitor::of(&bed);
    let (request, _) = sent(&bed, &mut visitor, &client_id, "").await;
    let target = format!("/register?request={request}");
    let page = visitor.get(&target).await;
    assert!(page.text().contains("Notes"));
    let request = request_in(&page);
    let fields = [("request", request.as_str()), ("email", "bob@example.org"), ("password", GOOD)];
    let consent = location(&visitor.submit(&target, "/register", &fields).await);
    let request = request_in(&visitor.get(&consent).await);
    for decision in ["", "yes", "deny"] {
        let answer = [("request", request.as_str()), ("decision", decision)];
        let back = location(&visitor.submit(&consent, "/consent", &answer).await);
        assert!(back.contains("error=access_denied") && !back.contains("code="), "{decision} {back}");
    }
    assert!(visitor.get("/account").await.text().contains("No application has access"));
}

#[tokio::test]
async fn a_form_post_is_a_page_of_its_own_and_never_the_answer_to_a_password() {
    let bed = Bed::start().await;
    let client_id = notes(&bed).await;
    Visitor::of(&bed).register("alice@example.org").await;
    let mut visitor = Visitor::of(&bed);
    let (request, _) = sent(&bed, &mut visitor, &client_id, "&response_mode=form_post").await;
    let target = format!("/login?request={request}");
    let fields = [("request", request.as_str()), ("email", "alice@example.org"), ("password", GOOD)];
    let consent = location(&visitor.submit(&target, "/login", &fields).await);
    let request = request_in(&visitor.get(&consent).await);
    let answer = [("request", request.as_str()), ("decision", "approve")];
    let page = visitor.submit(&consent, "/consent", &answer).await;
    assert_eq!(page.status, 200);
    let html = page.text();
    for part in [
        "action=\"https://app.example.org:8443/cb?tab=1\"",
        "name=\"code\" value=\"",
        "name=\"state\" value=\"s&#38;t\"",
        "name=\"iss\"",
        "id=\"continue\"",
        "data-hand-on",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert!(!html.contains("csrf_token"), "the application gets nothing of ours");
    assert!(page.header("content-security-policy").unwrap().contains("'self' https://app.example.org:8443;"));
    let (request, _) = sent(&bed, &mut visitor, &client_id, "&response_mode=form_post&prompt=login").await;
    let fields = [("request", request.as_str()), ("email", "alice@example.org"), ("password", GOOD)];
    let target = format!("/login?request={request}");
    let next = location(&visitor.submit(&target, "/login", &fields).await);
    assert!(next.starts_with("/login?request="), "{next}");
    assert!(visitor.get(&next).await.text().contains("data-hand-on"));
}

#[tokio::test]
async fn as_02_as_23_a_request_of_another_browser_or_an_altered_one_is_a_page_and_no_redirect() {
    let bed = Bed::start().await;
    let client_id = notes(&bed).await;
    let (mut alice, mut mallory) = (Visitor::of(&bed), Visitor::of(&bed));
    mallory.register("mallory@example.org").await;
    let (request, _) = sent(&bed, &mut alice, &client_id, "").await;
    let altered = {
        let swap = if request.as_bytes()[40] == b'A' { "B" } else { "A" };
        format!("{}{swap}{}", &request[..40], &request[41..])
    };
    for (visitor, request) in
        [(&mut mallory, request.as_str()), (&mut alice, altered.as_str()), (&mut Visitor::of(&bed), "x")]
    {
        for page in ["login", "register", "forgot-password", "consent"] {
            let refused = visitor.get(&format!("/{page}?request={request}")).await;
            assert_eq!((refused.status, refused.header("location")), (400, None), "{page}");
            assert_eq!(refused.header("content-type"), Some("text/html; charset=utf-8"));
            assert_eq!(refused.header("x-frame-options"), Some("DENY"));
        }
    }
    let token = mallory.token("/account").await;
    let answer = [("request", request.as_str()), ("decision", "approve")];
    assert_eq!(mallory.post_with("/consent", &token, &answer, "").await.status, 400);
    // SE-08: nobody can answer for somebody.
    assert_eq!(alice.post_without_token("/consent", &answer).await.status, 403);
}

#[tokio::test]
async fn as_23_nothing_beside_a_waiting_request_changes_it_on_the_way() {
    let bed = Bed::start().await;
    let client_id = notes(&bed).await;
    Visitor::of(&bed).register("alice@example.org").await;
    let mut visitor = Visitor::of(&bed);
    let (request, _) = sent(&bed, &mut visitor, &client_id, "").await;
    // Everything that the first step took, with other values, in the address and in the form of each page on the way.
    let evil = "https://evil.example/cb";
    let others = [
        ("client_id", "evil"),
        ("redirect_uri", evil),
        ("scope", "openid email profile offline_access"),
        ("state", "forged"),
        ("nonce", "forged"),
        ("response_mode", "form_post"),
        ("response_type", "token"),
        ("code_challenge", "forged"),
        ("code_challenge_method", "plain"),
        ("resource", evil),
        ("prompt", "none"),
        ("max_age", "0"),
        ("claims", "{}"),
        ("user", "bob@example.org"),
        ("sub", "bob"),
    ];
    let query: String =
        others.iter().map(|(name, value)| format!("&{name}={}", value.replace(' ', "+"))).collect();
    let login = format!("/login?request={request}{query}");
    let page = visitor.get(&login).await;
    assert!(page.text().contains("Notes") && !page.text().contains("evil.example"), "{}", page.text());
    let waiting = request_in(&page);
    let own = [("request", waiting.as_str()), ("email", "alice@example.org"), ("password", GOOD)];
    let consent = location(&visitor.submit(&login, "/login", &[&own[..], &others].concat()).await);
    let consent = format!("{consent}{query}");
    let page = visitor.get(&consent).await;
    let html = page.text();
    assert!(html.contains("app.example.org") && html.contains("alice@example.org"), "{html}");
    assert!(!html.contains("evil.example") && !html.contains("See your name"), "{html}");
    let asked = request_in(&page);
    let own = [("request", asked.as_str()), ("decision", "approve")];
    let back = location(&visitor.submit(&consent, "/consent", &[&own[..], &others].concat()).await);
    assert!(back.starts_with("https://app.example.org:8443/cb?tab=1&code=ac_"), "{back}");
    assert!(back.contains("&state=s%26t&iss=") && !back.contains("forged"), "{back}");
}

#[tokio::test]
async fn an_answer_counts_only_from_whoever_was_asked() {
    let bed = Bed::start().await;
    let client_id = notes(&bed).await;
    Visitor::of(&bed).register("bob@example.org").await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    let (request, waits) = sent(&bed, &mut visitor, &client_id, "").await;
    assert!(!waits);
    let consent = format!("/consent?request={request}");
    let asked = request_in(&visitor.get(&consent).await);
    // "Not you?": Bob signs in, in the same browser.
    let switch = format!("/login?request={request}&switch=1");
    let page = visitor.get(&switch).await;
    assert_eq!(page.status, 200);
    let waiting = request_in(&page);
    let fields = [("request", waiting.as_str()), ("email", "bob@example.org"), ("password", GOOD)];
    let next = location(&visitor.submit(&switch, "/login", &fields).await);
    assert!(visitor.get(&next).await.text().contains("bob@example.org"));
    // What was put to Alice, Bob has not answered: he is asked.
    let answer = [("request", asked.as_str()), ("decision", "approve")];
    let again = location(&visitor.submit(&next, "/consent", &answer).await);
    assert!(again.starts_with("/consent?request="), "{again}");
    // Nobody is signed in any more: to the sign-in.
    let token = visitor.token("/account").await;
    visitor.post_with("/account/sign-out", &token, &[], "").await;
    let token = visitor.token("/login").await;
    let out = location(&visitor.post_with("/consent", &token, &answer, "").await);
    assert!(out.starts_with("/login?request="), "{out}");
}
