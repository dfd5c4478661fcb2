use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredRequest;
use portcullis_types::Timestamp;
use portcullis_types::authress::RequestStatus;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::{Page, Result, StoreError, body};

/// Access requests (table `pc_request`).
#[async_trait]
pub trait Requests: Send {
    /// Adds a request. False: the id exists.
    async fn insert_request(&mut self, request: &StoredRequest) -> Result<bool>;

    /// The request of that id.
    async fn request(&mut self, request_id: &str) -> Result<Option<StoredRequest>>;

    /// The request of that id, which nobody else changes before this transaction ends.
    async fn request_for_update(&mut self, request_id: &str) -> Result<Option<StoredRequest>>;

    /// Replaces a request. False: there is none of that id.
    async fn update_request(&mut self, request: &StoredRequest) -> Result<bool>;

    /// Requests in the order of their ids, of one status or of all; the filter looks into every text.
    async fn list_requests(
        &mut self,
        page: &Page,
        status: Option<RequestStatus>,
    ) -> Result<Vec<StoredRequest>>;

    /// The requests that a user made; as [`Requests::list_requests`].
    async fn requests_by_creator(
        &mut self,
        user_id: &str,
        page: &Page,
        status: Option<RequestStatus>,
    ) -> Result<Vec<StoredRequest>>;
}

fn code(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Open => "OPEN",
        RequestStatus::Approved => "APPROVED",
        RequestStatus::Denied => "DENIED",
        RequestStatus::Deleted => "DELETED",
    }
}

fn folded(request: &StoredRequest) -> String {
    let own = [request.request_id.as_str(), &request.created_by];
    let users = request.access.users.iter().map(|user| user.user_id.as_str());
    let tags = tag_texts(request.tags.as_ref());
    let statements = request.access.statements.iter().flat_map(|statement| {
        let resources = statement.resources.iter().map(|resource| resource.resource_uri.as_str());
        statement.roles.iter().map(String::as_str).chain(resources)
    });
    fold_all(own.into_iter().chain(users).chain(tags).chain(statements))
}

#[derive(sqlx::FromRow)]
struct Row {
    request_id: String,
    status: String,
    created_by: String,
    body: String,
    updated_at: i64,
}

fn read(row: Row) -> Result<StoredRequest> {
    let status = match row.status.as_str() {
        "OPEN" => RequestStatus::Open,
        "APPROVED" => RequestStatus::Approved,
        "DENIED" => RequestStatus::Denied,
        "DELETED" => RequestStatus::Deleted,
        other => {
            let what = format!("access request {}", row.request_id);
            return Err(StoreError::corrupt(what, format!("its status is {other:?}")));
        }
    };
    let request = body::decode("access request", &row.request_id, &row.body)?;
    Ok(StoredRequest {
        request_id: row.request_id,
        created_by: row.created_by,
        status,
        updated_at: Timestamp::from_micros(row.updated_at),
        ..request
    })
}

#[apply(per_backend!)]
#[async_trait]
impl Requests for Conn {
    async fn insert_request(&mut self, request: &StoredRequest) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_request (request_id, status, created_by, body, folded, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&request.request_id)
        .bind(code(request.status))
        .bind(&request.created_by)
        .bind(body::encode("access request", request)?)
        .bind(folded(request))
        .bind(request.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn request(&mut self, request_id: &str) -> Result<Option<StoredRequest>> {
        let sql =
            "SELECT request_id, status, created_by, body, updated_at FROM pc_request WHERE request_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(request_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn request_for_update(&mut self, request_id: &str) -> Result<Option<StoredRequest>> {
        let sql = for_update!(
            "SELECT request_id, status, created_by, body, updated_at FROM pc_request WHERE request_id = $1"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(request_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn update_request(&mut self, request: &StoredRequest) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_request SET status = $2, created_by = $3, body = $4, folded = $5, updated_at = $6 \
             WHERE request_id = $1",
        )
        .bind(&request.request_id)
        .bind(code(request.status))
        .bind(&request.created_by)
        .bind(body::encode("access request", request)?)
        .bind(folded(request))
        .bind(request.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn list_requests(
        &mut self,
        page: &Page,
        status: Option<RequestStatus>,
    ) -> Result<Vec<StoredRequest>> {
        // Two texts, so that a status has its own index to walk, however rare it is.
        let sql = match status {
            None => filtered!(
                "SELECT request_id, status, created_by, body, updated_at FROM pc_request WHERE request_id >= $1",
                "ORDER BY request_id LIMIT $3"
            ),
            Some(_) => filtered!(
                "SELECT request_id, status, created_by, body, updated_at FROM pc_request \
                 WHERE request_id >= $1 AND status = $4",
                "ORDER BY request_id LIMIT $3"
            ),
        };
        let mut rows =
            sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        if let Some(status) = status {
            rows = rows.bind(code(status));
        }
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn requests_by_creator(
        &mut self,
        user_id: &str,
        page: &Page,
        status: Option<RequestStatus>,
    ) -> Result<Vec<StoredRequest>> {
        let sql = filtered!(
            "SELECT request_id, status, created_by, body, updated_at FROM pc_request \
             WHERE created_by = $4 AND request_id >= $1 AND ($5 = '' OR status = $5)",
            "ORDER BY request_id LIMIT $3"
        );
        sqlx::query_as::<Db, Row>(sql)
            .bind(page.start())
            .bind(page.needle())
            .bind(page.limit())
            .bind(user_id)
            .bind(status.map_or("", code))
            .fetch_all(&mut *self)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }
}
