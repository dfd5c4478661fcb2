use portcullis_domain::Consent;
use portcullis_types::Timestamp;

use crate::Result;
use crate::change::Unit;
use crate::oauth::ScopeSet;

/// What somebody has just allowed.
pub(crate) struct Given<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) scopes: &'a ScopeSet,
    /// When the application was made: what was allowed to an earlier one of the same id is forgotten.
    pub(crate) application_since: Timestamp,
}

/// Writes down what somebody allowed, beside what they allowed before, as a part of a larger change. Locks the user.
pub(crate) async fn remember(unit: &mut Unit, given: Given<'_>) -> Result<()> {
    let Given { user_id, client_id, audience, scopes, application_since } = given;
    let now = unit.portcullis().now();
    unit.queries().user_for_update(user_id).await?;
    let before = unit.queries().consent(user_id, client_id, audience).await?;
    let before = before.filter(|before| before.covers([], application_since));
    let mut consent = before.unwrap_or_else(|| Consent {
        user_id: user_id.to_owned(),
        client_id: client_id.to_owned(),
        audience: audience.to_owned(),
        scopes: [].into(),
        // Never before the application: another node's clock, which made it, may be ahead of this one's.
        given_at: now.max(application_since),
        updated_at: now,
    });
    consent.scopes.extend(scopes.iter().map(str::to_owned));
    consent.updated_at = now;
    unit.queries().put_consent(&consent).await?;
    unit.audit("consent.give", client_id, Some(format!("{scopes} for {audience}")));
    Ok(())
}
