use portcullis_domain::credits::{checked_account, checked_currency};
use portcullis_types::credits::CreditGrantBody;
use portcullis_types::{FieldError, id};

use super::{Applying, Verb, required};
use crate::credits::{Granted, insert_grant};
use crate::{Error, Result};

impl Applying {
    /// A grant is given once; what it says later changes nothing of what was given, so it must say the same.
    pub(super) async fn credit(&mut self, body: CreditGrantBody) -> Result<()> {
        let grant_id = required("grantId", body.grant_id.clone(), id::credit_id)?;
        let account_id =
            body.account_id.clone().ok_or_else(|| FieldError::new("accountId", "a wallet's id"))?;
        checked_account("accountId", &account_id)?;
        let currency = checked_currency(body.currency.as_deref())?.to_owned();
        if body.idempotency_key.is_some() {
            return Err(
                FieldError::new("idempotencyKey", "nothing: the id is what makes it be given once").into()
            );
        }
        // Before it is read as a new one: an expiry that has passed since is no reason to refuse what was given long ago.
        let verb = if let Some(stored) = self.unit.queries().credit_grant(&grant_id).await? {
            let wallets = self.unit.queries().wallets(&account_id).await?;
            let same = wallets.iter().any(|wallet| wallet.id == stored.wallet && wallet.currency == currency);
            if !same || stored.amount != body.amount {
                return Err(Error::Conflict(
                    "a grant of this id was given with another amount, or to another wallet",
                ));
            }
            Verb::Unchanged
        } else {
            match insert_grant(&self.portcullis, &mut self.unit, &account_id, &body).await? {
                Granted::New(_) => Verb::Create,
                Granted::Before(_) => Verb::Unchanged,
                Granted::Exists => return Err(Error::Conflict("a grant of this id was given meanwhile")),
            }
        };
        self.did(verb, "credit", &grant_id);
        Ok(())
    }
}
