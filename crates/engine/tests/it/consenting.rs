//! Consent: AZ-14, RFC 8252 section 8.6.

use portcullis::Error;
use portcullis::oauth::authorize::Step;
use portcullis::oauth::consent;
use portcullis_types::application::ApplicationKind;

use crate::bed::{Bed, on_both, user, within_a_second};
use crate::oauth_flow::{
    API, answer, application, asked, begin, code, code_of, decide, opens, person, redeem, resume, shop, why,
};

on_both!(
    az_14_consent_is_asked_once_for_each_application_audience_and_scope,
    az_14_a_no_is_told_and_not_remembered,
    az_14_an_answer_counts_only_for_whom_was_asked,
    az_14_what_was_allowed_is_listed_and_withdrawn_with_all_tokens_on_all_nodes_within_a_second,
    az_14_an_application_of_the_same_id_is_asked_about_again,
    our_own_applications_are_asked_about_only_when_they_want_it,
    an_application_behind_a_private_use_scheme_gets_nothing_unseen,
);

async fn az_14_consent_is_asked_once_for_each_application_audience_and_scope(bed: Bed) {
    let node = &bed.portcullis;
    application(&bed, "shop", |_| {}).await;
    application(&bed, "other", |_| {}).await;
    let (alice, bob) = (person(node, "alice@example.org").await, person(node, "bob@example.org").await);
    let (waiting, question) = asked(begin(node, &[], Some(&alice)).await);
    assert_eq!(question.application_name, "The shop");
    assert_eq!(question.redirect_host, "shop.example.org");
    assert_eq!(question.scopes, ["openid", "email"]);
    assert_eq!(question.audience, format!("{}/oauth2/userinfo", node.public_url()));
    assert_eq!(question.user, "alice@example.org");
    assert!(
        matches!(resume(node, &waiting, Some(&alice)).await, Step::Consent { .. }),
        "not by loading it again"
    );
    code_of(decide(node, &waiting, &alice, true).await);
    code(node, &[], &alice).await;
    code(node, &[("scope", "email")], &alice).await;
    for more in [
        &[("scope", "openid email profile")][..],
        &[("resource", API)],
        &[("client_id", "other")],
        &[("prompt", "consent")],
    ] {
        asked(begin(node, more, Some(&alice)).await);
    }
    asked(begin(node, &[], Some(&bob)).await);
    // More is added to what was allowed before.
    let (waiting, question) = asked(begin(node, &[("scope", "profile")], Some(&alice)).await);
    assert_eq!(question.scopes, ["profile"]);
    code_of(decide(node, &waiting, &alice, true).await);
    code(node, &[("scope", "openid email profile")], &alice).await;
}

async fn az_14_a_no_is_told_and_not_remembered(bed: Bed) {
    let node = &bed.portcullis;
    application(&bed, "shop", |_| {}).await;
    let alice = person(node, "alice@example.org").await;
    let (waiting, _) = asked(begin(node, &[], Some(&alice)).await);
    let told = answer(decide(node, &waiting, &alice, false).await);
    assert_eq!((told["error"].as_str(), told["state"].as_str()), ("access_denied", "st&te"));
    assert_eq!(told["iss"], node.public_url());
    asked(begin(node, &[], Some(&alice)).await);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_authorization_code").await, 0);
}

