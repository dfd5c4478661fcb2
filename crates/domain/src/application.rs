use std::collections::BTreeSet;

use portcullis_types::application::{
    Application, ApplicationBody, ApplicationKind, ApplicationSecret, ClientAuthenticationMethod,
    CustomClaim, GrantTypeName, ResponseMode,
};
use portcullis_types::{FieldError, Timestamp, id};

use crate::limits;
use crate::redirect_uri::{AnyPort, check_redirect_uri, redirect_uri_matches};

/// How many secrets an application may have at once: the one in use and the one that replaces it.
pub const MAX_APPLICATION_SECRETS: usize = 2;

/// The id of the secret that `apply` sets.
pub const FIXED_SECRET: &str = "fixed";

/// A secret of an application as it is stored: nothing of it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredApplicationSecret {
    /// Whose it is.
    pub application_id: String,
    /// Its id among those of the application.
    pub secret_id: String,
    /// SHA-256 of its text.
    pub digest: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
}

impl StoredApplicationSecret {
    /// What may be told of it.
    pub fn wire(&self) -> ApplicationSecret {
        ApplicationSecret { secret_id: self.secret_id.clone(), created_at: self.created_at }
    }
}

/// What minted ids of other principals begin with.
const OTHERS: [&str; 2] = ["sc_", "usr_"];

/// Checks an application's id (AS-26: none can be a minted id of a user or a service client).
///
/// # Errors
/// [`FieldError`] for `applicationId`.
pub fn application_id(text: &str) -> Result<(), FieldError> {
    let refused = |expected: &str| Err(FieldError::new("applicationId", expected));
    match id::application_id(text) {
        Err(error) => refused(error.expected),
        Ok(()) if OTHERS.iter().any(|prefix| text.starts_with(prefix)) => {
            refused("an id that does not begin with sc_ or usr_, as those of service clients and users do")
        }
        Ok(()) => Ok(()),
    }
}

/// Checks a secret that was chosen elsewhere, given as the field `secret`: 32 to 512 characters from `!` to `~`. It must come from
/// a random source: only its digest is stored, and a digest this cheap protects nothing that can be guessed.
///
/// # Errors
/// [`FieldError`] that holds no part of it.
pub fn check_fixed_secret(text: &str) -> Result<(), FieldError> {
    if (32..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(FieldError::new("secret", "32 to 512 characters from ! to ~, taken from a random source"))
    }
}

/// Whether a browser may be sent to `uri` with an answer for the application (AS-01).
pub fn may_redirect_to(application: &Application, uri: &str) -> bool {
    let ports = any_port(application);
    application.redirect_uris.iter().any(|registered| redirect_uri_matches(registered, uri, ports))
}

fn any_port(application: &Application) -> AnyPort {
    match application.kind {
        ApplicationKind::Native if application.exceptions.allow_any_localhost_port => AnyPort::OnLocalhostToo,
        ApplicationKind::Native => AnyPort::OnLoopbackIp,
        ApplicationKind::Web | ApplicationKind::Browser | ApplicationKind::Service => AnyPort::Never,
    }
}

/// Makes an application of a request's body, with every default filled in. The keys of `jwks` are not looked at here.
///
/// # Errors
/// [`FieldError`] with the JSON path of what is out of bounds.
pub fn application_from_body(
    body: ApplicationBody,
    id: String,
    created_at: Timestamp,
    now: Timestamp,
) -> Result<Application, FieldError> {
    application_id(&id)?;
    let application = Application {
        application_id: id,
        authentication_method: body.authentication_method.unwrap_or_else(|| default_method(body.kind)),
        grant_types: body.grant_types.unwrap_or_else(|| default_grant_types(body.kind)),
        response_modes: body.response_modes.unwrap_or_else(|| vec![ResponseMode::Query]),
        scopes: body.scopes.unwrap_or_else(|| default_scopes(body.kind)),
        signing_algorithm: body.signing_algorithm.unwrap_or_default(),
        name: body.name,
        kind: body.kind,
        redirect_uris: body.redirect_uris,
        post_logout_redirect_uris: body.post_logout_redirect_uris,
        audiences: body.audiences,
        default_audience: body.default_audience,
        access_token_secs: body.access_token_secs,
        id_token_secs: body.id_token_secs,
        refresh_token_secs: body.refresh_token_secs,
        refresh_idle_secs: body.refresh_idle_secs,
        require_pkce: body.require_pkce,
        first_party: body.first_party,
        exceptions: body.exceptions,
        claims: body.claims,
        jwks: body.jwks,
        user_pool: body.user_pool,
        product_id: body.product_id,
        created_at,
        last_updated: now,
    };
    check(&application)?;
    Ok(application)
}

