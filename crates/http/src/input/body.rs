use std::error::Error;
use std::fmt;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use portcullis_tower::ProblemResponse;
use portcullis_types::FieldError;
use portcullis_types::guard::GuardBody;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_ignored::Path;
use utoipa::ToSchema;

use super::shape;
use crate::api::Api;
use crate::failure::Failure;

/// Why a body ends before it is whole: it took too long. A server that waits only so long for bodies gives this as their error, on its own
/// or as a cause, and the request is answered with 408 (RFC 9110 §15.5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyTimeout;

impl fmt::Display for BodyTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body took too long")
    }
}

impl Error for BodyTimeout {}

/// A JSON body that must be there.
///
/// Unknown members are refused with their path (spec `authress-api.md` §11, 8): a misspelt one would otherwise be a wish that
/// silently does not come true.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// As [`JsonBody`], for what is asked all day.
pub(crate) struct StrictJson<T>(pub(crate) T);

/// A type that refuses unknown members by itself, on every level (`deny_unknown_fields`): to read it, no member's path has to be known.
/// It refuses a known member that stands twice by itself, too.
pub(crate) trait RefusesUnknown: DeserializeOwned {
    /// Whether it holds an object of any members.
    fn has_free_members(&self) -> bool;
}

impl RefusesUnknown for GuardBody {
    fn has_free_members(&self) -> bool {
        self.metadata.is_some()
            || self.resource.as_ref().is_some_and(|resource| !resource.attributes.is_empty())
    }
}

/// A JSON body that may be absent, in which case it is `T`'s default.
pub(crate) struct MaybeJson<T>(pub(crate) T);

/// Any JSON object, which nobody looks into.
#[derive(Default, ToSchema)]
pub(crate) struct AnyObject {}

impl<'de> Deserialize<'de> for AnyObject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Map::deserialize(deserializer).map(|_| Self {})
    }
}

impl<T: DeserializeOwned> FromRequest<Api> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Failure> {
        let bytes = read(request, api).await?;
        parse(&bytes).map(Self)
    }
}

impl<T: RefusesUnknown> FromRequest<Api> for StrictJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Failure> {
        let bytes = read(request, api).await?;
        parse_strict(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Api> for MaybeJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Failure> {
        let bytes = read(request, api).await?;
        if bytes.is_empty() {
            Ok(Self(T::default()))
        } else {
            parse::<Option<T>>(&bytes).map(|body| Self(body.unwrap_or_default()))
        }
    }
}

/// The whole body, within the limit. Its type counts only if there is one: clients name a type on requests without a body.
async fn read(request: Request, api: &Api) -> Result<Bytes, Failure> {
    let (parts, body) = request.into_parts();
    let bytes = collect(body, api.options().body_limit).await?;
    if !bytes.is_empty() && !is_json(&parts.headers) {
        let problem = ProblemResponse::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Unsupported media type",
            "UnsupportedMediaType",
        );
        return Err(problem.with_field(FieldError::new("Content-Type", "application/json")).into());
    }
    Ok(bytes)
}

/// The whole body of whatever type, within `limit` bytes.
pub(crate) async fn collect(body: Body, limit: usize) -> Result<Bytes, Failure> {
    let mut body = Limited::new(body, limit);
    // Nearly every body comes in one piece, which is taken as it is.
    let (mut first, mut whole) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| unreadable(&*error, limit))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

fn unreadable(error: &(dyn Error + Send + Sync + 'static), limit: usize) -> Failure {
    if error.is::<LengthLimitError>() {
        Failure::too_large(limit)
    } else if is_timeout(error) {
        Failure::too_slow()
    } else {
        Failure::invalid("body", "a whole body, as its length announced")
    }
}

/// Whether [`BodyTimeout`] is what happened, or its cause: bodies wrap each other, and their errors.
fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    error.is::<BodyTimeout>() || error.source().is_some_and(is_timeout)
}

/// Whether the body is said to be JSON, or not said to be anything.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let essence =
        value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.is_empty()
        || essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let text = well_shaped(bytes)?;
    let mut unknown = None;
    let read = serde_ignored::deserialize(&mut serde_json::Deserializer::from_str(text), |path| {
        if unknown.is_none() {
            unknown = Some(render(&path));
        }
    });
    match (read, unknown) {
        (Ok(value), None) => Ok(value),
        (Ok(_), Some(field)) => Err(Failure::invalid(field, "no such field")),
        (Err(_), _) => Err(why_not::<T>(text)),
    }
}

