//! Browsers that are signed in: SE-01, SE-02, SE-04, SE-05, SE-08, AU-06, and how a cookie is kept.

use portcullis::browser::{self, BrowserSession, Registered, SignedIn};
use portcullis::session::{self, Device};
use portcullis::sign_in::{Credentials, offer};
use portcullis::{Error, Portcullis};
use portcullis_types::Sensitive;
use portcullis_types::auth::{ChangePasswordBody, RegisterBody};

use crate::bed::{Bed, on_both};
use crate::people::{GOOD, OTHER};

on_both!(
    se_02_a_cookie_is_random_and_only_its_digest_is_stored,
    se_01_signing_in_again_gives_another_cookie_and_kills_the_one_before,
    se_01_a_browser_that_becomes_somebody_else_s_ends_the_session_before,
    se_01_au_06_a_changed_password_gives_another_cookie_and_ends_the_other_sessions,
    a_password_is_changed_together_with_the_cookie_or_not_at_all,
    se_04_a_cookie_that_is_replayed_after_signing_out_is_nobody,
    se_05_a_disabled_user_s_browser_is_nobody_on_every_node,
    se_03_a_browser_s_session_ends_when_it_rests_and_using_it_keeps_it_awake,
    se_08_a_form_token_is_good_for_one_browser_and_one_cookie_on_every_node,
    a_wrong_password_is_counted_and_keeps_the_browser_as_it_is,
    a_registration_without_a_mailer_signs_the_browser_in,
    a_name_is_changed_by_its_user_and_bounded,
);

async fn registered(node: &Portcullis, email: &str) -> SignedIn {
    match browser::register(node, Device::default(), body(email), None).await.unwrap() {
        Registered::SignedIn(signed_in) => *signed_in,
        Registered::MailBound => panic!("no mailer"),
    }
}

fn body(email: &str) -> RegisterBody {
    RegisterBody { email: email.to_owned(), password: Sensitive::new(GOOD), name: None, pool: None }
}

async fn sign_in(node: &Portcullis, email: &str, replaces: Option<&SignedIn>) -> Result<SignedIn, Error> {
    with_password(node, email, GOOD, replaces).await
}

async fn with_password(
    node: &Portcullis,
    email: &str,
    password: &str,
    replaces: Option<&SignedIn>,
) -> Result<SignedIn, Error> {
    let credentials = Credentials { pool: None, email: email.to_owned(), password: Sensitive::new(password) };
    let replaces = replaces.map(|before| before.cookie.expose());
    browser::sign_in(node, Device::default(), credentials, replaces).await
}

async fn current(node: &Portcullis, signed_in: &SignedIn) -> Option<BrowserSession> {
    browser::current(node, signed_in.cookie.expose()).await.unwrap()
}

fn id(signed_in: &SignedIn) -> &str {
    &signed_in.browser.session.session_id
}

async fn se_02_a_cookie_is_random_and_only_its_digest_is_stored(bed: Bed) {
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    let text = alice.cookie.expose();
    let (public, secret) = text.split_once('.').unwrap();
    assert!(public.starts_with("bs_") && secret.len() == 43, "256 bits in base64url");
    assert_eq!(bed.number("SELECT count(*) FROM pc_browser_session WHERE length(digest) = 32").await, 1);
    let found = current(&bed.portcullis, &alice).await.unwrap();
    assert_eq!(
        (found.session.session_id.as_str(), found.session.amr.as_slice()),
        (id(&alice), &["pwd".to_owned()][..])
    );
    let altered = |from: usize, to: &str| format!("{}{to}{}", &text[..from], &text[from + 1..]);
    let swap = if text.ends_with('A') { "B" } else { "A" };
    for other in
        ["", "bs_", public, secret, &text[..text.len() - 1], &text.to_uppercase(), &format!("{text}A")]
    {
        assert!(browser::current(&bed.portcullis, other).await.unwrap().is_none(), "tk_19 {other}");
    }
    // The last character of 43 holds four bits that count and two that do not: one before it is altered.
    let other =
        altered(text.len() - 2, if &text[text.len() - 2..text.len() - 1] == swap { "x" } else { swap });
    assert!(browser::current(&bed.portcullis, &other).await.unwrap().is_none());
}

