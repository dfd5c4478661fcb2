use std::sync::Arc;

use portcullis_authz::Holder;
use portcullis_domain::built_in_roles;
use portcullis_store::{ChangeKind, Page};
use portcullis_types::Caller;

use crate::bearer::Bearer;
use crate::guard::Remembers;
use crate::key::SigningKeys;
use crate::{Portcullis, Result};

/// How many rows are read at once while memory is filled.
const BATCH: u32 = 500;

impl Portcullis {
    /// Makes this node's memory forget what a change made stale.
    pub(crate) async fn apply_change(&self, kind: ChangeKind, key: &str) {
        let decider = self.decider();
        match kind {
            ChangeKind::User => {
                decider.forget(Holder::User(key));
                self.inner.reasons.grants_changed();
                self.inner.context_epochs.forget(Remembers::Subject(key));
            }
            ChangeKind::Group => {
                decider.forget(Holder::Group(key));
                self.inner.reasons.grants_changed();
                // Whose contexts tell roles by it is known to the members only.
                self.inner.context_epochs.forget_all();
            }
            ChangeKind::Client => {
                self.forget_bearers(
                    |bearer| matches!(&bearer.caller, Caller::Client { client_id, .. } if **client_id == *key),
                );
            }
            ChangeKind::Application => self.forget_application(key),
            ChangeKind::Subject => {
                self.forget_bearers(
                    |bearer| matches!(&bearer.caller, Caller::User { user_id, .. } if **user_id == *key),
                );
                self.inner.context_epochs.forget(Remembers::Subject(key));
            }
            ChangeKind::Session => self.forget_bearers(
                |bearer| matches!(&bearer.caller, Caller::User { session_id: Some(id), .. } if **id == *key),
            ),
            ChangeKind::Organization => {
                // Whoever joins or leaves is told by a change of their own.
                self.inner.context_epochs.forget(Remembers::Organization(key));
            }
            // Any organization may have subscribed to it.
            ChangeKind::Product => self.inner.context_epochs.forget_all(),
            ChangeKind::Operation => {
                self.refresh_or_warn(self.refresh_registered(key).await, "operations and policies");
            }
            ChangeKind::AccessKey => self.forget_bearers_of_key(key),
            ChangeKind::SigningKey => {
                self.refresh_or_warn(self.refresh_signing_keys().await, "signing keys");
                // After the keys: whoever verifies now finds the new ones.
                let keys = self.inner.keys.load();
                self.forget_bearers(|bearer| {
                    bearer.facts.signing_key.as_ref().is_some_and(|kid| keys.find(kid).is_none())
                });
            }
            ChangeKind::Token => {
                decider.forget(Holder::Token(key));
                // The cached key id of a user's token is its own id.
                self.forget_bearers_of_key(key);
            }
            ChangeKind::Role => {
                self.refresh_or_warn(self.refresh_role(key).await, "role");
                self.inner.context_epochs.forget_all();
            }
            ChangeKind::ResourceConfig => {
                self.refresh_or_warn(self.refresh_public().await, "resource configuration");
                self.inner.reasons.public_changed();
            }
            // Written by a newer program: all that can be done is to forget everything.
            _ => self.forget_everything().await,
        }
    }

    fn forget_application(&self, application_id: &str) {
        self.inner.applications.forget(application_id);
        // If it was deleted, its sessions have ended.
        self.forget_bearers(|bearer| bearer.facts.client_id() == Some(application_id));
    }

    /// Forgets tokens that were verified, wherever that was remembered.
    fn forget_bearers(&self, gone: impl Fn(&Bearer) -> bool) {
        self.inner.verified.forget_where(&gone);
        self.inner.issued.forget_where(&gone);
    }

    fn forget_bearers_of_key(&self, key_id: &str) {
        self.inner.verified.forget_key(key_id);
        self.inner.issued.forget_key(key_id);
    }

    fn refresh_or_warn(&self, refreshed: Result<()>, what: &str) {
        if let Err(error) = refreshed {
            // The follower reads the same change again, until it succeeds.
            self.inner.follower.ask_again();
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot refresh {what}");
        }
    }

    /// Forgets all that was learnt from the database and reads what every decision needs anew.
    pub(crate) async fn forget_everything(&self) {
        // Before the tokens that they verified are forgotten, so that none is verified by an old key afterwards.
        self.refresh_or_warn(self.refresh_signing_keys().await, "signing keys");
        // So are the applications, whose audiences decide what is verified.
        self.inner.applications.forget_all();
        self.forget_bearers(|_all| true);
        self.decider().forget_all();
        self.inner.context_epochs.forget_all();
        self.refresh_or_warn(self.refresh_registry().await, "operations and policies");
        self.refresh_or_warn(self.refresh_roles().await, "roles");
        self.refresh_or_warn(self.refresh_public().await, "resource configurations");
    }

    pub(crate) async fn refresh_roles(&self) -> Result<()> {
        let _refreshing = self.inner.refreshing.lock().await;
        let mut roles = built_in_roles();
        let mut snapshot = self.read().await?;
        let mut page = Page::first(BATCH);
        loop {
            let batch = snapshot.queries().list_roles(&page).await?;
            let last = batch.last().map(|role| role.role_id.clone());
            let full = batch.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
            roles.extend(batch);
            match last {
                Some(last) if full => page.after = Some(last),
                _ => break,
            }
        }
        let all = roles.iter().map(|role| (role.role_id.as_str(), role.permissions.as_slice()));
        Ok(self.decider().roles().put_all(all)?)
    }

    async fn refresh_role(&self, role_id: &str) -> Result<()> {
        let _refreshing = self.inner.refreshing.lock().await;
        let role = self.read().await?.queries().role(role_id).await?;
        match role {
            Some(role) => self.decider().roles().put(role_id, &role.permissions)?,
            None => self.decider().roles().remove(role_id),
        }
        Ok(())
    }

    pub(crate) async fn refresh_signing_keys(&self) -> Result<()> {
        let _refreshing = self.inner.refreshing.lock().await;
        let keys = SigningKeys::load(&*self.inner.store, &self.inner.settings.master_key).await?;
        self.inner.keys.store(Arc::new(keys));
        Ok(())
    }

    pub(crate) async fn refresh_public(&self) -> Result<()> {
        let _refreshing = self.inner.refreshing.lock().await;
        let public = self.public_resources().await?;
        self.decider().set_public(&public);
        Ok(())
    }

    pub(crate) async fn public_resources(&self) -> Result<Vec<String>> {
        let mut snapshot = self.read().await?;
        let mut public: Vec<String> = Vec::new();
        loop {
            let after = public.last().cloned();
            let batch = snapshot.queries().public_resources(after.as_deref(), BATCH).await?;
            let full = batch.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
            public.extend(batch);
            if !full {
                return Ok(public);
            }
        }
    }
}
