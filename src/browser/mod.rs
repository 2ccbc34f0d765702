//! What only a browser can do: its clock, its timers, its files, and asking the server.
//!
//! Each function has a counterpart on the server that does nothing, so that pages and components need no `cfg`.

#[cfg(not(feature = "hydrate"))]
mod absent;
#[cfg(feature = "hydrate")]
mod address;
#[cfg(feature = "hydrate")]
mod changes;
#[cfg(feature = "hydrate")]
mod clock;
#[cfg(feature = "hydrate")]
mod drag;
#[cfg(feature = "hydrate")]
mod fetch;
mod file;
#[cfg(feature = "hydrate")]
mod focus;
#[cfg(feature = "hydrate")]
mod json;
#[cfg(feature = "hydrate")]
mod leave;
#[cfg(feature = "hydrate")]
mod ticker;
#[cfg(feature = "hydrate")]
mod upload;

#[cfg(not(feature = "hydrate"))]
pub use absent::*;
#[cfg(feature = "hydrate")]
pub use {
    address::*, changes::*, clock::*, drag::*, fetch::*, focus::*, leave::*, ticker::*, upload::*,
};

pub use file::{Chosen, Sent};
