//! What the calls of `/v1/auth` say on the wire: whose credential goes where.

use portcullis_client::area::Registered;
use portcullis_client::types::Sensitive;
use portcullis_client::types::auth::{ChangePasswordBody, LoginBody, RegisterBody};
use serde_json::{Value, json};

use crate::raw_server::{Answer, RawServer, header};

const TOKENS: &str = r#"{"access_token":"a.b.c","token_type":"Bearer","expires_in":900,"refresh_token":"r",
    "user":{"id":"usr_1","email":"a@example.org","name":null,"email_verified":false}}"#;

/// What one request said: the first two words of its head, its bearer, its body.
fn said(server: &RawServer) -> (String, Option<String>, Value) {
    let request = server.seen().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let line = head.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
    (line, header(&request, "authorization"), serde_json::from_str(body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn passwords_and_refresh_tokens_go_without_a_bearer() {
    let server = RawServer::start(vec![Answer::json(200, TOKENS)]).await;
    let client = server.client();
    let tokens = client.auth().login("a@example.org", "p").await.unwrap();
    assert_eq!(tokens.access_token.expose(), "a.b.c");
    let expected = json!({"email": "a@example.org", "password": "p"});
    assert_eq!(said(&server), ("POST /v1/auth/login".to_owned(), None, expected));
    let login = LoginBody {
        email: "a@example.org".to_owned(),
        password: Sensitive::new("p"),
        pool: Some("app".to_owned()),
        device_name: Some("phone".to_owned()),
    };
    client.auth().login_with(&login).await.unwrap();
    let expected = json!({"email": "a@example.org", "password": "p", "pool": "app", "device_name": "phone"});
    assert_eq!(said(&server).2, expected);
    client.auth().refresh("r").await.unwrap();
    assert_eq!(said(&server), ("POST /v1/auth/refresh".to_owned(), None, json!({"refresh_token": "r"})));
    client.auth().forgot_password("a@example.org").await.unwrap();
    let expected = ("POST /v1/auth/password/forgot".to_owned(), None, json!({"email": "a@example.org"}));
    assert_eq!(said(&server), expected);
    client.auth().reset_password("t", "new").await.unwrap();
    let expected = json!({"token": "t", "new_password": "new"});
    assert_eq!(said(&server), ("POST /v1/auth/password/reset".to_owned(), None, expected));
    client.auth().verify_email("t").await.unwrap();
    assert_eq!(said(&server), ("POST /v1/auth/email/verify".to_owned(), None, json!({"token": "t"})));
}

#[tokio::test]
async fn users_speak_with_their_own_tokens() {
    let server = RawServer::start(vec![Answer::json(200, TOKENS)]).await;
    let client = server.client();
    let users = Some("Bearer u.s.r".to_owned());
    client.auth().refresh_token("u.s.r").await.unwrap();
    assert_eq!(said(&server), ("POST /v1/auth/refresh".to_owned(), users.clone(), Value::Null));
    client.auth().logout("Bearer u.s.r").await.unwrap();
    assert_eq!(said(&server), ("POST /v1/auth/logout".to_owned(), users.clone(), Value::Null));
    client.auth().logout_all("u.s.r").await.unwrap();
    assert_eq!(said(&server), ("POST /v1/auth/logout/all".to_owned(), users.clone(), Value::Null));
    client.auth().end_session("u.s.r", "ses_1").await.unwrap();
    assert_eq!(said(&server), ("DELETE /v1/auth/sessions/ses_1".to_owned(), users.clone(), Value::Null));
    let change =
        ChangePasswordBody { current_password: Sensitive::new("old"), new_password: Sensitive::new("new") };
    client.auth().change_password("u.s.r", &change).await.unwrap();
    let expected = json!({"current_password": "old", "new_password": "new"});
    assert_eq!(said(&server), ("PUT /v1/auth/password".to_owned(), users, expected));
}

#[tokio::test]
async fn a_registration_signs_in_or_says_that_mail_was_sent() {
    let user = RegisterBody {
        email: "a@example.org".to_owned(),
        password: Sensitive::new("p"),
        name: None,
        pool: None,
    };
    let answers = vec![
        Answer::json(201, TOKENS),
        Answer::json(202, r#"{"message":"look into your mail"}"#),
        Answer::json(409, r#"{"errorCode":"email_taken"}"#),
        Answer::json(200, TOKENS),
    ];
    let server = RawServer::start(answers).await;
    let auth = server.client();
    let auth = auth.auth();
    assert!(
        matches!(auth.register(&user).await.unwrap(), Registered::SignedIn(tokens) if tokens.user.id == "usr_1")
    );
    assert!(matches!(auth.register(&user).await.unwrap(), Registered::MailSent(_)));
    assert_eq!(auth.register(&user).await.unwrap_err().error_code(), Some("email_taken"));
    assert!(auth.register(&user).await.unwrap_err().could_not_ask(), "200 is not documented");
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn a_verification_is_a_question_and_is_asked_again() {
    let answers = vec![Answer::json(503, "{}"), Answer::json(200, r#"{"active":false}"#)];
    let server = RawServer::start(answers).await;
    let answer = server.client().auth().verify("Bearer u.s.r").await.unwrap();
    assert!(!answer.active);
    assert_eq!(server.count(), 2);
    assert_eq!(said(&server), ("POST /v1/auth/verify".to_owned(), None, json!({"token": "u.s.r"})));
}
