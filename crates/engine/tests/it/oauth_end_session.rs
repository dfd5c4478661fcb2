//! Signing out from an application: SE-09.

use portcullis::browser::{self, SignedIn};
use portcullis::oauth::end_session::EndSession;
use portcullis::oauth::{self, Access, end_session};
use portcullis::session::Device;
use portcullis_types::Sensitive;
use serde_json::json;

use crate::bed::{Bed, on_both};
use crate::oauth_bed::{App, access, app, code, granted, parameters};
use crate::people::{GOOD, registered};

on_both!(
    se_09_a_good_hint_signs_out_and_without_one_the_person_is_asked,
    se_09_only_a_registered_uri_is_gone_on_to_byte_for_byte,
    se_09_a_hint_of_somebody_else_leaves_the_browser_alone,
    se_09_tk_13_a_hint_is_an_id_token_and_without_a_session_it_is_of_its_person_alone,
    tk_13_an_access_token_is_no_hint,
);

async fn signed_in(bed: &Bed, email: &str) -> SignedIn {
    let password = Sensitive::new(GOOD);
    let credentials = portcullis::sign_in::Credentials { pool: None, email: email.to_owned(), password };
    browser::sign_in(&bed.portcullis, Device::default(), credentials, None).await.unwrap()
}

async fn id_token(bed: &Bed, web: &App, browser: &SignedIn) -> String {
    let session = &browser.browser.session;
    let browser_session = Some(session.session_id.clone());
    let wanted = Access { browser_session, ..access(web, &session.user_id, "openid") };
    let tokens = oauth::grant_access(&bed.portcullis, Device::default(), wanted).await.unwrap();
    tokens.id_token.unwrap().into_inner()
}

async fn is_signed_in(bed: &Bed, browser: &SignedIn) -> bool {
    browser::current(&bed.portcullis, browser.cookie.expose()).await.unwrap().is_some()
}

const BYE: &str = "https://web.example/bye";

async fn se_09_a_good_hint_signs_out_and_without_one_the_person_is_asked(bed: Bed) {
    let (node, web) = (&bed.portcullis, app(&bed, "web", json!({})).await);
    registered(node, "alice@example.org").await;
    let alice = signed_in(&bed, "alice@example.org").await;
    let session = Some(&alice.browser.session);
    let id = App { secret: String::new(), ..web.clone() };
    let plain = parameters(&id, &[("post_logout_redirect_uri", BYE)]);
    let ask =
        EndSession::Ask { application_name: Some("web".to_owned()), redirect_uri: Some(BYE.to_owned()) };
    let go_on = EndSession::Done { redirect_uri: Some(BYE.to_owned()) };
    assert_eq!(end_session::begin(node, &plain, session, Device::default()).await.unwrap(), ask);
    assert!(is_signed_in(&bed, &alice).await);
    assert_eq!(end_session::confirm(node, &plain, session, Device::default()).await.unwrap(), go_on);
    assert!(!is_signed_in(&bed, &alice).await);

    // A hint is enough, long after it expired, and without the cookie.
    for with_cookie in [true, false] {
        let alice = signed_in(&bed, "alice@example.org").await;
        let hint = id_token(&bed, &web, &alice).await;
        bed.clock.forward(10 * 3_600);
        let hinted = parameters(&id, &[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]);
        let session = with_cookie.then_some(&alice.browser.session);
        assert_eq!(end_session::begin(node, &hinted, session, Device::default()).await.unwrap(), go_on);
        assert!(!is_signed_in(&bed, &alice).await);
        assert_eq!(
            end_session::begin(node, &hinted, None, Device::default()).await.unwrap(),
            go_on,
            "once more"
        );
    }
}

async fn se_09_only_a_registered_uri_is_gone_on_to_byte_for_byte(bed: Bed) {
    let (node, web) = (&bed.portcullis, app(&bed, "web", json!({})).await);
    let id = App { secret: String::new(), ..web };
    let begin = async |pairs: &[(&str, &str)]| {
        let named = parameters(&id, pairs);
        end_session::begin(node, &named, None, Device::default()).await
    };
    let done = |uri: &str| EndSession::Done { redirect_uri: Some(uri.to_owned()) };
    let answer = begin(&[("post_logout_redirect_uri", BYE), ("state", "a b&c=d")]).await;
    assert_eq!(answer.unwrap(), done("https://web.example/bye?state=a%20b%26c%3Dd"));
    for other in [
        "https://web.example/bye/",
        "https://web.example/BYE",
        "https://evil.example",
        "https://web.example/cb",
    ] {
        assert_eq!(code(begin(&[("post_logout_redirect_uri", other)]).await), "invalid_request", "{other}");
    }
    let nobody =
        oauth::Parameters::parse(b"post_logout_redirect_uri=https%3A%2F%2Fweb.example%2Fbye").unwrap();
    assert_eq!(code(end_session::begin(node, &nobody, None, Device::default()).await), "invalid_request");
    for hint in ["x", "a.b.c"] {
        assert_eq!(code(begin(&[("id_token_hint", hint)]).await), "invalid_request", "{hint}");
    }
}

