//! Redeeming authorization codes: AS-05, AS-08 to AS-10, AS-23, TK-08, TK-09, TK-19, TK-25.

use portcullis::jose::{self, Digest};
use portcullis::oauth::{OAuthError, Parameters};
use portcullis::session::Device;
use portcullis::{Portcullis, oauth};
use portcullis_types::application::{ApplicationKind, ClientAuthenticationMethod};
use portcullis_types::oauth::TokenResponse;
use serde_json::json;

use crate::bed::{Bed, URL, on_both, within_a_second};
use crate::make::body;
use crate::oauth_flow::{
    API, REDIRECT, VERIFIER, application, begin, claims, code, code_of, opens, person, redeem, shop, why,
};

on_both!(
    tk_25_a_code_gives_what_was_asked_for,
    as_05_the_verifier_is_the_one_of_the_challenge,
    as_08_a_second_use_ends_everything_on_all_nodes_within_a_second,
    as_08_of_fifty_uses_at_once_on_two_nodes_one_succeeds,
    as_09_a_code_is_good_for_less_than_a_minute,
    as_10_another_client_cannot_redeem_a_code_and_does_not_burn_it,
    as_10_a_code_is_bound_to_its_redirect_uri_and_its_resource,
    as_10_as_23_each_part_of_the_last_step_is_that_of_the_first,
    tk_08_what_the_application_may_not_ask_for_any_more_is_not_redeemed,
    tk_08_tk_09_a_token_is_for_one_audience_and_for_what_the_application_may_have,
    tk_19_another_form_of_a_code_is_not_known,
    a_code_dies_with_its_browser_session_and_its_user,
    as_10_a_code_is_not_another_application_s_that_has_its_client_s_id_later,
    tk_08_a_code_gives_nothing_that_was_taken_from_its_application_meanwhile,
);

const REUSES: &str = "SELECT COUNT(*) FROM pc_audit WHERE action = 'session.end' AND detail = 'code_reuse'";

async fn refresh(node: &Portcullis, tokens: &TokenResponse) -> Result<TokenResponse, OAuthError> {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "shop"),
        ("refresh_token", tokens.refresh_token.as_ref().unwrap().expose()),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    oauth::token(node, None, &Parameters::of(form).unwrap(), Device::default()).await
}

