//! Where a check's parameters are, without the router: its path written in the one canonical way. See
//! [`super::super::direct`].

use std::ops::{Range, RangeFrom};

use axum::http::Uri;
use axum::response::Response;
use portcullis::access::Question;

use super::check_access;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, decode_param};
use crate::params::{Permission, ResourceUri, UserId};

/// Where the three raw parameters are in the path of a check.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::routes) struct Segments {
    user: Range<usize>,
    resource: Range<usize>,
    permission: RangeFrom<usize>,
}

impl Segments {
    /// If this is exactly the path of a check.
    pub(in crate::routes) fn find(path: &str) -> Option<Self> {
        const USERS: &str = "/v1/users/";
        const RESOURCES: &str = "/resources/";
        const PERMISSIONS: &str = "/permissions/";
        let user = USERS.len()..until_slash(path, USERS.len())?;
        let at = after(path, user.end, RESOURCES)?;
        let resource = at..until_slash(path, at)?;
        let permission = after(path, resource.end, PERMISSIONS)?..;
        let last = path.get(permission.clone())?;
        let whole = path.starts_with(USERS) && !user.is_empty() && !resource.is_empty();
        (whole && !last.is_empty() && !last.contains('/')).then_some(Self { user, resource, permission })
    }

    /// What [`check_access`] answers to the request whose path this is of.
    pub(in crate::routes) async fn check(&self, call: &Call, uri: Uri) -> Result<Response, Failure> {
        let query = Query::new(uri);
        let (user, resource) = (self.user(query.path()), self.resource(query.path()));
        let (user, resource) = (decode_param::<UserId>(user)?, decode_param::<ResourceUri>(resource)?);
        let permission = decode_param::<Permission>(self.permission(query.path()))?;
        let question = Question { user_id: &user, resource: &resource, permission: &permission };
        check_access::answer(call, question, &query).await
    }

    fn user<'a>(&self, path: &'a str) -> &'a str {
        path.get(self.user.clone()).unwrap_or_default()
    }

    fn resource<'a>(&self, path: &'a str) -> &'a str {
        path.get(self.resource.clone()).unwrap_or_default()
    }

    fn permission<'a>(&self, path: &'a str) -> &'a str {
        path.get(self.permission.clone()).unwrap_or_default()
    }
}

/// Where the next slash from `start` on is.
fn until_slash(path: &str, start: usize) -> Option<usize> {
    path.as_bytes().get(start..)?.iter().position(|&byte| byte == b'/').map(|length| start + length)
}

/// What follows `word`, if that is at `start`.
fn after(path: &str, start: usize, word: &str) -> Option<usize> {
    path.get(start..)?.starts_with(word).then_some(start + word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_07_only_the_canonical_path_is_recognised() {
        let path = "/v1/users/a|b/resources/c%2Fd/permissions/e:f";
        let found = Segments::find(path).unwrap();
        assert_eq!((found.user(path), found.resource(path), found.permission(path)), ("a|b", "c%2Fd", "e:f"));
        for other in [
            "/v1/users/a/resources/b/permissions/",
            "/v1/users/a/resources/b/permissions/c/",
            "/v1/users/a/resources/b/c/permissions/d",
            "/v1/users/a/resources/b/roles",
            "/v1/users//resources/b/permissions/c",
            "/v1/users/a/resources//permissions/c",
            "//v1/users/a/resources/b/permissions/c",
            "/V1/users/a/resources/b/permissions/c",
            "/v1/users/",
            "/",
            "/v1/us\u{e9}rs/a/resources/b/permissions/c",
        ] {
            assert_eq!(Segments::find(other), None, "{other}");
        }
    }
}
