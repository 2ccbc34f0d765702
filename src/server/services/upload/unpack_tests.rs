//! Tests of unpacking.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use super::{Fault, PIECE, Unpacker};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a Vec can be written to");
    encoder.finish().expect("a Vec can be written to")
}

/// Bytes that pack badly, so that an archive of them is as long as a real one.
fn text(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + u8::try_from(state >> 28).expect("four bits")
    };
    (0..length).map(|_| next()).collect()
}

fn unpack_in(size: usize, encoded: bool, packed: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut unpacker = Unpacker::new(encoded);
    let mut text = Vec::new();
    let mut drain = |unpacker: &mut Unpacker| {
        while let Some(piece) = unpacker.piece()? {
            assert!(
                !piece.is_empty() && piece.len() <= size.max(2 * PIECE),
                "{}",
                piece.len()
            );
            text.extend_from_slice(&piece);
        }
        Ok(())
    };
    for chunk in packed.chunks(size) {
        unpacker.take(Bytes::copy_from_slice(chunk));
        drain(&mut unpacker)?;
    }
    unpacker.end();
    drain(&mut unpacker)?;
    assert_eq!(unpacker.arrived(), packed.len() as u64);
    Ok(text)
}

/// Unpacks in chunks of several sizes; all must come to the same.
#[track_caller]
fn unpack(encoded: bool, packed: &[u8]) -> Result<Vec<u8>, Fault> {
    let whole = unpack_in(packed.len().max(1), encoded, packed);
    for size in [1, 2, 3, 7, 1_000, 64 << 10] {
        let chunked = unpack_in(size, encoded, packed);
        match (&chunked, &whole) {
            // How near an error is depends on the chunks.
            (Err(Fault::Broken { .. }), Err(Fault::Broken { .. })) => {}
            _ => assert!(chunked == whole, "in chunks of {size}: {:?}", chunked.err()),
        }
    }
    whole
}

#[test]
fn what_is_not_packed_passes_through() {
    for plain in [&b""[..], b"{", b"\x1F", b"\x1F{", b"{\"games\": []}"] {
        assert_eq!(unpack(false, plain).as_deref(), Ok(plain));
    }
    let chunk = Bytes::from_static(b"plain");
    let mut unpacker = Unpacker::new(false);
    unpacker.take(chunk.clone());
    let piece = unpacker.piece().expect("plain").expect("a piece");
    assert_eq!(piece.as_ptr(), chunk.as_ptr(), "it was copied");
}

#[test]
fn what_is_packed_is_told_by_its_first_bytes_or_by_the_request() {
    for length in [0, 1, 100_000] {
        let text = text(length);
        let once = gzip(&text);
        let twice = gzip(&once);
        assert_eq!(unpack(false, &once), Ok(text.clone()));
        assert_eq!(unpack(true, &once), Ok(text.clone()));
        assert_eq!(
            unpack(true, &twice),
            Ok(text),
            "a packed file, packed on its way"
        );
        assert_eq!(unpack(false, &twice), Ok(once.clone()), "no more often");
        assert_eq!(unpack(true, &gzip(&twice)), Ok(once), "no more often");
    }
}

#[test]
fn a_request_that_says_gzip_must_be() {
    for plain in [&b"{"[..], b"\x1F", b"{\"games\": []}"] {
        assert_eq!(unpack(true, plain), Err(Fault::NotPacked));
    }
}

#[test]
fn archives_one_after_another_are_one_file_and_padding_is_none() {
    let mut packed = gzip(b"{\"games\": [");
    packed.extend(gzip(b""));
    packed.extend(gzip(b"]}"));
    assert_eq!(
        unpack(false, &packed).as_deref(),
        Ok(&b"{\"games\": []}"[..])
    );
    packed.extend([0; 5_000]);
    assert_eq!(
        unpack(false, &packed).as_deref(),
        Ok(&b"{\"games\": []}"[..])
    );
    packed.push(b'x');
    let byte = packed.len() as u64;
    assert_eq!(unpack_in(9, false, &packed), Err(Fault::Broken { byte }));
}

#[test]
fn an_archive_that_ends_too_early_is_truncated_wherever_it_ends() {
    let text = text(3_000);
    let once = gzip(&text);
    for length in 2..once.len() {
        let byte = length as u64;
        let truncated = Err(Fault::Truncated { byte });
        assert_eq!(unpack_in(64, false, &once[..length]), truncated);
        assert_eq!(unpack_in(4_096, true, &once[..length]), truncated);
    }
    let twice = gzip(&once[..once.len() - 1]);
    let byte = once.len() as u64 - 1;
    assert_eq!(unpack(true, &twice), Err(Fault::Truncated { byte }));
}

#[test]
fn an_archive_that_is_damaged_is_broken_near_the_damage() {
    let packed = gzip(&text(50_000));
    let mut method = packed.clone();
    method[2] = 7;
    assert_eq!(
        unpack_in(4_096, false, &method),
        Err(Fault::Broken { byte: 1 })
    );
    let mut sum = packed.clone();
    let at = sum.len() - 6;
    sum[at] ^= 1;
    let byte = sum.len() as u64;
    assert_eq!(unpack_in(4_096, false, &sum), Err(Fault::Broken { byte }));
    let mut middle = packed;
    middle[20_000..20_100].fill(0xFF);
    assert!(matches!(unpack(false, &middle), Err(Fault::Broken { byte }) if byte > 15_000));
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let bomb = gzip(&vec![b' '; 50 << 20]);
    for encoded in [false, true] {
        match unpack_in(64 << 10, encoded, &bomb) {
            Err(Fault::Bomb { unpacked, .. }) => assert!(unpacked < 14 << 20, "{unpacked}"),
            other => panic!("{:?}", other.map(|text| text.len())),
        }
    }
    // Inside of another archive, where each layer alone may pass, and where nothing comes out of the second.
    let twice = gzip(&bomb);
    assert!(matches!(
        unpack_in(64, true, &twice),
        Err(Fault::Bomb { .. })
    ));
    let empty = gzip(b"");
    let nothing = gzip(&empty.repeat(1 << 20));
    assert!(matches!(
        unpack_in(4_096, true, &nothing),
        Err(Fault::Bomb { .. })
    ));
}

#[test]
fn little_may_pack_well() {
    let blank = vec![b' '; 1 << 20];
    assert_eq!(unpack(false, &gzip(&blank)), Ok(blank));
}
