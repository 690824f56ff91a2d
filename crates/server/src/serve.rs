//! Listening: one address, bounded connections, graceful end, nothing about people in the log.
//!
//! A connection that sends no whole head in time is dropped, and so is an idle one; a body that pauses too long
//! is the router's (`web::http`).
//!
//! Not here: what is answered (`web`, `api`).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use jiff::tz::TimeZone;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tower::ServiceExt as _;

use crate::app::Hub;
use crate::i18n::{Catalogue, CatalogueError};
use crate::tasks::Tasks;
use crate::web::http::{self, Site};

/// How long requests at work may still take when the hub is told to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a connection may take to send a head, and how long it may be idle.
const HEAD_MAX: Duration = Duration::from_secs(30);
/// How long to wait before accepting again where the system has no more sockets to give.
const NO_SOCKET_PAUSE: Duration = Duration::from_millis(200);

/// Why a hub cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Address {
        /// The address.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A language cannot be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The server failed.
    #[error("the server failed")]
    Server(#[source] std::io::Error),
}

/// A hub that listens.
#[derive(Debug)]
pub struct Serving {
    /// The address it listens on, with the port the system chose if port 0 was asked.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: tokio::task::JoinHandle<Result<(), ServeError>>,
}

/// Starts to listen and returns at once.
pub async fn start(hub: Hub) -> Result<Serving, ServeError> {
    let asked = hub.config().address.clone();
    let taken = |source| ServeError::Address { address: asked.clone(), source };
    let listener = TcpListener::bind(&asked).await.map_err(taken)?;
    let address = listener.local_addr().map_err(ServeError::Server)?;
    let folder = hub.config().locales_folder.clone();
    let catalogue = if folder.is_empty() {
        Catalogue::embedded(&TimeZone::UTC)?
    } else {
        Catalogue::overridden(std::path::Path::new(&folder), &TimeZone::UTC)?
    };
    let connections = usize::try_from(hub.config().limits.connections).unwrap_or(usize::MAX);
    let connections = connections.min(Semaphore::MAX_PERMITS);
    let router = http::router(Site::new(hub.clone(), catalogue));
    let (stop, stopped) = oneshot::channel::<()>();
    let tasks = Tasks::start(&hub);
    #[expect(clippy::disallowed_methods, reason = "the server itself; `Serving::stop` ends it")]
    let done = tokio::spawn(async move {
        accept(listener, router, Arc::new(Semaphore::new(connections)), stopped).await;
        tasks.stop().await;
        hub.store().close().await;
        Ok(())
    });
    Ok(Serving { address, stop, done })
}

/// Takes connections until told to stop, then lets those at work end.
async fn accept(
    listener: TcpListener,
    router: Router,
    places: Arc<Semaphore>,
    mut stopped: oneshot::Receiver<()>,
) {
    let ending = GracefulShutdown::new();
    loop {
        let free = Arc::clone(&places).acquire_owned();
        let next = async { (free.await.ok(), listener.accept().await) };
        let (place, taken) = tokio::select! {
            _ = &mut stopped => break,
            next = next => next,
        };
        match (place, taken) {
            (Some(place), Ok((stream, peer))) => {
                answer(stream, peer, router.clone(), &ending, place);
            }
            (_, Err(error)) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            (_, Err(error)) => {
                tracing::warn!(%error, "no connection could be taken");
                tokio::time::sleep(NO_SOCKET_PAUSE).await;
            }
            (None, _) => break,
        }
    }
    drop(listener);
    ending.shutdown().await;
}

/// Answers what comes over one connection, which keeps its place until it ends.
fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    ending: &GracefulShutdown,
    place: OwnedSemaphorePermit,
) {
    // Small answers must not wait for the acknowledgement of earlier ones.
    let _slower_then = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let connection = ending.watch(connection);
    #[expect(
        clippy::disallowed_methods,
        reason = "one task a connection; the listener waits for all"
    )]
    tokio::spawn(async move {
        // Whatever a stranger's connection ended with concerns nobody here.
        let _ended = connection.await;
        drop(place);
    });
}

impl Serving {
    /// Ends: takes no more requests, finishes those at work within ten seconds, closes the store.
    pub async fn stop(self) -> Result<(), ServeError> {
        let _gone = self.stop.send(());
        let abort = self.done.abort_handle();
        match tokio::time::timeout(GRACE, self.done).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(ServeError::Server(std::io::Error::other(error))),
            Err(_late) => {
                abort.abort();
                Ok(())
            }
        }
    }

    /// Waits until the process is told to end, then ends.
    pub async fn until_told(self) -> Result<(), ServeError> {
        told().await.map_err(ServeError::Server)?;
        self.stop().await
    }
}

#[cfg(unix)]
async fn told() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
