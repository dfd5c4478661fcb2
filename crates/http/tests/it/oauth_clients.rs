//! What applications prove, and what they can do with what is another's, over the wire: AS-01, TK-06, TK-20, TK-22, TK-23.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::visitor::{GOOD, Visitor};
use crate::wire::Answer;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A confidential application, and its secret.
async fn confidential(bed: &Bed, id: &str, method: &str) -> String {
    let body = json!({"applicationId": id, "name": id, "kind": "web", "authenticationMethod": method, "firstParty": true,
        "redirectUris": [format!("https://{id}.example/cb")], "scopes": ["openid", "offline_access", "read"],
        "grantTypes": ["authorization_code", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code"]});
    let made = bed.owner().send("POST", "/v1/applications", Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()["secret"]["clientSecret"].as_str().unwrap().to_owned()
}

async fn post(bed: &Bed, path: &str, header: &str, body: &str) -> Answer {
    bed.nobody().call("POST", path.as_bytes(), &format!("{FORM}{header}"), body.as_bytes()).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")))
}

/// Status and code of a refusal, which must be a whole one of RFC 6749 §5.2: with nothing in its words that §5.2 does not allow.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    let body = answer.json();
    let words = body["error_description"].as_str().unwrap();
    assert!(words.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte)), "{words}");
    (answer.status, body["error"].as_str().unwrap().to_owned())
}

fn is(answer: &Answer, status: u16, error: &str) -> bool {
    refusal(answer) == (status, error.to_owned())
}

/// A browser in which somebody is signed in.
async fn alice(bed: &Bed) -> Visitor {
    let mut visitor = Visitor::of(bed);
    let made = visitor.register("alice@example.org").await;
    if made.status != 303 {
        visitor.sign_in("alice@example.org", GOOD).await;
    }
    visitor
}

/// What somebody grants the application `web` through the whole flow.
async fn granted(bed: &Bed, visitor: &mut Visitor, secret: &str) -> Value {
    let request = format!(
        "/oauth2/authorize?response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fweb.example%2Fcb\
         &scope=openid%20offline_access%20read&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let back = visitor.get(&request).await;
    let location = back.header("location").unwrap();
    let code = location.split("code=").nth(1).unwrap_or_else(|| panic!("{location}"));
    let code = code.split('&').next().unwrap();
    let body = format!(
        "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fweb.example%2Fcb&code={code}&code_verifier={VERIFIER}\
         &client_id=web&client_secret={secret}"
    );
    let tokens = post(bed, "/oauth2/token", "", &body).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    tokens.json()
}

#[tokio::test]
async fn tk_22_tk_23_a_confidential_application_proves_who_it_is_at_every_endpoint_in_its_one_way() {
    let bed = Bed::start().await;
    let by_post = confidential(&bed, "web", "client_secret_post").await;
    let by_basic = confidential(&bed, "basic", "client_secret_basic").await;
    let endpoints = [
        ("/oauth2/token", "grant_type=client_credentials"),
        ("/oauth2/introspect", "token=x"),
        ("/oauth2/revoke", "token=x"),
        ("/oauth2/device_authorization", "scope=openid"),
    ];
    for (path, more) in endpoints {
        let sends =
            async |header: &str, proof: &str| post(&bed, path, header, &format!("{more}&{proof}")).await;
        let in_body = |id: &str, secret: &str| format!("client_id={id}&client_secret={secret}");
        // Its own way.
        for (header, proof) in
            [(String::new(), in_body("web", &by_post)), (basic("basic", &by_basic), String::new())]
        {
            assert_eq!(sends(&header, &proof).await.status, 200, "{path} {proof}");
        }
        // No way, a wrong secret, another's secret, the other's way, or none at all.
        let assertion = "client_assertion=a.b.c&client_assertion_type=\
                         urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        for (header, proof) in [
            (String::new(), "client_id=web".to_owned()),
            (String::new(), "client_id=basic".to_owned()),
            (String::new(), in_body("web", "")),
            (String::new(), in_body("web", &format!("{by_post}x"))),
            (String::new(), in_body("web", &by_basic)),
            (String::new(), in_body("basic", &by_basic)),
            (String::new(), String::new()),
            (String::new(), assertion.to_owned()),
            (basic("web", &by_post), String::new()),
            (basic("basic", ""), String::new()),
            (basic("basic", &by_basic.to_lowercase()), String::new()),
            (basic("basic", &by_basic), "client_id=web".to_owned()),
            (format!("Authorization: Bearer {by_basic}\r\n"), "client_id=basic".to_owned()),
        ] {
            let refused = sends(&header, &proof).await;
            assert!(is(&refused, 401, "invalid_client"), "{path} {header} {proof} {refused:?}");
            assert!(refused.header("www-authenticate").unwrap().starts_with("Basic"), "{path}");
        }
        // Two ways at once, though each were good; and two headers.
        for (header, proof) in [
            (basic("basic", &by_basic), in_body("basic", &by_basic)),
            (basic("web", &by_post), in_body("web", &by_post)),
            (String::new(), format!("{}&{assertion}", in_body("web", &by_post))),
            (basic("basic", &by_basic).repeat(2), String::new()),
        ] {
            let refused = sends(&header, &proof).await;
            assert!(is(&refused, 400, "invalid_request"), "{path} {header} {proof} {refused:?}");
        }
        // A secret in an address is none.
        let query = format!("{path}?{}", in_body("web", &by_post));
        assert!(is(&post(&bed, &query, "", more).await, 401, "invalid_client"), "{path}");
    }
}

#[tokio::test]
async fn tk_06_tk_20_what_is_another_s_is_neither_given_up_nor_told() {
    let bed = Bed::start().await;
    let (web, other) = (
        confidential(&bed, "web", "client_secret_post").await,
        confidential(&bed, "other", "client_secret_post").await,
    );
    let mut visitor = alice(&bed).await;
    let tokens = granted(&bed, &mut visitor, &web).await;
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, refresh) = (token("access_token"), token("refresh_token"));
    let ask = async |path: &str, id: &str, text: &str| {
        let secret = if id == "web" { &web } else { &other };
        let answer =
            post(&bed, path, "", &format!("client_id={id}&client_secret={secret}&token={text}")).await;
        assert_eq!(answer.status, 200, "{path} {id} {answer:?}");
        answer
    };
    let active =
        async |text: &str| ask("/oauth2/introspect", "web", text).await.json()["active"] == json!(true);
    assert!(active(&access).await && active(&refresh).await);
    for text in
        [access.as_str(), &refresh, &token("id_token"), "x", "rt_x", "a.b.c", &access[1..], &refresh[1..]]
    {
        let told = ask("/oauth2/introspect", "other", text).await;
        assert_eq!(told.json(), json!({"active": false}), "nothing else is told");
        let given_up = ask("/oauth2/revoke", "other", text).await;
        assert!(given_up.body.is_empty(), "{given_up:?}");
    }
    // Of another's, nothing was touched; and a hint that is wrong changes nothing either.
    assert!(active(&access).await && active(&refresh).await);
    ask("/oauth2/revoke", "web", &format!("{refresh}&token_type_hint=access_token")).await;
    assert!(!active(&access).await && !active(&refresh).await, "with the refresh token its access tokens go");
    let bearer = format!("Authorization: Bearer {access}\r\n");
    assert_eq!(bed.nobody().call("GET", b"/oauth2/userinfo", &bearer, b"").await.status, 401);
    let again = format!("grant_type=refresh_token&refresh_token={refresh}&client_id=web&client_secret={web}");
    assert!(is(&post(&bed, "/oauth2/token", "", &again).await, 400, "invalid_grant"));
    // Without a token there is nothing to ask about.
    for path in ["/oauth2/introspect", "/oauth2/revoke"] {
        let bare = post(&bed, path, "", &format!("client_id=web&client_secret={web}&token=")).await;
        assert!(is(&bare, 400, "invalid_request"), "{path}");
    }
}

