//! The browser's half: what `scripts/build` puts into target/site. It comes from a folder or stands in the program, and is
//! held in memory either way: its files are few, and one that an upgrade takes away is still there for who asks for it.

use std::{
    collections::HashMap,
    fmt, fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    path::Path,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use super::embedded;

/// Where the build leaves it, seen from the project's folder.
const BUILT: &str = "target/site";

/// A folder that holds more is not the browser's half.
const MOST: u64 = 64 << 20;

/// Its files, by their paths, which have no slash at the beginning. Copies are cheap.
#[derive(Clone, Default)]
pub struct SiteFiles(Arc<HashMap<String, SiteFile>>);

/// One of its files.
#[derive(Debug)]
pub struct SiteFile {
    pub content_type: &'static str,
    pub plain: Body,
    /// Packed when it was built, where that makes it smaller.
    pub brotli: Option<Body>,
    pub gzip: Option<Body>,
}

/// The bytes of a file, in one of its codings.
#[derive(Debug)]
pub struct Body {
    pub bytes: Bytes,
    tag: OnceLock<String>,
}

/// Why there is no browser's half.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error(
        "NUMWATCH_SITE_ROOT: \"{0}\" does not hold the browser's part (a folder pkg). Build it with `make build`, or name the folder that has it"
    )]
    NotThere(String),
    #[error("NUMWATCH_SITE_ROOT: \"{0}\" can't be read ({1})")]
    Unreadable(String, io::Error),
    #[error(
        "NUMWATCH_SITE_ROOT: \"{0}\" holds more than 64 MB, which the browser's part does not. Name the folder that has it, and nothing else"
    )]
    TooLarge(String),
}

impl SiteFiles {
    /// Those of a folder, if one is named; else those in the program, if it was built to hold them; else those that the
    /// build has left beside it.
    ///
    /// # Errors
    /// When there are none, or the folder can't be read.
    pub fn find(folder: Option<&Path>) -> Result<Self, SiteError> {
        let inside = embedded::files();
        match folder {
            Some(folder) => Self::read(folder),
            None if inside.is_empty() => Self::read(Path::new(BUILT)),
            None => Ok(Self::of(inside)),
        }
    }

    /// Those of a folder.
    ///
    /// # Errors
    /// When it can't be read, or isn't one of the browser's half.
    pub fn read(root: &Path) -> Result<Self, SiteError> {
        let shown = || root.display().to_string();
        if !root.join("pkg").is_dir() {
            return Err(SiteError::NotThere(shown()));
        }
        let unreadable = |error| SiteError::Unreadable(shown(), error);
        let mut folders = vec![root.to_owned()];
        let mut files = Vec::new();
        let mut left = MOST;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(unreadable)? {
                let entry = entry.map_err(unreadable)?;
                let path = entry.path();
                // A link to a folder is none: it may lead round in circles.
                if entry.file_type().map_err(unreadable)?.is_dir() {
                    folders.push(path);
                    continue;
                }
                let about = fs::metadata(&path).map_err(unreadable)?;
                let (true, Some(name)) = (about.is_file(), name(root, &path)) else {
                    continue;
                };
                left = left
                    .checked_sub(about.len())
                    .ok_or_else(|| SiteError::TooLarge(shown()))?;
                files.push((name, fs::read(&path).map_err(unreadable)?.into()));
            }
        }
        Ok(Self::of(files))
    }

    /// Those with these paths and bytes. `NAME.br` and `NAME.gz` are the same file as `NAME`, packed.
    #[must_use]
    pub fn of(files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let mut bodies: HashMap<String, Body> = files
            .into_iter()
            .map(|(name, bytes)| (name, Body::of(bytes)))
            .collect();
        let names: Vec<String> = bodies.keys().cloned().collect();
        let packed = |name: &str| {
            let of = name.strip_suffix(".br").or(name.strip_suffix(".gz"));
            of.is_some_and(|of| names.iter().any(|it| it == of))
        };
        let files = names.iter().filter(|name| !packed(name));
        let files: Vec<(String, SiteFile)> = files
            .filter_map(|name| {
                let file = SiteFile {
                    content_type: content_type(name),
                    plain: bodies.remove(name)?,
                    brotli: bodies.remove(&format!("{name}.br")),
                    gzip: bodies.remove(&format!("{name}.gz")),
                };
                Some((name.clone(), file))
            })
            .collect();
        Self(Arc::new(files.into_iter().collect()))
    }

    /// The file at a path, which is that of an address without its first slash.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&SiteFile> {
        self.0.get(path)
    }

    /// The folder of what pages load, as the build has named it by its content; `pkg` itself where `cargo leptos` has built
    /// it, which names none.
    #[must_use]
    pub fn pkg(&self) -> String {
        let current = self.get("pkg/current").map(|file| &file.plain.bytes);
        let hash = current.map(|bytes| String::from_utf8_lossy(bytes));
        match hash.as_deref().map(str::trim) {
            Some(hash) if !hash.is_empty() => format!("pkg/{hash}"),
            _ => "pkg".to_owned(),
        }
    }
}

