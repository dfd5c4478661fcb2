use portcullis_store::{ChangeKind, NewAudit, Queries, Tx};

use crate::cx::Cx;
use crate::{Portcullis, Result};

/// One change as a whole: what is written, which memories it makes stale, and its lines in the audit trail. All of it is
/// committed, or none; and once committed, this node answers by it.
pub(crate) struct Unit {
    portcullis: Portcullis,
    tx: Box<dyn Tx>,
    changes: Vec<(ChangeKind, String)>,
    audit: Vec<NewAudit>,
    cx: Cx,
}

impl Unit {
    pub(crate) async fn begin(portcullis: &Portcullis, cx: &Cx) -> Result<Self> {
        Ok(Self {
            tx: portcullis.inner.store.begin().await?,
            portcullis: portcullis.clone(),
            changes: Vec::new(),
            audit: Vec::new(),
            cx: cx.clone(),
        })
    }

    pub(crate) fn portcullis(&self) -> &Portcullis {
        &self.portcullis
    }

    pub(crate) fn queries(&mut self) -> &mut dyn Queries {
        self.tx.queries()
    }

    /// Says that what is in memory about `key` is stale.
    pub(crate) fn changed(&mut self, kind: ChangeKind, key: impl Into<String>) {
        let change = (kind, key.into());
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// Adds a line to the audit trail.
    pub(crate) fn audit(&mut self, action: &str, target: &str, detail: Option<String>) {
        self.line("done", (action, target), detail);
    }

    /// Adds a line about something that was not done to the audit trail, which is committed with what is written of it.
    pub(crate) fn audit_refused(&mut self, action: &str, target: &str, detail: Option<String>) {
        self.line("refused", (action, target), detail);
    }

    fn line(&mut self, outcome: &str, (action, target): (&str, &str), detail: Option<String>) {
        self.audit.push(NewAudit {
            at: self.portcullis.now(),
            actor: self.cx.name().to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
            outcome: outcome.to_owned(),
            detail,
            node: self.portcullis.node().to_owned(),
            request_id: self.cx.request_id.as_deref().map(str::to_owned),
        });
    }

    /// Commits, and forgets what became stale on this node.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let now = self.portcullis.now();
        if !self.audit.is_empty() {
            self.tx.queries().append_audit(&self.audit).await?;
        }
        if !self.changes.is_empty() {
            let instance = &self.portcullis.inner.instance;
            self.tx.queries().append_changes(&self.changes, now, instance).await?;
        }
        let committed = self.tx.commit().await;
        // Also after an error: a commit whose answer was lost may have landed.
        for (kind, key) in &self.changes {
            self.portcullis.apply_change(*kind, key).await;
        }
        Ok(committed?)
    }
}
