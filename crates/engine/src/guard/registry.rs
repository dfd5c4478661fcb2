use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use portcullis_domain::{ActionPattern, ResourceTemplate, StoredOperation};
use portcullis_store::{ChangeKind, Page, Queries};
use portcullis_types::operation::{OperationBody, ScopeLevel};

use super::policy::CompiledPolicy;
use crate::{Portcullis, Result};

/// How many rows are read at once while memory is filled.
const BATCH: u32 = 500;
/// What keys of changes begin with that are about policies; those about operations are their ids.
const POLICY: &str = "policy:";

/// An operation, ready to be asked about.
#[derive(Debug)]
pub struct RegisteredOperation {
    /// Its id: the name, and for a tenant's own `name@tenant`.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// The version that its price is of; 0 if it is not registered.
    pub version: i64,
    /// What it takes.
    pub body: OperationBody,
    pub(super) action: ActionPattern,
    pub(super) template: ResourceTemplate,
}

impl RegisteredOperation {
    fn of(stored: StoredOperation) -> Result<Self> {
        let text = stored.body.resource.as_deref().unwrap_or(default_template(stored.body.scope_level));
        Ok(Self {
            action: ActionPattern::parse("permission", &stored.body.permission)?,
            template: ResourceTemplate::parse("resource", text)?,
            id: stored.operation_id.into(),
            name: stored.body.operation.as_str().into(),
            version: stored.version,
            body: stored.body,
        })
    }

    /// What a name means by convention, where nothing is registered.
    pub(super) fn by_convention(
        name: &str,
        body: OperationBody,
        action: ActionPattern,
        template: &str,
    ) -> Result<Self> {
        let template = ResourceTemplate::parse("resource", template)?;
        Ok(Self { id: name.into(), name: name.into(), version: 0, body, action, template })
    }
}

/// Where an operation's resource is, when the operation does not say.
fn default_template(level: ScopeLevel) -> &'static str {
    match level {
        ScopeLevel::Tenant | ScopeLevel::Workspace => {
            "organizations/{organization}/tenants/{tenant}/{type}/{id}"
        }
        ScopeLevel::Organization => "organizations/{organization}/{type}/{id}",
        ScopeLevel::Product => "products/{product}/{type}/{id}",
        ScopeLevel::Own => "users/{subject}/{type}/{id}",
    }
}

/// Operations and policies in memory, as of the last change that was heard of.
#[derive(Default)]
pub(crate) struct Registry(ArcSwap<Entries>);

#[derive(Clone, Default)]
pub(super) struct Entries {
    operations: HashMap<Arc<str>, Arc<RegisteredOperation>>,
    /// How many of these are a tenant's own.
    of_tenants: usize,
    pub(super) policies: Vec<Arc<CompiledPolicy>>,
}

impl Entries {
    /// What is registered under a name: for the tenant, else for all.
    pub(super) fn find(&self, name: &str, tenant: Option<&str>) -> Option<&Arc<RegisteredOperation>> {
        let own = tenant
            .filter(|_| self.of_tenants > 0)
            .and_then(|tenant| self.operations.get(StoredOperation::id_of(name, Some(tenant)).as_str()));
        own.or_else(|| self.operations.get(name))
    }

    fn put(&mut self, stored: StoredOperation) -> Result<()> {
        self.remove(&stored.operation_id.clone());
        self.of_tenants += usize::from(stored.body.tenant_id.is_some());
        let operation = Arc::new(RegisteredOperation::of(stored)?);
        self.operations.insert(Arc::clone(&operation.id), operation);
        Ok(())
    }

    fn remove(&mut self, operation_id: &str) {
        if let Some(gone) = self.operations.remove(operation_id) {
            self.of_tenants -= usize::from(gone.body.tenant_id.is_some());
        }
    }
}

impl Registry {
    pub(super) fn current(&self) -> arc_swap::Guard<Arc<Entries>> {
        self.0.load()
    }
}

/// The key by which nodes tell each other that a policy changed.
pub(crate) fn policy_change(policy_id: &str) -> (ChangeKind, String) {
    (ChangeKind::Operation, format!("{POLICY}{policy_id}"))
}

impl Portcullis {
    /// Reads all operations and policies anew.
    pub(crate) async fn refresh_registry(&self) -> Result<()> {
        let _refreshing = self.inner.refreshing.lock().await;
        let mut entries = Entries::default();
        let mut snapshot = self.read().await?;
        let mut page = Page::first(BATCH);
        loop {
            let batch = snapshot.queries().list_operations(&page).await?;
            page.after = batch.last().map(|last| last.operation_id.clone());
            let full = batch.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
            batch.into_iter().try_for_each(|stored| entries.put(stored))?;
            if !full {
                break;
            }
        }
        entries.policies = all_policies(snapshot.queries()).await?;
        self.inner.registry.0.store(Arc::new(entries));
        Ok(())
    }

    /// Reads what a change names anew.
    pub(crate) async fn refresh_registered(&self, key: &str) -> Result<()> {
        let _refreshing = self.inner.refreshing.lock().await;
        let mut snapshot = self.read().await?;
        let mut entries = Entries::clone(&self.inner.registry.0.load());
        match key.strip_prefix(POLICY) {
            Some(policy_id) => {
                let stored = snapshot.queries().policy(policy_id).await?;
                entries.policies.retain(|known| *known.policy_id != *policy_id);
                if let Some(stored) = stored.filter(|stored| stored.body.enabled) {
                    entries.policies.push(Arc::new(CompiledPolicy::new(stored)?));
                }
            }
            None => match snapshot.queries().operation(key).await? {
                Some(stored) => entries.put(stored)?,
                None => entries.remove(key),
            },
        }
        self.inner.registry.0.store(Arc::new(entries));
        Ok(())
    }
}

async fn all_policies(queries: &mut dyn Queries) -> Result<Vec<Arc<CompiledPolicy>>> {
    let mut policies = Vec::new();
    let mut page = Page::first(BATCH);
    loop {
        let batch = queries.list_policies(&page).await?;
        page.after = batch.last().map(|last| last.policy_id.clone());
        let full = batch.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
        for stored in batch.into_iter().filter(|stored| stored.body.enabled) {
            policies.push(Arc::new(CompiledPolicy::new(stored)?));
        }
        if !full {
            return Ok(policies);
        }
    }
}
