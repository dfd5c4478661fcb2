use portcullis_domain::{StoredOperation, StoredOverride, StoredPolicy};
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::operation::OperationBody;
use portcullis_types::policy::{OverrideBody, PolicyBody};

use super::{Applying, Verb};
use crate::Result;

/// What is to be done about something that is found so, or not found.
fn verb<T>(found: Option<&T>, same: impl FnOnce(&T) -> bool) -> Verb {
    match found {
        None => Verb::Create,
        Some(found) if same(found) => Verb::Unchanged,
        Some(_) => Verb::Update,
    }
}

fn named(field: &str, id: Option<&String>) -> Result<String> {
    let missing = || FieldError::new(field, "an id: what is applied must be named");
    Ok(id.cloned().ok_or_else(missing)?)
}

impl Applying {
    pub(super) async fn operation(&mut self, body: OperationBody) -> Result<()> {
        portcullis_domain::operation_name("operation", &body.operation)?;
        let id = StoredOperation::id_of(&body.operation, body.tenant_id.as_deref());
        let found = self.unit.queries().operation_for_update(&id).await?;
        let at = self.portcullis.change_time(found.as_ref().map(|found| found.updated_at));
        let version = found.as_ref().map_or(0, |found| found.version).saturating_add(1);
        let operation = StoredOperation::from_body(body, version, at)?;
        let verb = verb(found.as_ref(), |found| found.body == operation.body);
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_operation(&operation).await?),
            Verb::Update => drop(self.unit.queries().update_operation(&operation).await?),
        }
        if verb != Verb::Unchanged {
            self.unit.changed(ChangeKind::Operation, &id);
        }
        self.did(verb, "operation", &id);
        Ok(())
    }

    pub(super) async fn policy(&mut self, body: PolicyBody) -> Result<()> {
        let id = named("policyId", body.policy_id.as_ref())?;
        let found = self.unit.queries().policy_for_update(&id).await?;
        let at = self.portcullis.change_time(found.as_ref().map(|found| found.updated_at));
        let policy = StoredPolicy::from_body(body, id, at)?;
        let verb = verb(found.as_ref(), |found| found.body == policy.body);
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_policy(&policy).await?),
            Verb::Update => drop(self.unit.queries().update_policy(&policy).await?),
        }
        if verb != Verb::Unchanged {
            crate::policy::note(&mut self.unit, &policy.policy_id);
        }
        self.did(verb, "policy", &policy.policy_id);
        Ok(())
    }

    pub(super) async fn user_override(&mut self, body: OverrideBody) -> Result<()> {
        let id = named("overrideId", body.override_id.as_ref())?;
        let found = self.unit.queries().override_for_update(&id).await?;
        let at = self.portcullis.change_time(found.as_ref().map(|found| found.updated_at));
        let one = StoredOverride::from_body(body, id, at)?;
        let verb = verb(found.as_ref(), |found| found.body == one.body);
        if found.as_ref().is_none_or(|found| found.body.user_id != one.body.user_id) {
            crate::user_override::require_room(&mut self.unit, &one).await?;
        }
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_override(&one).await?),
            Verb::Update => drop(self.unit.queries().update_override(&one).await?),
        }
        if verb != Verb::Unchanged {
            crate::user_override::note(&mut self.unit, &one);
        }
        if let (Verb::Update, Some(found)) = (verb, &found) {
            crate::user_override::note(&mut self.unit, found);
        }
        self.did(verb, "override", &one.override_id);
        Ok(())
    }
}
