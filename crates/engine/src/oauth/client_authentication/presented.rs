use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_jose::UnverifiedToken;
use portcullis_types::Sensitive;
use portcullis_types::application::ClientAuthenticationMethod;

use super::{refused, unknown};
use crate::oauth::parameters::decode;
use crate::oauth::{OAuthError, Parameters};

/// The longest `Authorization` header that is read: an id and a secret of the greatest length, every character escaped, in base64.
const MAX_HEADER: usize = 4096;
/// The one kind of assertion (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Who a request says to come from, and by what. Nothing of it is believed yet.
pub(super) struct Presented<'p> {
    pub(super) client_id: Cow<'p, str>,
    pub(super) proof: Proof<'p>,
}

pub(super) enum Proof<'p> {
    Nothing,
    Basic(Sensitive),
    Post(&'p str),
    Assertion(UnverifiedToken<'p>),
}

impl Proof<'_> {
    pub(super) fn method(&self) -> ClientAuthenticationMethod {
        match self {
            Self::Nothing => ClientAuthenticationMethod::None,
            Self::Basic(_) => ClientAuthenticationMethod::ClientSecretBasic,
            Self::Post(_) => ClientAuthenticationMethod::ClientSecretPost,
            Self::Assertion(_) => ClientAuthenticationMethod::PrivateKeyJwt,
        }
    }
}

impl<'p> Presented<'p> {
    /// Reads what a request presents.
    ///
    /// # Errors
    /// `invalid_request` for more than one way at once, and for half of one; `invalid_client` for no way at all.
    pub(super) fn read(authorization: Option<&str>, parameters: &'p Parameters) -> Result<Self, OAuthError> {
        let named = parameters.find("client_id");
        let (secret, assertion) = (parameters.find("client_secret"), parameters.find("client_assertion"));
        let kind = parameters.find("client_assertion_type");
        let ways = [authorization.is_some(), secret.is_some(), assertion.is_some() || kind.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(OAuthError::invalid_request(
                "a client authenticates in one way only (RFC 6749, section 2.3)",
            ));
        }
        let presented = match (authorization, secret, assertion, kind) {
            (Some(header), ..) => basic(header)?,
            (_, Some(secret), ..) => Self { client_id: required(named)?, proof: Proof::Post(secret) },
            (_, _, Some(token), Some(JWT_BEARER)) => signed(token)?,
            (_, _, Some(_), Some(_)) => {
                return Err(refused("client_assertion_type is not jwt-bearer (RFC 7523, section 2.2)"));
            }
            (_, _, None, None) => Self { client_id: required(named)?, proof: Proof::Nothing },
            _ => {
                let both = "client_assertion and client_assertion_type come together (RFC 7521, section 4.2)";
                return Err(OAuthError::invalid_request(both));
            }
        };
        match named {
            Some(named) if named != presented.client_id => Err(refused("client_id names another client")),
            _ => Ok(presented),
        }
    }
}

fn required(named: Option<&str>) -> Result<Cow<'_, str>, OAuthError> {
    named.map(Cow::Borrowed).ok_or_else(|| refused("the request does not say which client it comes from"))
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are put together.
fn basic<'p>(header: &str) -> Result<Presented<'p>, OAuthError> {
    let unreadable = || {
        refused(
            "the Authorization header is not Basic with a form-encoded id and secret (RFC 6749, section 2.3.1)",
        )
    };
    let read = || {
        let (scheme, credentials) = header.split_once(' ').filter(|_| header.len() <= MAX_HEADER)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = STANDARD.decode(credentials.trim_matches(' ')).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        let (id, secret) = pair.split_at_checked(colon)?;
        Some((decode(id)?, decode(secret.get(1..)?)?))
    };
    let (id, secret) = read().ok_or_else(unreadable)?;
    // Clients without a secret are known to name themselves this way. An empty secret proves nothing: it is no authentication.
    let proof = if secret.is_empty() { Proof::Nothing } else { Proof::Basic(Sensitive::new(secret)) };
    Ok(Presented { client_id: id.into(), proof })
}

