//! TK-19, TK-21 to TK-23: which application sends a request to an endpoint of OAuth.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis::Portcullis;
use portcullis::application::{create_secret, delete, delete_secret, update};
use portcullis::apply::{ApplyDocument, apply};
use portcullis::jose::{Algorithm, Jwk, SigningKey};
use portcullis::oauth::{OAuthError, Parameters, authenticate_client, end_session, introspect, user_info};
use portcullis::session::Device;
use portcullis_types::application::ClientAuthenticationMethod as Method;
use serde_json::{Value, json};

use crate::applications::{make, web};
use crate::bed::{Bed, START, Seeded, URL, is_refused, on_both, sender, within_a_second};
use crate::make::body;

on_both!(
    tk_22_an_application_authenticates_by_its_registered_method_alone,
    tk_19_a_truncated_extended_or_case_changed_secret_is_refused,
    a_secret_counts_at_once_here_and_within_a_second_there_until_it_is_deleted,
    tk_21_an_assertion_is_about_its_client_for_this_issuer_short_and_good_once,
    tk_18_tk_21_an_assertion_is_signed_with_the_one_algorithm_of_its_key,
    tk_18_a_weak_key_is_not_registered,
    tk_21_of_50_parallel_uses_of_an_assertion_one_succeeds,
    tk_13_no_other_token_stands_in_for_an_assertion,
    an_older_client_may_name_the_token_endpoint_where_that_is_allowed,
    az_05_an_outage_is_never_a_yes,
);

/// Needs escapes where it is sent.
const PLAIN: &str = "fixed:secret+of_at%least-32-bytes!";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The method that it was believed by, or code and status of the refusal.
type Outcome = Result<Method, (&'static str, u16)>;

const REFUSED: Outcome = Err(("invalid_client", 401));

async fn ask(node: &Portcullis, header: Option<&str>, form: &str) -> Outcome {
    let parameters = Parameters::parse(form.as_bytes()).unwrap();
    let client = authenticate_client(node, header, &parameters).await;
    let client = client.map_err(|error: OAuthError| (error.code.as_str(), error.status()))?;
    assert_eq!(client.method, client.application.authentication_method);
    Ok(client.method)
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// Everything but letters and digits, as it may be.
fn escape(text: &str) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(escape).collect()
}

fn key(seed: u64) -> SigningKey {
    SigningKey::generate(format!("k{seed}"), &Seeded::new(seed)).unwrap()
}

fn jwks(keys: &[&SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.verifying().jwk()).collect::<Vec<_>>()})
}

fn assertion(token: &str) -> String {
    format!("client_assertion={token}&client_assertion_type={JWT_BEARER}")
}

/// An application of every method: `web`, `post`, `jwt` (key 1) and `spa`.
async fn world(bed: &Bed) {
    let mut applications = vec![web("web"), web("post"), web("jwt"), web("spa")];
    applications[0]["secret"] = json!(PLAIN);
    applications[1]["secret"] = json!(PLAIN);
    applications[1]["authenticationMethod"] = json!("client_secret_post");
    applications[2]["authenticationMethod"] = json!("private_key_jwt");
    applications[2]["jwks"] = jwks(&[&key(1)]);
    applications[3]["authenticationMethod"] = json!("none");
    let document = json!({"applications": applications});
    apply(&bed.portcullis, &bed.owner, body::<ApplyDocument>(document), false).await.unwrap();
}

