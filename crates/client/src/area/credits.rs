use futures_util::Stream;
use portcullis_types::MicroCredits;
use portcullis_types::credits::{
    CommitCreditsBody, CreditAccount, CreditEntry, CreditEntryCollection, CreditGrant, CreditGrantBody,
    CreditGrantCollection, CreditRefund, CreditRefundBody, CreditReservation, CreditReservationBody,
    CreditVoid, ExtendCreditsBody,
};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};
use crate::transport::Request;

area! {
    /// Wallets of credits (`/v1/credits`; spec `guard-request.md` §5). Portcullis only.
    ///
    /// What moves credits has an idempotency key: the body's, or else one that is minted for the call, so that a call that is
    /// sent again moves them once.
    Credits
}

impl<'c> Credits<'c> {
    /// What is in a wallet: an organization's id, or a user's.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn balance(&self, account_id: &str) -> Result<CreditAccount> {
        self.client.get(&["v1", "credits", "accounts", account_id]).json().await
    }

    /// Gives credits to a wallet.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn grant(&self, account_id: &str, grant: &CreditGrantBody) -> Result<CreditGrant> {
        let mut grant = grant.clone();
        self.keyed(&mut grant.idempotency_key)?;
        self.once(&["accounts", account_id, "grants"]).body(&grant).json().await
    }

    /// What a wallet was given.
    pub fn grants(
        &self,
        account_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<CreditGrant>> + Send + use<'c> {
        let (this, account_id) = (*self, account_id.to_owned());
        items(move |cursor| {
            let (account_id, query) = (account_id.clone(), query.clone());
            async move { this.grants_page(&account_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn grants_page(
        &self,
        account_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<CreditGrant>> {
        let request = self.client.get(&["v1", "credits", "accounts", account_id, "grants"]);
        page::<CreditGrantCollection>(query.on(request), cursor).await
    }

    /// A wallet's ledger, newest first.
    pub fn entries(
        &self,
        account_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<CreditEntry>> + Send + use<'c> {
        let (this, account_id) = (*self, account_id.to_owned());
        items(move |cursor| {
            let (account_id, query) = (account_id.clone(), query.clone());
            async move { this.entries_page(&account_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn entries_page(
        &self,
        account_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<CreditEntry>> {
        let request = self.client.get(&["v1", "credits", "accounts", account_id, "entries"]);
        page::<CreditEntryCollection>(query.on(request), cursor).await
    }

    /// Takes back what is free of a grant.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn void_grant(&self, account_id: &str, grant_id: &str) -> Result<CreditGrant> {
        self.once(&["accounts", account_id, "grants", grant_id, "void"]).body(&CreditVoid {}).json().await
    }

    /// Holds credits.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 402 when there are too few, 409 for a key that was used for something else.
    pub async fn reserve(&self, reservation: &CreditReservationBody) -> Result<CreditReservation> {
        let mut reservation = reservation.clone();
        self.keyed(&mut reservation.idempotency_key)?;
        self.once(&["reservations"]).body(&reservation).json().await
    }

    /// Takes what is held, or `amount` of it; the rest is given back.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when it was settled otherwise.
    pub async fn commit(
        &self,
        reservation_id: &str,
        amount: Option<MicroCredits>,
    ) -> Result<CreditReservation> {
        let body = CommitCreditsBody { amount, ..CommitCreditsBody::default() };
        self.once(&["reservations", reservation_id, "commit"]).body(&body).json().await
    }

    /// Gives back what is held.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when it was taken.
    pub async fn release(&self, reservation_id: &str) -> Result<CreditReservation> {
        self.once(&["reservations", reservation_id, "release"]).body(&CreditVoid {}).json().await
    }

    /// Holds for `ttl_seconds` from now on: 1 to 86,400 in total.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn extend(&self, reservation_id: &str, ttl_seconds: i64) -> Result<CreditReservation> {
        let body = ExtendCreditsBody { ttl_seconds: Some(ttl_seconds) };
        self.client
            .post(&["v1", "credits", "reservations", reservation_id, "extend"])
            .body(&body)
            .json()
            .await
    }

    /// Gives back what was taken.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn refund(&self, refund: &CreditRefundBody) -> Result<CreditRefund> {
        let mut refund = refund.clone();
        self.keyed(&mut refund.idempotency_key)?;
        self.once(&["refunds"]).body(&refund).json().await
    }

    /// A call that the server does once, however often it is sent.
    fn once(&self, segments: &[&str]) -> Request<'c> {
        self.client.post(&[&["v1", "credits"], segments].concat()).repeatable()
    }

    fn keyed(&self, key: &mut Option<String>) -> Result<()> {
        if key.is_none() {
            *key = Some(self.client.mint_request_id()?);
        }
        Ok(())
    }
}
