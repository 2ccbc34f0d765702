//! An object store that speaks S3, as a server on this machine that asks for signed requests and keeps everything in a folder.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    thread,
};

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Builder, sync::oneshot};

pub const BUCKET: &str = "uploads";
const KEY_ID: &str = "numwatch-test";
const SECRET: &str = "a key of the tests";

/// The server. It ends when it is dropped.
pub struct S3 {
    address: SocketAddr,
    root: TempDir,
    _stop: oneshot::Sender<()>,
}

impl S3 {
    /// Starts it with one bucket, in a thread of its own: who asks it may be waiting for something else.
    pub fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(root.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = service.build();
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let serving = async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let connection = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service.clone());
                    tokio::spawn(async move {
                        // Whoever asked may leave at any time.
                        let _ = connection.await;
                    });
                }
            };
            runtime.block_on(async {
                tokio::select! {
                    () = serving => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address: told.recv().unwrap(),
            root,
            _stop: stop,
        }
    }

    /// What NumWatch is told of it.
    pub fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("NUMWATCH_PAYLOADS", format!("s3://{BUCKET}/numwatch")),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_ACCESS_KEY_ID", KEY_ID.into()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.into()),
        ]
    }

    /// The objects whose names end so.
    pub fn objects(&self, end: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.path().join(BUCKET)];
        while let Some(folder) = folders.pop() {
            for path in entries(&folder) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with(end) {
                    found.push(path);
                }
            }
        }
        found
    }

    /// How many parts it keeps of what isn't whole yet.
    pub fn parts(&self) -> usize {
        let of_an_upload = |path: &PathBuf| path.to_string_lossy().contains(".part-");
        let own = entries(self.root.path());
        own.iter().filter(|path| of_an_upload(path)).count()
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}
