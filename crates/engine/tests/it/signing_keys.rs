//! Keys take turns (TK-24), on every node, and are dropped in an emergency.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::jose::Algorithm;
use portcullis::{Error, Portcullis, key, token};
use portcullis_types::key::{KeyState, KeySummary, RotateKeyBody};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bed::{Bed, URL, on_both, sender, user, within_a_second};
use crate::oauth_bed::{app, token as application_token};

on_both!(
    tk_24_a_new_key_is_published_before_it_signs_and_the_old_one_verifies_until_its_last_token_is_over,
    a_key_that_is_revoked_verifies_nothing_on_any_node_within_a_second,
    a_key_that_is_next_takes_the_place_of_a_revoked_one_without_waiting,
    a_first_key_is_made_once_however_many_nodes_need_it,
    tk_24_of_nodes_that_promote_a_key_at_once_one_does_and_all_sign_with_it,
    tk_24_a_key_waits_for_its_own_time_and_is_kept_for_the_longest_token,
    one_key_waits_at_a_time_and_an_algorithm_must_be_known,
    only_who_may_sees_and_changes_keys,
);

const DAY: i64 = 24 * 60 * 60;

/// The key that a token names.
fn signer(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// A token of the longest life there is.
async fn mint(bed: &Bed, node: &Portcullis) -> String {
    token::mint(node, &bed.owner, "alice", 30 * DAY).await.unwrap().token
}

fn publishes(node: &Portcullis, kid: &str) -> bool {
    node.jwks().find(kid).is_some()
}

async fn rotate(bed: &Bed, algorithm: Option<&str>) -> Result<KeySummary, Error> {
    let body = RotateKeyBody { algorithm: algorithm.map(str::to_owned) };
    key::rotate(&bed.portcullis, &bed.owner, body).await
}

async fn states(bed: &Bed) -> Vec<(String, KeyState)> {
    let keys = key::list(&bed.portcullis, &bed.owner).await.unwrap();
    keys.into_iter().map(|key| (key.algorithm, key.state)).collect()
}

async fn tk_24_a_new_key_is_published_before_it_signs_and_the_old_one_verifies_until_its_last_token_is_over(
    bed: Bed,
) {
    let nodes = [&bed.portcullis, &bed.node("b").await];
    let old = signer(&mint(&bed, nodes[0]).await);
    bed.clock.forward(1);
    let new = rotate(&bed, None).await.unwrap();
    assert_eq!((new.state, new.activates_at), (KeyState::Next, Some(bed.portcullis.now().plus_secs(600))));
    let new = new.key_id;
    for node in nodes {
        within_a_second("the next key is published", async || publishes(node, &new)).await;
    }
    // Key sets are kept for five minutes: for twice as long nothing is signed with it.
    bed.clock.forward(599);
    let last = mint(&bed, nodes[1]).await;
    assert_eq!(signer(&last), old);
    bed.clock.forward(1);
    for node in nodes {
        within_a_second("the new key signs", async || signer(&mint(&bed, node).await) == new).await;
    }
    let eddsa = "EdDSA".to_owned();
    assert_eq!(states(&bed).await, [(eddsa.clone(), KeyState::Retired), (eddsa.clone(), KeyState::Active)]);

    // What the old one signed is good for as long as it says.
    bed.clock.forward(30 * DAY - 2);
    for node in nodes {
        assert!(publishes(node, &old) && sender(node, &last).await.is_ok());
        assert!(node.remembered(&last).is_some());
    }
    bed.clock.forward(302);
    for node in nodes {
        within_a_second("the old key is dropped", async || {
            !publishes(node, &old) && publishes(node, &new) && sender(node, &last).await.is_err()
        })
        .await;
    }
    assert_eq!(states(&bed).await, [(eddsa, KeyState::Active)]);
}

async fn a_key_that_is_revoked_verifies_nothing_on_any_node_within_a_second(bed: Bed) {
    let nodes = [&bed.portcullis, &bed.node("b").await];
    let stolen = mint(&bed, nodes[0]).await;
    for node in nodes {
        assert!(sender(node, &stolen).await.is_ok() && node.remembered(&stolen).is_some());
    }
    key::revoke(&bed.portcullis, &bed.owner, &signer(&stolen)).await.unwrap();
    assert!(sender(nodes[0], &stolen).await.is_err(), "at once");
    for node in nodes {
        within_a_second("the key is gone", async || {
            node.remembered(&stolen).is_none()
                && sender(node, &stolen).await.is_err()
                && !publishes(node, &signer(&stolen))
        })
        .await;
    }
    for node in nodes {
        let fresh = mint(&bed, node).await;
        assert_ne!(signer(&fresh), signer(&stolen));
        assert!(sender(nodes[0], &fresh).await.is_ok() && sender(nodes[1], &fresh).await.is_ok());
    }
    assert_eq!(states(&bed).await, [("EdDSA".to_owned(), KeyState::Active)]);
    let again = key::revoke(&bed.portcullis, &bed.owner, &signer(&stolen)).await;
    assert!(matches!(again, Err(Error::NotFound("key"))));
}

async fn a_key_that_is_next_takes_the_place_of_a_revoked_one_without_waiting(bed: Bed) {
    let old = mint(&bed, &bed.portcullis).await;
    let next = rotate(&bed, Some("EdDSA")).await.unwrap().key_id;
    key::revoke(&bed.portcullis, &bed.owner, &signer(&old)).await.unwrap();
    assert_eq!(signer(&mint(&bed, &bed.portcullis).await), next);
    // One that only waits or only verifies is dropped without another in its place.
    let waiting = rotate(&bed, None).await.unwrap().key_id;
    key::revoke(&bed.portcullis, &bed.owner, &waiting).await.unwrap();
    assert!(!publishes(&bed.portcullis, &waiting));
    assert_eq!(states(&bed).await, [("EdDSA".to_owned(), KeyState::Active)]);
}

async fn a_first_key_is_made_once_however_many_nodes_need_it(bed: Bed) {
    let others = [bed.node("b").await, bed.node("c").await, bed.node("d").await];
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let mut making = JoinSet::new();
        for node in others.iter().chain([&bed.portcullis]).flat_map(|node| [node, node]) {
            let (node, owner) = (node.clone(), bed.owner.clone());
            making.spawn(async move { key::ensure(&node, &owner, algorithm).await });
        }
        for made in making.join_all().await {
            made.unwrap();
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_signing_key WHERE algorithm = 'RS256'").await, 1);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_signing_key WHERE algorithm = 'ES256'").await, 1);
    for node in others.iter().chain([&bed.portcullis]) {
        within_a_second("all three are published", async || {
            let kinds: Vec<String> = node.jwks().keys.into_iter().map(|key| key.kty).collect();
            ["OKP", "EC", "RSA"].iter().all(|kind| kinds.iter().any(|kty| kty == kind))
        })
        .await;
    }
}