fn claims(change: Value) -> Value {
    let now = START.secs();
    let mut claims =
        json!({"iss": "jwt", "sub": "jwt", "aud": URL, "jti": "j1", "iat": now, "exp": now + 60});
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

async fn tk_22_an_application_authenticates_by_its_registered_method_alone(bed: Bed) {
    world(&bed).await;
    let node = &bed.portcullis;
    let signed = assertion(&key(1).sign("JWT", &claims(json!({}))).unwrap());
    let escaped = escape(PLAIN);
    let ways = |id: &str| {
        [
            (Some(basic(id, &escaped)), String::new()),
            (None, format!("client_id={id}&client_secret={escaped}")),
            (None, format!("client_id={id}&{signed}")),
            (None, format!("client_id={id}")),
        ]
    };
    let methods = [Method::ClientSecretBasic, Method::ClientSecretPost, Method::PrivateKeyJwt, Method::None];
    for (registered, id) in ["web", "post", "jwt", "spa"].into_iter().enumerate() {
        for (tried, (header, form)) in ways(id).into_iter().enumerate() {
            let expected = if registered == tried { Ok(methods[tried]) } else { REFUSED };
            assert_eq!(ask(node, header.as_deref(), &form).await, expected, "{id} by {}", methods[tried]);
        }
    }
    let (header, form) = (basic("web", &escaped), format!("client_id=web&client_secret={escaped}"));
    assert_eq!(ask(node, Some(&header), &form).await, Err(("invalid_request", 400)), "two ways at once");
    for id in ["unknown", "", "usr_1", "a%00b"] {
        let form = format!("client_id={id}");
        if Parameters::parse(form.as_bytes()).is_ok() {
            assert_eq!(ask(node, None, &form).await, REFUSED, "{id}");
        }
        assert_eq!(ask(node, Some(&basic(id, PLAIN)), "").await, REFUSED, "{id}");
    }
}

async fn tk_19_a_truncated_extended_or_case_changed_secret_is_refused(bed: Bed) {
    let made = make(&bed, web("web")).await.unwrap().secret.unwrap();
    let good = made.client_secret.expose();
    assert_eq!(ask(&bed.portcullis, Some(&basic("web", good)), "").await, Ok(Method::ClientSecretBasic));
    let flipped: String = good
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    for bad in [
        &good[..good.len() - 1],
        &good[1..],
        &format!("{good}a"),
        &format!("{good}+"),
        &format!("+{good}"),
        &format!("{good}="),
        &good.to_lowercase(),
        &good.to_uppercase(),
        &flipped,
        &made.secret_id,
        "",
    ] {
        assert_eq!(ask(&bed.portcullis, Some(&basic("web", bad)), "").await, REFUSED, "{bad}");
    }
    // What is stored is of no use to whoever reads it.
    let stored = bed.number(&format!("SELECT COUNT(*) FROM pc_application WHERE body LIKE '%{good}%'")).await;
    assert_eq!(stored, 0);
}

async fn a_secret_counts_at_once_here_and_within_a_second_there_until_it_is_deleted(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let first = make(&bed, web("web")).await.unwrap().secret.unwrap();
    let second = create_secret(here, &bed.owner, "web").await.unwrap();
    let good =
        async |node: &Portcullis, secret: &str| ask(node, Some(&basic("web", secret)), "").await.is_ok();
    for secret in [&first, &second] {
        assert!(good(here, secret.client_secret.expose()).await);
        within_a_second("a secret", async || good(there, secret.client_secret.expose()).await).await;
    }
    delete_secret(here, &bed.owner, "web", &first.secret_id).await.unwrap();
    assert!(
        !good(here, first.client_secret.expose()).await && good(here, second.client_secret.expose()).await
    );
    within_a_second("a deleted secret", async || !good(there, first.client_secret.expose()).await).await;
    let mut post = web("web");
    post["authenticationMethod"] = json!("client_secret_post");
    update(here, &bed.owner, "web", body(post), None).await.unwrap();
    assert!(!good(here, second.client_secret.expose()).await);
    within_a_second("another method", async || !good(there, second.client_secret.expose()).await).await;
    let form = format!("client_id=web&client_secret={}", second.client_secret.expose());
    assert_eq!(ask(here, None, &form).await, Ok(Method::ClientSecretPost), "its secrets stayed");
    delete(here, &bed.owner, "web").await.unwrap();
    assert_eq!(ask(here, None, &form).await, REFUSED);
    within_a_second("a deletion", async || ask(there, None, &form).await.is_err()).await;
}

async fn tk_21_an_assertion_is_about_its_client_for_this_issuer_short_and_good_once(bed: Bed) {
    world(&bed).await;
    let node = &bed.portcullis;
    let now = START.secs();
    let signed = |change: Value| assertion(&key(1).sign("JWT", &claims(change)).unwrap());
    for (what, change) in [
        ("another issuer", json!({"iss": "web"})),
        ("another subject", json!({"sub": "web"})),
        ("no issuer", json!({"iss": null})),
        ("no audience", json!({"aud": null})),
        ("a list", json!({"aud": [URL]})),
        ("two audiences", json!({"aud": [URL, "https://other.example"]})),
        ("a longer audience", json!({"aud": format!("{URL}/")})),
        ("a shorter audience", json!({"aud": &URL[..URL.len() - 1]})),
        ("the token endpoint", json!({"aud": format!("{URL}/oauth2/token")})),
        ("no end", json!({"exp": null})),
        ("past its end", json!({"exp": now})),
        ("too far ahead", json!({"exp": now + 301})),
        ("not yet", json!({"nbf": now + 31})),
        ("made in the future", json!({"iat": now + 31})),
        ("no id", json!({"jti": null})),
        ("an empty id", json!({"jti": ""})),
        ("a long id", json!({"jti": "j".repeat(257)})),
    ] {
        assert_eq!(ask(node, None, &signed(change)).await, REFUSED, "{what}");
    }
    let wrong = assertion(&key(2).sign("JWT", &claims(json!({}))).unwrap());
    assert_eq!(ask(node, None, &wrong).await, REFUSED, "an unknown key");
    let forged = SigningKey::generate("k1".to_owned(), &Seeded::new(9)).unwrap();
    let forged = assertion(&forged.sign("JWT", &claims(json!({}))).unwrap());
    assert_eq!(ask(node, None, &forged).await, REFUSED, "a key of the same name");
    let good = signed(json!({"exp": now + 300, "jti": "\u{0}é"}));
    assert_eq!(ask(node, None, &format!("client_id=web&{good}")).await, REFUSED, "another client_id");
    assert_eq!(ask(node, None, &format!("client_id=jwt&{good}")).await, Ok(Method::PrivateKeyJwt));
    assert_eq!(ask(node, None, &good).await, REFUSED, "a second time");
    assert_eq!(ask(&bed.node("b").await, None, &good).await, REFUSED, "on another node");
    let same_id = signed(json!({"exp": now + 30, "jti": "\u{0}é"}));
    assert_eq!(ask(node, None, &same_id).await, REFUSED, "its id a second time");
    assert_eq!(ask(node, None, &signed(json!({"jti": "other"}))).await, Ok(Method::PrivateKeyJwt));
}

/// The same token under another header.
fn under(header: Value, token: &str) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

async fn tk_18_tk_21_an_assertion_is_signed_with_the_one_algorithm_of_its_key(bed: Bed) {
    let node = &bed.portcullis;
    let generate =
        |algorithm, kid: &str| SigningKey::generate_for(algorithm, kid.to_owned(), &Seeded::new(7));
    let (rsa, p256) = (generate(Algorithm::Rs256, "rsa").unwrap(), generate(Algorithm::Es256, "ec").unwrap());
    let mut application = web("jwt");
    application["authenticationMethod"] = json!("private_key_jwt");
    application["jwks"] = jwks(&[&rsa, &p256, &key(1)]);
    make(&bed, application).await.unwrap();
    for (good, key) in [&rsa, &p256, &key(1)].into_iter().enumerate() {
        let (kid, own) = (key.kid().to_owned(), key.verifying().algorithm().name());
        let claims = claims(json!({"jti": format!("good-{good}")}));
        let token = key.sign("JWT", &claims).unwrap();
        for alg in ["RS256", "ES256", "EdDSA", "PS256", "RS384", "HS256", "none"]
            .into_iter()
            .filter(|alg| *alg != own)
        {
            let other = under(json!({"typ": "JWT", "alg": alg, "kid": kid}), &token);
            assert_eq!(ask(node, None, &assertion(&other)).await, REFUSED, "{own} as {alg}");
        }
        // Another key of the same name, of this algorithm and of the others.
        for algorithm in Algorithm::ALL {
            let forged = SigningKey::generate_for(algorithm, kid.clone(), &Seeded::new(8)).unwrap();
            let forged = forged.sign("JWT", &claims).unwrap();
            assert_eq!(ask(node, None, &assertion(&forged)).await, REFUSED, "{algorithm} for {own}");
        }
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[20] ^= 1;
        let bent = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(ask(node, None, &assertion(&bent)).await, REFUSED, "{own} with one bit changed");
        assert_eq!(ask(node, None, &assertion(&token)).await, Ok(Method::PrivateKeyJwt), "{own}");
        assert_eq!(ask(node, None, &assertion(&token)).await, REFUSED, "{own} a second time");
    }
}

async fn tk_18_a_weak_key_is_not_registered(bed: Bed) {
    let rsa = |bytes: usize, exponent: &str| {
        let modulus = [vec![0xc5; bytes - 1], vec![0x01]].concat();
        let (kty, kid, n) = ("RSA".to_owned(), "weak".to_owned(), Some(URL_SAFE_NO_PAD.encode(modulus)));
        Jwk { kty, kid, n, e: Some(exponent.to_owned()), ..Jwk::default() }
    };
    let exponent_2 = "Ag";
    let exponent_1 = "AQ";
    let p256 = SigningKey::generate_for(Algorithm::Es256, "ec".to_owned(), &Seeded::new(7)).unwrap();
    let off_the_curve = Jwk { y: p256.verifying().jwk().x, ..p256.verifying().jwk() };
    let other_algorithm = Jwk { alg: Some("PS256".to_owned()), ..rsa(256, "AQAB") };
    for (what, jwk) in [
        ("1024 bits", rsa(128, "AQAB")),
        ("2040 bits", rsa(255, "AQAB")),
        ("more than 8192 bits", rsa(1025, "AQAB")),
        ("an even exponent", rsa(256, exponent_2)),
        ("the exponent 1", rsa(256, exponent_1)),
        ("no point on the curve", off_the_curve),
        ("another algorithm", other_algorithm),
    ] {
        let mut application = web("jwt");
        application["authenticationMethod"] = json!("private_key_jwt");
        application["jwks"] = json!({"keys": [jwk]});
        match make(&bed, application).await {
            Err(portcullis::Error::Invalid(field)) => assert_eq!(field.field, "jwks.keys[0]", "{what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_application").await, 0);
}

async fn tk_21_of_50_parallel_uses_of_an_assertion_one_succeeds(bed: Bed) {
    world(&bed).await;
    let other = bed.node("b").await;
    let form = assertion(&key(1).sign("JWT", &claims(json!({}))).unwrap());
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let (node, form) = (if n % 2 == 0 { &bed.portcullis } else { &other }.clone(), form.clone());
            tokio::spawn(async move { ask(&node, None, &form).await })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => good += 1,
            refused => assert_eq!(refused, REFUSED),
        }
    }
    assert_eq!(good, 1);
}

