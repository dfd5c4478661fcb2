//! How many user codes may be entered that are nobody's, and how many codes there may be (DV-01).

use portcullis::browser::BrowserSession;
use portcullis::oauth::device::DeviceQuestion;
use portcullis::{Error, Portcullis, Result};

use crate::bed::{Bed, on_both};
use crate::make_devices::{
    application, enter, enter_from, from, is_unknown, person, signed_in, start, start_with, television,
};

on_both!(
    dv_01_the_sixth_wrong_code_of_a_session_is_refused_and_so_is_a_right_one,
    dv_01_fifty_wrong_codes_at_once_are_five_guesses,
    dv_01_a_network_has_twenty_wrong_codes_an_hour,
    dv_01_everybody_together_has_a_bound_too,
    dv_01_every_code_that_does_not_work_is_answered_alike,
    dv_01_an_application_asks_for_thirty_codes_a_minute_from_a_network,
    dv_01_only_so_many_codes_are_pending_at_once,
);

/// Codes that nobody has, each another one.
fn wrong(number: usize) -> String {
    let letters = b"BCDFGHJKLMNPQRSTVWXZ";
    let (first, second) = (letters[number % 20], letters[number / 20 % 20]);
    format!("ZZZZ-ZZ{}{}", char::from(first), char::from(second))
}

async fn guess(
    node: &Portcullis,
    browser: &BrowserSession,
    number: usize,
    ip: &str,
) -> Result<DeviceQuestion> {
    enter_from(node, browser, &wrong(number), ip).await
}

/// For how many seconds nothing is taken.
fn wait<T: std::fmt::Debug>(answer: Result<T>) -> u32 {
    match answer {
        Err(Error::TooManyAttempts { retry_after_secs }) => retry_after_secs,
        other => panic!("{other:?}"),
    }
}

async fn dv_01_the_sixth_wrong_code_of_a_session_is_refused_and_so_is_a_right_one(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let given = start(node, &tv).await;
    for n in 0..5 {
        assert!(is_unknown(&guess(node, &alice, n, "198.51.100.1").await), "{n}");
        bed.clock.forward(1);
    }
    assert_eq!(wait(guess(node, &alice, 5, "198.51.100.2").await), 595, "wherever it comes from");
    assert_eq!(wait(enter(node, &alice, &given).await), 595, "nothing is told about a right one");
    // What cannot be a code is none, and tells nothing either.
    assert!(is_unknown(&enter_from(node, &alice, "hello", "198.51.100.1").await));
    // Another session of the same person has five of its own.
    let elsewhere = signed_in(node, "alice@example.org").await;
    assert!(is_unknown(&guess(node, &elsewhere, 6, "198.51.100.1").await));
    bed.clock.forward(595);
    assert!(enter(node, &alice, &start(node, &tv).await).await.is_ok());
}

async fn dv_01_fifty_wrong_codes_at_once_are_five_guesses(bed: Bed) {
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    let alice = person(&nodes[0], "alice@example.org").await;
    let guesses: Vec<_> = (0..50)
        .map(|n| {
            let (node, alice) = (nodes[n % 2].clone(), alice.clone());
            tokio::spawn(async move { guess(&node, &alice, n, &format!("198.51.100.{n}")).await })
        })
        .collect();
    let mut looked_at = 0;
    for guessed in guesses {
        let answer = guessed.await.unwrap();
        if is_unknown(&answer) {
            looked_at += 1
        } else {
            wait(answer);
        }
    }
    assert_eq!(looked_at, 5);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_device_guess").await, 5);
}

