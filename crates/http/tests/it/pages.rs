//! The hosted pages as browsers see them: statuses, headers, cookies and forms. Proves AS-11 to AS-14, AS-22, AU-09, AU-12, SE-01, SE-02,
//! SE-04, SE-06, SE-08. How they look and work in a browser is proven in `interop/browser`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::mail::InboxMailer;
use portcullis_http::HttpOptions;
use portcullis_types::sign_in::Registration;

use crate::bed::Bed;
use crate::visitor::{GOOD, OTHER, Visitor};
use crate::wire::Answer;

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

fn unlimited() -> HttpOptions {
    HttpOptions { credential_rate_per_minute: 0, ..HttpOptions::default() }
}

async fn mailing() -> (Bed, Arc<InboxMailer>) {
    let inbox = Arc::new(InboxMailer::default());
    let mailer = Arc::clone(&inbox);
    (Bed::with_settings(unlimited(), |settings| settings.mailer = Some(mailer)).await, inbox)
}

/// The newest link that was mailed to an address, once there are so many mails; without the origin.
async fn mailed(inbox: &InboxMailer, to: &str, mails: usize) -> String {
    let asked = Instant::now();
    while inbox.to(to).len() < mails {
        assert!(asked.elapsed() < Duration::from_secs(10), "no {mails} mails to {to}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let texts: Vec<_> = inbox.to(to).iter().map(|mail| mail.text().to_owned()).collect();
    let text = texts.iter().rev().find(|text| text.contains("?token=")).unwrap();
    let link = text.lines().find(|line| line.contains("?token=")).unwrap();
    format!("/{}", link.splitn(4, '/').nth(3).unwrap())
}

/// Everything that every page has, also one that refuses.
fn is_a_page(answer: &Answer, what: &str) {
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
    is_hardened(answer, what);
    let html = answer.text();
    for part in ["<html lang=\"en\">", "<title>", "<h1>", "name=\"viewport\"", "id=\"main\""] {
        assert!(html.contains(part), "{what}: no {part}");
    }
    // Nothing inline, nothing from elsewhere.
    for part in ["<style", "style=\"", "onclick", "javascript:", "src=\"http", "href=\"http", "//cdn"] {
        assert!(!html.contains(part), "{what}: {part}");
    }
    assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/assets/").count(), "{what}");
}

fn is_hardened(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-frame-options"), Some("DENY"), "as_12 {what}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "as_13 {what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "as_14 {what}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), None, "as_15 {what}");
    let policy = answer.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "as_12 as_13 {what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
}

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
async fn se_08_no_form_is_taken_that_our_page_did_not_give_to_this_browser() {
    let bed = Bed::start().await;
    let mut alice = Visitor::of(&bed);
    alice.register("alice@example.org").await;
    let mut mallory = Visitor::of(&bed);
    mallory.register("mallory@example.org").await;
    let mut stranger = Visitor::of(&bed);
    let stranger_s = stranger.token("/login").await;
    let mallory_s = mallory.token("/account").await;
    let credentials = [("email", "mallory@example.org"), ("password", GOOD)];
    let forms: [(&str, &[(&str, &str)]); 9] = [
        ("/login", &credentials),
        ("/register", &[("email", "new@example.org"), ("password", GOOD)]),
        ("/forgot-password", &[("email", "alice@example.org")]),
        ("/reset-password", &[("token", "x"), ("new_password", OTHER)]),
        ("/verify-email", &[("token", "x")]),
        ("/account/name", &[("name", "Mallory")]),
        ("/account/password", &[("current_password", GOOD), ("new_password", OTHER)]),
        ("/account/sign-out", &[]),
        ("/account/sign-out-everywhere", &[]),
    ];
    for (path, fields) in forms {
        for token in ["", "x", stranger_s.as_str(), mallory_s.as_str()] {
            let refused = alice.post_with(path, token, fields, "").await;
            assert_eq!(refused.status, 403, "{path} {token}");
            is_a_page(&refused, path);
        }
        // The right token, and a browser that says that another site sent it.
        let token = alice.token("/account").await;
        for header in [
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
            "Origin: https://evil.example\r\n",
        ] {
            let refused = alice.post_with(path, &token, fields, header).await;
            assert_eq!(refused.status, 403, "{path} {header}");
        }
    }
    let account = alice.get("/account").await;
    assert_eq!(account.status, 200, "nothing was done");
    assert!(account.text().contains("alice@example.org") && !account.text().contains("Mallory"));
    // What a visitor was given is no good once somebody has signed in.
    let mut bob = Visitor::of(&bed);
    let before = bob.token("/login").await;
    bob.register("bob@example.org").await;
    assert_eq!(bob.post_with("/account/sign-out", &before, &[], "").await.status, 403);
    // As browsers send it.
    let token = bob.token("/account").await;
    let headers = "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n";
    assert_eq!(bob.post_with("/account/sign-out", &token, &[], headers).await.status, 303);
}

