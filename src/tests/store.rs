//! The store of uploads fails now and then: it is asked again, and an import does not notice.

use std::sync::Arc;

use futures::TryStreamExt as _;
use object_store::{Error, ObjectStoreExt as _, PutPayload, path::Path};

use super::flaky::{BREAKS_AFTER, Flaky};
use crate::server::payloads::Payloads;

const KEY: &str = "key";

/// A store that holds one payload, and the payload.
async fn store() -> (Flaky, Payloads, Vec<u8>) {
    let store = Flaky::default();
    let payloads = Payloads::with_store(Arc::new(store.clone()), Path::default());
    let bytes: Vec<u8> = (0..=250).cycle().take(5 * BREAKS_AFTER).collect();
    let put = PutPayload::from(bytes.clone());
    store.put(&Path::from(KEY), put).await.unwrap();
    (store, payloads, bytes)
}

async fn read(payloads: &Payloads) -> object_store::Result<Vec<u8>> {
    let chunks: Vec<_> = payloads.read(KEY).await?.try_collect().await?;
    Ok(chunks.concat())
}

#[tokio::test]
async fn a_store_that_fails_now_and_then_is_read_whole() {
    let (store, payloads, bytes) = store().await;
    for (openings, readings) in [(0, 0), (1, 0), (2, 0), (0, 1), (0, 4), (2, 3)] {
        store.fail(openings, readings);
        let read = read(&payloads).await;
        assert!(
            read.is_ok_and(|read| read == bytes),
            "{openings}, {readings}"
        );
        assert_eq!(store.asked(), 1 + openings + readings);
    }
}

#[tokio::test]
async fn a_store_that_goes_on_failing_is_given_up() {
    let (store, payloads, _) = store().await;
    store.fail(usize::MAX, 0);
    assert!(matches!(read(&payloads).await, Err(Error::Generic { .. })));
    assert_eq!(store.asked(), 6);
}

#[tokio::test]
async fn a_payload_that_is_not_there_is_not_asked_for_again() {
    let (store, payloads, _) = store().await;
    store.fail(0, 0);
    store.delete(&Path::from(KEY)).await.unwrap();
    assert!(matches!(read(&payloads).await, Err(Error::NotFound { .. })));
    assert_eq!(store.asked(), 1);
    // Nor is one that goes away in the middle.
    let (store, payloads, _) = self::store().await;
    store.fail(0, 1);
    let mut stream = payloads.read(KEY).await.unwrap();
    assert!(stream.try_next().await.unwrap().is_some());
    store.delete(&Path::from(KEY)).await.unwrap();
    assert!(matches!(
        stream.try_next().await,
        Err(Error::NotFound { .. })
    ));
    assert_eq!(store.asked(), 2);
}

#[tokio::test]
async fn an_empty_payload_is_read_whole() {
    let store = Flaky::default();
    let payloads = Payloads::with_store(Arc::new(store.clone()), Path::default());
    store
        .put(&Path::from(KEY), PutPayload::default())
        .await
        .unwrap();
    assert_eq!(read(&payloads).await.unwrap(), b"");
}
