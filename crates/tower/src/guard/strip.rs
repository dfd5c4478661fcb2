use axum::http::{HeaderMap, HeaderName};

/// Headers in which proxies and services tell each other who a user is. From a client they are forgeries.
const OURS: [&str; 14] = [
    "x-user-id",
    "x-user-name",
    "x-user-email",
    "x-user-roles",
    "x-user",
    "x-roles",
    "x-scopes",
    "x-subject",
    "x-client-id",
    "x-tenant-id",
    "x-organization-id",
    "x-org-id",
    "x-workspace-id",
    "x-credits-used",
];
/// What else begins like this is ours too.
const PREFIXES: [&str; 2] = ["x-portcullis-", "x-authenticated-"];

/// Removes what only we may say.
pub(super) fn strip(headers: &mut HeaderMap, more: &[HeaderName]) {
    let is_ours = |name: &HeaderName| {
        OURS.contains(&name.as_str())
            || PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
            || more.contains(name)
    };
    let found: Vec<HeaderName> = headers.keys().filter(|name| is_ours(name)).cloned().collect();
    for name in found {
        headers.remove(&name);
    }
}
