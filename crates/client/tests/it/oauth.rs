//! `/oauth2` of a real server: what an application gets for itself, and what that is worth.

use portcullis_client::area::ApplicationCredential;
use portcullis_client::types::Sensitive;
use portcullis_client::types::application::{ApplicationBody, ApplicationKind, ClientAuthenticationMethod};
use portcullis_testkit::TestServer;

const API: &str = "https://api.example";

#[tokio::test]
async fn an_application_gets_a_token_asks_what_it_is_worth_and_gives_it_up() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    let mut body = ApplicationBody::new("Robot", ApplicationKind::Service);
    body.application_id = Some("robot".to_owned());
    body.authentication_method = Some(ClientAuthenticationMethod::ClientSecretPost);
    body.audiences = vec![API.to_owned()];
    body.scopes = Some(vec!["read".to_owned(), "write".to_owned()]);
    let made = client.applications().create(&body).await.unwrap();
    let robot = ApplicationCredential {
        client_id: "robot".to_owned(),
        client_secret: made.secret.map(|secret| secret.client_secret),
    };
    let oauth = client.oauth();
    let tokens = oauth.client_credentials(&robot, Some("read"), Some(API)).await.unwrap();
    assert_eq!((tokens.scope.as_deref(), tokens.refresh_token), (Some("read"), None));
    let text = tokens.access_token.expose();
    let told = oauth.introspect(&robot, text).await.unwrap();
    assert_eq!((told.active, told.sub.as_deref(), told.aud.as_deref()), (true, Some("robot"), Some(API)));
    oauth.revoke(&robot, text).await.unwrap();
    assert!(!oauth.introspect(&robot, text).await.unwrap().active);

    let impostor =
        ApplicationCredential { client_secret: Some(Sensitive::new("pcs_wrong")), ..robot.clone() };
    let refused = oauth.client_credentials(&impostor, None, None).await.unwrap_err();
    assert_eq!((refused.status(), refused.error_code()), (Some(401), Some("invalid_client")));
    let refused = oauth.client_credentials(&robot, Some("admin"), None).await.unwrap_err();
    assert_eq!((refused.status(), refused.error_code()), (Some(400), Some("invalid_scope")));
    let refused = oauth.refresh(&robot, "rt_x").await.unwrap_err();
    assert_eq!(refused.error_code(), Some("unauthorized_client"));
    assert_eq!(oauth.user_info(text).await.unwrap_err().error_code(), Some("invalid_token"));
    server.shutdown().await;
}
