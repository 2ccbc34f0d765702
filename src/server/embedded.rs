//! The browser's half inside the program: there where it was built with the feature `embed` (`make dist`), after the
//! browser's part was.

use bytes::Bytes;

#[cfg(feature = "embed")]
#[derive(rust_embed::Embed)]
#[folder = "target/site"]
struct Built;

/// Its files with their paths, read where the program stands in memory.
#[cfg(feature = "embed")]
#[must_use]
pub fn files() -> Vec<(String, Bytes)> {
    let held = Built::iter().filter_map(|path| {
        let bytes = match Built::get(&path)?.data {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Some((path.into_owned(), bytes))
    });
    held.collect()
}

/// This program holds none.
#[cfg(not(feature = "embed"))]
#[must_use]
pub fn files() -> Vec<(String, Bytes)> {
    Vec::new()
}