async fn se_01_signing_in_again_gives_another_cookie_and_kills_the_one_before(bed: Bed) {
    let first = registered(&bed.portcullis, "alice@example.org").await;
    bed.clock.forward(60);
    let second = sign_in(&bed.portcullis, "alice@example.org", Some(&first)).await.unwrap();
    assert_ne!(first.cookie, second.cookie);
    assert!(current(&bed.portcullis, &first).await.is_none(), "the old cookie is dead");
    let now = current(&bed.portcullis, &second).await.unwrap().session;
    assert_eq!(now.session_id, id(&first), "what came from this session stays tied to it");
    assert_eq!(now.auth_time, bed.portcullis.now(), "as_17 it was proven again");
    // Without the cookie it is another browser.
    let third = sign_in(&bed.portcullis, "alice@example.org", None).await.unwrap();
    assert_ne!(id(&third), id(&second));
    // A dead cookie takes nothing over.
    let fourth = sign_in(&bed.portcullis, "alice@example.org", Some(&first)).await.unwrap();
    assert_ne!(id(&fourth), id(&second));
    assert!(
        current(&bed.portcullis, &second).await.is_some() && current(&bed.portcullis, &third).await.is_some()
    );
}

async fn se_01_a_browser_that_becomes_somebody_else_s_ends_the_session_before(bed: Bed) {
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    registered(&bed.portcullis, "bob@example.org").await;
    let bob = sign_in(&bed.portcullis, "bob@example.org", Some(&alice)).await.unwrap();
    assert!(current(&bed.portcullis, &alice).await.is_none());
    assert_ne!(id(&bob), id(&alice));
    let cx = alice.browser.cx(None);
    let left = session::list(&bed.portcullis, &cx, &alice.browser.user.user_id).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

async fn se_01_au_06_a_changed_password_gives_another_cookie_and_ends_the_other_sessions(bed: Bed) {
    let here = registered(&bed.portcullis, "alice@example.org").await;
    let elsewhere = sign_in(&bed.portcullis, "alice@example.org", None).await.unwrap();
    let change = async |current: &str, cookie: &SignedIn| {
        let (current, new) = (Sensitive::new(current), Sensitive::new(OTHER));
        let body = ChangePasswordBody { current_password: current, new_password: new };
        let of = (&cookie.browser, cookie.cookie.expose());
        browser::change_password(&bed.portcullis, Device::default(), of, body).await
    };
    assert!(matches!(change(OTHER, &here).await, Err(Error::InvalidCredentials)));
    assert!(current(&bed.portcullis, &here).await.is_some());
    let changed = change(GOOD, &here).await.unwrap();
    assert_eq!(id(&changed), id(&here));
    for dead in [&here, &elsewhere] {
        assert!(current(&bed.portcullis, dead).await.is_none());
    }
    assert!(current(&bed.portcullis, &changed).await.is_some());
    assert!(with_password(&bed.portcullis, "alice@example.org", OTHER, None).await.is_ok());
}

async fn a_password_is_changed_together_with_the_cookie_or_not_at_all(bed: Bed) {
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    let (current_password, new_password) = (Sensitive::new(GOOD), Sensitive::new(OTHER));
    let body = ChangePasswordBody { current_password, new_password };
    let of = (&alice.browser, alice.cookie.expose());
    bed.execute(match bed.store.kind() {
        "sqlite" => {
            "CREATE TRIGGER full BEFORE INSERT ON pc_browser_session BEGIN SELECT RAISE(ABORT, 'full'); END"
        }
        _ => "ALTER TABLE pc_browser_session ADD CONSTRAINT full_up CHECK (false) NOT VALID",
    })
    .await;
    assert!(browser::change_password(&bed.portcullis, Device::default(), of, body).await.is_err());
    bed.execute(match bed.store.kind() {
        "sqlite" => "DROP TRIGGER full",
        _ => "ALTER TABLE pc_browser_session DROP CONSTRAINT full_up",
    })
    .await;
    assert!(current(&bed.portcullis, &alice).await.is_some(), "the cookie that was sent is good");
    assert!(with_password(&bed.portcullis, "alice@example.org", GOOD, None).await.is_ok());
}

async fn se_04_a_cookie_that_is_replayed_after_signing_out_is_nobody(bed: Bed) {
    let other = bed.node("b").await;
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    assert!(current(&other, &alice).await.is_some());
    browser::sign_out(&bed.portcullis, Device::default(), alice.cookie.expose()).await.unwrap();
    for node in [&bed.portcullis, &other] {
        assert!(current(node, &alice).await.is_none());
    }
    // Twice, or with anything: nothing happens.
    for cookie in [alice.cookie.expose(), "", "bs_x.y"] {
        browser::sign_out(&bed.portcullis, Device::default(), cookie).await.unwrap();
    }
    assert_eq!(bed.number("SELECT count(*) FROM pc_browser_session").await, 0);
}

async fn se_05_a_disabled_user_s_browser_is_nobody_on_every_node(bed: Bed) {
    let other = bed.node("b").await;
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    portcullis::user::disable(&bed.portcullis, &bed.owner, &alice.browser.user.user_id).await.unwrap();
    for node in [&bed.portcullis, &other] {
        assert!(current(node, &alice).await.is_none());
    }
    assert!(matches!(
        sign_in(&other, "alice@example.org", Some(&alice)).await,
        Err(Error::InvalidCredentials)
    ));
}

async fn se_03_a_browser_s_session_ends_when_it_rests_and_using_it_keeps_it_awake(bed: Bed) {
    const DAY: i64 = 86_400;
    let (used, rests) = (
        registered(&bed.portcullis, "alice@example.org").await,
        registered(&bed.portcullis, "bob@example.org").await,
    );
    bed.clock.forward(13 * DAY);
    assert!(current(&bed.portcullis, &used).await.is_some());
    crate::bed::within_a_second("the use is noted", async || {
        bed.number("SELECT max(last_seen_at) FROM pc_session").await == bed.portcullis.now().micros()
    })
    .await;
    bed.clock.forward(2 * DAY);
    assert!(current(&bed.portcullis, &used).await.is_some());
    assert!(current(&bed.portcullis, &rests).await.is_none());
}

async fn se_08_a_form_token_is_good_for_one_browser_and_one_cookie_on_every_node(bed: Bed) {
    let other = bed.node("b").await;
    let (one, two) =
        (browser::new_binding(&bed.portcullis).unwrap(), browser::new_binding(&bed.portcullis).unwrap());
    assert!(one != two && browser::is_binding(&one) && !browser::is_binding(&one[1..]));
    let anonymous = browser::form_token(&bed.portcullis, &one, None);
    let signed_in = browser::form_token(&bed.portcullis, &one, Some("bs_1.s"));
    for node in [&bed.portcullis, &other] {
        assert!(browser::is_form_token(node, &one, None, &anonymous));
        assert!(browser::is_form_token(node, &one, Some("bs_1.s"), &signed_in));
        for (binding, cookie, token) in [
            (&two, None, &anonymous),
            (&one, Some("bs_1.s"), &anonymous),
            (&one, Some("bs_2.s"), &signed_in),
            (&one, None, &signed_in),
            (&one, None, &anonymous[..42].to_owned()),
            (&one, None, &format!("{anonymous}A")),
            (&one, None, &String::new()),
        ] {
            assert!(!browser::is_form_token(node, binding, cookie, token), "{cookie:?} {token}");
        }
    }
}

async fn a_wrong_password_is_counted_and_keeps_the_browser_as_it_is(bed: Bed) {
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    for _ in 0..10 {
        let wrong = with_password(&bed.portcullis, "alice@example.org", OTHER, Some(&alice)).await;
        assert!(matches!(wrong, Err(Error::InvalidCredentials)));
    }
    let locked = sign_in(&bed.portcullis, "alice@example.org", Some(&alice)).await;
    assert!(matches!(locked, Err(Error::TooManyAttempts { retry_after_secs: 900 })), "au_08 {locked:?}");
    assert!(current(&bed.portcullis, &alice).await.is_some());
}

async fn a_registration_without_a_mailer_signs_the_browser_in(bed: Bed) {
    let offered = offer(&bed.portcullis, None).await.unwrap();
    assert_eq!((offered.registration, offered.mails, offered.password_min_length), (true, false, 15));
    assert!(!offer(&bed.portcullis, Some("nowhere")).await.unwrap().registration);
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    assert_eq!(alice.browser.user.email.as_deref(), Some("alice@example.org"));
    let taken = browser::register(&bed.portcullis, Device::default(), body("alice@example.org"), None).await;
    assert!(matches!(taken, Err(Error::EmailTaken)));
    // Somebody else's browser before.
    let replaces = Some(alice.cookie.expose());
    browser::register(&bed.portcullis, Device::default(), body("bob@example.org"), replaces).await.unwrap();
    assert!(current(&bed.portcullis, &alice).await.is_none());
}

async fn a_name_is_changed_by_its_user_and_bounded(bed: Bed) {
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    let cx = alice.browser.cx(None);
    portcullis::user::rename(&bed.portcullis, &cx, "  Alice Liddell ").await.unwrap();
    let named = current(&bed.portcullis, &alice).await.unwrap().user;
    assert_eq!(
        (named.name.as_deref(), named.email.as_deref()),
        (Some("Alice Liddell"), Some("alice@example.org"))
    );
    for long in ["x".repeat(129), "a\u{0}b".to_owned()] {
        let refused = portcullis::user::rename(&bed.portcullis, &cx, &long).await;
        assert!(matches!(&refused, Err(Error::Invalid(field)) if field.field == "name"), "{refused:?}");
    }
    portcullis::user::rename(&bed.portcullis, &cx, " ").await.unwrap();
    assert_eq!(current(&bed.portcullis, &alice).await.unwrap().user.name, None);
    assert!(matches!(
        portcullis::user::rename(&bed.portcullis, &bed.owner, "x").await,
        Err(Error::Forbidden { .. })
    ));
}