async fn dv_01_a_network_has_twenty_wrong_codes_an_hour(bed: Bed) {
    let node = &bed.portcullis;
    person(node, "alice@example.org").await;
    let mut last = None;
    for n in 0..20 {
        if n % 5 == 0 {
            last = Some(signed_in(node, "alice@example.org").await);
        }
        // Addresses of one IPv6 network are one.
        assert!(is_unknown(&guess(node, last.as_ref().unwrap(), n, &format!("2001:db8::{n:x}")).await));
    }
    let fresh = signed_in(node, "alice@example.org").await;
    assert_eq!(wait(guess(node, &fresh, 20, "2001:db8::ffff").await), 3_600);
    assert!(is_unknown(&guess(node, &fresh, 20, "2001:db8:0:1::1").await), "another network");
    bed.clock.forward(3_600);
    let later = signed_in(node, "alice@example.org").await;
    assert!(is_unknown(&guess(node, &later, 21, "2001:db8::1").await));
}

async fn dv_01_everybody_together_has_a_bound_too(bed: Bed) {
    let node = &bed.node_with("b", |settings| settings.devices.exposure_per_day = 7).await;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let bob = person(node, "bob@example.org").await;
    // Three codes could be hit by each guess.
    let given = [start(node, &tv).await, start(node, &tv).await, start(node, &tv).await];
    for (n, browser) in [&alice, &bob, &alice].into_iter().enumerate() {
        assert!(is_unknown(&guess(node, browser, n, &format!("198.51.100.{n}")).await));
    }
    for browser in [&alice, &bob] {
        assert_eq!(wait(enter(node, browser, &given[0]).await), 86_400);
    }
    bed.clock.forward(86_400);
    let given = start(node, &tv).await;
    let alice = signed_in(node, "alice@example.org").await;
    assert!(enter(node, &alice, &given).await.is_ok());
}

async fn dv_01_every_code_that_does_not_work_is_answered_alike(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let bob = person(node, "bob@example.org").await;
    let (expired, taken, used) = (start(node, &tv).await, start(node, &tv).await, start(node, &tv).await);
    crate::make_devices::approve(node, &alice, &used).await;
    bed.clock.forward(400);
    let (fresh, denied) = (start(node, &tv).await, start(node, &tv).await);
    enter(node, &bob, &fresh).await.unwrap();
    enter(node, &alice, &denied).await.unwrap();
    crate::make_devices::decide(node, &alice, &denied, false).await.unwrap();
    enter(node, &bob, &taken).await.unwrap();
    bed.clock.forward(200);
    for (what, code) in [("expired", &expired), ("another's", &fresh), ("used", &used), ("denied", &denied)] {
        assert!(is_unknown(&enter(node, &alice, code).await), "{what}");
    }
    assert!(is_unknown(&guess(node, &alice, 0, "198.51.100.1").await), "unknown");
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_device_guess").await, 5, "and each of them counts");
}

async fn dv_01_an_application_asks_for_thirty_codes_a_minute_from_a_network(bed: Bed) {
    let node = &bed.portcullis;
    let (tv, radio) =
        (application(&bed, television("tv")).await, application(&bed, television("radio")).await);
    for _ in 0..30 {
        start_with(node, &tv, "", &from("192.0.2.7")).await.unwrap();
    }
    let refused = start_with(node, &tv, "", &from("::ffff:192.0.2.7")).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status()), ("slow_down", 400));
    start_with(node, &tv, "", &from("192.0.2.8")).await.unwrap();
    start_with(node, &radio, "", &from("192.0.2.7")).await.unwrap();
    bed.clock.forward(60);
    start_with(node, &tv, "", &from("192.0.2.7")).await.unwrap();
}

async fn dv_01_only_so_many_codes_are_pending_at_once(bed: Bed) {
    let node = &bed.node_with("b", |settings| settings.devices.most_pending = 3).await;
    let (tv, alice) = (application(&bed, television("tv")).await, person(node, "alice@example.org").await);
    let given = [start(node, &tv).await, start(node, &tv).await, start(node, &tv).await];
    let refused = start_with(node, &tv, "", &from("192.0.2.9")).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status()), ("temporarily_unavailable", 503));
    crate::make_devices::approve(node, &alice, &given[0]).await;
    start(node, &tv).await;
    assert!(start_with(node, &tv, "", &from("192.0.2.9")).await.is_err());
    bed.clock.forward(600);
    start(node, &tv).await;
}
