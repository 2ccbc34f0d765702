//! What only a browser can do: its clock, its timers, its files, and asking the server.
//!
//! Each function has a counterpart on the server that does nothing, so that pages and components need no `cfg`.

#[cfg(not(feature = "hydrate"))]
mod absent;
#[cfg(feature = "hydrate")]
mod clock;
#[cfg(feature = "hydrate")]
mod fetch;
#[cfg(feature = "hydrate")]
mod focus;
#[cfg(feature = "hydrate")]
mod poll;
#[cfg(feature = "hydrate")]
mod upload;

#[cfg(not(feature = "hydrate"))]
pub use absent::*;
#[cfg(feature = "hydrate")]
pub use {clock::*, fetch::*, focus::*, poll::*, upload::*};

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
    /// The server refused it, and says why.
    Refused(String),
    /// The connection broke.
    Broken,
    /// Somebody stopped it.
    Stopped,
}
