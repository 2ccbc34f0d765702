//! Any bytes as a form: no panic, how they are cut into chunks makes no difference, and whatever a file is called, its name
//! is one that can be kept and shown. The first byte of the input is the length of a chunk, and whether the connection breaks
//! at the end; up to the end of its line there is what the form says that it is.

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Request, header::CONTENT_TYPE},
};
use futures::{StreamExt as _, stream};
use numwatch::server::{
    filename,
    http::inlet::{is_cut_off, open},
};

use super::{is_a_sentence, run};

/// The longest name that the log has room for, in characters.
const LONGEST_NAME: usize = 255;

/// All that was read, and how it ended.
#[derive(Debug, PartialEq)]
enum Heard {
    NoForm,
    /// The fields that came whole: name, file's name, bytes.
    Form(Vec<(Option<String>, Option<String>, Vec<u8>)>, End),
}

#[derive(Debug, PartialEq)]
enum End {
    Whole,
    CutOff,
    Broken,
}

pub fn holds(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else {
        return;
    };
    let mut parts = rest.splitn(2, |byte| *byte == b'\n');
    let (Some(kind), Some(body)) = (parts.next(), parts.next()) else {
        return;
    };
    let Ok(kind) = HeaderValue::from_bytes(kind) else {
        return;
    };
    let breaks = first & 0x80 != 0;
    let chunk = usize::from(first & 0x7f).max(1);
    let whole = run(read(&kind, body, body.len().max(1), breaks));
    if let Heard::Form(fields, _) = &whole {
        for name in fields
            .iter()
            .filter_map(|(_, filename, _)| filename.as_ref())
        {
            can_be_kept(name);
        }
    }
    assert_eq!(whole, run(read(&kind, body, chunk, breaks)));
}

async fn read(kind: &HeaderValue, body: &[u8], chunk: usize, breaks: bool) -> Heard {
    let chunks = body
        .chunks(chunk)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
    let end = breaks.then(|| Err(std::io::Error::other("the connection broke")));
    let chunks: Vec<Result<Bytes, std::io::Error>> = chunks.chain(end).collect();
    // One piece at a time, as a network brings them.
    let pieces = stream::iter(chunks).then(async |piece| {
        tokio::task::yield_now().await;
        piece
    });
    let request = Request::post("/imports/backup")
        .header(CONTENT_TYPE, kind)
        .body(Body::from_stream(pieces.boxed()))
        .unwrap();
    let mut form = match open(request).await {
        Ok((form, _)) => form,
        Err((sentence, _)) => {
            is_a_sentence(&sentence);
            return Heard::NoForm;
        }
    };
    let mut fields = Vec::new();
    let end = loop {
        let mut field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break End::Whole,
            Err(error) if is_cut_off(&error) => break End::CutOff,
            Err(_) => break End::Broken,
        };
        let name = field.name().and_then(filename::clean);
        let filename = field.file_name().map(filename::from_form);
        let filename = filename.as_deref().and_then(filename::clean);
        let mut bytes = Vec::new();
        let ended = loop {
            match field.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break None,
                Err(error) if is_cut_off(&error) => break Some(End::CutOff),
                Err(_) => break Some(End::Broken),
            }
        };
        if let Some(end) = ended {
            break end;
        }
        fields.push((name, filename, bytes));
    };
    Heard::Form(fields, end)
}

fn can_be_kept(name: &str) {
    assert!(
        !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME,
        "{name:?}"
    );
    assert!(
        !name.contains(['/', '\\']) && !name.contains(char::is_control),
        "{name:?}"
    );
    let turns = |character| matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    assert!(!name.contains(turns), "{name:?}");
}