async fn tk_25_a_code_gives_what_was_asked_for(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    bed.clock.forward(5);
    let first = code(node, &[("scope", "openid email offline_access")], &alice).await;
    let tokens = redeem(node, &first, &[]).await.unwrap();
    assert_eq!(
        (tokens.token_type.as_str(), tokens.scope.as_deref()),
        ("Bearer", Some("openid email offline_access"))
    );
    let told = claims(tokens.id_token.as_ref().unwrap());
    for (name, value) in [
        ("iss", json!(URL)),
        ("sub", json!(alice.user.user_id)),
        ("aud", json!("shop")),
        ("nonce", json!("n-1")),
        ("auth_time", json!(alice.session.auth_time.secs())),
        ("sid", json!(alice.session.session_id)),
        ("email", json!("alice@example.org")),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    // Of SHA-512, which EdDSA signs with, the left half (OpenID Connect Core section 3.3.2.11).
    let half = |text: &str| json!(jose::Algorithm::EdDsa.half_hash(text));
    assert_eq!((&told["c_hash"], &told["at_hash"]), (&half(&first), &half(tokens.access_token.expose())));
    assert!(opens(node, &tokens).await);
    assert!(refresh(node, &tokens).await.is_ok());
    // Without `openid` no ID token, without `offline_access` no refresh token.
    let bare = redeem(node, &code(node, &[("scope", "email")], &alice).await, &[]).await.unwrap();
    assert!(bare.id_token.is_none() && bare.refresh_token.is_none());
}

async fn as_05_the_verifier_is_the_one_of_the_challenge(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let secret = application(&bed, "old", |body| {
        body.kind = ApplicationKind::Web;
        body.first_party = true;
        body.require_pkce = false;
        body.authentication_method = Some(ClientAuthenticationMethod::ClientSecretPost);
    })
    .await
    .unwrap();
    let alice = person(node, "alice@example.org").await;
    let challenged = code(node, &[], &alice).await;
    for verifier in [
        "",
        "x",
        &VERIFIER[1..],
        &VERIFIER.to_lowercase(),
        &format!("{VERIFIER}x"),
        crate::oauth_flow::CHALLENGE,
    ] {
        assert_eq!(
            why(redeem(node, &challenged, &[("code_verifier", verifier)]).await),
            "invalid_grant",
            "{verifier}"
        );
    }
    // The vector of RFC 7636, appendix B; and what was wrong before burnt nothing.
    assert!(redeem(node, &challenged, &[]).await.is_ok());
    let old = [("client_id", "old"), ("client_secret", secret.as_str())];
    let bare = [("client_id", "old"), ("code_challenge", ""), ("code_challenge_method", "")];
    let unchallenged = code_of(begin(node, &bare, Some(&alice)).await);
    assert_eq!(why(redeem(node, &unchallenged, &old).await), "invalid_grant");
    assert!(redeem(node, &unchallenged, &[old[0], old[1], ("code_verifier", "")]).await.is_ok());
    // Whoever may leave the challenge out and does not is held to it.
    let challenged = code_of(begin(node, &[("client_id", "old")], Some(&alice)).await);
    assert_eq!(
        why(redeem(node, &challenged, &[old[0], old[1], ("code_verifier", "")]).await),
        "invalid_grant"
    );
}

async fn as_08_a_second_use_ends_everything_on_all_nodes_within_a_second(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    shop(&bed).await;
    let alice = person(here, "alice@example.org").await;
    let stolen = code(here, &[("scope", "openid offline_access")], &alice).await;
    let other = code(here, &[("scope", "openid offline_access")], &alice).await;
    let first = redeem(here, &stolen, &[]).await.unwrap();
    let kept = redeem(here, &other, &[]).await.unwrap();
    let refreshed = refresh(here, &first).await.unwrap();
    for node in [here, there] {
        assert!(opens(node, &first).await && opens(node, &refreshed).await);
    }
    // However late, and whatever else is wrong with it.
    bed.clock.forward(600);
    assert_eq!(why(redeem(here, &stolen, &[("code_verifier", "")]).await), "invalid_grant");
    for tokens in [&first, &refreshed] {
        assert!(!opens(here, tokens).await);
        within_a_second("the other node hears of it", async || !opens(there, tokens).await).await;
        assert_eq!(why(refresh(there, tokens).await), "invalid_grant");
    }
    assert!(opens(here, &kept).await && refresh(there, &kept).await.is_ok());
    assert_eq!(bed.number(REUSES).await, 1);
    // A third use ends nothing any more, and a code of the same browser is still redeemed.
    assert_eq!(why(redeem(there, &stolen, &[]).await), "invalid_grant");
    assert_eq!(bed.number(REUSES).await, 1);
    assert!(redeem(there, &code(here, &[], &alice).await, &[]).await.is_ok());
}

async fn as_08_of_fifty_uses_at_once_on_two_nodes_one_succeeds(bed: Bed) {
    let (here, there) = (bed.portcullis.clone(), bed.node("b").await);
    shop(&bed).await;
    let alice = person(&here, "alice@example.org").await;
    let one = code(&here, &[], &alice).await;
    let mut uses = tokio::task::JoinSet::new();
    for index in 0..50 {
        let (node, one) = (if index % 2 == 0 { here.clone() } else { there.clone() }, one.clone());
        uses.spawn(async move { redeem(&node, &one, &[]).await });
    }
    let answers = uses.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(
        answers.iter().flatten().count() == 1
            && answers
                .iter()
                .filter_map(|one| one.as_ref().err())
                .all(|error| error.code.as_str() == "invalid_grant")
    );
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_session WHERE application_id IS NOT NULL").await, 1);
    assert_eq!(bed.number(REUSES).await, 1);
}

async fn as_09_a_code_is_good_for_less_than_a_minute(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let (early, late) = (code(node, &[], &alice).await, code(node, &[], &alice).await);
    bed.clock.forward_micros(59_999_999);
    assert!(redeem(node, &early, &[]).await.is_ok());
    bed.clock.forward_micros(1);
    assert_eq!(why(redeem(node, &late, &[]).await), "invalid_grant");
}

async fn as_10_another_client_cannot_redeem_a_code_and_does_not_burn_it(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "public", |body| body.first_party = true).await;
    let secret = application(&bed, "confidential", |body| {
        body.kind = ApplicationKind::Web;
        body.authentication_method = Some(ClientAuthenticationMethod::ClientSecretPost);
    })
    .await
    .unwrap();
    let alice = person(node, "alice@example.org").await;
    let mine = code(node, &[], &alice).await;
    let thieves = [
        &[("client_id", "public")][..],
        &[("client_id", "confidential"), ("client_secret", secret.as_str())],
    ];
    for thief in thieves {
        assert_eq!(why(redeem(node, &mine, thief).await), "invalid_grant");
    }
    let tokens = redeem(node, &mine, &[]).await.unwrap();
    // Nor does it end anything by using it again.
    for thief in thieves {
        assert_eq!(why(redeem(node, &mine, thief).await), "invalid_grant");
    }
    assert!(opens(node, &tokens).await);
    assert_eq!(bed.number(REUSES).await, 0);
}

