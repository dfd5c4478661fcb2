//! Servers that fail: what is asked again, and that nothing is taken for a yes.

use std::time::Duration;

use portcullis_client::types::guard::{EvaluationsSemantic, GuardBody};
use portcullis_client::types::{Guard as _, GuardCode, GuardOutcome, GuardRequest, Sensitive, SettleError};
use portcullis_client::{Client, ClientError, Method};
use serde_json::{Map, json};

use crate::raw_server::{Answer, RawServer, header};

async fn authorize(client: &Client) -> Result<bool, ClientError> {
    client.access().authorize_user("alice", "documents/1", "documents:read").await
}

#[tokio::test]
async fn az_05_whatever_is_no_answer_is_no_yes() {
    let answers = [
        Answer::json(200, "<html>log in to the network</html>"),
        Answer::json(200, "[]"),
        Answer::json(200, "\"yes\""),
        Answer::json(200, ""),
        Answer::cut_off(),
        Answer::Bytes(b"no http at all\r\n\r\n".to_vec()),
        Answer::Bytes(Vec::new()),
        Answer::json(201, "{}"),
        Answer::json(204, ""),
        Answer::with(302, "location: /elsewhere\r\n", "{}"),
        Answer::json(500, "{}"),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let server = RawServer::start(vec![answer]).await;
        let error = authorize(&server.client()).await.unwrap_err();
        assert!(error.could_not_ask() && !error.is_refusal(), "{number}: {error:?}");
        assert_eq!(server.count(), 1, "{number}: asked once");
    }
}