fn parse_strict<T: RefusesUnknown>(bytes: &[u8]) -> Result<T, Failure> {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else {
        return Err(why_not::<T>(well_shaped(bytes)?));
    };
    // The type has no room for a member twice or for what is deep but where members are free, and a NUL can only be written with a
    // backslash: the shape of everything else need not be looked at.
    if value.has_free_members() || bytes.contains(&b'\\') {
        well_shaped(bytes)?;
    }
    Ok(value)
}

fn well_shaped(bytes: &[u8]) -> Result<&str, Failure> {
    if bytes.is_empty() {
        return Err(Failure::invalid("body", "a JSON object"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_not_utf8| Failure::invalid("body", "JSON in UTF-8"))?;
    shape::check(text).map_err(ProblemResponse::invalid)?;
    Ok(text)
}

/// What is wrong with a body that was not accepted. It is read once more, for what is accepted need not pay for the search.
fn why_not<T: DeserializeOwned>(text: &str) -> Failure {
    let mut track = serde_path_to_error::Track::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    match T::deserialize(serde_path_to_error::Deserializer::new(&mut reader, &mut track)) {
        Ok(_) => Failure::invalid("body", "JSON"),
        Err(error) => refused(&track.path().to_string(), &error).into(),
    }
}

/// serde says what it found and what it expected in one sentence, and of a missing member only the name: taken apart here for
/// people, nothing is decided by it.
fn refused(path: &str, error: &serde_json::Error) -> ProblemResponse {
    let path = if path == "." { "" } else { path };
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let (field, expected) = match (missing, message.split_once("expected ")) {
        (Some(name), _) if path.is_empty() => (name.to_owned(), "this field"),
        (Some(name), _) => (format!("{path}.{name}"), "this field"),
        (None, _) if message.starts_with("unknown field ") => (path.to_owned(), "no such field"),
        (None, Some((_, expected))) => (path.to_owned(), expected),
        (None, None) => (path.to_owned(), message),
    };
    let field = if field.is_empty() { "body".to_owned() } else { field };
    ProblemResponse::invalid(FieldError::new(field, expected)).with_detail(message)
}

/// `statements[0].roles`: the form of every other path in problems.
fn render(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", render(parent)),
        Path::Map { parent, key } => match render(parent) {
            outer if outer.is_empty() => key.clone(),
            outer => format!("{outer}.{key}"),
        },
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            render(parent)
        }
    }
}

#[cfg(test)]
mod tests {
    use portcullis_types::authress::{AccessKeyBody, AccessRecordBody, ClientBody, GroupBody};

    use super::*;

    fn fault<T: DeserializeOwned>(text: &str) -> String {
        match parse::<T>(text.as_bytes()) {
            Ok(_) => String::new(),
            Err(failure) => failure.problem().field.clone().unwrap_or_default(),
        }
    }