async fn as_10_a_code_is_bound_to_its_redirect_uri_and_its_resource(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let one = code(node, &[("resource", API)], &alice).await;
    for other in
        ["https://shop.example.org/other", "https://shop.example.org/callback", &format!("{REDIRECT}&x=1")]
    {
        assert_eq!(why(redeem(node, &one, &[("redirect_uri", other)]).await), "invalid_grant");
    }
    assert_eq!(why(redeem(node, &one, &[("redirect_uri", "")]).await), "invalid_request");
    for (name, other) in [("resource", "https://other.example.org"), ("audience", URL)] {
        assert_eq!(why(redeem(node, &one, &[(name, other)]).await), "invalid_target");
    }
    assert!(redeem(node, &one, &[("resource", API)]).await.is_ok());
}

async fn as_10_as_23_each_part_of_the_last_step_is_that_of_the_first(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "other", |body| body.first_party = true).await;
    let (alice, bob) = (person(node, "alice@example.org").await, person(node, "bob@example.org").await);
    let asked = [("scope", "openid"), ("resource", API), ("nonce", "n-7")];
    let one = code(node, &asked, &alice).await;
    for (name, value, why_not) in [
        ("client_id", "other", "invalid_grant"),
        ("client_id", "nobody", "invalid_client"),
        ("redirect_uri", "https://shop.example.org/other", "invalid_grant"),
        ("redirect_uri", "", "invalid_request"),
        ("code_verifier", "", "invalid_grant"),
        ("code_verifier", &VERIFIER.replace('d', "e"), "invalid_grant"),
        ("resource", "https://other.example.org", "invalid_target"),
        ("code", "", "invalid_request"),
        ("code", &code(node, &asked, &bob).await.replace("ac_", "dc_"), "invalid_grant"),
        ("grant_type", "refresh_token", "invalid_request"),
        ("grant_type", "client_credentials", "unauthorized_client"),
    ] {
        assert_eq!(why(redeem(node, &one, &[(name, value)]).await), why_not, "{name}={value}");
    }
    // What the last step has no say in changes nothing: not whose, what for, nor for which sign-in.
    let loud = [
        ("scope", "openid email profile offline_access"),
        ("nonce", "n-8"),
        ("state", "x"),
        ("sub", "bob"),
        ("username", "bob"),
        ("max_age", "0"),
        ("code_challenge", "x"),
        ("acr", "2fa"),
    ];
    let tokens = redeem(node, &one, &loud).await.unwrap();
    let (id, access) = (claims(tokens.id_token.as_ref().unwrap()), claims(&tokens.access_token));
    assert_eq!((&id["sub"], &id["nonce"]), (&json!(alice.user.user_id), &json!("n-7")));
    assert_eq!((&access["scope"], &access["aud"]), (&json!("openid"), &json!(API)));
    assert!(tokens.refresh_token.is_none() && id.get("email").is_none());
}