async fn tk_24_of_nodes_that_promote_a_key_at_once_one_does_and_all_sign_with_it(bed: Bed) {
    let nodes = [bed.portcullis.clone(), bed.node("b").await, bed.node("c").await];
    let own = app(&bed, "own", json!({"signingAlgorithm": "ES256"})).await;
    let of_application = async |node: &Portcullis| {
        let pairs = [("grant_type", "client_credentials"), ("resource", URL)];
        application_token(node, &own, &pairs).await.unwrap().access_token.into_inner()
    };
    for node in &nodes {
        within_a_second("the first key is known", async || node.jwks().keys.len() == 2).await;
    }
    for round in 1..=4 {
        let (eddsa, es256) =
            (rotate(&bed, None).await.unwrap().key_id, rotate(&bed, Some("ES256")).await.unwrap().key_id);
        for node in &nodes {
            within_a_second("both are published", async || {
                publishes(node, &eddsa) && publishes(node, &es256)
            })
            .await;
        }
        // Due on all nodes at the same instant.
        bed.clock.forward(600);
        let mut tokens = Vec::new();
        for node in &nodes {
            within_a_second("the new keys sign", async || {
                signer(&mint(&bed, node).await) == eddsa && signer(&of_application(node).await) == es256
            })
            .await;
            tokens.extend([mint(&bed, node).await, of_application(node).await]);
        }
        for node in &nodes {
            for token in &tokens {
                assert!(sender(node, token).await.is_ok(), "of any node on any node");
            }
        }
        for (algorithm, kid) in [("EdDSA", &eddsa), ("ES256", &es256)] {
            let of = |state: &str| {
                format!(
                    "SELECT COUNT(*) FROM pc_signing_key WHERE algorithm = '{algorithm}' AND state = '{state}'"
                )
            };
            assert_eq!(bed.number(&of("active")).await, 1, "{algorithm}");
            assert_eq!(bed.number(&format!("{} AND kid = '{kid}'", of("active"))).await, 1, "{algorithm}");
            assert_eq!(
                (bed.number(&of("next")).await, bed.number(&of("retired")).await),
                (0, round),
                "{algorithm}"
            );
        }
        let steps = bed.number("SELECT COUNT(*) FROM pc_audit WHERE action = 'key.activate'").await;
        assert_eq!(steps, 2 * round, "each step was taken once");
    }
}

