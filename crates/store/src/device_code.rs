use std::array::TryFromSliceError;

use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{DeviceCode, DeviceCodeState, DeviceOwner};
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, StoreError, body};

/// Devices that ask for a sign-in (table `pc_device_code`). Each is approved or denied once, by its owner, and redeemed once.
#[async_trait]
pub trait DeviceCodes: Send {
    /// Adds one. False: the id or the user code exists.
    async fn insert_device_code(&mut self, code: &DeviceCode) -> Result<bool>;

    /// The one of that id, expired and decided ones too while they are kept.
    async fn device_code(&mut self, device_code_id: &str) -> Result<Option<DeviceCode>>;

    /// The one with that user code, likewise.
    async fn device_code_by_user_code(&mut self, user_code: &[u8; 32]) -> Result<Option<DeviceCode>>;

    /// Gives the pending one with that user code to whoever entered it. `None`: there is none, it was decided, it has expired,
    /// or somebody else has it.
    async fn claim_device_code(
        &mut self,
        user_code: &[u8; 32],
        owner: &DeviceOwner,
        now: Timestamp,
    ) -> Result<Option<DeviceCode>>;

    /// Decides the pending one with that user code (`state`: approved or denied). `None`: there is none, it was decided, it has
    /// expired, or it is not the session's in which the code was entered.
    async fn decide_device_code(
        &mut self,
        user_code: &[u8; 32],
        browser_session: &str,
        state: DeviceCodeState,
        now: Timestamp,
    ) -> Result<Option<DeviceCode>>;

    /// Redeems an approved one. False: it is not approved, was redeemed, or has expired.
    async fn redeem_device_code(
        &mut self,
        (device_code_id, digest): (&str, &[u8; 32]),
        client_id: &str,
        now: Timestamp,
    ) -> Result<bool>;

    /// How many can be approved or denied now; counts no further than `most`.
    async fn pending_device_codes(&mut self, now: Timestamp, most: u32) -> Result<i64>;

    /// How many an application asked for from a network after an instant; counts no further than `most`.
    async fn recent_device_codes(
        &mut self,
        client_id: &str,
        network: &str,
        after: Timestamp,
        most: u32,
    ) -> Result<i64>;

