//! Who sent a bearer: the three forms, everything that must be refused, and what is refused although it is in memory.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::jose::{AccessKey, SigningKey};
use portcullis::{Error, Portcullis, client, token, user};
use portcullis_types::authress::{ClientAccessKey, TokenRequest};
use portcullis_types::{Caller, Timestamp};
use serde_json::{Value, json};

use crate::bed::{Bed, START, Seeded, URL, is_refused, on_both, sender, settings, within_a_second};
use crate::make::{body, statement};

on_both!(
    the_three_forms_of_a_bearer_are_accepted,
    a_client_s_token_is_accepted_from_every_configured_origin_and_no_other,
    tk_14_tk_15_claims_of_a_client_s_token_are_checked,
    tk_11_the_algorithm_is_the_key_s,
    tk_11_a_key_verifies_only_its_own_client_s_tokens,
    tk_13_only_access_tokens_of_ours_are_access_tokens,
    tk_19_a_raw_key_is_compared_whole,
    what_was_deleted_is_refused_at_once_although_it_is_remembered,
    a_token_of_one_node_is_good_on_another_and_after_a_restart,
);

async fn new_client(bed: &Bed) -> (String, AccessKey, ClientAccessKey) {
    let made = client::create(&bed.portcullis, &bed.owner, body(json!({}))).await.unwrap();
    let key =
        client::create_key(&bed.portcullis, &bed.owner, &made.client_id, body(json!({}))).await.unwrap();
    let access_key = AccessKey::parse(key.access_key.as_ref().unwrap()).unwrap();
    (made.client_id, access_key, key)
}