#[tokio::test]
async fn a_form_that_is_out_of_date_leads_back_to_its_page_and_loses_nothing() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    for (path, field, again) in [
        ("/login", ("request", "device.BCDF-GHJK.main"), "/login?request=device.BCDF-GHJK.main"),
        ("/consent", ("request", "AbC-_9"), "/consent?request=AbC-_9"),
        ("/reset-password", ("token", "pr_1.x-y"), "/reset-password?token=pr_1.x-y"),
        ("/verify-email", ("token", "ev_1.x-y"), "/verify-email?token=ev_1.x-y"),
        ("/device", ("user_code", "BCDF-GHJK"), "/device?user_code=BCDF-GHJK"),
        ("/register", ("request", "x\"><b>&y=1"), "/register"),
        ("/account/name", ("name", "x"), "/account/name"),
        ("/oauth2/logout/confirm", ("request", "client_id=web"), "/oauth2/logout/confirm"),
    ] {
        let refused = visitor.post_with(path, "out of date", &[field], "").await;
        let link = format!("href=\"{again}\">Open the page again</a>");
        assert!(refused.status == 403 && refused.text().contains(&link), "no {link} in {}", refused.text());
    }
    // Where a button's answer goes there is no page: whoever opens that address comes to the one that has the button.
    for (path, page) in [
        ("/account/name", "/account"),
        ("/account/password", "/account"),
        ("/account/sessions/end", "/account"),
        ("/account/applications/withdraw", "/account"),
        ("/account/sign-out", "/account"),
        ("/account/sign-out-everywhere", "/account"),
        ("/device/decision?user_code=BCDF-GHJK", "/device?user_code=BCDF-GHJK"),
        ("/oauth2/logout/confirm", "/signed-out"),
    ] {
        let answer = visitor.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(page)), "{path}");
    }
    assert_eq!(visitor.get("/account").await.status, 200, "se_08: nothing is done by opening an address");
}

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
async fn what_was_typed_wrongly_is_said_beside_its_field_and_a_password_is_never_put_back() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    let short = [("email", "alice@example.org"), ("password", "short-secret"), ("name", "Alice")];
    let answer = visitor.submit("/register", "/register", &short).await;
    assert_eq!(answer.status, 400);
    is_a_page(&answer, "a short password");
    let html = answer.text();
    for part in [
        "id=\"password-error\"",
        "aria-describedby=\"password-error password-hint\"",
        "aria-invalid=\"true\"",
        "id=\"error-summary\" role=\"alert\" tabindex=\"-1\" autofocus",
        "<a href=\"#password\">",
        "Use 15 to 256 characters",
        "value=\"alice@example.org\"",
        "value=\"Alice\"",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert!(!html.contains("short-secret"));
    let common = [("email", "alice@example.org"), ("password", "passwordpassword")];
    assert!(
        visitor
            .submit("/register", "/register", &common)
            .await
            .text()
            .contains("Choose a password that is not")
    );
    let no_email = visitor.submit("/register", "/register", &[("email", "x"), ("password", GOOD)]).await;
    assert!(no_email.status == 400 && no_email.text().contains("id=\"email-error\""));
    visitor.register("alice@example.org").await;
    let taken = Visitor::of(&bed).register("alice@example.org").await;
    assert!(taken.status == 409 && taken.text().contains("id=\"email-error\""));
    // Characters that mean something in HTML.
    let odd = [("email", "\"><script>alert(1)</script>"), ("password", "<b>"), ("name", "'\"<i>&")];
    let html = Visitor::of(&bed).submit("/register", "/register", &odd).await.text();
    assert!(
        !html.contains("<script>alert") && !html.contains("<i>") && html.contains("&#60;i&#62;"),
        "{html}"
    );
}

