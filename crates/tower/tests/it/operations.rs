//! What is asked about an operation, and what the handler gets.

use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router, body::Body};
use portcullis_tower::{CurrentUser, GuardPass, Guarded, Operation, RequestId, path_param, require_op};
use portcullis_types::guard::{BillingMode, GuardResource};
use serde_json::{Map, Value, json};

use crate::bed::{Bed, HELD};

struct Priced;

impl Operation for Priced {
    const NAME: &'static str = "priced";
    const BILLING: Option<BillingMode> = Some(BillingMode::Reserve);

    fn resource(parts: &Parts) -> Option<GuardResource> {
        Some(GuardResource { id: path_param(parts, "id"), ..GuardResource::default() })
    }

    fn units(parts: &Parts) -> Option<u64> {
        parts.headers.get("x-pages")?.to_str().ok()?.parse().ok()
    }

    fn metadata(_: &Parts) -> Map<String, Value> {
        Map::from_iter([("color".to_owned(), json!("red"))])
    }
}

fn document(parts: &Parts) -> Option<GuardResource> {
    Some(GuardResource {
        id: path_param(parts, "id"),
        kind: Some("document".into()),
        ..GuardResource::default()
    })
}

fn describe(pass: &GuardPass) -> Json<Value> {
    let held = pass.reservation.as_ref().map(|held| held.amount);
    Json(json!({ "subject": pass.context.subject(), "held": held }))
}

fn routes() -> Router {
    let layered = require_op("priced").resource(document).units(|_| Some(3)).billing(BillingMode::Reserve);
    Router::new()
        .route("/layered/{id}", post(async |pass: GuardPass| describe(&pass)).route_layer(layered))
        .route("/typed/{id}", post(async |pass: Guarded<Priced>| describe(&pass)))
        .route("/free", get(async |pass: GuardPass| describe(&pass)).route_layer(require_op("free")))
        .route("/user", get(async |_: CurrentUser| "").route_layer(require_op("free")))
        .route("/none", get(async |_: GuardPass| "ran"))
}

fn request(method: &str, uri: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(uri).header("authorization", "Bearer alice");
    request.header("x-pages", "12").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn the_guard_hears_of_resource_units_mode_and_metadata() {
    let bed = Bed::new(routes());
    for (uri, units) in [("/layered/a%20b", 3), ("/typed/a%20b", 12)] {
        let mut request = request("POST", uri);
        request.extensions_mut().insert(RequestId("req-9".into()));
        assert_eq!(bed.send(request).await.status(), StatusCode::OK);
        let asked = bed.fake.asked.lock().unwrap().pop().unwrap();
        assert_eq!((asked.operation.as_str(), asked.request_id.as_deref()), ("priced", Some("req-9")));
        assert_eq!(asked.resource.unwrap().id.as_deref(), Some("a b"), "{uri}");
        let billing = &asked.metadata["billing"];
        assert_eq!((&billing["mode"], &billing["units"]), (&json!("reserve"), &json!(units)), "{uri}");
        assert_eq!(asked.metadata.get("color").is_some(), uri.starts_with("/typed"));
    }
}

#[tokio::test]
async fn a_request_id_of_the_clients_choice_is_no_idempotency_key() {
    let bed = Bed::new(routes());
    for _ in 0..2 {
        let mut request = request("POST", "/typed/1");
        request.extensions_mut().insert(RequestId("same".into()));
        bed.send(request).await;
    }
    let asked = bed.fake.asked.lock().unwrap().clone();
    let keys: Vec<_> =
        asked.iter().map(|asked| asked.metadata["billing"]["idempotencyKey"].as_str().unwrap()).collect();
    assert!(keys[0] != keys[1] && keys.iter().all(|key| !key.contains("same")), "{keys:?}");
}

#[tokio::test]
async fn the_handler_gets_the_pass() {
    let bed = Bed::new(routes());
    let token = [("authorization", "Bearer alice")];
    let priced = json!({ "subject": "alice", "held": HELD });
    assert_eq!(bed.ask("POST", "/layered/1", &token).await.body, priced);
    assert_eq!(bed.ask("POST", "/typed/1", &token).await.body, priced);
    assert_eq!(bed.get("/free", "alice").await.body, json!({ "subject": "alice", "held": null }));
    assert_eq!(bed.get("/none", "alice").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn guests_are_not_asked_about_and_unknown_routes_stay_404() {
    let bed = Bed::new(routes());
    for (method, uri, token, status) in [
        ("POST", "/layered/1", "", 401),
        ("POST", "/typed/1", "", 401),
        ("POST", "/layered/1", "forged", 401),
        ("POST", "/typed/1", "down", 503),
        ("GET", "/layered/1", "", 405),
        ("GET", "/layered", "", 404),
        ("OPTIONS", "/layered/1", "", 405),
    ] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let answer = bed.ask(method, uri, if token.is_empty() { &[] } else { &headers }).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {uri} {token}");
    }
    assert!(bed.fake.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn az_05_an_answer_that_contradicts_itself_refuses_and_holds_nothing() {
    let routes = Router::new().route("/", get(async || "ran").route_layer(require_op("contradiction")));
    let bed = Bed::new(routes);
    assert_eq!(bed.get("/", "alice").await.status, StatusCode::SERVICE_UNAVAILABLE);
    bed.layer.idle().await;
    assert_eq!(bed.fake.so_far(), ["release res_1"]);
}
