//! A real server, and clients that go away.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::stream;
use portcullis_tower::{GuardPass, require_op};
use portcullis_types::MicroCredits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::bed::Bed;

async fn serve(app: Router) -> (TcpStream, tokio::task::AbortHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await }).abort_handle();
    (TcpStream::connect(address).await.unwrap(), server)
}

async fn get_path(client: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer alice\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_client_that_hangs_up_while_the_handler_works_pays_nothing() {
    let (began, never) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let begin = Arc::clone(&began);
    let handler = async move || {
        begin.notify_one();
        never.notified().await;
    };
    let bed = Bed::new(Router::new().route("/", get(handler).route_layer(require_op("priced"))));
    let (mut client, server) = serve(bed.app.clone()).await;
    get_path(&mut client, "/").await;
    began.notified().await;
    drop(client);
    assert_eq!(bed.fake.next_settled().await, ["release res_1"]);
    server.abort();
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_of_a_body_pays_what_was_measured() {
    let never = Arc::new(Notify::new());
    let handler = async move |pass: GuardPass| {
        pass.set_actual(MicroCredits(7));
        let pieces = stream::unfold(0, move |number| {
            let never = Arc::clone(&never);
            async move {
                if number == 1 {
                    never.notified().await;
                }
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b"piece")), number + 1))
            }
        });
        Body::from_stream(pieces)
    };
    let bed = Bed::new(Router::new().route("/", get(handler).route_layer(require_op("priced"))));
    let (mut client, server) = serve(bed.app.clone()).await;
    get_path(&mut client, "/").await;
    let mut seen = Vec::new();
    while !seen.ends_with(b"piece\r\n") {
        assert_ne!(client.read_buf(&mut seen).await.unwrap(), 0);
    }
    drop(client);
    assert_eq!(bed.fake.next_settled().await, ["commit res_1 7"]);
    server.abort();
}

#[tokio::test]
async fn a_panic_on_a_connection_gives_credits_back() {
    let handler = async || -> () { panic!("a handler's fault") };
    let bed = Bed::new(Router::new().route("/", get(handler).route_layer(require_op("priced"))));
    let (mut client, server) = serve(bed.app.clone()).await;
    get_path(&mut client, "/").await;
    let mut seen = Vec::new();
    client.read_to_end(&mut seen).await.unwrap();
    assert!(seen.is_empty(), "the connection ends without an answer");
    assert_eq!(bed.fake.next_settled().await, ["release res_1"]);
    server.abort();
}

#[tokio::test]
async fn a_length_that_was_promised_is_paid_when_it_was_sent() {
    let handler = async |_: GuardPass| {
        let pieces = stream::iter(0..3).map_pieces();
        axum::response::Response::builder().header("content-length", "15").body(pieces).unwrap()
    };
    let bed = Bed::new(Router::new().route("/", get(handler).route_layer(require_op("priced"))));
    let (mut client, server) = serve(bed.app.clone()).await;
    get_path(&mut client, "/").await;
    let mut seen = Vec::new();
    while !seen.ends_with(b"piecepiecepiece") {
        assert_ne!(client.read_buf(&mut seen).await.unwrap(), 0);
    }
    assert_eq!(bed.fake.next_settled().await, ["commit res_1 all"]);
    server.abort();
}

trait MapPieces {
    fn map_pieces(self) -> Body;
}

impl<S: stream::Stream<Item = i32> + Send + 'static> MapPieces for S {
    fn map_pieces(self) -> Body {
        Body::from_stream(futures_util::StreamExt::map(self, |_| {
            Ok::<_, std::io::Error>(Bytes::from_static(b"piece"))
        }))
    }
}
