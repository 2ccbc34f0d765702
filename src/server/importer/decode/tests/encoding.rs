//! The transcoder: what a text is encoded in changes nothing, nor does how it is cut.

use std::borrow::Cow;

use proptest::prelude::*;

use super::{Event, Outcome, decode, decode_whole};
use crate::server::importer::decode::{DecodeError, encoding::Transcoder};

fn transcode_in(size: usize, document: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut transcoder = Transcoder::new();
    let mut text = Vec::new();
    for chunk in document.chunks(size) {
        text.extend_from_slice(&transcoder.push(chunk)?);
    }
    text.extend(transcoder.finish()?);
    Ok(text)
}

/// Transcodes in chunks of several sizes; all must come to the same.
#[track_caller]
fn transcode(document: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let whole = transcode_in(document.len().max(1), document);
    for size in 1..=9 {
        assert_eq!(transcode_in(size, document), whole, "in chunks of {size}");
    }
    whole
}

fn little(units: impl IntoIterator<Item = u16>) -> Vec<u8> {
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn big(units: impl IntoIterator<Item = u16>) -> Vec<u8> {
    units.into_iter().flat_map(u16::to_be_bytes).collect()
}

/// A text with a byte order mark.
fn units(text: &str) -> impl Iterator<Item = u16> {
    std::iter::once(0xFEFF).chain(text.encode_utf16())
}

#[test]
fn utf8_is_borrowed_as_it_is() {
    for document in [
        &b"{\"games\": []}"[..],
        b"\xEF\xBB\xBF{}",
        b"\xC3\x28",
        b"  {}",
    ] {
        let mut transcoder = Transcoder::new();
        assert!(matches!(transcoder.push(document), Ok(Cow::Borrowed(text)) if text == document));
        assert!(matches!(transcoder.push(b"x"), Ok(Cow::Borrowed(b"x"))));
        assert_eq!(transcode(document).as_deref(), Ok(document));
    }
    for short in [&b""[..], b"{", b"{}", b"{\0", b"\0\0\0\0\0"] {
        assert_eq!(transcode(short).as_deref(), Ok(short));
    }
}

#[test]
fn other_encodings_say_which_they_are() {
    let text = "{\"games\": []}";
    let wide: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let marked = |mark: &[u8]| [mark, &wide].concat();
    assert_eq!(
        transcode(&marked(&[0xFF, 0xFE, 0, 0])),
        Err(DecodeError::Utf32)
    );
    assert_eq!(
        transcode(&marked(&[0, 0, 0xFE, 0xFF])),
        Err(DecodeError::Utf32)
    );
    for unmarked in [little(text.encode_utf16()), big(text.encode_utf16())] {
        assert_eq!(transcode(&unmarked), Err(DecodeError::Utf16WithoutBom));
    }
    assert_eq!(transcode(&little([0xFEFF])).as_deref(), Ok(&b""[..]));
}

#[test]
fn half_a_character_at_the_end_is_an_error() {
    let mut document = little(units("{}"));
    document.pop();
    assert_eq!(
        transcode(&document),
        Err(DecodeError::HalfCharacter { byte: 5 })
    );
    assert_eq!(
        transcode(&[0xFF, 0xFE, 0x7B]),
        Err(DecodeError::HalfCharacter { byte: 3 })
    );
}

#[test]
fn what_is_malformed_is_no_utf8_and_the_rest_stays() {
    let mut alone: Vec<u16> = units("a").collect();
    alone.extend([0xD800, 0x62, 0xDC00, 0x0E01, 0xD83D]);
    for document in [little(alone.clone()), big(alone)] {
        let text = transcode(&document).expect("UTF-16");
        assert_eq!(text, [&b"a\xFFb\xFF"[..], "ก".as_bytes(), b"\xFF"].concat());
    }
    let many = little(std::iter::once(0xFEFF).chain(std::iter::repeat_n(0xDC00, 10_000)));
    assert_eq!(transcode_in(4_096, &many), Ok(vec![0xFF; 10_000]));
}

#[test]
fn one_malformed_record_is_a_reject() {
    let record =
        |name: &str| format!(r#"{{"id": 1, "base_game_id": "L1", "game_name": "{name}"}}"#);
    let text = format!(
        r#"{{"games": [{}, {}], "results": []}}"#,
        record("?"),
        record("ดาว")
    );
    let units = units(&text).map(|unit| {
        if unit == u16::from(b'?') {
            0xD800
        } else {
            unit
        }
    });
    let utf8 = transcode(&little(units)).expect("UTF-16");
    let Outcome { events, end } = decode_whole(&utf8);
    assert!(
        matches!(events[..], [Event::Reject(_), Event::Game(2, _)]),
        "{events:?}"
    );
    assert!(end.is_ok());
}

#[test]
fn the_sample_of_a_windows_shell_is_a_backup() {
    let sample = include_bytes!("../corpus/backup/utf16.json");
    let utf8 = transcode(sample).expect("UTF-16");
    assert!(decode(utf8.chunks(7)).end.is_ok());
}

proptest! {
    // A NUL right behind the mark would make it that of UTF-32.
    #[test]
    fn utf16_of_a_text_gives_the_text(text in "(?s)([^\\x00].{0,60})?", size in 1..40_usize) {
        let bytes = text.as_bytes();
        prop_assert_eq!(&transcode_in(size, &little(units(&text))).unwrap()[..], bytes);
        prop_assert_eq!(&transcode_in(size, &big(units(&text))).unwrap()[..], bytes);
    }

    #[test]
    fn chunks_change_nothing(document in proptest::collection::vec(any::<u8>(), 0..60), mark in 0..4_usize, size in 1..40_usize) {
        let marks: [&[u8]; 4] = [&[0xFF, 0xFE], &[0xFE, 0xFF], &[0xEF, 0xBB, 0xBF], &[]];
        let document = [marks[mark], &document].concat();
        prop_assert_eq!(transcode_in(size, &document), transcode_in(document.len().max(1), &document));
    }
}
