//! The same endpoints under the paths that clients in use have built in (spec `client-handlers.md` §1.5, §2.5). They are no second
//! endpoints: discovery and the document name the ones in `/oauth2` only.

use axum::Router;
use axum::routing::{MethodRouter, get, post};
use utoipa_axum::router::OpenApiRouter;

use super::authorize::{authorize, authorize_by_post};
use super::authorize_device::authorize_device;
use super::issue_token::issue_token;
use super::{open_to_every_origin, preflight};
use crate::api::Api;

type Alias = (&'static str, fn() -> MethodRouter<Api>);

/// Paths, and what answers there. Scripts of other origins may call these.
static ALIASES: &[Alias] = &[
    ("/oauth/token", || post(issue_token)),
    ("/oauth/device/token", || post(issue_token)),
    ("/oidc/token", || post(issue_token)),
    ("/token", || post(issue_token)),
    ("/oauth/device/code", || post(authorize_device)),
    ("/oidc/device/code", || post(authorize_device)),
    ("/device_authorization", || post(authorize_device)),
];

/// The same for people's browsers, which come with cookies: no script of another origin reads these (AS-15).
static PAGES: &[Alias] = &[
    ("/authorize", || get(authorize).post(authorize_by_post)),
    ("/oidc/auth", || get(authorize).post(authorize_by_post)),
];

/// The aliases, below nothing and below each prefix, which begins with a slash and ends without one.
pub(crate) fn aliases(prefixes: &[String]) -> Router<Api> {
    let (mut open, mut pages) = (OpenApiRouter::default(), Router::new());
    for prefix in below(prefixes) {
        for (path, route) in ALIASES {
            open = open.route(&format!("{prefix}{path}"), route().merge(preflight()));
        }
        for (path, route) in PAGES {
            pages = pages.route(&format!("{prefix}{path}"), route());
        }
    }
    open_to_every_origin(open).split_for_parts().0.merge(pages)
}

/// Their paths, for the labels of metrics.
pub(crate) fn alias_paths(prefixes: &[String]) -> impl Iterator<Item = String> {
    let all = || ALIASES.iter().chain(PAGES);
    below(prefixes).flat_map(move |prefix| all().map(move |(path, _)| format!("{prefix}{path}")))
}

fn below(prefixes: &[String]) -> impl Iterator<Item = &str> {
    std::iter::once("").chain(prefixes.iter().map(String::as_str))
}

/// Whether a path is one of those that answer with JSON, below whatever prefix.
pub(crate) fn is_alias(path: &str) -> bool {
    let is_ours = path.starts_with("/v1/") || path.starts_with("/api/");
    !is_ours && ALIASES.iter().any(|(alias, _)| path.ends_with(alias))
}