#[tokio::test]
async fn as_01_a_browser_is_sent_to_what_is_registered_and_a_native_one_to_its_port() {
    let bed = Bed::start().await;
    for (id, kind) in [("cli", "native"), ("spa", "browser")] {
        let body = json!({"applicationId": id, "name": id, "kind": kind, "firstParty": true,
            "redirectUris": ["http://127.0.0.1/cb", "https://app.example/cb?a=1"]});
        assert_eq!(bed.owner().send("POST", "/v1/applications", Some(body)).await.status, 201);
    }
    let mut visitor = alice(&bed).await;
    for (id, redirect_uri, starts) in [
        ("cli", "http%3A%2F%2F127.0.0.1%3A49152%2Fcb", Some("http://127.0.0.1:49152/cb?code=")),
        ("cli", "http%3A%2F%2F127.0.0.1%2Fcb", Some("http://127.0.0.1/cb?code=")),
        ("cli", "http%3A%2F%2F127.0.0.1%3A49152%2Fcb%2F", None),
        ("cli", "http%3A%2F%2Flocalhost%3A49152%2Fcb", None),
        ("cli", "http%3A%2F%2F127.0.0.1%3A49152%40evil.example%2Fcb", None),
        ("spa", "http%3A%2F%2F127.0.0.1%3A49152%2Fcb", None),
        ("spa", "http%3A%2F%2F127.0.0.1%2Fcb", Some("http://127.0.0.1/cb?code=")),
        ("spa", "https%3A%2F%2Fapp.example%2Fcb%3Fa%3D1", Some("https://app.example/cb?a=1&code=")),
        // Decoded once, and compared as it is then.
        ("spa", "https%3A%2F%2Fapp.example%2Fcb%3Fa%3D%31", Some("https://app.example/cb?a=1&code=")),
        ("spa", "https%3A%2F%2Fapp.example%2Fcb%3Fa%3D%2531", None),
        ("spa", "https%3A%2F%2Fapp.example%2F%2563b%3Fa%3D1", None),
        ("spa", "https%3A%2F%2Fapp.example%2Fcb", None),
        ("spa", "https%3A%2F%2Fapp.example%2Fcb%3Fa%3D1%26a%3D1", None),
        ("spa", "https%3A%2F%2Fapp.example%2Fcb%3Fa%3D1%0d%0aX%3A%201", None),
        ("spa", "https%3A%2F%2FAPP.example%2Fcb%3Fa%3D1", None),
    ] {
        let query = format!(
            "/oauth2/authorize?response_type=code&client_id={id}&redirect_uri={redirect_uri}&scope=openid\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let answer = visitor.get(&query).await;
        match starts {
            Some(starts) => {
                assert_eq!(answer.status, 303, "{redirect_uri} {answer:?}");
                assert!(answer.header("location").unwrap().starts_with(starts), "{redirect_uri} {answer:?}");
            }
            None => {
                assert_eq!((answer.status, answer.header("location")), (400, None), "{id} {redirect_uri}");
                let silent = visitor.get(&format!("{query}&prompt=none")).await;
                assert_eq!((silent.status, silent.header("location")), (400, None), "{id} {redirect_uri}");
            }
        }
    }
}
