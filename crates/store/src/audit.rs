use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::{AuditEvent, Timestamp};
use serde::Serialize;

use crate::dialect::{Dialect, per_backend};
use crate::{Result, body};

/// An audit event that is to be written. The texts are as in [`AuditEvent`]; a NUL in them is kept as U+FFFD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAudit {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What, as `area.verb`.
    pub action: String,
    /// The thing it was done to.
    pub target: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// More, depending on the action. Never a secret.
    pub detail: Option<String>,
    /// The node that writes it.
    pub node: String,
    /// The request it belongs to.
    pub request_id: Option<String>,
}

/// Which audit events are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only events before this id: the last one of the page before.
    pub before: Option<i64>,
    /// Only events of exactly this actor.
    pub actor: Option<String>,
    /// Only events on exactly this target.
    pub target: Option<String>,
    /// Only events of exactly this action.
    pub action: Option<String>,
    /// The most events to give.
    pub limit: u32,
}

/// The audit trail (table `pc_audit`). Nothing is ever changed in it.
#[async_trait]
pub trait Audit: Send {
    /// Adds events, in their order.
    async fn append_audit(&mut self, events: &[NewAudit]) -> Result<()>;

    /// Events, newest first.
    async fn list_audit(&mut self, filter: &AuditFilter) -> Result<Vec<AuditEvent>>;
}

/// An event as JSON carries it into the statement.
#[derive(Serialize)]
struct NewRow {
    at: i64,
    actor: String,
    action: String,
    target: String,
    outcome: String,
    detail: Option<String>,
    node: String,
    request_id: Option<String>,
}

impl NewRow {
    fn of(event: &NewAudit) -> Self {
        // Refused calls are recorded with what was asked for, which may hold a NUL; PostgreSQL cannot store it.
        let text = |text: &str| text.replace('\0', "\u{fffd}");
        Self {
            at: event.at.micros(),
            actor: text(&event.actor),
            action: text(&event.action),
            target: text(&event.target),
            outcome: text(&event.outcome),
            detail: event.detail.as_deref().map(text),
            node: text(&event.node),
            request_id: event.request_id.as_deref().map(text),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    event_id: i64,
    at: i64,
    actor: String,
    action: String,
    target: String,
    outcome: String,
    detail: Option<String>,
    node: String,
    request_id: Option<String>,
}

fn read(row: Row) -> AuditEvent {
    AuditEvent {
        event_id: row.event_id,
        at: Timestamp::from_micros(row.at),
        actor: row.actor,
        action: row.action,
        target: row.target,
        outcome: row.outcome,
        detail: row.detail,
        node: row.node,
        request_id: row.request_id,
    }
}

/// A text for each index, so that the most telling part of the filter is walked, and the rest is tested on the way.
macro_rules! listing {
    ($walked:literal) => {
        concat!(
            "SELECT event_id, at, actor, action, target, outcome, detail, node, request_id FROM pc_audit ",
            "WHERE event_id < $1 AND ",
            $walked,
            "($2 = '' OR actor = $2) AND ($3 = '' OR target = $3) AND ($4 = '' OR action = $4) ",
            "ORDER BY event_id DESC LIMIT $5"
        )
    };
}

fn listing(filter: &AuditFilter) -> &'static str {
    if filter.target.is_some() {
        listing!("target = $3 AND ")
    } else if filter.actor.is_some() {
        listing!("actor = $2 AND ")
    } else if filter.action.is_some() {
        listing!("action = $4 AND ")
    } else {
        listing!("")
    }
}

#[apply(per_backend!)]
#[async_trait]
impl Audit for Conn {
    async fn append_audit(&mut self, events: &[NewAudit]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let sql = Self::pick(
            "INSERT INTO pc_audit (at, actor, action, target, outcome, detail, node, request_id) \
             SELECT e.value ->> 'at', e.value ->> 'actor', e.value ->> 'action', e.value ->> 'target', \
             e.value ->> 'outcome', e.value ->> 'detail', e.value ->> 'node', e.value ->> 'request_id' \
             FROM json_each($1) AS e ORDER BY e.key",
            "INSERT INTO pc_audit (at, actor, action, target, outcome, detail, node, request_id) \
             SELECT (e.v ->> 'at')::bigint, e.v ->> 'actor', e.v ->> 'action', e.v ->> 'target', \
             e.v ->> 'outcome', e.v ->> 'detail', e.v ->> 'node', e.v ->> 'request_id' \
             FROM json_array_elements($1::json) WITH ORDINALITY AS e (v, n) ORDER BY e.n",
        );
        let rows: Vec<_> = events.iter().map(NewRow::of).collect();
        sqlx::query::<Db>(sql).bind(body::encode("audit event", &rows)?).execute(&mut *self).await?;
        Ok(())
    }

    async fn list_audit(&mut self, filter: &AuditFilter) -> Result<Vec<AuditEvent>> {
        let rows = sqlx::query_as::<Db, Row>(listing(filter))
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(filter.actor.as_deref().unwrap_or_default())
            .bind(filter.target.as_deref().unwrap_or_default())
            .bind(filter.action.as_deref().unwrap_or_default())
            .bind(i64::from(filter.limit))
            .fetch_all(&mut *self)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }
}