const fn default_method(kind: ApplicationKind) -> ClientAuthenticationMethod {
    match kind {
        ApplicationKind::Browser | ApplicationKind::Native => ClientAuthenticationMethod::None,
        ApplicationKind::Web | ApplicationKind::Service => ClientAuthenticationMethod::ClientSecretBasic,
    }
}

fn default_grant_types(kind: ApplicationKind) -> Vec<GrantTypeName> {
    match kind {
        ApplicationKind::Service => vec![GrantTypeName::ClientCredentials],
        _ => vec![GrantTypeName::AuthorizationCode, GrantTypeName::RefreshToken],
    }
}

fn default_scopes(kind: ApplicationKind) -> Vec<String> {
    let names: &[&str] = match kind {
        ApplicationKind::Service => &[],
        _ => &["openid", "profile", "email", "offline_access"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn check(application: &Application) -> Result<(), FieldError> {
    limits::text("name", &application.name, 1, 128)?;
    check_kind(application)?;
    check_grant_types(application)?;
    check_redirect_uris(application)?;
    each("responseModes", &application.response_modes, 1, 2, |_, _| Ok(()))?;
    each("scopes", &application.scopes, 0, 100, |field, scope| check_scope(field, scope))?;
    check_audiences(application)?;
    check_durations(application)?;
    check_exceptions(application)?;
    limits::count("claims", application.claims.len(), 0, 20)?;
    let mut names = BTreeSet::new();
    for (index, claim) in application.claims.iter().enumerate() {
        let under = |error: FieldError| error.under(&format!("claims[{index}]"));
        check_claim(claim).map_err(under)?;
        if !names.insert(&claim.name) {
            return Err(under(FieldError::new("name", "each name once")));
        }
    }
    if let Some(pool) = &application.user_pool {
        id::pool_id(pool).map_err(|error| FieldError::new("userPool", error.expected))?;
    }
    if let Some(product) = &application.product_id {
        id::plain_id(product).map_err(|error| FieldError::new("productId", error.expected))?;
    }
    Ok(())
}

fn check_kind(application: &Application) -> Result<(), FieldError> {
    use ClientAuthenticationMethod as Method;
    let method = application.authentication_method;
    let expected = match application.kind {
        ApplicationKind::Browser if method != Method::None => {
            Some("none: what runs in a browser can keep no secret")
        }
        ApplicationKind::Service if method == Method::None => {
            Some("a method by which the service proves to be itself")
        }
        _ => None,
    };
    if let Some(expected) = expected {
        return Err(FieldError::new("authenticationMethod", expected));
    }
    match (method, &application.jwks) {
        (Method::PrivateKeyJwt, None) => Err(FieldError::new("jwks", "the keys that private_key_jwt takes")),
        (Method::PrivateKeyJwt, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(FieldError::new("jwks", "nothing: keys are for private_key_jwt only")),
    }
}

fn check_grant_types(application: &Application) -> Result<(), FieldError> {
    each("grantTypes", &application.grant_types, 0, GrantTypeName::ALL.len(), |field, grant| {
        let refused = |expected: &str| Err(FieldError::new(field, expected));
        match grant {
            GrantTypeName::ClientCredentials if !application.is_confidential() => refused(
                "a grant type for public clients: this one takes an application that proves to be itself",
            ),
            GrantTypeName::ClientCredentials => Ok(()),
            _ if application.kind == ApplicationKind::Service => {
                refused("client_credentials: nobody signs in with a service")
            }
            _ => Ok(()),
        }
    })
}

fn check_redirect_uris(application: &Application) -> Result<(), FieldError> {
    let private_use = application.kind == ApplicationKind::Native;
    let check = |field: &str, uri: &String| check_redirect_uri(field, uri, private_use);
    each("redirectUris", &application.redirect_uris, 0, 50, check)?;
    each("postLogoutRedirectUris", &application.post_logout_redirect_uris, 0, 50, check)?;
    if application.has_grant_type(GrantTypeName::AuthorizationCode) && application.redirect_uris.is_empty() {
        return Err(FieldError::new(
            "redirectUris",
            "at least one, because grantTypes has authorization_code",
        ));
    }
    Ok(())
}

fn check_scope(field: &str, scope: &str) -> Result<(), FieldError> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
    if (1..=128).contains(&scope.len()) && scope.bytes().all(allowed) {
        Ok(())
    } else {
        Err(FieldError::new(field, "1 to 128 characters from ! to ~, without \" and \\ (RFC 6749 §3.3)"))
    }
}

fn check_audiences(application: &Application) -> Result<(), FieldError> {
    each("audiences", &application.audiences, 0, 50, |field, audience| {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"\\#".contains(&byte);
        if (1..=512).contains(&audience.len()) && audience.bytes().all(allowed) {
            Ok(())
        } else {
            Err(FieldError::new(
                field,
                "1 to 512 characters from ! to ~: a URI without a fragment (RFC 8707 §2)",
            ))
        }
    })?;
    match &application.default_audience {
        Some(default) if !application.audiences.contains(default) => {
            Err(FieldError::new("defaultAudience", "one of audiences"))
        }
        _ => Ok(()),
    }
}

fn check_durations(application: &Application) -> Result<(), FieldError> {
    const DAY: i64 = 24 * 60 * 60;
    for (field, secs, days) in [
        ("accessTokenSecs", application.access_token_secs, 30),
        ("idTokenSecs", application.id_token_secs, 30),
        ("refreshTokenSecs", application.refresh_token_secs, 365),
        ("refreshIdleSecs", application.refresh_idle_secs, 365),
    ] {
        if let Some(secs) = secs {
            limits::amount(field, secs.into(), 1, days * DAY)?;
        }
    }
    Ok(())
}

fn check_exceptions(application: &Application) -> Result<(), FieldError> {
    if !application.require_pkce && !application.is_confidential() {
        return Err(FieldError::new(
            "requirePkce",
            "true: nothing else protects the codes of a public client",
        ));
    }
    let exceptions = &application.exceptions;
    if exceptions.allow_any_localhost_port && application.kind != ApplicationKind::Native {
        return Err(FieldError::new(
            "exceptions.allowAnyLocalhostPort",
            "false: it is for native applications",
        ));
    }
    match exceptions.refresh_grace_secs {
        Some(secs) => limits::amount("exceptions.refreshGraceSecs", secs.into(), 0, 120),
        None => Ok(()),
    }
}

/// Claims that protocols define (RFC 7519 §4.1, RFC 9068 §2.2, OpenID Connect Core §2, and those that bind tokens): what they say
/// is never an application's to choose.
const PROTOCOL_CLAIMS: [&str; 27] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "scope",
    "scp",
    "client_id",
    "cnf",
    "act",
    "may_act",
    "events",
    "typ",
    "active",
    "token_type",
    "username",
];

fn check_claim(claim: &CustomClaim) -> Result<(), FieldError> {
    limits::text("name", &claim.name, 1, 128)?;
    if PROTOCOL_CLAIMS.contains(&claim.name.as_str()) {
        return Err(FieldError::new("name", "a claim that no protocol defines"));
    }
    match (&claim.value, claim.source) {
        (Some(value), None) if value.is_null() || value.to_string().len() > 1024 => {
            return Err(FieldError::new("value", "up to 1024 bytes of JSON, not null"));
        }
        (Some(_), None) | (None, Some(_)) => {}
        _ => return Err(FieldError::new("value", "exactly one of value and source")),
    }
    each("tokens", &claim.tokens, 1, 3, |_, _| Ok(()))
}

/// Checks a list: its length, every entry, and that none is there twice.
fn each<T: Ord>(
    field: &str,
    entries: &[T],
    min: usize,
    max: usize,
    check: impl Fn(&str, &T) -> Result<(), FieldError>,
) -> Result<(), FieldError> {
    limits::count(field, entries.len(), min, max)?;
    let mut seen = BTreeSet::new();
    for (index, entry) in entries.iter().enumerate() {
        let field = format!("{field}[{index}]");
        check(&field, entry)?;
        if !seen.insert(entry) {
            return Err(FieldError::new(field, "each entry once"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn made(change: Value) -> Result<Application, FieldError> {
        let mut body = json!({"name": "A", "kind": "web", "redirectUris": ["https://a.example/cb"]});
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let now = Timestamp::from_secs(0);
        application_from_body(serde_json::from_value(body).unwrap(), "app_1".into(), now, now)
    }

    #[test]
    fn defaults_are_safe_and_depend_on_the_kind() {
        use ClientAuthenticationMethod as Method;
        let web = made(json!({})).unwrap();
        assert_eq!(web.authentication_method, Method::ClientSecretBasic);
        assert_eq!(web.grant_types, [GrantTypeName::AuthorizationCode, GrantTypeName::RefreshToken]);
        assert_eq!(web.scopes, ["openid", "profile", "email", "offline_access"]);
        assert_eq!(web.response_modes, [ResponseMode::Query]);
        assert!(web.require_pkce && !web.first_party);
        assert_eq!(web.exceptions, Default::default());
        assert_eq!(web.signing_algorithm.as_str(), "EdDSA");
        for kind in ["browser", "native"] {
            assert_eq!(made(json!({"kind": kind})).unwrap().authentication_method, Method::None);
        }
        let service = made(json!({"kind": "service", "redirectUris": []})).unwrap();
        assert_eq!(service.grant_types, [GrantTypeName::ClientCredentials]);
        assert!(service.scopes.is_empty());
        let native = made(json!({"kind": "native", "redirectUris": ["com.example.app:/cb"]})).unwrap();
        assert!(!may_redirect_to(&native, "com.example.app:/cb2"));
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_with_the_json_path() {
        let long = |len: usize| "x".repeat(len);
        for (change, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": long(129)}), "name"),
            (
                json!({"kind": "browser", "authenticationMethod": "client_secret_post"}),
                "authenticationMethod",
            ),
            (json!({"kind": "service", "authenticationMethod": "none"}), "authenticationMethod"),
            (json!({"authenticationMethod": "private_key_jwt"}), "jwks"),
            (json!({"jwks": {"keys": []}}), "jwks"),
            (json!({"grantTypes": ["client_credentials"], "authenticationMethod": "none"}), "grantTypes[0]"),
            (json!({"grantTypes": ["refresh_token", "refresh_token"]}), "grantTypes[1]"),
            (json!({"kind": "service", "grantTypes": ["authorization_code"]}), "grantTypes[0]"),
            (json!({"redirectUris": []}), "redirectUris"),
            (json!({"redirectUris": ["https://a.example/cb", "https://a.example/*"]}), "redirectUris[1]"),
            (json!({"redirectUris": ["https://a.example/cb", "https://a.example/cb"]}), "redirectUris[1]"),
            (json!({"redirectUris": ["com.example.app:/cb"]}), "redirectUris[0]"),
            (json!({"postLogoutRedirectUris": ["http://a.example/"]}), "postLogoutRedirectUris[0]"),
            (json!({"responseModes": []}), "responseModes"),
            (json!({"scopes": ["a b"]}), "scopes[0]"),
            (json!({"scopes": ["", "b"]}), "scopes[0]"),
            (json!({"scopes": ["a", "a"]}), "scopes[1]"),
            (json!({"scopes": ["a\"b"]}), "scopes[0]"),
            (json!({"audiences": ["https://api.example/#x"]}), "audiences[0]"),
            (json!({"audiences": [long(513)]}), "audiences[0]"),
            (json!({"audiences": ["a"], "defaultAudience": "b"}), "defaultAudience"),
            (json!({"accessTokenSecs": 0}), "accessTokenSecs"),
            (json!({"idTokenSecs": 2_592_001}), "idTokenSecs"),
            (json!({"refreshTokenSecs": 0}), "refreshTokenSecs"),
            (json!({"refreshIdleSecs": 31_536_001}), "refreshIdleSecs"),
            (json!({"requirePkce": false, "authenticationMethod": "none"}), "requirePkce"),
            (json!({"exceptions": {"allowAnyLocalhostPort": true}}), "exceptions.allowAnyLocalhostPort"),
            (json!({"exceptions": {"refreshGraceSecs": 121}}), "exceptions.refreshGraceSecs"),
            (json!({"claims": [{"name": "sub", "value": 1, "tokens": ["id_token"]}]}), "claims[0].name"),
            (json!({"claims": [{"name": "a", "tokens": ["id_token"]}]}), "claims[0].value"),
            (
                json!({"claims": [{"name": "a", "value": 1, "source": "user.id", "tokens": ["id_token"]}]}),
                "claims[0].value",
            ),
            (
                json!({"claims": [{"name": "a", "value": long(1024), "tokens": ["id_token"]}]}),
                "claims[0].value",
            ),
            (json!({"claims": [{"name": "a", "value": 1, "tokens": []}]}), "claims[0].tokens"),
            (
                json!({"claims": [{"name": "a", "value": 1, "tokens": ["id_token"]}, {"name": "a", "value": 2, "tokens": ["userinfo"]}]}),
                "claims[1].name",
            ),
            (json!({"userPool": "a b"}), "userPool"),
            (json!({"productId": "a/b"}), "productId"),
        ] {
            assert_eq!(made(change.clone()).unwrap_err().field, field, "{change}");
        }
    }

    #[test]
    fn lifetimes_go_down_to_a_second() {
        let short = json!({"accessTokenSecs": 1, "idTokenSecs": 1, "refreshTokenSecs": 1, "refreshIdleSecs": 1,
            "exceptions": {"refreshGraceSecs": 0}});
        assert!(made(short).is_ok());
    }

    #[test]
    fn as_26_an_id_is_never_one_that_users_and_service_clients_get() {
        for id in ["app_1", "web", "a.b_c~d-E9"] {
            assert!(application_id(id).is_ok(), "{id}");
        }
        for id in ["", "usr_1", "sc_1", "a b", "a/b", "a:b", "auth0|a", "a@b", "é", &"a".repeat(65)] {
            assert_eq!(application_id(id).unwrap_err().field, "applicationId", "{id}");
        }
    }

    #[test]
    fn a_fixed_secret_is_long_enough_to_be_random() {
        assert!(check_fixed_secret(&"s".repeat(32)).is_ok() && check_fixed_secret(&"~".repeat(512)).is_ok());
        for secret in [
            &"s".repeat(31),
            &"s".repeat(513),
            &format!("{} ", "s".repeat(40)),
            &format!("{}é", "s".repeat(40)),
        ] {
            assert!(check_fixed_secret(secret).is_err());
        }
    }

    #[test]
    fn as_01_the_port_of_a_loopback_address_is_free_for_native_applications_only() {
        let uris = json!(["http://127.0.0.1/cb", "http://localhost:8400/cb"]);
        let other_ports = |change: Value| {
            let application = made(change).unwrap();
            ["http://127.0.0.1:9/cb", "http://localhost:9/cb"].map(|uri| may_redirect_to(&application, uri))
        };
        assert_eq!(other_ports(json!({"redirectUris": uris})), [false, false]);
        assert_eq!(other_ports(json!({"redirectUris": uris, "kind": "browser"})), [false, false]);
        assert_eq!(other_ports(json!({"redirectUris": uris, "kind": "native"})), [true, false]);
        let excepted =
            json!({"redirectUris": uris, "kind": "native", "exceptions": {"allowAnyLocalhostPort": true}});
        assert_eq!(other_ports(excepted), [true, true]);
    }
}
