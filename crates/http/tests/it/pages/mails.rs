//! What is done by mail, and what the pages offer without (AU-09, AU-12).

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::mail::InboxMailer;
use portcullis_types::sign_in::Registration;

use super::{is_a_page, unlimited};
use crate::bed::Bed;
use crate::visitor::{GOOD, OTHER, Visitor};

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