async fn tk_13_no_other_token_stands_in_for_an_assertion(bed: Bed) {
    world(&bed).await;
    for typ in ["at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt", "id+jwt", ""] {
        let form = assertion(&key(1).sign(typ, &claims(json!({}))).unwrap());
        assert_eq!(ask(&bed.portcullis, None, &form).await, REFUSED, "{typ}");
    }
    let form = assertion(&key(1).sign("client-authentication+jwt", &claims(json!({}))).unwrap());
    assert_eq!(ask(&bed.portcullis, None, &form).await, Ok(Method::PrivateKeyJwt));
    // Nor is an assertion, whatever it says of itself, a token: not as bearer, not at userinfo, not as a hint, not to be asked about.
    for typ in ["JWT", "at+jwt"] {
        let change = json!({"jti": "j9", "client_id": "jwt", "scope": "openid", "sid": "ses_1"});
        let signed = key(1).sign(typ, &claims(change)).unwrap();
        assert!(is_refused(&sender(&bed.portcullis, &signed).await), "{typ}");
        assert_eq!(user_info(&bed.portcullis, &signed).await.unwrap_err().code.as_str(), "invalid_token");
        let hint = Parameters::parse(format!("id_token_hint={signed}").as_bytes()).unwrap();
        let ended = end_session::begin(&bed.portcullis, &hint, None, Device::default()).await;
        assert_eq!(ended.unwrap_err().code.as_str(), "invalid_request", "{typ}");
        let form = format!("client_id=post&client_secret={}&token={signed}", escape(PLAIN));
        let asked = Parameters::parse(form.as_bytes()).unwrap();
        assert!(!introspect(&bed.portcullis, None, &asked).await.unwrap().active, "{typ}");
    }
}

