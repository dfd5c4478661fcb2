use portcullis_jose::{
    AccessKey, AccessKeyError, SigningKey, TokenError, UnverifiedToken, looks_like_access_key,
};
use serde_json::json;

use crate::support::{NOW, NOW_SECS, Seeded};

fn access_key(seed: u8) -> AccessKey {
    AccessKey::generate("sc_abc123", "k3y1d0", "acc-0123456789", &Seeded::new(seed)).unwrap()
}

#[test]
fn an_access_key_has_the_form_that_clients_and_secret_scanners_know() {
    let revealed = access_key(1).reveal();
    let (ids, private_key) = revealed.rsplit_once('.').unwrap();
    assert_eq!(ids, "sc_abc123.k3y1d0.acc-0123456789");
    assert_eq!(private_key.len(), 64);
    assert!(private_key.starts_with("MC4CAQAwBQYDK2VwBCIEI"), "{private_key}");
    assert_eq!(private_key, access_key(1).private_key_base64());
}

#[test]
fn a_revealed_key_is_read_back_and_belongs_to_its_public_half_only() {
    let key = access_key(1);
    let read = AccessKey::parse(&key.reveal()).unwrap();
    assert_eq!(
        (read.client_id(), read.key_id(), read.account_id()),
        ("sc_abc123", "k3y1d0", "acc-0123456789")
    );
    assert_eq!(read.verifying_key(), key.verifying_key());
    assert_eq!(read.verify_against(key.verifying_key()), Ok(()));
    assert_eq!(read.verify_against(access_key(2).verifying_key()), Err(AccessKeyError::OtherKey));
}

#[test]
fn tk_19_a_truncated_extended_or_case_changed_access_key_is_refused() {
    let key = access_key(1);
    let revealed = key.reveal();
    for altered in [
        revealed[..revealed.len() - 1].to_owned(),
        revealed[..revealed.len() - 4].to_owned(),
        format!("{revealed}A"),
        format!("{revealed}AAAA"),
        format!("{revealed}="),
        format!("{revealed} "),
        format!(" {revealed}"),
        revealed.replace("MC4C", "mc4c"),
        // PKCS#8 v2, with the public half behind the seed.
        revealed.replace("MC4C", "MFEC"),
        revealed.replace('.', ":"),
        format!("{revealed}."),
        format!("x.{revealed}"),
        revealed.replace("sc_abc123", ""),
        revealed.replace("k3y1d0", "k 3"),
        revealed.replace("acc-0123456789", "acc/1"),
        "x".repeat(513),
        String::new(),
    ] {
        assert!(AccessKey::parse(&altered).is_err(), "{altered}");
    }
    let swapped: String = revealed
        .chars()
        .rev()
        .take(10)
        .map(|c| c.to_ascii_lowercase())
        .collect::<Vec<_>>()
        .iter()
        .rev()
        .collect();
    let case_changed = format!("{}{swapped}", &revealed[..revealed.len() - 10]);
    assert_ne!(case_changed, revealed);
    assert!(
        !AccessKey::parse(&case_changed).is_ok_and(|read| read.verify_against(key.verifying_key()).is_ok())
    );
}

#[test]
fn the_part_that_is_wrong_is_named() {
    let part = |at: usize, text: &str| {
        let revealed = access_key(1).reveal();
        let mut parts: Vec<&str> = revealed.split('.').collect();
        parts[at] = text;
        AccessKey::parse(&parts.join(".")).unwrap_err()
    };
    assert_eq!(part(0, "sc é"), AccessKeyError::ClientId);
    assert_eq!(part(1, ""), AccessKeyError::KeyId);
    assert_eq!(part(2, &"a".repeat(65)), AccessKeyError::AccountId);
    assert_eq!(part(3, "MC4CAQAwBQYDK2VwBCIEI"), AccessKeyError::PrivateKey);
    assert_eq!(part(3, &"A".repeat(64)), AccessKeyError::PrivateKey);
    assert_eq!(part(3, "a.b"), AccessKeyError::Parts);
    assert_eq!(part(3, &"A".repeat(512)), AccessKeyError::TooLong);
    let rng = Seeded::new(1);
    assert_eq!(AccessKey::generate("a.b", "k", "acc", &rng).unwrap_err(), AccessKeyError::ClientId);
}

#[test]
fn access_keys_and_tokens_are_told_apart() {
    let key = access_key(1);
    assert!(looks_like_access_key(&key.reveal()));
    assert!(looks_like_access_key("sc_1.k.acc.bad"));
    let token = key.mint_client_token("http://localhost:8080", NOW, 60).unwrap();
    for other in [token.as_str(), "", "a.b.c", "a.b.c.d.e", "a..c.d", "a b.b.c.d"] {
        assert!(!looks_like_access_key(other), "{other}");
    }
}

#[test]
fn a_minted_client_token_has_the_claims_of_spec_5_3() {
    let key = access_key(1);
    for base in ["http://localhost:8080", "http://localhost:8080/"] {
        let token = key.mint_client_token(base, NOW, 86_400).unwrap();
        let unverified = UnverifiedToken::parse(&token).unwrap();
        assert!(unverified.has_typ("at+jwt"));
        assert_eq!(unverified.kid(), "k3y1d0");
        let claims = unverified.verify(key.verifying_key(), NOW, 0).unwrap();
        assert_eq!(claims.issuer(), "http://localhost:8080/v1/clients/sc_abc123");
        assert_eq!(claims.audience(), ["acc-0123456789.accounts.authress.io"]);
        assert_eq!(claims.subject(), "sc_abc123");
        assert_eq!(claims.extra("client_id"), Some(&json!("sc_abc123")));
        assert_eq!(claims.extra("scope"), Some(&json!("openid")));
        assert_eq!(claims.issued_at().unwrap().secs(), NOW_SECS);
        assert_eq!(claims.expires_at().secs(), NOW_SECS + 86_400);
    }
}

#[test]
fn a_client_token_signed_by_another_key_of_that_name_is_refused() {
    let token = access_key(2).mint_client_token("http://localhost:8080", NOW, 60).unwrap();
    let read = UnverifiedToken::parse(&token).unwrap().verify(access_key(1).verifying_key(), NOW, 0);
    assert_eq!(read, Err(TokenError::Signature));
}

#[test]
fn the_private_part_is_not_printed() {
    let key = access_key(1);
    assert_eq!(format!("{key:?}"), "AccessKey(sc_abc123.k3y1d0.acc-0123456789.(..))");
    let signing = SigningKey::generate("k".into(), &Seeded::new(1)).unwrap();
    assert_eq!(format!("{signing:?}"), "SigningKey(k)");
}
