use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{ApplicationPart, EndReason, Session};
use portcullis_types::Timestamp;

use crate::dialect::{Dialect, for_update, per_backend};
use crate::{Result, StoreError, body};

/// Everything that decides whether an access token of a session is good, besides its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionStanding {
    /// Its session, alive or not.
    pub session: Session,
    /// Its user; `None` if there is no profile of them any more.
    pub user: Option<UserStanding>,
    /// From when on the token itself is refused.
    pub revoked_from: Option<Timestamp>,
}

/// What of a person decides whether their sessions are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserStanding {
    /// The user pool that they are in.
    pub pool: String,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// The subject's epoch: what began before is not good.
    pub not_before: Option<Timestamp>,
}

/// Sessions (table `pc_session`).
#[async_trait]
pub trait Sessions: Send {
    /// Adds a session. False: the id exists.
    async fn insert_session(&mut self, session: &Session) -> Result<bool>;

    /// The session of that id, ended and timed-out ones too while they are kept.
    async fn session(&mut self, session_id: &str) -> Result<Option<Session>>;

    /// The session of that id, which nobody else changes before this transaction ends.
    async fn session_for_update(&mut self, session_id: &str) -> Result<Option<Session>>;

    /// The standing of an access token (`jti`) of a session, in one query.
    async fn session_standing(&mut self, session_id: &str, token_id: &str)
    -> Result<Option<SessionStanding>>;

    /// A user's sessions that are alive, the last seen first, those of applications among them. As many as the user may have, in
    /// all pools together.
    async fn live_sessions(&mut self, user_id: &str, now: Timestamp) -> Result<Vec<Session>>;

    /// Writes down that its user proved again who they are: `amr` and `auth_time`.
    async fn put_session_proven(&mut self, session: &Session) -> Result<()>;

    /// Writes down that a session was used: `last_seen_at` and `idle_expires_at`, as [`Session::seen`] has them.
    async fn put_session_seen(&mut self, session: &Session) -> Result<()>;

    /// Writes the same down of many that are alive at `now`, and says how many. Those that somebody else is changing are left
    /// out rather than waited for.
    async fn touch_sessions(&mut self, session_ids: &[String], now: Timestamp) -> Result<u64>;

    /// Ends a session. False: there is none of that id, or it was ended before.
    async fn end_session(&mut self, session_id: &str, reason: EndReason, at: Timestamp) -> Result<bool>;

