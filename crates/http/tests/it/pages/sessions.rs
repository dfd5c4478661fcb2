//! Who is signed in with a browser, and until when (AS-11, AS-22, SE-01, SE-02, SE-04, SE-06).

use super::unlimited;
use crate::bed::Bed;
use crate::visitor::{GOOD, OTHER, Visitor};

#[tokio::test]
async fn as_11_se_01_signing_in_is_a_303_with_another_cookie() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    let registered = visitor.register("alice@example.org").await;
    assert_eq!((registered.status, registered.header("location")), (303, Some("/account")));
    let first = visitor.cookie("portcullis-session").unwrap();
    let again = visitor.sign_in_at("/login?switch=1", "alice@example.org", GOOD).await;
    assert_eq!((again.status, again.header("location")), (303, Some("/account")));
    assert_ne!(visitor.cookie("portcullis-session").unwrap(), first);
    let mut thief = Visitor::of(&bed);
    thief.set_cookie("portcullis-session", &first);
    let answer = thief.get("/account").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/login")), "the old one is dead");
    assert!(answer.headers("set-cookie").iter().any(|cookie| cookie.contains("Max-Age=0")));
    let changed = visitor
        .submit("/account", "/account/password", &[("current_password", GOOD), ("new_password", OTHER)])
        .await;
    assert_eq!((changed.status, changed.header("location")), (303, Some("/account?notice=password-changed")));
    assert_eq!(visitor.get("/account?notice=password-changed").await.status, 200);
}

#[tokio::test]
async fn se_02_cookies_are_host_only_secure_and_out_of_reach_of_script() {
    let secure = Bed::with_settings(unlimited(), |settings| {
        settings.public_url = "https://id.example.org".to_owned();
    })
    .await;
    let mut visitor = Visitor::of(&secure);
    let answer = visitor.register("alice@example.org").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let set = answer.headers("set-cookie");
    assert_eq!(set.len(), 1, "{set:?}");
    assert!(set[0].starts_with("__Host-portcullis-session=bs_"), "{set:?}");
    assert!(set[0].ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{set:?}");
    assert!(visitor.cookie("__Host-portcullis-browser").is_some());
    assert_eq!(visitor.get("/account").await.status, 200);

    let plain = Bed::start().await;
    let mut visitor = Visitor::of(&plain);
    let answer = visitor.get("/login").await;
    let set = answer.headers("set-cookie");
    assert!(set[0].starts_with("portcullis-browser=") && !set[0].contains("Secure"), "{set:?}");
    assert!(set[0].ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{set:?}");
    assert!(visitor.get("/login").await.headers("set-cookie").is_empty(), "it stays the same");
}

#[tokio::test]
async fn se_04_whoever_signed_out_is_nobody_also_with_the_old_cookie() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    let cookie = visitor.cookie("portcullis-session").unwrap();
    let out = visitor.submit("/account", "/account/sign-out", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/signed-out")));
    assert_eq!(visitor.cookie("portcullis-session"), None);
    assert!(visitor.get("/signed-out").await.text().contains("You are signed out"));
    visitor.set_cookie("portcullis-session", &cookie);
    assert_eq!(visitor.get("/account").await.status, 303);
    // Everywhere: another browser too.
    let (mut one, mut two) = (Visitor::of(&bed), Visitor::of(&bed));
    for visitor in [&mut one, &mut two] {
        visitor.sign_in("alice@example.org", GOOD).await;
        assert_eq!(visitor.get("/account").await.status, 200);
    }
    one.submit("/account", "/account/sign-out-everywhere", &[]).await;
    assert_eq!((one.get("/account").await.status, two.get("/account").await.status), (303, 303));
}

#[tokio::test]
async fn se_06_devices_are_listed_and_ended() {
    let bed = Bed::start().await;
    let (mut here, mut there) = (Visitor::of(&bed), Visitor::of(&bed));
    here.register("alice@example.org").await;
    there.agent = "Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1".to_owned();
    there.sign_in("alice@example.org", GOOD).await;
    let page = here.get("/account").await.text();
    assert!(page.contains("Safari on iPhone") && page.contains("this device"), "{page}");
    assert_eq!(page.matches("name=\"session_id\"").count(), 2);
    // The last seen comes first: the other one.
    let ids: Vec<&str> = page
        .split("name=\"session_id\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let row_of_other = page.find("Safari on iPhone").unwrap();
    let other = ids.iter().find(|id| page.find(*id).unwrap() > row_of_other).unwrap().to_string();
    let ended = here.submit("/account", "/account/sessions/end", &[("session_id", &other)]).await;
    assert_eq!(ended.header("location"), Some("/account?notice=session-ended"));
    assert_eq!(there.get("/account").await.status, 303);
    let own = ids.iter().find(|id| **id != other).unwrap().to_string();
    let ended = here.submit("/account", "/account/sessions/end", &[("session_id", &own)]).await;
    assert_eq!(ended.header("location"), Some("/signed-out"));
    assert_eq!(here.get("/account").await.status, 303);
    // Somebody else's session is not there.
    let (mut alice, mut bob) = (Visitor::of(&bed), Visitor::of(&bed));
    alice.sign_in("alice@example.org", GOOD).await;
    bob.register("bob@example.org").await;
    let page = alice.get("/account").await.text();
    let id = page.split("name=\"session_id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    bob.submit("/account", "/account/sessions/end", &[("session_id", id)]).await;
    assert_eq!(alice.get("/account").await.status, 200);
}

#[tokio::test]
async fn as_22_nothing_in_an_address_leads_anywhere_else() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    let evil = "https://evil.example/";
    for name in ["next", "return_to", "redirect_uri", "continue", "notice", "url"] {
        let page = visitor.get(&format!("/login?{name}={evil}")).await;
        assert!(page.status == 200 && !page.text().contains("evil.example"), "{name}");
    }
    let fields = [("email", "alice@example.org"), ("password", GOOD), ("next", evil), ("redirect_uri", evil)];
    let done = visitor.submit("/register", "/register", &fields).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/account")));
    let login = visitor.get("/login").await;
    assert_eq!((login.status, login.header("location")), (303, Some("/account")), "signed in already");
}
