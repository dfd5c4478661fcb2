//! What every page and every redirect of a browser has in its headers, and what no page holds (AS-12 to AS-15).

use std::sync::Arc;

use portcullis::mail::InboxMailer;

use super::{is_a_page, is_hardened, unlimited};
use crate::bed::Bed;
use crate::visitor::Visitor;

/// Every page that whoever comes may open, with what it takes.
const OPEN_PAGES: [&str; 8] = [
    "/login",
    "/register",
    "/forgot-password",
    "/forgot-password?sent=1",
    "/reset-password?token=x",
    "/verify-email?token=x",
    "/signed-out",
    "/register?sent=1",
];

#[tokio::test]
async fn as_12_as_13_as_14_every_page_and_every_refusal_is_hardened() {
    for public_url in [None, Some("https://id.example.org")] {
        let bed = Bed::with_settings(unlimited(), |settings| {
            settings.mailer = Some(Arc::new(InboxMailer::default()));
            if let Some(public_url) = public_url {
                settings.public_url = public_url.to_owned();
            }
        })
        .await;
        let mut visitor = Visitor::of(&bed);
        for page in OPEN_PAGES {
            let answer = visitor.get(page).await;
            assert_eq!(answer.status, 200, "{page} {answer:?}");
            is_a_page(&answer, page);
            let tls = public_url.map(|_| "max-age=31536000");
            assert_eq!(answer.header("strict-transport-security"), tls, "{page}");
        }
        for (page, status) in [("/reset-password", 400), ("/verify-email", 400), ("/login?a=1&a=2", 400)] {
            let answer = visitor.get(page).await;
            assert_eq!(answer.status, status, "{page}");
            is_a_page(&answer, page);
        }
        let refused = visitor.post_without_token("/login", &[("email", "a@b.c")]).await;
        assert_eq!(refused.status, 403);
        is_a_page(&refused, "a form without its token");
        let account = visitor.get("/account").await;
        assert_eq!((account.status, account.header("location")), (303, Some("/login")));
        is_hardened(&account, "a redirect");
    }
}

/// An application that is asked about, and one of our own with a device grant.
async fn applications(bed: &Bed) {
    for (id, first_party) in [("notes", false), ("own", true)] {
        let body = serde_json::json!({"applicationId": id, "name": id, "kind": "native", "firstParty": first_party,
            "redirectUris": ["http://127.0.0.1/cb"], "responseModes": ["query", "form_post"],
            "grantTypes": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]});
        assert_eq!(bed.owner().send("POST", "/v1/applications", Some(body)).await.status, 201);
    }
}

#[tokio::test]
async fn as_12_as_13_as_14_what_holds_a_code_or_a_request_is_hardened_too() {
    let bed = Bed::start().await;
    applications(&bed).await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    let authorize = |client_id: &str, more: &str| {
        format!(
            "/oauth2/authorize?response_type=code&client_id={client_id}&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb&scope=openid\
             &state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256{more}"
        )
    };
    // The page that hands a code on, and the redirect that does.
    let hands_on = visitor.get(&authorize("own", "&response_mode=form_post")).await;
    assert!(hands_on.status == 200 && hands_on.text().contains("value=\"ac_"), "{hands_on:?}");
    is_hardened(&hands_on, "form_post");
    let back = visitor.get(&authorize("own", "")).await;
    assert!(back.header("location").unwrap().starts_with("http://127.0.0.1/cb?code=ac_"), "{back:?}");
    is_hardened(&back, "a code");
    let refused = visitor.get(&authorize("own", "&scope=none")).await;
    is_a_page(&visitor.get(&authorize("own", "&client_id=own")).await, "an error page");
    assert_eq!(refused.status, 303);
    is_hardened(&refused, "an error");
    // The pages on the way.
    let asks = visitor.get(&authorize("notes", "")).await;
    is_hardened(&asks, "the way to the consent page");
    let consent = asks.header("location").unwrap().to_owned();
    let page = visitor.get(&consent).await;
    assert!(page.status == 200 && page.text().contains("notes"), "{page:?}");
    is_a_page(&page, "consent");
    let again = visitor.get(&authorize("own", "&prompt=login")).await;
    let login = again.header("location").unwrap().to_owned();
    is_a_page(&visitor.get(&login).await, "sign in again");
    for page in ["/account", "/oauth2/logout", "/device", "/device/done?result=approved"] {
        let answer = visitor.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        is_a_page(&answer, page);
    }
    // What a device asks.
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let wire = bed.nobody();
    let begun = wire.call("POST", b"/oauth2/device_authorization", form, b"client_id=own&scope=openid").await;
    let user_code = begun.json()["user_code"].as_str().unwrap().to_owned();
    is_a_page(&visitor.get(&format!("/device?user_code={user_code}")).await, "a code in the address");
    for (code, status) in [(user_code.as_str(), 200), ("ZZZZ-ZZZZ", 400)] {
        let answer = visitor.submit("/device", "/device", &[("user_code", code)]).await;
        assert_eq!(answer.status, status, "{code}");
        is_a_page(&answer, "a device's question");
    }
}

#[tokio::test]
async fn assets_are_named_by_their_content_and_kept_for_good() {
    let bed = Bed::start().await;
    let page = Visitor::of(&bed).get("/login").await.text();
    let mut found = 0;
    for path in
        page.split('"').filter(|part| part.starts_with("/assets/")).collect::<std::collections::BTreeSet<_>>()
    {
        let asset = bed.nobody().get(path).await;
        assert_eq!(
            (asset.status, asset.header("cache-control")),
            (200, Some("public, max-age=31536000, immutable")),
            "{path}"
        );
        assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
        let kind = asset.header("content-type").unwrap();
        assert!(
            ["text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"].contains(&kind)
        );
        found += 1;
    }
    assert_eq!(found, 3);
    assert_eq!(bed.nobody().get("/assets/pages-0.css").await.status, 404);
}
