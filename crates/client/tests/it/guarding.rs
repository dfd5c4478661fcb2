//! The guard of an application against a real server: [`RemoteGuard`](portcullis_client::RemoteGuard), and the workspace form.

use portcullis_client::Client;
use portcullis_client::types::credits::{BillingRule, CreditGrantBody};
use portcullis_client::types::guard::{BillingMode, DecisionPath, EvaluationsSemantic, GuardBody};
use portcullis_client::types::operation::OperationBody;
use portcullis_client::types::{
    AuthError, Caller, Guard as _, GuardCode, GuardOutcome, GuardRequest, MicroCredits, Sensitive,
    SettleError,
};
use portcullis_testkit::TestServer;
use serde_json::{Map, Value, json};

use crate::authorizing::{record, role};
use crate::people::{ALICE, GOOD, WRONG, server_with_clock};

/// What a document costs.
const PRICE: MicroCredits = MicroCredits(5);

/// Alice may create documents, which costs, and read them; Bob may nothing. Gives the ids and tokens of both.
async fn world(server: &TestServer) -> [(String, String); 2] {
    let client = server.client();
    role(client, "ro_writer", "document:*").await;
    let mut people = Vec::new();
    for email in [ALICE, "bob@example.org"] {
        let tokens = server.register(email, GOOD).await.unwrap();
        people.push((tokens.user.id, tokens.access_token.into_inner()));
    }
    let [alice, bob]: [_; 2] = people.try_into().unwrap();
    client.records().create(&record(&alice.0, "ro_writer", &["documents"])).await.unwrap();
    let billing = BillingRule { base: PRICE, mode: Some(BillingMode::Reserve), ..BillingRule::default() };
    operation(client, "create_document", "document:create", Some(billing)).await;
    operation(client, "read_document", "document:read", None).await;
    [alice, bob]
}

async fn operation(client: &Client, name: &str, permission: &str, billing: Option<BillingRule>) {
    let operation = OperationBody {
        operation: name.to_owned(),
        permission: permission.to_owned(),
        resource: Some("documents/{id}".to_owned()),
        billing,
        ..OperationBody::default()
    };
    assert_eq!(client.operations().create(&operation).await.unwrap().operation_id, name);
}

async fn give(server: &TestServer, user_id: &str, amount: i64) {
    let grant = CreditGrantBody { amount: MicroCredits(amount), ..CreditGrantBody::default() };
    server.client().credits().grant(user_id, &grant).await.unwrap();
}

/// What is free and what is held.
async fn wallet(server: &TestServer, user_id: &str) -> (i64, i64) {
    let account = server.client().credits().balance(user_id).await.unwrap();
    (account.balances[0].available.0, account.balances[0].held.0)
}

async fn ask(server: &TestServer, token: &str, operation: &str) -> GuardOutcome {
    let outcome = server.client().guard().check(GuardRequest::new(token, operation)).await;
    assert_eq!(outcome.allowed, outcome.is_allowed(), "{outcome:?}");
    outcome
}

/// The id of what is held.
fn held(outcome: &GuardOutcome) -> String {
    assert!(outcome.is_allowed(), "{outcome:?}");
    let held = outcome.billing.as_ref().and_then(|billing| billing.reservation.as_ref()).unwrap();
    assert_eq!(held.amount, PRICE);
    held.id.clone()
}

fn keyed(key: &str) -> Map<String, Value> {
    let metadata = json!({"billing": {"idempotencyKey": key}});
    metadata.as_object().unwrap().clone()
}

