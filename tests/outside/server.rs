//! A real process that serves, and all that it has printed so far.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command},
    thread,
};

/// It ends, at the latest, when it is dropped.
pub struct Server {
    child: Child,
    addr: String,
    stderr: Option<thread::JoinHandle<String>>,
}

impl Server {
    /// Starts `numwatch serve` and waits until it answers. What it prints must be piped.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let stderr = Some(thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        }));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let addr = lines.find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("NumWatch is at http://")
                .map(str::to_owned)
        });
        let mut server = Self {
            child,
            addr: addr.unwrap_or_default(),
            stderr,
        };
        assert!(
            !server.addr.is_empty(),
            "it does not start: {}",
            server.printed()
        );
        server
    }

    /// What it has printed until its end.
    pub fn printed(&mut self) -> String {
        self.stderr.take().unwrap().join().unwrap()
    }

    /// The answer, with its head, as it came.
    pub fn ask(&self, method: &str, path: &str) -> String {
        self.send(method, path, b"")
    }

    /// The same to a body of JSON. HTTP/1.0: what comes is the answer as it is, and then the connection's end.
    pub fn send(&self, method: &str, path: &str, body: &[u8]) -> String {
        let mut connection = TcpStream::connect(&self.addr).unwrap();
        write!(
            connection,
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nPrefer: respond-async\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.addr,
            body.len()
        )
        .unwrap();
        connection.write_all(body).unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it as a fault in it would.
    pub fn crash(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::ABORT).unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(6));
        assert!(!status.core_dumped(), "it left a core");
        self.printed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