#[tokio::test]
async fn a_read_is_asked_again_as_often_as_configured() {
    for status in [429, 502, 503, 504] {
        let server = RawServer::start(vec![Answer::with(status, "retry-after: 0\r\n", "{}")]).await;
        let error = authorize(&server.client()).await.unwrap_err();
        let asked_for = Some(Duration::ZERO);
        assert!(matches!(error, ClientError::Unavailable { retry_after, .. } if retry_after == asked_for));
        assert_eq!((server.count(), error.status()), (3, Some(status)));
    }
    let server = RawServer::start(vec![Answer::json(503, "{}"), Answer::json(200, "{}")]).await;
    assert!(authorize(&server.client()).await.unwrap());
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    let ids: Vec<_> = seen.iter().map(|request| header(request, "x-request-id").unwrap()).collect();
    assert_eq!(ids[0], ids[1], "one call has one id");
    assert_eq!(header(&seen[1], "authorization").as_deref(), Some("Bearer canary-token"));
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_for_long_is_not_asked_again() {
    let server = RawServer::start(vec![Answer::with(503, "retry-after: 3600\r\n", "{}")]).await;
    let error = authorize(&server.client()).await.unwrap_err();
    let hour = Some(Duration::from_secs(3600));
    assert!(
        matches!(error, ClientError::Unavailable { retry_after, .. } if retry_after == hour),
        "{error:?}"
    );
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_refusal_and_a_failure_of_the_server_itself_are_not_asked_again() {
    for status in [400, 401, 403, 409, 500, 501] {
        let server = RawServer::start(vec![Answer::json(status, "{}")]).await;
        authorize(&server.client()).await.unwrap_err();
        assert_eq!(server.count(), 1, "{status}");
    }
}

#[tokio::test]
async fn what_may_do_something_twice_is_sent_once_unless_it_has_a_key() {
    let server = RawServer::start(vec![Answer::json(503, "{}")]).await;
    let client = server.client();
    client.auth().login("a@example.org", "canary-password").await.unwrap_err();
    assert_eq!(server.count(), 1, "a login");
    client.roles().create(&Default::default()).await.unwrap_err();
    assert_eq!(server.count(), 2, "a creation");
    client.request(Method::POST, "/v1/x").body(&json!({})).idempotency_key("k-1").done().await.unwrap_err();
    let keys: Vec<_> = server.seen().iter().map(|request| header(request, "idempotency-key")).collect();
    assert_eq!(keys[2..], [Some("k-1".to_owned()), Some("k-1".to_owned()), Some("k-1".to_owned())]);
    client.roles().delete("ro_x").await.unwrap_err();
    assert_eq!(server.count(), 8, "a deletion may be repeated");
    let seen = Some(portcullis_client::types::Timestamp::from_secs(1));
    client.records().update("rec_1", &Default::default(), seen).await.unwrap_err();
    assert_eq!(server.count(), 9, "an update on a condition may not");
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_is_tried_again_for_every_call() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let retries = portcullis_client::Retries { first_pause: Duration::from_millis(1), ..Default::default() };
    let client = Client::builder(url).retries(retries).build().unwrap();
    let error = client.auth().login("a@example.org", "p").await.unwrap_err();
    assert!(matches!(error, ClientError::Transport(_)), "{error:?}");
}

#[tokio::test]
async fn a_slow_server_is_a_timeout() {
    let server = RawServer::start(vec![Answer::Silence]).await;
    let client = server.builder().request_timeout(Duration::from_millis(50)).build().unwrap();
    assert!(matches!(authorize(&client).await, Err(ClientError::Timeout)));
    assert_eq!(server.count(), 1, "it may have done it");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2_000));
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        long.len()
    );
    for answer in [Answer::json(200, &long), Answer::Bytes(chunked.into_bytes())] {
        let server = RawServer::start(vec![answer]).await;
        let client = server.builder().max_answer_bytes(1_000).build().unwrap();
        assert!(matches!(authorize(&client).await, Err(ClientError::TooLong { limit: 1_000 })));
    }
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    use futures_util::TryStreamExt as _;
    let page = r#"{"roles":[],"pagination":{"next":{"cursor":"c"}},"links":{"self":null}}"#;
    let server = RawServer::start(vec![Answer::json(200, page)]).await;
    let client = server.client();
    let all: Result<Vec<_>, _> = client.roles().list(Default::default()).try_collect().await;
    assert!(matches!(all, Err(ClientError::Decode { .. })));
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn az_05_the_guard_refuses_whatever_is_no_well_formed_answer() {
    let yes = json!({
        "isAuthenticated": true, "context": {"user": null, "organization": null, "tenant": null, "product": null},
        "isAuthorized": true, "hasSufficientCredits": null, "error": null, "allowed": true, "statusCode": 200,
        "operation": "read_document",
    });
    let with = |key: &str, value: serde_json::Value| {
        let mut answer = yes.clone();
        answer[key] = value;
        answer.to_string()
    };
    let server = RawServer::start(vec![Answer::json(200, &yes.to_string())]).await;
    let outcome = server.client().guard().check(GuardRequest::new("t", "read_document")).await;
    assert!(outcome.is_allowed(), "the answer that the others differ from: {outcome:?}");

    let answers = [
        Answer::json(200, &with("isAuthorized", json!(false))),
        Answer::json(200, &with("hasSufficientCredits", json!(false))),
        Answer::json(200, &with("isAuthenticated", json!(false))),
        Answer::json(200, &with("context", json!(null))),
        Answer::json(200, &with("errorCode", json!("billing_unavailable"))),
        Answer::json(200, &with("errorCode", json!("a_code_of_tomorrow"))),
        Answer::json(200, &with("statusCode", json!(402))),
        Answer::json(200, &with("operation", json!("delete_document"))),
        Answer::json(200, r#"{"allowed":true}"#),
        Answer::json(200, "{"),
        Answer::json(202, &yes.to_string()),
        Answer::cut_off(),
        Answer::json(401, "{}"),
        Answer::json(403, "{}"),
        Answer::with(503, "retry-after: 7\r\n", "{}"),
        Answer::Silence,
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let server = RawServer::start(vec![answer]).await;
        let client = server.builder().request_timeout(Duration::from_millis(100)).build().unwrap();
        let outcome = client.guard().check(GuardRequest::new("t", "read_document")).await;
        assert!(!outcome.allowed && !outcome.is_allowed(), "{number}: {outcome:?}");
        assert_eq!(outcome.error_code, Some(GuardCode::VerificationUnavailable), "{number}");
        assert_eq!(outcome.operation.as_deref(), Some("read_document"), "{number}");
        assert_eq!(server.count(), 1, "{number}: what may hold credits is not asked twice");
        if number == 14 {
            assert_eq!(outcome.details["retryAfter"], json!(7));
        }
    }
}

#[tokio::test]
async fn az_05_a_batch_is_believed_item_by_item_and_only_if_it_fits() {
    let yes = |operation: &str| {
        json!({
            "isAuthenticated": true, "context": {"user": null, "organization": null, "tenant": null, "product": null},
            "isAuthorized": true, "hasSufficientCredits": null, "error": null, "allowed": true, "statusCode": 200,
            "operation": operation,
        })
    };
    let item = |operation: &str| GuardBody {
        token: Sensitive::new("t"),
        operation: Some(operation.to_owned()),
        resource: None,
        metadata: None,
    };
    let items = [item("a"), item("b")];
    let ask = async |answer: serde_json::Value, semantics| {
        let server = RawServer::start(vec![Answer::json(200, &answer.to_string())]).await;
        let outcomes = server.client().guard().check_all(&items, semantics).await;
        assert!(server.seen()[0].contains("evaluationsSemantic"));
        outcomes.iter().map(GuardOutcome::is_allowed).collect::<Vec<_>>()
    };
    use EvaluationsSemantic::{DenyOnFirstDeny, ExecuteAll, PermitOnFirstPermit};
    assert_eq!(ask(json!({"evaluations": [yes("a"), yes("b")]}), ExecuteAll).await, [true, true]);
    assert_eq!(ask(json!({"evaluations": [yes("b"), yes("b")]}), ExecuteAll).await, [false, true]);
    assert_eq!(ask(json!({"evaluations": [yes("a")]}), ExecuteAll).await, [false, false], "one is missing");
    assert_eq!(ask(json!({"evaluations": [yes("a")]}), PermitOnFirstPermit).await, [true]);
    assert_eq!(ask(json!({"evaluations": [yes("a")]}), DenyOnFirstDeny).await, [false, false]);
    let three = json!({"evaluations": [yes("a"), yes("b"), yes("b")]});
    assert_eq!(ask(three, ExecuteAll).await, [false, false]);
    assert_eq!(ask(json!({"evaluations": []}), DenyOnFirstDeny).await, [false, false]);
    assert_eq!(ask(json!([]), ExecuteAll).await, [false, false]);
}

#[tokio::test]
async fn the_guard_is_asked_again_with_an_idempotency_key() {
    let server = RawServer::start(vec![Answer::json(503, "{}")]).await;
    let guard = server.client().guard();
    let metadata: Map<_, _> = [("billing".to_owned(), json!({"idempotencyKey": "k"}))].into_iter().collect();
    let request = GuardRequest { metadata: Some(&metadata), ..GuardRequest::new("t", "read_document") };
    guard.check(request).await;
    assert_eq!(server.count(), 3);
    let request = GuardRequest { request_id: Some("r-1"), ..GuardRequest::new("t", "read_document") };
    guard.check(request).await;
    assert_eq!(server.count(), 4);
    assert_eq!(header(&server.seen()[3], "x-request-id").as_deref(), Some("r-1"));
    guard.authenticate("t").await.unwrap_err();
    assert_eq!(server.count(), 7, "who it is may be asked again");
}

#[tokio::test]
async fn held_credits_are_settled_again_until_it_is_known() {
    for (status, expected) in [
        (404, SettleError::NotFound),
        (409, SettleError::Closed),
        (400, SettleError::Invalid),
        (403, SettleError::Unavailable),
        (500, SettleError::Unavailable),
    ] {
        let server = RawServer::start(vec![Answer::json(503, "{}"), Answer::json(status, "{}")]).await;
        let guard = server.client().guard();
        assert_eq!(guard.commit("rsv_1", None).await, Err(expected.clone()), "{status}");
        assert_eq!(server.count(), 2);
        assert_eq!(guard.release("rsv_1").await, Err(expected));
    }
}

#[tokio::test]
async fn the_seed_like_form_answers_none_and_false_and_knows_why() {
    let server = RawServer::start(vec![Answer::json(401, "{}")]).await;
    let client = server.client().workspace();
    assert_eq!(client.auth.login("a@example.org", "p").await, None);
    assert!(client.last_error().unwrap().is_refusal());
    assert_eq!(client.auth.refresh_token("t").await, None);
    assert!(!client.auth.logout("t").await);
    assert!(!client.auth.verify_jwt("t").await);
    assert!(!client.auth.guard_request("t", "read_document", None).await.is_allowed());

    let server =
        RawServer::start(vec![Answer::json(500, "{}"), Answer::json(200, r#"{"active":true}"#)]).await;
    let client = server.client().workspace();
    assert!(!client.auth.verify_jwt("t").await);
    assert!(client.last_error().unwrap().could_not_ask(), "no bool can say this");
    assert!(client.auth.verify_jwt("t").await && client.last_error().is_none());
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let body = r#"{"access_token":"canary","token_type":7}"#;
    let server = RawServer::start(vec![Answer::json(200, body)]).await;
    let client = server.client();
    let error = client.auth().login("a@example.org", "canary").await.unwrap_err();
    let requests = format!("{:?}", client.guard());
    let printed = format!("{error:?} {error} {client:?} {requests} {:?}", client.workspace());
    assert!(!printed.contains("canary"), "{printed}");
    assert!(server.seen()[0].contains("canary"), "it was sent");
    assert!(header(&server.seen()[0], "authorization").is_none(), "users speak for themselves");
    drop(server);
    let error = client.auth().refresh("canary").await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("canary"));
}