/// A token of the client that `key` belongs to, with some claims and header members replaced (`null` takes one away).
fn forge(key: &AccessKey, header: Value, claims: Value) -> String {
    let id = key.client_id();
    let mut head = json!({"typ": "JWT", "alg": "EdDSA", "kid": key.key_id()});
    let mut all = json!({
        "iss": format!("{URL}/v1/clients/{id}"), "sub": id, "aud": format!("{}.accounts.authress.io", key.account_id()),
        "iat": START.secs(), "exp": START.secs() + 600,
    });
    for (whole, part) in [(&mut head, header), (&mut all, claims)] {
        for (name, value) in part.as_object().unwrap() {
            whole[name] = value.clone();
        }
        whole.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    sign(key, &head, &all)
}

fn sign(key: &AccessKey, header: &Value, claims: &Value) -> String {
    let der = base64::engine::general_purpose::STANDARD.decode(key.private_key_base64()).unwrap();
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&der[16..]).unwrap();
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

async fn refused(node: &Portcullis, bearer: &str) -> bool {
    // Twice: a refusal is not remembered as anything else.
    is_refused(&sender(node, bearer).await) && is_refused(&sender(node, bearer).await)
}

async fn the_three_forms_of_a_bearer_are_accepted(bed: Bed) {
    let (id, key, made) = new_client(&bed).await;
    let node = &bed.portcullis;
    let expected = Caller::Client {
        client_id: id.into(),
        key_id: key.key_id().into(),
        options: portcullis_types::authress::ClientOptions::default(),
    };
    let jwt = key.mint_client_token(URL, START, 600).unwrap();
    for bearer in [jwt.as_str(), made.access_key.as_deref().unwrap()] {
        assert!(node.remembered(bearer).is_none());
        assert_eq!(sender(node, bearer).await.unwrap(), expected);
        assert_eq!(node.remembered(bearer).unwrap(), expected);
        assert_eq!(sender(node, bearer).await.unwrap(), expected);
    }
    let minted = bed.mint("alice").await;
    let alice = sender(node, &minted.token).await.unwrap();
    assert_eq!(alice, Caller::User { user_id: "alice".into(), limited_by: None, session_id: None });
    let wanted = body::<TokenRequest>(json!({"statements": [statement(&["r"], &["docs"])]}));
    let limited = token::create(node, &bed.owner, "alice", wanted).await.unwrap();
    let caller = sender(node, &limited.token).await.unwrap();
    assert_eq!(
        caller,
        Caller::User { user_id: "alice".into(), limited_by: Some(limited.token_id.into()), session_id: None }
    );
    // Expiry ends what is remembered, too.
    bed.clock.forward(600);
    assert!(refused(node, &jwt).await && node.remembered(&jwt).is_none());
    bed.clock.forward(3_000);
    assert!(refused(node, &minted.token).await, "an hour is over");
}

async fn a_client_s_token_is_accepted_from_every_configured_origin_and_no_other(bed: Bed) {
    let node = &bed.portcullis;
    let key = &bed.key;
    let official = format!("https://{}.api.authress.io", key.account_id());
    for origin in [URL, "http://127.0.0.1:8443/", "http://localhost:8443", official.as_str()] {
        let good = forge(key, json!({}), json!({"iss": format!("{origin}/v1/clients/{}", key.client_id())}));
        assert!(sender(node, &good).await.is_ok(), "{origin}");
    }
    for origin in [
        "http://127.0.0.1",
        "http://127.0.0.1:84433",
        "https://127.0.0.1:8443",
        "http://localhost",
        "",
        "http://127.0.0.1:8443.evil.test",
        "https://acc-other.api.authress.io",
        "http://127.0.0.1:8443/api",
    ] {
        let bad = forge(key, json!({}), json!({"iss": format!("{origin}/v1/clients/{}", key.client_id())}));
        assert!(refused(node, &bad).await, "{origin}");
    }
    for path in
        ["v1/clients/", "/v2/clients/", "/v1/clients", "/v1/clients//", "/v1/Clients/", "/v1/clients/x/", "/"]
    {
        let bad = forge(key, json!({}), json!({"iss": format!("{URL}{path}{}", key.client_id())}));
        assert!(refused(node, &bad).await, "{path}");
    }
}

async fn tk_14_tk_15_claims_of_a_client_s_token_are_checked(bed: Bed) {
    let node = &bed.portcullis;
    let (other, _, _) = new_client(&bed).await;
    let now = START.secs();
    let audience = format!("{}.accounts.authress.io", bed.key.account_id());
    let bad = [
        json!({"aud": "acc-other.accounts.authress.io"}),
        json!({"aud": format!("x{audience}")}),
        json!({"aud": format!("{audience}x")}),
        json!({"aud": [format!("{audience}.evil")]}),
        json!({"aud": null}),
        json!({"aud": {"is": audience}}),
        json!({"sub": other}),
        json!({"sub": null}),
        json!({"sub": 7}),
        json!({"iss": format!("{URL}/v1/clients/{other}")}),
        json!({"iss": format!("{URL}/v1/clients/{other}"), "sub": other}),
        json!({"iss": null}),
        json!({"iss": URL}),
        json!({"exp": now}),
        json!({"exp": now - 1}),
        json!({"exp": null}),
        json!({"exp": "tomorrow"}),
        json!({"exp": (now + 600).to_string()}),
        json!({"iat": now + 61}),
        json!({"nbf": now + 61}),
        json!({"nbf": "now"}),
    ];
    for claims in bad {
        assert!(refused(node, &forge(&bed.key, json!({}), claims.clone())).await, "{claims}");
    }
    for claims in
        [json!({"iat": now + 59, "nbf": now + 59}), json!({"aud": ["else", audience]}), json!({"scope": "x"})]
    {
        assert!(sender(node, &forge(&bed.key, json!({}), claims.clone())).await.is_ok(), "{claims}");
    }
}

async fn tk_11_the_algorithm_is_the_key_s(bed: Bed) {
    let node = &bed.portcullis;
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "RS256"}),
        json!({"alg": null}),
        json!({"alg": "eddsa"}),
        json!({"kid": null}),
        json!({"kid": "other"}),
        json!({"kid": "../x"}),
        json!({"crit": ["x"], "x": 1}),
        json!({"b64": false, "crit": ["b64"]}),
    ] {
        assert!(refused(node, &forge(&bed.key, header.clone(), json!({}))).await, "{header}");
    }
    // The public key as an HMAC secret, and no signature at all.
    let good = forge(&bed.key, json!({}), json!({}));
    let (text, signature) = good.rsplit_once('.').unwrap();
    let claims = text.split('.').nth(1).unwrap();
    let header = json!({"typ": "JWT", "alg": "HS256", "kid": bed.key.key_id()});
    let forged = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let spki = bed.key.verifying_key().spki_base64();
    let public = bed.key.verifying_key().public_bytes().to_vec();
    for secret in [spki.into_bytes(), public] {
        let hmac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let tag = URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&hmac, forged.as_bytes()));
        assert!(refused(node, &format!("{forged}.{tag}")).await);
    }
    let longer =
        json!({"iss": format!("{URL}/v1/clients/{}", bed.key.client_id()), "sub": bed.key.client_id(),
        "aud": format!("{}.accounts.authress.io", bed.key.account_id()), "exp": START.secs() + 9_999})
        .to_string();
    let tampered =
        format!("{}.{}.{signature}", text.split('.').next().unwrap(), URL_SAFE_NO_PAD.encode(longer));
    for bad in [
        format!("{text}."),
        text.to_owned(),
        tampered,
        format!("{good}A"),
        good[..good.len() - 4].to_owned(),
        format!("{good}.{signature}"),
        format!(" {good}"),
        format!("Bearer {good}"),
        String::new(),
        "x".repeat(20_000),
    ] {
        assert!(refused(node, &bad).await, "{bad:.40}");
    }
    assert!(sender(node, &good).await.is_ok());
}

