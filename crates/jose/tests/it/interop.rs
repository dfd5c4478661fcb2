//! An independent JWT library reads what we sign, and we read what it signs.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use portcullis_jose::{JwkSet, UnverifiedToken, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{NOW, claims, key, pkcs8};

#[test]
fn tokens_that_we_sign_verify_with_our_published_key_set_elsewhere() {
    let token = key(1).sign("at+jwt", &claims(json!({}))).unwrap();
    let published = serde_json::to_string(&JwkSet { keys: vec![key(1).verifying().jwk()] }).unwrap();
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&published).unwrap();
    let mut validation = Validation::new(Algorithm::EdDSA);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let foreign = DecodingKey::from_jwk(set.find("k1").unwrap()).unwrap();
    let read = jsonwebtoken::decode::<Value>(&token, &foreign, &validation).unwrap();
    assert_eq!(read.claims, claims(json!({})));
    assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
}

#[test]
fn tokens_that_others_sign_verify_with_ours() {
    let header = Header { kid: Some("k1".into()), ..Header::new(Algorithm::EdDSA) };
    let token =
        jsonwebtoken::encode(&header, &claims(json!({})), &EncodingKey::from_ed_der(&pkcs8(1))).unwrap();
    assert!(UnverifiedToken::parse(&token).unwrap().verify(key(1).verifying(), NOW, 0).is_ok());
}

#[test]
fn public_keys_are_the_spki_that_openssl_writes() {
    // `openssl pkey -pubout` for the private key of RFC 8037 appendix A.1.
    let spki = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let key = VerifyingKey::from_spki_base64("k1", spki).unwrap();
    assert_eq!(key.jwk().x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(key.spki_base64(), spki);
}
