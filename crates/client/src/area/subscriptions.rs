use futures_util::Stream;
use portcullis_types::subscription::{
    Seat, SeatCollection, Subscription, SubscriptionBody, SubscriptionCollection, UsageEvent, UsageReceipt,
    UsageReport,
};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// What organizations bought: subscriptions, seats and usage (`/v1/organizations/{id}/subscriptions`). Portcullis only.
    Subscriptions
}

impl<'c> Subscriptions<'c> {
    /// Creates a subscription.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(
        &self,
        organization_id: &str,
        subscription: &SubscriptionBody,
    ) -> Result<Subscription> {
        self.client
            .post(&["v1", "organizations", organization_id, "subscriptions"])
            .body(subscription)
            .json()
            .await
    }

    /// The subscriptions of an organization.
    pub fn list(
        &self,
        organization_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<Subscription>> + Send + use<'c> {
        let (this, organization_id) = (*self, organization_id.to_owned());
        items(move |cursor| {
            let (organization_id, query) = (organization_id.clone(), query.clone());
            async move { this.list_page(&organization_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn list_page(
        &self,
        organization_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<Subscription>> {
        page::<SubscriptionCollection>(
            query.on(self.client.get(&["v1", "organizations", organization_id, "subscriptions"])),
            cursor,
        )
        .await
    }

    /// Reads a subscription.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, organization_id: &str, subscription_id: &str) -> Result<Subscription> {
        self.client
            .get(&["v1", "organizations", organization_id, "subscriptions", subscription_id])
            .json()
            .await
    }

    /// Replaces a subscription.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(
        &self,
        organization_id: &str,
        subscription_id: &str,
        subscription: &SubscriptionBody,
    ) -> Result<Subscription> {
        self.client
            .put(&["v1", "organizations", organization_id, "subscriptions", subscription_id])
            .body(subscription)
            .json()
            .await
    }

    /// Deletes a subscription.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, organization_id: &str, subscription_id: &str) -> Result<()> {
        self.client
            .delete(&["v1", "organizations", organization_id, "subscriptions", subscription_id])
            .done()
            .await
    }

    /// The seats of a subscription that are assigned.
    pub fn seats(
        &self,
        organization_id: &str,
        subscription_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<Seat>> + Send + use<'c> {
        let (this, organization_id, subscription_id) =
            (*self, organization_id.to_owned(), subscription_id.to_owned());
        items(move |cursor| {
            let (organization_id, subscription_id, query) =
                (organization_id.clone(), subscription_id.clone(), query.clone());
            async move { this.seats_page(&organization_id, &subscription_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn seats_page(
        &self,
        organization_id: &str,
        subscription_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<Seat>> {
        page::<SeatCollection>(
            query.on(self.client.get(&[
                "v1",
                "organizations",
                organization_id,
                "subscriptions",
                subscription_id,
                "seats",
            ])),
            cursor,
        )
        .await
    }

    /// Gives a member a seat.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when no seat is left.
    pub async fn assign_seat(
        &self,
        organization_id: &str,
        subscription_id: &str,
        user_id: &str,
    ) -> Result<Seat> {
        self.client
            .put(&[
                "v1",
                "organizations",
                organization_id,
                "subscriptions",
                subscription_id,
                "seats",
                user_id,
            ])
            .json()
            .await
    }

    /// Takes a member's seat away.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn remove_seat(
        &self,
        organization_id: &str,
        subscription_id: &str,
        user_id: &str,
    ) -> Result<()> {
        self.client
            .delete(&[
                "v1",
                "organizations",
                organization_id,
                "subscriptions",
                subscription_id,
                "seats",
                user_id,
            ])
            .done()
            .await
    }

    /// What was used of the metered features in their present periods.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn usage(&self, organization_id: &str, subscription_id: &str) -> Result<UsageReport> {
        self.client
            .get(&["v1", "organizations", organization_id, "subscriptions", subscription_id, "usage"])
            .json()
            .await
    }

    /// Says that a metered feature was used. An event counts once, by its source and id, however often it is sent.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn record_usage(
        &self,
        organization_id: &str,
        subscription_id: &str,
        event: &UsageEvent,
    ) -> Result<UsageReceipt> {
        let path = ["v1", "organizations", organization_id, "subscriptions", subscription_id, "usage"];
        self.client.post(&path).body(event).repeatable().json().await
    }
}
