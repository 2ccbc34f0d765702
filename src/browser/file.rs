//! A file on its way to the server.

/// A file that somebody has chosen, before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its place among the files of its field.
    pub place: u32,
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The media type that the browser believes in; often empty.
    pub kind: String,
}

/// What a running upload reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// So many bytes of so many have left.
    Part { sent: u64, total: u64 },
    /// The server took it; this import reads it now.
    Accepted { id: i32 },
    /// The server has looked at it, and keeps what it found under this token.
    Checked { token: String },
    /// The server refused it, and says why.
    Refused(String),
    /// The connection broke.
    Broken,
    /// It can't be read any more: it has changed or gone since it was chosen.
    Changed,
    /// Somebody stopped it.
    Stopped,
}
