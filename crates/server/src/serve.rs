//! Listening: one address, graceful end, nothing about people in the log.
//!
//! Not here: what is answered (`web`, `api`).

use std::net::SocketAddr;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::Hub;
use crate::i18n::{Catalogue, CatalogueError};
use crate::tasks::Tasks;
use crate::web::http::{self, Site};

/// How long requests at work may still take when the hub is told to end.
const GRACE: Duration = Duration::from_secs(10);

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
    let site = Site::new(hub.clone(), catalogue);
    let service = http::router(site).into_make_service_with_connect_info::<SocketAddr>();
    let (stop, stopped) = oneshot::channel::<()>();
    let tasks = Tasks::start(&hub);
    #[expect(clippy::disallowed_methods, reason = "the server itself; `Serving::stop` ends it")]
    let done = tokio::spawn(async move {
        let served = axum::serve(listener, service).with_graceful_shutdown(async move {
            let _either_way = stopped.await;
        });
        let result = served.await.map_err(ServeError::Server);
        tasks.stop().await;
        hub.store().close().await;
        result
    });
    Ok(Serving { address, stop, done })
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
