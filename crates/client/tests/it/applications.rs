//! Applications of a real server.

use futures_util::TryStreamExt as _;
use portcullis_client::ListQuery;
use portcullis_client::types::application::{Application, ApplicationBody, ApplicationKind};
use portcullis_testkit::TestServer;

#[tokio::test]
async fn applications_and_their_secrets_are_managed() {
    let server = TestServer::start().await.unwrap();
    let applications = server.client().applications();
    let body = |id: &str| ApplicationBody {
        application_id: Some(id.to_owned()),
        redirect_uris: vec!["https://web.example/cb".to_owned()],
        ..ApplicationBody::new("Web", ApplicationKind::Web)
    };
    for id in ["a.1", "a.2", "a.3"] {
        let made = applications.create(&body(id)).await.unwrap();
        assert!(made.secret.unwrap().client_secret.expose().starts_with("pcs_"));
        assert_eq!(applications.show(id).await.unwrap(), made.application);
    }
    assert_eq!(applications.create(&body("a.1")).await.unwrap_err().status(), Some(409));
    let query = ListQuery { limit: Some(2), ..ListQuery::default() };
    assert_eq!(applications.list_page(&query, None).await.unwrap().items.len(), 2);
    let all: Vec<Application> = applications.list(query).try_collect().await.unwrap();
    assert_eq!(all.len(), 3);
    let changed = ApplicationBody { first_party: true, ..body("a.1") };
    assert!(applications.update("a.1", &changed).await.unwrap().first_party);
    let second = applications.create_secret("a.1").await.unwrap();
    assert_eq!(applications.create_secret("a.1").await.unwrap_err().status(), Some(409));
    let known = applications.secrets("a.1").await.unwrap();
    assert!(known.len() == 2 && known.iter().any(|one| one.secret_id == second.secret_id));
    applications.delete_secret("a.1", &second.secret_id).await.unwrap();
    assert_eq!(applications.secrets("a.1").await.unwrap().len(), 1);
    applications.delete("a.1").await.unwrap();
    assert!(applications.show("a.1").await.unwrap_err().is_not_found());
    server.shutdown().await;
}