async fn az_14_an_answer_counts_only_for_whom_was_asked(bed: Bed) {
    let node = &bed.portcullis;
    application(&bed, "shop", |_| {}).await;
    let (alice, bob) = (person(node, "alice@example.org").await, person(node, "bob@example.org").await);
    let Step::SignIn(never_asked) = begin(node, &[], None).await else { panic!("nobody is signed in") };
    let (asked_alice, _) = asked(begin(node, &[], Some(&alice)).await);
    // Somebody else signed in meanwhile, or nobody was asked: the question is put (again).
    for (waiting, browser, of) in [(&asked_alice, &bob, "bob@"), (&never_asked, &alice, "alice@")] {
        let (_, question) = asked(decide(node, waiting, browser, true).await);
        assert!(question.user.starts_with(of));
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_consent").await, 0);
    // A fresh sign-in that is due is due for the answer too.
    let (waiting, _) = asked(begin(node, &[("max_age", "10")], Some(&alice)).await);
    let mut stale = alice.clone();
    stale.session.auth_time = stale.session.auth_time.plus_secs(-11);
    assert!(matches!(decide(node, &waiting, &stale, true).await, Step::SignIn(_)));
    code_of(decide(node, &waiting, &alice, true).await);
}

async fn az_14_what_was_allowed_is_listed_and_withdrawn_with_all_tokens_on_all_nodes_within_a_second(
    bed: Bed,
) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    application(&bed, "shop", |_| {}).await;
    application(&bed, "ours", |body| body.first_party = true).await;
    let alice = person(here, "alice@example.org").await;
    let id = alice.user.user_id.as_str();
    let me = user(id);
    assert!(consent::list(here, &me, id).await.unwrap().is_empty());
    assert!(matches!(consent::withdraw(here, &me, id, "shop").await, Err(Error::NotFound(_))));
    let given_at = here.now();
    let (waiting, _) = asked(begin(here, &[("resource", API)], Some(&alice)).await);
    code_of(decide(here, &waiting, &alice, true).await);
    let (waiting, _) = asked(begin(here, &[("scope", "openid offline_access")], Some(&alice)).await);
    let one = code_of(decide(here, &waiting, &alice, true).await);
    let tokens = redeem(here, &one, &[]).await.unwrap();
    let unused = code(here, &[("scope", "openid")], &alice).await;
    let own = redeem(here, &code(here, &[("client_id", "ours")], &alice).await, &[("client_id", "ours")])
        .await
        .unwrap();
    assert!(opens(there, &tokens).await);
    let listed = consent::list(there, &me, id).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.application_id.as_str()).collect::<Vec<_>>(), ["ours", "shop"]);
    assert_eq!((listed[0].name.as_str(), listed[0].given_at), ("The ours", None));
    assert_eq!((listed[1].name.as_str(), listed[1].given_at), ("The shop", Some(given_at)));
    assert_eq!(listed[1].scopes.iter().collect::<Vec<_>>(), ["email", "offline_access", "openid"]);
    assert_eq!(listed[1].audiences.len(), 2);
    assert!(listed.iter().all(|one| one.last_used_at.is_some()));
    // Nobody else sees or ends anything.
    for stranger in [user("bob"), crate::bed::client("sc_other"), crate::bed::limited(id, "tok_x")] {
        assert!(matches!(consent::list(here, &stranger, id).await, Err(Error::NotFound(_))));
        assert!(matches!(consent::withdraw(here, &stranger, id, "shop").await, Err(Error::NotFound(_))));
    }
    assert!(opens(here, &tokens).await);
    consent::withdraw(here, &me, id, "shop").await.unwrap();
    assert!(!opens(here, &tokens).await);
    within_a_second("the other node hears of it", async || !opens(there, &tokens).await).await;
    assert_eq!(why(redeem(there, &unused, &[]).await), "invalid_grant");
    asked(begin(there, &[("scope", "openid")], Some(&alice)).await);
    assert!(opens(there, &own).await, "another application's");
    assert_eq!(consent::list(here, &me, id).await.unwrap().len(), 1);
    // The owner may withdraw for somebody else; of our own application, what it holds ends.
    consent::withdraw(here, &bed.owner, id, "ours").await.unwrap();
    assert!(!opens(here, &own).await);
    let lines = "SELECT COUNT(*) FROM pc_audit WHERE action IN ('consent.give', 'consent.withdraw')";
    assert_eq!(bed.number(lines).await, 4);
}

async fn az_14_an_application_of_the_same_id_is_asked_about_again(bed: Bed) {
    let node = &bed.portcullis;
    application(&bed, "shop", |_| {}).await;
    let alice = person(node, "alice@example.org").await;
    let (waiting, _) = asked(begin(node, &[], Some(&alice)).await);
    code_of(decide(node, &waiting, &alice, true).await);
    bed.execute("CREATE TABLE late AS SELECT * FROM pc_consent").await;
    bed.clock.forward(1);
    portcullis::application::delete(node, &bed.owner, "shop").await.unwrap();
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_consent").await, 0);
    application(&bed, "shop", |_| {}).await;
    asked(begin(node, &[], Some(&alice)).await);
    // Also if an answer of back then was written down late, and they are asked for less now.
    bed.execute("INSERT INTO pc_consent SELECT * FROM late").await;
    let (waiting, _) = asked(begin(node, &[("scope", "openid")], Some(&alice)).await);
    code_of(decide(node, &waiting, &alice, true).await);
    code(node, &[("scope", "openid")], &alice).await;
    asked(begin(node, &[("scope", "openid email")], Some(&alice)).await);
}

async fn our_own_applications_are_asked_about_only_when_they_want_it(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    code(node, &[], &alice).await;
    let (waiting, _) = asked(begin(node, &[("prompt", "consent")], Some(&alice)).await);
    code_of(decide(node, &waiting, &alice, true).await);
    asked(begin(node, &[("prompt", "consent")], Some(&alice)).await);
}

async fn an_application_behind_a_private_use_scheme_gets_nothing_unseen(bed: Bed) {
    let node = &bed.portcullis;
    let (scheme, loopback) = ("com.example.phone:/cb", "http://127.0.0.1/cb");
    for (id, first_party) in [("phone", false), ("ours", true)] {
        application(&bed, id, |body| {
            body.kind = ApplicationKind::Native;
            body.first_party = first_party;
            body.redirect_uris = vec![scheme.to_owned(), loopback.to_owned()];
        })
        .await;
    }
    let alice = person(node, "alice@example.org").await;
    bed.clock.forward(1);
    let at = |id: &'static str, uri: &'static str| [("client_id", id), ("redirect_uri", uri)];
    let (waiting, question) = asked(begin(node, &at("phone", scheme), Some(&alice)).await);
    assert_eq!(question.redirect_host, "com.example.phone");
    code_of(decide(node, &waiting, &alice, true).await);
    asked(begin(node, &at("phone", scheme), Some(&alice)).await);
    // Of a loopback address, what was allowed counts, whatever the port.
    code_of(begin(node, &at("phone", "http://127.0.0.1:49152/cb"), Some(&alice)).await);
    // Of our own application, a sign-in is enough; without one, they see who asks.
    let (waiting, _) = asked(begin(node, &at("ours", scheme), Some(&alice)).await);
    let alice = crate::oauth_flow::sign_in(node, "alice@example.org").await;
    code_of(resume(node, &waiting, Some(&alice)).await);
    code_of(begin(node, &at("ours", loopback), Some(&alice)).await);
}
