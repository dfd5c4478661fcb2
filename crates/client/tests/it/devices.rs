//! A program without a browser signs its user in.

use portcullis_client::area::ApplicationCredential;
use portcullis_client::types::application::{ApplicationBody, ApplicationKind, GrantTypeName};
use portcullis_client::types::auth::RegisterBody;
use portcullis_client::types::{Sensitive, oauth::DeviceAuthorization};
use portcullis_client::{DeviceFlowError, DevicePoll};
use portcullis_testkit::TestServer;
use portcullis_testkit::portcullis_server::portcullis::browser::{self, BrowserSession, Registered};
use portcullis_testkit::portcullis_server::portcullis::oauth::device;
use portcullis_testkit::portcullis_server::portcullis::session::Device;

/// An application that signs devices in.
async fn application(server: &TestServer) -> ApplicationCredential {
    let body = ApplicationBody {
        application_id: Some("cli".to_owned()),
        grant_types: Some(vec![GrantTypeName::DeviceCode, GrantTypeName::RefreshToken]),
        ..ApplicationBody::new("Command line", ApplicationKind::Native)
    };
    server.client().applications().create(&body).await.unwrap();
    ApplicationCredential { client_id: "cli".to_owned(), client_secret: None }
}

async fn alice(server: &TestServer) -> BrowserSession {
    let password = Sensitive::new("seven quiet herons fold paper");
    let body = RegisterBody { email: "alice@example.org".to_owned(), password, name: None, pool: None };
    let registered = browser::register(server.portcullis(), Device::default(), body, None).await;
    let Ok(Registered::SignedIn(signed_in)) = registered else { unreachable!("there is no mailer") };
    signed_in.browser
}

async fn decide(server: &TestServer, person: &BrowserSession, asked: &DeviceAuthorization, approved: bool) {
    let (portcullis, user_code, from) = (server.portcullis(), asked.user_code.expose(), Device::default());
    device::look_up(portcullis, person, user_code, &from).await.unwrap();
    device::decide(portcullis, person, user_code, approved, &from).await.unwrap();
}

#[tokio::test]
async fn a_program_polls_until_its_user_has_allowed_it() {
    let server = TestServer::start().await.unwrap();
    let (application, alice) = (application(&server).await, alice(&server).await);
    let flow = server.client().device_flow(application).scope("openid offline_access");
    let mut pending = flow.start().await.unwrap();
    assert!(pending.authorization().verification_uri.ends_with("/device"));
    for pause in [5, 10] {
        // The second poll is early, and the server says so.
        let DevicePoll::Pending { pause: asked } = pending.poll().await.unwrap() else {
            panic!("nobody decided")
        };
        assert_eq!(asked.as_secs(), pause);
    }
    decide(&server, &alice, pending.authorization(), true).await;
    let DevicePoll::Tokens(tokens) = pending.poll().await.unwrap() else { panic!("it was allowed") };
    assert!(tokens.refresh_token.is_some() && tokens.id_token.is_some());
    assert!(matches!(pending.poll().await, Err(DeviceFlowError::Client(error)) if error.is_refusal()));
    server.shutdown().await;
}

#[tokio::test]
async fn a_program_stops_when_its_user_says_no_or_it_may_not_ask() {
    let server = TestServer::start().await.unwrap();
    let (application, alice) = (application(&server).await, alice(&server).await);
    let mut pending = server.client().device_flow(application.clone()).start().await.unwrap();
    decide(&server, &alice, pending.authorization(), false).await;
    assert!(matches!(pending.poll().await, Err(DeviceFlowError::Denied)));
    let refused = server.client().device_flow(application).scope("unheard_of").start().await.unwrap_err();
    let is_told = |error: &portcullis_client::ClientError| error.error_code() == Some("invalid_scope");
    assert!(matches!(&refused, DeviceFlowError::Client(error) if is_told(error)), "{refused}");
    server.shutdown().await;
}
