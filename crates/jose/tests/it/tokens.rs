use portcullis_jose::{Algorithm, Claims, SigningKey, TokenError, UnverifiedToken, unverified_claims};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{NOW, NOW_SECS, Seeded, base64url, claims, key, p256_key, rsa_key, signed};

const HEADER: &str = r#"{"typ":"at+jwt","alg":"EdDSA","kid":"k1"}"#;

fn verify(token: &str) -> Result<Claims, TokenError> {
    UnverifiedToken::parse(token)?.verify(key(1).verifying(), NOW, 30)
}

fn with_header(header: &str) -> Result<Claims, TokenError> {
    verify(&signed(1, header, &claims(json!({})).to_string()))
}

fn with_claims(changes: Value) -> Result<Claims, TokenError> {
    verify(&signed(1, HEADER, &claims(changes).to_string()))
}

#[test]
fn a_good_token_gives_its_claims() {
    let claims = with_claims(json!({})).unwrap();
    assert_eq!(
        (claims.issuer(), claims.subject(), claims.token_id()),
        ("https://id.test", "alice", Some("t1"))
    );
    assert_eq!((claims.issued_at(), claims.not_before()), (Some(NOW), Some(NOW)));
    assert_eq!(claims.expires_at(), NOW.plus_secs(300));
    assert_eq!(claims.extra("scope"), Some(&json!("openid")));
    assert_eq!(claims.extra("sub"), None);
}

#[test]
fn before_verification_only_what_finds_the_key_is_told() {
    let token = signed(2, HEADER, &claims(json!({"aud": ["a", 7, "b"]})).to_string());
    let unverified = UnverifiedToken::parse(&token).unwrap();
    assert_eq!((unverified.kid(), unverified.typ()), ("k1", Some("at+jwt")));
    assert_eq!(unverified.unverified_issuer(), Some("https://id.test"));
    assert_eq!(unverified.unverified_subject(), Some("alice"));
    assert_eq!(unverified.unverified_audience().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn unverified_claims_believe_nothing_but_keep_the_bounds() {
    let unsigned = format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(r#"{"sub":"alice","exp":1}"#));
    assert_eq!(unverified_claims(&unsigned).unwrap().get("sub"), Some(&json!("alice")));
    let part = base64url("{}");
    for (bad, error) in [
        ("x".to_owned(), TokenError::Parts),
        (format!("{part}.{part}."), TokenError::AlgorithmMissing),
        (format!("{unsigned}!"), TokenError::Base64),
        (format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url("[]")), TokenError::Payload),
        ("a".repeat(20_000), TokenError::TooLong),
    ] {
        assert_eq!(unverified_claims(&bad).err(), Some(error), "{bad}");
    }
}

#[test]
fn tk_11_header_alg_none_is_refused_whatever_the_key() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = json!({"alg": alg, "kid": "k1"}).to_string();
        assert_eq!(with_header(&header), Err(TokenError::Algorithm), "{alg}");
        let unsigned = format!("{}.{}.", base64url(&header), base64url(claims(json!({})).to_string()));
        assert_eq!(verify(&unsigned), Err(TokenError::Algorithm), "{alg}");
    }
}

#[test]
fn tk_11_header_alg_must_equal_the_algorithm_of_the_key() {
    for alg in ["HS256", "RS256", "ES256", "eddsa", "EdDSA ", "Ed25519", "EdDSA\0"] {
        let header = json!({"alg": alg, "kid": "k1"}).to_string();
        assert_eq!(with_header(&header), Err(TokenError::Algorithm), "{alg}");
    }
    for header in [r#"{"kid":"k1"}"#, r#"{"alg":null,"kid":"k1"}"#, r#"{"alg":["EdDSA"],"kid":"k1"}"#] {
        assert_eq!(with_header(header), Err(TokenError::AlgorithmMissing), "{header}");
    }
}

#[test]
fn tk_11_a_public_key_used_as_an_hmac_secret_does_not_verify() {
    let key_of_ours = key(1);
    let public = key_of_ours.verifying().public_bytes();
    let token = jsonwebtoken::encode(
        &jsonwebtoken::Header {
            kid: Some("k1".into()),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
        },
        &claims(json!({})),
        &jsonwebtoken::EncodingKey::from_secret(public),
    );
    assert_eq!(verify(&token.unwrap()), Err(TokenError::Algorithm));
}

