use portcullis_jose::Algorithm;
use portcullis_types::application::{ClientAuthenticationMethod, GrantTypeName, ResponseMode};
use portcullis_types::oauth::ServerMetadata;

use super::claims::{ACR_VALUES, standard_names};
use super::grant::GRANTS;
use super::scope::OPENID;
use crate::Portcullis;

/// The claims of ID tokens that are not about the person.
const PROTOCOL_CLAIMS: [&str; 13] = [
    "sub",
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "sid",
];

/// What discovery tells (RFC 8414, OpenID Connect Discovery), made from what is registered: a grant that has no line in the registry is not
/// named, nor is the endpoint that only it needs.
pub fn metadata(portcullis: &Portcullis) -> ServerMetadata {
    let at = |path: &str| format!("{}{path}", portcullis.public_url());
    let has = |name: GrantTypeName| GRANTS.iter().any(|grant| grant.name == name);
    let code = has(GrantTypeName::AuthorizationCode);
    let when_code = |values: Vec<String>| if code { values } else { Vec::new() };
    let methods = || texts(ClientAuthenticationMethod::ALL.iter().map(|method| method.as_str()));
    // Who asks what a token is worth must be somebody.
    let proofs = || methods().into_iter().filter(|method| method != "none").collect();
    let algorithms = || texts(Algorithm::ALL.iter().map(|algorithm| algorithm.name()));
    ServerMetadata {
        issuer: portcullis.public_url().to_owned(),
        jwks_uri: at("/.well-known/openid-configuration/jwks"),
        authorization_endpoint: code.then(|| at("/oauth2/authorize")),
        token_endpoint: at("/oauth2/token"),
        device_authorization_endpoint: has(GrantTypeName::DeviceCode)
            .then(|| at("/oauth2/device_authorization")),
        userinfo_endpoint: at("/oauth2/userinfo"),
        introspection_endpoint: at("/oauth2/introspect"),
        revocation_endpoint: at("/oauth2/revoke"),
        end_session_endpoint: at("/oauth2/logout"),
        response_types_supported: when_code(texts(["code"])),
        response_modes_supported: when_code(texts(ResponseMode::ALL.iter().map(|mode| mode.as_str()))),
        grant_types_supported: texts(GRANTS.iter().map(|grant| grant.name.as_str())),
        scopes_supported: texts(OPENID),
        token_endpoint_auth_methods_supported: methods(),
        token_endpoint_auth_signing_alg_values_supported: algorithms(),
        introspection_endpoint_auth_methods_supported: proofs(),
        introspection_endpoint_auth_signing_alg_values_supported: algorithms(),
        revocation_endpoint_auth_methods_supported: methods(),
        revocation_endpoint_auth_signing_alg_values_supported: algorithms(),
        code_challenge_methods_supported: when_code(texts(["S256"])),
        authorization_response_iss_parameter_supported: code,
        id_token_signing_alg_values_supported: algorithms(),
        subject_types_supported: texts(["public"]),
        claims_supported: texts(PROTOCOL_CLAIMS.into_iter().chain(standard_names())),
        claims_parameter_supported: true,
        acr_values_supported: texts(ACR_VALUES.iter().copied()),
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    }
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    values.into_iter().map(str::to_owned).collect()
}