    /// Deletes up to `limit` that have expired before `before`, and says how many.
    async fn delete_past_device_codes(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    device_code_id: String,
    digest: Vec<u8>,
    user_code: Vec<u8>,
    client_id: String,
    scope: String,
    audience: String,
    user_agent: Option<String>,
    ip: Option<String>,
    network: String,
    created_at: i64,
    expires_at: i64,
    interval_secs: i64,
    state: String,
    user_id: Option<String>,
    browser_session: Option<String>,
    auth_time: Option<i64>,
    amr: Option<String>,
    decided_at: Option<i64>,
}

fn read(row: Row) -> Result<DeviceCode> {
    let what = || format!("device code {}", row.device_code_id);
    let digest = |bytes: &[u8]| {
        bytes.try_into().map_err(|source: TryFromSliceError| StoreError::corrupt(what(), source))
    };
    let owner = match (row.user_id, row.browser_session, row.auth_time, row.amr) {
        (Some(user_id), Some(browser_session), Some(auth_time), Some(amr)) => Some(DeviceOwner {
            user_id,
            browser_session,
            auth_time: Timestamp::from_micros(auth_time),
            amr: amr.split_whitespace().map(str::to_owned).collect(),
        }),
        (None, ..) => None,
        _ => return Err(StoreError::corrupt(what(), "a part of its owner is missing")),
    };
    Ok(DeviceCode {
        digest: digest(&row.digest)?,
        user_code: digest(&row.user_code)?,
        state: DeviceCodeState::of_code(&row.state)
            .ok_or_else(|| StoreError::corrupt(what(), "its state is not known"))?,
        device_code_id: row.device_code_id,
        client_id: row.client_id,
        scope: row.scope,
        audience: row.audience,
        user_agent: row.user_agent,
        ip: row.ip,
        network: row.network,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        interval_secs: row.interval_secs,
        owner,
        decided_at: body::instant(row.decided_at),
    })
}

#[apply(per_backend!)]
#[async_trait]
impl DeviceCodes for Conn {
    async fn insert_device_code(&mut self, code: &DeviceCode) -> Result<bool> {
        let owner = code.owner.as_ref();
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_device_code (device_code_id, digest, user_code, client_id, scope, audience, user_agent, ip, \
             network, created_at, expires_at, interval_secs, state, user_id, browser_session, auth_time, amr, decided_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&code.device_code_id)
        .bind(code.digest.as_slice())
        .bind(code.user_code.as_slice())
        .bind(&code.client_id)
        .bind(&code.scope)
        .bind(&code.audience)
        .bind(&code.user_agent)
        .bind(&code.ip)
        .bind(&code.network)
        .bind(code.created_at.micros())
        .bind(code.expires_at.micros())
        .bind(code.interval_secs)
        .bind(code.state.as_str())
        .bind(owner.map(|owner| owner.user_id.as_str()))
        .bind(owner.map(|owner| owner.browser_session.as_str()))
        .bind(owner.map(|owner| owner.auth_time.micros()))
        .bind(owner.map(|owner| owner.amr.join(" ")))
        .bind(code.decided_at.map(Timestamp::micros))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn device_code(&mut self, device_code_id: &str) -> Result<Option<DeviceCode>> {
        let row = sqlx::query_as::<Db, Row>("SELECT * FROM pc_device_code WHERE device_code_id = $1");
        row.bind(device_code_id).fetch_optional(&mut *self).await?.map(read).transpose()
    }

    async fn device_code_by_user_code(&mut self, user_code: &[u8; 32]) -> Result<Option<DeviceCode>> {
        let row = sqlx::query_as::<Db, Row>("SELECT * FROM pc_device_code WHERE user_code = $1");
        row.bind(user_code.as_slice()).fetch_optional(&mut *self).await?.map(read).transpose()
    }

    async fn claim_device_code(
        &mut self,
        user_code: &[u8; 32],
        owner: &DeviceOwner,
        now: Timestamp,
    ) -> Result<Option<DeviceCode>> {
        let row = sqlx::query_as::<Db, Row>(
            "UPDATE pc_device_code SET browser_session = $2, user_id = $3, auth_time = $4, amr = $5 WHERE user_code = $1 \
             AND state = 'pending' AND expires_at > $6 AND (browser_session IS NULL OR browser_session = $2) RETURNING *",
        )
        .bind(user_code.as_slice())
        .bind(&owner.browser_session)
        .bind(&owner.user_id)
        .bind(owner.auth_time.micros())
        .bind(owner.amr.join(" "))
        .bind(now.micros())
        .fetch_optional(&mut *self)
        .await?;
        row.map(read).transpose()
    }

    async fn decide_device_code(
        &mut self,
        user_code: &[u8; 32],
        browser_session: &str,
        state: DeviceCodeState,
        now: Timestamp,
    ) -> Result<Option<DeviceCode>> {
        let row = sqlx::query_as::<Db, Row>(
            "UPDATE pc_device_code SET state = $3, decided_at = $4 WHERE user_code = $1 AND state = 'pending' \
             AND expires_at > $4 AND browser_session = $2 RETURNING *",
        )
        .bind(user_code.as_slice())
        .bind(browser_session)
        .bind(state.as_str())
        .bind(now.micros())
        .fetch_optional(&mut *self)
        .await?;
        row.map(read).transpose()
    }

    async fn redeem_device_code(
        &mut self,
        (device_code_id, digest): (&str, &[u8; 32]),
        client_id: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_device_code SET state = 'redeemed' WHERE device_code_id = $1 AND digest = $2 AND client_id = $3 \
             AND state = 'approved' AND expires_at > $4",
        )
        .bind(device_code_id)
        .bind(digest.as_slice())
        .bind(client_id)
        .bind(now.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn pending_device_codes(&mut self, now: Timestamp, most: u32) -> Result<i64> {
        let count = sqlx::query_scalar::<Db, i64>(
            "SELECT COUNT(*) FROM (SELECT 1 FROM pc_device_code WHERE state = 'pending' AND expires_at > $1 LIMIT $2) AS p",
        );
        Ok(count.bind(now.micros()).bind(i64::from(most)).fetch_one(&mut *self).await?)
    }

    async fn recent_device_codes(
        &mut self,
        client_id: &str,
        network: &str,
        after: Timestamp,
        most: u32,
    ) -> Result<i64> {
        let count = sqlx::query_scalar::<Db, i64>(
            "SELECT COUNT(*) FROM (SELECT 1 FROM pc_device_code WHERE client_id = $1 AND network = $2 AND created_at > $3 \
             LIMIT $4) AS r",
        );
        let count = count.bind(client_id).bind(network).bind(after.micros()).bind(i64::from(most));
        Ok(count.fetch_one(&mut *self).await?)
    }

    async fn delete_past_device_codes(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_device_code WHERE device_code_id IN \
             (SELECT device_code_id FROM pc_device_code WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        );
        Ok(done.bind(before.micros()).bind(i64::from(limit)).execute(&mut *self).await?.rows_affected())
    }
}
