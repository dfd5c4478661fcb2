//! Access requests.

use authress::apis::access_records_api::GetRequestsParams;
use authress::models::access_request::Status;
use authress::models::access_request_response::Status as Decision;
use authress::models::{AccessRequest, AccessRequestResponse, AccessTemplate, User};

use crate::bed::{Bed, READER, fresh, refusal, statement};

rules! {
    an_approved_request_grants_its_access,
    a_denied_request_grants_nothing,
    requests_are_listed_by_status,
    a_deleted_request_is_no_longer_open,
}

fn request(user_id: &str) -> AccessRequest {
    let users = vec![User::new(user_id.into())];
    AccessRequest::new("placeholder".into(), AccessTemplate::new(users, vec![statement(READER, "docs")]))
}

async fn open(bed: &Bed, user_id: &str) -> String {
    let created = bed.client.access_records.create_request(request(user_id)).await.unwrap();
    assert_eq!(created.status, Some(Status::Open));
    created.request_id
}

async fn answer(bed: &Bed, id: &str, decision: Decision) -> Option<Status> {
    let answered =
        bed.client.access_records.respond_to_access_request(id.into(), AccessRequestResponse::new(decision));
    answered.await.unwrap().status
}

async fn ids(bed: &Bed, status: &str) -> Vec<String> {
    let params = GetRequestsParams { limit: Some(20), cursor: None, status: Some(status.into()) };
    let page = bed.client.access_records.get_requests(Some(params)).await.unwrap();
    page.records.unwrap().into_iter().map(|request| request.request_id).collect()
}

async fn an_approved_request_grants_its_access(bed: &Bed) {
    let id = open(bed, "alice").await;
    assert!(!bed.may_read("alice", "docs/1").await);
    assert_eq!(answer(bed, &id, Decision::Approved).await, Some(Status::Approved));
    assert!(bed.may_read("alice", "docs/1").await);
    assert_eq!(bed.client.access_records.get_request(id).await.unwrap().status, Some(Status::Approved));
}

async fn a_denied_request_grants_nothing(bed: &Bed) {
    let id = open(bed, "alice").await;
    assert_eq!(answer(bed, &id, Decision::Denied).await, Some(Status::Denied));
    assert!(!bed.may_read("alice", "docs/1").await);
}

async fn requests_are_listed_by_status(bed: &Bed) {
    let (waiting, denied) = (open(bed, "alice").await, open(bed, "bob").await);
    answer(bed, &denied, Decision::Denied).await;
    assert_eq!(ids(bed, "OPEN").await, [waiting]);
    assert_eq!(ids(bed, "DENIED").await, [denied]);
}

async fn a_deleted_request_is_no_longer_open(bed: &Bed) {
    let id = open(bed, "alice").await;
    bed.client.access_records.delete_request(id).await.unwrap();
    assert!(ids(bed, "OPEN").await.is_empty());
    assert_eq!(refusal(bed.client.access_records.get_request(fresh("req")).await), 404);
}
