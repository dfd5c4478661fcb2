use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::Consent;
use portcullis_types::Timestamp;

use crate::Result;
use crate::dialect::per_backend;

/// What users allowed applications (table `pc_consent`): a row for each application and audience.
#[async_trait]
pub trait Consents: Send {
    /// Writes one down, in place of what it was before.
    async fn put_consent(&mut self, consent: &Consent) -> Result<()>;

    /// What a user allowed a client for an audience.
    async fn consent(&mut self, user_id: &str, client_id: &str, audience: &str) -> Result<Option<Consent>>;

    /// What a user allowed, in the order of clients and audiences, after the pair `after`.
    async fn consents_of(&mut self, user_id: &str, after: (&str, &str), limit: u32) -> Result<Vec<Consent>>;

    /// Deletes all that a user allowed a client, and says how many there were.
    async fn delete_consents(&mut self, user_id: &str, client_id: &str) -> Result<u64>;

    /// Deletes all that a user allowed anybody.
    async fn delete_consents_by(&mut self, user_id: &str) -> Result<u64>;

    /// Deletes all that anybody allowed a client.
    async fn delete_consents_to(&mut self, client_id: &str) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: String,
    client_id: String,
    audience: String,
    scopes: String,
    given_at: i64,
    updated_at: i64,
}

impl From<Row> for Consent {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id,
            client_id: row.client_id,
            audience: row.audience,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            given_at: Timestamp::from_micros(row.given_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        }
    }
}

#[apply(per_backend!)]
#[async_trait]
impl Consents for Conn {
    async fn put_consent(&mut self, consent: &Consent) -> Result<()> {
        let scopes: Vec<&str> = consent.scopes.iter().map(String::as_str).collect();
        sqlx::query::<Db>(
            "INSERT INTO pc_consent (user_id, client_id, audience, scopes, given_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, client_id, audience) DO UPDATE \
             SET scopes = excluded.scopes, given_at = excluded.given_at, updated_at = excluded.updated_at",
        )
        .bind(&consent.user_id)
        .bind(&consent.client_id)
        .bind(&consent.audience)
        .bind(scopes.join(" "))
        .bind(consent.given_at.micros())
        .bind(consent.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn consent(&mut self, user_id: &str, client_id: &str, audience: &str) -> Result<Option<Consent>> {
        let row = sqlx::query_as::<Db, Row>(
            "SELECT user_id, client_id, audience, scopes, given_at, updated_at FROM pc_consent \
             WHERE user_id = $1 AND client_id = $2 AND audience = $3",
        )
        .bind(user_id)
        .bind(client_id)
        .bind(audience);
        Ok(row.fetch_optional(&mut *self).await?.map(Consent::from))
    }

    async fn consents_of(
        &mut self,
        user_id: &str,
        (after_client, after_audience): (&str, &str),
        limit: u32,
    ) -> Result<Vec<Consent>> {
        let rows = sqlx::query_as::<Db, Row>(
            "SELECT user_id, client_id, audience, scopes, given_at, updated_at FROM pc_consent \
             WHERE user_id = $1 AND (client_id, audience) > ($2, $3) ORDER BY client_id, audience LIMIT $4",
        )
        .bind(user_id)
        .bind(after_client)
        .bind(after_audience)
        .bind(i64::from(limit));
        Ok(rows.fetch_all(&mut *self).await?.into_iter().map(Consent::from).collect())
    }

    async fn delete_consents(&mut self, user_id: &str, client_id: &str) -> Result<u64> {
        let sql = "DELETE FROM pc_consent WHERE user_id = $1 AND client_id = $2";
        Ok(sqlx::query::<Db>(sql).bind(user_id).bind(client_id).execute(&mut *self).await?.rows_affected())
    }

    async fn delete_consents_by(&mut self, user_id: &str) -> Result<u64> {
        let sql = "DELETE FROM pc_consent WHERE user_id = $1";
        Ok(sqlx::query::<Db>(sql).bind(user_id).execute(&mut *self).await?.rows_affected())
    }

    async fn delete_consents_to(&mut self, client_id: &str) -> Result<u64> {
        let sql = "DELETE FROM pc_consent WHERE client_id = $1";
        Ok(sqlx::query::<Db>(sql).bind(client_id).execute(&mut *self).await?.rows_affected())
    }
}
