//! Bodies that are sent piece by piece.

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::response::Response;
use axum::routing::get;
use axum::{Router, body::HttpBody as _};
use futures_util::StreamExt as _;
use futures_util::stream;
use http_body_util::BodyExt as _;
use portcullis_tower::{GuardPass, require_op};
use portcullis_types::MicroCredits;

use crate::bed::Bed;

/// Three pieces. After each the handler knows better what it costs, if it measures.
fn body(pass: GuardPass, measured: bool, broken: bool) -> Body {
    let pieces = stream::iter(1..=3).map(move |number| {
        if measured {
            pass.set_actual(MicroCredits(number));
        }
        match (broken, number) {
            (true, 2) => Err(std::io::Error::other("the source broke off")),
            _ => Ok(Bytes::from_static(b"1234")),
        }
    });
    Body::from_stream(pieces)
}

fn routes() -> Router {
    let with_length = async |pass: GuardPass| {
        Response::builder().header("content-length", "12").body(body(pass, false, false)).unwrap()
    };
    let with_header = async |pass: GuardPass| {
        Response::builder().header("x-credits-used", "9").body(body(pass, false, false)).unwrap()
    };
    Router::new()
        .route("/plain", get(async |pass: GuardPass| body(pass, false, false)))
        .route("/measured", get(async |pass: GuardPass| body(pass, true, false)))
        .route("/broken", get(async |pass: GuardPass| body(pass, false, true)))
        .route("/broken/measured", get(async |pass: GuardPass| body(pass, true, true)))
        .route("/length", get(with_length))
        .route("/header", get(with_header))
        .route_layer(require_op("priced"))
}

async fn response(bed: &Bed, path: &str, method: &str) -> Response {
    let request = Request::builder().method(method).uri(path).header("authorization", "Bearer alice");
    let response = bed.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    response
}

#[tokio::test]
async fn the_end_of_the_body_takes_the_credits_and_not_its_beginning() {
    for (path, expected) in
        [("/plain", "commit res_1 all"), ("/measured", "commit res_1 3"), ("/header", "commit res_1 9")]
    {
        let bed = Bed::new(routes());
        let mut body = response(&bed, path, "GET").await.into_body();
        for _ in 0..3 {
            assert!(body.frame().await.unwrap().is_ok());
            assert!(bed.fake.so_far().is_empty() && !body.is_end_stream(), "{path}");
        }
        assert!(body.frame().await.is_none());
        assert_eq!(bed.fake.so_far(), [expected], "{path}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_costs_what_was_measured_and_else_nothing() {
    for (path, pieces, expected) in [
        ("/plain", 0, "release res_1"),
        ("/plain", 2, "release res_1"),
        ("/header", 2, "release res_1"),
        ("/measured", 2, "commit res_1 2"),
        ("/measured", 0, "release res_1"),
        ("/length", 2, "release res_1"),
        // Whoever sends the body stops asking when the promised length is there.
        ("/length", 3, "commit res_1 all"),
        ("/broken", 2, "release res_1"),
        ("/broken/measured", 2, "commit res_1 2"),
    ] {
        let bed = Bed::new(routes());
        let mut body = response(&bed, path, "GET").await.into_body();
        for _ in 0..pieces {
            drop(body.frame().await);
        }
        drop(body);
        bed.layer.idle().await;
        assert_eq!(bed.fake.so_far(), [expected], "{path} {pieces}");
    }
}

#[tokio::test]
async fn an_answer_to_head_has_no_body_to_wait_for() {
    let bed = Bed::new(routes());
    drop(response(&bed, "/plain", "HEAD").await);
    assert_eq!(bed.fake.so_far(), ["commit res_1 all"]);
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_does_not_answer_at_the_end_is_asked_again() {
    let bed = Bed::new(routes());
    *bed.fake.outages.lock().unwrap() = 2;
    let body = response(&bed, "/measured", "GET").await.into_body();
    assert_eq!(body.collect().await.unwrap().to_bytes().len(), 12);
    assert!(bed.fake.so_far().is_empty());
    bed.layer.idle().await;
    assert_eq!(bed.fake.so_far(), ["commit res_1 3"]);
}