#[tokio::test]
async fn yes_no_unknown_and_too_little_are_told_apart() {
    let server = TestServer::start().await.unwrap();
    let [alice, bob] = world(&server).await;
    let yes = ask(&server, &alice.1, "read_document").await;
    assert!(yes.is_allowed() && yes.is_authorized == Some(true) && yes.has_sufficient_credits.is_none());
    assert_eq!(yes.decision.unwrap().path, DecisionPath::RoleAllow);
    let context = yes.context.unwrap();
    assert_eq!(context.user.as_ref().unwrap().email.as_deref(), Some(ALICE));
    assert!(context.organization.is_none() && context.session.is_some());

    let no = ask(&server, &bob.1, "read_document").await;
    assert_eq!((no.error_code, no.status_code), (Some(GuardCode::PermissionDenied), 403));
    assert_eq!(no.context.unwrap().subject(), Some(bob.0.as_str()), "who it is is told all the same");
    let unknown = ask(&server, &alice.1, "sing").await;
    assert_eq!((unknown.error_code, unknown.status_code), (Some(GuardCode::OperationUnknown), 403));
    let poor = ask(&server, &alice.1, "create_document").await;
    assert_eq!((poor.error_code, poor.status_code), (Some(GuardCode::CreditsInsufficient), 402));
    assert_eq!((poor.is_authorized, poor.has_sufficient_credits), (Some(true), Some(false)));
    let billing = poor.billing.unwrap();
    assert!(billing.required == PRICE && billing.available == Some(MicroCredits::ZERO) && !poor.allowed);
    give(&server, &alice.0, 5).await;
    held(&ask(&server, &alice.1, "create_document").await);
    server.shutdown().await;
}

