//! Redirect URIs from their registration to the answer: AS-01, AS-03. What each text may hold is the domain's (`redirect_uri.rs`).

use portcullis::application::{create, update};
use portcullis::apply::{ApplyDocument, apply};
use portcullis::oauth::authorize::Refusal;
use portcullis_types::application::ApplicationKind;
use serde_json::{Value, json};

use crate::bed::{Bed, on_both};
use crate::make::body;
use crate::oauth_flow::{
    REDIRECT, answer, application, begin, code_of, person, redeem, refusal, response, shop, waiting, why,
};
use crate::people::field;

on_both!(
    as_01_nobody_is_sent_to_another_byte_than_what_is_registered,
    as_01_of_a_native_application_s_loopback_address_the_port_alone_is_free,
    as_03_what_may_not_be_registered_is_refused_however_it_comes,
);

async fn as_01_nobody_is_sent_to_another_byte_than_what_is_registered(bed: Bed) {
    let node = &bed.portcullis;
    shop(&bed).await;
    let alice = person(node, "alice@example.org").await;
    let mut others: Vec<String> = (0..REDIRECT.len())
        .map(|at| {
            let other = if REDIRECT.as_bytes()[at] == b'a' { "b" } else { "a" };
            format!("{}{other}{}", &REDIRECT[..at], &REDIRECT[at + 1..])
        })
        .collect();
    others.extend((1..REDIRECT.len()).map(|end| REDIRECT[..end].to_owned()));
    others.extend(["&x=1", "#", "/", "%20", ".", "@evil.example"].map(|more| format!("{REDIRECT}{more}")));
    others.extend([
        REDIRECT.to_uppercase(),
        REDIRECT.replacen("https://", "https://a@", 1),
        REDIRECT.replacen("shop.example.org", "shop.example.org:443", 1),
        REDIRECT.replacen("shop.example.org", "shop.example.org.", 1),
        REDIRECT.replacen("/callback", "/./callback", 1),
        REDIRECT.replacen("/callback", "/other/../callback", 1),
        REDIRECT.replacen("callback", "%63allback", 1),
        format!("{REDIRECT} {REDIRECT}"),
    ]);
    for other in &others {
        for browser in [None, Some(&alice)] {
            let step = begin(node, &[("redirect_uri", other)], browser).await;
            assert!(matches!(refusal(step), Refusal::UnknownRedirectUri), "{other}");
        }
    }
    let sent = response(begin(node, &[], Some(&alice)).await);
    assert_eq!(sent.redirect_uri, REDIRECT);
    // Nor is the code redeemed with another one, also not with another that is registered.
    let code = sent.parameters[0].1.clone();
    for other in others.iter().map(String::as_str).chain(["https://shop.example.org/other"]) {
        assert_eq!(why(redeem(node, &code, &[("redirect_uri", other)]).await), "invalid_grant", "{other}");
    }
    assert!(redeem(node, &code, &[]).await.is_ok());
}

async fn as_01_of_a_native_application_s_loopback_address_the_port_alone_is_free(bed: Bed) {
    let node = &bed.portcullis;
    for (id, kind) in [("cli", ApplicationKind::Native), ("spa", ApplicationKind::Browser)] {
        application(&bed, id, |body| {
            body.kind = kind;
            body.first_party = true;
            body.redirect_uris = ["http://127.0.0.1/cb", "http://[::1]:8400/cb", "http://localhost:8400/cb"]
                .map(String::from)
                .into();
        })
        .await;
    }
    let alice = person(node, "alice@example.org").await;
    for (client_id, redirect_uri, known) in [
        ("cli", "http://127.0.0.1:49152/cb", true),
        ("cli", "http://[::1]:49152/cb", true),
        ("cli", "http://localhost:49152/cb", false),
        ("cli", "http://127.0.0.1:49152/cb?x", false),
        ("cli", "http://127.0.0.1:49152@evil.example/cb", false),
        ("cli", "https://127.0.0.1:49152/cb", false),
        ("spa", "http://127.0.0.1:49152/cb", false),
        ("spa", "http://[::1]:49152/cb", false),
        ("spa", "http://127.0.0.1/cb", true),
    ] {
        let pairs = [("client_id", client_id), ("redirect_uri", redirect_uri)];
        let step = begin(node, &pairs, Some(&alice)).await;
        if !known {
            assert!(matches!(refusal(step), Refusal::UnknownRedirectUri), "{client_id} {redirect_uri}");
            continue;
        }
        let sent = response(step);
        assert_eq!(sent.redirect_uri, redirect_uri, "to the port that listens");
        let code = sent.parameters[0].1.clone();
        // The port that listened is as good as the rest of it.
        let other = redirect_uri.replace("49152", "49153");
        if other != redirect_uri {
            assert_eq!(
                why(redeem(node, &code, &[pairs[0], ("redirect_uri", &other)]).await),
                "invalid_grant"
            );
        }
        assert!(redeem(node, &code, &pairs).await.is_ok(), "{redirect_uri}");
    }
}

async fn as_03_what_may_not_be_registered_is_refused_however_it_comes(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let of = |redirect_uri: &str| -> Value {
        json!({"applicationId": "shop", "name": "Shop", "kind": "browser", "firstParty": true,
            "redirectUris": ["https://shop.example.org/cb", redirect_uri]})
    };
    create(node, owner, body(of("https://shop.example.org/other"))).await.unwrap();
    for bad in [
        "https://*.example.org/cb",
        "https://shop.example.org/*",
        "https://shop.example.org/cb#x",
        "https://user@shop.example.org/cb",
        "https://user:secret@shop.example.org/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://shop.example.org/cb",
        "http://127.0.0.1.example.org/cb",
        "com.example.shop:/cb",
        "//shop.example.org/cb",
        "",
    ] {
        assert_eq!(field(create(node, owner, body(of(bad))).await), "redirectUris[1]", "{bad}");
        assert_eq!(field(update(node, owner, "shop", body(of(bad)), None).await), "redirectUris[1]", "{bad}");
        let document = body::<ApplyDocument>(json!({"applications": [of(bad)]}));
        assert!(apply(node, owner, document, false).await.is_err(), "{bad}");
        // And what could not be registered is not taken at the endpoint.
        let step = begin(node, &[("redirect_uri", bad)], None).await;
        assert!(matches!(refusal(step), Refusal::UnknownRedirectUri), "{bad}");
    }
    // Of what was refused nothing stayed, and what was taken away by a change is no more.
    let other = [("redirect_uri", "https://shop.example.org/other")];
    let waits = waiting(begin(node, &other, None).await);
    update(node, owner, "shop", body(of("https://shop.example.org/new")), None).await.unwrap();
    assert!(matches!(refusal(begin(node, &other, None).await), Refusal::UnknownRedirectUri));
    let alice = person(node, "alice@example.org").await;
    let resumed = crate::oauth_flow::resume(node, &waits, Some(&alice)).await;
    assert!(matches!(refusal(resumed), Refusal::UnknownRedirectUri), "nor where it waited");
    let new = [("redirect_uri", "https://shop.example.org/new"), ("scope", "openid")];
    code_of(begin(node, &new, Some(&alice)).await);
    assert!(answer(begin(node, &[new[0], ("scope", "none")], Some(&alice)).await).contains_key("error"));
}
