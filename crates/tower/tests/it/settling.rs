//! What becomes of held credits when the response is in one piece, or there is none.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::FutureExt as _;
use portcullis_tower::{GuardPass, Guarded, Operation, require_op};
use portcullis_types::MicroCredits;
use tokio::sync::Notify;

use crate::bed::Bed;

struct Priced;

impl Operation for Priced {
    const NAME: &'static str = "priced";
}

async fn answer(Path(status): Path<u16>, _: GuardPass) -> Response {
    (StatusCode::from_u16(status).unwrap(), "body").into_response()
}

async fn measured(
    Path((status, header, actual)): Path<(u16, String, i64)>,
    pass: Guarded<Priced>,
) -> Response {
    if actual != -1 {
        pass.set_actual(MicroCredits(actual));
    }
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    if header != "none" {
        response.headers_mut().insert("x-credits-used", header.parse().unwrap());
    }
    response
}

async fn twice(_: Guarded<Priced>, second: Guarded<Priced>) -> Response {
    second.set_actual(MicroCredits(3));
    ([("x-credits-used", "9")], "").into_response()
}

fn routes() -> Router {
    Router::new()
        .route("/status/{status}", any(answer).layer(require_op("priced")))
        .route("/measured/{status}/{header}/{actual}", get(measured))
        .route("/twice", get(twice))
        .route("/free", get(async || ([("x-credits-used", "9")], "")).route_layer(require_op("free")))
        .route("/panic", get(async |_: Guarded<Priced>| -> () { panic!("a handler's fault") }))
}

#[tokio::test]
async fn the_status_decides_whether_credits_are_taken() {
    for (method, status, expected) in [
        ("GET", 200, "commit res_1 all"),
        ("POST", 201, "commit res_1 all"),
        ("GET", 204, "commit res_1 all"),
        ("GET", 302, "commit res_1 all"),
        ("GET", 304, "commit res_1 all"),
        ("HEAD", 200, "commit res_1 all"),
        ("GET", 400, "release res_1"),
        ("GET", 404, "release res_1"),
        ("GET", 500, "release res_1"),
        ("GET", 503, "release res_1"),
    ] {
        let bed = Bed::new(routes());
        let answer =
            bed.ask(method, &format!("/status/{status}"), &[("authorization", "Bearer alice")]).await;
        assert_eq!(answer.status.as_u16(), status);
        // Before the answer is there: whoever looks at the balance next sees it.
        assert_eq!(bed.fake.so_far(), [expected], "{method} {status}");
    }
}

#[tokio::test]
async fn the_application_says_what_it_really_cost() {
    for (status, header, actual, expected) in [
        (200, "none", 7, "commit res_1 7"),
        (200, "none", 0, "commit res_1 0"),
        (200, "9", -1, "commit res_1 9"),
        (200, "9", 7, "commit res_1 7"),
        (200, "-9", -1, "commit res_1 all"),
        (200, "9.5", -1, "commit res_1 all"),
        (200, "99999999999999999999", -1, "commit res_1 all"),
        (200, "none", -7, "commit res_1 all"),
        (200, "none", i64::MAX, "commit res_1 all"),
        (500, "9", 7, "release res_1"),
    ] {
        let bed = Bed::new(routes());
        let answer = bed.get(&format!("/measured/{status}/{header}/{actual}"), "alice").await;
        assert!(!answer.headers.contains_key("x-credits-used"), "it is for the layer, not for clients");
        assert_eq!(bed.fake.so_far(), [expected], "{status} {header} {actual}");
    }
}

#[tokio::test]
async fn several_reservations_are_settled_each_by_itself() {
    let bed = Bed::new(routes());
    assert_eq!(bed.get("/twice", "alice").await.status, StatusCode::OK);
    assert_eq!(bed.fake.so_far(), ["commit res_1 all", "commit res_2 3"]);
    assert!(!bed.get("/free", "alice").await.headers.contains_key("x-credits-used"));
    assert_eq!(bed.fake.so_far().len(), 2);
}

#[tokio::test]
async fn a_panic_gives_credits_back_caught_outside_or_not() {
    let bed = Bed::new(routes());
    let request =
        || Request::get("/panic").header("authorization", "Bearer alice").body(Body::empty()).unwrap();
    assert!(AssertUnwindSafe(bed.send(request())).catch_unwind().await.is_err());
    assert_eq!(bed.fake.next_settled().await, ["release res_1"]);

    let app = bed.app.clone();
    let task = tokio::spawn(async move { tower::ServiceExt::oneshot(app, request()).await });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(bed.fake.next_settled().await, ["release res_1", "release res_2"]);
}

/// A request whose handler, or whose check, waits.
async fn hanging(operation: &'static str) -> (Bed, tokio::task::JoinHandle<Response>) {
    let (began, never) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let began = Arc::clone(&began);
        async move || {
            began.notify_one();
            never.notified().await;
        }
    };
    let bed = Bed::new(Router::new().route("/", get(handler).route_layer(require_op(operation))));
    let request = Request::get("/").header("authorization", "Bearer alice").body(Body::empty()).unwrap();
    let app = bed.app.clone();
    let running = tokio::spawn(async move { tower::ServiceExt::oneshot(app, request).await.unwrap() });
    if operation == "slow" {
        bed.fake.began.notified().await
    } else {
        began.notified().await
    }
    (bed, running)
}

#[tokio::test]
async fn a_request_that_is_dropped_gives_credits_back() {
    let (bed, running) = hanging("priced").await;
    running.abort();
    assert_eq!(bed.fake.next_settled().await, ["release res_1"]);
}

#[tokio::test]
async fn a_request_that_is_dropped_while_the_guard_decides_holds_nothing_afterwards() {
    let (bed, running) = hanging("slow").await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    bed.fake.go_on.notify_one();
    assert_eq!(bed.fake.next_settled().await, ["release res_1"]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_gives_credits_back() {
    let never = async |_: GuardPass| std::future::pending::<()>().await;
    let bed = Bed::new(Router::new().route("/", get(never).route_layer(require_op("priced"))));
    let answer = tokio::time::timeout(Duration::from_secs(30), bed.get("/", "alice")).await;
    assert!(answer.is_err());
    assert_eq!(bed.fake.next_settled().await, ["release res_1"]);
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_fails_is_tried_again_with_the_same_reservation() {
    let bed = Bed::new(routes());
    *bed.fake.outages.lock().unwrap() = 5;
    assert_eq!(bed.get("/measured/200/none/7", "alice").await.status, StatusCode::OK, "the work was done");
    assert!(bed.fake.so_far().is_empty());
    bed.layer.idle().await;
    assert_eq!(bed.fake.so_far(), ["commit res_1 7"]);
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_does_not_end_is_given_up() {
    let bed = Bed::new(routes());
    *bed.fake.outages.lock().unwrap() = u32::MAX;
    let begin = tokio::time::Instant::now();
    bed.get("/status/200", "alice").await;
    bed.get("/status/500", "alice").await;
    bed.layer.idle().await;
    let tried = u32::MAX - *bed.fake.outages.lock().unwrap();
    assert_eq!(tried, 12 + 4);
    let minutes = begin.elapsed().as_secs() / 60;
    assert!((5..8).contains(&minutes), "{minutes}");
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_bounded() {
    let bed = Bed::new(routes());
    *bed.fake.outages.lock().unwrap() = 2_000;
    for _ in 0..1_100 {
        bed.get("/status/200", "alice").await;
    }
    bed.layer.idle().await;
    assert_eq!(bed.fake.so_far().len(), 1_024);
}