impl fmt::Debug for SiteFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SiteFiles({} in {})", self.0.len(), self.pkg())
    }
}

impl Body {
    fn of(bytes: Bytes) -> Self {
        Self {
            bytes,
            tag: OnceLock::new(),
        }
    }

    /// Its entity tag (RFC 9110 §8.8.3). Another program of ours may give the same bytes another one, which costs a
    /// browser a download.
    pub fn tag(&self) -> &str {
        self.tag.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            self.bytes.hash(&mut hasher);
            format!("\"{:016x}-{:x}\"", hasher.finish(), self.bytes.len())
        })
    }
}

/// The path of a file as an address has it. One that isn't Unicode has none.
fn name(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.iter();
    let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// What a browser takes a file for.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css",
        "js" => "text/javascript",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(files: &[(&str, &'static str)]) -> SiteFiles {
        let files = files.iter();
        SiteFiles::of(files.map(|(name, text)| ((*name).to_owned(), (*text).into())))
    }

    #[test]
    fn a_packed_file_is_the_same_file() {
        let files = held(&[
            ("a.css", "plain"),
            ("a.css.br", "brotli"),
            ("a.css.gz", "gzip"),
            ("alone.gz", "alone"),
        ]);
        let file = files.get("a.css").unwrap();
        let text = |body: &Body| body.bytes.clone();
        assert_eq!(text(&file.plain), "plain");
        assert_eq!(file.brotli.as_ref().map(text), Some("brotli".into()));
        assert_eq!(file.gzip.as_ref().map(text), Some("gzip".into()));
        assert!(files.get("a.css.br").is_none() && files.get("a.css.gz").is_none());
        assert_eq!(text(&files.get("alone.gz").unwrap().plain), "alone");
    }

    #[test]
    fn the_folder_of_what_pages_load_is_named_by_the_build_or_is_pkg() {
        assert_eq!(
            held(&[("pkg/current", "0123456789ab\n")]).pkg(),
            "pkg/0123456789ab"
        );
        assert_eq!(held(&[("pkg/current", "")]).pkg(), "pkg");
        assert_eq!(SiteFiles::default().pkg(), "pkg");
    }

    #[test]
    fn other_bytes_have_another_tag() {
        let files = held(&[("a", "one"), ("b", "one"), ("c", "two")]);
        let tag = |name| files.get(name).unwrap().plain.tag().to_owned();
        assert_eq!(tag("a"), tag("b"));
        assert_ne!(tag("a"), tag("c"));
    }

    #[test]
    fn a_folder_is_read_whole_and_never_left() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let missing = SiteFiles::read(root.path()).unwrap_err().to_string();
        assert!(missing.starts_with("NUMWATCH_SITE_ROOT: "), "{missing}");
        fs::create_dir_all(root.path().join("pkg/0123")).unwrap();
        fs::write(root.path().join("pkg/0123/a.js"), "plain").unwrap();
        fs::write(root.path().join("pkg/0123/a.js.br"), "packed").unwrap();
        fs::write(root.path().join("pkg/current"), "0123").unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("pkg/round")).unwrap();
        let files = SiteFiles::read(root.path()).unwrap();
        assert_eq!(files.pkg(), "pkg/0123");
        let script = files.get("pkg/0123/a.js").unwrap();
        assert_eq!(script.content_type, "text/javascript");
        assert!(script.brotli.is_some() && script.gzip.is_none());
        for none in ["link/secret", "../secret", "pkg/../pkg/current", "", "pkg"] {
            assert!(files.get(none).is_none(), "{none}");
        }
        // It holds what it has read.
        drop(root);
        assert_eq!(script.plain.bytes, "plain");
    }

    #[test]
    fn a_folder_of_something_else_is_not_read_into_memory() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("pkg")).unwrap();
        let file = fs::File::create(root.path().join("huge")).unwrap();
        file.set_len(MOST + 1).unwrap();
        let refused = SiteFiles::read(root.path()).unwrap_err();
        assert!(matches!(refused, SiteError::TooLarge(_)), "{refused}");
    }

    /// A folder that somebody names is what they want; what they don't name is in the program, or where it was built.
    #[test]
    fn a_folder_that_is_named_comes_first() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("pkg")).unwrap();
        fs::write(root.path().join("pkg/mine"), "").unwrap();
        let files = SiteFiles::find(Some(root.path())).unwrap();
        assert!(files.get("pkg/mine").is_some());
    }
}