#[tokio::test]
async fn au_09_a_wrong_password_and_an_unknown_address_look_the_same() {
    let bed = Bed::start().await;
    Visitor::of(&bed).register("alice@example.org").await;
    let mut visitor = Visitor::of(&bed);
    let known = visitor.sign_in("alice@example.org", OTHER).await;
    let unknown = visitor.sign_in("nobody@example.org", OTHER).await;
    assert_eq!((known.status, unknown.status), (401, 401));
    is_a_page(&known, "a wrong password");
    assert_eq!(
        known.text().replace("alice@example.org", "X"),
        unknown.text().replace("nobody@example.org", "X")
    );
    assert!(!known.text().contains(OTHER));
}

#[tokio::test]
async fn au_08_a_locked_account_gets_a_page_that_says_when_to_try_again() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    for _ in 0..10 {
        assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 401);
    }
    let locked = visitor.sign_in("alice@example.org", OTHER).await;
    assert_eq!(locked.status, 429);
    let wait: u32 = locked.header("retry-after").unwrap().parse().unwrap();
    assert!((890..=900).contains(&wait), "{wait}");
    is_a_page(&locked, "a locked account");
    assert!(locked.text().contains("Try again in 15 minutes"), "{}", locked.text());
}

#[tokio::test]
async fn attempts_on_pages_are_limited_by_address_together_with_those_of_the_api() {
    let bed = Bed::with(HttpOptions { credential_rate_per_minute: 3, ..HttpOptions::default() }).await;
    let mut visitor = Visitor::of(&bed);
    for _ in 0..3 {
        assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 401);
    }
    let limited = visitor.sign_in("alice@example.org", OTHER).await;
    assert_eq!(limited.status, 429);
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    is_a_page(&limited, "a limit");
    let body = serde_json::json!({ "email": "a@b.c", "password": "x" });
    assert_eq!(bed.nobody().send("POST", "/v1/auth/login", Some(body)).await.status, 429);
    assert_eq!(visitor.get("/login").await.status, 200, "looking is free");
}

#[tokio::test]
async fn au_09_with_a_mailer_new_and_taken_addresses_are_answered_alike() {
    let (bed, inbox) = mailing().await;
    let mut visitor = Visitor::of(&bed);
    let new = visitor.register("alice@example.org").await;
    let taken = visitor.register("alice@example.org").await;
    for answer in [&new, &taken] {
        assert_eq!((answer.status, answer.header("location")), (303, Some("/register?sent=1")));
        assert!(answer.headers("set-cookie").is_empty());
    }
    let page = visitor.get("/register?sent=1").await.text();
    assert!(page.contains("Look into your mail"), "{page}");
    // The link shows a button, and only the press proves the address: twice opened, it is still good.
    let link = mailed(&inbox, "alice@example.org", 3).await;
    assert!(link.starts_with("/verify-email?token=emv_"), "{link}");
    for _ in 0..2 {
        assert_eq!(visitor.get(&link).await.status, 200);
    }
    let token = link.split('=').nth(1).unwrap().to_owned();
    let done = visitor.submit(&link, "/verify-email", &[("token", &token)]).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/login?notice=email-verified")));
    assert!(visitor.get("/login?notice=email-verified").await.text().contains("is confirmed"));
    let again = visitor.submit(&link, "/verify-email", &[("token", &token)]).await;
    assert_eq!(again.status, 400, "au_12 once");
    is_a_page(&again, "a used link");
}

