use portcullis_domain::StoredSubscription;
use portcullis_types::subscription::SubscriptionBody;
use portcullis_types::{FieldError, id};

use super::{Applying, Verb, required};
use crate::Result;
use crate::subscription::{insert, plan_of, replace, require_successor};

impl Applying {
    pub(super) async fn subscription(&mut self, body: SubscriptionBody) -> Result<()> {
        let subscription_id = required("subscriptionId", body.subscription_id.clone(), id::plain_id)?;
        let organization_id = required("organizationId", body.organization_id.clone(), id::plain_id)?;
        if self.unit.queries().organization_for_update(&organization_id).await?.is_none() {
            return Err(FieldError::new("organizationId", "an organization that exists").into());
        }
        let plan = plan_of(&mut self.unit, &body.plan_id).await?;
        let ids = (subscription_id.clone(), organization_id.clone(), plan.product_id);
        let verb = match self.unit.queries().subscription_for_update(&subscription_id).await? {
            None => {
                let now = self.portcullis.change_time(None);
                let new = StoredSubscription::from_body(body, ids, None, now)?;
                require_successor(&mut self.unit, &new).await?;
                insert(&mut self.unit, &new).await?;
                Verb::Create
            }
            Some(stored) if stored.organization_id != organization_id => {
                let expected = "the organization of the subscription, which never changes";
                return Err(FieldError::new("organizationId", expected).into());
            }
            Some(stored) => {
                let same =
                    StoredSubscription::from_body(body.clone(), ids, Some(&stored), stored.updated_at)?;
                if same == stored {
                    Verb::Unchanged
                } else {
                    replace(&self.portcullis, &mut self.unit, &stored, body).await?;
                    Verb::Update
                }
            }
        };
        self.did(verb, "subscription", &subscription_id);
        Ok(())
    }
}
