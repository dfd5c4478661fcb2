use portcullis_store::{ChangeKind, SigningKeyRow, SigningKeyState};

use super::LONGEST_TOKEN_SECS;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// How much longer than its tokens a retired key is kept: a node that has not heard yet that it is retired signs with it for a
/// moment, and whoever verifies may have a clock that is behind.
const MARGIN_SECS: i64 = 300;

impl Portcullis {
    /// Whether a key's time to sign, or to go, has come. Asks the clock and memory only.
    pub(crate) fn keys_are_due(&self) -> bool {
        self.inner.keys.load().due_at().is_some_and(|due_at| due_at <= self.now())
    }

    /// Takes the steps that are due. Each is guarded by the row that it changes, so that of several nodes one takes it.
    pub(crate) async fn turn_keys(&self) {
        // One at a time on a node: whoever holds it will be asked again.
        let Ok(_turning) = self.inner.making_key.try_lock() else { return };
        if let Err(error) = self.take_due_steps().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot rotate the signing keys");
        }
    }

    async fn take_due_steps(&self) -> Result<()> {
        let now = self.now();
        let keys = self.read().await?.queries().signing_keys().await?;
        for key in &keys {
            match key.state {
                SigningKeyState::Next if key.activates_at.is_some_and(|at| at <= now) => {
                    self.activate(key).await?;
                }
                SigningKeyState::Retired if key.expires_at.is_some_and(|at| at <= now) => {
                    self.drop_expired(key).await?;
                }
                _ => {}
            }
        }
        // Also when another node took the step: what is due next is read from here.
        self.refresh_signing_keys().await
    }

    async fn activate(&self, next: &SigningKeyRow) -> Result<()> {
        let now = self.now();
        let until = now.plus_secs(LONGEST_TOKEN_SECS + MARGIN_SECS);
        let mut unit = Unit::begin(self, &Cx::local("keys")).await?;
        unit.queries().retire_signing_key(&next.algorithm, now, until).await?;
        if !unit.queries().activate_signing_key(&next.kid).await? {
            // Another node was faster. What was retired here may be this very key: nothing of it is committed.
            return Ok(());
        }
        unit.changed(ChangeKind::SigningKey, &next.kid);
        unit.audit("key.activate", &next.kid, Some(next.algorithm.clone()));
        unit.commit().await
    }

    async fn drop_expired(&self, retired: &SigningKeyRow) -> Result<()> {
        let mut unit = Unit::begin(self, &Cx::local("keys")).await?;
        if !unit.queries().delete_expired_signing_key(&retired.kid, self.now()).await? {
            return Ok(());
        }
        unit.changed(ChangeKind::SigningKey, &retired.kid);
        unit.audit("key.expire", &retired.kid, Some(retired.algorithm.clone()));
        unit.commit().await
    }
}