#[tokio::test]
async fn au_09_au_12_a_forgotten_password_is_chosen_anew_with_a_link() {
    let (bed, inbox) = mailing().await;
    let mut visitor = Visitor::of(&bed);
    visitor.register("alice@example.org").await;
    for email in ["nobody@example.org", "alice@example.org"] {
        let sent = visitor.submit("/forgot-password", "/forgot-password", &[("email", email)]).await;
        assert_eq!((sent.status, sent.header("location")), (303, Some("/forgot-password?sent=1")), "{email}");
    }
    let link = mailed(&inbox, "alice@example.org", 2).await;
    assert!(link.starts_with("/reset-password?token=pwr_"), "{link}");
    let token = link.split('=').nth(1).unwrap().to_owned();
    let reset = async |visitor: &mut Visitor, password: &str| {
        visitor.submit(&link, "/reset-password", &[("token", &token), ("new_password", password)]).await
    };
    let short = reset(&mut visitor, "short").await;
    assert!(
        short.status == 400 && short.text().contains("id=\"new_password-error\""),
        "it leaves the link good"
    );
    let done = reset(&mut visitor, OTHER).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/login?notice=password-reset")));
    let used = reset(&mut visitor, GOOD).await;
    assert_eq!(used.status, 400);
    assert!(used.text().contains("does not work any more") && used.text().contains("/forgot-password"));
    assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 303);
}

#[tokio::test]
async fn where_registration_is_closed_and_no_mail_is_sent_pages_say_so_and_offer_neither() {
    let bed = Bed::with_settings(unlimited(), |settings| {
        settings.sign_in.pools.registration = Registration::Closed;
    })
    .await;
    let mut visitor = Visitor::of(&bed);
    let login = visitor.get("/login").await.text();
    assert!(!login.contains("/register") && !login.contains("/forgot-password"), "{login}");
    let register = visitor.get("/register").await;
    assert!(register.status == 403 && register.text().contains("Registration is closed"));
    let token = visitor.token("/login").await;
    let fields = [("email", "a@example.org"), ("password", GOOD)];
    assert_eq!(visitor.post_with("/register", &token, &fields, "").await.status, 403);
    let forgot = visitor.get("/forgot-password").await;
    assert!(forgot.status == 404 && forgot.text().contains("sends no mail"));
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

#[tokio::test]
async fn odd_forms_are_refused_with_a_page() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    let token = visitor.token("/login").await;
    let send = async |visitor: &Visitor, kind: &str, body: &[u8]| {
        let headers = format!("Content-Type: {kind}\r\n{}", visitor.cookie_line());
        bed.nobody().call("POST", b"/login", &headers, body).await
    };
    let form = "application/x-www-form-urlencoded";
    let good = format!("csrf_token={token}&email=a%40b.c&password=x");
    assert_eq!(
        send(&visitor, "application/x-www-form-urlencoded; charset=UTF-8", good.as_bytes()).await.status,
        401
    );
    for (kind, body, status) in [
        ("application/json", good.clone().into_bytes(), 415),
        ("text/plain", good.clone().into_bytes(), 415),
        (form, format!("{good}&email=c%40d.e").into_bytes(), 400),
        (form, format!("{good}&x=%00").into_bytes(), 400),
        (form, b"\xff=\xff".to_vec(), 400),
        (form, format!("{good}{}", "x".repeat(1 << 20)).into_bytes(), 413),
    ] {
        let refused = send(&visitor, kind, &body).await;
        assert_eq!(refused.status, status, "{kind}");
        is_a_page(&refused, kind);
    }
    // A password of a megabyte, less what else the form holds.
    let long = format!("{good}{}", "x".repeat((1 << 20) - 200));
    assert_eq!(send(&visitor, form, long.as_bytes()).await.status, 400, "au_02");
    visitor.register("alice@example.org").await;
    let long = visitor.submit("/account", "/account/name", &[("name", &"x".repeat(129))]).await;
    assert!(long.status == 400 && long.text().contains("id=\"name-error\""));
    let done = visitor.submit("/account", "/account/name", &[("name", "Alice Liddell")]).await;
    assert_eq!(done.header("location"), Some("/account?notice=renamed"));
    assert!(visitor.get("/account").await.text().contains("Alice Liddell"));
}