async fn tk_24_a_key_waits_for_its_own_time_and_is_kept_for_the_longest_token(bed: Bed) {
    rotate(&bed, Some("ES256")).await.unwrap();
    let early = rotate(&bed, None).await.unwrap().key_id;
    bed.clock.forward(300);
    let late = rotate(&bed, Some("ES256")).await.unwrap().key_id;
    bed.clock.forward(300);
    // The step that is due for one does not take the other along.
    within_a_second("the first signs", async || signer(&mint(&bed, &bed.portcullis).await) == early).await;
    let keys = key::list(&bed.portcullis, &bed.owner).await.unwrap();
    let of = |kid: &str| keys.iter().find(|key| key.key_id == kid).unwrap();
    assert_eq!((of(&early).state, of(&late).state), (KeyState::Active, KeyState::Next));
    let retired = keys.iter().find(|key| key.state == KeyState::Retired).unwrap();
    assert_eq!(retired.retired_at, Some(bed.portcullis.now()));
    let kept = retired.expires_at.unwrap().secs() - retired.retired_at.unwrap().secs();
    assert!(kept >= key::LONGEST_TOKEN_SECS, "{kept}");
    bed.clock.forward(300);
    within_a_second("the second signs", async || {
        let keys = key::list(&bed.portcullis, &bed.owner).await.unwrap();
        keys.iter().any(|key| key.key_id == late && key.state == KeyState::Active)
    })
    .await;
}

async fn one_key_waits_at_a_time_and_an_algorithm_must_be_known(bed: Bed) {
    assert_eq!(rotate(&bed, Some("ES256")).await.unwrap().state, KeyState::Active, "nothing to replace");
    assert_eq!(rotate(&bed, Some("ES256")).await.unwrap().state, KeyState::Next);
    assert!(matches!(rotate(&bed, Some("ES256")).await, Err(Error::Conflict(_))));
    assert_eq!(rotate(&bed, None).await.unwrap().state, KeyState::Next, "of another algorithm");
    for unknown in ["none", "HS256", "es256", ""] {
        let refused = rotate(&bed, Some(unknown)).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(field) if field.field == "algorithm"), "{unknown}");
    }
}

async fn only_who_may_sees_and_changes_keys(bed: Bed) {
    let node = &bed.portcullis;
    let kid = key::list(node, &bed.owner).await.unwrap().remove(0).key_id;
    let alice = user("alice");
    assert!(matches!(key::list(node, &alice).await, Err(Error::Forbidden { .. })));
    let rotated = key::rotate(node, &alice, RotateKeyBody::default()).await;
    assert!(matches!(rotated, Err(Error::Forbidden { .. })));
    for kid in [kid.as_str(), "key_unknown"] {
        assert!(matches!(key::revoke(node, &alice, kid).await, Err(Error::NotFound("key"))), "{kid}");
    }
    assert!(publishes(node, &kid));
}
