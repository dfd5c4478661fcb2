//! Accepts connections: bounded in number, in the size of a head, and in the time that a head and a body may take.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use portcullis_http::{HttpService, PeerAddress};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tower::Service as _;

use super::patience::{HeadTimer, Timely};
use super::peer::{Network, believe};
use super::tls::Tls;
use crate::config::Limits;
use crate::{Error, Result};

/// How long to wait after the system refused to accept (too many open files, mostly).
const RETRY: Duration = Duration::from_millis(50);

/// A bound address, and the task that answers there.
pub(super) struct Listener {
    address: SocketAddr,
    routers: Arc<Routers>,
    tls: Option<Arc<Tls>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What answers: a router while the server starts, the API from then on.
struct Routers {
    starting: Router,
    started: OnceLock<HttpService>,
    trusted: Vec<Network>,
    /// How long a body may take.
    patience: Duration,
}

impl Listener {
    /// Listens at `address`, for HTTPS with `tls`.
    pub(super) async fn bind(
        address: SocketAddr,
        limits: &Limits,
        tls: Option<Tls>,
        starting: Router,
    ) -> Result<Self> {
        let refused = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (trusted, patience) = (limits.trusted_proxies.clone(), limits.header_timeout);
        let routers = Arc::new(Routers { starting, started: OnceLock::new(), trusted, patience });
        let tls = tls.map(Arc::new);
        let (stop, stopped) = oneshot::channel();
        let connections = Connections::new(Arc::clone(&routers), tls.clone(), limits);
        let task = tokio::spawn(accept(listener, connections, limits.clone(), stopped));
        Ok(Self { address, routers, tls, stop, task })
    }

    /// What is spoken here: `http` or `https`.
    pub(super) const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Reads the certificate again, if there is one.
    pub(super) async fn reload_certificate(&self) {
        if let Some(tls) = &self.tls {
            tls.reload().await;
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers with this from now on, also on connections that are open.
    pub(super) fn answer_with(&self, service: HttpService) {
        self.routers.started.get_or_init(|| service);
    }

    /// Stops to accept and waits for what is in flight.
    pub(super) async fn stop(self) {
        // Whichever way the task is told or gone, it is waited for.
        let _told = self.stop.send(());
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the listener ended badly");
        }
    }
}

impl Routers {
    async fn answer(
        &self,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        let mut request = request.map(|body| Body::new(Timely::new(body, self.patience)));
        let sender = believe(peer, request.headers_mut(), &self.trusted);
        request.extensions_mut().insert(PeerAddress(sender));
        match self.started.get() {
            Some(service) => service.clone().call(request).await,
            None => self.starting.clone().call(request).await,
        }
    }
}

/// How connections are served.
#[derive(Clone)]
struct Connections {
    http: http1::Builder,
    routers: Arc<Routers>,
    tls: Option<Arc<Tls>>,
}

impl Connections {
    fn new(routers: Arc<Routers>, tls: Option<Arc<Tls>>, limits: &Limits) -> Self {
        let mut http = http1::Builder::new();
        http.header_read_timeout(limits.header_timeout).max_buf_size(limits.max_header_bytes);
        Self { http, routers, tls }
    }

    /// Serves one connection to its end. A handshake that is not over when the server stops is given up: nothing was asked yet.
    async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        mut ending: watch::Receiver<bool>,
    ) {
        let Some(tls) = self.tls.clone() else { return self.answer(stream, peer, watcher).await };
        let stream = tokio::select! {
            stream = tls.accept(stream) => stream,
            _ = ending.wait_for(|ending| *ending) => None,
        };
        if let Some(stream) = stream {
            self.answer(stream, peer, watcher).await;
        }
    }

    async fn answer(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
        watcher: Watcher,
    ) {
        let routers = self.routers;
        let service = service_fn(move |request| {
            let routers = Arc::clone(&routers);
            async move { routers.answer(peer, request).await }
        });
        let connection =
            self.http.timer(HeadTimer::default()).serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, %error, "a connection ended badly");
        }
    }
}

async fn accept(
    listener: TcpListener,
    connections: Connections,
    limits: Limits,
    mut stopped: oneshot::Receiver<()>,
) {
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let graceful = GracefulShutdown::new();
    let (end, ending) = watch::channel(false);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            // Also when the server was dropped without being stopped.
            _ = &mut stopped => break,
            accepted = next(&listener, &places) => accepted,
        };
        let served = connections.clone().serve(stream, peer, graceful.watcher(), ending.clone());
        tokio::spawn(async move {
            served.await;
            drop(place);
        });
    }
    drop(listener);
    end.send_replace(true);
    let in_flight = graceful.count();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(limits.shutdown_timeout) => {
            tracing::warn!(in_flight, "requests took longer than shutdown_timeout_secs and are cut off");
        }
    }
}

/// The next connection, once there is a place for it.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // Fails only when the semaphore is closed, which nobody does.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole: waiting for more to send only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "cannot set TCP_NODELAY");
                }
                return (stream, peer, place);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}
