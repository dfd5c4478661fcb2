//! Another server of the Authress API (spec `authress-api.md`): what it may write differently.

use futures_util::TryStreamExt as _;
use portcullis_client::area::{RecordQuery, UserResourcesQuery};

use crate::raw_server::{Answer, RawServer, header};

const LINKS: &str = r#""links":{"self":{"href":"https://acc.api.authress.io/v1"}}"#;

#[tokio::test]
async fn a_check_is_an_empty_object_or_an_error_with_three_members() {
    let no = r#"{"title":"Not authorized","errorCode":"UserNotAuthorized","errorId":"e1"}"#;
    let server =
        RawServer::start(vec![Answer::json(200, "{}"), Answer::json(404, no), Answer::json(403, no)]).await;
    let client = server.client();
    let ask = async || client.access().authorize_user("auth0|alice", "documents/*", "documents:read").await;
    assert!(ask().await.unwrap());
    assert!(!ask().await.unwrap());
    assert_eq!(ask().await.unwrap_err().error_code(), Some("UserNotAuthorized"));
    let line = "GET /v1/users/auth0%7Calice/resources/documents%2F%2A/permissions/documents%3Aread HTTP/1.1";
    assert_eq!(server.seen()[0].lines().next(), Some(line));
}

#[tokio::test]
async fn what_is_not_there_may_be_null() {
    let none = format!(r#"{{"userId":"a","resources":null,"pagination":{{"next":null}},{LINKS}}}"#);
    let record = format!(
        r#"{{"recordId":"r","name":"n","account":{{"accountId":"acc"}},"users":null,"admins":null,"groups":null,
           "statements":[{{"roles":["ro"],"resources":[{{"resourceUri":"a"}}],"users":null}}],{LINKS},"new":[1]}}"#
    );
    let records = format!(r#"{{"records":[{record}],"pagination":null,{LINKS}}}"#);
    let server = RawServer::start(vec![Answer::json(200, &none), Answer::json(200, &records)]).await;
    let client = server.client();
    let resources = client.access().resources("a", UserResourcesQuery::default());
    assert!(resources.try_collect::<Vec<_>>().await.unwrap().is_empty());
    let records: Vec<_> = client.records().list(RecordQuery::default()).try_collect().await.unwrap();
    assert!(records[0].users.is_empty() && records[0].record_id == "r");
}

#[tokio::test]
async fn what_is_only_echoed_and_what_is_not_set_is_not_sent() {
    let server = RawServer::start(vec![Answer::json(201, "{}")]).await;
    let client = server.client();
    client.groups().create(&Default::default()).await.unwrap_err();
    client.clients().create_access_key("sc_1").await.unwrap_err();
    let seen = server.seen();
    assert!(seen[0].ends_with("\r\n\r\n{\"name\":\"\"}"), "{}", seen[0]);
    assert!(seen[1].ends_with("\r\n\r\n") && header(&seen[1], "content-type").is_none(), "{}", seen[1]);
}
