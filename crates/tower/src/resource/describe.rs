use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, Uri, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use portcullis_types::FieldError;
use portcullis_types::protected_resource::{ProtectedResourceMetadata, VerifyAccessToken};

use super::layer::ProtectedResourceLayer;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
const EXPECTED: &str =
    "https://HOST[:PORT][/PATH], without query and fragment (http only on localhost, 127.0.0.1 and [::1])";

/// An API that takes access tokens, and what it says about itself (RFC 9728).
///
/// Its identifier is what the audience of its tokens must say. [`ProtectedResource::router`] publishes the rest where clients look for
/// it; [`ProtectedResource::layer`] guards the routes, and tells whoever comes without a good token where that is.
///
/// ```
/// use std::sync::Arc;
/// use axum::{Router, routing::get};
/// use portcullis_tower::{ProtectedResource, ResourceToken, require_scope};
/// use portcullis_types::protected_resource::VerifyAccessToken;
///
/// async fn tools(token: ResourceToken) -> String {
///     format!("the tools of {}", token.subject)
/// }
///
/// // `verifier`: a `portcullis_client::Client` of the server at id.example.com, or its engine, `Portcullis`, in this process.
/// fn app(verifier: Arc<dyn VerifyAccessToken>) -> Result<Router, portcullis_types::FieldError> {
///     let resource = ProtectedResource::new("https://api.example.com/mcp")?
///         .authorization_server("https://id.example.com")
///         .scopes(["tools:read", "tools:call"])
///         .name("Example tools");
///     Ok(Router::new()
///         .route("/mcp", get(tools).route_layer(require_scope("tools:read")))
///         .layer(resource.layer(verifier))
///         // Not behind the layer: it is read by those who have no token yet.
///         .merge(resource.router()))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    metadata: ProtectedResourceMetadata,
    origin_len: usize,
}

impl ProtectedResource {
    /// A resource with this identifier: an absolute `https` URL without query and fragment (RFC 9728 §1.2); `http` only on this
    /// machine, for development. Clients compare it byte for byte, and so do we.
    ///
    /// # Errors
    /// [`FieldError`] for anything else.
    pub fn new(resource: impl Into<String>) -> Result<Self, FieldError> {
        let resource = resource.into();
        let origin_len = origin_len(&resource).ok_or_else(|| FieldError::new("resource", EXPECTED))?;
        let metadata = ProtectedResourceMetadata {
            resource,
            bearer_methods_supported: vec!["header".to_owned()],
            ..ProtectedResourceMetadata::default()
        };
        Ok(Self { metadata, origin_len })
    }

    /// Adds an issuer that gives access tokens for it: the public URL of a Portcullis server.
    #[must_use]
    pub fn authorization_server(mut self, issuer: impl Into<String>) -> Self {
        self.metadata.authorization_servers.push(issuer.into());
        self
    }

    /// The scopes by which access to it is asked for; a challenge without a token names them too.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.metadata.scopes_supported.extend(scopes.into_iter().map(Into::into));
        self
    }

    /// Its name, for people.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.metadata.resource_name = Some(name.into());
        self
    }

    /// Where people who write clients read about it.
    #[must_use]
    pub fn documentation(mut self, url: impl Into<String>) -> Self {
        self.metadata.resource_documentation = Some(url.into());
        self
    }

    /// What is published.
    pub fn metadata(&self) -> &ProtectedResourceMetadata {
        &self.metadata
    }

    /// The path at which it is published: `/.well-known/oauth-protected-resource`, with the resource's own path after it (RFC 9728
    /// §3.1).
    pub fn metadata_path(&self) -> String {
        let (_, path) = self.metadata.resource.split_at(self.origin_len);
        format!("{WELL_KNOWN}{}", if path == "/" { "" } else { path })
    }

    /// The URL of the same.
    pub fn metadata_url(&self) -> String {
        let (origin, _) = self.metadata.resource.split_at(self.origin_len);
        format!("{origin}{}", self.metadata_path())
    }

    /// The route that publishes it, to be merged beside the guarded ones at the root of the resource's origin. Any page may read it.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        const HEADERS: [(HeaderName, HeaderValue); 2] = [
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        ];
        let metadata = Arc::new(self.metadata.clone());
        let answer = move || {
            let metadata = Arc::clone(&metadata);
            async move { (HEADERS, Json(&*metadata)).into_response() }
        };
        Router::new().route(&self.metadata_path(), get(answer))
    }

    /// Lets only requests through whose access token `verifier` finds good, and which is for this resource.
    pub fn layer(&self, verifier: Arc<dyn VerifyAccessToken>) -> ProtectedResourceLayer {
        ProtectedResourceLayer::new(Arc::new(self.clone()), verifier)
    }
}

/// How long the origin is that an identifier begins with.
fn origin_len(resource: &str) -> Option<usize> {
    // What a router or a header would read as more than a name has no place in one.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()+,;=:@/[]".contains(&byte);
    if !resource.bytes().all(plain) || resource.contains("/..") {
        return None;
    }
    let uri: Uri = resource.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let is_here = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    let is_safe = scheme == "https" || (scheme == "http" && is_here);
    let origin_len = scheme.len() + "://".len() + authority.as_str().len();
    (is_safe && !authority.as_str().contains('@') && resource.is_char_boundary(origin_len))
        .then_some(origin_len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(resource: &str) -> String {
        ProtectedResource::new(resource).unwrap().metadata_path()
    }

    #[test]
    fn the_well_known_path_comes_between_the_host_and_the_path() {
        assert_eq!(path("https://api.example.com"), WELL_KNOWN);
        assert_eq!(path("https://api.example.com/"), WELL_KNOWN);
        assert_eq!(path("https://api.example.com:8443/mcp"), format!("{WELL_KNOWN}/mcp"));
        assert_eq!(path("http://127.0.0.1:3000/a/b"), format!("{WELL_KNOWN}/a/b"));
        let resource = ProtectedResource::new("https://api.example.com/mcp").unwrap();
        assert_eq!(
            resource.metadata_url(),
            "https://api.example.com/.well-known/oauth-protected-resource/mcp"
        );
    }

    #[test]
    fn an_identifier_is_an_https_url_without_query_and_fragment() {
        for wrong in [
            "",
            "api.example.com",
            "/mcp",
            "http://api.example.com",
            "ftp://api.example.com",
            "https://api.example.com/?a=b",
            "https://api.example.com/#a",
            "https://user@api.example.com",
            "https://api.example.com/{id}",
            "https://api.example.com/*",
            "https://api.example.com/a b",
            "https://api.example.com/a\"b",
            "https://api.example.com/../mcp",
        ] {
            assert!(ProtectedResource::new(wrong).is_err(), "{wrong}");
        }
    }
}
