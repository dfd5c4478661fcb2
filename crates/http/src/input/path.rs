use std::borrow::Cow;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::Uri;
use axum::http::request::Parts;

use super::encoding::{EXPECTED, decode};
use crate::failure::Failure;
use crate::params::PathParam;

/// The parameters of the path, read from its raw form.
///
/// axum's own extractor takes a broken escape as literal text; here every segment is decoded exactly once, or refused.
pub(crate) struct RawPath {
    uri: Uri,
    template: Option<MatchedPath>,
}

impl RawPath {
    /// The parameter, decoded.
    pub(crate) fn get<P: PathParam>(&self) -> Result<Cow<'_, str>, Failure> {
        let template = self.template.as_ref().map_or("", MatchedPath::as_str);
        let raw = find(template, self.uri.path(), P::NAME).ok_or_else(|| Failure::internal(None))?;
        decode_param::<P>(raw)
    }
}

/// One raw segment as a parameter's value.
pub(crate) fn decode_param<P: PathParam>(raw: &str) -> Result<Cow<'_, str>, Failure> {
    decode(raw).ok_or_else(|| Failure::invalid(P::NAME, EXPECTED))
}

/// The raw segment where the template says `{name}`.
fn find<'a>(template: &str, path: &'a str, name: &str) -> Option<&'a str> {
    let is_it = |part: &str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) == Some(name);
    template.split('/').zip(path.split('/')).find(|(part, _)| is_it(part)).map(|(_, segment)| segment)
}

impl<S: Sync> FromRequestParts<S> for RawPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self { uri: parts.uri.clone(), template: parts.extensions.get::<MatchedPath>().cloned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_07_a_parameter_is_one_raw_segment() {
        let template = "/v1/users/{userId}/resources/{resourceUri}";
        let path = "/v1/users/auth0|a/resources/a%2Fb";
        assert_eq!(find(template, path, "userId"), Some("auth0|a"));
        assert_eq!(find(template, path, "resourceUri"), Some("a%2Fb"));
        assert_eq!(find(template, path, "permission"), None);
    }
}