async fn se_09_a_hint_of_somebody_else_leaves_the_browser_alone(bed: Bed) {
    let (node, web) = (&bed.portcullis, app(&bed, "web", json!({})).await);
    let other = app(&bed, "other", json!({})).await;
    for email in ["alice@example.org", "bob@example.org"] {
        registered(node, email).await;
    }
    let (alice, bob) = (signed_in(&bed, "alice@example.org").await, signed_in(&bed, "bob@example.org").await);
    let hint = id_token(&bed, &web, &bob).await;
    let id = App { secret: String::new(), ..web };
    let hinted = parameters(&id, &[("id_token_hint", &hint)]);
    let answer =
        end_session::begin(node, &hinted, Some(&alice.browser.session), Device::default()).await.unwrap();
    assert!(matches!(answer, EndSession::Ask { .. }));
    assert!(is_signed_in(&bed, &alice).await && !is_signed_in(&bed, &bob).await);
    let mismatched = App { secret: String::new(), ..other };
    let mismatched = parameters(&mismatched, &[("id_token_hint", &hint)]);
    assert_eq!(code(end_session::begin(node, &mismatched, None, Device::default()).await), "invalid_request");
}

async fn se_09_tk_13_a_hint_is_an_id_token_and_without_a_session_it_is_of_its_person_alone(bed: Bed) {
    let (node, web) = (&bed.portcullis, app(&bed, "web", json!({})).await);
    for email in ["alice@example.org", "bob@example.org"] {
        registered(node, email).await;
    }
    let (alice, bob) = (signed_in(&bed, "alice@example.org").await, signed_in(&bed, "bob@example.org").await);
    // As a device gets them.
    let tokens = granted(node, &web, &bob.browser.user.user_id, "openid").await;
    let begin = async |hint: &str, browser: &SignedIn| {
        let hinted = oauth::Parameters::of([("id_token_hint".to_owned(), hint.to_owned())]).unwrap();
        end_session::begin(node, &hinted, Some(&browser.browser.session), Device::default()).await
    };
    assert_eq!(code(begin(tokens.access_token.expose(), &bob).await), "invalid_request");
    let hint = tokens.id_token.unwrap().into_inner();
    assert!(matches!(begin(&hint, &alice).await.unwrap(), EndSession::Ask { .. }));
    assert!(is_signed_in(&bed, &alice).await && is_signed_in(&bed, &bob).await);
    assert_eq!(begin(&hint, &bob).await.unwrap(), EndSession::Done { redirect_uri: None });
    assert!(is_signed_in(&bed, &alice).await && !is_signed_in(&bed, &bob).await);
}

/// Whoever was given an access token, an API for example, must not sign its person out with it.
async fn tk_13_an_access_token_is_no_hint(bed: Bed) {
    let (node, web) = (&bed.portcullis, app(&bed, "web", json!({})).await);
    registered(node, "alice@example.org").await;
    let alice = signed_in(&bed, "alice@example.org").await;
    let session = &alice.browser.session;
    let browser_session = Some(session.session_id.clone());
    let wanted = Access { browser_session, ..access(&web, &session.user_id, "openid offline_access") };
    let tokens = oauth::grant_access(node, Device::default(), wanted).await.unwrap();
    let (named, unnamed) =
        (App { secret: String::new(), ..web }, App { id: String::new(), secret: String::new() });
    let refresh_token = tokens.refresh_token.as_ref().unwrap();
    for hint in [tokens.access_token.expose(), refresh_token.expose(), "a.b.c", "x"] {
        for (id, browser) in [(&named, None), (&unnamed, None), (&unnamed, Some(session))] {
            let hinted = parameters(id, &[("id_token_hint", hint)]);
            let refused = end_session::begin(node, &hinted, browser, Device::default()).await;
            assert_eq!(code(refused), "invalid_request");
            let refused = end_session::confirm(node, &hinted, browser, Device::default()).await;
            assert_eq!(code(refused), "invalid_request");
        }
    }
    assert!(is_signed_in(&bed, &alice).await);
    assert!(oauth::user_info(node, tokens.access_token.expose()).await.is_ok(), "nor what it was given");
}
