use std::future::Future;

use futures_util::stream::{self, Stream};
use portcullis_types::application::{Application, ApplicationCollection};
use portcullis_types::authress as wire;
use portcullis_types::credits::{CreditEntry, CreditEntryCollection, CreditGrant, CreditGrantCollection};
use portcullis_types::operation::{Operation, OperationCollection};
use portcullis_types::organization::{
    Member, MemberCollection, Organization, OrganizationCollection, Tenant, TenantCollection,
};
use portcullis_types::plan::{Plan, PlanCollection, Product, ProductCollection};
use portcullis_types::policy::{Override, OverrideCollection, Policy, PolicyCollection};
use portcullis_types::sign_in::{PoolUser, PoolUserCollection, UserPoolCollection, UserPoolView};
use portcullis_types::subscription::{Seat, SeatCollection, Subscription, SubscriptionCollection};
use portcullis_types::{AuditCollection, AuditEvent};
use serde::de::DeserializeOwned;

use crate::transport::Request;
use crate::{ClientError, Result};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How to go on: the `cursor` of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Which entries of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// The most entries of one page; the server's default when `None`. What is too many depends on the list (20 or 100).
    pub limit: Option<u32>,
    /// Only entries that hold this text, compared without case, up to 64 characters.
    pub filter: Option<String>,
}

impl ListQuery {
    /// The parameters of a list.
    pub(crate) fn on<'c>(&self, request: Request<'c>) -> Request<'c> {
        request.maybe_query("limit", self.limit).maybe_query("filter", self.filter.as_deref())
    }
}

/// The body of a page.
pub trait Collection: DeserializeOwned + Send {
    /// An entry.
    type Item: Send;

    /// The entries, and how to go on.
    fn into_page(self) -> Page<Self::Item>;
}

macro_rules! collections {
    ($($body:ty { $list:ident: $item:ty })*) => { $(
        impl Collection for $body {
            type Item = $item;

            fn into_page(self) -> Page<$item> {
                let next = self.pagination.and_then(|pagination| pagination.next);
                Page { items: self.$list, next: next.map(|next| next.cursor) }
            }
        }
    )* };
}

collections! {
    wire::AccessRecordCollection { records: wire::AccessRecord }
    wire::AccessRequestCollection { records: wire::AccessRequest }
    wire::ClientCollection { clients: wire::Client }
    wire::GroupCollection { groups: wire::Group }
    wire::PermissionedResourceCollection { resources: wire::PermissionedResource }
    wire::ResourceUsersCollection { users: wire::UserRoleCollection }
    wire::RoleCollection { roles: wire::Role }
    wire::UserIdentityCollection { users: wire::UserIdentity }
    wire::UserResourcesCollection { resources: wire::Resource }
    ApplicationCollection { applications: Application }
    AuditCollection { events: AuditEvent }
    CreditEntryCollection { entries: CreditEntry }
    CreditGrantCollection { grants: CreditGrant }
    OperationCollection { operations: Operation }
    MemberCollection { members: Member }
    OrganizationCollection { organizations: Organization }
    OverrideCollection { overrides: Override }
    PlanCollection { plans: Plan }
    PolicyCollection { policies: Policy }
    PoolUserCollection { users: PoolUser }
    ProductCollection { products: Product }
    SeatCollection { seats: Seat }
    SubscriptionCollection { subscriptions: Subscription }
    TenantCollection { tenants: Tenant }
    UserPoolCollection { user_pools: UserPoolView }
}

/// One page of a list.
pub(crate) async fn page<C: Collection>(request: Request<'_>, cursor: Option<&str>) -> Result<Page<C::Item>> {
    let page = request.maybe_query("cursor", cursor).json::<C>().await?.into_page();
    // A server that goes in circles would keep its caller for ever.
    if page.next.is_some() && page.next.as_deref() == cursor {
        return Err(ClientError::decode(200, "another cursor than that of this page"));
    }
    Ok(page)
}

/// Every entry of a list, page by page, each asked for when the one before is used up.
pub(crate) fn items<T, F>(ask: impl Fn(Option<String>) -> F) -> impl Stream<Item = Result<T>>
where
    F: Future<Output = Result<Page<T>>>,
{
    /// Where a list is.
    struct At<T> {
        rest: std::vec::IntoIter<T>,
        /// `None` after the last page.
        next: Option<Option<String>>,
    }
    stream::try_unfold(
        (ask, At { rest: Vec::new().into_iter(), next: Some(None) }),
        |(ask, mut at)| async move {
            loop {
                if let Some(item) = at.rest.next() {
                    return Ok(Some((item, (ask, at))));
                }
                let Some(cursor) = at.next.take() else { return Ok(None) };
                let page = ask(cursor).await?;
                at = At { rest: page.items.into_iter(), next: page.next.map(Some) };
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    #[tokio::test]
    async fn pages_are_put_together_and_an_empty_one_in_between_ends_nothing() {
        let pages = |cursor: Option<String>| async move {
            Ok(match cursor.as_deref() {
                None => Page { items: vec![1, 2], next: Some("a".to_owned()) },
                Some("a") => Page { items: vec![], next: Some("b".to_owned()) },
                Some(_) => Page { items: vec![3], next: None },
            })
        };
        let all: Vec<i32> = items(pages).try_collect().await.unwrap();
        assert_eq!(all, [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_page_that_fails_ends_the_list_with_its_error() {
        let pages = |cursor: Option<String>| async move {
            match cursor {
                None => Ok(Page { items: vec![1], next: Some("a".to_owned()) }),
                Some(_) => Err(ClientError::Timeout),
            }
        };
        let mut items = Box::pin(items(pages));
        assert_eq!(items.try_next().await.unwrap(), Some(1));
        assert!(matches!(items.try_next().await, Err(ClientError::Timeout)));
    }
}
