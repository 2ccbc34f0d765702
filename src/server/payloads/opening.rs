//! Opens a store by its address. Whatever is asked of one on the network has a limit.

use std::{sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, Error, ObjectStore, ObjectStoreScheme, Result, RetryConfig,
    aws::AmazonS3Builder, azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder,
    local::LocalFileSystem, multipart::MultipartStore, path::Path,
};
use url::Url;

use crate::server::{config::StoreOptions, secret::ExposeSecret as _};

/// For a connection to be made.
const CONNECTS_IN: Duration = Duration::from_secs(5);
/// For the next piece of an answer. How long the whole takes is the payload's matter.
const ANSWERS_IN: Duration = Duration::from_secs(15);
/// A request that fails is sent again for so long.
const TRIES_FOR: Duration = Duration::from_secs(15);
const TRIES: usize = 5;

/// A store, and the folder of it that the address names.
pub struct Opened {
    pub store: Arc<dyn ObjectStore>,
    /// It keeps parts of what is being written until it is told to drop them.
    pub keeps_parts: Option<Arc<dyn MultipartStore>>,
    pub folder: Path,
}

/// A client of a store on the network, which is told what it knows of these options.
macro_rules! client {
    ($builder:ty, $url:expr, $options:expr) => {{
        let builder = <$builder>::new()
            .with_url($url.as_str())
            .with_client_options(patience())
            .with_retry(tries());
        let told = $options.iter().fold(builder, |builder, (name, value)| {
            match name.to_ascii_lowercase().parse() {
                Ok(key) => builder.with_config(key, value.expose_secret()),
                Err(_) => builder,
            }
        });
        let store = Arc::new(told.build()?);
        (
            store.clone() as Arc<dyn ObjectStore>,
            Some(store as Arc<dyn MultipartStore>),
        )
    }};
}

/// Opens the store at a URL. Nothing is asked of it yet.
///
/// # Errors
/// When the URL is of no known kind, or its client can't be made of what it is told.
pub fn open(url: &Url, options: &StoreOptions) -> Result<Opened> {
    let (scheme, folder) = ObjectStoreScheme::parse(url)?;
    let (store, keeps_parts) = match scheme {
        // It drops them by itself.
        ObjectStoreScheme::Local => (Arc::new(LocalFileSystem::new()) as _, None),
        ObjectStoreScheme::AmazonS3 => client!(AmazonS3Builder, url, options),
        ObjectStoreScheme::MicrosoftAzure => client!(MicrosoftAzureBuilder, url, options),
        ObjectStoreScheme::GoogleCloudStorage => client!(GoogleCloudStorageBuilder, url, options),
        _ => return Err(unknown()),
    };
    Ok(Opened {
        store,
        keeps_parts,
        folder,
    })
}

fn patience() -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(CONNECTS_IN)
        .with_timeout_disabled()
        .with_read_timeout(ANSWERS_IN)
}

fn tries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            max_backoff: Duration::from_secs(2),
            ..BackoffConfig::default()
        },
        max_retries: TRIES,
        retry_timeout: TRIES_FOR,
    }
}

fn unknown() -> Error {
    Error::Generic {
        store: "payloads",
        source: "it is none of file:, s3:, az: and gs:".into(),
    }
}
