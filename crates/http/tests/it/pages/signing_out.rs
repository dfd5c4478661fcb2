//! Who is signed out when an application asks for it, and who is asked first (SE-08, SE-09).

use portcullis::browser;
use portcullis::oauth::{self, Access};
use portcullis::session::Device;

use super::{is_a_page, is_hardened};
use crate::bed::Bed;
use crate::oauth::app;
use crate::visitor::Visitor;
use crate::wire::Answer;

const BYE: &str = "https://web.example/bye";

/// An ID token that the application `web` got for whoever is signed in with this browser.
async fn id_token(bed: &Bed, visitor: &Visitor) -> String {
    let cookie = visitor.cookie("portcullis-session").unwrap();
    let session = browser::current(&bed.portcullis, &cookie).await.unwrap().unwrap().session;
    let access = Access {
        client_id: "web".to_owned(),
        user_id: session.user_id.clone(),
        scope: "openid".to_owned(),
        amr: vec!["pwd".to_owned()],
        browser_session: Some(session.session_id.clone()),
        ..Access::default()
    };
    let tokens = oauth::grant_access(&bed.portcullis, Device::default(), access).await.unwrap();
    tokens.id_token.unwrap().into_inner()
}

/// Where the form of a page goes, and what it holds.
fn form_of(page: &Answer) -> (String, Vec<(String, String)>) {
    let html = page.text();
    let between = |text: &str, from: &str| -> String {
        let escaped = text.split(from).nth(1).unwrap().split('"').next().unwrap();
        escaped.replace("&#34;", "\"").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
    };
    let form = html.split("<form").nth(1).unwrap().split("</form>").next().unwrap();
    let fields = form.split("<input type=\"hidden\"").skip(1);
    let fields = fields.map(|field| (between(field, "name=\""), between(field, "value=\""))).collect();
    (between(form, "action=\""), fields)
}

/// What another site posts, from a browser that keeps its cookies back; then what our page in that browser makes of it.
async fn posted_by_another_site(bed: &Bed, visitor: &mut Visitor, fields: &[(&str, &str)]) -> Answer {
    let posted = Visitor::of(bed).post_without_token("/oauth2/logout", fields).await;
    assert_eq!(posted.status, 200, "{posted:?}");
    is_a_page(&posted, "once more");
    assert!(posted.headers("set-cookie").is_empty() && posted.header("location").is_none(), "{posted:?}");
    assert!(posted.text().contains("data-hand-on") && posted.text().contains("id=\"continue\""));
    let (action, found) = form_of(&posted);
    let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(found, fields);
    // Nothing of it is in an address.
    assert_eq!(action, "/oauth2/logout?once-more");
    visitor.post_without_token(&action, &found).await
}

#[tokio::test]
async fn se_08_a_request_to_sign_out_that_another_site_posts_takes_no_cookie_away() {
    let bed = Bed::start().await;
    app(&bed, "web").await;
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    let long = "x".repeat(17_000);
    for state in ["a b", "\"><script>", &long] {
        let asked = posted_by_another_site(&bed, &mut alice, &[("client_id", "web"), ("state", state)]).await;
        assert!(asked.status == 200 && asked.text().contains("end-session-form"), "{asked:?}");
        is_a_page(&asked, "the question");
    }
    assert_eq!(alice.get("/account").await.status, 200);
    // Also who claims to be our page, from where cookies do not come along, takes none away.
    for fields in [&[("client_id", "web")][..], &[("client_id", "web"), ("post_logout_redirect_uri", BYE)]] {
        let gone = Visitor::of(&bed).post_without_token("/oauth2/logout?once-more", fields).await;
        assert!(gone.status == 303 && gone.headers("set-cookie").is_empty(), "{gone:?}");
        is_hardened(&gone, "nobody is signed in");
    }
    let refused = Visitor::of(&bed)
        .post_without_token("/oauth2/logout", &[("post_logout_redirect_uri", "https://evil.example/")])
        .await;
    assert!(refused.status == 400 && refused.headers("set-cookie").is_empty(), "{refused:?}");
    assert!(!refused.text().contains("evil.example"));
}