#[test]
fn tk_11_for_each_algorithm_the_header_must_name_that_of_the_key() {
    for key in [key(1), p256_key(), rsa_key()] {
        let alg = key.verifying().algorithm();
        let verify = |token: &str| UnverifiedToken::parse(token).unwrap().verify(key.verifying(), NOW, 0);
        let token = key.sign("at+jwt", &claims(json!({}))).unwrap();
        assert!(verify(&token).is_ok(), "{alg}");
        let (_, rest) = token.split_once('.').unwrap();
        for other in ["none", "HS256", "EdDSA", "ES256", "RS256", "RS384", "PS256", "ES384"] {
            let header = base64url(json!({"typ": "at+jwt", "alg": other, "kid": "k1"}).to_string());
            let expected = if other == alg.name() { TokenError::Signature } else { TokenError::Algorithm };
            // The members are in another order than ours, so that the right name has a wrong signature.
            assert_eq!(verify(&format!("{header}.{rest}")), Err(expected), "{alg} {other}");
        }
        // A public key is no HMAC secret, in whichever form it is known.
        for secret in [key.verifying().public_bytes().to_vec(), key.verifying().spki_base64().into_bytes()] {
            let header = jsonwebtoken::Header {
                kid: Some("k1".into()),
                ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256)
            };
            let secret = jsonwebtoken::EncodingKey::from_secret(&secret);
            let forged = jsonwebtoken::encode(&header, &claims(json!({})), &secret).unwrap();
            assert_eq!(verify(&forged), Err(TokenError::Algorithm), "{alg}");
        }
    }
}

#[test]
fn tk_14_tk_16_tk_17_the_rules_hold_for_each_algorithm() {
    for key in [p256_key(), rsa_key()] {
        let verify = |token: &str| UnverifiedToken::parse(token)?.verify(key.verifying(), NOW, 0);
        let with = |changes| verify(&key.sign("at+jwt", &claims(changes)).unwrap());
        assert_eq!(with(json!({"exp": NOW_SECS})), Err(TokenError::Expired));
        assert_eq!(with(json!({"exp": null})), Err(TokenError::Expiry));
        assert_eq!(with(json!({"nbf": NOW_SECS + 1})), Err(TokenError::NotYetValid));
        assert_eq!(with(json!({"iss": null})), Err(TokenError::Issuer));
        assert_eq!(with(json!({"aud": 7})), Err(TokenError::Audience));
        let token = key.sign("at+jwt", &claims(json!({}))).unwrap();
        let (_, rest) = token.split_once('.').unwrap();
        let alg = key.verifying().algorithm().name();
        for (extra, expected) in [
            ("crit", TokenError::Critical),
            ("b64", TokenError::UnencodedPayload),
            ("enc", TokenError::Encrypted),
            ("zip", TokenError::Compressed),
        ] {
            let header = base64url(json!({"alg": alg, "kid": "k1", extra: false}).to_string());
            assert_eq!(verify(&format!("{header}.{rest}")), Err(expected), "{alg} {extra}");
        }
        let (input, _) = token.rsplit_once('.').unwrap();
        let other = SigningKey::generate_for(Algorithm::Es256, "k1".into(), &Seeded::new(7)).unwrap();
        let theirs = other.sign("at+jwt", &claims(json!({}))).unwrap();
        let (_, theirs) = theirs.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{input}.{theirs}")), Err(TokenError::Signature), "{alg}");
    }
}

#[test]
fn tk_12_keys_that_the_header_brings_along_are_ignored() {
    let attacker = key(2).verifying().jwk();
    let header = json!({
        "alg": "EdDSA", "kid": "k1", "jwk": attacker, "jku": "https://evil.test/jwks", "x5u": "https://evil.test/x",
        "x5c": ["MIIB"],
    })
    .to_string();
    assert!(with_header(&header).is_ok());
    let forged = signed(2, &header, &claims(json!({})).to_string());
    assert_eq!(verify(&forged), Err(TokenError::Signature));
}