/// Two clients may have keys of one id; the issuer says whose is meant.
async fn tk_11_a_key_verifies_only_its_own_client_s_tokens(bed: Bed) {
    let node = &bed.portcullis;
    let account = bed.portcullis.account().account_id.clone();
    let keys: Vec<AccessKey> = ["sc_one", "sc_two"]
        .iter()
        .map(|id| {
            AccessKey::generate(
                id,
                "samekid",
                &account,
                &Seeded::new(id.len() as u64 + u64::from(id.as_bytes()[3])),
            )
            .unwrap()
        })
        .collect();
    let clients: Vec<Value> = keys
        .iter()
        .map(|key| json!({"clientId": key.client_id(), "publicKeys": [{"keyId": "samekid", "publicKey": key.verifying_key().spki_base64()}]}))
        .collect();
    portcullis::apply::apply(node, &bed.owner, body(json!({"clients": clients})), false).await.unwrap();
    let own = forge(&keys[0], json!({}), json!({}));
    assert!(sender(node, &own).await.is_ok());
    let as_two = json!({"iss": format!("{URL}/v1/clients/sc_two"), "sub": "sc_two"});
    assert!(refused(node, &forge(&keys[0], json!({}), as_two)).await, "signed by one, issued as two");
    let raw = keys[0].reveal().replacen("sc_one", "sc_two", 1);
    assert!(refused(node, &raw).await, "the raw key of one, named two");
    // Deleting the key of one leaves the other's tokens alone.
    let two = forge(&keys[1], json!({}), json!({}));
    assert!(sender(node, &two).await.is_ok());
    client::delete_key(node, &bed.owner, "sc_one", "samekid").await.unwrap();
    assert!(refused(node, &own).await && refused(node, &keys[0].reveal()).await);
    assert!(node.remembered(&two).is_some() && sender(node, &two).await.is_ok());
}

async fn tk_13_only_access_tokens_of_ours_are_access_tokens(bed: Bed) {
    let node = &bed.portcullis;
    let minted = bed.mint("alice").await;
    let parts: Vec<&str> = minted.token.split('.').collect();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert_eq!((header["typ"].as_str(), claims["iss"].as_str()), (Some("at+jwt"), Some(URL)));
    // The installation's own key, by the master key: what nobody outside has.
    let row = bed.store.read().await.unwrap().queries().signing_keys().await.unwrap().remove(0);
    let context = format!("portcullis signing key {}", row.kid);
    let private = crate::bed::master_key().open(context.as_bytes(), &row.sealed).unwrap();
    let ours = SigningKey::from_seed(row.kid.clone(), &private).unwrap();
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    assert!(sender(node, &ours.sign("at+jwt", &claims).unwrap()).await.is_ok(), "the very claims");
    for typ in ["JWT", "id_token+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt", ""] {
        assert!(refused(node, &ours.sign(typ, &claims).unwrap()).await, "{typ}");
    }
    for (name, value) in [
        ("sub", json!("bob")),
        ("jti", json!("tok_unknown")),
        ("exp", json!(START.secs() + 99_999)),
        ("jti", Value::Null),
        ("iss", json!("http://localhost:8443")),
        ("sub", json!("cli:root")),
    ] {
        assert!(refused(node, &ours.sign("at+jwt", &with(name, value)).unwrap()).await, "{name}");
    }
    // Somebody else's key under our key's id.
    let theirs = SigningKey::generate(row.kid, &Seeded::new(99)).unwrap();
    assert!(refused(node, &theirs.sign("at+jwt", &claims).unwrap()).await);
}