#[tokio::test]
async fn se_09_a_hint_that_is_posted_signs_out_and_is_never_in_an_address() {
    let bed = Bed::start().await;
    app(&bed, "web").await;
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    let hint = id_token(&bed, &alice).await;
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)];
    // The page may lead on to the application, as browsers apply `form-action` to redirects.
    let posted = Visitor::of(&bed).post_without_token("/oauth2/logout", &fields).await;
    let policy = posted.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' https://web.example;"), "{policy}");
    assert_eq!(alice.get("/account").await.status, 200, "not done yet");
    let gone = posted_by_another_site(&bed, &mut alice, &fields).await;
    assert_eq!((gone.status, gone.header("location")), (303, Some(BYE)), "{gone:?}");
    assert_eq!(alice.cookie("portcullis-session"), None);
    assert_eq!(alice.get("/account").await.status, 303);
}

/// The question is what to come back to: only who was signed out is told so.
#[tokio::test]
async fn se_08_an_answer_that_is_out_of_date_leads_back_to_the_question() {
    let bed = Bed::start().await;
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    let refused = alice.post_with("/oauth2/logout/confirm", "out of date", &[("request", "")], "").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("href=\"/oauth2/logout/confirm\""), "{}", refused.text());
    let back = alice.get("/oauth2/logout/confirm").await;
    assert_eq!((back.status, back.header("location")), (303, Some("/oauth2/logout")));
    let asked = alice.get("/oauth2/logout").await;
    assert!(asked.status == 200 && asked.text().contains("end-session-form"), "{asked:?}");
    // Whoever was signed out meanwhile is told just that.
    alice.submit("/account", "/account/sign-out", &[]).await;
    let nobody = alice.get("/oauth2/logout").await;
    assert_eq!((nobody.status, nobody.header("location")), (303, Some("/signed-out")));
}

#[tokio::test]
async fn se_09_se_08_nobody_is_signed_out_by_somebody_else_s_page() {
    let bed = Bed::start().await;
    app(&bed, "web").await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    let query = "client_id=web&post_logout_redirect_uri=https%3A%2F%2Fweb.example%2Fbye&state=a%20b";
    let page = format!("/oauth2/logout?{query}");
    for asked in [
        visitor.get(&page).await,
        visitor.post_without_token("/oauth2/logout", &[("client_id", "web")]).await,
    ] {
        assert_eq!(asked.status, 200, "{asked:?}");
        let html = asked.text();
        assert!(
            html.contains("end-session-form") && html.contains("Web") && html.contains("alice@example.org")
        );
    }
    let forged = visitor.post_without_token("/oauth2/logout/confirm", &[("request", query)]).await;
    assert_eq!(forged.status, 403);
    assert_eq!(visitor.get("/account").await.status, 200, "still signed in");
    for other in ["https://web.example/bye/", "https://evil.example/", "javascript:alert(1)"] {
        let other = format!(
            "client_id=web&post_logout_redirect_uri={}",
            other.replace(':', "%3A").replace('/', "%2F")
        );
        for answer in [
            visitor.get(&format!("/oauth2/logout?{other}")).await,
            visitor.submit(&page, "/oauth2/logout/confirm", &[("request", &other)]).await,
        ] {
            assert!(answer.status == 400 && answer.header("location").is_none(), "{other} {answer:?}");
        }
    }
    let gone = visitor.submit(&page, "/oauth2/logout/confirm", &[("request", query)]).await;
    assert_eq!((gone.status, gone.header("location")), (303, Some("https://web.example/bye?state=a%20b")));
    assert_eq!(visitor.cookie("portcullis-session"), None);
    assert_eq!(visitor.get("/account").await.status, 303);
}