    /// Ends every session of a user that was not ended yet, but for one, and gives their ids.
    async fn end_sessions_of(
        &mut self,
        user_id: &str,
        except: Option<&str>,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Vec<String>>;

    /// Ends what applications were given in the browser session `browser_session` and that ends with it (all but what was granted
    /// `offline_access`), and gives their ids.
    async fn end_sessions_from_browser(
        &mut self,
        browser_session: &str,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Vec<String>>;

    /// Ends the sessions that an application has, of one user or of everybody, and gives their ids.
    async fn end_sessions_of_application(
        &mut self,
        application_id: &str,
        user_id: Option<&str>,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Vec<String>>;

    /// Deletes up to `limit` sessions that would have timed out before `before`, and says how many.
    async fn delete_past_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    session_id: String,
    user_id: String,
    pool: String,
    amr: String,
    device_name: Option<String>,
    user_agent: Option<String>,
    ip: Option<String>,
    created_at: i64,
    auth_time: i64,
    last_seen_at: i64,
    idle_secs: i64,
    idle_expires_at: i64,
    absolute_expires_at: i64,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    application_id: Option<String>,
    scope: Option<String>,
    audience: Option<String>,
    browser_session: Option<String>,
    claims: Option<String>,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    #[sqlx(flatten)]
    session: Row,
    user_pool: Option<String>,
    disabled_at: Option<i64>,
    not_before: Option<i64>,
    effective_at: Option<i64>,
}

fn read(row: Row) -> Result<Session> {
    let end_reason = match &row.end_reason {
        None => None,
        Some(code) => Some(EndReason::of_code(code).ok_or_else(|| {
            StoreError::corrupt(format!("session {}", row.session_id), format!("it ended by {code:?}"))
        })?),
    };
    Ok(Session {
        session_id: row.session_id,
        user_id: row.user_id,
        pool: row.pool,
        amr: row.amr.split_whitespace().map(str::to_owned).collect(),
        device_name: row.device_name,
        user_agent: row.user_agent,
        ip: row.ip,
        created_at: Timestamp::from_micros(row.created_at),
        auth_time: Timestamp::from_micros(row.auth_time),
        last_seen_at: Timestamp::from_micros(row.last_seen_at),
        idle_secs: row.idle_secs,
        idle_expires_at: Timestamp::from_micros(row.idle_expires_at),
        absolute_expires_at: Timestamp::from_micros(row.absolute_expires_at),
        ended_at: body::instant(row.ended_at),
        end_reason,
        application: row.application_id.map(|client_id| ApplicationPart {
            client_id,
            scope: row.scope.unwrap_or_default(),
            audience: row.audience.unwrap_or_default(),
            browser_session: row.browser_session,
            claims: row.claims,
        }),
    })
}

/// The columns of a session, of the table `s`.
macro_rules! columns {
    () => {
        "s.session_id, s.user_id, s.pool, s.amr, s.device_name, s.user_agent, s.ip, s.created_at, s.auth_time, \
         s.last_seen_at, s.idle_secs, s.idle_expires_at, s.absolute_expires_at, s.ended_at, s.end_reason, \
         s.application_id, s.scope, s.audience, s.browser_session, s.claims"
    };
}

macro_rules! by_id {
    () => {
        concat!("SELECT ", columns!(), " FROM pc_session AS s WHERE s.session_id = $1")
    };
}

#[apply(per_backend!)]
#[async_trait]
impl Sessions for Conn {
    async fn insert_session(&mut self, session: &Session) -> Result<bool> {
        let part = session.application.as_ref();
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_session (session_id, user_id, pool, amr, device_name, user_agent, ip, created_at, auth_time, \
             last_seen_at, idle_secs, idle_expires_at, absolute_expires_at, ended_at, end_reason, \
             application_id, scope, audience, browser_session, claims) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&session.session_id)
        .bind(&session.user_id)
        .bind(&session.pool)
        .bind(session.amr.join(" "))
        .bind(&session.device_name)
        .bind(&session.user_agent)
        .bind(&session.ip)
        .bind(session.created_at.micros())
        .bind(session.auth_time.micros())
        .bind(session.last_seen_at.micros())
        .bind(session.idle_secs)
        .bind(session.idle_expires_at.micros())
        .bind(session.absolute_expires_at.micros())
        .bind(session.ended_at.map(Timestamp::micros))
        .bind(session.end_reason.map(EndReason::as_str))
        .bind(part.map(|part| &part.client_id))
        .bind(part.map(|part| &part.scope))
        .bind(part.map(|part| &part.audience))
        .bind(part.and_then(|part| part.browser_session.as_ref()))
        .bind(part.and_then(|part| part.claims.as_ref()))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn session(&mut self, session_id: &str) -> Result<Option<Session>> {
        let row = sqlx::query_as::<Db, Row>(by_id!()).bind(session_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn session_for_update(&mut self, session_id: &str) -> Result<Option<Session>> {
        let sql = for_update!(by_id!());
        let row = sqlx::query_as::<Db, Row>(sql).bind(session_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn session_standing(
        &mut self,
        session_id: &str,
        token_id: &str,
    ) -> Result<Option<SessionStanding>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            ", u.pool AS user_pool, u.disabled_at, u.not_before, r.effective_at FROM pc_session AS s \
             LEFT JOIN pc_user AS u ON u.user_id = s.user_id \
             LEFT JOIN pc_revoked_token AS r ON r.token_id = $2 WHERE s.session_id = $1"
        );
        let row = sqlx::query_as::<Db, StandingRow>(sql)
            .bind(session_id)
            .bind(token_id)
            .fetch_optional(&mut *self)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SessionStanding {
            session: read(row.session)?,
            user: row.user_pool.map(|pool| UserStanding {
                pool,
                disabled_at: body::instant(row.disabled_at),
                not_before: body::instant(row.not_before),
            }),
            revoked_from: body::instant(row.effective_at),
        }))
    }

    async fn live_sessions(&mut self, user_id: &str, now: Timestamp) -> Result<Vec<Session>> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM pc_session AS s WHERE s.user_id = $1 AND s.ended_at IS NULL AND s.idle_expires_at > $2 \
             ORDER BY s.last_seen_at DESC, s.session_id DESC"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(user_id).bind(now.micros());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn put_session_seen(&mut self, session: &Session) -> Result<()> {
        let sql = "UPDATE pc_session SET last_seen_at = $2, idle_expires_at = $3 WHERE session_id = $1";
        sqlx::query::<Db>(sql)
            .bind(&session.session_id)
            .bind(session.last_seen_at.micros())
            .bind(session.idle_expires_at.micros())
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn put_session_proven(&mut self, session: &Session) -> Result<()> {
        let sql = "UPDATE pc_session SET amr = $2, auth_time = $3 WHERE session_id = $1";
        sqlx::query::<Db>(sql)
            .bind(&session.session_id)
            .bind(session.amr.join(" "))
            .bind(session.auth_time.micros())
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn touch_sessions(&mut self, session_ids: &[String], now: Timestamp) -> Result<u64> {
        // Skipping what is locked, two nodes that touch the same sessions in another order cannot wait for each other.
        let sql = Self::pick(
            "UPDATE pc_session SET last_seen_at = $2, idle_expires_at = \
             CASE WHEN $2 + idle_secs * 1000000 < absolute_expires_at THEN $2 + idle_secs * 1000000 \
             ELSE absolute_expires_at END WHERE session_id IN (SELECT e.value FROM json_each($1) AS e) \
             AND ended_at IS NULL AND idle_expires_at > $2 AND last_seen_at < $2",
            "UPDATE pc_session SET last_seen_at = $2, idle_expires_at = \
             CASE WHEN $2 + idle_secs * 1000000 < absolute_expires_at THEN $2 + idle_secs * 1000000 \
             ELSE absolute_expires_at END WHERE session_id = ANY (ARRAY(SELECT s.session_id FROM pc_session AS s \
             WHERE s.session_id = ANY (ARRAY(SELECT e FROM json_array_elements_text($1::json) AS e)) \
             AND s.ended_at IS NULL AND s.idle_expires_at > $2 AND s.last_seen_at < $2 FOR UPDATE SKIP LOCKED))",
        );
        let ids = body::encode("session", session_ids)?;
        let done = sqlx::query::<Db>(sql).bind(ids).bind(now.micros()).execute(&mut *self).await?;
        Ok(done.rows_affected())
    }

    async fn end_session(&mut self, session_id: &str, reason: EndReason, at: Timestamp) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_session SET ended_at = $3, end_reason = $2 WHERE session_id = $1 AND ended_at IS NULL",
        )
        .bind(session_id)
        .bind(reason.as_str())
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn end_sessions_of(
        &mut self,
        user_id: &str,
        except: Option<&str>,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Vec<String>> {
        let ids = sqlx::query_scalar::<Db, String>(
            "UPDATE pc_session SET ended_at = $4, end_reason = $3 \
             WHERE user_id = $1 AND ended_at IS NULL AND session_id <> $2 RETURNING session_id",
        )
        .bind(user_id)
        .bind(except.unwrap_or_default())
        .bind(reason.as_str())
        .bind(at.micros());
        Ok(ids.fetch_all(&mut *self).await?)
    }

    async fn end_sessions_from_browser(
        &mut self,
        browser_session: &str,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Vec<String>> {
        // Scopes are separated by single spaces; with one at each end, a whole one is found and no part of another.
        let sql = Self::pick(
            "UPDATE pc_session SET ended_at = $3, end_reason = $2 WHERE browser_session = $1 AND ended_at IS NULL \
             AND instr(' ' || scope || ' ', ' offline_access ') = 0 RETURNING session_id",
            "UPDATE pc_session SET ended_at = $3, end_reason = $2 WHERE browser_session = $1 AND ended_at IS NULL \
             AND strpos(' ' || scope || ' ', ' offline_access ') = 0 RETURNING session_id",
        );
        let ids = sqlx::query_scalar::<Db, String>(sql)
            .bind(browser_session)
            .bind(reason.as_str())
            .bind(at.micros());
        Ok(ids.fetch_all(&mut *self).await?)
    }

    async fn end_sessions_of_application(
        &mut self,
        application_id: &str,
        user_id: Option<&str>,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Vec<String>> {
        // Two statements: each has an index of its own.
        let sql = if user_id.is_some() {
            "UPDATE pc_session SET ended_at = $4, end_reason = $3 WHERE application_id = $1 AND user_id = $2 \
             AND ended_at IS NULL RETURNING session_id"
        } else {
            "UPDATE pc_session SET ended_at = $4, end_reason = $3 WHERE application_id = $1 AND $2 = '' \
             AND ended_at IS NULL RETURNING session_id"
        };
        let ids = sqlx::query_scalar::<Db, String>(sql)
            .bind(application_id)
            .bind(user_id.unwrap_or_default())
            .bind(reason.as_str())
            .bind(at.micros());
        Ok(ids.fetch_all(&mut *self).await?)
    }

    async fn delete_past_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_session WHERE session_id IN \
             (SELECT session_id FROM pc_session WHERE idle_expires_at <= $1 ORDER BY idle_expires_at LIMIT $2)",
        )
        .bind(before.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
