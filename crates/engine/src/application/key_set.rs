use portcullis_jose::{Jwk, VerifyingKey};
use portcullis_types::FieldError;
use portcullis_types::application::Application;
use serde_json::Value;

use crate::Result;

/// How many keys an application may have.
const MAX_KEYS: usize = 10;
/// Members of private and of symmetric keys (RFC 7518 §6).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// The public keys of an application, none without any (RFC 7517 §5): up to 10, each with a `kid` that no other has.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) with the path of what is no key that may be used.
pub(crate) fn read_key_set(application: &Application) -> Result<Vec<VerifyingKey>> {
    let Some(set) = &application.jwks else { return Ok(Vec::new()) };
    let entries = set.get("keys").and_then(Value::as_array);
    let entries = entries.filter(|entries| (1..=MAX_KEYS).contains(&entries.len()));
    let entries =
        entries.ok_or_else(|| FieldError::new("jwks.keys", "a list of 1 to 10 keys (RFC 7517 §5)"))?;
    let mut keys: Vec<VerifyingKey> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let refused =
            |member: &str, expected: &str| FieldError::new(format!("jwks.keys[{index}]{member}"), expected);
        if let Some(member) = PRIVATE.into_iter().find(|member| entry.get(member).is_some()) {
            return Err(refused(
                &format!(".{member}"),
                "a public key: the private part stays with the application",
            )
            .into());
        }
        let jwk: Jwk = serde_json::from_value(entry.clone())
            .map_err(|error| refused("", &format!("a public key with kty, kid and its members ({error})")))?;
        let key = VerifyingKey::from_jwk(&jwk)
            .map_err(|error| refused("", &format!("a key that may be used ({error})")))?;
        if keys.iter().any(|known| known.kid() == key.kid()) {
            return Err(refused(".kid", "a name that no other key has").into());
        }
        keys.push(key);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::application_from_body;
    use portcullis_types::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::Error;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn read(jwks: &Value) -> Result<Vec<VerifyingKey>> {
        let body =
            json!({"name": "A", "kind": "service", "authenticationMethod": "private_key_jwt", "jwks": jwks});
        let now = Timestamp::from_secs(0);
        let application = application_from_body(serde_json::from_value(body).unwrap(), "a".into(), now, now);
        read_key_set(&application.unwrap())
    }

    fn field(jwks: &Value) -> String {
        match read(jwks).unwrap_err() {
            Error::Invalid(field) => field.field,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn tk_18_only_public_keys_with_names_of_their_own_are_taken() {
        let key = |kid: &str| json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": X});
        assert_eq!(read(&json!({"keys": [key("a"), key("b")]})).unwrap().len(), 2);
        let with = |member: &str, value: Value| {
            let mut key = key("a");
            key[member] = value;
            json!({"keys": [key]})
        };
        for (jwks, expected) in [
            (json!({}), "jwks.keys"),
            (json!([]), "jwks.keys"),
            (json!({"keys": []}), "jwks.keys"),
            (json!({"keys": vec![key("a"); 11]}), "jwks.keys"),
            (json!({"keys": [key("a"), key("a")]}), "jwks.keys[1].kid"),
            (json!({"keys": [key("a"), 7]}), "jwks.keys[1]"),
            (json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": X}]}), "jwks.keys[0]"),
            (json!({"keys": [{"kty": "oct", "kid": "a", "k": "AAAA"}]}), "jwks.keys[0].k"),
            (with("d", json!("AAAA")), "jwks.keys[0].d"),
            (with("crv", json!("Ed448")), "jwks.keys[0]"),
            (with("alg", json!("none")), "jwks.keys[0]"),
            (with("use", json!("enc")), "jwks.keys[0]"),
            (with("x", json!("AA")), "jwks.keys[0]"),
        ] {
            assert_eq!(field(&jwks), expected, "{jwks}");
        }
    }
}
