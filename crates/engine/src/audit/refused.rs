use portcullis_store::NewAudit;

use crate::{Cx, Portcullis};

/// Adds a refused management call to the audit trail. Best effort: the refusal stands whether or not it can be written, and
/// under a flood of refusals some are counted only.
pub fn refused(portcullis: &Portcullis, cx: &Cx, action: &str, target: &str) {
    let Ok(permit) = portcullis.inner.refusals.clone().try_acquire_owned() else {
        metrics::counter!("portcullis_audit_refusals_dropped_total").increment(1);
        return;
    };
    let event = NewAudit {
        at: portcullis.now(),
        actor: cx.name().to_owned(),
        action: action.to_owned(),
        target: target.chars().take(512).collect(),
        outcome: "refused".to_owned(),
        detail: None,
        node: portcullis.node().to_owned(),
        request_id: cx.request_id.as_deref().map(str::to_owned),
    };
    let portcullis = portcullis.clone();
    tokio::spawn(async move {
        let written: crate::Result<()> = async {
            let mut tx = portcullis.inner.store.begin().await?;
            tx.queries().append_audit(std::slice::from_ref(&event)).await?;
            Ok(tx.commit().await?)
        }
        .await;
        if let Err(error) = written {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "cannot write a refusal to the audit trail"
            );
        }
        drop(permit);
    });
}
