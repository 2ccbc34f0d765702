//! What stands between NumWatch and PostgreSQL, and gets stuck: a relay that can swallow a connection's words while both
//! ends of it live.

use std::sync::Arc;

use sqlx::{PgPool, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixListener, UnixStream},
    sync::{Semaphore, SemaphorePermit},
};
use tokio_util::task::AbortOnDropHandle;

/// What the first statement of a transaction that writes an import's data has in it.
const WRITES: &[u8] = b"pg_advisory_xact_lock";

/// A relay, for as long as the answer lives.
pub struct Relay {
    folder: TempDir,
    options: PgConnectOptions,
    /// How many connections are still to fall silent.
    silences: Arc<Semaphore>,
    _relaying: AbortOnDropHandle<()>,
}

impl Relay {
    /// Before the database of this pool. The next connection that writes an import's data falls silent as soon as it says
    /// `word`.
    pub fn before(pool: &PgPool, word: &'static [u8]) -> Self {
        let options = (*pool.connect_options()).clone();
        let folder = tempfile::tempdir().unwrap();
        let path = folder
            .path()
            .join(format!(".s.PGSQL.{}", options.get_port()));
        let listener = UnixListener::bind(path).unwrap();
        let silences = Arc::new(Semaphore::new(1));
        let (left, to) = (silences.clone(), options.clone());
        let relaying = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (left, server) = (left.clone(), connect(&to).await);
                tokio::spawn(relay(client, server, word, left));
            }
        });
        Self {
            folder,
            options,
            silences,
            _relaying: AbortOnDropHandle::new(relaying),
        }
    }

    /// How PostgreSQL is reached through it.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone().socket(self.folder.path())
    }

    /// Whether a connection has fallen silent.
    pub fn has_silenced(&self) -> bool {
        self.silences.available_permits() == 0
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(to: &PgConnectOptions) -> Box<dyn Stream> {
    if let Some(folder) = to.get_socket() {
        let path = folder.join(format!(".s.PGSQL.{}", to.get_port()));
        Box::new(UnixStream::connect(path).await.unwrap())
    } else {
        let address = (to.get_host(), to.get_port());
        Box::new(TcpStream::connect(address).await.unwrap())
    }
}

async fn relay(client: UnixStream, server: Box<dyn Stream>, word: &[u8], left: Arc<Semaphore>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let up = async {
        let mut buffer = vec![0; 1 << 16];
        let mut writes = false;
        loop {
            let read = from_client.read(&mut buffer).await.unwrap_or(0);
            let said = &buffer[..read];
            if writes
                && contains(said, word)
                && left.try_acquire().map(SemaphorePermit::forget).is_ok()
            {
                // Both ends are kept, and neither hears of the other again.
                return std::future::pending::<()>().await;
            }
            writes |= contains(said, WRITES);
            if read == 0 || to_server.write_all(said).await.is_err() {
                return;
            }
        }
    };
    let down = tokio::io::copy(&mut from_server, &mut to_client);
    tokio::select! {
        () = up => {}
        _ = down => {}
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}