async fn tk_08_what_the_application_may_not_ask_for_any_more_is_not_redeemed(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let asked = [("resource", API), ("scope", "openid email")];
    let codes = [code(node, &asked, &alice).await, code(node, &asked, &alice).await];
    let settings = portcullis::application::show(node, &bed.owner, "shop").await.unwrap();
    for (code, member, left, error) in [
        (&codes[0], "audiences", json!(["https://other.example.org"]), "invalid_grant"),
        (&codes[1], "scopes", json!(["openid"]), "invalid_scope"),
    ] {
        let mut changed = serde_json::to_value(&settings).unwrap();
        changed[member] = left;
        portcullis::application::update(node, &bed.owner, "shop", body(changed), None).await.unwrap();
        assert_eq!(why(redeem(node, code, &[]).await), error, "{member}");
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_session WHERE application_id IS NOT NULL").await, 0);
}

async fn tk_08_tk_09_a_token_is_for_one_audience_and_for_what_the_application_may_have(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    application(&bed, "api", |body| {
        body.first_party = true;
        body.default_audience = Some(API.to_owned());
        body.scopes = Some(vec!["openid".to_owned(), "orders:read".to_owned()]);
    })
    .await;
    let alice = person(node, "alice@example.org").await;
    let audience = async |client: &str, pairs: &[(&str, &str)]| {
        let asked = [&[("client_id", client), ("scope", "openid")][..], pairs].concat();
        let tokens = redeem(node, &code(node, &asked, &alice).await, &[("client_id", client)]).await.unwrap();
        claims(&tokens.access_token)["aud"].clone()
    };
    let userinfo = format!("{URL}/oauth2/userinfo");
    assert_eq!(audience("shop", &[]).await, json!(userinfo));
    assert_eq!(audience("shop", &[("resource", API)]).await, json!(API));
    assert_eq!(audience("shop", &[("audience", API)]).await, json!(API));
    assert_eq!(audience("shop", &[("resource", API), ("audience", API)]).await, json!(API));
    assert_eq!(audience("api", &[]).await, json!(API));
    // Never more than was asked for, nor than the application may ask for.
    let some = [("client_id", "api"), ("scope", "orders:read")];
    let tokens = redeem(node, &code(node, &some, &alice).await, &[("client_id", "api")]).await.unwrap();
    assert_eq!(claims(&tokens.access_token)["scope"], json!("orders:read"));
    // A token for somebody else opens nothing here.
    let foreign = redeem(node, &code(node, &[("resource", API)], &alice).await, &[]).await.unwrap();
    assert!(!opens(node, &foreign).await);
}

async fn tk_19_another_form_of_a_code_is_not_known(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let (one, other) = (code(node, &[], &alice).await, code(node, &[], &alice).await);
    let (id, secret) = one.split_once('.').unwrap();
    let (_, other_secret) = other.split_once('.').unwrap();
    for forged in [
        "x".to_owned(),
        id.to_owned(),
        format!("{id}."),
        format!("{id}.{other_secret}"),
        format!("{id}.{}", &secret[1..]),
        format!("{one}A"),
        format!(" {one}"),
        one.to_uppercase(),
        one.replacen("ac_", "rt_", 1),
    ] {
        assert_eq!(why(redeem(node, &forged, &[]).await), "invalid_grant", "{forged}");
    }
    assert!(redeem(node, &one, &[]).await.is_ok());
    let digest = Digest::of(secret.as_bytes());
    let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let column = if bed.store.kind() == "sqlite" { "lower(hex(digest))" } else { "encode(digest, 'hex')" };
    let kept = format!("SELECT COUNT(*) FROM pc_authorization_code WHERE {column} = '{hex}'");
    assert_eq!(bed.number(&kept).await, 1, "nothing but the digest is kept");
}

async fn a_code_dies_with_its_browser_session_and_its_user(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let one = code(node, &[], &alice).await;
    portcullis::session::end(node, &bed.owner, &alice.session.session_id).await.unwrap();
    assert_eq!(why(redeem(node, &one, &[]).await), "invalid_grant");
    let bob = person(node, "bob@example.org").await;
    let one = code(node, &[("scope", "openid offline_access")], &bob).await;
    portcullis::user::disable(node, &bed.owner, &bob.user.user_id).await.unwrap();
    assert_eq!(why(redeem(node, &one, &[]).await), "invalid_grant");
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_session WHERE application_id IS NOT NULL").await, 0);
}

async fn as_10_a_code_is_not_another_application_s_that_has_its_client_s_id_later(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let before = code(node, &[], &alice).await;
    portcullis::application::delete(node, &bed.owner, "shop").await.unwrap();
    bed.clock.forward(1);
    shop(&bed).await;
    assert_eq!(why(redeem(node, &before, &[]).await), "invalid_grant");
    assert!(redeem(node, &code(node, &[], &alice).await, &[]).await.is_ok());
}

async fn tk_08_a_code_gives_nothing_that_was_taken_from_its_application_meanwhile(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let before = code(node, &[("resource", API)], &alice).await;
    let shown = portcullis::application::show(node, &bed.owner, "shop").await.unwrap();
    let change = async |name: &str, value: serde_json::Value| {
        let mut body = serde_json::to_value(&shown).unwrap();
        for own in ["createdAt", "lastUpdated", "links", "applicationId"] {
            body.as_object_mut().unwrap().remove(own);
        }
        body[name] = value;
        let body = serde_json::from_value(body).unwrap();
        portcullis::application::update(node, &bed.owner, "shop", body, None).await.unwrap();
    };
    change("audiences", json!([])).await;
    assert_eq!(why(redeem(node, &before, &[]).await), "invalid_grant");
    let pool = serde_json::from_value(json!({"name": "Own"})).unwrap();
    portcullis::user_pool::put(node, &bed.owner, "own", pool).await.unwrap();
    change("userPool", json!("own")).await;
    assert_eq!(why(redeem(node, &before, &[]).await), "access_denied");
    change("scopes", json!([])).await;
    assert_eq!(why(redeem(node, &before, &[("scope", "openid")]).await), "invalid_scope");
    // What was refused was not used up.
    change("name", json!("Shop")).await;
    assert!(redeem(node, &before, &[]).await.is_ok());
}