async fn tk_19_a_raw_key_is_compared_whole(bed: Bed) {
    let node = &bed.portcullis;
    let (id, key, _) = new_client(&bed).await;
    let good = key.reveal();
    let (other_id, other, _) = new_client(&bed).await;
    let account = key.account_id();
    let secret = key.private_key_base64();
    for bad in [
        format!("{id}.{}.{account}.{}", key.key_id(), other.private_key_base64()),
        format!("{id}.{}.{account}.{secret}", other.key_id()),
        format!("{other_id}.{}.{account}.{secret}", key.key_id()),
        format!("{id}.{}.acc-0000000000.{secret}", key.key_id()),
        format!("{id}.{}.{account}.{}", key.key_id(), &secret[..60]),
        format!("{good}A"),
        good.to_uppercase(),
        good[..good.len() - 1].to_owned(),
    ] {
        assert!(refused(node, &bad).await, "{bad}");
    }
    assert!(sender(node, &good).await.is_ok());
    client::delete_key(node, &bed.owner, &id, key.key_id()).await.unwrap();
    assert!(refused(node, &good).await);
}

/// Everything that ends a bearer ends it on the writing node at once, and on the other within a second.
async fn what_was_deleted_is_refused_at_once_although_it_is_remembered(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let owner = &bed.owner;
    let (id, key, _) = new_client(&bed).await;
    let (gone, gone_key, _) = new_client(&bed).await;
    user::create(here, owner, body(json!({"userId": "alice"}))).await.unwrap();
    let jwt = key.mint_client_token(URL, START, 600).unwrap();
    let gone_jwt = gone_key.mint_client_token(URL, START, 600).unwrap();
    let (raw, gone_raw) = (key.reveal(), gone_key.reveal());
    let (alice, bob) = (bed.mint("alice").await, bed.mint("bob").await);
    let all = [&jwt, &gone_jwt, &raw, &gone_raw, &alice.token, &bob.token];
    for bearer in all {
        for node in [here, there] {
            // What another node just changed is still on its way, and makes a node forget what it remembers.
            within_a_second("a good token is remembered", async || {
                assert!(sender(node, bearer).await.is_ok());
                node.remembered(bearer).is_some()
            })
            .await;
        }
    }
    let ended = async |bearers: &[&String]| {
        for bearer in bearers {
            assert!(is_refused(&sender(here, bearer).await), "here, at once");
        }
        for bearer in bearers {
            within_a_second("there", async || is_refused(&sender(there, bearer).await)).await;
        }
    };
    client::delete_key(here, owner, &id, key.key_id()).await.unwrap();
    ended(&[&jwt, &raw]).await;
    client::delete(here, owner, &gone).await.unwrap();
    ended(&[&gone_jwt, &gone_raw]).await;
    user::delete(here, owner, "alice").await.unwrap();
    ended(&[&alice.token]).await;
    token::disable(here, owner, "bob", &bob.token_id).await.unwrap();
    ended(&[&bob.token]).await;
    let again = token::disable(here, owner, "bob", &bob.token_id).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "disabled before");
}

async fn a_token_of_one_node_is_good_on_another_and_after_a_restart(bed: Bed) {
    let minted = bed.mint("alice").await;
    let there = bed.node("b").await;
    assert!(sender(&there, &minted.token).await.is_ok());
    let expected = (bed.portcullis.account().clone(), bed.portcullis.jwks());
    let Bed { portcullis, store, clock, url, .. } = bed;
    drop(portcullis);
    store.close().await;
    let store = portcullis::store::open(&url, crate::bed::options()).await.unwrap();
    let again = Portcullis::start(store, settings(&clock, "a", 77)).await.unwrap();
    assert!(sender(&again, &minted.token).await.is_ok());
    assert_eq!((again.account().clone(), again.jwks()), expected);
    assert!(again.now() >= Timestamp::from_secs(START.secs()));
}