#[test]
fn tk_12_kid_is_an_opaque_name_of_bounded_length() {
    for kid in ["../../etc/passwd", "' OR 1=1 --", "k1\n", "K1"] {
        assert_eq!(
            with_header(&json!({"alg": "EdDSA", "kid": kid}).to_string()),
            Err(TokenError::OtherKey),
            "{kid}"
        );
    }
    for kid in [json!(""), json!("k".repeat(257)), json!(1), json!(null), json!(["k1"])] {
        assert_eq!(
            with_header(&json!({"alg": "EdDSA", "kid": kid}).to_string()),
            Err(TokenError::KeyId),
            "{kid}"
        );
    }
    assert_eq!(with_header(r#"{"alg":"EdDSA"}"#), Err(TokenError::KeyId));
}

#[test]
fn tk_13_one_kind_of_token_is_not_another() {
    let has_typ = |typ: &str, expected: &str| {
        let token = key(1).sign(typ, &claims(json!({}))).unwrap();
        UnverifiedToken::parse(&token).unwrap().has_typ(expected)
    };
    let kinds = ["JWT", "at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt"];
    for typ in kinds {
        for expected in kinds {
            assert_eq!(has_typ(typ, expected), typ == expected, "{typ} {expected}");
        }
    }
    assert!(has_typ("AT+JWT", "at+jwt") && has_typ("application/at+jwt", "at+jwt"));
    assert!(!has_typ("at+jwt2", "at+jwt") && !has_typ("text/at+jwt", "at+jwt") && !has_typ("", "at+jwt"));
    assert_eq!(with_header(r#"{"typ":1,"alg":"EdDSA","kid":"k1"}"#), Err(TokenError::Type));
    let without = signed(1, r#"{"alg":"EdDSA","kid":"k1"}"#, "{}");
    assert!(!UnverifiedToken::parse(&without).unwrap().has_typ("at+jwt"));
}

#[test]
fn tk_14_times_that_are_no_numbers_in_range_are_refused() {
    let wrong = [
        json!("1700000300"),
        json!(true),
        json!([]),
        json!({}),
        json!(-1),
        json!(1e18),
        json!(253_402_300_800_i64),
    ];
    for value in wrong {
        assert_eq!(with_claims(json!({"exp": value})), Err(TokenError::Expiry), "{value}");
        assert_eq!(with_claims(json!({"nbf": value})), Err(TokenError::NotBefore), "{value}");
        assert_eq!(with_claims(json!({"iat": value})), Err(TokenError::IssuedAt), "{value}");
    }
    for (literal, error) in
        [("NaN", TokenError::Payload), ("1e999", TokenError::Payload), ("null", TokenError::Expiry)]
    {
        let payload = format!(r#"{{"iss":"i","sub":"s","exp":{literal}}}"#);
        assert_eq!(verify(&signed(1, HEADER, &payload)), Err(error), "{literal}");
    }
}

#[test]
fn tk_14_exp_is_required_and_has_no_leeway() {
    assert_eq!(with_claims(json!({"exp": null})), Err(TokenError::Expiry));
    for (exp, expected) in [
        (json!(NOW_SECS - 1), Some(TokenError::Expired)),
        (json!(NOW_SECS), Some(TokenError::Expired)),
        (json!(NOW_SECS as f64 + 0.5), None),
        (json!(NOW_SECS + 1), None),
    ] {
        assert_eq!(with_claims(json!({"exp": exp})).err(), expected, "{exp}");
    }
}

#[test]
fn tk_14_nbf_and_iat_may_be_ahead_by_the_leeway_and_never_by_more_than_60_seconds() {
    let at = |claim: &str, ahead: i64, leeway: u8| {
        let token = signed(1, HEADER, &claims(json!({claim: NOW_SECS + ahead})).to_string());
        UnverifiedToken::parse(&token).unwrap().verify(key(1).verifying(), NOW, leeway).err()
    };
    for (claim, error) in [("nbf", TokenError::NotYetValid), ("iat", TokenError::IssuedInFuture)] {
        assert_eq!(at(claim, 0, 0), None);
        assert_eq!(at(claim, 1, 0), Some(error));
        assert_eq!(at(claim, 30, 30), None);
        assert_eq!(at(claim, 31, 30), Some(error));
        assert_eq!(at(claim, 60, 255), None);
        assert_eq!(at(claim, 61, 255), Some(error));
    }
    assert!(with_claims(json!({"nbf": null, "iat": null})).is_ok());
}

#[test]
fn tk_15_an_audience_is_matched_whole() {
    let claims = with_claims(json!({"aud": ["https://api.test", "other"]})).unwrap();
    assert!(claims.has_audience("https://api.test") && claims.has_audience("other"));
    for near in
        ["https://api.test/", "https://api", "HTTPS://API.TEST", "api.test", "", "https://api.test,other"]
    {
        assert!(!claims.has_audience(near), "{near}");
    }
    let single = with_claims(json!({"aud": "api"})).unwrap();
    assert!(single.has_audience("api") && !single.has_audience("a") && !single.has_audience("api2"));
    let absent = with_claims(json!({"aud": null})).unwrap();
    assert!(absent.audience().is_empty() && !absent.has_audience(""));
}

#[test]
fn tk_15_registered_claims_of_a_wrong_type_are_refused() {
    for aud in
        [json!(1), json!(true), json!({"api": 1}), json!(["api", 1]), json!([["api"]]), json!(["api", {}])]
    {
        assert_eq!(with_claims(json!({"aud": aud})), Err(TokenError::Audience), "{aud}");
    }
    assert_eq!(
        verify(&signed(1, HEADER, &claims(json!({})).to_string().replace("\"api\"", "null"))),
        Err(TokenError::Audience)
    );
    for value in [json!(1), json!(["alice"]), json!(false)] {
        assert_eq!(with_claims(json!({"iss": value})), Err(TokenError::Issuer));
        assert_eq!(with_claims(json!({"sub": value})), Err(TokenError::Subject));
        assert_eq!(with_claims(json!({"jti": value})), Err(TokenError::TokenId));
    }
    assert_eq!(with_claims(json!({"iss": null})), Err(TokenError::Issuer));
    assert_eq!(with_claims(json!({"sub": null})), Err(TokenError::Subject));
    assert!(with_claims(json!({"jti": null})).is_ok());
}

#[test]
fn tk_16_crit_and_unencoded_payloads_are_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!("exp"), json!(null)] {
        let header = json!({"alg": "EdDSA", "kid": "k1", "crit": crit}).to_string();
        assert_eq!(with_header(&header), Err(TokenError::Critical), "{crit}");
    }
    for b64 in [json!(false), json!("false"), json!(0), json!(null)] {
        let header = json!({"alg": "EdDSA", "kid": "k1", "b64": b64}).to_string();
        assert_eq!(with_header(&header), Err(TokenError::UnencodedPayload), "{b64}");
    }
    assert!(with_header(r#"{"alg":"EdDSA","kid":"k1","b64":true}"#).is_ok());
}

#[test]
fn tk_17_encrypted_and_compressed_tokens_are_refused() {
    assert_eq!(with_header(r#"{"alg":"EdDSA","kid":"k1","enc":"A128GCM"}"#), Err(TokenError::Encrypted));
    assert_eq!(with_header(r#"{"alg":"EdDSA","kid":"k1","zip":"DEF"}"#), Err(TokenError::Compressed));
    assert_eq!(verify("eyJhbGciOiJkaXIifQ....x"), Err(TokenError::Parts));
}

#[test]
fn tk_17_only_three_parts_are_a_token() {
    for token in ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c.d.e.f", &".".repeat(16_000)] {
        assert_eq!(verify(token), Err(TokenError::Parts), "{token}");
    }
}

#[test]
fn tk_17_long_tokens_and_long_headers_are_refused() {
    assert_eq!(verify(&"a".repeat(16 * 1024 + 1)), Err(TokenError::TooLong));
    assert_eq!(verify(&"a".repeat(16 * 1024)), Err(TokenError::Parts));
    let header = |len: usize| {
        let start = r#"{"alg":"EdDSA","kid":"k1","x":""#;
        format!("{start}{}\"}}", "x".repeat(len - start.len() - 2))
    };
    assert!(with_header(&header(4096)).is_ok());
    for len in [4097, 4098, 4099, 10_000] {
        assert_eq!(with_header(&header(len)), Err(TokenError::HeaderTooLong), "{len}");
    }
}

#[test]
fn tk_17_deep_json_is_refused_in_header_and_payload() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let header = |levels| format!(r#"{{"alg":"EdDSA","kid":"k1","x":{}}}"#, deep(levels));
    assert!(with_header(&header(15)).is_ok());
    assert_eq!(with_header(&header(16)), Err(TokenError::TooDeep));
    assert_eq!(with_header(&header(2_000)), Err(TokenError::TooDeep));
    let payload = |levels| {
        signed(1, HEADER, &format!(r#"{{"iss":"i","sub":"s","exp":1800000000,"x":{}}}"#, deep(levels)))
    };
    assert!(verify(&payload(15)).is_ok());
    assert_eq!(verify(&payload(16)), Err(TokenError::TooDeep));
    assert_eq!(verify(&payload(5_000)), Err(TokenError::TooDeep));
}

#[test]
fn members_that_come_twice_are_refused() {
    assert_eq!(with_header(r#"{"alg":"none","kid":"k1","alg":"EdDSA"}"#), Err(TokenError::DuplicateMember));
    let payload = r#"{"iss":"i","sub":"mallory","exp":1800000000,"sub":"alice"}"#;
    assert_eq!(verify(&signed(1, HEADER, payload)), Err(TokenError::DuplicateMember));
}

#[test]
fn parts_that_are_no_objects_are_refused() {
    for json in ["", "[]", "null", "\"x\"", "{}{}"] {
        assert_eq!(with_header(json), Err(TokenError::Header), "{json}");
        assert_eq!(verify(&signed(1, HEADER, json)), Err(TokenError::Payload), "{json}");
    }
}

#[test]
fn only_the_canonical_base64url_is_read() {
    let token = key(1).sign("at+jwt", &claims(json!({}))).unwrap();
    assert!(verify(&token).is_ok());
    for altered in [
        format!("{token}="),
        format!("{token}=="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}é"),
    ] {
        assert_eq!(verify(&altered), Err(TokenError::Base64), "{altered}");
    }
    // 64 bytes end in a character with 4 unused bits.
    let (kept, last) = token.split_at(token.len() - 1);
    let other = char::from(last.as_bytes()[0] + 1);
    assert_eq!(verify(&format!("{kept}{other}")), Err(TokenError::Base64));
}

#[test]
fn a_signature_of_another_key_or_over_another_token_is_refused() {
    let (mine, theirs) = (key(1).sign("JWT", &claims(json!({}))), key(2).sign("JWT", &claims(json!({}))));
    let (mine, theirs) = (mine.unwrap(), theirs.unwrap());
    assert_eq!(verify(&theirs), Err(TokenError::Signature));
    let (input, _) = mine.rsplit_once('.').unwrap();
    let (_, signature) = theirs.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{input}.{signature}")), Err(TokenError::Signature));
    assert_eq!(verify(&format!("{input}.")), Err(TokenError::Signature));
}

#[test]
fn another_key_of_the_same_name_or_this_key_of_another_name_is_refused() {
    let token = key(1).sign("JWT", &claims(json!({}))).unwrap();
    let renamed = SigningKey::from_seed("k2".into(), &key(1).private_bytes()).unwrap();
    let read = |key: &SigningKey| UnverifiedToken::parse(&token).unwrap().verify(key.verifying(), NOW, 0);
    assert_eq!(read(&renamed), Err(TokenError::OtherKey));
    assert_eq!(
        read(&SigningKey::generate("k1".into(), &Seeded::new(5)).unwrap()),
        Err(TokenError::Signature)
    );
}

#[test]
fn nothing_of_a_token_is_printed_but_its_names() {
    let token = key(1).sign("JWT", &claims(json!({"email": "alice@example.org"}))).unwrap();
    let unverified = UnverifiedToken::parse(&token).unwrap();
    assert_eq!(format!("{unverified:?}"), r#"UnverifiedToken { kid: "k1", typ: Some("JWT"), .. }"#);
    let printed = format!("{:?}", verify(&token).unwrap());
    assert!(printed.contains("alice") && !printed.contains("example.org"), "{printed}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in ".{0,300}") {
        let _ = UnverifiedToken::parse(&text);
    }

    #[test]
    fn any_bytes_in_header_and_payload_are_read_or_refused_without_a_panic(
        header in prop::collection::vec(any::<u8>(), 0..100), payload in prop::collection::vec(any::<u8>(), 0..100)
    ) {
        let token = format!("{}.{}.", base64url(header), base64url(payload));
        prop_assert!(verify(&token).is_err());
    }

    #[test]
    fn one_changed_character_is_always_refused(at in 0usize..400, other in "[A-Za-z0-9_.-]") {
        let token = key(1).sign("at+jwt", &claims(json!({}))).unwrap();
        let at = at % token.len();
        let altered = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assume!(altered != token);
        prop_assert!(verify(&altered).is_err());
    }
}
