use std::collections::BTreeSet;

use portcullis_authz::listing::{Collection, ResourceQuery};
use portcullis_authz::{AskedPath, Bits, Decision, Holder, LoadedGrants, Unwatched, check_action};
use portcullis_domain::{PrincipalKind, ResourcePath};
use portcullis_types::authress::Resource;

use super::ask::{bad_resource, parse_user};
use super::load::token_statements;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Which of a user's resources.
#[derive(Clone, Debug, Default)]
pub struct ResourcesQuery {
    /// The collection; `*` when absent.
    pub resource_uri: Option<String>,
    /// How deep.
    pub collection: Collection,
    /// Only where the user is allowed this; any permission when absent.
    pub permission: Option<String>,
}

/// The resources that a user has access to (spec `authress-api.md` §3.1 `getUserResources`, §4.7): complete, sorted, without
/// duplicates. At most 100 a page.
///
/// # Errors
/// As [`check`](super::check()); [`Error::Invalid`](crate::Error::Invalid) for `limit` and `cursor`.
pub async fn resources(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    query: ResourcesQuery,
    page: PageRequest,
) -> Result<Listing<Resource>> {
    let limit = page.limit(100)?;
    let after = page.after()?;
    if let Some(permission) = &query.permission {
        check_action(permission)?;
    }
    let uri = query.resource_uri.as_deref().unwrap_or("*");
    let pattern =
        ResourceQuery::parse(uri, query.collection).map_err(|error| bad_resource("resourceUri", error))?;
    let user = parse_user(user_id)?;
    let limited_by = portcullis.may_ask(cx, user).await?;
    let token = match limited_by {
        Some(token) => Some(portcullis.grants(Holder::Token(token)).await?),
        None => None,
    };
    let filter = Filter {
        portcullis,
        own: portcullis.grants(Holder::User(user)).await?,
        token,
        permission: query.permission.as_deref(),
    };
    let stored = stored_resources(portcullis, user, limited_by, query.collection).await?;
    let found: BTreeSet<String> = stored
        .iter()
        .filter_map(|stored| pattern.unify(stored))
        .map(|common| as_asked(common, uri))
        .collect();
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let items: Vec<Resource> = found
        .into_iter()
        .filter(|uri| after.as_ref().is_none_or(|after| uri > after) && filter.keeps(uri))
        .take(wanted)
        .map(|resource_uri| Resource { resource_uri })
        .collect();
    Ok(Listing::cut(items, limit, |resource| &resource.resource_uri))
}

/// Broader access echoes the query as it was written (spec `authress-api.md` §4.7).
fn as_asked(common: String, asked: &str) -> String {
    let same = ResourcePath::normal(asked).is_ok_and(|normal| normal == common);
    if same { asked.to_owned() } else { common }
}

/// Every resource that a record names for the user or a group of theirs; for nested lists also what is public, and what the
/// token is limited to, which may lie below what the user has.
async fn stored_resources(
    portcullis: &Portcullis,
    user: &str,
    limited_by: Option<&str>,
    collection: Collection,
) -> Result<BTreeSet<String>> {
    let mut stored = BTreeSet::new();
    if collection == Collection::IncludeNested {
        stored.extend(portcullis.public_resources().await?);
    }
    let mut snapshot = portcullis.read().await?;
    if let Some(token) = limited_by
        && collection == Collection::IncludeNested
    {
        let statements = token_statements(&mut *snapshot, token).await?;
        stored.extend(statements.into_iter().flat_map(|statement| statement.resources));
    }
    let queries = snapshot.queries();
    let own = queries.principal_grants(PrincipalKind::User, user, false).await?;
    stored.extend(own.resources.into_iter().map(|resource| resource.uri));
    for group in queries.groups_of(user).await? {
        let grants = queries.principal_grants(PrincipalKind::Group, &group, false).await?;
        stored.extend(grants.resources.into_iter().map(|resource| resource.uri));
    }
    Ok(stored)
}

struct Filter<'a> {
    portcullis: &'a Portcullis,
    own: LoadedGrants,
    token: Option<LoadedGrants>,
    permission: Option<&'a str>,
}

impl Filter<'_> {
    fn keeps(&self, uri: &str) -> bool {
        let Ok(path) = AskedPath::parse(self.portcullis.decider().key(), uri) else { return false };
        self.allows(&self.own, &path) && self.token.as_ref().is_none_or(|token| self.allows(token, &path))
    }

    fn allows(&self, grants: &LoadedGrants, path: &AskedPath<'_>) -> bool {
        let decider = self.portcullis.decider();
        if let Some(permission) = self.permission {
            return decider.decide_loaded(grants, path, permission, Bits::ALLOW, &mut Unwatched)
                == Decision::Allow;
        }
        let roles = decider.roles();
        let mut any = false;
        decider.reach(grants, path, |role| {
            any = any || roles.current().permissions(role).iter().any(|permission| permission.allow);
        });
        any
    }
}