/// The subject of an assertion is the client (RFC 7523 §3).
fn signed(token: &str) -> Result<Presented<'_>, OAuthError> {
    let token = UnverifiedToken::parse(token)
        .map_err(|error| refused(format!("client_assertion is not a signed token: {error}")))?;
    let client_id = token.unverified_subject().ok_or_else(unknown)?.to_owned();
    Ok(Presented { client_id: client_id.into(), proof: Proof::Assertion(token) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: Option<&str>, form: &str) -> Result<(String, &'static str, String), (&'static str, u16)> {
        let parameters = Parameters::parse(form.as_bytes()).unwrap();
        let presented =
            Presented::read(header, &parameters).map_err(|error| (error.code.as_str(), error.status()))?;
        let method = presented.proof.method().as_str();
        let secret = match presented.proof {
            Proof::Basic(secret) => secret.into_inner(),
            Proof::Post(secret) => secret.to_owned(),
            Proof::Nothing | Proof::Assertion(_) => String::new(),
        };
        Ok((presented.client_id.into_owned(), method, secret))
    }

    fn basic_of(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    #[test]
    fn each_way_is_read() {
        let of = |id: &str, method, secret: &str| Ok((id.to_owned(), method, secret.to_owned()));
        assert_eq!(read(None, "client_id=app"), of("app", "none", ""));
        assert_eq!(
            read(None, "client_id=app&client_secret="),
            of("app", "none", ""),
            "an empty value is no value"
        );
        assert_eq!(
            read(None, "client_id=app&client_secret=a%3Ab+c"),
            of("app", "client_secret_post", "a:b c")
        );
        let basic = "client_secret_basic";
        assert_eq!(read(Some(&basic_of("app:secret")), ""), of("app", basic, "secret"));
        assert_eq!(
            read(Some(&basic_of("app:secret").replace("Basic", "bASIC")), "client_id=app"),
            of("app", basic, "secret")
        );
        assert_eq!(read(Some(&basic_of("a%7Ep:s%3Ae%25+%2B:x")), ""), of("a~p", basic, "s:e% +:x"));
        assert_eq!(
            read(Some(&basic_of("app:")), ""),
            of("app", "none", ""),
            "an empty secret proves nothing"
        );
    }

    #[test]
    fn tk_22_one_way_a_request() {
        let header = basic_of("app:secret");
        let assertion = format!("client_assertion=a.b.c&client_assertion_type={JWT_BEARER}");
        for (header, form) in [
            (Some(header.as_str()), "client_secret=secret".to_owned()),
            (Some(&header), "client_id=app&client_secret=secret".to_owned()),
            (Some(&header), assertion.clone()),
            (Some(&header), format!("client_assertion_type={JWT_BEARER}")),
            (None, format!("client_id=app&client_secret=secret&{assertion}")),
            (None, "client_id=app&client_assertion=a.b.c".to_owned()),
            (None, format!("client_id=app&client_assertion_type={JWT_BEARER}")),
        ] {
            assert_eq!(read(header, &form).unwrap_err(), ("invalid_request", 400), "{form}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_nobody() {
        let long = basic_of(&format!("app:{}", "x".repeat(4096)));
        for header in [
            "",
            "Basic",
            "Basic ",
            "Basic !!!",
            "Basic YXBw",
            "Bearer abc",
            "BasicYXBwOnNlY3JldA==",
            &basic_of("app:secret").replace('=', ""),
            &basic_of("app:%zz"),
            &basic_of("a%pp:secret"),
            &basic_of("app:%00"),
            &long,
        ] {
            // "app:secret" has no padding to be lost.
            if STANDARD.encode("app:secret") == header.trim_start_matches("Basic ") {
                continue;
            }
            assert_eq!(read(Some(header), "").unwrap_err(), ("invalid_client", 401), "{header:.60}");
        }
        for form in [
            "",
            "client_secret=secret",
            "client_assertion=x&client_assertion_type=saml",
            &format!("client_assertion=a.b.c&client_assertion_type={JWT_BEARER}"),
        ] {
            assert_eq!(read(None, form).unwrap_err(), ("invalid_client", 401), "{form}");
        }
        assert_eq!(read(Some(&basic_of("app:secret")), "client_id=other").unwrap_err().0, "invalid_client");
    }
}
