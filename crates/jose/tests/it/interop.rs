//! An independent JWT library reads what we sign, and we read what it signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use portcullis_jose::{JwkSet, SigningKey, UnverifiedToken, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{NOW, claims, key, p256_key, pkcs8, rsa_key};

/// Each key with what the other library calls its algorithm, and its private half for it.
fn keys() -> [(SigningKey, Algorithm, EncodingKey); 3] {
    let (p256, rsa) = (p256_key(), rsa_key());
    let p256_foreign = EncodingKey::from_ec_der(p256.private_bytes().expose());
    let rsa_foreign = EncodingKey::from_rsa_pem(pem(rsa.private_bytes().expose()).as_bytes()).unwrap();
    [
        (key(1), Algorithm::EdDSA, EncodingKey::from_ed_der(&pkcs8(1))),
        (p256, Algorithm::ES256, p256_foreign),
        (rsa, Algorithm::RS256, rsa_foreign),
    ]
}

fn pem(pkcs8: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(pkcs8))
}

#[test]
fn tokens_that_we_sign_verify_with_our_published_key_set_elsewhere() {
    for (ours, algorithm, _) in keys() {
        let token = ours.sign("at+jwt", &claims(json!({}))).unwrap();
        let published = serde_json::to_string(&JwkSet { keys: vec![ours.verifying().jwk()] }).unwrap();
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&published).unwrap();
        let mut validation = Validation::new(algorithm);
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let foreign = DecodingKey::from_jwk(set.find("k1").unwrap()).unwrap();
        let read = jsonwebtoken::decode::<Value>(&token, &foreign, &validation).unwrap();
        assert_eq!(read.claims, claims(json!({})));
        assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
    }
}

#[test]
fn tokens_that_others_sign_verify_with_ours() {
    for (ours, algorithm, foreign) in keys() {
        let header = Header { kid: Some("k1".into()), ..Header::new(algorithm) };
        let token = jsonwebtoken::encode(&header, &claims(json!({})), &foreign).unwrap();
        let read = UnverifiedToken::parse(&token).unwrap().verify(ours.verifying(), NOW, 0);
        assert!(read.is_ok(), "{algorithm:?}");
    }
}

#[test]
fn public_keys_are_the_spki_that_openssl_writes() {
    // `openssl pkey -pubout` for the private key of RFC 8037 appendix A.1.
    let spki = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let key = VerifyingKey::from_spki_base64("k1", spki).unwrap();
    assert_eq!(key.jwk().x.unwrap(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(key.spki_base64(), spki);
}
