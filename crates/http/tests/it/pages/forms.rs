//! Which forms are taken, and what becomes of those that are not (SE-08, AU-02).

use super::is_a_page;
use crate::bed::Bed;
use crate::visitor::{GOOD, OTHER, Visitor};

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
        ("/oauth2/logout/confirm", "/oauth2/logout"),
    ] {
        let answer = visitor.get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(page)), "{path}");
    }
    assert_eq!(visitor.get("/account").await.status, 200, "se_08: nothing is done by opening an address");
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
