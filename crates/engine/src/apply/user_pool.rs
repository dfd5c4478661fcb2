use portcullis_domain::UserPool;

use super::{ApplyUserPool, Applying, Verb};
use crate::Result;

impl Applying {
    pub(super) async fn user_pool(&mut self, new: ApplyUserPool) -> Result<()> {
        let ApplyUserPool { pool_id, name, registration, require_verified_email } = new;
        let body = portcullis_types::sign_in::UserPoolBody { name, registration, require_verified_email };
        let pool = UserPool::from_body(body, pool_id, self.portcullis.change_time(None))?;
        let verb = match self.unit.queries().user_pool(&pool.pool_id).await? {
            None => Verb::Create,
            Some(stored) if stored == (UserPool { created_at: stored.created_at, ..pool.clone() }) => {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        if verb != Verb::Unchanged {
            self.unit.queries().put_user_pool(&pool).await?;
        }
        self.did(verb, "user pool", &pool.pool_id);
        Ok(())
    }
}