    #[test]
    fn az_03_unknown_members_are_refused_by_their_path() {
        assert_eq!(fault::<AccessRecordBody>(r#"{"name":"n","statements":[],"colour":1}"#), "colour");
        let inner = r#"{"name":"n","statements":[{"roles":[],"resources":[{"resourceUri":"a","x":1}]}]}"#;
        assert_eq!(fault::<AccessRecordBody>(inner), "statements[0].resources[0].x");
        assert_eq!(fault::<ClientBody>(r#"{"options":{"admin":true}}"#), "options.admin");
        assert_eq!(fault::<AccessKeyBody>(r#"{"accessKey":"a"}"#), "accessKey");
    }

    #[test]
    fn az_03_a_strict_type_names_what_is_unknown_or_wrong_as_others_do() {
        let strict = |text: &str| {
            let problem =
                parse_strict::<GuardBody>(text.as_bytes()).map_err(|failure| failure.problem().field.clone());
            (problem.err().flatten().unwrap_or_default(), fault::<GuardBody>(text))
        };
        for (text, field) in [
            (r#"{"token":"t","colour":1}"#, "colour"),
            (r#"{"token":"t","resource":{"id":"1","x":{"deep":[1]}}}"#, "resource.x"),
            (r#"{"token":"t","resource":{"id":1}}"#, "resource.id"),
            (r#"{"token":"t","resource":{"sharedWith":["a",1]}}"#, "resource.sharedWith[1]"),
            (r#"{"operation":"read"}"#, "token"),
            (r#"{"token":"t","metadata":{"a":1,"a":2}}"#, "metadata.a"),
            (r#"{"token":"t"} {}"#, "body"),
            (r#"{"token":"t","token":"t"}"#, "token"),
            (r#"{"token":"t","resource":{"id":"1","id":"2"}}"#, "resource.id"),
            (r#"{"token":"t","resource":{"attributes":{"a":1,"a":2}}}"#, "resource.attributes.a"),
            (r#"{"token":"t\u0000"}"#, "token"),
            (r#"["t",null,null,{"a":1,"a":2}]"#, "[3].a"),
            (r#"{"token":"t","metadata":{}}"#, ""),
            (r#"{"token":"t\n","resource":{"id":"1","attributes":{}}}"#, ""),
            ("", "body"),
            (r#"{"token":"t","metadata":{"a":{"b":[null]}},"resource":{"attributes":{"any":1}}}"#, ""),
        ] {
            assert_eq!(strict(text), (field.to_owned(), field.to_owned()), "{text}");
        }
        let deep = format!(r#"{{"token":"t","metadata":{{"a":{}{}}}}}"#, "[".repeat(40), "]".repeat(40));
        assert_eq!(strict(&deep).0, strict(&deep).1);
        assert!(!strict(&deep).0.is_empty());
        assert!(parse_strict::<GuardBody>(b"{\"token\":\"\xff\"}").is_err());
    }

    #[test]
    fn az_03_read_only_members_are_taken_whatever_is_in_them() {
        let body = r#"{"name":"n","statements":[],"links":{"self":{"href":"x"}},"account":{"accountId":"a","deep":[{"a":1}]},
            "status":"DELETED","lastUpdated":"never","capacity":0.5}"#;
        assert_eq!(fault::<AccessRecordBody>(body), "");
        assert_eq!(
            fault::<ClientBody>(r#"{"verificationKeys":[{"keyId":"k","publicKey":{}}],"clientId":"sc_x"}"#),
            ""
        );
        assert_eq!(fault::<GroupBody>(r#"{"name":"g","links":{"self":null,"next":[1]}}"#), "");
    }

    #[test]
    fn a_wrong_or_missing_member_is_named() {
        assert_eq!(fault::<AccessRecordBody>(r#"{"name":1,"statements":[]}"#), "name");
        assert_eq!(fault::<AccessRecordBody>(r#"{"name":"n"}"#), "statements");
        assert_eq!(
            fault::<AccessRecordBody>(r#"{"name":"n","statements":[{"roles":[1]}]}"#),
            "statements[0].roles[0]"
        );
        assert_eq!(
            fault::<AccessRecordBody>(r#"{"name":"n","statements":[{"roles":[]}]}"#),
            "statements[0].resources"
        );
        assert_eq!(fault::<AccessRecordBody>("[]"), "body");
        assert_eq!(fault::<AccessRecordBody>(""), "body");
        assert_eq!(fault::<AccessRecordBody>(r#"{"name":"n","name":"m","statements":[]}"#), "name");
        assert_eq!(
            fault::<AccessRecordBody>(r#"{"name":"n","tags":{"a":"1","a":"2"},"statements":[]}"#),
            "tags.a"
        );
        assert!(parse::<AccessRecordBody>(b"{\"name\":\"\xff\"}").is_err());
    }

    #[test]
    fn only_json_is_taken_as_json() {
        let typed = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            is_json(&headers)
        };
        assert!(
            typed("application/json")
                && typed("Application/JSON; charset=utf-8")
                && typed("application/links+json")
        );
        assert!(
            !typed("text/plain")
                && !typed("application/x-www-form-urlencoded")
                && !typed("application/jsonp")
        );
        assert!(is_json(&HeaderMap::new()));
    }
}
