//! The first words of an answer that says why not: enough for a person, and nothing that is secret.

use futures::{Stream, StreamExt as _};
use url::Url;

/// So many bytes of an answer are read.
const READ: usize = 1_024;
/// So many characters of it are told.
const TOLD: usize = 160;
/// Parts of an address from so many characters on may be keys.
const KEY: usize = 6;

/// The first words of a body, on one line. `None`: it says nothing, or repeats what is secret of the address that was asked.
pub async fn of<B: AsRef<[u8]>, E>(
    mut body: impl Stream<Item = Result<B, E>> + Unpin,
    asked: &Url,
) -> Option<String> {
    let mut read = Vec::new();
    while let Some(Ok(piece)) = body.next().await {
        let left = READ - read.len();
        let piece = piece.as_ref();
        read.extend_from_slice(&piece[..piece.len().min(left)]);
        if read.len() == READ {
            break;
        }
    }
    told(&String::from_utf8_lossy(&read), asked)
}

fn told(body: &str, asked: &Url) -> Option<String> {
    let is_markup = body.trim_start().starts_with('<');
    if is_markup || secrets(asked).any(|secret| body.contains(&secret)) {
        return None;
    }
    let words: Vec<&str> = body
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    let first: String = line.chars().take(TOLD).collect();
    let more = if first.len() < line.len() { "…" } else { "" };
    (!first.is_empty()).then(|| format!("{first}{more}"))
}

/// What nobody but whoever is asked may read of an address.
fn secrets(url: &Url) -> impl Iterator<Item = String> {
    let parts = url.path().split('/').map(str::to_owned);
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let password = url.password().map(str::to_owned);
    let parts: Vec<String> = parts.chain(values).chain(password).collect();
    parts.into_iter().filter(|part| part.chars().count() >= KEY)
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, stream};

    use super::*;

    fn excerpt(body: &[u8]) -> Option<String> {
        let url = "https://u:pass-word@hooks.example/services/T0/B0SECRET?key=hunter22"
            .parse()
            .unwrap();
        let pieces = body.chunks(7).map(Ok::<_, ()>).collect::<Vec<_>>();
        block_on(of(stream::iter(pieces), &url))
    }

    #[test]
    fn the_first_words_are_told_on_one_line() {
        assert_eq!(excerpt(b"no_team\n").as_deref(), Some("no_team"));
        let ragged = "ไม่พบ\r\n\t \u{1b}[31mช่อง\u{0}".as_bytes();
        assert_eq!(excerpt(ragged).as_deref(), Some("ไม่พบ [31mช่อง"));
        let long = excerpt(&b"a ".repeat(5_000)).unwrap();
        assert_eq!(long.chars().count(), TOLD + 1);
        assert!(long.ends_with('…'));
        for nothing in [&b""[..], b" \n", b"<html><body>Not found"] {
            assert_eq!(excerpt(nothing), None);
        }
    }

    #[test]
    fn what_is_secret_of_the_address_is_not_repeated() {
        for body in [
            "no B0SECRET here",
            "key hunter22",
            "pass-word?",
            "/services/",
        ] {
            assert_eq!(excerpt(body.as_bytes()), None, "{body}");
        }
        assert!(excerpt(b"T0 is no team").is_some());
    }
}
