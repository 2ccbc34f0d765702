//! The encodings that a backup comes in: UTF-8, and UTF-16 with a byte order mark, as Windows' tools write it.

use std::borrow::Cow;

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE};

use super::error::DecodeError;

/// So many bytes tell every encoding from every other.
const TELLING: usize = 4;
/// Stands for what is malformed: no UTF-8 holds it, so the record that does becomes a reject, and no other.
const MALFORMED: u8 = 0xFF;

/// Turns a document into UTF-8, chunk by chunk. UTF-8 passes through as it is, its byte order mark included.
pub struct Transcoder {
    state: State,
    /// Bytes that have come.
    length: u64,
}

enum State {
    /// The first bytes, still too few to tell.
    Start(Vec<u8>),
    Utf8,
    Utf16(Box<Decoder>),
}

impl Default for Transcoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Transcoder {
    /// A transcoder that stands before the first byte.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Start(Vec::new()),
            length: 0,
        }
    }

    /// Whether the document is another one than its decoder sees: where in it something is, that can't tell.
    #[must_use]
    pub const fn transcodes(&self) -> bool {
        matches!(self.state, State::Utf16(_))
    }

    /// The next bytes as UTF-8. Those of UTF-8 are borrowed, but for the first few when they come one by one.
    ///
    /// # Errors
    /// When the encoding is none that a backup may have.
    pub fn push<'a>(&mut self, chunk: &'a [u8]) -> Result<Cow<'a, [u8]>, DecodeError> {
        self.length += chunk.len() as u64;
        match &mut self.state {
            State::Utf8 => Ok(Cow::Borrowed(chunk)),
            State::Utf16(decoder) => Ok(Cow::Owned(utf8(decoder, chunk, false))),
            State::Start(held) => {
                let first: Cow<'a, [u8]> = if held.is_empty() {
                    Cow::Borrowed(chunk)
                } else {
                    held.extend_from_slice(chunk);
                    Cow::Owned(std::mem::take(held))
                };
                if first.len() >= TELLING || first.first().is_some_and(|byte| is_utf8(*byte)) {
                    return self.begin(first);
                }
                *held = first.into_owned();
                Ok(Cow::Borrowed(&[]))
            }
        }
    }

    /// Ends the document, and gives what is left of it.
    ///
    /// # Errors
    /// When UTF-16 ends in the middle of a character.
    pub fn finish(mut self) -> Result<Vec<u8>, DecodeError> {
        let mut rest = Vec::new();
        if let State::Start(held) = &mut self.state {
            let held = std::mem::take(held);
            rest = self.begin(Cow::Owned(held))?.into_owned();
        }
        if let State::Utf16(decoder) = &mut self.state {
            if !self.length.is_multiple_of(2) {
                let byte = self.length;
                return Err(DecodeError::HalfCharacter { byte });
            }
            rest.extend(utf8(decoder, &[], true));
        }
        Ok(rest)
    }

    /// Tells the encoding by the first bytes, and begins with them.
    fn begin<'a>(&mut self, head: Cow<'a, [u8]>) -> Result<Cow<'a, [u8]>, DecodeError> {
        let encoding = match *head {
            [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(DecodeError::Utf32),
            [0xFF, 0xFE, ..] => UTF_16LE,
            [0xFE, 0xFF, ..] => UTF_16BE,
            // Two characters of ASCII, each with the other half that UTF-16 gives them.
            [1..=0x7F, 0, 1..=0x7F, 0, ..] | [0, 1..=0x7F, 0, 1..=0x7F, ..] => {
                return Err(DecodeError::Utf16WithoutBom);
            }
            _ => {
                self.state = State::Utf8;
                return Ok(head);
            }
        };
        let mut decoder = Box::new(encoding.new_decoder_without_bom_handling());
        let text = utf8(&mut decoder, &head[2..], false);
        self.state = State::Utf16(decoder);
        Ok(Cow::Owned(text))
    }
}

/// Whether a document that begins with this byte is UTF-8 for sure, or as good as that. In UTF-16 without a byte order
/// mark an ASCII character comes first, or a zero.
const fn is_utf8(first: u8) -> bool {
    first >= 0x80 && first < 0xFE
}

fn utf8(decoder: &mut Decoder, mut bytes: &[u8], last: bool) -> Vec<u8> {
    let enough = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = vec![0; enough.unwrap_or_default()];
    let mut length = 0;
    loop {
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut text[length..], last);
        bytes = &bytes[read..];
        length += written;
        if result == DecoderResult::InputEmpty {
            break;
        }
        // Only what is malformed takes more room than was enough.
        if text.len() - length < TELLING {
            text.resize(2 * text.len() + TELLING, 0);
        }
        if matches!(result, DecoderResult::Malformed(..)) {
            text[length] = MALFORMED;
            length += 1;
        }
    }
    text.truncate(length);
    text
}