async fn an_older_client_may_name_the_token_endpoint_where_that_is_allowed(bed: Bed) {
    world(&bed).await;
    let mut older = web("jwt");
    older["authenticationMethod"] = json!("private_key_jwt");
    older["jwks"] = jwks(&[&key(1), &key(2)]);
    older["exceptions"] = json!({"allowTokenEndpointAsAssertionAudience": true});
    update(&bed.portcullis, &bed.owner, "jwt", body(older), None).await.unwrap();
    let endpoint = format!("{URL}/oauth2/token");
    for (n, (audience, good)) in [
        (json!(endpoint), true),
        (json!([endpoint]), true),
        (json!(["https://other.example", URL]), true),
        (json!(URL), true),
        (json!(format!("{endpoint}/")), false),
        (json!(["https://other.example"]), false),
    ]
    .into_iter()
    .enumerate()
    {
        let claims = claims(json!({"aud": audience, "jti": format!("j{n}")}));
        let form = assertion(&key(2).sign("JWT", &claims).unwrap());
        assert_eq!(ask(&bed.portcullis, None, &form).await.is_ok(), good, "{audience}");
    }
}

async fn az_05_an_outage_is_never_a_yes(bed: Bed) {
    world(&bed).await;
    let (header, signed) =
        (basic("web", &escape(PLAIN)), assertion(&key(1).sign("JWT", &claims(json!({}))).unwrap()));
    assert!(ask(&bed.portcullis, Some(&header), "").await.is_ok());
    bed.portcullis.close().await;
    for (header, form) in [(Some(header.as_str()), ""), (None, signed.as_str()), (None, "client_id=spa")] {
        assert_eq!(ask(&bed.portcullis, header, form).await, Err(("temporarily_unavailable", 503)));
    }
}