#[tokio::test]
async fn a_bearer_says_who_it_is_and_why_not() {
    let (server, clock) = server_with_clock().await;
    let [alice, _bob] = world(&server).await;
    let guard = server.client().guard();
    let Caller::User { user_id, session_id, .. } = guard.authenticate(&alice.1).await.unwrap() else {
        panic!("a user")
    };
    assert!(*user_id == *alice.0 && session_id.is_some());
    let service = guard.authenticate(server.access_key()).await.unwrap();
    assert!(matches!(&service, Caller::Client { client_id, .. } if **client_id == *server.client_id()));
    let refused = async |bearer: &str| match guard.authenticate(bearer).await {
        Err(AuthError::Invalid { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("").await, GuardCode::TokenMissing);
    assert_eq!(refused("a.b.c").await, GuardCode::TokenMalformed);
    let ended = server.login(ALICE, GOOD).await.unwrap().access_token;
    server.client().auth().logout(ended.expose()).await.unwrap();
    assert_eq!(refused(ended.expose()).await, GuardCode::TokenRevoked);
    clock.advance_secs(24 * 60 * 60);
    assert_eq!(refused(&alice.1).await, GuardCode::TokenExpired);
    server.shutdown().await;
}

#[tokio::test]
async fn what_is_held_is_taken_once_or_given_back_once() {
    let server = TestServer::start().await.unwrap();
    let [alice, _bob] = world(&server).await;
    let guard = server.client().guard();
    give(&server, &alice.0, 20).await;
    let taken = held(&ask(&server, &alice.1, "create_document").await);
    assert_eq!(wallet(&server, &alice.0).await, (15, 5));
    let less = Some(MicroCredits(3));
    assert_eq!(guard.commit(&taken, less).await, Ok(MicroCredits(3)));
    assert_eq!(guard.commit(&taken, less).await, Ok(MicroCredits(3)), "the same again");
    assert_eq!(guard.commit(&taken, Some(MicroCredits(4))).await, Err(SettleError::Closed));
    assert_eq!(guard.release(&taken).await, Err(SettleError::Closed));
    assert_eq!(wallet(&server, &alice.0).await, (17, 0));

    let back = held(&ask(&server, &alice.1, "create_document").await);
    assert_eq!(guard.commit(&back, Some(MicroCredits(-1))).await, Err(SettleError::Invalid));
    assert_eq!(guard.release(&back).await, Ok(()));
    assert_eq!(guard.release(&back).await, Ok(()), "the same again");
    assert_eq!(guard.commit(&back, None).await, Err(SettleError::Closed));
    assert_eq!(wallet(&server, &alice.0).await, (17, 0));
    let whole = held(&ask(&server, &alice.1, "create_document").await);
    assert_eq!(guard.commit(&whole, None).await, Ok(PRICE));
    assert_eq!(guard.commit("rsv_none", None).await, Err(SettleError::NotFound));
    assert_eq!(guard.release("rsv_none").await, Err(SettleError::NotFound));
    assert_eq!(wallet(&server, &alice.0).await, (12, 0));
    server.shutdown().await;
}

#[tokio::test]
async fn a_request_with_a_key_of_its_own_holds_once() {
    let server = TestServer::start().await.unwrap();
    let [alice, _bob] = world(&server).await;
    give(&server, &alice.0, 20).await;
    let guard = server.client().guard();
    let metadata = keyed("order-7");
    let request =
        GuardRequest { metadata: Some(&metadata), ..GuardRequest::new(&alice.1, "create_document") };
    let first = held(&guard.check(request).await);
    assert_eq!(held(&guard.check(request).await), first);
    // The id of a request is no such key: an end user may choose it, and would do many things for one price.
    let request =
        GuardRequest { request_id: Some("req-1"), ..GuardRequest::new(&alice.1, "create_document") };
    let second = guard.check(request).await;
    assert_eq!(second.request_id.as_deref(), Some("req-1"));
    assert_ne!(held(&guard.check(request).await), held(&second));
    assert_eq!(wallet(&server, &alice.0).await, (5, 15));
    server.shutdown().await;
}

#[tokio::test]
async fn a_batch_ends_where_its_semantics_say() {
    let server = TestServer::start().await.unwrap();
    let [alice, bob] = world(&server).await;
    let guard = server.client().guard();
    let item = |token: &str, operation: &str| GuardBody {
        token: Sensitive::new(token),
        operation: Some(operation.to_owned()),
        resource: None,
        metadata: None,
    };
    let items = [
        item(&alice.1, "read_document"),
        item(&bob.1, "read_document"),
        item("a.b.c", "read_document"),
        item(&alice.1, "sing"),
    ];
    let codes = async |semantics| {
        let outcomes = guard.check_all(&items, semantics).await;
        outcomes.iter().map(|outcome| outcome.error_code).collect::<Vec<_>>()
    };
    let all = [
        None,
        Some(GuardCode::PermissionDenied),
        Some(GuardCode::TokenMalformed),
        Some(GuardCode::OperationUnknown),
    ];
    assert_eq!(codes(EvaluationsSemantic::ExecuteAll).await, all);
    assert_eq!(codes(EvaluationsSemantic::DenyOnFirstDeny).await, all[..2]);
    assert_eq!(codes(EvaluationsSemantic::PermitOnFirstPermit).await, all[..1]);
    let wrong = guard.check_all(&[item(&alice.1, "No Such")], EvaluationsSemantic::ExecuteAll).await;
    assert!(wrong.len() == 1 && wrong[0].is_outage(), "a question that is refused is no yes: {wrong:?}");
    assert!(guard.check_all(&[], EvaluationsSemantic::ExecuteAll).await.is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn az_05_an_application_that_may_not_ask_gets_no_yes() {
    let server = TestServer::start().await.unwrap();
    let [alice, bob] = world(&server).await;
    give(&server, &alice.0, 20).await;
    let reservation = held(&ask(&server, &alice.1, "create_document").await);
    let nobody = Client::builder(server.url()).build().unwrap();
    for application in [server.client().with_token(&bob.1), nobody] {
        let guard = application.guard();
        let outcome = guard.check(GuardRequest::new(&alice.1, "read_document")).await;
        assert!(!outcome.is_allowed() && outcome.is_outage(), "{outcome:?}");
        assert_eq!(guard.authenticate(&alice.1).await, Err(AuthError::Unavailable));
        assert!(guard.commit(&reservation, None).await.is_err());
        assert!(guard.release(&reservation).await.is_err());
    }
    assert_eq!(wallet(&server, &alice.0).await, (15, 5));
    server.shutdown().await;
}

#[tokio::test]
async fn az_05_nothing_is_allowed_or_settled_when_the_server_is_gone() {
    let server = TestServer::start().await.unwrap();
    let [alice, _bob] = world(&server).await;
    give(&server, &alice.0, 20).await;
    let reservation = held(&ask(&server, &alice.1, "create_document").await);
    let client = server.client().clone();
    server.shutdown().await;
    let guard = client.guard();
    for request in [GuardRequest::new(&alice.1, "read_document"), GuardRequest::who(&alice.1)] {
        let outcome = guard.check(request).await;
        assert_eq!(outcome.error_code, Some(GuardCode::VerificationUnavailable));
        assert!(!outcome.is_allowed() && !outcome.allowed && outcome.context.is_none());
    }
    assert_eq!(guard.authenticate(&alice.1).await, Err(AuthError::Unavailable));
    assert_eq!(guard.commit(&reservation, None).await, Err(SettleError::Unavailable));
    assert_eq!(guard.release(&reservation).await, Err(SettleError::Unavailable));
    let item =
        GuardBody { token: Sensitive::new(&*alice.1), operation: None, resource: None, metadata: None };
    let outcomes = guard.check_all(&[item.clone(), item], EvaluationsSemantic::PermitOnFirstPermit).await;
    assert!(outcomes.len() == 2 && outcomes.iter().all(GuardOutcome::is_outage), "{outcomes:?}");

    let workspace = client.workspace();
    assert_eq!(workspace.auth.login(ALICE, GOOD).await, None);
    assert!(workspace.last_error().unwrap().could_not_ask());
    assert_eq!(workspace.auth.refresh_token(&alice.1).await, None);
    assert!(!workspace.auth.verify_jwt(&alice.1).await && !workspace.auth.logout(&alice.1).await);
    assert!(workspace.auth.guard_request(&alice.1, "read_document", None).await.is_outage());
}

#[tokio::test]
async fn the_workspace_form_answers_without_errors() {
    let (server, clock) = server_with_clock().await;
    let [alice, _bob] = world(&server).await;
    give(&server, &alice.0, 20).await;
    let workspace = server.client().workspace();
    let auth = &workspace.auth;
    assert_eq!(auth.login(ALICE, WRONG).await, None);
    let error = workspace.last_error().unwrap();
    assert!(error.is_refusal() && error.error_code() == Some("invalid_credentials"));
    let first = auth.login(ALICE, GOOD).await.unwrap();
    assert!(workspace.last_error().is_none());
    let token = auth.refresh_token(&first).await.unwrap();
    assert!(auth.verify_jwt(&token).await);

    let good = auth.guard_request(&token, "read_document", None).await;
    assert!(good.is_allowed() && good.error.is_none());
    assert_eq!(good.context.unwrap().user.as_ref().unwrap().email.as_deref(), Some(ALICE));
    let metadata = keyed("order-8");
    held(&auth.guard_request(&token, "create_document", Some(&metadata)).await);
    let code = async |token: &str| {
        let outcome = auth.guard_request(token, "read_document", None).await;
        assert!(!outcome.is_authenticated && outcome.context.is_none() && outcome.error.is_some());
        assert!(!outcome.is_allowed());
        outcome.error_code.unwrap()
    };
    assert_eq!(code("made up").await, GuardCode::TokenMalformed);
    let (said, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = first.rsplit_once('.').unwrap();
    assert_eq!(code(&format!("{said}.{signature}")).await, GuardCode::TokenInvalid);
    assert!(auth.logout(&token).await);
    assert_eq!(code(&token).await, GuardCode::TokenRevoked);
    assert!(!auth.verify_jwt(&token).await);
    assert!(workspace.last_error().is_none(), "no is an answer");
    assert!(!auth.logout(&token).await, "it is dead already");
    assert_eq!(workspace.last_error().unwrap().status(), Some(401));
    assert_eq!(auth.refresh_token(&token).await, None);
    let late = auth.login(ALICE, GOOD).await.unwrap();
    clock.advance_secs(60 * 60);
    assert_eq!(code(&late).await, GuardCode::TokenExpired);
    server.shutdown().await;
}
